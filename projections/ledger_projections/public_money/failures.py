"""Failed payments (失败及补发清单): every line that did not reach its payee, why, and what became of it.

None is forgotten, and the days until it was paid again are counted. Source: 失败及补发清单 of the monthly report.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow, items_at, rows_where
from ledger_projections.public_money.payment_lines import BACK, PAYMENT_LINES, PAYMENTS, RETURNS
from ledger_projections.public_money.payment_queries import (
    batch_months,
    course_of,
    due_of,
    failed_fen,
    lines_of_payments,
    made_good,
    open_fen,
    proved_paid,
)

WAITING: Final = frozenset({"open", "reissued"})
"""States of failures that are still to be paid: authorised anew or not."""


@dataclass(frozen=True, slots=True)
class Anew(Answer):
    """A payment that was authorised in place of one that failed, and has reached nobody yet."""

    payment: str
    fen: int


@dataclass(frozen=True, slots=True)
class Failure(Answer):
    """A payment's last failure. `state` is open, reissued (all that was not paid is authorised anew), excluded (the
    rest taken out) or paid (again), and `fen` all that failed or came back of it since nothing was left to be paid,
    whatever became of its parts.
    """

    entity: str
    programme: str
    month: str
    batch: str
    payment: str
    enrolment: str
    fen: int
    code: str
    reason: str | None
    failed_on: date
    had_been_paid: bool
    times: int
    state: str
    reissued_as: str | None
    paid_again_on: date | None
    days: int | None
    """From the failure to the payment that made it good."""
    unanswered_fen: int
    """What failed or came back of it and was neither paid, nor taken out, nor authorised anew."""
    waits: tuple[Anew, ...]
    """What was authorised in its place, and was not paid."""
    line: str
    """The first payment of the line of the bank that failed: one line pays all that a household gets in a batch (基本金
    and 提标补发), and fails as one 笔.
    """

    def open_fen(self, failed: Container[str]) -> int:
        """What of it has reached nobody, and stands at none of the other payments that `failed`."""
        if self.state not in WAITING:
            return 0
        return self.unanswered_fen + sum(one.fen for one in self.waits if one.payment not in failed)


@dataclass(frozen=True, slots=True)
class FailureList(Answer):
    """Failures by month, batch and payment.

    `open_fen` is what has reached nobody yet, each sum once, however often it was tried, and `fen` the amount of all.
    `lines` are the lines of the bank (笔) that they are of, `paid_lines` those of them that were paid again, and
    `waiting_lines` those that wait to be.
    """

    position: int
    as_of: date | None
    rows: tuple[Failure, ...]
    open_fen: int
    lines: int
    fen: int
    paid_lines: int
    waiting_lines: int


def lines_of(rows: Iterable[Failure]) -> int:
    """How many lines of the bank (笔) failures are of."""
    return len({row.line for row in rows})


def failures(
    connection: Connection,
    *,
    month: str | None = None,
    last: str | None = None,
    only_open: bool = False,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
    kept: Callable[[Failure], bool] | None = None,
) -> FailureList:
    """Every payment that failed, of the batches of a month, or of it (None: the first) to `last`, and of an entity
    (None: of all); with `kept` only those that it says yes to, and what is open of them.
    """
    moment = moment_of(connection, [PAYMENT_LINES], as_of, at)
    months = batch_months(connection, moment)
    failed = select(PAYMENTS).where(moment.counts(PAYMENTS), PAYMENTS.c.act.in_(RETURNS))
    each: defaultdict[str, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(failed.order_by(PAYMENTS.c.position)):
        each[row.payment].append(row)
    later = _later(connection, moment, sorted(each))
    told = [_failure(found, later[payment], months) for payment, found in each.items()]
    rows = _with_lines(told, _serials(connection, told, each))
    until = last or month
    rows = [row for row in rows if (month is None or month <= row.month) and (until is None or row.month <= until)]
    rows = [row for row in rows if row.state != "paid" or not only_open]
    rows = [row for row in rows if entity in (None, row.entity) and (kept is None or kept(row))]
    rows.sort(key=lambda row: (row.month, row.batch, row.payment))
    again = {row.payment for row in rows if row.state != "paid"}
    open_fen = sum(row.open_fen(again) for row in rows)
    lines, waiting = lines_of(rows), lines_of(row for row in rows if row.state in WAITING)
    paid = lines - lines_of(row for row in rows if row.state != "paid")
    return FailureList(
        moment.position, as_of, tuple(rows), open_fen, lines, sum(row.fen for row in rows), paid, waiting
    )


def _with_lines(rows: Sequence[Failure], serials: Mapping[str, str]) -> list[Failure]:
    """Each with its line: of one batch, household, day and reason, for the bank says one thing of one line, and of one
    serial number of the bank, as far as it gives any.
    """
    of: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for row in rows:
        of[*_line_key(row), serials.get(row.payment)].append(row.payment)
    return [replace(row, line=min(of[*_line_key(row), serials.get(row.payment)])) for row in rows]


def _serials(
    connection: Connection, rows: Sequence[Failure], failed: Mapping[str, Sequence[AnyRow]]
) -> Mapping[str, str]:
    """Payment -> the bank's serial number of its last failure, of those that failed as another of their household did;
    they are few.
    """
    alike: defaultdict[tuple[object, ...], list[Failure]] = defaultdict(list)
    for row in rows:
        alike[_line_key(row)].append(row)
    asked = {
        int(one.position): row.payment
        for mine in alike.values()
        if len(mine) > 1
        for row in mine
        for one in failed[row.payment]
        if (one.batch, one.done_on) == (row.batch, row.failed_on)
    }
    found = {asked[item.position]: getattr(item.event, "result_ref", None) for item in items_at(connection, set(asked))}
    return {payment: serial for payment, serial in found.items() if serial}


def _line_key(row: Failure) -> tuple[object, ...]:
    return row.entity, row.batch, row.enrolment, row.failed_on, row.code, row.reason, row.had_been_paid


def _later(connection: Connection, moment: Moment, payments: Sequence[str]) -> defaultdict[str, list[AnyRow]]:
    """Payment -> what was authorised of it, kept back, paid and taken out, and what was authorised and paid instead."""
    found = lines_of_payments(connection, moment, payments, ("authorised", "offset", "paid", "excluded"))
    # Only what is authorised stands instead of something; to ask for the act as well would lead away from that index.
    anew = select(PAYMENTS).where(moment.counts(PAYMENTS))
    instead = {row.payment: row for row in rows_where(connection, anew, PAYMENTS.c.instead_of, payments)}
    paid = lines_of_payments(connection, moment, instead, ("paid",))
    for payment, row in instead.items():
        found[row.instead_of] += [row, *paid[payment]]
    return found


def _failure(failed: Sequence[AnyRow], later: Sequence[AnyRow], months: dict[str, str]) -> Failure:
    proved = proved_paid(failed)
    failed = sorted((row for row in failed if row.position not in proved), key=lambda row: (row.done_on, row.position))
    last = failed[-1]
    paid = [row for row in later if row.act == "paid"]
    good = [row for row in paid if row.payment != last.payment or made_good(row, last)]
    instead = [row for row in later if row.act == "authorised" and row.instead_of == last.payment]
    due = due_of(row for row in later if row.payment == last.payment and row not in instead)
    outs = [row for row in later if row.act == "excluded"]
    answers = [row for row in outs if _answers(row, last, [*failed, *later])]
    own = [row for row in later if row.payment == last.payment and row.act in ("paid", "excluded")]
    told = [*failed, *(row for row in own if row not in answers)]
    fen = open_fen(told, due)
    left = fen - sum(row.fen for row in instead)
    credited = {row.payment for row in later if row.act == "paid"}
    waits = _within(fen, [row for row in instead if row.payment not in credited])
    if not (left > 0 or answers):  # what stands says so: of one day the bank's order is not told
        good = good or [row for row in paid if row.done_on == last.done_on]
    if left > 0 and not answers:
        state = "open"
    elif fen and waits:
        state = "reissued"
    else:
        state = "excluded" if left > 0 or not good else "paid"
    paid_on = _made_good_on(good, last) if state == "paid" else None
    return Failure(
        entity=last.entity,
        programme=last.programme,
        month=months.get(last.batch, last.month),
        batch=last.batch,
        payment=last.payment,
        enrolment=last.enrolment,
        fen=failed_fen(told, due) or last.fen,
        code=last.code,
        reason=last.reason,
        failed_on=last.done_on,
        had_been_paid=any(row.act in BACK for row in failed),
        times=len(failed),
        state=state,
        reissued_as=instead[-1].payment if instead else None,
        paid_again_on=paid_on,
        days=None if paid_on is None else (paid_on - last.done_on).days,
        unanswered_fen=left if state == "open" else 0,
        waits=waits,
        line=last.payment,
    )


def _within(fen: int, anew: Sequence[AnyRow]) -> tuple[Anew, ...]:
    """What waits to be paid in place of a failure, in all no more than it."""
    found = []
    for row in anew:
        mine = min(fen, int(row.fen))
        fen -= mine
        found += [Anew(row.payment, mine)] if mine else []
    return tuple(found)


def _made_good_on(good: Sequence[AnyRow], last: AnyRow) -> date | None:
    """The day of the first payment that made good what failed last, else of the last that made good anything."""
    days = sorted(row.done_on for row in good)
    return next((day for day in days if day >= last.done_on), days[-1] if days else None)


def _answers(out: AnyRow, last: AnyRow, rows: Sequence[AnyRow]) -> bool:
    """Whether a line that was taken out answers to its last failure. The rest of what stood paid, taken out before
    that, does not: what failed since is something else.
    """
    if out.position > last.position:
        return True
    mine = [row for row in rows if (row.payment, row.batch) == (out.payment, out.batch)]
    return int(out.position) not in course_of(mine).rests_out
