"""Roster decisions as lines: who is entitled from which month on, changed how, ended why. The question how a roster
moved from month to month is answered in `rosters.py`.
"""

from collections.abc import Iterator
from typing import Final

from ledger.flows.public_money.entitlement.enrolments import (
    EnrolmentChanged,
    EnrolmentConfirmed,
    EnrolmentEnded,
    EnrolmentReasonFilled,
)
from ledger.log.columns import text
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import lines, whole

DECISIONS: Final = lines(
    "roster_decisions",
    text("enrolment"),
    text("act"),
    text("event"),
    text("programme"),
    text("township"),
    text("category"),
    whole("persons"),
    whole("monthly_fen"),
    text("from_month"),
    text("reason"),
    indexes=(("enrolment",), ("programme", "from_month")),
)
"""`act` is confirmed, changed or ended; an end names no persons. A change may have several reasons, comma between."""

FILLED: Final = lines("roster_reasons", text("about"), text("reason"), indexes=(("about",),))
"""Reasons that were supplied later (待补原因), by the event that they are about."""

ROSTERS: Final = Projection("rosters", DECISIONS, FILLED)


@ROSTERS.lines_of(EnrolmentConfirmed)
def _confirmed(event: EnrolmentConfirmed) -> Iterator[Line]:
    yield _terms(event, "confirmed", event.reason)


@ROSTERS.lines_of(EnrolmentChanged)
def _changed(event: EnrolmentChanged) -> Iterator[Line]:
    yield _terms(event, "changed", ",".join(event.reasons))


@ROSTERS.lines_of(EnrolmentEnded)
def _ended(event: EnrolmentEnded) -> Iterator[Line]:
    said = {"enrolment": event.enrolment, "event": event.id, "programme": event.programme, "reason": event.reason}
    blank = {"township": "", "category": "", "persons": 0, "monthly_fen": 0}
    yield Line(DECISIONS, {**said, **blank, "act": "ended", "from_month": event.from_month})


@ROSTERS.lines_of(EnrolmentReasonFilled)
def _filled(event: EnrolmentReasonFilled) -> Iterator[Line]:
    yield Line(FILLED, {"about": event.about, "reason": event.reason})


def _terms(event: EnrolmentConfirmed | EnrolmentChanged, act: str, reason: str) -> Line:
    names = ("enrolment", "programme", "township", "category", "from_month")
    said = {name: getattr(event, name) for name in names}
    counted = {"persons": event.monthly.persons, "monthly_fen": event.monthly.total_fen}
    return Line(DECISIONS, {**said, **counted, "act": act, "event": event.id, "reason": reason})
