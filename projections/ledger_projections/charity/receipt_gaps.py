"""Receipt numbers that were left out (票据跳号): of each code, what is missing between its lowest and highest number.

A receipt that was taken back keeps its number, and a red letter has its own. Source: 公益事业捐赠票据使用管理办法.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.flows.giving.receipts import ReceiptIssued, ReceiptReversed
from ledger.values.gaps import gaps
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import standing


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
    used: defaultdict[tuple[str, str, int], set[int]] = defaultdict(set)
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
        for (owner, code, width), numbers in sorted(used.items())
        for first, last in gaps(numbers)
    ]
    return ReceiptGapList(moment.position, tuple(rows))
