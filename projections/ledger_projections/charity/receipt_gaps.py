"""Receipt numbers that were left out (票据跳号): what is missing of a code between its lowest and highest number."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.flows.giving.receipt_series import Series, left_out, numbered
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import standing

_KINDS: Final = ("donation.receipt_issued", "donation.receipt_reversed")


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


def receipt_gaps(
    connection: Connection, *, as_of: date | None = None, at: int | None = None, entity: str | None = None
) -> ReceiptGapList:
    """Every gap at a position (None: now), of an entity (None: of all). Numbers that are no numbers have no gaps. With
    `as_of` only receipts of up to that day count: a number used later is still a gap on it.
    """
    moment = log_moment(connection, as_of, at)
    used: defaultdict[Series, set[int]] = defaultdict(set)
    for item in standing(connection, _KINDS, moment.position, as_of):
        found = numbered(item.entity, item.event)
        if found is not None and entity in (None, item.entity):
            used[found[0]].add(found[1])
    rows = [
        ReceiptGap(series.entity, series.code, series.text(first), series.text(last), last - first + 1)
        for series, missing in left_out(used)
        for first, last in missing
    ]
    return ReceiptGapList(moment.position, tuple(rows))
