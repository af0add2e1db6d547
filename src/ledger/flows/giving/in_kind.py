"""Gifts in kind (爱心物资): received by lot at fair value, and what is left of a lot.

A lot's goods leave at the value of what is left: a part of it by quantity, and everything with the last piece, so that
an empty lot is worth nothing. Quantities are whole numbers of the lot's smallest part (`scale` decimals of its unit).
Source of values: 财会〔2020〕9号 (fair value of gifts in kind). Goods never back a grant of money.
"""

from datetime import date
from typing import Annotated, ClassVar, Final, Literal, NamedTuple

from pydantic import Field

from ledger.accounts.legs import Leg, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import find, in_future, taken
from ledger.flows.event import Event, Rests, Stage
from ledger.flows.fields import (
    MAX_INTEGER,
    CampaignId,
    Day,
    DigestText,
    DonationId,
    DonorRef,
    Fen,
    FundId,
    Label,
    LotId,
    OfficerId,
)
from ledger.flows.giving.donations import GIFT_RESTS, gift_need
from ledger.flows.giving.donors import DonorKind, Publicity, misdescribed
from ledger.flows.giving.funds import covered, fund_need, income, known, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

Quantity = Annotated[int, Field(gt=0, le=MAX_INTEGER)]
"""Whole parts of goods, at the scale of their lot."""


_LEAVING: Final = ("in_kind.delivered", "in_kind.counted", "in_kind.sold")
LOT_KINDS: Final = ("in_kind.received", "in_kind.opened", *_LEAVING)


class StockMove(Event):
    """An event that changes what is left of a lot: goods in, out, counted or sold."""

    fund: FundId
    lot: LotId

    def stock_change(self) -> int:
        """The change of the lot's quantity, in its smallest parts; goods out are negative."""
        return 0


class InKindReceived(StockMove):
    """Goods of a donor came into the store as one lot. Source: Charity Law arts. 38 and 39."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = {"lot": _LEAVING, **GIFT_RESTS}

    kind: Literal["in_kind.received"] = "in_kind.received"
    version: Literal[1] = 1
    donation: DonationId
    """The gift; several lots may come with one."""
    donor: DonorRef | None
    donor_kind: DonorKind
    donor_label: Label | None
    publicity: Publicity
    item: Label
    unit: Label
    scale: Annotated[int, Field(ge=0, le=6)]
    quantity: Quantity
    value_fen: Fen
    """Fair value of the whole lot on the day of acquisition."""
    valuation: Literal["invoice", "market", "guide_price", "online_price", "appraisal", "nominal"]
    evidence: DigestText | None
    made_on: Day | None
    expires_on: Day | None
    accepted_by: tuple[OfficerId, ...]
    store: Label
    campaign: CampaignId | None
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (lot_need(self.lot), gift_need(self.donation), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        if not self.value_fen:
            return ()
        stored = debit(self.fund, Role.INVENTORY, self.value_fen, self.lot)
        return covered(model, (stored, income(known(model, self.fund), self.value_fen, goods=True)))

    def stock_change(self) -> int:
        return self.quantity


class InKindOpened(StockMove):
    """A lot that lay in the store when this book began; its value stands in the opening balances."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = {"lot": _LEAVING}

    kind: Literal["in_kind.opened"] = "in_kind.opened"
    version: Literal[1] = 1
    item: Label
    unit: Label
    scale: Annotated[int, Field(ge=0, le=6)]
    quantity: Quantity
    expires_on: Day | None
    store: Label
    on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (lot_need(self.lot), fund_need(self.fund))

    def stock_change(self) -> int:
        return self.quantity


# ---- what is left of a lot


class Lot(NamedTuple):
    """What is left: `quantity` in the lot's smallest parts; negative when more went out than came in."""

    fund: str
    quantity: int
    expires_on: date | None


def lot_need(lot: str) -> Need:
    """Everything that happened to a lot."""
    return Need(f"lot:{lot}", LOT_KINDS)


def lot_of(model: Knowledge, lot: str, on: date | None = None) -> Lot | None:
    """A lot as it stands now, or as what had moved by the end of a day left it; None when nothing was received under
    its number. Needs `lot_need(lot)`.
    """
    received: InKindReceived | InKindOpened | None = None
    quantity = 0
    for recorded in find(model, lot_need(lot)):
        event = recorded.event
        if isinstance(event, StockMove):
            own = getattr(event, "occurred_on", None) or getattr(event, "on", None)
            quantity += event.stock_change() if on is None or own is None or own <= on else 0
            received = event if isinstance(event, (InKindReceived, InKindOpened)) else received
    return None if received is None else Lot(received.fund, quantity, received.expires_on)


def value_leaving(model: Knowledge, fund: str, lot: str, quantity: int) -> int:
    """Fen that `quantity` of a lot carries at the value of what is left, down to the fen; the last piece takes all."""
    held = model.balance(fund, Role.INVENTORY, lot)
    left = _left(model, lot)
    if held <= 0 or left <= 0:
        return 0
    return held if quantity >= left else held * quantity // left


def value_found(model: Knowledge, fund: str, lot: str, quantity: int) -> int:
    """Fen of `quantity` that a count found too many, at the value of what the books have; 0 for an empty lot."""
    left = _left(model, lot)
    return max(0, model.balance(fund, Role.INVENTORY, lot)) * quantity // left if left > 0 else 0


def _left(model: Knowledge, lot: str) -> int:
    found = lot_of(model, lot)
    return 0 if found is None else found.quantity


# ---- rules


@rule(InKindReceived, InKindOpened, code="LOT_TWICE", source="a file read twice doubles nothing", form=True)
def lot_new(event: InKindReceived | InKindOpened, model: Knowledge) -> Verdict:
    yield from taken(model, lot_need(event.lot), lot=event.lot)


@rule(InKindReceived, code="DONATION_TWICE", source="a gift is money or goods under one number", form=True)
def gift_of_goods(event: InKindReceived, model: Knowledge) -> Verdict:
    for recorded in find(model, gift_need(event.donation)):
        if not isinstance(recorded.event, InKindReceived):
            yield {"donation": event.donation, "number": recorded.number}


@rule(InKindReceived, InKindOpened, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: InKindReceived | InKindOpened, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(InKindReceived, code="DONOR_SHAPE", source="Charity Law art. 80", form=True)
def donor_described(event: InKindReceived, model: Knowledge) -> Verdict:
    yield from misdescribed(event)


@rule(InKindReceived, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def not_in_future(event: InKindReceived, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(InKindReceived, code="NO_VALUATION", source="财会〔2020〕9号 part 2")
def value_has_basis(event: InKindReceived, model: Knowledge) -> Verdict:
    if event.valuation != "nominal" and (event.evidence is None or not event.value_fen):
        yield {"lot": event.lot, "valuation": event.valuation}


@rule(InKindReceived, code="ACCEPTED_BY_ONE", source="物资收存管发: two people take goods in")
def two_took_it(event: InKindReceived, model: Knowledge) -> Verdict:
    if len(set(event.accepted_by)) < 2:
        yield {"lot": event.lot, "persons": len(set(event.accepted_by))}
