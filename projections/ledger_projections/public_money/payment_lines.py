"""Payment lines (发放明细) as lines and sums: authorised, paid, failed, come back, kept back, taken out; batch steps.

The month of a line is the month of its batch; of a batch that this book never prepared, the last month that the line
is for. The questions are answered in `subsidies.py`, `batches.py` and `failures.py`.
"""

from collections.abc import Iterator
from typing import Any, Final

from ledger.flows.public_money.payment.batches import (
    BatchApproved,
    BatchClosed,
    BatchLineExcluded,
    BatchPrepared,
    BatchReviewed,
    BatchSent,
)
from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturned, SubsidyReturnedLate
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised, SubsidyOffset
from ledger.flows.public_money.payment.transit import (
    BatchFunded,
    BatchInstructed,
    BatchResultImported,
    BatchUnspentReturned,
)
from ledger.log.columns import text
from ledger.values.dates import Period, months_between
from ledger_projections.keeping.pages import Sum
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import date_of, lines, sums, whole

STEPS: Final = lines(
    "batch_steps",
    text("batch"),
    text("act"),
    text("programme", optional=True),
    text("month", optional=True),
    text("fund", optional=True),
    text("township", optional=True),
    whole("enrolments"),
    whole("persons"),
    whole("fen"),
    date_of("done_on"),
    indexes=(("act", "month"), ("batch",)),
)
_DISTINCT: Final = ("batch", "act", "programme", "enrolment", "persons", "households", "fen")
"""What counting households reads; an index holds all of it."""

PAYMENTS: Final = lines(
    "payment_lines",
    text("batch"),
    text("programme"),
    text("enrolment"),
    text("payment"),
    text("act"),
    text("component", optional=True),
    text("month"),
    whole("persons"),
    whole("households"),
    whole("months"),
    whole("fen"),
    text("instead_of", optional=True),
    text("moved_to", optional=True),
    text("code", optional=True),
    text("reason", optional=True),
    date_of("done_on", optional=True),
    indexes=(_DISTINCT, ("act", "payment"), ("instead_of",)),
)
"""`act` is authorised, paid, failed (never left), came_back (paid and returned), late, offset or excluded. A payment
that was authorised in place of a failed one names it in `instead_of`; a line that a later batch takes over names that
batch in `moved_to`. `months` are those that a claim is for: three of what is paid by the quarter."""

_COUNTED: Final = ("lines", "households", "persons", "person_months", "fen")
SUMS: Final = sums("payment_sums", ("batch", "programme", "act", "component"), _COUNTED)
"""The same lines in net totals; returns and deductions name no component, theirs is empty."""

PAYMENT_LINES: Final = Projection("payment_lines", STEPS, PAYMENTS, SUMS, version=2)

Claim = SubsidyAuthorised | SubsidyPaid
Return = SubsidyReturned | SubsidyReturnedLate
LineEvent = Claim | Return | SubsidyOffset | BatchLineExcluded

BACK: Final = ("came_back", "late")
"""Money that had been paid and returned."""
RETURNS: Final = ("failed", *BACK)
"""What a bank's result says of a line that is not with the payee."""


def _act(event: LineEvent) -> str:
    if isinstance(event, SubsidyReturned):
        return "came_back" if event.was_paid else "failed"
    names = {SubsidyAuthorised: "authorised", SubsidyPaid: "paid", SubsidyReturnedLate: "late", SubsidyOffset: "offset"}
    return names.get(type(event), "excluded")


@PAYMENT_LINES.lines_of(SubsidyAuthorised)
def _authorised(event: SubsidyAuthorised) -> Iterator[Line]:
    old = None if event.reference is None else event.reference.payment
    yield _claim(event, households=0, instead_of=old)


@PAYMENT_LINES.lines_of(SubsidyPaid)
def _paid(event: SubsidyPaid) -> Iterator[Line]:
    yield _claim(event, households=event.households, done_on=event.occurred_on)


@PAYMENT_LINES.lines_of(SubsidyReturned, SubsidyReturnedLate)
def _returned(event: Return) -> Iterator[Line]:
    more = {"code": event.code, "reason": event.reason_text, "done_on": event.occurred_on}
    yield _line(event, event.programme, event.payment, event.occurred_on.strftime("%Y-%m"), **more)


@PAYMENT_LINES.lines_of(SubsidyOffset)
def _offset(event: SubsidyOffset) -> Iterator[Line]:
    more = {"reason": event.reason, "done_on": event.on}
    yield _line(event, event.programme, event.payment, event.on.strftime("%Y-%m"), **more)


@PAYMENT_LINES.lines_of(BatchLineExcluded)
def _excluded(event: BatchLineExcluded) -> Iterator[Line]:
    more = {"code": event.rule_code, "reason": event.reason, "done_on": event.on, "moved_to": event.moved_to}
    yield _line(event, "", event.payment or "", event.on.strftime("%Y-%m"), **more)


@PAYMENT_LINES.sums_of(SubsidyAuthorised, SubsidyPaid)
def _claimed(event: Claim) -> Iterator[Sum]:
    households = event.households if isinstance(event, SubsidyPaid) else 0
    times = event.persons * households
    counted = (1, households, times, times * _months(event), event.amount_fen)
    yield Sum(SUMS, (event.batch, event.programme, _act(event), event.component), counted)


@PAYMENT_LINES.sums_of(SubsidyReturned, SubsidyReturnedLate, SubsidyOffset)
def _other(event: Return | SubsidyOffset) -> Iterator[Sum]:
    yield Sum(SUMS, (event.batch, event.programme, _act(event), ""), (1, 0, 0, 0, event.amount_fen))


@PAYMENT_LINES.lines_of(BatchPrepared)
def _prepared(event: BatchPrepared) -> Iterator[Line]:
    names = ("programme", "month", "fund", "township", "persons")
    said = {name: getattr(event, name) for name in names}
    yield _step("prepared", event.batch, event.on, fen=event.total_fen, enrolments=event.count, **said)


@PAYMENT_LINES.lines_of(BatchReviewed)
def _reviewed(event: BatchReviewed) -> Iterator[Line]:
    yield _step("reviewed", event.batch, event.on)


@PAYMENT_LINES.lines_of(BatchApproved)
def _approved(event: BatchApproved) -> Iterator[Line]:
    yield _step("approved", event.batch, event.on, enrolments=event.count, fen=event.total_fen)


@PAYMENT_LINES.lines_of(BatchSent)
def _sent(event: BatchSent) -> Iterator[Line]:
    yield _step("sent", event.batch, event.on, fen=event.total_fen)


@PAYMENT_LINES.lines_of(BatchFunded)
def _funded(event: BatchFunded) -> Iterator[Line]:
    yield _step("funded", event.batch, event.occurred_on, fund=event.fund, fen=event.amount_fen)


@PAYMENT_LINES.lines_of(BatchInstructed)
def _instructed(event: BatchInstructed) -> Iterator[Line]:
    yield _step("instructed", event.batch, event.on, enrolments=event.count, fen=event.total_fen)


@PAYMENT_LINES.lines_of(BatchResultImported)
def _result(event: BatchResultImported) -> Iterator[Line]:
    yield _step("result", event.batch, event.occurred_on, enrolments=event.paid_count, fen=event.paid_fen)


@PAYMENT_LINES.lines_of(BatchUnspentReturned)
def _unspent(event: BatchUnspentReturned) -> Iterator[Line]:
    yield _step("unspent_returned", event.batch, event.occurred_on, fund=event.fund, fen=event.amount_fen)


@PAYMENT_LINES.lines_of(BatchClosed)
def _closed(event: BatchClosed) -> Iterator[Line]:
    yield _step("closed", event.batch, event.on, fen=event.paid_fen)


def _months(event: Claim) -> int:
    """How many months a claim is for."""
    if event.period_from == event.period_to:
        return 1
    return months_between(Period.parse(event.period_from), Period.parse(event.period_to)) + 1


def _claim(event: Claim, **more: Any) -> Line:
    said = {"component": event.component, "persons": event.persons, "months": _months(event), **more}
    return _line(event, event.programme, event.payment, event.period_to, **said)


def _line(event: LineEvent, programme: str, payment: str, month: str, **more: Any) -> Line:
    blank = {"component": None, "persons": 0, "households": 0, "months": 0, "instead_of": None, "moved_to": None}
    blank.update({"code": None, "reason": None, "done_on": None})
    place = {"batch": event.batch, "programme": programme, "enrolment": event.enrolment, "payment": payment}
    told = {"act": _act(event), "month": month, "fen": event.amount_fen}
    return Line(PAYMENTS, {**blank, **place, **told, **more})


def _step(act: str, batch: str, on: Any, **more: Any) -> Line:
    blank = {"programme": None, "month": None, "fund": None, "township": None, "enrolments": 0, "persons": 0, "fen": 0}
    return Line(STEPS, {**blank, "batch": batch, "act": act, "done_on": on, **more})
