"""Numbers of receipts in series, and those that were left out (票据跳号): for the read model and the auditor alike.

A receipt that was taken back keeps its number, and a red letter has its own. Source: 公益事业捐赠票据使用管理办法.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from ledger.flows.event import Event
from ledger.flows.giving.receipts import NO_CODE, ReceiptIssued, ReceiptReversed, is_uncoded
from ledger.values.gaps import gaps

_BOOK: Final = 50
"""How many receipts are drawn together, as a book of paper ones."""


class Series(NamedTuple):
    """Receipts that are numbered together: whose, their code, and how many digits a number has."""

    entity: str
    code: str
    width: int

    def text(self, number: int) -> str:
        """A number as the receipts write it."""
        return f"{number:0{self.width}d}"


def numbered(entity: str, event: Event) -> tuple[Series, int] | None:
    """The series and number that an event uses up; None for what uses none, and for numbers that are no numbers."""
    if isinstance(event, ReceiptIssued):
        code, number = event.code, event.number
    elif isinstance(event, ReceiptReversed) and event.red is not None:
        code, _, number = event.red.rpartition("-")
    else:
        return None
    code = NO_CODE if is_uncoded(code) else code
    return (Series(entity, code, len(number)), int(number)) if number.isdecimal() else None


def left_out(used: Mapping[Series, set[int]]) -> Iterator[tuple[Series, list[tuple[int, int]]]]:
    """Each series with gaps, in order, and the first and last number of each gap."""
    every = _attributed(used)
    for series, numbers in sorted(every.items()):
        found = gaps(numbers)
        alike = [other for other in every if _is_alike(series, other)] if series.code == NO_CODE else []
        if alike:
            under = {number for other in alike for number in every[other]}
            found = [rest for gap in found if gap[1] - gap[0] < _BOOK for rest in _without(gap, under)]
        if found:
            yield series, found


def _without(gap: tuple[int, int], under: Collection[int]) -> list[tuple[int, int]]:
    """What is left of a gap: a number of it that a code has is in the book, and is missing from no register."""
    first, last = gap
    return gaps([first - 1, *(number for number in under if first <= number <= last), last + 1])


def _attributed(used: Mapping[Series, set[int]]) -> dict[Series, set[int]]:
    """What is known from a register, without its code, fills the gaps of every code whose numbers are as long, and goes
    on with the only one of them from as near as a book of receipts is long. The rest is a series of its own: another
    year's, or several books', of which no gap is longer than one.
    """
    coded = {series: numbers for series, numbers in used.items() if series.code != NO_CODE}
    found: dict[Series, set[int]] = dict(coded)
    for own, numbers in used.items():
        if own.code != NO_CODE:
            continue
        alike = [series for series in coded if _is_alike(own, series)]
        left = set(numbers)
        for series in alike:
            reach = _BOOK if len(alike) == 1 else 0
            joined = _joined(coded[series], numbers, reach)
            found[series] = coded[series] | joined
            left -= joined
        if left:
            found[own] = left
    return found


def _is_alike(own: Series, other: Series) -> bool:
    """Whether what bears no code may be another series' numbers."""
    return other.code != NO_CODE and (other.entity, other.width) == (own.entity, own.width)


def _joined(coded: Collection[int], numbers: Collection[int], reach: int) -> set[int]:
    """Of numbers those within a series, and beyond its ends those that follow each other by no more than `reach`."""
    first, last = min(coded), max(coded)
    for number in sorted(number for number in numbers if number > last):
        last = number if number - last <= reach else last
    for number in sorted((number for number in numbers if number < first), reverse=True):
        first = number if first - number <= reach else first
    return {number for number in numbers if first <= number <= last}
