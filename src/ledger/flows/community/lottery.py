"""Welfare-lottery proceeds (福彩公益金): allocated by document, used by project, returned, made public.

Each allocation is its own quota in the lottery fund, so that what one project leaves never pays for another. What the
money may not pay for is law (湘财综指〔2017〕30号): staff, administration, working costs, rewards, equity.
"""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, Final, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import (
    OWN_SINCE,
    in_future,
    moved_before,
    movement_need,
    ours,
    own,
    own_matters,
    personal,
    taken,
)
from ledger.flows.event import Event, Stage
from ledger.flows.fields import (
    AllocationId,
    Count,
    Day,
    DigestText,
    DocumentNo,
    FreeText,
    FundId,
    Label,
    Month,
    MovementId,
    NumberLabel,
    Origin,
    PaperNumber,
    PayeeRef,
    PositiveFen,
    ProjectId,
)
from ledger.flows.giving.funds import fund_need, kind_of, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place, Source
from ledger.values.dates import Period

Purpose = Literal["elderly", "disabled", "orphans", "poverty", "other"]
"""扶老, 助残, 救孤, 济困, and what the province allows besides. Source: 彩票公益金管理办法 (财综〔2021〕18号)."""

_FORBIDDEN: Final = ("人员经费", "人员工资", "行政运行", "工作经费", "办公经费", "个人奖励", "股权投资")
"""Words of 湘财综指〔2017〕30号 and how lists spell them; a use that names one is outside what the money is for."""

_TOLD: Final = ("project_label", "user_label", "use", "payee_label", "progress", "published_at", "self_score")
_FORBIDDEN_SINCE: Final = date(2017, 1, 1)


class LotteryAllocated(Event):
    """A document gives a project its share of the proceeds. Source: 彩票管理条例 arts. 28 and 33."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["lottery.allocated"] = "lottery.allocated"
    version: Literal[1] = 1
    allocation: AllocationId
    fund: FundId
    year: Count
    level: Literal["central", "province", "city", "county"]
    document: DocumentNo
    budget_item: PaperNumber
    project: ProjectId
    project_label: Label
    user_label: Label
    """使用单位."""
    purpose: Purpose
    content: FreeText | None
    amount_fen: PositiveFen
    carried_over: bool
    """Whether it is what an earlier year left."""
    on: Day
    origin: Origin
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (allocation_need(self.allocation), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.QUOTA, self.amount_fen, self.allocation),
            credit(self.fund, Role.FISCAL_INCOME, self.amount_fen, self.allocation),
        )


class LotteryUsed(Event):
    """A payment out of an allocation was made: to whom, for what, how much."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["lottery.used"] = "lottery.used"
    version: Literal[1] = 1
    movement: MovementId
    allocation: AllocationId
    fund: FundId
    purpose: Purpose
    use: Label
    payee: PayeeRef | None
    payee_label: Label | None
    amount_fen: PositiveFen
    contract: DocumentNo | None
    voucher_ref: NumberLabel | None
    """The treasury's own voucher number."""
    beneficiaries: Count
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), allocation_need(self.allocation), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.RELIEF_COST, self.amount_fen, self.allocation),
            credit(self.fund, Role.QUOTA, self.amount_fen, self.allocation),
        )


class LotteryReturned(Event):
    """What an allocation left went back to the treasury that gave it."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["lottery.returned"] = "lottery.returned"
    version: Literal[1] = 1
    movement: MovementId
    allocation: AllocationId
    fund: FundId
    amount_fen: PositiveFen
    reason: FreeText
    document: DocumentNo | None
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), allocation_need(self.allocation), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.FISCAL_INCOME, self.amount_fen, self.allocation),
            credit(self.fund, Role.QUOTA, self.amount_fen, self.allocation),
        )


class LotteryProgressReported(Event):
    """How far a project has come, and where its use was made public. Source: 彩票管理条例 art. 36 (yearly notice)."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["lottery.progress_reported"] = "lottery.progress_reported"
    version: Literal[1] = 1
    allocation: AllocationId
    progress: Label
    marked: bool | None
    """福彩标识: whether the project bears the lottery's mark; None where the paper does not say."""
    beneficiaries: Count | None
    published_at: NumberLabel | None
    published_on: Day | None
    content_digest: DigestText | None
    self_score: Label | None
    as_of: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (allocation_need(self.allocation), _use_need(self.allocation))


class LotterySales(Event):
    """What the stations sold in a month: a figure of the county's report, never its revenue. Of several statements of
    a month the last one of the entity counts.
    """

    stage: ClassVar[Stage] = Stage.FACT

    month: Month
    amount_fen: PositiveFen
    stations: Count
    source: Source | None


class LotterySalesReported(LotterySales):
    """As it was first written: nothing tells that the month was stated before."""

    kind: Literal["lottery.sales_reported"] = "lottery.sales_reported"
    version: Literal[1] = 1


class LotterySalesStated(LotterySales):
    """A statement that is found by its month, so that the next one of that month meets it."""

    kind: Literal["lottery.sales_reported"] = "lottery.sales_reported"
    version: Literal[2] = 2

    def more_tags(self) -> tuple[str, ...]:
        """The month: its statements are read together."""
        return (sales_need(self.month).tag,)

    def needs(self) -> tuple[Need, ...]:
        return (sales_need(self.month),)


Moves = LotteryUsed | LotteryReturned


def allocation_need(allocation: str) -> Need:
    """The history in which an allocation was made."""
    return Need(f"allocation:{allocation}", ("lottery.allocated",))


def allocated(model: Knowledge, allocation: str) -> LotteryAllocated | None:
    """An allocation as it was made, or None."""
    for recorded in own(model, allocation_need(allocation)):
        if isinstance(recorded.event, LotteryAllocated):
            return recorded.event
    return None


def sales_need(month: str) -> Need:
    """What was stated of a month's sales."""
    return Need(f"lottery-sales:{month}", ("lottery.sales_reported",))


def _stated_before(event: LotterySalesStated, model: Knowledge) -> LotterySales | None:
    """What this entity stated last of the month."""
    said = [one.event for one in ours(model, sales_need(event.month)) if isinstance(one.event, LotterySales)]
    return said[-1] if said else None


def _use_need(allocation: str) -> Need:
    return Need(f"allocation:{allocation}", ("lottery.used",))


def _forbidden(*texts: str | None) -> Verdict:
    """The forbidden words that a use names."""
    for word in _FORBIDDEN:
        if any(word in text for text in texts if text is not None):
            yield {"word": word}


# ---- rules


@rule(LotteryAllocated, code="ALLOCATION_TWICE", source="a file read twice doubles nothing", form=True)
def allocation_new(event: LotteryAllocated, model: Knowledge) -> Verdict:
    yield from taken(model, allocation_need(event.allocation), allocation=event.allocation)


@rule(LotteryUsed, LotteryReturned, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True)
def movement_new(event: Moves, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(LotteryAllocated, LotteryUsed, LotteryReturned, code="FUND_UNKNOWN", source="彩票管理条例 art. 33", form=True)
def fund_known(event: LotteryAllocated | Moves, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(
    LotteryUsed,
    LotteryReturned,
    LotteryProgressReported,
    code="ALLOCATION_UNKNOWN",
    source="彩票管理条例 art. 33",
    form=True,
)
def allocation_known(event: Moves | LotteryProgressReported, model: Knowledge) -> Verdict:
    found = allocated(model, event.allocation)
    elsewhere = found is not None and not isinstance(event, LotteryProgressReported) and found.fund != event.fund
    if found is None or elsewhere:
        yield {"allocation": event.allocation}


@own_matters(LotteryUsed, LotteryReturned, LotteryProgressReported, edition=OWN_SINCE)
def allocation_of_this_entity(event: Moves | LotteryProgressReported) -> Sequence[Need]:
    return (allocation_need(event.allocation),)


@rule(LotteryAllocated, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def allocated_by_today(event: LotteryAllocated, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(LotteryUsed, LotteryReturned, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def moved_by_today(event: Moves, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(
    LotteryAllocated,
    LotteryUsed,
    LotteryProgressReported,
    code="TEXT_PERSONAL",
    source="个人信息保护法 art. 6: no more than the purpose needs",
    form=True,
    edition=3,
)
def names_nobody_by_number(
    event: LotteryAllocated | LotteryUsed | LotteryProgressReported, model: Knowledge
) -> Verdict:
    """What the register says of users, payees and progress is printed in the yearly notice. Numbers of papers are not
    asked: a voucher or contract may have as many digits as an account.
    """
    yield from personal(event, model, *(name for name in _TOLD if name in type(event).model_fields))


@rule(LotteryAllocated, code="LOTTERY_FUND", source="彩票管理条例 art. 33: the proceeds are kept apart")
def fund_is_lottery(event: LotteryAllocated, model: Knowledge) -> Verdict:
    fund_kind = kind_of(model, event.fund)
    if fund_kind not in {"lottery", ""}:
        yield {"fund": event.fund, "fund_kind": fund_kind}


@rule(LotteryAllocated, code="LOTTERY_SCOPE", source="湘财综指〔2017〕30号", since=_FORBIDDEN_SINCE)
def allocated_in_scope(event: LotteryAllocated, model: Knowledge) -> Verdict:
    yield from ({"allocation": event.allocation, **found} for found in _forbidden(event.project_label, event.content))


@rule(LotteryUsed, code="LOTTERY_SCOPE", source="湘财综指〔2017〕30号", since=_FORBIDDEN_SINCE)
def used_in_scope(event: LotteryUsed, model: Knowledge) -> Verdict:
    yield from ({"allocation": event.allocation, **found} for found in _forbidden(event.use, event.payee_label))


@rule(LotteryUsed, code="LOTTERY_PURPOSE", source="彩票管理条例 art. 33")
def used_for_purpose(event: LotteryUsed, model: Knowledge) -> Verdict:
    found = allocated(model, event.allocation)
    if found is not None and found.purpose != event.purpose:
        yield {"allocation": event.allocation, "purpose": event.purpose, "allowed": found.purpose}


@rule(LotteryUsed, LotteryReturned, code="LOTTERY_OVER", source="no allocation pays more than it was given")
def within_allocation(event: Moves, model: Knowledge) -> Verdict:
    left = model.balance(event.fund, Role.QUOTA, event.allocation)
    if event.amount_fen > left:
        yield {"allocation": event.allocation, "amount_fen": event.amount_fen, "left_fen": left}


@rule(LotteryProgressReported, code="LOTTERY_NOTICE", source="彩票管理条例 art. 36", warns=True)
def published_after_use(event: LotteryProgressReported, model: Knowledge) -> Verdict:
    """Money was used and nothing published, or published before the last payment that the report knew was made."""
    used = [r.event for r in own(model, _use_need(event.allocation)) if isinstance(r.event, LotteryUsed)]
    days = [one.occurred_on for one in used if one.occurred_on <= event.as_of]
    if days and (event.published_on is None or event.published_on < max(days)):
        on = None if event.published_on is None else event.published_on.isoformat()
        yield {"allocation": event.allocation, "published_on": on, "used_on": max(days).isoformat()}


@rule(LotterySalesReported, code="SALES_VERSION", source="a file read twice doubles nothing", form=True, edition=5)
def found_by_its_month(event: LotterySalesReported, model: Knowledge) -> Verdict:
    yield {"month": event.month}


@rule(LotterySalesStated, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def month_has_begun(event: LotterySalesStated, model: Knowledge) -> Verdict:
    yield from in_future(model, Period.parse(event.month).first_day)


@rule(LotterySalesStated, code="SALES_TWICE", source="a file read twice doubles nothing", form=True)
def sales_stated_once(event: LotterySalesStated, model: Knowledge) -> Verdict:
    """The same statement again; one that differs corrects it."""
    before = _stated_before(event, model)
    if before is not None and (before.amount_fen, before.stations) == (event.amount_fen, event.stations):
        yield {"month": event.month, "amount_fen": event.amount_fen}


@rule(
    LotterySalesStated,
    code="SALES_RESTATED",
    source="统计法 art. 7: figures are true, complete and on time",
    warns=True,
)
def sales_restated(event: LotterySalesStated, model: Knowledge) -> Verdict:
    before = _stated_before(event, model)
    if before is not None and before.amount_fen != event.amount_fen:
        yield {"month": event.month, "amount_fen": event.amount_fen, "before_fen": before.amount_fen}
