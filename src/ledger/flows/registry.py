"""From (kind, version) to the event class, and from bytes to an event and back.

`read_event` accepts bytes only if they equal the canonical dump of the model they parse to: absent defaults, other
spellings of a date or an id, duplicate keys and unsorted keys all fail here, whatever a JSON parser would forgive.
"""

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from pydantic import ValidationError

import ledger.flows
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.faults import of_number, of_text
from ledger.flows.forms import form, form_fault
from ledger.signing.canonical import canonical

_SHOWN_CHARS: Final = 120
_OTHERS_SHOWN: Final = 20
_KIND: Final = b'"kind":"'


@functools.cache
def event_classes() -> Mapping[tuple[str, int], type[Event]]:
    """Every event class, keyed by (kind, version). Importing the flows here keeps the list impossible to forget."""
    for module in pkgutil.walk_packages(ledger.flows.__path__, "ledger.flows."):
        importlib.import_module(module.name)
    return dict(sorted((_key(cls), cls) for cls in _leaves(Event)))


def _leaves(cls: type[Event]) -> Iterator[type[Event]]:
    for sub in cls.__subclasses__():
        yield from _leaves(sub)
        if sub.model_fields["kind"].default is not None and isinstance(sub.model_fields["kind"].default, str):
            yield sub


def _key(cls: type[Event]) -> tuple[str, int]:
    return cls.model_fields["kind"].default, cls.model_fields["version"].default


def class_of(kind: str, version: int) -> type[Event]:
    """The class of a kind and version; E_EVENT_KIND when there is none."""
    found = event_classes().get((kind, version))
    if found is None:
        raise InputError("E_EVENT_KIND", kind=kind, version=version)
    return found


def write_event(event: Event) -> bytes:
    """The canonical bytes of an event: what is signed, stored and never written again."""
    return canonical(event.model_dump(mode="json"))


def read_event(data: bytes) -> Event:
    """The event of canonical bytes. Raises E_EVENT_KIND, E_EVENT_FIELD (with the field) or E_EVENT_BYTES."""
    return _read_at_once(data) or _read_and_explain(data)


def _read_at_once(data: bytes) -> Event | None:
    """The event, when its kind stands where it usually does and everything holds; None leaves it to be explained.

    The place only chooses a class to try: whatever is returned has been validated and is the dump of its model.
    """
    at = data.find(_KIND)
    kind = data[at + len(_KIND) : data.find(b'"', at + len(_KIND))]
    cls = _only_versions().get(kind.decode("ascii", "replace"))
    if at < 0 or cls is None:
        return None
    try:
        event: Event = cls.__pydantic_validator__.validate_json(data)  # what `model_validate_json` calls
    except ValidationError:
        return None
    return event if _dumped(event) == data else None


def _dumped(event: Event) -> bytes:
    """The canonical bytes of an event. Of a model's dump, whose keys are ASCII and which holds no floats, the plain
    sorted encoding is the canonical one (a test compares them); it costs a third of the general encoder.
    """
    dump = event.__pydantic_serializer__.to_python(event, mode="json")  # what `model_dump` calls
    return orjson.dumps(dump, option=orjson.OPT_SORT_KEYS)


def _read_and_explain(data: bytes) -> Event:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InputError("E_EVENT_BYTES", reason=str(error), kind=None) from None
    if not isinstance(value, dict):
        raise InputError("E_EVENT_BYTES", reason="not an object", kind=None)
    event = event_from_value(value, data)
    if _dumped(event) != data:
        raise InputError("E_EVENT_BYTES", reason="not the dump of its model", kind=event.kind)
    return event


def event_from_value(value: Mapping[str, Any], data: bytes | None = None) -> Event:
    """An event of a parsed JSON object; the class is looked up by its own kind and version."""
    kind, version = value.get("kind"), value.get("version")
    if not isinstance(kind, str) or not isinstance(version, int) or isinstance(version, bool):
        raise InputError("E_EVENT_KIND", kind=kind, version=version)
    cls = class_of(kind, version)
    try:
        told_as = canonical(dict(value)) if data is None else data
    except InputError as refused:
        raise of_number(value, refused) from None
    try:
        # what `model_validate_json` calls
        found: Event = cls.__pydantic_validator__.validate_json(told_as)
    except InputError as refused:
        raise of_text(cls, value, refused) from None
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        where = _where(first)
        nothing = first["type"] == "missing" or first["input"] is None or first["input"] == ""
        given = form("empty") if nothing else str(first["input"])[:_SHOWN_CHARS]
        told = {"kind": kind, "field": where, "value": given, "reason": form_fault(first)}
        raise InputError("E_EVENT_FIELD", **told, others=_others(others)) from None
    return found


def _where(fault: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in fault["loc"])


def _others(faults: Sequence[Mapping[str, Any]]) -> str:
    """The other fields that are wrong or missing, so that they are mended at once."""
    names = [*dict.fromkeys(map(_where, faults))]
    shown = "、".join(names[:_OTHERS_SHOWN]) + ("…" if len(names) > _OTHERS_SHOWN else "")
    return form("others", fields=shown) if names else ""


def trusted_event(kind: str, data: bytes) -> Event:
    """An event of bytes that this log already judged: parsed once, not compared again (verification does that)."""
    found = _only_versions().get(kind)
    if found is None:
        found = class_of(kind, orjson.loads(data)["version"])
    parsed: Event = found.__pydantic_validator__.validate_json(data)  # what `model_validate_json` calls
    return parsed


@functools.cache
def _only_versions() -> Mapping[str, type[Event]]:
    """Kind to class, of the kinds that have one version so far."""
    versions: dict[str, list[type[Event]]] = {}
    for (kind, _), cls in event_classes().items():
        versions.setdefault(kind, []).append(cls)
    return {kind: found[0] for kind, found in versions.items() if len(found) == 1}
