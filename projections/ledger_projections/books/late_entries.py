"""Vouchers dated long before what their book had come to (补录、倒签): one of March that comes after one of October.

Late is measured by the book's own calendar: the newest voucher date that the entity had reached when the voucher was
posted. The clock of the machine says nothing here, for a year may be entered in a week. So how late a voucher came is
of the order of the log, which no business date (`as_of`) can say: such a date chooses the vouchers, and no more. What
takes over the past (期初) comes first and is never late. Source: 会计基础工作规范 (及时记账); 补录、倒签.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from ledger.log.tables import events, vouchers
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment

LATE_DAYS: Final = 31
"""A month's books are closed in the month after it; a voucher that comes later than that was forgotten, or is made."""


@dataclass(frozen=True, slots=True)
class LateEntry(Answer):
    """One voucher; `reached` is the newest date before it, `days` how far it lies behind. `kinds` are of its events."""

    entity: str
    number: int
    first_position: int
    voucher_no: str | None
    voucher_date: date
    reached: date
    days: int
    maker: str
    amount_fen: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LateEntryList(Answer):
    """Late vouchers in the order in which they were posted; `limit_days` is what counts as late."""

    position: int
    limit_days: int
    rows: tuple[LateEntry, ...]


def late_entries(
    connection: Connection,
    *,
    limit_days: int = LATE_DAYS,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> LateEntryList:
    """Every voucher more than `limit_days` behind its entity's book, by a position (None: by now), that is dated up to
    `as_of` (None: of any date).
    """
    moment = log_moment(connection, as_of, at)
    asked = select(vouchers).where(vouchers.c.first_position <= moment.position).order_by(vouchers.c.number)
    reached: dict[str, date] = {}
    found: list[LateEntry] = []
    for row in connection.execute(asked):
        newest = reached.get(row.entity, row.voucher_date)
        days = (newest - row.voucher_date).days
        is_asked = entity in (None, row.entity) and (as_of is None or row.voucher_date <= as_of)
        if is_asked and days > limit_days:
            last = row.first_position + row.count - 1
            word = None if row.word is None else f"{row.word}-{row.no:04d}"
            kinds = _kinds(connection, row.first_position, last)
            told = (word, row.voucher_date, newest, days, row.maker, row.amount_fen, kinds)
            found.append(LateEntry(row.entity, row.number, row.first_position, *told))
        reached[row.entity] = max(newest, row.voucher_date)
    return LateEntryList(moment.position, limit_days, tuple(found))


def _kinds(connection: Connection, first: int, last: int) -> tuple[str, ...]:
    chosen = select(events.c.kind).where(events.c.position.between(first, last)).distinct()
    return tuple(sorted(connection.scalars(chosen)))
