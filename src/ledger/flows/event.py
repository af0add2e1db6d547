"""What every event has: a kind, a version, an id, tags from its field types, rules and postings.

An event is frozen and strict, and its bytes are the RFC 8785 form of its dump: nothing is left out, nothing is
spelled twice. A change to an event is a new class and version; tags and postings of a (kind, version) never change.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict

from ledger.accounts.legs import Leg
from ledger.flows.fields import Tag, Uuid7
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.marks import reader_of
from ledger.flows.standing import STANDING_KINDS

Found = dict[str, None]
"""Tags in the order in which they were found, each once."""
Rests = Mapping[str, tuple[str, ...]]
"""Prefix of a tag -> kinds."""
Reader = Callable[[Any, Found], None]


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
    day_fields: ClassVar[tuple[str, ...]] = ("occurred_on", "on")
    """The fields that may hold the day for which its postings count; the first with a value is that day."""
    rested_on: ClassVar[Rests] = {}
    """Prefix of a tag -> kinds whose later events with the same tag rest on this one: they go before it may go."""
    rests_since: ClassVar[int] = 2
    """The edition of the rules since which that is asked of this kind."""
    rested_also: ClassVar[Rests] = {}
    """More of the same, asked since the fifth edition of the rules; an import need not order its events by it."""
    ends_ahead: ClassVar[bool] = False
    """Whether it undoes what comes after it too, as a line that was taken out is in no later signature."""

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
        found: Found = {}
        _read_fields(self, found)
        for tag in self.more_tags():
            found[tag] = None
        if self.standing:
            found["standing:book"] = None
        return tuple(found)

    def more_tags(self) -> tuple[str, ...]:
        """Tags made of several fields (a slot such as `due:<enrolment>:<month>`); none unless a flow says so."""
        return ()

    def needs(self) -> tuple[Need, ...]:
        """What the rules and postings of this event must know: histories by tag and kinds. Empty kinds mean all."""
        return ()

    def may_need(self) -> tuple[Need, ...]:
        """What a rule asks for only where all else left it open. It is read when it is asked for and not before, so
        that what is long and seldom asked, such as every line of a batch, costs nothing; whoever judges has to be able
        to read in the midst of it.
        """
        return ()

    def leads_to(self, model: Knowledge) -> tuple[Need, ...]:
        """Histories that what is known by `needs` names, such as the money of the cases that a problem takes in. They
        are read together before its rules ask.
        """
        return ()

    def undoes(self, other: "Event") -> bool:
        """Whether this event ended another one, as a red letter ends its receipt; what was ended rests on nothing."""
        return False

    def carries(self, later: "Event") -> bool:
        """Whether a later event, of a kind that may rest on this one, does."""
        return True

    def business_day(self, voucher_date: date) -> date:
        """The day a posting counts for (业务日期): the event's own when it lies in the voucher's month, else 凭证日期.

        A closed month is thereby never changed by what is recorded later, and a month's voucher still shows its days.
        """
        return own_day(self, _day_fields(type(self)), voucher_date)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        """The legs, zero in sum for each fund and book; none for an event that moves and promises no money."""
        return ()


def own_day(event: Event, names: Iterable[str], voucher_date: date) -> date:
    """The first day that an event's fields of these names hold, within the month of its voucher; else the voucher's."""
    own = next((day for name in names if (day := getattr(event, name)) is not None), None)
    same = isinstance(own, date) and (own.year, own.month) == (voucher_date.year, voucher_date.month)
    return own if same and isinstance(own, date) else voucher_date


@cache
def _day_fields(kind: type[Event]) -> tuple[str, ...]:
    """The fields that may hold an event's own day. Asked for once a class: a model is slow to say what it lacks."""
    return tuple(name for name in kind.day_fields if name in kind.model_fields)


_CACHE: Final[dict[type[BaseModel], tuple[tuple[str, str | Reader], ...]]] = {}


def _read_fields(owner: BaseModel, found: Found) -> None:
    """Add the tags of a model's fields, in field order; a field without a value leaves none."""
    values = owner.__dict__
    for name, read in _readers(type(owner)):
        value = values[name]
        if value is None:
            continue
        if isinstance(read, str):
            found[read + value] = None
        else:
            read(value, found)


def _readers(model: type[BaseModel]) -> tuple[tuple[str, str | Reader], ...]:
    """The fields of a model that bear tags, each with its reader. Cached, for this runs for every event."""
    found = _CACHE.get(model)
    if found is None:
        made = ((name, _reader(info.annotation, info.metadata)) for name, info in model.model_fields.items())
        found = _CACHE[model] = tuple((name, read) for name, read in made if read is not None)
    return found


def _reader(annotation: Any, metadata: Sequence[Any]) -> str | Reader | None:
    """A reader for one annotation: of a tagged string only the prefix, for most fields are that and need no call; of a
    model, an optional or a tuple of them a function; None without tags.
    """
    return reader_of(annotation, metadata, of_mark=_prefix, of_part=_of_part, of_each=_each)


def _prefix(mark: Any) -> str | Reader | None:
    return mark.prefix + ":" if isinstance(mark, Tag) else None


def _of_part(part: type[BaseModel]) -> str | Reader | None:
    return _read_fields if _readers(part) else None


def _each(one: str | Reader) -> str | Reader:
    def read(values: Iterable[Any], found: Found) -> None:
        for value in values:
            if isinstance(one, str):
                found[one + value] = None
            elif value is not None:
                one(value, found)

    return read
