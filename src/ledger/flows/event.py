"""What every event has: a kind, a version, an id, tags from its field types, rules and postings.

An event is frozen and strict, and its bytes are the RFC 8785 form of its dump: nothing is left out, nothing is
spelled twice. A change to an event is a new class and version; tags and postings of a (kind, version) never change.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, ClassVar, Final, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from ledger.accounts.legs import Leg
from ledger.flows.fields import Tag, Uuid7
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.standing import STANDING_KINDS

Reader = Callable[[Any], Iterator[str]]


class Stage(StrEnum):
    """Where a rule meets an event: a gate may refuse it, a fact has happened and is recorded."""

    GATE = "gate"
    FACT = "fact"


class Part(BaseModel):
    """A frozen, strict piece of an event (an instalment, a component, a cover)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, strict=True, extra="forbid")


class Event(BaseModel):
    """One thing that happened in the world. Subclasses set `kind` and `version` as literals with a default."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, strict=True, extra="forbid")

    stage: ClassVar[Stage]
    reversible: ClassVar[bool] = True
    standing: ClassVar[bool] = False
    """Set from `standing.STANDING_KINDS`: the event also carries the tag `standing:book`."""

    kind: str
    version: int
    id: Uuid7

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """A class knows whether its facts are standing ones."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.standing = cls.model_fields["kind"].default in STANDING_KINDS

    def stage_now(self) -> Stage:
        """The stage of this very event; an event with an `origin` of history is always a fact."""
        return Stage.FACT if getattr(self, "origin", None) == "history" else type(self).stage

    def tags(self) -> tuple[str, ...]:
        """Every tag of the event's fields, in field order, each once, then `more_tags`."""
        seen: dict[str, None] = {}
        for read in _readers(type(self)):
            for tag in read(self):
                seen[tag] = None
        for tag in self.more_tags():
            seen[tag] = None
        if self.standing:
            seen["standing:book"] = None
        return tuple(seen)

    def more_tags(self) -> tuple[str, ...]:
        """Tags made of several fields (a slot such as `due:<enrolment>:<month>`); none unless a flow says so."""
        return ()

    def needs(self) -> tuple[Need, ...]:
        """What the rules and postings of this event must know: histories by tag and kinds. Empty kinds mean all."""
        return ()

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        """The legs, zero in sum for each fund and book; none for an event that moves and promises no money."""
        return ()


_CACHE: Final[dict[type[BaseModel], tuple[Reader, ...]]] = {}


def _readers(model: type[BaseModel]) -> tuple[Reader, ...]:
    """Compiled tag readers of a model: one for each field that bears tags. Cached, for this runs for every event."""
    found = _CACHE.get(model)
    if found is None:
        made = (_field_reader(name, info) for name, info in model.model_fields.items())
        found = _CACHE[model] = tuple(reader for reader in made if reader is not None)
    return found


def _field_reader(name: str, info: FieldInfo) -> Reader | None:
    inner = _value_reader(info.annotation, info.metadata)
    return None if inner is None else lambda owner: inner(getattr(owner, name))


def _value_reader(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> Reader | None:
    """A reader for one annotation (a tagged string, a model, an optional or a tuple of them), or None without tags."""
    for mark in metadata:
        if isinstance(mark, Tag):
            prefix = mark.prefix + ":"
            return lambda value: iter(() if value is None else (prefix + value,))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        readers = _readers(annotation)
        return (lambda value: _all_of(readers, value)) if readers else None
    if hasattr(annotation, "__metadata__"):
        return _value_reader(annotation.__origin__, annotation.__metadata__)
    inner = [r for r in map(_value_reader, get_args(annotation)) if r is not None]
    if not inner:
        return None
    if get_origin(annotation) is tuple:
        return lambda values: (tag for value in values or () for tag in inner[0](value))
    return _optional(inner[0])


def _all_of(readers: tuple[Reader, ...], value: Any) -> Iterator[str]:
    if value is not None:
        for read in readers:
            yield from read(value)


def _optional(read: Reader) -> Reader:
    return lambda value: iter(()) if value is None else read(value)
