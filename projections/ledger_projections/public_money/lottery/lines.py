"""What the report of the lottery's proceeds is made of: allocations, what was used or returned of them, progress."""

from collections.abc import Iterator
from typing import Final

from ledger.flows.community.lottery import LotteryAllocated, LotteryProgressReported, LotteryReturned, LotteryUsed
from ledger.log.columns import text
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import date_of, lines, whole

ALLOCATIONS: Final = lines(
    "lottery_allocations",
    text("allocation"),
    text("fund"),
    whole("year"),
    text("level"),
    text("document"),
    text("budget_item"),
    text("project"),
    text("project_label"),
    text("user_label"),
    text("purpose"),
    whole("carried_over"),
    whole("fen"),
)
USES: Final = lines(
    "lottery_uses",
    text("allocation"),
    text("act"),
    whole("fen"),
    whole("beneficiaries"),
    date_of("used_on"),
    indexes=(("allocation", "act"),),
)
PROGRESS: Final = lines(
    "lottery_progress",
    text("allocation"),
    text("progress"),
    whole("marked", optional=True),
    whole("beneficiaries", optional=True),
    text("published_at", optional=True),
    date_of("published_on", optional=True),
    date_of("reported_on"),
)

LOTTERY: Final = Projection("lottery", ALLOCATIONS, USES, PROGRESS, version=2)

KNOWN: Final = (
    *("allocation", "fund", "year", "level", "document", "budget_item", "project", "project_label"),
    *("user_label", "purpose", "carried_over"),
)
TOLD: Final = ("progress", "beneficiaries", "published_at", "published_on")


@LOTTERY.lines_of(LotteryAllocated)
def _allocated(event: LotteryAllocated) -> Iterator[Line]:
    said = {name: getattr(event, name) for name in KNOWN}
    yield Line(ALLOCATIONS, {**said, "carried_over": int(event.carried_over), "fen": event.amount_fen})


@LOTTERY.lines_of(LotteryUsed)
def _used(event: LotteryUsed) -> Iterator[Line]:
    moved = {"act": "used", "fen": event.amount_fen, "beneficiaries": event.beneficiaries}
    yield Line(USES, {"allocation": event.allocation, "used_on": event.occurred_on, **moved})


@LOTTERY.lines_of(LotteryReturned)
def _returned(event: LotteryReturned) -> Iterator[Line]:
    moved = {"act": "returned", "fen": event.amount_fen, "beneficiaries": 0}
    yield Line(USES, {"allocation": event.allocation, "used_on": event.occurred_on, **moved})


@LOTTERY.lines_of(LotteryProgressReported)
def _progress(event: LotteryProgressReported) -> Iterator[Line]:
    said = {name: getattr(event, name) for name in ("allocation", *TOLD)}
    marked = None if event.marked is None else int(event.marked)
    yield Line(PROGRESS, {**said, "marked": marked, "reported_on": event.as_of})
