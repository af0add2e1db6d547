"""Fixed assets (固定资产): bought, worn down month by month, given up.

An asset's cost and wear stand in its own sub-ledger; what it is worth is their difference. Source:
民间非营利组织会计制度 (固定资产, 累计折旧); 一般凭证.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.books.papers import before_paper, over_paper, paper_needs
from ledger.flows.checks import Purse, account_short, distinct, in_future, moved_before, movement_need, role_of, taken
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
        slots = (Need(_slot(line.asset, self.month), ("asset.depreciated",)) for line in self.lines)
        return (fund_need(self.fund), *slots)

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
    yield from taken(model, asset_need(event.asset), asset=event.asset)


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
        if model.history(_slot(asset, event.month), "asset.depreciated"):
            yield {"asset": asset, "month": event.month}


@rule(AssetDepreciated, code="ASSET_OVER_WORN", source="民间非营利组织会计制度 (累计折旧)")
def never_below_nothing(event: AssetDepreciated, model: Knowledge) -> Verdict:
    for line in event.lines:
        cost_fen = model.balance(event.fund, Role.FIXED_ASSET, line.asset)
        worth_fen = cost_fen + model.balance(event.fund, Role.DEPRECIATION, line.asset)
        if line.fen > worth_fen:
            yield {"asset": line.asset, "wear_fen": line.fen, "worth_fen": worth_fen}


@rule(AssetDisposed, code="ASSET_UNKNOWN", source="一般凭证", form=True)
def stands_in_the_books(event: AssetDisposed, model: Knowledge) -> Verdict:
    if model.balance(event.fund, Role.FIXED_ASSET, event.asset) <= 0:
        yield {"asset": event.asset, "fund": event.fund}


@rule(AssetDisposed, code="ASSET_SHAPE", source="一般凭证", form=True)
def says_where_proceeds_went(event: AssetDisposed, model: Knowledge) -> Verdict:
    if (event.means is not None and event.account is not None) != bool(event.proceeds_fen):
        yield {"asset": event.asset, "proceeds_fen": event.proceeds_fen}
