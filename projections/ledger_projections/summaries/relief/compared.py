"""The four counts of the three-way check two by two: what they differ by, and every cause of it that the book knows.

Two sides agree when they are the same in households, persons and money and no cause is needed for it. What is left when
all causes are taken off is 不明: it is told as that, and never as agreement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger_projections.summaries.relief.counts import Count, Parts, added, together, turned
from ledger_projections.summaries.relief.differences import CAUSES, Roads
from ledger_projections.summaries.table import Said

Pair = tuple[str, str]
"""Two sides: what they differ by is the first less the second."""
PAIRS: Final[Mapping[Pair, str]] = {
    ("province", "roster"): "province_roster",
    ("province", "bank"): "province_bank",
    ("province", "finance"): "province_finance",
    ("roster", "bank"): "roster_bank",
    ("roster", "finance"): "roster_finance",
    ("finance", "bank"): "finance_bank",
}
"""Every two sides, in the order in which they are told -> what they are called."""
_CHAIN: Final = (("province", "roster"), ("roster", "bank"), ("finance", "bank"))
"""The pairs from which the others follow."""
_WITHOUT_ROSTER: Final = (("province", "bank"), ("finance", "bank"))
Sides = Mapping[str, Count | None]
"""Side -> what it counts; None where the book does not know it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two sides differ by, and the parts of it by cause."""

    pair: Pair
    count: Count
    parts: Parts

    @property
    def rest(self) -> Count:
        """What no cause explains."""
        return self.count - added(self.parts.values())

    @property
    def is_none(self) -> bool:
        """Whether the sides agree, and nothing that is made up for on one of them lies between."""
        return not self.count and not self.parts

    @property
    def between(self) -> Said:
        """The two sides in words."""
        return Said(f"table_between.{PAIRS[self.pair]}")

    @property
    def explanation(self) -> Said:
        """Its parts in words, and what is left."""
        if self.is_none:
            return Said("table.explain.same")
        causes = sorted(self.parts, key=CAUSES.index)
        told = [said_of(cause, self.parts[cause]) for cause in causes]
        return Said("table.explain.parts", {"parts": (*told, *([said_of("rest", self.rest)] if self.rest else ()))})


def said_of(cause: str, count: Count) -> Said:
    """A part in words."""
    return Said(f"table_gap.{cause}", {"households": count.households, "persons": count.persons, "part_fen": count.fen})


def differences(sides: Sides, remarked: Parts, road: Roads) -> list[Difference]:
    """Every two sides that the book knows; `remarked` is what the province's export says of its difference."""
    roster = turned(road.than_roster)
    than_list = {
        "province": together(remarked, roster),
        "roster": roster,
        "bank": turned(road.than_bank),
        "finance": turned(road.than_finance),
    }
    found = []
    for one, other in PAIRS:
        mine, theirs = sides.get(one), sides.get(other)
        if mine is not None and theirs is not None:
            parts = together(than_list[one], turned(than_list[other]))
            found.append(Difference((one, other), mine - theirs, parts))
    return found


def chained(told: Iterable[Difference]) -> list[Difference]:
    """Those from which all others follow, as far as the sides are known."""
    by_pair = {one.pair: one for one in told}
    chain = _CHAIN if any("roster" in pair for pair in by_pair) else _WITHOUT_ROSTER
    return [by_pair[pair] for pair in chain if pair in by_pair]


def explained(told: Sequence[Difference], more: Iterable[Said]) -> Said:
    """A programme's differences in one sentence, with what else there is to say."""
    pairs = [
        Said("table.explain.pair", {"between": one.between, "explanation": one.explanation})
        for one in chained(told)
        if not one.is_none
    ]
    said = (*pairs, *more)
    if not said:
        return Said("table.explain.same")
    return said[0] if len(said) == 1 else Said("table.explain.several", {"sentences": said})


def merged(many: Iterable[Sequence[Difference]]) -> list[Difference]:
    """The differences of several programmes together, each of those that know both its sides."""
    each = [one for told in many for one in told]
    found = []
    for pair in PAIRS:
        mine = [one for one in each if one.pair == pair]
        if mine:
            whole = added(one.count for one in mine)
            found.append(Difference(pair, whole, together(*(one.parts for one in mine))))
    return found
