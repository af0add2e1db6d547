"""Goods that leave the store (物资发放、盘点、变卖): delivered, counted, sold.

A loss is cost of the fund that held the goods; what a sale brings beyond their value serves that fund's purpose. More
out than in is recorded and shown, for it happened.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import Purse, in_future, moved_before, movement_need, own_matters, role_of
from ledger.flows.event import Stage
from ledger.flows.fields import (
    MAX_INTEGER,
    AccountId,
    Count,
    Day,
    DigestText,
    DocumentNo,
    FreeText,
    HouseholdRef,
    Label,
    MovementId,
    OfficerId,
    PayeeRef,
    PersonRef,
    PositiveFen,
    ProjectId,
)
from ledger.flows.giving.funds import (
    FundFacts,
    covered,
    fund_need,
    income,
    known,
    outside_purpose,
    owed_goods,
    release,
    unknown,
)
from ledger.flows.giving.in_kind import Quantity, StockMove, lot_need, lot_of, value_found, value_leaving
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

Stock = Annotated[int, Field(ge=0, le=MAX_INTEGER)]


_COUNTED_SINCE: Final = 10
"""The edition since which a count is compared with the books of its own day."""


class InKindDelivered(StockMove):
    """Goods left the store for those they are meant for. Source: Charity Law art. 53 (registers of goods)."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["in_kind.delivered"] = "in_kind.delivered"
    version: Literal[1] = 1
    movement: MovementId
    quantity: Quantity
    purpose: Label
    project: ProjectId | None
    person: PersonRef | None
    household: HouseholdRef | None
    payee: PayeeRef | None
    payee_label: Label | None
    """An organisation that took the goods, by name."""
    persons: Count
    signed_list: DigestText | None
    """The list that the receivers signed."""
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), lot_need(self.lot), fund_need(self.fund))

    def stock_change(self) -> int:
        return -self.quantity

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        fund = known(model, self.fund)
        fen = value_leaving(model, self.fund, self.lot, self.quantity)
        if not fen:
            return ()
        left = credit(self.fund, Role.INVENTORY, fen, self.lot)
        if fund.kind == "agency":
            return (debit(self.fund, Role.AGENCY, fen, owed_goods(fund)), left)
        return (debit(self.fund, Role.PROGRAMME_COST, fen), left, *release(model, fund, fen))


class InKindCounted(StockMove):
    """The store was counted; a difference is booked, with its reason and who decided it (盘点)."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["in_kind.counted"] = "in_kind.counted"
    version: Literal[1] = 1
    movement: MovementId
    book_quantity: Stock
    counted_quantity: Stock
    reason: FreeText | None
    approval: DocumentNo | None
    counted_by: tuple[OfficerId, ...]
    on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), lot_need(self.lot), fund_need(self.fund))

    def stock_change(self) -> int:
        return self.counted_quantity - self.book_quantity

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        found = self.stock_change()
        if found > 0:
            fen = value_found(model, self.fund, self.lot, found)
            return _more(known(model, self.fund), self.lot, fen) if fen else ()
        fen = value_leaving(model, self.fund, self.lot, -found) if found else 0
        return _lost(model, self.fund, self.lot, fen, Role.MANAGEMENT_COST) if fen else ()


class InKindSold(StockMove):
    """Goods that could not be used were sold; what they brought serves the same fund. Source: Charity Law art. 54."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["in_kind.sold"] = "in_kind.sold"
    version: Literal[1] = 1
    movement: MovementId
    quantity: Quantity
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    how: Literal["auction", "sale"]
    document: DocumentNo
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), lot_need(self.lot), fund_need(self.fund))

    def stock_change(self) -> int:
        return -self.quantity

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        value = value_leaving(model, self.fund, self.lot, self.quantity)
        fund = known(model, self.fund)
        brought = min(value, self.amount_fen)
        legs = [debit(self.fund, role_of(self.means), self.amount_fen, self.account)]
        if fund.kind == "agency":
            return (*legs, *_turned_to_money(fund, self.lot, value, self.amount_fen))
        if brought:
            legs.append(credit(self.fund, Role.INVENTORY, brought, self.lot))
        if self.amount_fen > value:
            legs.append(income(fund, self.amount_fen - value))
        if value > brought:
            legs += _lost(model, self.fund, self.lot, value - brought, Role.OTHER_COST)
            return tuple(legs)
        return covered(model, tuple(legs))


Leaving = InKindDelivered | InKindCounted | InKindSold


def _lost(model: Knowledge, fund: str, lot: str, fen: int, cost: Role) -> tuple[Leg, ...]:
    """Goods of `fen` that brought nothing: a cost of their fund, which a restriction no longer covers."""
    return (debit(fund, cost, fen), credit(fund, Role.INVENTORY, fen, lot), *release(model, known(model, fund), fen))


def _more(fund: FundFacts, lot: str, fen: int) -> tuple[Leg, ...]:
    """Goods of `fen` that a count found too many: other income, or more that is owed to the final payee."""
    found = debit(fund.fund, Role.INVENTORY, fen, lot)
    if fund.kind == "agency":
        return (found, income(fund, fen, goods=True))
    return (found, credit(fund.fund, Role.OTHER_INCOME, fen))


def _turned_to_money(fund: FundFacts, lot: str, value: int, brought: int) -> tuple[Leg, ...]:
    """Agency goods of `value` were sold: the debt in goods ends, and what they brought is owed in money."""
    owed = income(fund, brought)
    if not value:
        return (owed,)
    return (owed, credit(fund.fund, Role.INVENTORY, value, lot), debit(fund.fund, Role.AGENCY, value, owed_goods(fund)))


# ---- rules


@rule(InKindDelivered, InKindCounted, InKindSold, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: Leaving, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(InKindDelivered, InKindSold, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def not_in_future(event: InKindDelivered | InKindSold, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(
    InKindDelivered,
    InKindCounted,
    InKindSold,
    code="MOVEMENT_TWICE",
    source="a file read twice doubles nothing",
    form=True,
)
def movement_new(event: Leaving, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(InKindDelivered, InKindCounted, InKindSold, code="LOT_UNKNOWN", source="Charity Law art. 53", form=True)
def lot_known(event: Leaving, model: Knowledge) -> Verdict:
    lot = lot_of(model, event.lot)
    if lot is None or lot.fund != event.fund:
        yield {"lot": event.lot, "fund": event.fund}


@own_matters(InKindDelivered, InKindCounted, InKindSold)
def lot_of_this_entity(event: Leaving) -> Sequence[Need]:
    return (lot_need(event.lot),)


@rule(InKindCounted, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def counted_by_today(event: InKindCounted, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(InKindDelivered, InKindSold, code="STOCK", source="goods out are at most goods in store")
def in_store(event: InKindDelivered | InKindSold, model: Knowledge) -> Verdict:
    lot = lot_of(model, event.lot)
    if lot is not None and event.quantity > lot.quantity:
        yield {"lot": event.lot, "quantity": event.quantity, "held": lot.quantity}


@rule(InKindDelivered, code="GOODS_EXPIRED", source="Charity Law art. 54")
def not_expired(event: InKindDelivered, model: Knowledge) -> Verdict:
    lot = lot_of(model, event.lot)
    if lot is not None and lot.expires_on is not None and event.occurred_on > lot.expires_on:
        yield {"lot": event.lot, "expires_on": lot.expires_on.isoformat(), "on": event.occurred_on.isoformat()}


@rule(InKindDelivered, code="NO_SIGNATURE_LIST", source="物资发放须签收", warns=True)
def receivers_signed(event: InKindDelivered, model: Knowledge) -> Verdict:
    if event.signed_list is None:
        yield {"lot": event.lot}


@rule(InKindDelivered, code="RESTRICTION_BREACH", source="Charity Law arts. 54 and 56")
def purpose_kept(event: InKindDelivered, model: Knowledge) -> Verdict:
    yield from outside_purpose(model, event.fund, event.purpose)


@rule(InKindCounted, code="COUNT_BOOK", source="会计法 art. 17: books are compared with goods")
def book_agrees(event: InKindCounted, model: Knowledge) -> Verdict:
    lot = lot_of(model, event.lot, event.on if model.edition >= _COUNTED_SINCE else None)
    if lot is not None and event.book_quantity != lot.quantity:
        yield {"lot": event.lot, "quantity": event.book_quantity, "held": lot.quantity}


@rule(InKindCounted, code="UNAPPROVED_DIFFERENCE", source="会计法 art. 17")
def difference_decided(event: InKindCounted, model: Knowledge) -> Verdict:
    if event.book_quantity != event.counted_quantity and (event.approval is None or event.reason is None):
        yield {"lot": event.lot, "difference": event.counted_quantity - event.book_quantity}
