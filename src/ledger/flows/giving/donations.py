"""Gifts of money (捐赠): from one donor, from many with a list, and what the register adds to a channel's gift.

A gift is booked at its gross amount when the payment succeeded. The fund says what it is: income, restricted income, or
money held for a final payee. Gifts in kind, from boxes and out of unidentified money have their own files and the same
donation numbers (`GIFT_KINDS`).
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from ledger.accounts.legs import Leg, debit
from ledger.flows.checks import Means, find, holder, in_future, mixed_means, own_matters, taken, total
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    AccountId,
    CampaignId,
    ChannelId,
    Count,
    Day,
    DigestText,
    DonationId,
    DonorRef,
    FundId,
    Instant,
    Label,
    NumberLabel,
    PositiveFen,
)
from ledger.flows.giving.donors import DonorKind, Publicity, misdescribed
from ledger.flows.giving.funds import covered, fund_need, income, kind_of, known, unknown
from ledger.flows.giving.pledges import PledgePart, fulfil, not_ours, overpaid, parts_over, pledge_need
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

GIFT_KINDS: Final = (
    "donation.received",
    "donation.collective",
    "suspense.identified",
    "box.opened",
    "in_kind.received",
)
GIFT_RESTS: Final[Rests] = {
    "donation": (
        "donation.receipt_issued",
        "donation.receipt_covered",
        "donation.receipt_reversed",
        "donation.returned",
    )
}
"""What rests on a gift: its receipts, while they stand, and what went back."""

"""Every kind that gives a donation number its money or goods."""


class GiftLine(Part):
    """One giver of a collective gift: the line of the list, and the reference into the vault if there is one."""

    no: Count
    donor: DonorRef | None
    fen: PositiveFen


class DonationReceived(Event):
    """Money from a donor reached an account or a channel of the entity. Source: Charity Law art. 38."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = GIFT_RESTS

    kind: Literal["donation.received"] = "donation.received"
    version: Literal[1] = 1
    donation: DonationId
    fund: FundId
    donor: DonorRef | None
    donor_kind: DonorKind
    donor_label: Label | None
    publicity: Publicity
    amount_fen: PositiveFen
    means: Means
    account: AccountId | None
    channel: ChannelId | None
    order_no: NumberLabel | None
    """The channel's order number or the bank's serial number, when there is one."""
    campaign: CampaignId | None
    earmark: Label | None
    """What the donor named inside the fund: a project, a school, a class of people."""
    pledge_parts: tuple[PledgePart, ...]
    wants_receipt: bool
    occurred_on: Day
    occurred_at: Instant | None
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return gift_needs(self.donation, self.fund, self.pledge_parts)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return gift_legs(self, model)


class DonationCollective(Event):
    """One payer brings the gifts of many, with a list (一日捐): one sum, one number, as many givers as the list has."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = GIFT_RESTS

    kind: Literal["donation.collective"] = "donation.collective"
    version: Literal[1] = 1
    donation: DonationId
    fund: FundId
    donor: DonorRef | None
    donor_kind: DonorKind
    donor_label: Label | None
    publicity: Publicity
    amount_fen: PositiveFen
    persons: Count
    list_digest: DigestText | None
    lines: tuple[GiftLine, ...]
    """The list itself; empty when it is on paper or kept as an attachment only."""
    means: Means
    account: AccountId | None
    channel: ChannelId | None
    order_no: NumberLabel | None
    campaign: CampaignId | None
    earmark: Label | None
    pledge_parts: tuple[PledgePart, ...]
    wants_receipt: bool
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return gift_needs(self.donation, self.fund, self.pledge_parts)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return gift_legs(self, model)


class DonationRegistered(Event):
    """The office's register names a gift that a channel's bill books: who gave, for what, under which activity.

    It posts nothing, or the gift would stand in the books twice.
    """

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["donation.registered"] = "donation.registered"
    version: Literal[1] = 1
    donation: DonationId
    register_no: NumberLabel
    donor: DonorRef | None
    donor_kind: DonorKind
    donor_label: Label | None
    publicity: Publicity
    amount_fen: PositiveFen
    channel: ChannelId
    order_no: NumberLabel
    campaign: CampaignId | None
    earmark: Label | None
    wants_receipt: bool
    registered_on: Day
    arrived_on: Day | None
    """The day of arrival as the register has it, which may be the day of settlement."""
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (gift_need(self.donation), Need(f"donation:{self.donation}", ("donation.registered",)))


# ---- what other flows ask and post


def gift_need(donation: str) -> Need:
    """The history in which a donation number was used."""
    return Need(f"donation:{donation}", GIFT_KINDS)


def gift_needs(donation: str, fund: str, parts: tuple[PledgePart, ...]) -> tuple[Need, ...]:
    """What a new gift must know: its number, its fund, the pledges it fulfils."""
    return (gift_need(donation), fund_need(fund), *(pledge_need(part.pledge) for part in parts))


def gift_legs(event: DonationReceived | DonationCollective, model: Knowledge) -> tuple[Leg, ...]:
    """The account or channel against the fund's income, and the pledges that the gift fulfils."""
    role, party = holder(event)
    received = debit(event.fund, role, event.amount_fen, party)
    gift = covered(model, (received, income(known(model, event.fund), event.amount_fen)))
    return (*gift, *fulfil(model, event.pledge_parts))


def given(model: Knowledge, donation: str) -> int:
    """Fen that a donation number stands for: money received, or goods at fair value. Needs `gift_need`."""
    events = (recorded.event for recorded in find(model, gift_need(donation)))
    return sum(getattr(event, "amount_fen", 0) or getattr(event, "value_fen", 0) for event in events)


# ---- rules


@rule(
    DonationReceived, DonationCollective, code="DONATION_TWICE", source="a file read twice doubles nothing", form=True
)
def gift_new(event: DonationReceived | DonationCollective, model: Knowledge) -> Verdict:
    yield from taken(model, gift_need(event.donation), donation=event.donation)


@rule(DonationReceived, DonationCollective, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: DonationReceived | DonationCollective, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(DonationReceived, DonationCollective, code="MEANS", source="an account or a channel, never both", form=True)
def means_fit(event: DonationReceived | DonationCollective, model: Knowledge) -> Verdict:
    yield from mixed_means(event)


@rule(
    DonationReceived,
    DonationCollective,
    DonationRegistered,
    code="DONOR_SHAPE",
    source="Charity Law art. 80",
    form=True,
)
def donor_described(event: DonationReceived | DonationCollective | DonationRegistered, model: Knowledge) -> Verdict:
    yield from misdescribed(event)


@rule(
    DonationReceived,
    DonationCollective,
    code="FACT_IN_FUTURE",
    source="what has not happened is not recorded",
    form=True,
)
def not_in_future(event: DonationReceived | DonationCollective, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(DonationReceived, DonationCollective, code="PLEDGE_PARTS", source="a gift fulfils no more than itself", form=True)
def parts_within(event: DonationReceived | DonationCollective, model: Knowledge) -> Verdict:
    yield from parts_over(event.pledge_parts, event.amount_fen)


@rule(DonationReceived, DonationCollective, code="PLEDGE_UNKNOWN", source="Charity Law art. 41", form=True)
def pledges_ours(event: DonationReceived | DonationCollective, model: Knowledge) -> Verdict:
    yield from not_ours(model, event.pledge_parts)


@own_matters(DonationReceived, DonationCollective)
def pledges_of_this_entity(event: DonationReceived | DonationCollective) -> Sequence[Need]:
    return [pledge_need(part.pledge) for part in event.pledge_parts]


@own_matters(DonationRegistered)
def gift_of_this_entity(event: DonationRegistered) -> Sequence[Need]:
    return event.needs()


@rule(
    DonationReceived, DonationCollective, code="PLEDGE_OVERPAID", source="promised = arrived + released + outstanding"
)
def pledges_not_overpaid(event: DonationReceived | DonationCollective, model: Knowledge) -> Verdict:
    yield from overpaid(model, event.pledge_parts)


@rule(DonationReceived, DonationCollective, code="GIFT_TO_PUBLIC_FUND", source="Charity Law art. 53", warns=True)
def fund_is_charity(event: DonationReceived | DonationCollective, model: Knowledge) -> Verdict:
    fund_kind = kind_of(model, event.fund)
    if fund_kind in {"fiscal", "lottery"}:
        yield {"fund": event.fund, "fund_kind": fund_kind}


@rule(DonationCollective, code="COLLECTIVE_SUM", source="a broken sum is not a fact", form=True)
def lines_add_up(event: DonationCollective, model: Knowledge) -> Verdict:
    if event.lines and total(event.lines) != event.amount_fen:
        yield {"donation": event.donation, "parts_fen": total(event.lines), "amount_fen": event.amount_fen}


@rule(DonationCollective, code="COLLECTIVE_PERSONS", source="一日捐 lists: persons and lines agree")
def persons_counted(event: DonationCollective, model: Knowledge) -> Verdict:
    if not event.persons or (event.lines and len(event.lines) != event.persons):
        yield {"donation": event.donation, "persons": event.persons, "lines": len(event.lines)}


@rule(DonationCollective, code="COLLECTIVE_LIST", source="Charity Law art. 38", warns=True)
def list_kept(event: DonationCollective, model: Knowledge) -> Verdict:
    if not event.lines and event.list_digest is None:
        yield {"donation": event.donation}


@rule(DonationRegistered, code="REGISTERED_TWICE", source="a file read twice doubles nothing", form=True)
def registered_once(event: DonationRegistered, model: Knowledge) -> Verdict:
    yield from taken(model, event.needs()[1], donation=event.donation)


@rule(DonationRegistered, code="REGISTERED_UNBOOKED", source="捐赠未入账: a register row without money", warns=True)
def channel_booked_it(event: DonationRegistered, model: Knowledge) -> Verdict:
    """The channel's bill may come later; which gifts are still unbooked is asked of the book, not of this moment."""
    booked = given(model, event.donation)
    if booked != event.amount_fen:
        yield {"donation": event.donation, "amount_fen": event.amount_fen, "booked_fen": booked}
