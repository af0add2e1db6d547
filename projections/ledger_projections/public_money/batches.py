"""Batches on their way (发放进度): prepared = paid - beyond + pending + failed + cancelled, every day, in fen.

What is pending is what none of the others explains. What was paid beyond what was prepared, of a line that was taken
out or more than was due, stands by itself (超付): it is never less of what is on its way. Counts are enrolments: each
is paid, else failed, else cancelled, else pending. Source: 代发全流程.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow, rows_where
from ledger_projections.public_money.payment_lines import BACK, PAYMENT_LINES, PAYMENTS, RETURNS, STEPS
from ledger_projections.public_money.payment_queries import course_of, due_of, open_fen

STATES: Final = (
    "prepared",
    "reviewed",
    "approved",
    "sent",
    "funded",
    "instructed",
    "result",
    "closed",
)
"""制表, 复核, 签批, 送财政, 已支付令, 银行已发, 回盘, 结案: a batch is in the furthest that it has reached."""


_ASKED: Final = ("authorised", "offset")
"""What a batch asks of the bank, and what it keeps back of that."""


@dataclass(frozen=True, slots=True)
class Batch(Answer):
    """One batch. `complete` says whether every line has its final result."""

    entity: str
    batch: str
    programme: str
    month: str
    township: str | None
    fund: str
    state: str
    prepared_on: date
    state_on: date
    prepared_fen: int
    paid_fen: int
    pending_fen: int
    failed_fen: int
    cancelled_fen: int
    beyond_fen: int
    """Paid beyond what was prepared and not taken out."""
    overrun_fen: int
    """Of that, what paid, failed and cancelled money come to beyond what was prepared, without what was paid of lines
    that were taken out before.
    """
    prepared_count: int
    paid_count: int
    pending_count: int
    failed_count: int
    cancelled_count: int
    persons: int
    authorised_fen: int
    offset_fen: int
    funded_fen: int
    unspent_returned_fen: int
    complete: bool


@dataclass(frozen=True, slots=True)
class BatchList(Answer):
    """Batches by month, programme and batch."""

    position: int
    as_of: date | None
    rows: tuple[Batch, ...]


@dataclass(slots=True)
class _Standing:
    """Where the money and the enrolments of a batch stand."""

    paid: int = 0
    failed: int = 0
    cancelled: int = 0
    beyond: int = 0
    """Paid of lines that were taken out before they were authorised."""
    rests: int = 0
    """Taken out of lines of which the bank had paid less than was due."""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("paid", "failed", "cancelled"), 0))


def batches(
    connection: Connection,
    *,
    first: str | None = None,
    last: str | None = None,
    programme: str | None = None,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
    kept: Callable[[Batch], bool] | None = None,
) -> BatchList:
    """The batches of months `first` to `last` (None: without bound) and of an entity (None: of all), with where every
    fen of them is; with `kept` only those that it says yes to.
    """
    moment = moment_of(connection, [PAYMENT_LINES], as_of, at)
    steps = _steps(connection, moment)
    wanted = {batch: acts for batch, acts in steps.items() if _wanted(acts["prepared"][-1], first, last, programme)}
    money = _money(connection, moment, sorted(wanted))
    standing = _standings(connection, moment, sorted(wanted), money)
    rows = [_batch(batch, acts, money[batch], standing[batch]) for batch, acts in wanted.items()]
    rows = [row for row in rows if entity in (None, row.entity) and (kept is None or kept(row))]
    rows.sort(key=lambda row: (row.month, row.programme, row.batch))
    return BatchList(moment.position, as_of, tuple(rows))


def _wanted(prepared: AnyRow, first: str | None, last: str | None, programme: str | None) -> bool:
    early = first is not None and prepared.month < first
    late = last is not None and prepared.month > last
    return not early and not late and programme in (None, prepared.programme)


def _steps(connection: Connection, moment: Moment) -> dict[str, dict[str, list[AnyRow]]]:
    """Batch -> act -> its steps; batches that were never prepared here are left out."""
    found: defaultdict[str, dict[str, list[AnyRow]]] = defaultdict(dict)
    for row in connection.execute(select(STEPS).where(moment.counts(STEPS)).order_by(STEPS.c.position)):
        found[row.batch].setdefault(row.act, []).append(row)
    return {batch: acts for batch, acts in found.items() if "prepared" in acts}


def _money(connection: Connection, moment: Moment, batches: Sequence[str]) -> defaultdict[str, dict[str, AnyRow]]:
    """Batch -> act -> fen, and how many enrolments."""
    columns = (PAYMENTS.c.batch, PAYMENTS.c.act)
    amounts = (func.sum(PAYMENTS.c.fen).label("fen"), func.count(PAYMENTS.c.enrolment.distinct()).label("enrolments"))
    grouped = select(*columns, *amounts).where(moment.counts(PAYMENTS)).group_by(*columns)
    found: defaultdict[str, dict[str, AnyRow]] = defaultdict(dict)
    for row in rows_where(connection, grouped, PAYMENTS.c.batch, batches):
        found[row.batch][row.act] = row
    return found


def _standings(
    connection: Connection,
    moment: Moment,
    batches: Sequence[str],
    money: Mapping[str, Mapping[str, AnyRow]],
) -> dict[str, _Standing]:
    """What is paid comes in totals; the few enrolments with a failed or cancelled line are looked at one by one."""
    found = {batch: _Standing() for batch in batches}
    for batch, standing in found.items():
        if "paid" in money[batch]:
            standing.paid, standing.counts["paid"] = int(money[batch]["paid"].fen), money[batch]["paid"].enrolments
    for (batch, _), rows in _marked(connection, moment, batches).items():
        standing = found[batch]
        before = standing.cancelled
        states = {_stand(standing, payment) for payment in _by_payment(rows)}
        if "paid" in states:
            standing.beyond += min(standing.cancelled - before, _paid_unasked(rows))
        state = next(name for name in ("paid", "failed", "cancelled") if name in states)
        standing.counts["paid"] -= any(row.act == "paid" for row in rows)
        standing.counts[state] += 1
    return found


def _marked(
    connection: Connection,
    moment: Moment,
    batches: Sequence[str],
) -> defaultdict[tuple[str, str], list[AnyRow]]:
    """(batch, enrolment) -> its lines and results, for the enrolments with one that failed, came back or was taken
    out.
    """
    chosen = select(PAYMENTS).where(moment.counts(PAYMENTS)).order_by(PAYMENTS.c.position, PAYMENTS.c.line)
    marked = chosen.where(PAYMENTS.c.act.in_(("excluded", *RETURNS)))
    found: defaultdict[tuple[str, str], list[AnyRow]] = defaultdict(list)
    for row in rows_where(connection, marked, PAYMENTS.c.batch, batches):
        found[row.batch, row.enrolment].append(row)
    others = PAYMENTS.c.act.in_(("paid", *_ASKED)), PAYMENTS.c.batch.in_(sorted({batch for batch, _ in found}))
    for row in rows_where(
        connection, chosen.where(*others), PAYMENTS.c.enrolment, sorted({enrolment for _, enrolment in found})
    ):
        if (row.batch, row.enrolment) in found:
            found[row.batch, row.enrolment].append(row)
    return found


def _by_payment(rows: Sequence[AnyRow]) -> Iterable[list[AnyRow]]:
    """The lines cut by payment; a line that was taken out before it was authorised has no payment."""
    found: defaultdict[str, list[AnyRow]] = defaultdict(list)
    for row in rows:
        found[row.payment or f" {row.position}"].append(row)
    return (mine for mine in found.values() if any(row.act not in _ASKED for row in mine))


def _stand(standing: _Standing, rows: Sequence[AnyRow]) -> str:
    """The state of one payment; its failed, cancelled and returned money is counted.

    A failed line that was taken out is cancelled, one that was paid in the end is paid. What was taken out of one that
    stood paid is cancelled as well: the bank had paid less of it than was due. What failed or came back of one of which
    the others stand is failed like all of it, as far as it does not stand.
    """
    due, rows = due_of(rows), [row for row in rows if row.act not in _ASKED]
    standing.paid -= sum(row.fen for row in rows if row.act in BACK)
    course = course_of(rows)
    standing.rests += sum(course.rests_out.values())
    if course.standing > 0:
        stands = course.fen + sum(course.rests_out.values()) + course.out_fen
        left = open_fen(rows, due)
        standing.failed += left if due is None else max(0, min(due - stands, left))
        return "paid"
    if course.out_fen:
        standing.cancelled += course.out_fen
        return "cancelled"
    standing.failed += open_fen(rows, due)
    return "failed"


def _paid_unasked(rows: Iterable[AnyRow]) -> int:
    """What stands paid to an enrolment of which the batch took a line out before it was authorised."""
    rows = list(rows)
    if not any(row.act == "excluded" and not row.payment for row in rows):
        return 0
    return sum(row.fen if row.act == "paid" else -row.fen for row in rows if row.act == "paid" or row.act in BACK)


def _batch(
    batch: str,
    acts: Mapping[str, list[AnyRow]],
    money: Mapping[str, AnyRow],
    standing: _Standing,
) -> Batch:
    prepared = acts["prepared"][-1]
    state = next(name for name in reversed(STATES) if name in acts)
    counts = standing.counts
    cancelled = standing.cancelled + standing.rests
    rest = prepared.fen - (standing.paid - standing.beyond) - standing.failed - cancelled
    pending = max(0, rest)
    return Batch(
        entity=prepared.entity,
        batch=batch,
        programme=prepared.programme,
        month=prepared.month,
        township=prepared.township,
        fund=prepared.fund,
        state=state,
        prepared_on=prepared.done_on,
        state_on=acts[state][-1].done_on,
        prepared_fen=prepared.fen,
        paid_fen=standing.paid,
        pending_fen=pending,
        failed_fen=standing.failed,
        cancelled_fen=cancelled,
        beyond_fen=standing.beyond + max(0, -rest),
        overrun_fen=max(0, -rest),
        prepared_count=prepared.enrolments,
        pending_count=prepared.enrolments - sum(counts.values()),
        **{f"{name}_count": count for name, count in counts.items()},
        persons=prepared.persons,
        authorised_fen=int(money["authorised"].fen) if "authorised" in money else 0,
        offset_fen=int(money["offset"].fen) if "offset" in money else 0,
        funded_fen=sum(row.fen for row in acts.get("funded", ())),
        unspent_returned_fen=sum(row.fen for row in acts.get("unspent_returned", ())),
        complete=pending == 0 and standing.failed == 0,
    )
