"""Receipt numbers that were left out (票据跳号): of each code, what is missing between its lowest and highest number.

A receipt that was taken back keeps its number, and a red letter has its own. Source: 公益事业捐赠票据使用管理办法.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.flows.giving.receipts import NO_CODE, ReceiptIssued, ReceiptReversed
from ledger.values.gaps import gaps
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import standing

Series = tuple[str, str, int]
"""Entity, code and the length of the number."""


@dataclass(frozen=True, slots=True)
class ReceiptGap(Answer):
    """Numbers `first` to `last` of a code, as the receipts write them, of which no receipt is in the book."""

    entity: str
    code: str
    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class ReceiptGapList(Answer):
    """Gaps by entity, code and number."""

    position: int
    rows: tuple[ReceiptGap, ...]


def receipt_gaps(connection: Connection, *, at: int | None = None, entity: str | None = None) -> ReceiptGapList:
    """Every gap at a position (None: now), of an entity (None: of all). Numbers that are no numbers have no gaps."""
    moment = log_moment(connection, None, at)
    used: defaultdict[Series, set[int]] = defaultdict(set)
    for item in standing(connection, ("donation.receipt_issued", "donation.receipt_reversed"), moment.position):
        event = item.event
        if isinstance(event, ReceiptIssued):
            code, number = event.code, event.number
        elif isinstance(event, ReceiptReversed) and event.red is not None:
            code, _, number = event.red.rpartition("-")
        else:
            continue
        if number.isdecimal() and entity in (None, item.entity):
            used[item.entity, code, len(number)].add(int(number))
    rows = [
        ReceiptGap(owner, code, f"{first:0{width}d}", f"{last:0{width}d}", last - first + 1)
        for (owner, code, width), numbers in sorted(_attributed(used).items())
        for first, last in gaps(numbers)
    ]
    return ReceiptGapList(moment.position, tuple(rows))


def _attributed(used: Mapping[Series, set[int]]) -> dict[Series, set[int]]:
    """What is known from a register, without its code, fills the gaps of every code whose numbers are as long; where
    there is no such code, it is a series of its own.
    """
    coded = {series: numbers for series, numbers in used.items() if series[1] != NO_CODE}
    found = dict(coded)
    for (owner, code, width), numbers in used.items():
        if code != NO_CODE:
            continue
        alike = [series for series in coded if (series[0], series[2]) == (owner, width)]
        for series in alike:
            first, last = min(coded[series]), max(coded[series])
            found[series] = coded[series] | {number for number in numbers if first < number < last}
        if not alike:
            found[owner, code, width] = numbers
    return found
