"""The monthly amount (月保障金) of an enrolment and the formula behind it. Pure arithmetic in fen.

By difference: `max(0, standard - income) x persons`, within the county's rounding; by tiers: `tier x persons`; in
full: `standard x persons`. A single person's cover (单人保) and a tapering amount (渐退) are decided case by case and
have a ceiling only. Supplements (分类施保) are added on top. Source: 民发〔2021〕57号 art. 23.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import lcm
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from ledger.flows.event import Part
from ledger.flows.fields import Count, Fen, PositiveFen

Mode = Literal["difference", "tier", "full", "single", "taper"]
Rounding = Literal["none", "head_yuan_up", "household_yuan_up"]
"""见角进元, on the amount a head or on the amount of the household."""
_YUAN_FEN: Final = 100
SupplementClass = Literal[
    "elderly", "minor", "disabled", "ill", "care_full", "care_half", "care_self", "pregnant", "other"
]


class Supplement(Part):
    """What one class of persons gets on top (分类施保、照料护理费): `fen` is for all of them together."""

    supplement_class: SupplementClass
    persons: Count
    fen: PositiveFen


class Monthly(Part):
    """How the amount of a month came about. `standard_fen` is a person's standard; `tier_fen` only in mode tier."""

    mode: Mode
    income_per_head_fen: Fen
    standard_fen: Fen
    tier_fen: PositiveFen | None
    persons: Count
    base_fen: Fen
    supplements: Annotated[tuple[Supplement, ...], Field(max_length=20)]
    rounding: Rounding
    total_fen: Fen

    @property
    def supplements_fen(self) -> int:
        """The supplements together."""
        return sum(part.fen for part in self.supplements)

    @property
    def ceiling_fen(self) -> int:
        """The most that may be paid for a month: the full standard of all persons, and the supplements."""
        return self._rounded(self.standard_fen) + self.supplements_fen

    def expected_base_fen(self) -> int | None:
        """What the formula gives; None where the amount is decided case by case, or the tier is not named."""
        head_fen = self._formula_head_fen()
        return None if head_fen is None else self._rounded(head_fen)

    @property
    def rounding_gain_fen(self) -> int:
        """What 见角进元 alone added to the base; 0 where the base is not what the formula gives.

        Of an amount decided case by case nobody knows what was rounded: the most that the rounding can have added.
        """
        head_fen = self._formula_head_fen()
        if head_fen is not None:
            return self.base_fen - head_fen * self.persons if self.base_fen == self._rounded(head_fen) else 0
        if self.mode == "tier" or self.rounding == "none" or not self.base_fen:
            return 0
        parts = self.persons if self.rounding == "head_yuan_up" else 1
        return 0 if parts == 0 or self.base_fen % (_YUAN_FEN * parts) else (_YUAN_FEN - 1) * parts

    def sums_hold(self) -> bool:
        """Whether the parts add up: a broken sum is no fact, whoever sends it."""
        return self.total_fen == self.base_fen + self.supplements_fen and all(
            1 <= part.persons <= max(1, self.persons) for part in self.supplements
        )

    def departures(self) -> Iterator[Mapping[str, Any]]:
        """Where the base departs from the formula, each with what was expected."""
        expected = self.expected_base_fen()
        if expected is not None and expected != self.base_fen:
            yield {"mode": self.mode, "base_fen": self.base_fen, "expected_fen": expected}
        if self.mode == "tier" and self.tier_fen is None:
            yield {"mode": self.mode, "base_fen": self.base_fen, "expected_fen": 0}
        if self.mode == "single" and self.persons != 1:
            yield {"mode": self.mode, "base_fen": self.base_fen, "expected_fen": self.standard_fen}

    def _formula_head_fen(self) -> int | None:
        """What the formula gives a head before any rounding."""
        if self.mode == "difference":
            return max(0, self.standard_fen - self.income_per_head_fen)
        if self.mode == "tier":
            return self.tier_fen
        return self.standard_fen if self.mode == "full" else None

    def _rounded(self, head_fen: int) -> int:
        if self.rounding == "head_yuan_up":
            return _yuan_up(head_fen) * self.persons
        if self.rounding == "household_yuan_up":
            return _yuan_up(head_fen * self.persons)
        return head_fen * self.persons


def above_highest(drawn: Sequence[Monthly]) -> bool:
    """Whether what a person draws a head from all of these, without supplements and without what the rounding of each
    added, is more than the highest of their standards. In fen times a common multiple of the persons: nothing is cut.
    """
    heads = lcm(*(max(1, one.persons) for one in drawn))
    total = sum((one.base_fen - one.rounding_gain_fen) * (heads // max(1, one.persons)) for one in drawn)
    return total > max(one.standard_fen for one in drawn) * heads


def _yuan_up(fen: int) -> int:
    return -(-fen // _YUAN_FEN) * _YUAN_FEN
