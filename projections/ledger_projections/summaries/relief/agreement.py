"""Y11 口径核对: what the payment lines say of the year beside what the ledger booked as relief cost, by programme.

The lines go by the month of their batch, the ledger by business date; recoveries that go back to their programme lessen
its cost. Of a book that begins within the year, what its opening took over was spent before it: told apart where the
asked months begin before the book does, and no cost of theirs where they do not. What none of it explains is a figure
that does not agree.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, and_, case, func, select

from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.reversal import EventReversed
from ledger.log.tables import postings
from ledger_projections.books.balances import amounts, role_of
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import items_between, rows_where
from ledger_projections.keeping.standing import carried_forward, standing
from ledger_projections.public_money.payment_lines import BACK, PAYMENT_LINES, PAYMENTS
from ledger_projections.public_money.payment_queries import Place
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.summaries.programmes import named, ordered, programmes
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of, total_of

Y11: Final = columns(
    ("programme", "text"),
    ("statistics_fen", "fen"),
    ("final_accounts_fen", "fen"),
    ("paid_fen", "fen"),
    ("offset_fen", "fen"),
    ("timing_fen", "fen"),
    ("lessened_fen", "fen"),
    ("taken_over_fen", "fen"),
    ("cost_fen", "fen"),
    ("unexplained_fen", "fen"),
)

_OTHERS: Final = (
    "event.reversed",
    "journal.posted",
    "opening.recorded",
    "recovery.collected",
    "recovery.ordered",
    "recovery.refunded",
    "recovery.remitted",
    "recovery.written_off",
)
"""What books relief cost beside payment lines; whatever else did would be left unexplained."""


@dataclass(frozen=True, slots=True)
class _Cost:
    """What the ledger booked in all, and of it by anything but payment lines that stand."""

    fen: int = 0
    other_fen: int = 0
    taken_over_fen: int = 0
    """What the opening took over, where the months begin before the book."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A programme's lines beside its booked cost, fen, which all the others come to."""

    paid_fen: int
    offset_fen: int
    timing_fen: int
    lessened_fen: int
    taken_over_fen: int
    cost_fen: int
    unexplained_fen: int


def agreed(connection: Connection, asked: Asked, known: Collection[Place], moment: Moment) -> dict[Place, Agreed]:
    """(entity, programme) -> what its lines say and what the ledger booked, of those known or paid."""
    found = subsidies(connection, asked.first, asked.last, **asked.clocks).span
    sums = {(row.entity, row.programme): row for row in found if asked.wants(row.entity)}
    cost = _costs(connection, asked, moment, {*known, *sums})
    by_day = _by_day(connection, asked, moment)
    told = {}
    for place in {*sums, *cost, *by_day}:
        row, booked = sums.get(place), cost.get(place, _Cost())
        paid, offset = (0, 0) if row is None else (row.paid_fen, row.offset_fen)
        timing = by_day.get(place, 0) - paid - offset
        unexplained = booked.fen - booked.other_fen - booked.taken_over_fen - by_day.get(place, 0)
        told[place] = Agreed(paid, offset, timing, booked.other_fen, booked.taken_over_fen, booked.fen, unexplained)
    return told


def agreement(connection: Connection, asked: Asked) -> Table:
    """Y11: a row a programme; paid + deducted + timing + lessened + before the book = cost, or the rest is told."""
    moment = moment_of(connection, [PAYMENT_LINES], asked.as_of, asked.at)
    known = programmes(connection, asked, moment.position)
    found = agreed(connection, asked, known, moment)
    shown = ordered(known, found, asked)
    rows, notes = [], []
    for one in shown:
        parts = found[one.entity, one.programme]
        values: dict[str, Value] = {field.name: getattr(parts, field.name) for field in fields(parts)}
        rows.append(row_of(Y11, {"programme": one.name, **values}, (one.tag,), whose=one.whose))
        if parts.unexplained_fen:
            notes.append(Said("check.cost", {"programme": one.label, "rest_fen": parts.unexplained_fen}))
    scopes = (
        Said("table.scope.agreement", asked.days),
        Said("table.scope.set", {"programmes": named(shown)}),
    )
    return table_of("Y11", asked, moment.position, Y11, _with_total(rows), scopes, [*notes, Said("table.note.returns")])


def _with_total(rows: list[Row]) -> list[Row]:
    return [*rows, total_of(Y11, rows, Said("table.total.set"))] if rows else rows


def _by_day(connection: Connection, asked: Asked, moment: Moment) -> Mapping[Place, int]:
    """(entity, programme) -> fen that the lines of the days paid and deducted, less what came back in them."""
    acts = ("paid", "offset", *BACK)
    signed = case((PAYMENTS.c.act.in_(BACK), -PAYMENTS.c.fen), else_=PAYMENTS.c.fen)
    here = and_(moment.counts(PAYMENTS), PAYMENTS.c.act.in_(acts), PAYMENTS.c.day.between(asked.begin, asked.until))
    keys = (PAYMENTS.c.entity, PAYMENTS.c.programme)
    rows = connection.execute(select(*keys, func.sum(signed)).where(here).group_by(*keys))
    return {(row[0], row[1]): int(row[2]) for row in rows}


def _costs(connection: Connection, asked: Asked, moment: Moment, places: set[Place]) -> Mapping[Place, _Cost]:
    """(entity, programme) -> relief cost of the days, in all and of it what no payment line that stands has booked."""
    whole: defaultdict[Place, int] = defaultdict(int)
    for sign, day in ((1, asked.until), (-1, asked.begin - timedelta(days=1))):
        for key, fen in amounts(connection, Moment(moment.position, day)):
            if key.book == "main" and role_of(key.chart, key.code) == Role.RELIEF_COST:
                whole[key.entity, key.party] += sign * fen
    emptied = carried_forward(connection, moment.position)
    within, gone = _openings(connection, asked, moment.position)
    no_cost = _booked(connection, asked, emptied | gone)
    before = _booked(connection, asked, within)
    other = _booked(connection, asked, _positions(connection, moment.position) - emptied - within - gone)
    return {
        place: _Cost(fen - no_cost.get(place, 0), other.get(place, 0), before.get(place, 0))
        for place, fen in whole.items()
        if place in places
    }


def _openings(connection: Connection, asked: Asked, position: int) -> tuple[set[int], set[int]]:
    """Where the openings stand that the asked months hold, and those of books that had begun by the first of them."""
    within, gone = set[int](), set[int]()
    for item in standing(connection, ("opening.recorded",), position):
        if isinstance(item.event, OpeningRecorded):
            (gone if item.event.period <= asked.first else within).add(item.position)
    return within, gone


def _positions(connection: Connection, position: int) -> set[int]:
    """Where the other events stand; of a reversal also what it takes back, for the two go together."""
    found = items_between(connection, 1, position, _OTHERS)
    targets = {item.event.target_position for item in found if isinstance(item.event, EventReversed)}
    return targets | {item.position for item in found}


def _booked(connection: Connection, asked: Asked, places: set[int]) -> Mapping[Place, int]:
    """(entity, party) -> relief cost that some events booked in the days."""
    names = ("entity", "party", "amount_fen")
    of_cost = (postings.c.role == str(Role.RELIEF_COST), postings.c.book == "main")
    within = postings.c.occurred_on.between(asked.begin, asked.until)
    chosen = select(*(postings.c[name] for name in names)).where(*of_cost, within)
    found: defaultdict[Place, int] = defaultdict(int)
    for row in rows_where(connection, chosen, postings.c.position, sorted(places)):
        found[row.entity, row.party] += row.amount_fen
    return found
