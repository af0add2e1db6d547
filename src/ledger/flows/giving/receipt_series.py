"""Numbers of receipts in series, and those that were left out (票据跳号): for the read model and the auditor alike.

A receipt that was taken back keeps its number, and a red letter has its own. Source: 公益事业捐赠票据使用管理办法.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ledger.flows.event import Event
from ledger.flows.giving.receipts import NO_CODE, ReceiptIssued, ReceiptReversed, is_uncoded
from ledger.values.gaps import gaps


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
    for series, numbers in sorted(_attributed(used).items()):
        found = gaps(numbers)
        if found:
            yield series, found


def _attributed(used: Mapping[Series, set[int]]) -> dict[Series, set[int]]:
    """What is known from a register, without its code, fills the gaps of every code whose numbers are as long; where
    there is no such code, it is a series of its own.
    """
    coded = {series: numbers for series, numbers in used.items() if series.code != NO_CODE}
    found: dict[Series, set[int]] = dict(coded)
    for own, numbers in used.items():
        if own.code != NO_CODE:
            continue
        alike = [series for series in coded if (series.entity, series.width) == (own.entity, own.width)]
        for series in alike:
            first, last = min(coded[series]), max(coded[series])
            found[series] = coded[series] | {number for number in numbers if first < number < last}
        if not alike:
            found[own] = numbers
    return found
