"""Pledges as lines: what was promised, agreed anew, released, asked for; when it is due; what arrived for it.

Money that arrives without a pledge is a line too, with an empty `pledge`: the report needs it beside the others. The
questions are answered in `pledge_report.py`.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, Protocol

from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.collecting.boxes import BoxOpened
from ledger.flows.collecting.suspense import SuspenseIdentified
from ledger.flows.giving.donations import DonationCollective, DonationReceived
from ledger.flows.giving.pledges import (
    Instalment,
    PledgeAmended,
    PledgeMade,
    PledgePart,
    PledgeReleased,
    PledgeReminded,
)
from ledger.flows.giving.returns import DonationReturned
from ledger.log.columns import text
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import date_of, lines, whole

TERMS: Final = lines(
    "pledge_terms",
    text("pledge"),
    text("act"),
    text("fund", optional=True),
    text("recipient", optional=True),
    text("donor", optional=True),
    text("donor_label", optional=True),
    text("campaign", optional=True),
    text("pledge_kind", optional=True),
    date_of("said_on", optional=True),
    whole("amount_fen"),
    whole("paid_before_fen"),
    indexes=(("pledge",),),
)
"""`act` is made, amended (a signed change), released or reminded; `opening` is a promise taken over from older books,
whose day nobody wrote down (`said_on` NULL)."""

DUES: Final = lines("pledge_dues", text("pledge"), date_of("due_on"), whole("fen"), indexes=(("pledge",),))
"""The instalments as they were agreed at a position; the latest agreement replaces the ones before."""

ARRIVALS: Final = lines(
    "pledge_arrivals",
    text("pledge"),
    text("donation"),
    text("fund"),
    text("campaign", optional=True),
    date_of("arrived_on"),
    whole("fen"),
    indexes=(("pledge", "arrived_on"),),
)
"""What arrived (negative: went back), cut into the pledges it counts for and a rest with an empty `pledge`."""

PLEDGES: Final = Projection("pledges", TERMS, DUES, ARRIVALS, version=2)


class _Gift(Protocol):
    @property
    def donation(self) -> str: ...
    @property
    def fund(self) -> str: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def pledge_parts(self) -> Sequence[PledgePart]: ...


@PLEDGES.lines_of(PledgeMade)
def _made(event: PledgeMade) -> Iterator[Line]:
    more = {
        "fund": event.fund,
        "recipient": event.recipient_label,
        "donor": event.donor,
        "donor_label": event.donor_label,
        "campaign": event.campaign,
        "pledge_kind": event.pledge_kind,
        "paid_before_fen": event.paid_before_fen,
    }
    yield _term(event.pledge, "made", event.on, event.amount_fen, **more)
    yield from _dues(event.pledge, event.instalments)


@PLEDGES.lines_of(OpeningRecorded)
def _taken_over(event: OpeningRecorded) -> Iterator[Line]:
    for row in event.pledges:
        yield _term(row.pledge, "opening", None, row.amount_fen, fund=row.fund, donor=row.donor)
        if row.due is not None:
            yield Line(DUES, {"pledge": row.pledge, "due_on": row.due, "fen": row.amount_fen})


@PLEDGES.lines_of(PledgeAmended)
def _amended(event: PledgeAmended) -> Iterator[Line]:
    yield _term(event.pledge, "amended", event.on, event.delta_fen)
    yield from _dues(event.pledge, event.instalments)


@PLEDGES.lines_of(PledgeReleased)
def _released(event: PledgeReleased) -> Iterator[Line]:
    yield _term(event.pledge, "released", event.on, event.amount_fen)


@PLEDGES.lines_of(PledgeReminded)
def _reminded(event: PledgeReminded) -> Iterator[Line]:
    yield _term(event.pledge, "reminded", event.on, 0)


@PLEDGES.lines_of(DonationReceived, DonationCollective)
def _arrived(event: DonationReceived | DonationCollective) -> Iterator[Line]:
    return _arrivals(event, event.occurred_on, event.campaign, 1)


@PLEDGES.lines_of(SuspenseIdentified)
def _identified(event: SuspenseIdentified) -> Iterator[Line]:
    return _arrivals(event, event.arrived_on, event.campaign, 1)


@PLEDGES.lines_of(DonationReturned)
def _went_back(event: DonationReturned) -> Iterator[Line]:
    return _arrivals(event, event.occurred_on, None, -1)


@PLEDGES.lines_of(BoxOpened)
def _boxed(event: BoxOpened) -> Iterator[Line]:
    yield _arrival("", event.donation, event.fund, event.amount_fen, event.occurred_on, event.campaign)


def _arrivals(gift: _Gift, on: date, campaign: str | None, sign: int) -> Iterator[Line]:
    rest = gift.amount_fen
    for part in gift.pledge_parts:
        rest -= part.fen
        yield _arrival(part.pledge, gift.donation, gift.fund, sign * part.fen, on, campaign)
    if rest:
        yield _arrival("", gift.donation, gift.fund, sign * rest, on, campaign)


def _arrival(pledge: str, donation: str, fund: str, fen: int, on: date, campaign: str | None) -> Line:
    values = {"pledge": pledge, "donation": donation, "fund": fund, "campaign": campaign, "arrived_on": on, "fen": fen}
    return Line(ARRIVALS, values)


def _term(pledge: str, act: str, on: date | None, amount_fen: int, **more: str | int | None) -> Line:
    blank = dict.fromkeys(("fund", "recipient", "donor", "donor_label", "campaign", "pledge_kind"))
    known = {"pledge": pledge, "act": act, "said_on": on, "amount_fen": amount_fen, "paid_before_fen": 0}
    return Line(TERMS, {**blank, **known, **more})


def _dues(pledge: str, instalments: Sequence[Instalment]) -> Iterator[Line]:
    for one in instalments:
        yield Line(DUES, {"pledge": pledge, "due_on": one.due, "fen": one.fen})
