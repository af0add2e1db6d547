"""Pledges (认捐): what a donor promised, and how much of it is still to come.

A pledge is never income and never available: it is kept in a memo book, so that promised = arrived + released +
outstanding at every position. Gifts fulfil it through `pledge_parts`, with what arrived and never with what was due.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

from ledger.accounts.legs import Leg, pledged
from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.checks import distinct, find, in_future, own_matters, taken, total
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    CampaignId,
    Day,
    DigestText,
    DocumentNo,
    DonorRef,
    Fen,
    FreeText,
    FundId,
    Label,
    Origin,
    PledgeId,
    PositiveFen,
    SignedFen,
)
from ledger.flows.giving.donors import DonorKind, Publicity, misdescribed
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place


class Instalment(Part):
    """A part of a pledge and the day it is due."""

    due: Day
    fen: PositiveFen


class PledgePart(Part):
    """How much of a gift (or of its return) counts for a pledge."""

    pledge: PledgeId
    fen: PositiveFen


class PledgeMade(Event):
    """A donor promises money, to this entity or, at the same gala, to another. Source: Charity Law arts. 39 and 41."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = {"pledge": ("pledge.amended", "pledge.released")}

    kind: Literal["pledge.made"] = "pledge.made"
    version: Literal[1] = 1
    pledge: PledgeId
    fund: FundId | None
    recipient_label: Label | None
    """Another organisation that the promise was made to: counted in the campaign's total, never ours to collect."""
    donor: DonorRef | None
    donor_kind: DonorKind
    donor_label: Label | None
    publicity: Publicity
    amount_fen: PositiveFen
    """What counts as promised; of a pledge that keeps its principal, the returns only."""
    paid_before_fen: Fen
    """What had arrived before this book began; zero unless the pledge is taken over from older books."""
    pledge_kind: Literal["single", "instalments", "principal_kept"]
    principal_fen: PositiveFen | None
    """Of 留本冠名: the principal that the donor keeps, named in public and never owed."""
    instalments: tuple[Instalment, ...]
    campaign: CampaignId | None
    public: bool
    """Whether it was promised through the media, which makes it enforceable (art. 41)."""
    agreement: DocumentNo | None
    on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        own = (pledge_need(self.pledge),)
        return own if self.fund is None else (*own, fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        owed = self.amount_fen - self.paid_before_fen
        return () if self.fund is None or not owed else pledged(self.fund, owed, self.pledge)


class PledgeAmended(Event):
    """Donor and charity agree on another amount or other days; the old promise stays in the log."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["pledge.amended"] = "pledge.amended"
    version: Literal[1] = 1
    pledge: PledgeId
    delta_fen: SignedFen
    instalments: tuple[Instalment, ...]
    """The days and amounts still to come; empty when none are agreed."""
    reason: FreeText
    document: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (pledge_need(self.pledge),)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        fund = pledge_fund(model, self.pledge)
        return () if fund is None or not self.delta_fen else pledged(fund, self.delta_fen, self.pledge)


class PledgeReleased(Event):
    """The donor is freed from what is still outstanding, or part of it. Source: Charity Law art. 41 (hardship)."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["pledge.released"] = "pledge.released"
    version: Literal[1] = 1
    pledge: PledgeId
    amount_fen: PositiveFen
    reason: Literal["hardship", "dissolved", "deceased", "agreed", "other"]
    reason_text: FreeText
    public_notice: DigestText | None
    """The public statement that the law asks of a donor who promised in public."""
    document: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (pledge_need(self.pledge),)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        fund = pledge_fund(model, self.pledge)
        return () if fund is None else pledged(fund, -self.amount_fen, self.pledge)


class PledgeReminded(Event):
    """The charity asked for a pledge that was due (催缴)."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["pledge.reminded"] = "pledge.reminded"
    version: Literal[1] = 1
    pledge: PledgeId
    how: Literal["letter", "phone", "visit", "message"]
    answer: FreeText | None
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (pledge_need(self.pledge),)


# ---- what gifts ask and post


def pledge_need(pledge: str) -> Need:
    """The history in which a pledge was made, or was taken over from older books."""
    return Need(f"pledge:{pledge}", ("pledge.made", "opening.recorded"))


def pledge_made(model: Knowledge, pledge: str) -> PledgeMade | None:
    """The pledge as it was made, or None."""
    for recorded in find(model, pledge_need(pledge)):
        if isinstance(recorded.event, PledgeMade):
            return recorded.event
    return None


def pledge_fund(model: Knowledge, pledge: str) -> str | None:
    """The fund that a pledge was made to; None when it is unknown or was made to somebody else."""
    for recorded in find(model, pledge_need(pledge)):
        if isinstance(recorded.event, PledgeMade):
            return recorded.event.fund
        if isinstance(recorded.event, OpeningRecorded):
            return next(row.fund for row in recorded.event.pledges if row.pledge == pledge)
    return None


def outstanding(model: Knowledge, pledge: str) -> int:
    """Fen still to come; negative when more came than was promised."""
    fund = pledge_fund(model, pledge)
    return 0 if fund is None else model.balance(fund, Role.PLEDGED, pledge)


def fulfil(model: Knowledge, parts: Iterable[PledgePart], sign: int = 1) -> tuple[Leg, ...]:
    """The memo legs of a gift's parts; `sign` -1 for a return, which opens the pledge again."""
    legs: list[Leg] = []
    for part in parts:
        fund = pledge_fund(model, part.pledge)
        if fund is not None:
            legs += pledged(fund, -sign * part.fen, part.pledge)
    return tuple(legs)


def not_ours(model: Knowledge, parts: Iterable[PledgePart]) -> Verdict:
    """The body of every PLEDGE_UNKNOWN rule: a part names a pledge that nobody made to this entity."""
    for part in parts:
        if pledge_fund(model, part.pledge) is None:
            yield {"pledge": part.pledge}


def parts_over(parts: tuple[PledgePart, ...], fen: int) -> Verdict:
    """The body of every PLEDGE_PARTS rule: the parts exceed the gift, or name a pledge twice."""
    if total(parts) > fen or not distinct([part.pledge for part in parts]):
        yield {"parts_fen": total(parts), "amount_fen": fen}


def overpaid(model: Knowledge, parts: Iterable[PledgePart]) -> Verdict:
    """The body of every PLEDGE_OVERPAID rule: more arrives than is still outstanding."""
    for part in parts:
        left = outstanding(model, part.pledge)
        if part.fen > left and pledge_fund(model, part.pledge) is not None:
            yield {"pledge": part.pledge, "amount_fen": part.fen, "left_fen": left}


# ---- rules


@rule(PledgeMade, code="PLEDGE_TWICE", source="a file read twice doubles nothing", form=True)
def pledge_new(event: PledgeMade, model: Knowledge) -> Verdict:
    yield from taken(model, pledge_need(event.pledge), pledge=event.pledge)


@rule(PledgeMade, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: PledgeMade, model: Knowledge) -> Verdict:
    if event.fund is not None:
        yield from unknown(model, event.fund)


@rule(PledgeMade, code="PLEDGE_RECIPIENT", source="认捐 of a gala is not all the charity's", form=True)
def recipient_is_one(event: PledgeMade, model: Knowledge) -> Verdict:
    if (event.fund is None) == (event.recipient_label is None):
        yield {"pledge": event.pledge}


@rule(PledgeMade, code="PLEDGE_SUM", source="Charity Law art. 39 (instalments agreed in writing)", form=True)
def instalments_add_up(event: PledgeMade, model: Knowledge) -> Verdict:
    owed = event.amount_fen - event.paid_before_fen
    if owed < 0 or (event.instalments and total(event.instalments) != owed):
        yield {"pledge": event.pledge, "parts_fen": total(event.instalments), "amount_fen": owed}


@rule(PledgeMade, code="PLEDGE_PRINCIPAL", source="留本冠名基金: only the yearly part counts", form=True)
def principal_named(event: PledgeMade, model: Knowledge) -> Verdict:
    if (event.pledge_kind == "principal_kept") != (event.principal_fen is not None):
        yield {"pledge": event.pledge, "pledge_kind": event.pledge_kind}


@rule(PledgeMade, code="DONOR_SHAPE", source="Charity Law art. 80", form=True)
def donor_described(event: PledgeMade, model: Knowledge) -> Verdict:
    yield from misdescribed(event)


@rule(PledgeMade, PledgeReminded, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def not_in_future(event: PledgeMade | PledgeReminded, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(PledgeAmended, PledgeReleased, PledgeReminded, code="PLEDGE_UNKNOWN", source="Charity Law art. 41", form=True)
def pledge_known(event: PledgeAmended | PledgeReleased | PledgeReminded, model: Knowledge) -> Verdict:
    if not find(model, pledge_need(event.pledge)):
        yield {"pledge": event.pledge}


@own_matters(PledgeAmended, PledgeReleased, PledgeReminded)
def of_this_entity(event: PledgeAmended | PledgeReleased | PledgeReminded) -> Sequence[Need]:
    return (pledge_need(event.pledge),)


@rule(PledgeAmended, code="PLEDGE_UNDER_PAID", source="what was paid cannot be promised away")
def amended_covers_paid(event: PledgeAmended, model: Knowledge) -> Verdict:
    left = outstanding(model, event.pledge) + event.delta_fen
    if left < 0 and pledge_fund(model, event.pledge) is not None:
        yield {"pledge": event.pledge, "delta_fen": event.delta_fen, "left_fen": left}


@rule(PledgeAmended, code="PLEDGE_SUM", source="Charity Law art. 39 (instalments agreed in writing)", form=True)
def new_instalments_add_up(event: PledgeAmended, model: Knowledge) -> Verdict:
    left = outstanding(model, event.pledge) + event.delta_fen
    if event.instalments and pledge_fund(model, event.pledge) is not None and total(event.instalments) != left:
        yield {"pledge": event.pledge, "parts_fen": total(event.instalments), "amount_fen": left}


@rule(PledgeReleased, code="PLEDGE_OVER_RELEASED", source="promised = arrived + released + outstanding")
def released_within(event: PledgeReleased, model: Knowledge) -> Verdict:
    left = outstanding(model, event.pledge)
    if event.amount_fen > left and pledge_fund(model, event.pledge) is not None:
        yield {"pledge": event.pledge, "amount_fen": event.amount_fen, "left_fen": left}


@rule(PledgeReleased, code="PLEDGE_NOTICE", source="Charity Law art. 41 (report and public statement)", warns=True)
def release_published(event: PledgeReleased, model: Knowledge) -> Verdict:
    made = pledge_made(model, event.pledge)
    if made is not None and made.public and event.reason == "hardship" and event.public_notice is None:
        yield {"pledge": event.pledge}
