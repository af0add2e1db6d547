"""Receipts that were made out before the money came (先开票) and that no gift has been matched to for long.

How long is measured to the day that is asked for, else by the book's own calendar: the newest date of the entity's
vouchers. The clock of the machine says nothing here, for a year may be entered in a week.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from ledger.flows.giving.receipts import ReceiptCovered, ReceiptIssued, ReceiptReversed
from ledger.log.tables import vouchers
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import standing

OPEN_DAYS: Final = 60
"""An advance receipt that is open for longer is shown red."""
_KINDS: Final = ("donation.receipt_issued", "donation.receipt_covered", "donation.receipt_reversed")


@dataclass(frozen=True, slots=True)
class ReceiptAhead(Answer):
    """One receipt: of `amount_fen` fen `open_fen` are matched to no gift, `days` days after it was made out."""

    entity: str
    receipt: str
    made_out_on: date
    days: int
    amount_fen: int
    unmatched_fen: int


@dataclass(frozen=True, slots=True)
class ReceiptAheadList(Answer):
    """Such receipts by entity, day and number; `limit_days` is what counts as long."""

    position: int
    limit_days: int
    rows: tuple[ReceiptAhead, ...]


def receipts_ahead(
    connection: Connection,
    *,
    limit_days: int = OPEN_DAYS,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> ReceiptAheadList:
    """Every receipt in advance that was open for more than `limit_days` at a position (None: now) and on a day."""
    moment = log_moment(connection, as_of, at)
    issued: dict[str, tuple[str, ReceiptIssued]] = {}
    left: dict[str, int] = {}
    for item in standing(connection, _KINDS, moment.position, as_of):
        event = item.event
        if entity not in (None, item.entity) or not isinstance(event, ReceiptIssued | ReceiptCovered | ReceiptReversed):
            continue
        if isinstance(event, ReceiptReversed):
            left.pop(event.receipt, None)
            continue
        if isinstance(event, ReceiptIssued):
            issued[event.receipt] = item.entity, event
            left[event.receipt] = event.amount_fen
        if event.receipt in left:
            left[event.receipt] -= sum(cover.fen for cover in event.covers)
    open_ones = {receipt: fen for receipt, fen in left.items() if fen > 0 and issued[receipt][1].in_advance}
    reached = {} if as_of is not None or not open_ones else _reached(connection, moment.position)
    rows: list[ReceiptAhead] = []
    for receipt, fen in open_ones.items():
        whose, event = issued[receipt]
        days = ((as_of or reached.get(whose, event.issued_on)) - event.issued_on).days
        if days > limit_days:
            rows.append(ReceiptAhead(whose, receipt, event.issued_on, days, event.amount_fen, fen))
    rows.sort(key=lambda one: (one.entity, one.made_out_on, one.receipt))
    return ReceiptAheadList(moment.position, limit_days, tuple(rows))


def _reached(connection: Connection, position: int) -> dict[str, date]:
    """Entity -> the newest date of its vouchers."""
    newest = select(vouchers.c.entity, func.max(vouchers.c.voucher_date))
    asked = newest.where(vouchers.c.first_position <= position).group_by(vouchers.c.entity)
    return {row[0]: row[1] for row in connection.execute(asked)}
