"""Allocations with what was used and returned of them, as far as a year is concerned.

A year's report stays as it was printed: what is reversed in a later year is a figure of that year, below nothing, and
what a later year's vouchers bring is of that year, whatever year its paper names. So a year begins with what the one
before left.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date

from sqlalchemy import ColumnElement, Connection, Table, and_, false, func, literal, select

from ledger_projections.books.begun import first_days
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import AnyRow
from ledger_projections.public_money.lottery.lines import ALLOCATIONS, USES


@dataclass(frozen=True, slots=True)
class Use:
    """What was used or returned of an allocation and counts on a day; below nothing where it was taken back."""

    act: str
    used_on: date
    day: date
    fen: int
    stands: bool = True
    """Whether nobody took it back."""


@dataclass(frozen=True, slots=True)
class Share:
    """An allocation with all that the book has of it: reversed and made anew under its number it is one still, and its
    payments are there once.
    """

    rows: tuple[AnyRow, ...]
    """As it stands, and as it was before it was taken back in the year."""
    uses: tuple[Use, ...]
    begun: tuple[int, ...]
    """The year that each row's money is of."""

    @property
    def told(self) -> AnyRow:
        """What is said of it: the newest that stands, else what was taken back last."""
        return max(self.rows, key=lambda row: (not row.taken_back, int(row.position)))

    def fen(self, since: int = MINYEAR, until: int = MAXYEAR, *, stands: bool = False, carried: bool = False) -> int:
        """The money of some years, all of it or only what stands or is said to be carried over."""
        return sum(
            int(row.fen)
            for row, year in zip(self.rows, self.begun, strict=True)
            if since <= year <= until and not (stands and row.taken_back) and (row.carried_over or not carried)
        )


def shares_of(connection: Connection, moment: Moment, year: int | None, entity: str | None) -> list[Share]:
    """The allocations that stand, and those of earlier years that were taken back in the year, in order of position."""
    stand = select(ALLOCATIONS, literal(0).label("taken_back")).where(moment.counts(ALLOCATIONS))
    gone = select(ALLOCATIONS, literal(1).label("taken_back")).where(_back_in(ALLOCATIONS, moment, year))
    rows = [row for chosen in (stand, gone) for row in connection.execute(chosen) if entity in (None, row.entity)]
    known: defaultdict[tuple[str, str], list[AnyRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.day, int(row.position))):
        known[row.entity, row.allocation].append(row)
    uses, first = _uses(connection, moment, year), first_days(connection, moment.position)
    shares = []
    for (owner, allocation), mine in known.items():
        begun = [_begins(row, first[owner].year) for row in mine]
        begun[0] = min([begun[0], *(one.day.year for one in uses[allocation])])
        shares.append(Share(tuple(mine), tuple(uses[allocation]), tuple(begun)))
    return sorted(shares, key=lambda share: int(share.told.position))


def _begins(row: AnyRow, first: int) -> int:
    """The year that an allocation's money is of, before anything is known of its payments: its own, or the one in which
    the book has it where that is later, for the year before never had it. What the books held when they began is as old
    as it says.
    """
    return int(row.year) if row.day.year <= first else max(int(row.year), row.day.year)


def _uses(connection: Connection, moment: Moment, year: int | None) -> defaultdict[str, list[Use]]:
    """Allocation -> its uses. One of an earlier year that was taken back in the year is there twice: on its day, and
    less on the day on which it was taken back.
    """
    columns = (USES.c.allocation, USES.c.act, USES.c.used_on, USES.c.day, USES.c.ended_on)
    chosen = select(*columns, func.sum(USES.c.fen).label("fen")).group_by(*columns)
    found: defaultdict[str, list[Use]] = defaultdict(list)
    for row in connection.execute(chosen.where(moment.counts(USES))):
        found[row.allocation].append(Use(row.act, row.used_on, row.day, int(row.fen)))
    for row in connection.execute(chosen.where(_back_in(USES, moment, year))):
        found[row.allocation].append(Use(row.act, row.used_on, row.day, int(row.fen), stands=False))
        found[row.allocation].append(Use(row.act, row.used_on, row.ended_on, -int(row.fen), stands=False))
    return found


def _back_in(table: Table, moment: Moment, year: int | None) -> ColumnElement[bool]:
    """Whether a line is of an earlier year and was taken back in the year; with no year asked for none is."""
    if year is None or moment.as_of is None:
        return false()
    begin = date(year, 1, 1)
    known = and_(table.c.position <= moment.position, table.c.ended_at <= moment.position)
    return and_(known, table.c.day < begin, table.c.ended_on.between(begin, moment.as_of))
