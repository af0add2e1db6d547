"""Fixed assets (固定资产): bought, worn down month by month, given up.

An asset's cost and wear stand in its own sub-ledger; what it is worth is their difference. Source:
民间非营利组织会计制度 (固定资产, 累计折旧); 一般凭证.
"""

from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.papers import before_paper, over_paper, paper_needs
from ledger.flows.checks import Purse, account_short, distinct, in_future, moved_before, movement_need, ours, role_of
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    AccountId,
    AssetId,
    Day,
    DocumentNo,
    Fen,
    FreeText,
    FundId,
    Label,
    Month,
    MovementId,
    PositiveFen,
)
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.running.costs import CostNature, cost, freed
from ledger.values.dates import Period


class AssetAcquired(Event):
    """A fixed asset was bought and put to use."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = {"asset": ("asset.depreciated", "asset.disposed")}
    rests_since: ClassVar[int] = 4

    kind: Literal["asset.acquired"] = "asset.acquired"
    version: Literal[1] = 1
    movement: MovementId
    asset: AssetId
    fund: FundId
    name: Label
    amount_fen: PositiveFen
    """What it cost."""
    residual_fen: Fen
    life_months: Annotated[int, Field(ge=1, le=1_200)]
    means: Purse
    account: AccountId
    approval: DocumentNo | None
    on: Day

    def needs(self) -> tuple[Need, ...]:
        own = (movement_need(self), asset_need(self.asset), fund_need(self.fund))
        return (*own, *paper_needs(self.approval))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.FIXED_ASSET, self.amount_fen, self.asset),
            credit(self.fund, role_of(self.means), self.amount_fen, self.account),
            *freed(model, self.fund, self.amount_fen),
        )


class AssetWear(Part):
    """A month's wear of one asset."""

    asset: AssetId
    fen: PositiveFen


class AssetDepreciated(Event):
    """A month's wear of a fund's assets. It takes the slot of each asset and month."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_on: ClassVar[Rests] = {"asset": ("asset.disposed",)}
    rests_since: ClassVar[int] = 4

    kind: Literal["asset.depreciated"] = "asset.depreciated"
    version: Literal[1] = 1
    fund: FundId
    month: Month
    nature: CostNature
    lines: Annotated[tuple[AssetWear, ...], Field(min_length=1, max_length=2_000)]
    on: Day

    def more_tags(self) -> tuple[str, ...]:
        return tuple(_slot(line.asset, self.month) for line in self.lines)

    def needs(self) -> tuple[Need, ...]:
        slots = (_slot_need(line.asset, self.month) for line in self.lines)
        return (fund_need(self.fund), *slots, *(asset_need(line.asset) for line in self.lines))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        worn = tuple(credit(self.fund, Role.DEPRECIATION, line.fen, line.asset) for line in self.lines)
        return (cost(self.fund, self.nature, sum(line.fen for line in self.lines)), *worn)


class AssetDisposed(Event):
    """An asset left the books: sold, scrapped or given away. The gain or loss is what the postings leave over."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["asset.disposed"] = "asset.disposed"
    version: Literal[1] = 1
    movement: MovementId
    asset: AssetId
    fund: FundId
    proceeds_fen: Fen
    means: Purse | None
    account: AccountId | None
    """Where the proceeds went; null when there were none."""
    reason: FreeText
    approval: DocumentNo
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        cost_fen = model.balance(self.fund, Role.FIXED_ASSET, self.asset)
        worn_fen = -model.balance(self.fund, Role.DEPRECIATION, self.asset)
        loss_fen = cost_fen - worn_fen - self.proceeds_fen
        legs = (
            credit(self.fund, Role.FIXED_ASSET, cost_fen, self.asset),
            debit(self.fund, Role.DEPRECIATION, worn_fen, self.asset),
            debit(self.fund, role_of(self.means or "bank"), self.proceeds_fen, self.account or ""),
            debit(self.fund, Role.OTHER_COST if loss_fen > 0 else Role.OTHER_INCOME, loss_fen),
        )
        return tuple(leg for leg in legs if leg.amount_fen)


def asset_need(asset: str) -> Need:
    """The history of an asset's beginning: bought, or brought by the opening."""
    return Need(f"asset:{asset}", ("asset.acquired", "opening.recorded"))


def _slot(asset: str, month: str) -> str:
    return f"wear:{asset}:{month}"


def _slot_need(asset: str, month: str) -> Need:
    return Need(_slot(asset, month), ("asset.depreciated",))


class _Terms(NamedTuple):
    """What an asset's beginning says of its wear."""

    first: str
    """The first month whose wear is this book's: that of the purchase, or the opening's where one brought it."""
    residual_fen: int


def _terms(model: Knowledge, asset: str) -> _Terms | None:
    """The terms of an asset of the voucher's entity; None where an ordinary voucher brought it into the books."""
    for recorded in ours(model, asset_need(asset)):
        event = recorded.event
        if isinstance(event, AssetAcquired):
            return _Terms(str(Period.of(event.on)), event.residual_fen)
        if isinstance(event, OpeningRecorded):
            row = next(one for one in event.assets if one.asset == asset)  # its tag comes from that row
            return _Terms(max(event.period, str(Period.of(row.acquired_on))), row.residual_fen)
    return None


@rule(AssetAcquired, AssetDisposed, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def booked_once(event: AssetAcquired | AssetDisposed, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(AssetAcquired, AssetDepreciated, AssetDisposed, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def fund_is_known(event: AssetAcquired | AssetDepreciated | AssetDisposed, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(AssetAcquired, AssetDepreciated, AssetDisposed, code="FACT_IN_FUTURE", source="会计期间", form=True)
def not_in_future(event: AssetAcquired | AssetDepreciated | AssetDisposed, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(AssetAcquired, code="ASSET_TWICE", source="一般凭证", form=True)
def acquired_once(event: AssetAcquired, model: Knowledge) -> Verdict:
    """Numbers are each entity's own: two of them may both have a computer PC1."""
    for recorded in ours(model, asset_need(event.asset))[:1]:
        yield {"asset": event.asset, "number": recorded.number}


@rule(AssetAcquired, code="ASSET_RESIDUAL", source="民间非营利组织会计制度 (净残值)", form=True, edition=4)
def residual_is_of_the_cost(event: AssetAcquired, model: Knowledge) -> Verdict:
    if event.residual_fen > event.amount_fen:
        yield {"asset": event.asset, "residual_fen": event.residual_fen, "amount_fen": event.amount_fen}


@rule(AssetAcquired, code="ACCOUNT_SHORT", source="no fund below zero")
def account_holds_it(event: AssetAcquired, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (role_of(event.means), event.account), event.amount_fen)


@rule(AssetAcquired, code="APPROVAL_EXCEEDED", source="线下审批登记")
def within_the_paper(event: AssetAcquired, model: Knowledge) -> Verdict:
    yield from over_paper(model, event.approval, event.amount_fen)


@rule(AssetAcquired, code="PAPER_AFTER", source="线下审批登记 (paid before decision, paid without paper)")
def after_the_paper(event: AssetAcquired, model: Knowledge) -> Verdict:
    yield from before_paper(model, event.approval, event.on)


@rule(AssetDepreciated, code="ASSET_WORN_TWICE", source="一般凭证", form=True)
def a_month_once(event: AssetDepreciated, model: Knowledge) -> Verdict:
    assets = [line.asset for line in event.lines]
    if not distinct(assets):
        yield {"asset": ", ".join(sorted({one for one in assets if assets.count(one) > 1})), "month": event.month}
    for asset in dict.fromkeys(assets):
        if ours(model, _slot_need(asset, event.month)):
            yield {"asset": asset, "month": event.month}


@rule(AssetDepreciated, code="ASSET_OVER_WORN", source="民间非营利组织会计制度 (累计折旧)")
def never_below_nothing(event: AssetDepreciated, model: Knowledge) -> Verdict:
    for line in event.lines:
        cost_fen = model.balance(event.fund, Role.FIXED_ASSET, line.asset)
        worth_fen = cost_fen + model.balance(event.fund, Role.DEPRECIATION, line.asset)
        if line.fen > worth_fen:
            yield {"asset": line.asset, "wear_fen": line.fen, "worth_fen": worth_fen}


@rule(AssetDepreciated, code="ASSET_BELOW_RESIDUAL", source="民间非营利组织会计制度 (净残值)", edition=4)
def never_below_the_residual(event: AssetDepreciated, model: Knowledge) -> Verdict:
    """Wear ends at the residual value. What would go below nothing is ASSET_OVER_WORN."""
    for line in event.lines:
        terms = _terms(model, line.asset)
        accounts = (Role.FIXED_ASSET, Role.DEPRECIATION)
        worth_fen = sum(model.balance(event.fund, role, line.asset) for role in accounts)
        if terms is not None and worth_fen - terms.residual_fen < line.fen <= worth_fen:
            told = {"asset": line.asset, "wear_fen": line.fen, "worth_fen": worth_fen}
            yield {**told, "residual_fen": terms.residual_fen}


@rule(AssetDepreciated, code="ASSET_WORN_EARLY", source="民间非营利组织会计制度 (按月计提折旧)", edition=4)
def worn_since_it_is_there(event: AssetDepreciated, model: Knowledge) -> Verdict:
    for line in event.lines:
        terms = _terms(model, line.asset)
        if terms is not None and event.month < terms.first:
            yield {"asset": line.asset, "month": event.month, "first": terms.first}


@rule(AssetDepreciated, code="ASSET_WORN_AHEAD", source="民间非营利组织会计制度 (按月计提折旧)", edition=4)
def no_month_ahead(event: AssetDepreciated, model: Knowledge) -> Verdict:
    if event.month > str(Period.of(event.on)):
        yield {"month": event.month, "on": event.on.isoformat()}


@rule(AssetDisposed, code="ASSET_UNKNOWN", source="一般凭证", form=True)
def stands_in_the_books(event: AssetDisposed, model: Knowledge) -> Verdict:
    if model.balance(event.fund, Role.FIXED_ASSET, event.asset) <= 0:
        yield {"asset": event.asset, "fund": event.fund}


@rule(AssetDisposed, code="ASSET_SHAPE", source="一般凭证", form=True)
def says_where_proceeds_went(event: AssetDisposed, model: Knowledge) -> Verdict:
    if (event.means is not None and event.account is not None) != bool(event.proceeds_fen):
        yield {"asset": event.asset, "proceeds_fen": event.proceeds_fen}
