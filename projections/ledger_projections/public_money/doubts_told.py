"""Doubts with their sentences, whose parameters are as people read them: a finding by document and text, a programme by
its name, a household by its village, not by their ids.

A program reads the ids, which stand in the doubt's detail as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ledger.catalogue import say
from ledger.flows.naming import wanted, words
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger_projections.keeping.answers import Answer
from ledger_projections.public_money.doubts import Doubt, DoubtList


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
    """The parameters of each doubt, as stated by a position; an office's own number without a statement stays."""
    needs = dict.fromkeys(need for row in rows for need in wanted(row.detail))
    known = {
        need: [trusted_event(one.kind, one.data) for one in found if one.position <= at]
        for need, found in reading.history(connection, list(needs)).items()
    }
    return [{**row.detail, **words(row.detail, known.__getitem__)} for row in rows]
