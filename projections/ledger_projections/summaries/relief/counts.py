"""户、人、元: what is held against each other, added and taken off unit by unit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """Households, persons and fen of one side, or what two sides differ by."""

    households: int = 0
    persons: int = 0
    fen: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.households + other.households, self.persons + other.persons, self.fen + other.fen)

    def __sub__(self, other: "Count") -> "Count":
        return self + -other

    def __neg__(self) -> "Count":
        return Count(-self.households, -self.persons, -self.fen)

    def __bool__(self) -> bool:
        return self != NOTHING


NOTHING = Count()
Parts = Mapping[str, Count]
"""Cause -> what it makes two sides differ by."""


def added(counts: Iterable[Count]) -> Count:
    """All of them together."""
    households = persons = fen = 0
    for one in counts:  # thousands at once: no count is made of each sum on the way
        households += one.households
        persons += one.persons
        fen += one.fen
    return Count(households, persons, fen)


def together(*many: Parts) -> Parts:
    """Parts with what they have of one cause added; what comes to nothing is left out."""
    found: defaultdict[str, Count] = defaultdict(Count)
    for parts in many:
        for cause, count in parts.items():
            found[cause] += count
    return {cause: count for cause, count in found.items() if count}


def turned(parts: Parts) -> Parts:
    """The same between the sides the other way round."""
    return {cause: -count for cause, count in parts.items()}
