"""Unidentified money (待查款): booked the day it arrives, named when somebody knows, or sent back.

The bank journal is right today although the donor may be known in March. What turns out to be a gift gets its donation
number here; what turns out to be something else is cleared, and its own event books it.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import (
    Purse,
    account_short,
    fund_short,
    in_future,
    moved_before,
    movement_need,
    own_matters,
    role_of,
    taken,
)
from ledger.flows.event import Event, Rests, Stage
from ledger.flows.fields import (
    AccountId,
    CampaignId,
    Day,
    DocumentNo,
    DonationId,
    DonorRef,
    FreeText,
    FundId,
    Label,
    LineId,
    MovementId,
    PositiveFen,
    SuspenseId,
)
from ledger.flows.giving.donations import GIFT_RESTS, gift_need
from ledger.flows.giving.donors import DonorKind, Publicity, misdescribed
from ledger.flows.giving.funds import WAITING_SINCE, covered, fund_need, income, known, unknown
from ledger.flows.giving.pledges import PledgePart, fulfil, not_ours, overpaid, parts_over, pledge_need
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place


class SuspenseReceived(Event):
    """Money arrived and nobody knows yet from whom or for what; it waits in a fund that is not its owner."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["suspense.received"] = "suspense.received"
    version: Literal[1] = 1
    suspense: SuspenseId
    fund: FundId
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    line: LineId | None
    """The bank line that brought it."""
    memo: FreeText | None
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (suspense_need(self.suspense), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, role_of(self.means), self.amount_fen, self.account),
            credit(self.fund, Role.SUSPENSE, self.amount_fen, self.suspense),
        )


class SuspenseIdentified(Event):
    """Waiting money, or part of it, is known to be a gift: it becomes one, in the fund that it was meant for."""

    stage: ClassVar[Stage] = Stage.FACT
    day_fields: ClassVar[tuple[str, ...]] = ("identified_on",)
    rested_on: ClassVar[Rests] = GIFT_RESTS

    kind: Literal["suspense.identified"] = "suspense.identified"
    version: Literal[1] = 1
    suspense: SuspenseId
    waited_in: FundId
    donation: DonationId
    fund: FundId
    donor: DonorRef | None
    donor_kind: DonorKind
    donor_label: Label | None
    publicity: Publicity
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    """Where the waiting money lies."""
    campaign: CampaignId | None
    earmark: Label | None
    pledge_parts: tuple[PledgePart, ...]
    wants_receipt: bool
    basis: FreeText
    """How it became known: a call, a slip, a letter."""
    arrived_on: Day
    """The day the money arrived: the gift's own business date."""
    identified_on: Day

    def needs(self) -> tuple[Need, ...]:
        pledges = tuple(pledge_need(part.pledge) for part in self.pledge_parts)
        return (gift_need(self.donation), fund_need(self.fund), fund_need(self.waited_in), *pledges)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        known_now = debit(self.waited_in, Role.SUSPENSE, self.amount_fen, self.suspense)
        gift = income(known(model, self.fund), self.amount_fen)
        moved: tuple[Leg, ...] = ()
        if self.fund != self.waited_in:
            role = role_of(self.means)
            moved = (
                credit(self.waited_in, role, self.amount_fen, self.account),
                debit(self.fund, role, self.amount_fen, self.account),
            )
        return (*covered(model, (known_now, *moved, gift)), *fulfil(model, self.pledge_parts))


class SuspenseCleared(Event):
    """Waiting money is known to be something else, whose own event in the same voucher books it anew."""

    stage: ClassVar[Stage] = Stage.FACT
    day_fields: ClassVar[tuple[str, ...]] = ("identified_on",)

    kind: Literal["suspense.cleared"] = "suspense.cleared"
    version: Literal[1] = 1
    suspense: SuspenseId
    fund: FundId
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    known_as: Literal["recovery", "grant_returned", "own_transfer", "interest", "other"]
    basis: FreeText
    identified_on: Day

    def needs(self) -> tuple[Need, ...]:
        return (fund_need(self.fund),)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return _out(self)


class SuspenseReturned(Event):
    """Waiting money went back to whoever sent it."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["suspense.returned"] = "suspense.returned"
    version: Literal[1] = 1
    movement: MovementId
    suspense: SuspenseId
    fund: FundId
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    reason: FreeText
    document: DocumentNo | None
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return _out(self)


def suspense_need(suspense: str) -> Need:
    """The history in which waiting money was booked."""
    return Need(f"suspense:{suspense}", ("suspense.received",))


def _out(event: SuspenseCleared | SuspenseReturned) -> tuple[Leg, ...]:
    """The debt to the unknown sender ends, and the money leaves the account."""
    return (
        debit(event.fund, Role.SUSPENSE, event.amount_fen, event.suspense),
        credit(event.fund, role_of(event.means), event.amount_fen, event.account),
    )


def _unspent(model: Knowledge, fund: str, suspense: str, fen: int) -> Verdict:
    """The body of every FUND_INSUFFICIENT rule here: more than the fund has, what waits under this number included."""
    waiting = -model.balance(fund, Role.SUSPENSE, suspense) if model.edition >= WAITING_SINCE else 0
    for told in fund_short(model, fund, fen - min(fen, max(0, waiting))):
        yield {**told, "amount_fen": fen, "available_fen": model.available(fund) + max(0, waiting)}


def _over(model: Knowledge, fund: str, suspense: str, fen: int) -> Verdict:
    waiting = -model.balance(fund, Role.SUSPENSE, suspense)
    if fen > waiting:
        yield {"suspense": suspense, "amount_fen": fen, "left_fen": waiting}


# ---- rules


@rule(SuspenseReceived, code="SUSPENSE_TWICE", source="a file read twice doubles nothing", form=True)
def suspense_new(event: SuspenseReceived, model: Knowledge) -> Verdict:
    yield from taken(model, suspense_need(event.suspense), suspense=event.suspense)


@rule(SuspenseReceived, SuspenseCleared, SuspenseReturned, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: SuspenseReceived | SuspenseCleared | SuspenseReturned, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(
    SuspenseReceived, SuspenseReturned, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True
)
def not_in_future(event: SuspenseReceived | SuspenseReturned, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(
    SuspenseIdentified,
    SuspenseCleared,
    code="FACT_IN_FUTURE",
    source="what has not happened is not recorded",
    form=True,
)
def identified_by_today(event: SuspenseIdentified | SuspenseCleared, model: Knowledge) -> Verdict:
    yield from in_future(model, event.identified_on)


@rule(SuspenseIdentified, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def both_funds_known(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    yield from unknown(model, event.waited_in, event.fund)


@rule(SuspenseIdentified, code="DONATION_TWICE", source="a file read twice doubles nothing", form=True)
def gift_new(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    yield from taken(model, gift_need(event.donation), donation=event.donation)


@rule(SuspenseIdentified, code="DONOR_SHAPE", source="Charity Law art. 80", form=True)
def donor_described(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    yield from misdescribed(event)


@rule(SuspenseIdentified, code="PLEDGE_PARTS", source="a gift fulfils no more than itself", form=True)
def parts_within(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    yield from parts_over(event.pledge_parts, event.amount_fen)


@rule(SuspenseIdentified, code="PLEDGE_UNKNOWN", source="Charity Law art. 41", form=True)
def pledges_ours(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    yield from not_ours(model, event.pledge_parts)


@own_matters(SuspenseIdentified)
def pledges_of_this_entity(event: SuspenseIdentified) -> Sequence[Need]:
    return [pledge_need(part.pledge) for part in event.pledge_parts]


@rule(SuspenseIdentified, code="PLEDGE_OVERPAID", source="promised = arrived + released + outstanding")
def pledges_not_overpaid(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    yield from overpaid(model, event.pledge_parts)


@rule(SuspenseIdentified, code="SUSPENSE_OVER", source="no more is named than waits", form=True)
def named_within(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    yield from _over(model, event.waited_in, event.suspense, event.amount_fen)


@rule(SuspenseCleared, code="SUSPENSE_OVER", source="no more is named than waits", form=True)
def cleared_within(event: SuspenseCleared, model: Knowledge) -> Verdict:
    yield from _over(model, event.fund, event.suspense, event.amount_fen)


@rule(SuspenseReturned, code="SUSPENSE_OVER", source="no more goes back than waits")
def returned_within(event: SuspenseReturned, model: Knowledge) -> Verdict:
    yield from _over(model, event.fund, event.suspense, event.amount_fen)


@rule(SuspenseIdentified, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def waiting_money_lies_there(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    if event.fund != event.waited_in:
        yield from account_short(model, event.waited_in, (role_of(event.means), event.account), event.amount_fen)


@rule(SuspenseIdentified, code="FUND_INSUFFICIENT", source="unidentified money is not spent before it is known")
def waiting_money_unspent(event: SuspenseIdentified, model: Knowledge) -> Verdict:
    if event.fund != event.waited_in:
        yield from _unspent(model, event.waited_in, event.suspense, event.amount_fen)


@rule(
    SuspenseCleared,
    SuspenseReturned,
    code="FUND_INSUFFICIENT",
    source="unidentified money is not spent before it is known",
)
def money_unspent(event: SuspenseCleared | SuspenseReturned, model: Knowledge) -> Verdict:
    yield from _unspent(model, event.fund, event.suspense, event.amount_fen)


@rule(SuspenseReturned, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True)
def movement_new(event: SuspenseReturned, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(SuspenseCleared, SuspenseReturned, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def account_holds_it(event: SuspenseCleared | SuspenseReturned, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (role_of(event.means), event.account), event.amount_fen)
