"""What clues come to: how many, how many are answered and founded, and the rate of answers (办结率)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger_projections.keeping.answers import Answer, per_mille
from ledger_projections.public_money.doubts import Clue, ClueList

ANSWERED: Final = frozenset({"verified", "refuted", "confirmed"})
"""States of clues that somebody has looked into."""


@dataclass(frozen=True, slots=True)
class ClueTotals(Answer):
    """Clues, those that are answered (办结) and founded, wholly or in part (属实), and the answered of all, half up."""

    clues: int
    answered: int
    founded: int
    rate_per_mille: int | None


@dataclass(frozen=True, slots=True)
class CluesTold(ClueList):
    """Clues by id, and what they come to."""

    totals: ClueTotals


def is_founded(row: Clue) -> bool:
    """Whether a clue proved true, wholly or in part."""
    return row.state == "confirmed" or row.result in {"founded", "partly"}


def clue_totals(rows: Sequence[Clue]) -> ClueTotals:
    """What some clues come to."""
    answered = sum(row.state in ANSWERED for row in rows)
    return ClueTotals(len(rows), answered, sum(map(is_founded, rows)), per_mille(answered, len(rows)))


def clues_told(found: ClueList) -> CluesTold:
    """The list with its totals."""
    return CluesTold(found.position, found.on, found.rows, found.counts, found.ages, clue_totals(found.rows))
