"""Where a book begins and ends: the months before and after which it knows nothing of what a figure counts."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Table, func, select

from ledger.log.tables import vouchers
from ledger.values.dates import Period
from ledger_projections.keeping.clocks import Moment
from ledger_projections.public_money.payment_lines import PAYMENTS, STEPS
from ledger_projections.public_money.roster_lines import DECISIONS
from ledger_projections.public_money.subsidies import never_prepared


@dataclass(frozen=True, slots=True)
class LastMonths:
    """The last months (`YYYY-MM`) that a book holds something of, by what is counted; None where there is nothing.

    `paid` is that of batches and payments; `decided` that in which somebody was last taken in or let go (or paid by the
    roster); `listed` the last month of rosters, to which such a decision leads; `posted` that of the newest voucher.
    """

    paid: str | None
    decided: str | None
    listed: str | None
    posted: str | None


def first_month(connection: Connection, position: int, entity: str | None = None) -> str | None:
    """The month (`YYYY-MM`) of the oldest batch, or of the oldest payment of no batch of this book, up to a position,
    of an entity (None: of all); None where there is neither.

    Months before it are not in the book: what was paid in them, nobody can say from it. Arrears that a batch pays for
    an earlier month are of the batch's month.
    """
    oldest = (
        select(func.min(STEPS.c.month)).where(STEPS.c.position <= position, *_own(STEPS, entity)),
        select(func.min(PAYMENTS.c.month)).where(
            PAYMENTS.c.position <= position,
            PAYMENTS.c.batch.in_(never_prepared(connection, position)),
            *_own(PAYMENTS, entity),
        ),
    )
    found = [connection.scalar(one) for one in oldest]
    return min((str(month) for month in found if month), default=None)


def last_paid_month(connection: Connection, position: int, entity: str | None = None) -> str | None:
    """The month of the newest batch that stands, or of the newest payment of no batch of this book."""
    moment = Moment(position)
    newest = (
        select(func.max(STEPS.c.month)).where(moment.counts(STEPS), *_own(STEPS, entity)),
        select(func.max(PAYMENTS.c.month)).where(
            moment.counts(PAYMENTS),
            PAYMENTS.c.batch.in_(never_prepared(connection, position)),
            *_own(PAYMENTS, entity),
        ),
    )
    found = [connection.scalar(one) for one in newest]
    return max((str(month) for month in found if month), default=None)


def _own(table: Table, entity: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if entity is None else (table.c.entity == entity,)


def last_posted_day(connection: Connection, position: int, entity: str | None = None) -> date | None:
    """The newest business day of a voucher, of an entity (None: of all)."""
    newest = select(func.max(vouchers.c.voucher_date)).where(
        vouchers.c.first_position <= position, *_own(vouchers, entity)
    )
    found: date | None = connection.scalar(newest)
    return found


def last_posted_month(connection: Connection, position: int, entity: str | None = None) -> str | None:
    """The month of the newest voucher's business day."""
    day = last_posted_day(connection, position, entity)
    return None if day is None else str(Period.of(day))


def last_months(connection: Connection, position: int, entity: str | None = None) -> LastMonths:
    """The last months that a book holds, up to a position, of an entity (None: of all).

    A decision counts from the month after it was taken. One that names a month further off, such as an end foreseen
    years ahead, says nothing of the months up to it.
    """
    paid = last_paid_month(connection, position, entity)
    posted = last_posted_month(connection, position, entity)
    newest = select(func.max(DECISIONS.c.from_month)).where(Moment(position).counts(DECISIONS))
    listed = connection.scalar(newest.where(*_own(DECISIONS, entity)))
    if listed is not None and posted is not None:
        listed = min(str(listed), str(Period.parse(posted).next()))
    decided = None if listed is None else str(Period.parse(listed).previous())
    return LastMonths(paid, _later(paid, decided), _later(paid, listed), posted)


def _later(one: str | None, other: str | None) -> str | None:
    return max((month for month in (one, other) if month is not None), default=None)
