"""Doubts with their sentences, which name findings and clues by document and text as people do, not by their ids.

A program reads the ids, which stand in the doubt's detail as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from ledger.catalogue import Words, say
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.redress.clues import ClueRaised, FindingConfirmed
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger_projections.keeping.answers import Answer
from ledger_projections.public_money.doubts import Doubt, DoubtList

_STATED: Final = {"finding": "finding.confirmed", "clue": "clue.raised"}
"""Parameter, which is the tag's name too -> the kind of event that states what it is."""
SHOWN: Final = 40
"""So much of a long text tells which one is meant."""


@dataclass(frozen=True, slots=True)
class DoubtTold(Doubt):
    """A doubt with its sentence in the reader's language."""

    message: str


@dataclass(frozen=True, slots=True)
class DoubtsTold(Answer):
    """Doubts by position; `counts` says how many there are of each code, those that are settled left out."""

    position: int
    as_of: date | None
    rows: tuple[DoubtTold, ...]
    counts: dict[str, int]


def doubts_told(connection: Connection, listed: DoubtList, language: str) -> DoubtsTold:
    """The same doubts with their sentences."""
    details = details_told(connection, listed.rows, listed.position)
    rows = tuple(
        DoubtTold(**_fields(row), message=say(row.code, language, **detail))
        for row, detail in zip(listed.rows, details, strict=True)
    )
    return DoubtsTold(listed.position, listed.as_of, rows, dict(listed.counts))


def _fields(row: Doubt) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in fields(row)}


def details_told(connection: Connection, rows: Sequence[Doubt], at: int) -> list[Mapping[str, Any]]:
    """The parameters of each doubt, as stated by a position; an id of which nothing is stated stays as it is."""
    needs = {
        (name, str(row.detail[name])): Need(f"{name}:{row.detail[name]}", (kind,))
        for row in rows
        for name, kind in _STATED.items()
        if name in row.detail
    }
    history = reading.history(connection, list(needs.values()))
    known = {
        key: told
        for key, need in needs.items()
        if (told := _told(trusted_event(stored.kind, stored.data) for stored in history[need] if stored.position <= at))
    }
    return [{name: known.get((name, str(value)), value) for name, value in row.detail.items()} for row in rows]


def _told(events: Iterable[Event]) -> Words | None:
    """What the last statement calls it: 示审报〔2025〕9号“救助资金滞留乡镇”."""
    found = None
    for event in events:
        if isinstance(event, FindingConfirmed):
            found = (event.document or "", event.summary or event.category)
        elif isinstance(event, ClueRaised):
            found = ("", event.summary)
    if found is None:
        return None
    document, text = found
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return Words(f"{document}“{text}”", f"{document} “{text}”".strip())
