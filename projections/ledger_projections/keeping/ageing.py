"""Ageing (账龄): how long something that is still open has been due, in the bands that the offices print."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger_projections.keeping.answers import Answer

_BANDS: Final = (30, 90, 365)


@dataclass(frozen=True, slots=True)
class Ages(Answer):
    """Open fen by the days since it was due: not yet, 1 to 30, 31 to 90, 91 to 365, more. Bands sum to the whole."""

    not_due_fen: int = 0
    to_30_fen: int = 0
    to_90_fen: int = 0
    to_365_fen: int = 0
    over_365_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All bands together."""
        return sum(_bands(self))

    @property
    def overdue_fen(self) -> int:
        """What was due before the day."""
        return self.total_fen - self.not_due_fen


def aged(parts: Iterable[tuple[date, int]], on: date) -> Ages:
    """Parts that are open, each with the day it was due, as they stand on a day."""
    bands = [0] * (len(_BANDS) + 2)
    for due_on, fen in parts:
        bands[_band((on - due_on).days)] += fen
    return Ages(*bands)


def ages_of(many: Iterable[Ages]) -> Ages:
    """The sum of many."""
    return Ages(*map(sum, zip(*map(_bands, many), strict=True))) if (many := list(many)) else Ages()


def still_open(instalments: Sequence[tuple[date, int]], open_fen: int, otherwise: date) -> list[tuple[date, int]]:
    """Which of the instalments are open when `open_fen` is: payments go to the earliest, so the latest stay open.

    What no instalment explains was due on the day `otherwise`.
    """
    parts = []
    for due_on, fen in sorted(instalments, reverse=True):
        taken = min(fen, max(0, open_fen))
        if taken:
            parts.append((due_on, taken))
            open_fen -= taken
    if open_fen:
        parts.append((otherwise, open_fen))
    return parts[::-1]


def _band(days: int) -> int:
    if days <= 0:
        return 0
    return 1 + sum(days > limit for limit in _BANDS)


def _bands(ages: Ages) -> tuple[int, ...]:
    return ages.not_due_fen, ages.to_30_fen, ages.to_90_fen, ages.to_365_fen, ages.over_365_fen
