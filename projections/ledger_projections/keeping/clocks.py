"""The two clocks of every answer: a position of the log (what was known then) and a business date (业务日期).

A reader asks for a `Moment` once and counts only the lines that stood at it. An answer says the moment it stands for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, or_, select

from ledger.errors import BusyError, NotFoundError
from ledger.log.tables import head, vouchers
from ledger_projections.keeping.folding import live_position
from ledger_projections.keeping.projection import Projection


@dataclass(frozen=True, slots=True)
class Moment:
    """What was recorded up to `position`, counted up to the end of the business day `as_of` (None: every day)."""

    position: int
    as_of: date | None = None

    def counts(self, table: FromClause) -> ColumnElement[bool]:
        """Whether a line stood then: recorded and dated by then, and not reversed by a voucher of before then."""
        here = table.c.position <= self.position
        still = or_(table.c.ended_at.is_(None), table.c.ended_at > self.position)
        if self.as_of is None:
            return and_(here, still)
        return and_(here, table.c.day <= self.as_of, or_(still, table.c.ended_on > self.as_of))


def moment_of(
    connection: Connection,
    projections: Iterable[Projection],
    as_of: date | None = None,
    at: int | None = None,
) -> Moment:
    """The moment that models can answer for: `at`, or the newest position that all of them have reached.

    Raises NotFoundError E_PROJECTION_MISSING when a model was never folded; BusyError E_PROJECTION_BEHIND when it has
    not arrived at `at` yet (a reader who has just written waits for it, or catches up).
    """
    reached = []
    for projection in projections:
        position = live_position(connection, projection)
        if position is None:
            raise NotFoundError("E_PROJECTION_MISSING", name=projection.name)
        if at is not None and position < at:
            raise BusyError("E_PROJECTION_BEHIND", name=projection.name, position=position, wanted=at)
        reached.append(position)
    return Moment(min(reached) if at is None else at, as_of)


def log_moment(connection: Connection, as_of: date | None = None, at: int | None = None) -> Moment:
    """The moment of a reader that needs the log's own tables only. Raises NotFoundError E_POSITION_AHEAD."""
    end = head_position(connection)
    if at is not None and at > end:
        raise NotFoundError("E_POSITION_AHEAD", position=at, head=end)
    return Moment(end if at is None else at, as_of)


def head_position(connection: Connection) -> int:
    """The position of the newest event; 0 in an empty log."""
    return int(connection.scalar(select(head.c.position)) or 0)


def position_at(connection: Connection, instant: str) -> int:
    """The last position that was recorded at or before an instant `YYYY-MM-DDTHH:MM:SS+08:00`: 记账时间 as a clock."""
    last = vouchers.c.first_position + vouchers.c.count - 1
    return int(connection.scalar(select(func.max(last)).where(vouchers.c.posted_at <= instant)) or 0)
