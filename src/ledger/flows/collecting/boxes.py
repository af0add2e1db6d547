"""Donation boxes and cash (募捐箱、现金): opened and counted by two, banked soon.

Cash that comes in is where money can fail to enter the books, so two people count it; how many days it lay is shown for
every banking.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import account_short, distinct, in_future, moved_before, movement_need, taken, total
from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import (
    AccountId,
    BoxId,
    CampaignId,
    Count,
    Day,
    DigestText,
    DocumentNo,
    DonationId,
    FreeText,
    FundId,
    Label,
    LineId,
    MovementId,
    OfficerId,
    PositiveFen,
)
from ledger.flows.giving.donations import gift_need
from ledger.flows.giving.funds import covered, fund_need, income, known, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

Face = Annotated[int, Field(gt=0, le=10_000)]
"""A note or coin, in fen: 10000 is a hundred yuan."""


class Notes(Part):
    """How many pieces of one note or coin."""

    face_fen: Face
    pieces: Count


class FundPart(Part):
    """A fund's share of a sum."""

    fund: FundId
    fen: PositiveFen


class BoxOpened(Event):
    """A donation box was opened and counted: an anonymous gift in cash."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["box.opened"] = "box.opened"
    version: Literal[1] = 1
    box: BoxId
    site: Label
    donation: DonationId
    fund: FundId
    account: AccountId
    """The cash box of the entity that took the money."""
    amount_fen: PositiveFen
    notes: tuple[Notes, ...]
    unusable: FreeText | None
    """Foreign and damaged notes, which are not counted in the amount."""
    persons: tuple[OfficerId, ...]
    seal: Literal["whole", "broken", "none"]
    campaign: CampaignId | None
    protocol: DigestText | None
    occurred_on: Day

    def needs(self) -> tuple[Need, ...]:
        return (gift_need(self.donation), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        counted = debit(self.fund, Role.CASH, self.amount_fen, self.account)
        return covered(model, (counted, income(known(model, self.fund), self.amount_fen)))


class CashBanked(Event):
    """Cash was paid into the bank; `taken_on` is the first day it came from."""

    stage: ClassVar[Stage] = Stage.FACT
    day_fields: ClassVar[tuple[str, ...]] = ("banked_on",)

    kind: Literal["cash.banked"] = "cash.banked"
    version: Literal[1] = 1
    movement: MovementId
    cash_account: AccountId
    bank_account: AccountId
    amount_fen: PositiveFen
    parts: tuple[FundPart, ...]
    slip: DocumentNo
    line: LineId | None
    taken_on: Day
    banked_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), *(fund_need(part.fund) for part in self.parts))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        pairs = (
            (
                debit(part.fund, Role.BANK, part.fen, self.bank_account),
                credit(part.fund, Role.CASH, part.fen, self.cash_account),
            )
            for part in self.parts
        )
        return tuple(leg for pair in pairs for leg in pair)


# ---- rules


@rule(BoxOpened, code="DONATION_TWICE", source="a file read twice doubles nothing", form=True)
def gift_new(event: BoxOpened, model: Knowledge) -> Verdict:
    yield from taken(model, gift_need(event.donation), donation=event.donation)


@rule(BoxOpened, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: BoxOpened, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(BoxOpened, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def opened_by_today(event: BoxOpened, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(BoxOpened, code="BOX_SUM", source="a broken sum is not a fact", form=True)
def notes_add_up(event: BoxOpened, model: Knowledge) -> Verdict:
    counted = sum(notes.face_fen * notes.pieces for notes in event.notes)
    if counted != event.amount_fen or not distinct([notes.face_fen for notes in event.notes]):
        yield {"box": event.box, "parts_fen": counted, "amount_fen": event.amount_fen}


@rule(BoxOpened, code="BOX_PERSONS", source="会计法 art. 25: cash that comes in needs two people")
def opened_by_two(event: BoxOpened, model: Knowledge) -> Verdict:
    if len(set(event.persons)) < 2:
        yield {"box": event.box, "persons": len(set(event.persons))}


@rule(BoxOpened, code="BOX_SEAL", source="募捐箱 are sealed until they are opened", warns=True)
def seal_was_whole(event: BoxOpened, model: Knowledge) -> Verdict:
    if event.seal != "whole":
        yield {"box": event.box, "seal": event.seal}


@rule(CashBanked, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True)
def movement_new(event: CashBanked, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(CashBanked, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def funds_known(event: CashBanked, model: Knowledge) -> Verdict:
    yield from unknown(model, *(part.fund for part in event.parts))


@rule(CashBanked, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def banked_by_today(event: CashBanked, model: Knowledge) -> Verdict:
    yield from in_future(model, event.banked_on)


@rule(CashBanked, code="CASH_SUM", source="a broken sum is not a fact", form=True)
def parts_add_up(event: CashBanked, model: Knowledge) -> Verdict:
    whole = total(event.parts) == event.amount_fen and distinct([part.fund for part in event.parts])
    if not whole or event.taken_on > event.banked_on:
        yield {"movement": event.movement, "parts_fen": total(event.parts), "amount_fen": event.amount_fen}


@rule(CashBanked, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def cash_was_there(event: CashBanked, model: Knowledge) -> Verdict:
    for part in event.parts:
        yield from account_short(model, part.fund, (Role.CASH, event.cash_account), part.fen)
