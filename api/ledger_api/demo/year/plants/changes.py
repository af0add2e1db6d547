"""What happens to households that stay: another account, another householder, a name put right, a move, a category.

Each happens once a year to a household of the country, in a month of its own; nobody is more or fewer for it, nor gets
another amount.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import TOWNSHIPS, Case, Roll
from ledger_api.demo.year.targets import MONTHS

GRADES: Final = "BC"
"""The letters of the categories; nearly everybody has the first."""
CHANGES: Final[Mapping[str, int]] = {"account": 2, "correction": 4, "payee": 5, "township": 6, "category": 7}
"""Reason as the book codes it -> the month, from 0, in which it is seen first."""
_SLIP: Final = "误"


@dataclass(frozen=True, slots=True)
class Changed:
    """A household to which something happened."""

    reason: str
    month: str
    number: str


def change(rural: Roll, staying: Sequence[Case], dice: Dice) -> tuple[Changed, ...]:
    """Change one household for each reason; another householder needs a household of two."""
    free = list(staying)
    found: list[Changed] = []
    for reason, month in CHANGES.items():
        case = next((one for one in free if reason != "payee" or _several(rural, one.number)), None)
        if case is not None:
            free.remove(case)
            _apply(rural, case.number, _WAYS[reason](case, dice), (reason, month))
            found.append(Changed(reason, MONTHS[month], case.number))
    return tuple(found)


Way = Callable[[Case], Case]


def _apply(rural: Roll, number: str, way: Way, when: tuple[str, int]) -> None:
    """From its month on; a name that is put right was wrong in the months before."""
    reason, month = when
    for at, cases in enumerate(rural.months):
        if (at < month) == (reason == "correction"):
            rural.months[at] = [way(case) if case.number == number else case for case in cases]


def _several(rural: Roll, number: str) -> bool:
    return all(case.persons > 1 for case in _all(rural, number))


def _all(rural: Roll, number: str) -> Iterator[Case]:
    yield from (case for cases in rural.months for case in cases if case.number == number)


def _account(_case: Case, dice: Dice) -> Way:
    other = dice.person(1950, 1990)
    return lambda case: replace(case, head=replace(case.head, account=other.account, bank=other.bank))


def _correction(_case: Case, _dice: Dice) -> Way:
    return lambda case: replace(case, head=replace(case.head, name=case.head.name[:1] + _SLIP))


def _householder(_case: Case, dice: Dice) -> Way:
    other = dice.person(1960, 1990)
    return lambda case: replace(case, head=other)


def _township(case: Case, dice: Dice) -> Way:
    there = dice.choose([name for name in TOWNSHIPS if name != case.township])
    return lambda case: replace(case, township=there)


def _category(_case: Case, _dice: Dice) -> Way:
    return lambda case: replace(case, grade=GRADES[1])


_WAYS: Final[Mapping[str, Callable[[Case, Dice], Way]]] = {
    "account": _account,
    "correction": _correction,
    "payee": _householder,
    "township": _township,
    "category": _category,
}
