"""Events for tests, made from the field types of their classes, so that a new event is covered the day it is written.

`make(cls, **given)` fills what a test does not name with one plain value a type, `make_full` also the nullable fields;
`events_of(cls)` draws everything.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from itertools import count
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import annotated_types
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from ledger.flows.event import Event
from ledger.flows.fields import MAX_INTEGER, Tag, check_party
from ledger.values.ids import check_uuid7

M = TypeVar("M", bound=BaseModel)
E = TypeVar("E", bound=Event)

DAY: Final = date(2025, 9, 30)
_NUMBERS = count(1)
_SCALARS: Final[Mapping[Any, tuple[Any, st.SearchStrategy[Any]]]] = {
    bool: (False, st.booleans()),
    date: (DAY, st.dates(date(2016, 1, 1), date(2035, 12, 31))),
}
_UNIONS: Final = (Union, UnionType)

_PLAIN: Final[Mapping[str, str]] = {
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])$": "2025-09",
    r"^sha256:[0-9a-f]{64}$": "sha256:" + "1" * 64,
    r"^blake2b:[0-9a-f]{64}$": "blake2b:" + "2" * 64,
    r"^ed25519:[A-Za-z0-9+/]{43}=$": "ed25519:" + "A" * 43 + "=",
    r"^[A-Za-z0-9+/]{86}==$": "B" * 86 + "==",
    r"^[0-9a-f]{16}$": "3" * 16,
}
"""One value for each pattern that is not an identifier; others take the first of `_GUESSES` that fits."""

_GUESSES: Final = (
    "x-1",
    "abc",
    "12345",
    "2025-09-30T12:00:00+08:00",
    "donation.received",
    "12345678MA0000000X",
    "fund:free",
    "",
)


def uuid7(number: int) -> str:
    """A well-formed uuid7 that carries a number."""
    return f"0199a000-{number // 2**12 % 2**16:04x}-7{number % 2**12:03x}-8000-{number:012x}"


def make(cls: type[M], **given: Any) -> M:
    """An instance with the given fields and plain values elsewhere: nulls where null may stand, empty lists."""
    return cls(**_filled(cls, given, full=False))


def make_full(cls: type[M], **given: Any) -> M:
    """An instance with the given fields and a value everywhere: no nulls, a row in every list."""
    return cls(**_filled(cls, given, full=True))


def _filled(cls: type[BaseModel], given: Mapping[str, Any], *, full: bool) -> dict[str, Any]:
    fields = dict(given)
    for name, info in cls.model_fields.items():
        if name not in fields and name not in {"kind", "version"}:
            fields[name] = _plain(info.annotation, info.metadata, full=full)
    return fields


def events_of(cls: type[E]) -> st.SearchStrategy[E]:
    """Any event of a class."""
    return _drawn(cls)


# ---- reading an annotation


def _parts(annotation: Any, metadata: list[Any] | tuple[Any, ...]) -> tuple[Any, list[Any]]:
    """The bare type of an annotation and everything that was said about it."""
    marks = list(metadata)
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks = [*more, *marks]
    flat: list[Any] = []
    for mark in marks:
        flat += mark.metadata if isinstance(mark, FieldInfo) else [mark]
    return annotation, flat


def _bound(marks: list[Any], kind: type, default: int) -> int:
    return next((int(getattr(m, kind.__name__.lower())) for m in marks if isinstance(m, kind)), default)


def _length(marks: list[Any]) -> tuple[int, int]:
    low = next((m.min_length for m in marks if isinstance(m, annotated_types.MinLen)), 0)
    high = next((m.max_length for m in marks if isinstance(m, annotated_types.MaxLen)), low + 3)
    return low, min(high, low + 3)


# ---- plain values


def _plain(annotation: Any, metadata: list[Any] | tuple[Any, ...] = (), *, full: bool = False) -> Any:
    bare, marks = _parts(annotation, metadata)
    if get_origin(bare) in _UNIONS:
        chosen = [one for one in get_args(bare) if one is not type(None)]
        return _plain(chosen[0], full=full) if full or len(chosen) == len(get_args(bare)) else None
    if get_origin(bare) is Literal:
        return get_args(bare)[0]
    if get_origin(bare) is tuple:
        low, _ = _length(marks)
        return tuple(_plain(get_args(bare)[0], full=full) for _ in range(max(low, int(full))))
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return make_full(bare) if full else make(bare)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return next(iter(bare))
    if bare in _SCALARS:
        return _SCALARS[bare][0]
    if bare is int:
        return min(max(_bound(marks, annotated_types.Ge, 0), 100), _bound(marks, annotated_types.Le, MAX_INTEGER))
    return _plain_text(marks)


def _plain_text(marks: list[Any]) -> str:
    if any(isinstance(mark, AfterValidator) and mark.func is check_uuid7 for mark in marks):
        return uuid7(next(_NUMBERS))
    tag = next((mark.prefix for mark in marks if isinstance(mark, Tag)), None)
    pattern = next((str(m.pattern) for m in marks if isinstance(m, StringConstraints) and m.pattern is not None), None)
    if pattern is None:
        if any(isinstance(mark, AfterValidator) and mark.func is check_party for mark in marks):
            return "x-1"
        return f"{tag}-1" if tag is not None else "示例"
    guesses = (_PLAIN.get(pattern, ""), f"{tag}-1", *_GUESSES)
    return next(guess for guess in guesses if re.fullmatch(pattern, guess))


# ---- drawn values


def _drawn(cls: type[M]) -> st.SearchStrategy[M]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, info in cls.model_fields.items():
        if name not in {"kind", "version"}:
            fields[name] = _draw(info.annotation, info.metadata)
    return st.builds(cls, **fields)


def _draw(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    bare, marks = _parts(annotation, metadata)
    if get_origin(bare) in _UNIONS:
        return st.one_of(*(st.none() if one is type(None) else _draw(one) for one in get_args(bare)))
    if get_origin(bare) is Literal:
        return st.sampled_from(get_args(bare))
    if get_origin(bare) is tuple:
        low, high = _length(marks)
        return st.lists(_draw(get_args(bare)[0]), min_size=low, max_size=high).map(tuple)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return _drawn(bare)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return st.sampled_from(list(bare))
    if bare in _SCALARS:
        return _SCALARS[bare][1]
    if bare is int:
        low = _bound(marks, annotated_types.Gt, _bound(marks, annotated_types.Ge, 0) - 1) + 1
        return st.integers(low, _bound(marks, annotated_types.Le, MAX_INTEGER))
    return _draw_text(marks)


def _draw_text(marks: list[Any]) -> st.SearchStrategy[str]:
    if any(isinstance(mark, AfterValidator) and mark.func is check_uuid7 for mark in marks):
        return st.integers(0, 2**48 - 1).map(uuid7)
    pattern = next((str(m.pattern) for m in marks if isinstance(m, StringConstraints) and m.pattern is not None), None)
    if pattern is None:
        return st.text("慈善会基金ABCabc（）—0123 ", min_size=1, max_size=12).map(lambda text: f"示{text.strip()}例")
    # What is white beyond ASCII is white to the model too.
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True).filter(re.compile(pattern).fullmatch)


def of_rooms(*rooms: str) -> Iterator[type[Event]]:
    """Every event class of some packages of `ledger.flows`, by kind."""
    from ledger.flows.registry import event_classes  # noqa: PLC0415 - imports every flow

    prefixes = tuple(f"ledger.flows.{room}" for room in rooms)
    yield from (cls for cls in event_classes().values() if cls.__module__.startswith(prefixes))
