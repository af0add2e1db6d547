"""Red flags (红旗): the tests of an auditor's first day, read together at one moment."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger_projections.books.late_entries import LateEntry, late_entries
from ledger_projections.charity.receipt_gaps import ReceiptGap, receipt_gaps
from ledger_projections.charity.receipts_ahead import ReceiptAhead, receipts_ahead
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.public_money.overlaps import Overlap, overlaps
from ledger_projections.public_money.shared_accounts import ApartAccount, SharedAccount, shared_accounts


@dataclass(frozen=True, slots=True)
class RedFlags(Answer):
    """What somebody should look at: paid twice over, accounts that several households share (and those that may be),
    receipts that are missing from a run or long without their gift, vouchers entered long after their day.
    """

    position: int
    as_of: date | None
    overlaps: tuple[Overlap, ...]
    shared_accounts: tuple[SharedAccount, ...]
    accounts_shared_by_right: tuple[ApartAccount, ...]
    receipt_gaps: tuple[ReceiptGap, ...]
    receipts_ahead: tuple[ReceiptAhead, ...]
    late_entries: tuple[LateEntry, ...]


def red_flags(
    connection: Connection, *, as_of: date | None = None, at: int | None = None, entity: str | None = None
) -> RedFlags:
    """The flags of one entity or of all, as the log stood at a position (None: now), counted up to the end of a
    business day (None: every day). Of late vouchers the day says which are asked for: how late they came it cannot say.
    """
    moment = log_moment(connection, as_of, at)
    twice = overlaps(connection, as_of=as_of, at=at, entity=entity)
    shared = shared_accounts(connection, as_of=as_of, at=at, entity=entity)
    return RedFlags(
        min(moment.position, twice.position),
        as_of,
        twice.rows,
        shared.rows,
        shared.apart,
        receipt_gaps(connection, as_of=as_of, at=at, entity=entity).rows,
        receipts_ahead(connection, as_of=as_of, at=at, entity=entity).rows,
        late_entries(connection, as_of=as_of, at=at, entity=entity).rows,
    )
