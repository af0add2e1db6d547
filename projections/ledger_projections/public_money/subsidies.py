"""Subsidies by programme and month: 户, 户次, 人, 人次, and the money by component.

户 counts enrolments paid at least once, 户次 each time one was paid; 人 adds the most persons that each enrolment was
paid for, 人次 the persons of each time. All four, and `paid_fen`, are net of money that came back. The month is that of
the batch, not the month that a line is for. Source: 困难群众救助资金发放月报.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, func, or_, select, union

from ledger.values.dates import Period, periods
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.folding import live_position
from ledger_projections.keeping.items import AnyRow
from ledger_projections.public_money.payment_lines import BACK, PAYMENT_LINES, PAYMENTS, STEPS, SUMS
from ledger_projections.public_money.payment_queries import (
    Distinct,
    Place,
    Scope,
    distinct,
    joined,
    lines_of,
    lines_of_payments,
    money,
    proved_paid,
    reissued,
    scopes,
    undone,
)

COMPONENTS: Final = ("normal", "arrears", "uplift", "price", "one_off", "")
"""Empty: money of a payment that this book neither authorised nor saw paid."""


@dataclass(frozen=True, slots=True)
class ComponentSum(Answer):
    """One component, in fen and lines. paid = credited - returned; `authorised_fen` is before deductions."""

    component: str
    authorised_lines: int = 0
    authorised_fen: int = 0
    paid_lines: int = 0
    paid_fen: int = 0
    returned_fen: int = 0
    """Of what had been credited, what came back."""
    failed_fen: int = 0
    """What never left the bank, each time that it failed."""
    offset_fen: int = 0
    reissued_fen: int = 0
    """Of `paid_fen`, what was paid in place of a payment that had failed or come back."""


@dataclass(frozen=True, slots=True)
class SubsidySum(Answer):
    """A programme in a month, or (month '') in the whole span, where 户 and 人 are distinct over the span."""

    entity: str
    programme: str
    month: str
    households: int
    household_times: int
    persons: int
    person_times: int
    authorised_fen: int
    paid_fen: int
    returned_fen: int
    failed_fen: int
    offset_fen: int
    reissued_fen: int
    components: tuple[ComponentSum, ...]


LATE: Final = frozenset({"arrears", "uplift"})
"""Components that are paid for months that have gone by."""


def late_fen(row: SubsidySum) -> int:
    """补发 of what was paid: arrears, rises paid afterwards, and of other components what was paid again in place of a
    payment that had failed or come back. Tables and sentences tell this sum and no other under that name.
    """
    late = sum(one.paid_fen for one in row.components if one.component in LATE)
    return late + sum(one.reissued_fen for one in row.components if one.component not in LATE)


@dataclass(frozen=True, slots=True)
class SubsidyReport(Answer):
    """Programmes by month from `first` to `last`, and over the span."""

    position: int
    as_of: date | None
    first: str
    last: str
    rows: tuple[SubsidySum, ...]
    span: tuple[SubsidySum, ...]


def subsidies(
    connection: Connection,
    first: str,
    last: str,
    *,
    as_of: date | None = None,
    at: int | None = None,
    programme: str | None = None,
    entity: str | None = None,
) -> SubsidyReport:
    """The payments of the batches of months `first` to `last` (`YYYY-MM`), of an entity (None: of all)."""
    moment = moment_of(connection, [PAYMENT_LINES], as_of, at)
    months = [str(month) for month in periods(Period.parse(first), Period.parse(last))]
    each = scopes(connection, moment, months)
    again = reissued(connection, moment)
    rows = [row for month, scope in each.items() for row in _sums(connection, moment, scope, month, again)]
    whole = _sums(connection, moment, joined(each.values()), "", again)
    mine = [
        tuple(r for r in part if programme in (None, r.programme) and entity in (None, r.entity))
        for part in (rows, whole)
    ]
    return SubsidyReport(moment.position, as_of, first, last, *mine)


def newest_month(
    connection: Connection, at: int | None = None, as_of: date | None = None, entity: str | None = None
) -> str | None:
    """The newest month (`YYYY-MM`) that has a batch, else that has a payment, at a position and up to the end of a
    business day, of an entity (None: of all); `None` where there was neither.
    """
    moment = moment_of(connection, [PAYMENT_LINES], as_of, at)
    for table in (STEPS, PAYMENTS):
        own = [] if entity is None else [table.c.entity == entity]
        found = connection.scalar(select(func.max(table.c.month)).where(moment.counts(table), *own))
        if found is not None:
            return str(found)
    return None


def newest_paid_month(
    connection: Connection, at: int | None = None, as_of: date | None = None, entity: str | None = None
) -> str | None:
    """The newest month (`YYYY-MM`) of a batch that had paid anything at a position and by the end of a business day, of
    an entity (None: of all); `None` where nothing was paid.
    """
    moment = moment_of(connection, [PAYMENT_LINES], as_of, at)
    paid = [PAYMENTS.c.act == "paid", moment.counts(PAYMENTS)]
    if entity is not None:
        paid.append(PAYMENTS.c.entity == entity)
    some = select(PAYMENTS.c.batch).where(PAYMENTS.c.batch == STEPS.c.batch, *paid)
    newest = (
        select(func.max(STEPS.c.month)).where(STEPS.c.act == "prepared", some.exists()),
        select(func.max(PAYMENTS.c.month)).where(
            PAYMENTS.c.batch.in_(never_prepared(connection, moment.position, as_of)), *paid
        ),
    )
    return max((str(month) for one in newest if (month := connection.scalar(one)) is not None), default=None)


def never_prepared(
    connection: Connection, position: int, as_of: date | None = None
) -> Select[Any] | CompoundSelect[Any]:
    """The batches with payments that this book never prepared. There are few: what they hold is found by the index, and
    what the others hold need not be read for their month.

    Sums know nothing of what was reversed since a position or a day; its lines still do. At the newest position and
    without a day nothing was, and no line is read for it.
    """
    of_sums = select(SUMS.c.batch).where(~_prepared(SUMS.c.batch))
    if as_of is None and position >= (live_position(connection, PAYMENT_LINES) or 0):
        return of_sums.distinct()
    line = PAYMENTS.alias("line")
    since = line.c.ended_at > position
    if as_of is not None:
        since = or_(since, line.c.ended_on > as_of)
    return union(of_sums, select(line.c.batch).where(since, ~_prepared(line.c.batch)))


def _prepared(batch: ColumnElement[str]) -> ColumnElement[bool]:
    step = STEPS.alias("step")
    return select(step.c.batch).where(step.c.act == "prepared", step.c.batch == batch).exists()


@dataclass(slots=True)
class _Tally:
    """Counters of one programme while they grow."""

    times: list[int] = field(default_factory=lambda: [0, 0])
    parts: defaultdict[str, defaultdict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int)),
    )


def _sums(
    connection: Connection,
    moment: Moment,
    scope: Scope,
    month: str,
    again: Sequence[AnyRow],
) -> list[SubsidySum]:
    tallies: defaultdict[Place, _Tally] = defaultdict(_Tally)
    for found in money(connection, moment, scope):
        _count(tallies[found.place], found.act, found.component, found.lines, found.fen)
        if found.act == "paid":
            tallies[found.place].times[0] += found.households
            tallies[found.place].times[1] += found.person_times
    _returns(connection, moment, scope, tallies)
    for row in again:
        if scope.has(row):
            tallies[row.entity, row.programme].parts[row.component]["reissued_fen"] += row.fen
    people = distinct(connection, moment, scope)
    return [_row(place, month, tallies[place], people.get(place)) for place in sorted(tallies)]


def _count(tally: _Tally, act: str, component: str, lines: int, fen: int) -> None:
    """Money whose event names its component; the rest is counted line by line in `_returns`."""
    if act in {"authorised", "paid"}:
        tally.parts[component][f"{act}_lines"] += lines
        tally.parts[component][f"{act}_fen"] += fen


def _returns(connection: Connection, moment: Moment, scope: Scope, tallies: Mapping[Place, _Tally]) -> None:
    """Returns and deductions take their component, persons and households from the payment that they speak of."""
    rows = lines_of(connection, moment, scope, ("failed", *BACK, "offset"))
    proved = proved_paid(rows)
    rows = [row for row in rows if row.act != "failed" or row.position not in proved]
    told = lines_of_payments(connection, moment, (row.payment for row in rows), ("authorised", "paid", *BACK))
    off = undone(told.values())
    for row in rows:
        tally = tallies[row.entity, row.programme]
        known = [one for one in told[row.payment] if one.act not in BACK]
        part = tally.parts[known[-1].component if known else ""]
        if row.act in BACK:
            mine = off[int(row.position)]
            tally.times[0] -= mine.households
            tally.times[1] -= mine.persons
            part["paid_lines"] -= mine.lines
            part["paid_fen"] -= row.fen
            part["returned_fen"] += row.fen
        else:
            part[f"{row.act}_fen"] += row.fen


def _row(place: Place, month: str, tally: _Tally, people: Distinct | None) -> SubsidySum:
    parts = tuple(ComponentSum(name, **tally.parts[name]) for name in COMPONENTS if name in tally.parts)
    names = ("authorised_fen", "paid_fen", "returned_fen", "failed_fen", "offset_fen", "reissued_fen")
    return SubsidySum(
        *place,
        month=month,
        households=0 if people is None else people.households,
        household_times=tally.times[0],
        persons=0 if people is None else people.persons,
        person_times=tally.times[1],
        **{name: sum(getattr(part, name) for part in parts) for name in names},
        components=parts,
    )
