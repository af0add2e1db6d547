"""What was handed out to be signed and what became of it, as it is kept beside an upload: whichever process of the
service is asked next goes on from there, and so does this one after a restart.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ledger.application.importing.rows import Place
from ledger.application.proposing.planning import Part, Planned, RowResult
from ledger.decisions.authority import Authority
from ledger.errors import InputError
from ledger.flows.knowledge import Finding
from ledger.signing import base64_text


@dataclass(frozen=True, slots=True)
class Handed:
    """A voucher that was handed out. `planned` is what the plan of this process knows it as; None where another
    process handed it out.
    """

    entity: str
    day: str
    data: tuple[bytes, ...]
    root: bytes
    note: str
    codes: tuple[str, ...]
    warnings: tuple[Finding, ...] | None
    waits: bool
    parts: tuple[Part, ...]
    planned: Planned | None = None


def handed(planned: Planned) -> Handed:
    """What a plan hands out."""
    return Handed(
        planned.entity,
        planned.day,
        planned.data,
        planned.root,
        planned.note,
        tuple(planned.codes),
        planned.warnings,
        planned.waits,
        planned.parts,
        planned,
    )


def kept(number: int, opened: Iterable[Handed], results: Mapping[Place, RowResult]) -> dict[str, Any]:
    """The round and all results so far, as JSON."""
    return {
        "round": number,
        "open": [_kept(one) for one in opened],
        "results": [[*_place(place), one.voucher, one.position] for place, one in results.items()],
    }


def _kept(one: Handed) -> dict[str, Any]:
    found = one.warnings
    return {
        "entity": one.entity,
        "day": one.day,
        "events": [data.decode() for data in one.data],
        "root": base64_text.encode(one.root),
        "note": one.note,
        "codes": list(one.codes),
        "warnings": None
        if found is None
        else [[each.code, each.event, [list(pair) for pair in each.params], each.demands] for each in found],
        "waits": one.waits,
        "parts": [[*_place(part.place), part.events, [_place(row) for row in part.rows]] for part in one.parts],
    }


@dataclass(frozen=True, slots=True)
class Kept:
    """A round as it was kept: its number, its open vouchers by their roots, and what became of each row."""

    number: int
    open: dict[bytes, Handed]
    results: dict[Place, RowResult]


def read(state: Mapping[str, Any] | None) -> Kept:
    """What was kept; no round at all where nothing was, or where another release of this software kept it otherwise:
    then the import is proposed anew, and what was posted of it is known.
    """
    if state is not None:
        with suppress(KeyError, TypeError, ValueError, InputError):
            return Kept(int(state["round"]), {one.root: one for one in map(_opened, state["open"])}, _results(state))
    return Kept(0, {}, {})


def _opened(one: Mapping[str, Any]) -> Handed:
    found = one["warnings"]
    return Handed(
        one["entity"],
        one["day"],
        tuple(text.encode() for text in one["events"]),
        base64_text.decode(one["root"]),
        one["note"],
        tuple(one["codes"]),
        None
        if found is None
        else tuple(
            Finding(code, event, tuple((name, value) for name, value in params), demands)
            for code, event, params, demands in found
        ),
        one["waits"],
        tuple(
            Part(Place(file, sheet, row), events, tuple(Place(*each) for each in rows))
            for file, sheet, row, events, rows in one["parts"]
        ),
    )


def _results(state: Mapping[str, Any]) -> dict[Place, RowResult]:
    """What became of each row that was handed in."""
    return {
        Place(file, sheet, row): RowResult(voucher, position)
        for file, sheet, row, voucher, position in state["results"]
    }


def _place(place: Place) -> tuple[str, str | None, int]:
    return place.file, place.sheet, place.row


def key_of(authority: Authority, officer: str, now: str) -> str:
    """The id of a key that an officer may sign with now; "" when there is none, which the judgement then says."""
    for keyid, key in authority.keys.items():
        if key.officer == officer and authority.key_of(keyid, now) is not None:
            return keyid
    return ""
