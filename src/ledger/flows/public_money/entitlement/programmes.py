"""Programmes (救助项目): what the county sets before anybody is enrolled, and the funding documents that pay for it.

A standard, an exclusion or a quota is an event with a document number and the month it takes effect; no rule knows a
figure of its own. `standard` and `exclusion` answer for a month, so that a decision of April that binds from January
judges January.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.authority.entities import OFFICES, is_office
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.checks import OWN_SINCE, find, in_future, own_matters
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, DocumentNo, FundId, Label, Month, Origin, PaperNumber, PositiveFen, ProgrammeId
from ledger.flows.giving.funds import facts, fund_need, unknown
from ledger.flows.knowledge import NEEDS_KEPT, Knowledge, Need, Recorded
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Source

Unit = Literal["household", "person"]
Scheme = Literal[
    "urban_dibao",
    "rural_dibao",
    "destitute",
    "temporary_aid",
    "street_aid",
    "orphan",
    "unsupported_child",
    "disability_living",
    "disability_care",
    "elder_allowance",
    "scholarship",
    "insurance",
    "condolence",
    "funeral",
    "other",
]
"""The rows of the supervisor's monthly table; a county's programme belongs to one of them."""
ONCE: Final = frozenset({"temporary_aid", "street_aid", "scholarship", "insurance", "condolence", "funeral"})
"""Schemes of aid that is given once, in the month of its decision. Source: 国发〔2014〕47号 (临时救助)."""
Level = Literal["central", "province", "city", "county"]
Effect = Literal["forbidden", "difference", "allowed"]
Year = Annotated[int, Field(ge=1990, le=2200)]


class ProgrammeOpened(Event):
    """A programme of aid is set up, with its unit and the fund that pays it. Source: 社会救助暂行办法 art. 5."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["programme.opened"] = "programme.opened"
    version: Literal[1] = 1
    programme: ProgrammeId
    name: Label
    scheme: Scheme
    unit: Unit
    fund: FundId
    categories: Annotated[tuple[Label, ...], Field(max_length=100)]
    """The categories (类别) that a standard and an enrolment may name; empty when anything goes."""
    function_code: PaperNumber | None
    """功能科目, for instance 20819."""
    document: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return programme_need(self.programme), fund_need(self.fund)


class StandardSet(Event):
    """A monthly standard a person, from a month on: the ceiling and a term of the formula, never the amount itself.

    Source: 最低生活保障审核确认办法 (民发〔2021〕57号) art. 23 (by difference or by tiers).
    """

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["standard.set"] = "standard.set"
    version: Literal[1] = 1
    programme: ProgrammeId
    category: Label
    amount_fen_per_month: PositiveFen
    tiers_fen: Annotated[tuple[PositiveFen, ...], Field(max_length=20)]
    """Amounts a person of the tiers, where the county pays by tiers; empty where it does not."""
    effective_from: Month
    decided_on: Day
    document: DocumentNo
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return programme_need(self.programme), OFFICES


class ExclusionSet(Event):
    """Whether two programmes may be drawn by one person in one month: forbidden, difference only, or allowed."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["exclusion.set"] = "exclusion.set"
    version: Literal[1] = 1
    programme: ProgrammeId
    other: ProgrammeId
    effect: Effect
    effective_from: Month
    decided_on: Day
    document: DocumentNo | None
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return programme_need(self.programme), programme_need(self.other), OFFICES


_BEGUN: Final = Need("standing:book", ("opening.recorded",))
"""Where each entity's books began: once an entity, among the standing facts."""


class AppropriationReceived(Event):
    """A funding document (指标文件) gives the bureau a quota. Source: 指标台账与审批表, 指标台账."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["appropriation.received"] = "appropriation.received"
    version: Literal[1] = 1
    document: DocumentNo
    fund: FundId
    programme: ProgrammeId | None
    """None when relief money is pooled (统筹使用)."""
    level: Level
    budget_code: PaperNumber
    fiscal_year: Year
    carried_over: bool
    """上年结转: a quota of an earlier year that this book meets for the first time."""
    direct: bool
    """直达资金."""
    amount_fen: PositiveFen
    occurred_on: Day
    source: Source | None

    def needs(self) -> tuple[Need, ...]:
        own = (Need(f"document:{self.document}", ("appropriation.received",)), fund_need(self.fund), _BEGUN)
        return own if self.programme is None else (*own, programme_need(self.programme))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.QUOTA, self.amount_fen, self.document),
            credit(self.fund, Role.FISCAL_INCOME, self.amount_fen, self.document),
        )


_ISSUERS: Final[tuple[tuple[str, Level], ...]] = (("市", "city"), ("州", "city"), ("县", "county"), ("区", "county"))
"""Words before 财 in a document's number that say who issued it."""


def issuing_level(document: str) -> Level:
    """Who issued a document, by its number: 财社 is central, 湘财社指 a province's, 示县财社 a county's."""
    before, finance, _ = document.partition("〔")[0].partition("财")
    if finance and not before:
        return "central"
    return next((level for word, level in _ISSUERS if word in before), "province" if len(before) == 1 else "county")


# ---- what other flows ask

_KINDS = ("programme.opened", "standard.set", "exclusion.set")


@lru_cache(maxsize=NEEDS_KEPT)
def programme_need(programme: str) -> Need:
    """The history that tells what a programme is and what binds it; a handful of events, however many are paid."""
    return Need(f"programme:{programme}", _KINDS)


def opened(model: Knowledge, programme: str) -> ProgrammeOpened | None:
    """The opening of a programme, or None."""
    return model.folded(_opened, programme_need(programme), programme)


def _opened(history: Sequence[Recorded], _programme: str) -> ProgrammeOpened | None:
    return next((recorded.event for recorded in history if isinstance(recorded.event, ProgrammeOpened)), None)


OPENINGS: Final = Need("standing:book", ("programme.opened",))
"""Every programme of the book: a few standing facts, for those who meet the payments of any."""


def for_the_dead(model: Knowledge, programme: str) -> bool:
    """Whether a programme pays for people because they died (殡葬救助): no doubt is raised by their death. Needs
    `OPENINGS`.
    """
    return programme in model.folded(_for_the_dead, OPENINGS, "")


def _for_the_dead(history: Sequence[Recorded], _word: str) -> frozenset[str]:
    return funerals(one.event for one in history)


def funerals(events: Iterable[Event]) -> frozenset[str]:
    """The programmes that pay for people because they died (殡葬救助), among those that were opened by these events."""
    openings = (event for event in events if isinstance(event, ProgrammeOpened))
    return frozenset(one.programme for one in openings if one.scheme == "funeral")


def standard(model: Knowledge, programme: str, category: str, month: str) -> StandardSet | None:
    """The standard of a category that binds a month: the one with the latest effective month not after it."""
    found: StandardSet | None = None
    for recorded in model.history(f"programme:{programme}", *_KINDS):
        event = recorded.event
        if isinstance(event, StandardSet) and event.category == category and event.effective_from <= month:
            found = event if found is None or event.effective_from >= found.effective_from else found
    return found


EXCLUSIONS: Final = Need("standing:book", ("exclusion.set",))
"""Everything that the county has set of two programmes: a few standing facts, for those who look at several."""


def exclusion(model: Knowledge, programme: str, other: str, month: str) -> Effect:
    """How two programmes stand to each other in a month; allowed when the county has set nothing."""
    return _effect(model.history(f"programme:{programme}", *_KINDS), {programme, other}, month)


def drawn_by_difference(model: Knowledge, programme: str, other: str, month: str) -> bool:
    """Whether of two programmes only the difference may be drawn in a month. Needs `EXCLUSIONS`."""
    return _effect(find(model, EXCLUSIONS), {programme, other}, month) == "difference"


def _effect(history: Sequence[Recorded], pair: set[str], month: str) -> Effect:
    found: ExclusionSet | None = None
    for recorded in history:
        event = recorded.event
        if isinstance(event, ExclusionSet) and event.effective_from <= month and {event.programme, event.other} == pair:
            found = event if found is None or event.effective_from >= found.effective_from else found
    return "allowed" if found is None else found.effect


def unknown_programmes(model: Knowledge, *programmes: str | None) -> Verdict:
    """The body of every PROGRAMME_UNKNOWN rule: one finding for each programme that nobody opened."""
    for programme in dict.fromkeys(programmes):
        if programme is not None and opened(model, programme) is None:
            yield {"programme": programme}


# ---- rules


@rule(ProgrammeOpened, code="PROGRAMME_TWICE", source="业务规则", form=True)
def opened_once(event: ProgrammeOpened, model: Knowledge) -> Verdict:
    if opened(model, event.programme) is not None:
        yield {"programme": event.programme}


@rule(ProgrammeOpened, AppropriationReceived, code="FUND_UNKNOWN", source="社会救助暂行办法 art. 5", form=True)
def fund_known(event: ProgrammeOpened | AppropriationReceived, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(StandardSet, AppropriationReceived, code="PROGRAMME_UNKNOWN", source="业务规则", form=True)
def programme_known(event: StandardSet | AppropriationReceived, model: Knowledge) -> Verdict:
    yield from unknown_programmes(model, event.programme)


@rule(ExclusionSet, code="PROGRAMME_UNKNOWN", source="业务规则", form=True)
def both_programmes_known(event: ExclusionSet, model: Knowledge) -> Verdict:
    yield from unknown_programmes(model, event.programme, event.other)


@own_matters(StandardSet, ExclusionSet, edition=OWN_SINCE, across=is_office)
def programmes_of_this_entity(event: StandardSet | ExclusionSet) -> Sequence[Need]:
    """Offices set the terms of each other's programmes; nobody else sets an office's."""
    other = event.other if isinstance(event, ExclusionSet) else event.programme
    return programme_need(event.programme), programme_need(other)


@rule(StandardSet, code="CATEGORY_UNKNOWN", source="标准公布")
def category_listed(event: StandardSet, model: Knowledge) -> Verdict:
    programme = opened(model, event.programme)
    if programme is not None and programme.categories and event.category not in programme.categories:
        yield {"programme": event.programme, "category": event.category}


@rule(StandardSet, code="STANDARD_OVERLAP", source="标准公布", form=True)
def standard_once(event: StandardSet, model: Knowledge) -> Verdict:
    before = standard(model, event.programme, event.category, event.effective_from)
    if before is not None and before.effective_from == event.effective_from:
        yield {"programme": event.programme, "category": event.category, "effective_from": event.effective_from}


@rule(StandardSet, code="STANDARD_TIERS", source="民发〔2021〕57号 art. 23", form=True)
def tiers_under_standard(event: StandardSet, model: Knowledge) -> Verdict:
    if any(tier > event.amount_fen_per_month for tier in event.tiers_fen):
        yield {"category": event.category, "amount_fen": event.amount_fen_per_month}


@rule(ExclusionSet, code="EXCLUSION_SELF", source="互斥待遇表", form=True)
def two_programmes(event: ExclusionSet, model: Knowledge) -> Verdict:
    if event.programme == event.other:
        yield {"programme": event.programme}


@rule(ExclusionSet, code="EXCLUSION_OVERLAP", source="互斥待遇表", form=True)
def exclusion_once(event: ExclusionSet, model: Knowledge) -> Verdict:
    pair = {event.programme, event.other}
    for recorded in model.history(f"programme:{event.programme}", *_KINDS):
        before = recorded.event
        if not isinstance(before, ExclusionSet) or {before.programme, before.other} != pair:
            continue
        if before.effective_from == event.effective_from:
            yield {"programme": event.programme, "other": event.other, "effective_from": event.effective_from}


@rule(AppropriationReceived, code="APPROPRIATION_TWICE", source="指标下达", form=True)
def document_once(event: AppropriationReceived, model: Knowledge) -> Verdict:
    own = (event.fund, event.budget_code, event.fiscal_year)
    for recorded in model.history(f"document:{event.document}", "appropriation.received"):
        before = recorded.event
        if isinstance(before, AppropriationReceived) and own == (before.fund, before.budget_code, before.fiscal_year):
            yield {"document": event.document, "budget_code": event.budget_code}


@rule(AppropriationReceived, code="QUOTA_TAKEN_OVER", source="期初建账: an opening's quota is received once", edition=7)
def document_not_taken_over(event: AppropriationReceived, model: Knowledge) -> Verdict:
    """What an opening took over of a document is there already; its document recorded again would double it."""
    for recorded in model.history(_BEGUN.tag, *_BEGUN.kinds):
        lines = recorded.event.lines if isinstance(recorded.event, OpeningRecorded) else ()
        if recorded.entity == model.entity:
            mine = (line for line in lines if (line.fund, line.party) == (event.fund, event.document))
            fen = sum(line.balance_fen for line in mine if line.role is Role.QUOTA)
            if fen:
                yield {"document": event.document, "amount_fen": event.amount_fen, "opened_fen": fen}


@rule(AppropriationReceived, code="FACT_IN_FUTURE", source="会计期间", form=True)
def day_has_come(event: AppropriationReceived, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(AppropriationReceived, code="FUND_NOT_PUBLIC", source="社会救助暂行办法 art. 5 (专项管理、分账核算)")
def fund_is_public(event: AppropriationReceived, model: Knowledge) -> Verdict:
    fund = facts(model, event.fund)
    if fund is not None and fund.kind not in {"fiscal", "lottery"}:
        yield {"fund": event.fund, "fund_kind": fund.kind}
