"""Gifts that go back (退回捐赠): sent to the wrong account, paid twice, refunded by a channel, asked back.

A return takes back the gift's own income or debt to the payee; a pledge that the gift fulfilled opens again. Whoever
returns more than is left, or leaves a receipt standing, is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import (
    Means,
    account_short,
    find,
    holder,
    in_future,
    mixed_means,
    moved_before,
    movement_need,
    own_matters,
)
from ledger.flows.event import Event, Stage
from ledger.flows.fields import (
    AccountId,
    ChannelId,
    Day,
    DocumentNo,
    DonationId,
    FreeText,
    FundId,
    MovementId,
    NumberLabel,
    PositiveFen,
)
from ledger.flows.giving.donations import gift_need, given
from ledger.flows.giving.funds import facts, fund_need, income, known, unknown, unrelease
from ledger.flows.giving.pledges import PledgePart, fulfil, not_ours, parts_over, pledge_need
from ledger.flows.giving.receipts import cover_need, receipted, return_need, returned
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place


class DonationReturned(Event):
    """Money of a gift went back to its donor; `movement` is the refund's own number."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["donation.returned"] = "donation.returned"
    version: Literal[1] = 1
    movement: MovementId
    donation: DonationId
    fund: FundId
    amount_fen: PositiveFen
    reason: Literal["channel_refund", "wrong_account", "paid_twice", "donor_request", "unfit_purpose", "other"]
    reason_text: FreeText | None
    means: Means
    account: AccountId | None
    channel: ChannelId | None
    order_no: NumberLabel | None
    pledge_parts: tuple[PledgePart, ...]
    """What the gift had fulfilled and is owed again."""
    document: DocumentNo | None
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        gift = (gift_need(self.donation), return_need(self.donation), cover_need(self.donation))
        pledges = tuple(pledge_need(part.pledge) for part in self.pledge_parts)
        return (movement_need(self), *gift, fund_need(self.fund), *pledges)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        role, party = holder(self)
        fund = known(model, self.fund)
        taken_back = income(fund, self.amount_fen)
        return (
            *unrelease(model, fund, self.amount_fen),
            debit(self.fund, taken_back.role, self.amount_fen, taken_back.party),
            credit(self.fund, role, self.amount_fen, party),
            *fulfil(model, self.pledge_parts, sign=-1),
        )


def fulfilled(gifts: Iterable[Event], returns: Iterable[Event]) -> Mapping[str, int]:
    """Fen of a gift that count for each pledge, less what its returns opened again."""
    found: dict[str, int] = {}
    for sign, events in ((1, gifts), (-1, returns)):
        for part in (part for event in events for part in getattr(event, "pledge_parts", ())):
            found[part.pledge] = found.get(part.pledge, 0) + sign * part.fen
    return found


def still_fulfilled(pledges: Mapping[str, int], left: int, most: int) -> Mapping[str, int]:
    """Of what a gift counts for pledges, the fen to be owed again where only `left` fen of the gift are left, and no
    more than `most`: the last pledge first, for what a gift was given for first it fulfilled first.
    """
    over = min(sum(pledges.values()) - max(0, left), most)
    found: dict[str, int] = {}
    for pledge, fen in reversed(list(pledges.items())):
        if (taken := min(over, fen)) > 0:
            found[pledge] = taken
            over -= taken
    return found


def _fulfilled(model: Knowledge, donation: str) -> Mapping[str, int]:
    gifts, returns = find(model, gift_need(donation)), find(model, return_need(donation))
    return fulfilled((one.event for one in gifts), (one.event for one in returns))


# ---- rules


@rule(DonationReturned, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True)
def movement_new(event: DonationReturned, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(DonationReturned, code="DONATION_UNKNOWN", source="Charity Law art. 38", warns=True)
def gift_known(event: DonationReturned, model: Knowledge) -> Verdict:
    """A gift older than this book can go back too: the bank paid, so it is shown and not refused."""
    if not find(model, gift_need(event.donation)):
        yield {"donation": event.donation}


@rule(DonationReturned, code="DONATION_FUND", source="a return leaves the fund that took the gift", form=True)
def same_fund(event: DonationReturned, model: Knowledge) -> Verdict:
    funds = {getattr(recorded.event, "fund", None) for recorded in find(model, gift_need(event.donation))}
    if funds and event.fund not in funds:
        yield {"donation": event.donation, "fund": event.fund}


@rule(DonationReturned, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: DonationReturned, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(DonationReturned, code="MEANS", source="an account or a channel, never both", form=True)
def means_fit(event: DonationReturned, model: Knowledge) -> Verdict:
    yield from mixed_means(event)


@rule(DonationReturned, code="PLEDGE_PARTS", source="a gift fulfils no more than itself", form=True)
def parts_within(event: DonationReturned, model: Knowledge) -> Verdict:
    yield from parts_over(event.pledge_parts, event.amount_fen)


@rule(DonationReturned, code="PLEDGE_REOPENED", source="a return opens no more than its gift fulfilled", form=True)
def reopens_what_it_fulfilled(event: DonationReturned, model: Knowledge) -> Verdict:
    if not find(model, gift_need(event.donation)):
        return
    pledges = _fulfilled(model, event.donation)
    for part in event.pledge_parts:
        left = pledges.get(part.pledge, 0)
        if part.fen > left:
            yield {"pledge": part.pledge, "amount_fen": part.fen, "left_fen": left}


@rule(
    DonationReturned,
    code="PLEDGE_STILL_FULFILLED",
    source="promised = arrived + released + outstanding",
    form=True,
    edition=10,
)
def opens_what_went_back(event: DonationReturned, model: Knowledge) -> Verdict:
    """A pledge that counts what went back as arrived is never asked for again. What earlier returns left out is theirs:
    no return owes more parts than its own amount.
    """
    parts = {part.pledge: part.fen for part in event.pledge_parts}
    pledges = {pledge: fen - parts.get(pledge, 0) for pledge, fen in _fulfilled(model, event.donation).items()}
    left = given(model, event.donation) - returned(model, event.donation) - event.amount_fen
    for pledge, fen in still_fulfilled(pledges, left, event.amount_fen - sum(parts.values())).items():
        yield {"donation": event.donation, "pledge": pledge, "amount_fen": fen + parts.get(pledge, 0)}


@rule(DonationReturned, code="PLEDGE_UNKNOWN", source="Charity Law art. 41", form=True)
def pledges_ours(event: DonationReturned, model: Knowledge) -> Verdict:
    yield from not_ours(model, event.pledge_parts)


@own_matters(DonationReturned)
def gift_of_this_entity(event: DonationReturned) -> Sequence[Need]:
    return [gift_need(event.donation), *(pledge_need(one.pledge) for one in event.pledge_parts)]


@rule(DonationReturned, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def not_in_future(event: DonationReturned, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(DonationReturned, code="RETURN_OVER_GIFT", source="no more goes back than came")
def within_gift(event: DonationReturned, model: Knowledge) -> Verdict:
    left = given(model, event.donation) - returned(model, event.donation)
    if event.amount_fen > left and find(model, gift_need(event.donation)):
        yield {"donation": event.donation, "amount_fen": event.amount_fen, "left_fen": left}


@rule(DonationReturned, code="ALREADY_SPENT", source="Charity Law art. 53")
def still_there(event: DonationReturned, model: Knowledge) -> Verdict:
    fund = facts(model, event.fund)
    if fund is None:
        return
    held = -model.balance(event.fund, Role.AGENCY) if fund.kind == "agency" else model.available(event.fund)
    if event.amount_fen > held:
        yield {"donation": event.donation, "fund": event.fund, "amount_fen": event.amount_fen, "available_fen": held}


@rule(DonationReturned, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def account_holds_it(event: DonationReturned, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, holder(event), event.amount_fen)


@rule(DonationReturned, code="RECEIPT_OUTSTANDING", source="财综〔2024〕1号: a receipt for money returned is reversed")
def receipt_taken_back(event: DonationReturned, model: Knowledge) -> Verdict:
    left = given(model, event.donation) - returned(model, event.donation) - event.amount_fen
    standing = receipted(model, event.donation)
    if standing > max(0, left):
        yield {"donation": event.donation, "receipted_fen": standing, "left_fen": left}
