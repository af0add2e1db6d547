"""What the payment lines are asked: which lines belong to a month, money by act and component, distinct households.

A `Scope` is a set of lines: those of some batches, and those of unprepared batches for some months. Amounts come from
the sums where the newest position is asked for, and from the lines otherwise; a test holds the two roads together.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, or_, select

from ledger.flows.public_money.payment.courses import Traced
from ledger.flows.public_money.payment.tellings import proved_left
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.folding import live_position
from ledger_projections.keeping.items import AnyRow, rows_where
from ledger_projections.public_money.payment_lines import BACK, PAYMENT_LINES, PAYMENTS, RETURNS, STEPS, SUMS

Place = tuple[str, str]
"""(entity, programme)."""

_AMOUNTS: Final = ("lines", "households", "persons", "person_months", "fen")


@dataclass(frozen=True, slots=True)
class Scope:
    """Lines of these batches, and lines of `loose` batches (never prepared here) that are for these months."""

    batches: tuple[str, ...]
    loose: tuple[str, ...]
    months: tuple[str, ...]

    def holds(self, table: Any) -> ColumnElement[bool]:
        """Whether a line belongs to the scope, as a condition."""
        loose = and_(table.c.batch.in_(self.loose), table.c.month.in_(self.months))
        return or_(table.c.batch.in_(self.batches), loose) if self.loose else table.c.batch.in_(self.batches)

    def has(self, row: AnyRow) -> bool:
        """Whether a line that was read belongs to the scope."""
        return row.batch in self.batches or (row.batch in self.loose and row.month in self.months)


@dataclass(frozen=True, slots=True)
class Money:
    """Net totals of one act and component of a programme."""

    place: Place
    act: str
    component: str
    lines: int
    households: int
    person_times: int
    person_months: int
    fen: int


@dataclass(frozen=True, slots=True)
class Distinct:
    """Enrolments that were paid at least once, net of returns, and the most persons each of them was paid for."""

    households: int
    persons: int


def batch_months(connection: Connection, moment: Moment) -> dict[str, str]:
    """Batch -> its month, for the batches that were prepared by then."""
    prepared = select(STEPS.c.batch, STEPS.c.month).where(moment.counts(STEPS), STEPS.c.act == "prepared")
    return {row.batch: row.month for row in connection.execute(prepared)}


def scopes(connection: Connection, moment: Moment, months: Sequence[str]) -> dict[str, Scope]:
    """A scope for each month."""
    known = batch_months(connection, moment)
    # What has been taken back since is in no sum any more, so the past asks the lines.
    table = SUMS if _newest(connection, moment) else PAYMENTS
    loose = tuple(sorted(set(connection.scalars(select(table.c.batch).distinct())) - set(known)))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for batch, month in known.items():
        found[month].append(batch)
    return {month: Scope(tuple(sorted(found[month])), loose, (month,)) for month in months}


def joined(many: Iterable[Scope]) -> Scope:
    """The scope of several months together."""
    many = list(many)
    batches = sorted({batch for one in many for batch in one.batches})
    months = sorted({month for one in many for month in one.months})
    return Scope(tuple(batches), many[0].loose if many else (), tuple(months))


def money(connection: Connection, moment: Moment, scope: Scope) -> list[Money]:
    """Totals by programme, act and component."""
    if not scope.loose and _newest(connection, moment):
        return _from_sums(connection, scope)
    return money_from_lines(connection, moment, scope)


def _newest(connection: Connection, moment: Moment) -> bool:
    """Whether a moment is the one that the sums stand for."""
    return moment.as_of is None and moment.position == live_position(connection, PAYMENT_LINES)


def _from_sums(connection: Connection, scope: Scope) -> list[Money]:
    columns = (SUMS.c.entity, SUMS.c.programme, SUMS.c.act, SUMS.c.component)
    amounts = [func.sum(SUMS.c[name]) for name in _AMOUNTS]
    rows = connection.execute(select(*columns, *amounts).where(SUMS.c.batch.in_(scope.batches)).group_by(*columns))
    return sorted((_money(row) for row in rows), key=_order)


def money_from_lines(connection: Connection, moment: Moment, scope: Scope) -> list[Money]:
    """The same totals out of the lines themselves, at any moment."""
    component = func.coalesce(PAYMENTS.c.component, "")
    columns = (PAYMENTS.c.entity, PAYMENTS.c.programme, PAYMENTS.c.act, component)
    times = PAYMENTS.c.persons * PAYMENTS.c.households
    months = func.sum(times * PAYMENTS.c.months)
    amounts = (func.count(), func.sum(PAYMENTS.c.households), func.sum(times), months, func.sum(PAYMENTS.c.fen))
    here = and_(moment.counts(PAYMENTS), scope.holds(PAYMENTS), PAYMENTS.c.act != "excluded")
    rows = connection.execute(select(*columns, *amounts).where(here).group_by(*columns))
    return sorted((_money(row) for row in rows), key=_order)


def _money(row: AnyRow) -> Money:
    entity, programme, act, component, *amounts = row
    return Money((entity, programme), act, component, *map(int, amounts))


def _order(found: Money) -> tuple[Place, str, str]:
    return found.place, found.act, found.component


def distinct(connection: Connection, moment: Moment, scope: Scope) -> dict[Place, Distinct]:
    """Programme -> households and persons paid at least once in the scope."""
    each = _paid_each(moment, scope, (PAYMENTS.c.entity, PAYMENTS.c.programme))
    columns = (each.c.entity, each.c.programme)
    rows = connection.execute(select(*columns, func.count(), func.sum(each.c.most)).group_by(*columns))
    return {(row[0], row[1]): Distinct(int(row[2]), int(row[3])) for row in rows}


def persons_by_batch(connection: Connection, moment: Moment, batches: Sequence[str]) -> dict[tuple[str, str], int]:
    """(entity, batch) -> persons paid at least once in the batch, however many components their lines have."""
    each = _paid_each(moment, Scope(tuple(batches), (), ()), (PAYMENTS.c.entity, PAYMENTS.c.batch))
    columns = (each.c.entity, each.c.batch)
    rows = connection.execute(select(*columns, func.sum(each.c.most)).group_by(*columns))
    return {(row[0], row[1]): int(row[2]) for row in rows}


def _paid_each(moment: Moment, scope: Scope, place: tuple[Any, Any]) -> Subquery:
    """The enrolments of each place that were paid and did not give everything back, with their most persons."""
    paid = PAYMENTS.c.act == "paid"
    keys = (*place, PAYMENTS.c.enrolment)
    standing = func.sum(case((paid, PAYMENTS.c.fen), else_=-PAYMENTS.c.fen))
    most = func.max(case((paid, PAYMENTS.c.persons), else_=0))
    here = and_(moment.counts(PAYMENTS), scope.holds(PAYMENTS), PAYMENTS.c.act.in_(("paid", *BACK)))
    return select(*keys, most.label("most")).where(here).group_by(*keys).having(standing > 0).subquery("each")


def lines_of(connection: Connection, moment: Moment, scope: Scope, acts: Sequence[str]) -> list[AnyRow]:
    """The lines of a scope in some acts, by position. Meant for the few: returns and deductions."""
    here = and_(moment.counts(PAYMENTS), scope.holds(PAYMENTS), PAYMENTS.c.act.in_(acts))
    return list(connection.execute(select(PAYMENTS).where(here).order_by(PAYMENTS.c.position)))


def lines_of_payments(
    connection: Connection,
    moment: Moment,
    payments: Iterable[str],
    acts: Sequence[str],
) -> defaultdict[str, list[AnyRow]]:
    """Payment -> its lines in some acts, by position."""
    here = and_(moment.counts(PAYMENTS), PAYMENTS.c.act.in_(acts))
    chosen = select(PAYMENTS).where(here).order_by(PAYMENTS.c.position)
    found: defaultdict[str, list[AnyRow]] = defaultdict(list)
    for row in rows_where(connection, chosen, PAYMENTS.c.payment, sorted(set(payments))):
        found[row.payment].append(row)
    return found


def reissued(connection: Connection, moment: Moment) -> list[AnyRow]:
    """Paid lines that made good a failure: of payments authorised in place of a failed one, and of failed payments that
    were paid again under their own number. A return that was only recorded before its payment is no failure before it.
    """
    returns = and_(moment.counts(PAYMENTS), PAYMENTS.c.act.in_(RETURNS))
    failed: defaultdict[str, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(select(PAYMENTS).where(returns)):
        failed[row.payment].append(row)
    instead = select(PAYMENTS.c.payment).where(moment.counts(PAYMENTS))
    # Only what is authorised stands instead of something; to ask for the act as well would lead away from that index.
    new = [row.payment for row in rows_where(connection, instead, PAYMENTS.c.instead_of, sorted(failed))]
    paid = lines_of_payments(connection, moment, (*new, *failed), ("paid",))
    replacing = set(new)
    return [
        row
        for payment, rows in paid.items()
        for row in rows
        if payment in replacing or any(made_good(row, one) for one in failed[payment])
    ]


def made_good(paid: AnyRow, failed: AnyRow) -> bool:
    """Whether a payment came after a failure of the same line, and not before it."""
    elsewhere = paid.batch != failed.batch and paid.done_on == failed.done_on
    return bool(failed.done_on < paid.done_on or elsewhere)


def course_of(rows: Iterable[AnyRow], *, returns_last: bool = False) -> Traced:
    """How the lines of one payment in one batch went, as the rules see it; rows of whatever order. With `returns_last`
    as if every return were told after all payments.
    """
    course = Traced()
    for row in sorted(rows, key=lambda row: (returns_last and row.act != "paid", int(row.position))):
        if row.act == "paid":
            course.paid(int(row.fen), int(row.position), None, row.batch)
        elif row.act in BACK:
            course.back(int(row.fen), int(row.position), row.batch)
        elif row.act == "excluded":
            course.out(int(row.fen), int(row.position), row.batch)
    return course


@dataclass(frozen=True, slots=True)
class Undone:
    """What a return takes off the counts of payments."""

    lines: int
    households: int
    persons: int
    person_months: int


def undone(told: Iterable[Sequence[AnyRow]]) -> dict[int, Undone]:
    """Position of a return -> what it takes off, by everything that is told of each payment. A household that is paid
    in parts is paid once, and was not when the last of them came back; one return may send several back, and a payment
    of which anything is left is not sent back, whichever is told first. A return whose payment is not told yet takes
    off the line, and times as far as another payment of it shows what the one that is to come counts.
    """
    found: dict[int, Undone] = {}
    for rows in told:
        paid = {int(row.position): row for row in rows if row.act == "paid"}
        most = [max((counts[i] for counts in map(_counts, paid.values())), default=0) for i in range(3)]
        for batch in {row.batch for row in rows if row.act in BACK}:
            mine = [row for row in rows if row.batch == batch]
            course = course_of(mine)
            after = course_of(mine, returns_last=True)
            for at in (int(row.position) for row in mine if row.act in BACK):
                gone, ended = course.sent_back.get(at, ()), [_counts(paid[one]) for one in course.ended.get(at, ())]
                waits = not gone and at not in course.bitten and any(one.at == at for one in course.early)
                lines = len(after.sent_back.get(at, ())) or int(waits)
                found[at] = Undone(lines, *(most if waits else (sum(one[i] for one in ended) for i in range(3))))
    return found


def _counts(row: AnyRow) -> tuple[int, int, int]:
    """Households, persons and person-months that a payment counts."""
    times = int(row.persons) * int(row.households)
    return int(row.households), times, times * int(row.months)


def due_of(rows: Iterable[AnyRow]) -> int | None:
    """What was to be paid of a payment, as it was authorised last; None where nothing was authorised."""
    due: int | None = None
    for row in rows:
        if row.act == "authorised":
            due = int(row.fen)
        elif row.act == "offset" and due is not None:
            due -= int(row.fen)
    return due


def open_fen(rows: Iterable[AnyRow], due: int | None) -> int:
    """What failed or came back of one payment, and was neither paid again nor taken out after it was told. What failed
    and is tried again is one sum; what came back in parts, or failed in slices, is several. `due` is what was
    authorised, where it is known: no more is open than does not stand, in whatever order a day went.
    """
    rows = sorted(rows, key=lambda row: int(row.position))
    out = 0
    for place, row in enumerate(rows):
        if row.act == "excluded":
            out += min(int(row.fen), max(0, _not_paid_again(rows[:place], due) - out))
    return max(0, _not_paid_again(rows, due) - out)


def failed_fen(rows: Iterable[AnyRow], due: int | None) -> int:
    """The most that was open of one payment since nothing of it was: all that failed or came back the last time. Of one
    day payments come first, in whatever order they were told; nothing where a day made good what failed on it.
    """
    told = sorted(rows, key=lambda row: int(row.position))
    went = sorted((row for row in told if row.act != "excluded"), key=lambda row: (row.done_on, row.act != "paid"))
    for out in (row for row in told if row.act == "excluded"):
        known = [place for place, row in enumerate(went) if row.position < out.position]
        went.insert(max(known, default=-1) + 1, out)
    most = before = 0
    for place in range(1, len(went) + 1):
        now = open_fen(went[:place], due)
        most = max(most if before else 0, now) if now else most
        before = now
    return most


def _not_paid_again(rows: Sequence[AnyRow], due: int | None) -> int:
    proved = proved_paid(rows)
    returns = [row for row in rows if row.act in RETURNS]

    def order(row: AnyRow) -> tuple[Any, int, int]:
        again = row.act == "paid" and any(row.done_on == one.done_on and made_good(row, one) for one in returns)
        # What never left is said beside what came back on its day, whichever is told first.
        turn = 3 if again else {"paid": 0, "failed": 1}.get(row.act, 2)
        return row.done_on, turn, int(row.position)

    left, stood, slices = 0, list[int](), list[tuple[Any, int]]()
    told = 0  # of what stood, that it failed: where it is told again that it came back, it is no other money
    for row in sorted((row for row in rows if row.act != "excluded"), key=order):
        fen = int(row.fen)
        if row.act in BACK:
            left += fen - min(told, fen)
            told = max(0, told - fen)
            stood = _without(stood, fen)
        elif row.act == "failed":
            is_new = int(row.position) not in proved
            if is_new and (due is None or fen in stood):
                left = max(left, fen)
            elif is_new and due is not None:
                left = max(left, min(due - sum(stood), left + fen if _is_slice(slices, row) else fen))
                slices.append((row.done_on, fen))
            told = fen if is_new and fen in stood else told
        else:
            left, told = max(0, left - fen), 0
            stood.append(fen)
            slices = slices if left else []
    if due is None:
        return left
    stands = sum(int(row.fen) * (row.act == "paid") - int(row.fen) * (row.act in BACK) for row in rows)
    return int(max(0, min(left, due - stands)))


def _is_slice(slices: Sequence[tuple[Any, int]], row: AnyRow) -> bool:
    """Whether what failed is another part of the payment, and no part that was tried again on a later day."""
    return all(fen != int(row.fen) or day == row.done_on for day, fen in slices)


def _without(stood: Sequence[int], fen: int) -> list[int]:
    """What still stands of payments when a sum came back: not the equal one, else not the newest."""
    left = list(stood)
    if left:
        left.pop(left.index(fen) if fen in left else -1)
    return left


def proved_paid(rows: Iterable[AnyRow]) -> set[int]:
    """Positions of failures that proved to be money that came back: the same day is told as a late return too. It is
    one return, and the failure is no other one.
    """
    return proved_left(
        (int(row.position), (row.payment, row.batch, row.done_on), int(row.fen), row.act == "late")
        for row in rows
        if row.act in ("failed", "late")
    )
