"""Where books began that were taken over from elsewhere (期初建账): what came about before is in no book here."""

from datetime import date

from sqlalchemy import Connection, func, select

from ledger.flows.books.opening import OpeningRecorded
from ledger.log.tables import vouchers
from ledger_projections.keeping.standing import standing


def openings(connection: Connection, position: int) -> dict[str, OpeningRecorded]:
    """Entity -> its opening, as it stands at a position; entities whose books began empty have none."""
    events = [item.event for item in standing(connection, ("opening.recorded",), position)]
    return {one.entity: one for one in events if isinstance(one, OpeningRecorded)}


def first_days(connection: Connection, position: int) -> dict[str, date]:
    """Entity -> the day of its oldest voucher, of those that were recorded up to a position."""
    chosen = select(vouchers.c.entity, func.min(vouchers.c.voucher_date)).where(vouchers.c.first_position <= position)
    return {row[0]: row[1] for row in connection.execute(chosen.group_by(vouchers.c.entity))}


def begun_after(connection: Connection, position: int, day: date) -> dict[str, date]:
    """Entity -> the first day of its books, of those that were taken over after a day: what is counted from that day
    on holds for them only what came since.
    """
    return {name: one.on for name, one in sorted(openings(connection, position).items()) if one.on > day}
