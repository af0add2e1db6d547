"""A small county's relief money, event by event: each function makes one event, and any field can be overridden.

`ready()` is a book in which everything works: two programmes, standards, a quota, one household enrolled, one batch
prepared. Names, numbers and amounts are invented. What follows a doubt stands in `samples_redress.py`.
"""

from datetime import date
from typing import Any

from ledger.flows.event import Event
from ledger.flows.giving.funds import FundOpened
from ledger.flows.public_money.entitlement.deaths import DeathReported
from ledger.flows.public_money.entitlement.enrolments import (
    EnrolmentChanged,
    EnrolmentConfirmed,
    EnrolmentEnded,
    Member,
    Payee,
)
from ledger.flows.public_money.entitlement.monthly import Monthly, Supplement
from ledger.flows.public_money.entitlement.programmes import (
    AppropriationReceived,
    ExclusionSet,
    ProgrammeOpened,
    StandardSet,
)
from ledger.flows.public_money.entitlement.provincial import ProvincialCounted
from ledger.flows.public_money.payment.batches import (
    BatchApproved,
    BatchClosed,
    BatchLineExcluded,
    BatchPrepared,
    BatchReviewed,
    BatchSent,
    Carried,
    FundSource,
)
from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturned, SubsidyReturnedLate
from ledger.flows.public_money.payment.subsidies import Reference, SubsidyAuthorised, SubsidyOffset
from ledger.flows.public_money.payment.transit import (
    BatchFunded,
    BatchInstructed,
    BatchResultImported,
    BatchUnspentReturned,
    QuotaPart,
)
from ledger.flows.source import Source
from tests.flows.event_samples import make
from tests.flows.fake_knowledge import FakeKnowledge

FUND = "relief"
DIBAO = "rural-dibao"
DESTITUTE = "destitute"
DOCUMENT = "湘财社指〔2025〕×1号"
DAY = date(2025, 9, 8)
LINE_FEN = 69_000
"""Row 1 of the roster sample: 690 yuan."""

Fields = dict[str, Any]


def _line() -> Fields:
    return {"payment": "L1", "enrolment": "E1", "programme": DIBAO, "batch": "B1"}


def _month() -> Fields:
    return {"component": "normal", "period_from": "2025-09", "period_to": "2025-09", "amount_fen": LINE_FEN}


def fund_opened(**over: Any) -> FundOpened:
    return make(FundOpened, **{"fund": FUND, "fund_kind": "fiscal", **over})


def source(digit: str = "a") -> Source:
    return make(Source, file_digest="sha256:" + digit * 64)


# ---- entitlement


def programme_opened(**over: Any) -> ProgrammeOpened:
    fields: Fields = {
        "programme": DIBAO,
        "scheme": "rural_dibao",
        "unit": "household",
        "fund": FUND,
        "categories": ("农村B类", "农村C类"),
    }
    return make(ProgrammeOpened, **{**fields, **over})


def standard_set(**over: Any) -> StandardSet:
    fields: Fields = {
        "programme": DIBAO,
        "category": "农村B类",
        "amount_fen_per_month": 50_000,
        "effective_from": "2025-01",
    }
    return make(StandardSet, **{**fields, **over})


def counted(**over: Any) -> ProvincialCounted:
    fields: Fields = {"programme": DIBAO, "month": "2025-09", "township": "石岭镇", "counted_on": date(2025, 9, 5)}
    numbers: Fields = {"households": 2, "persons": 3, "amount_fen": 96_000, "explanation": None}
    return make(ProvincialCounted, **{**fields, **numbers, **over})


def exclusion_set(**over: Any) -> ExclusionSet:
    fields: Fields = {"programme": DIBAO, "other": DESTITUTE, "effect": "forbidden", "effective_from": "2025-01"}
    return make(ExclusionSet, **{**fields, **over})


def appropriation(**over: Any) -> AppropriationReceived:
    fields: Fields = {
        "document": DOCUMENT,
        "fund": FUND,
        "level": "province",
        "budget_code": "2081902",
        "fiscal_year": 2025,
        "amount_fen": 1_000_000,
        "occurred_on": date(2025, 3, 18),
    }
    return make(AppropriationReceived, **{**fields, **over})


def amount(**over: Any) -> Monthly:
    """Row 1 of the roster sample: (500 - 180) x 2 and one supplement of 50."""
    fields: Fields = {
        "mode": "difference",
        "income_per_head_fen": 18_000,
        "standard_fen": 50_000,
        "tier_fen": None,
        "persons": 2,
        "base_fen": 64_000,
        "supplements": (Supplement(supplement_class="elderly", persons=1, fen=5_000),),
        "rounding": "none",
        "total_fen": LINE_FEN,
    }
    return Monthly(**{**fields, **over})


def members(*persons: str) -> tuple[Member, ...]:
    return tuple(make(Member, person=person) for person in persons)


def _terms() -> Fields:
    return {
        "enrolment": "E1",
        "programme": DIBAO,
        "unit": "household",
        "household": "H1",
        "person": "P1",
        "category": "农村B类",
        "members": members("P1", "P2"),
        "monthly": amount(),
        "payee": make(Payee, payee="A1"),
        "from_month": "2025-02",
        "decided_on": date(2025, 1, 10),
    }


def confirmed(**over: Any) -> EnrolmentConfirmed:
    return make(EnrolmentConfirmed, **{**_terms(), "reason": "new", **over})


def changed(**over: Any) -> EnrolmentChanged:
    return make(EnrolmentChanged, **{**_terms(), "from_month": "2025-09", "reasons": ("correction",), **over})


def ended(**over: Any) -> EnrolmentEnded:
    fields: Fields = {
        "enrolment": "E1",
        "programme": DIBAO,
        "household": "H1",
        "persons": ("P1", "P2"),
        "from_month": "2025-09",
        "reason": "income",
    }
    return make(EnrolmentEnded, **{**fields, **over})


def destitute(**over: Any) -> EnrolmentConfirmed:
    """One destitute person in full."""
    full = amount(mode="full", standard_fen=95_000, persons=1, base_fen=95_000, supplements=(), total_fen=95_000)
    fields: Fields = {
        "enrolment": "E9",
        "programme": DESTITUTE,
        "unit": "person",
        "household": None,
        "person": "P9",
        "category": "分散",
        "members": (),
        "monthly": full,
    }
    return confirmed(**{**fields, **over})


def death(**over: Any) -> DeathReported:
    fields: Fields = {"person": "P1", "died_month": "2025-07", "reported_by": "public_security"}
    return make(DeathReported, **{**fields, **over})


# ---- payment


def prepared(**over: Any) -> BatchPrepared:
    fields: Fields = {
        "batch": "B1",
        "programme": DIBAO,
        "month": "2025-09",
        "fund": FUND,
        "count": 1,
        "persons": 2,
        "total_fen": LINE_FEN,
        "on": DAY,
        **over,
    }
    part = make(FundSource, document=DOCUMENT, fen=fields["total_fen"])
    return make(BatchPrepared, **{"fund_source": (part,), **fields})


def carrying(batch: str, source: str, fen: int, **over: Any) -> BatchPrepared:
    """A batch that is paid by what another one left in transit."""
    part = Carried(batch=source, fen=fen)
    return prepared(**{"batch": batch, "total_fen": fen, "fund_source": (), "carried": (part,), **over})


def reviewed(**over: Any) -> BatchReviewed:
    return make(BatchReviewed, **{"batch": "B1", **over})


def approved(**over: Any) -> BatchApproved:
    return make(BatchApproved, **{"batch": "B1", "count": 1, "total_fen": LINE_FEN, **over})


def sent(**over: Any) -> BatchSent:
    return make(BatchSent, **{"batch": "B1", "total_fen": LINE_FEN, **over})


def instructed(**over: Any) -> BatchInstructed:
    return make(BatchInstructed, **{"batch": "B1", "count": 1, "total_fen": LINE_FEN, **over})


def funded(**over: Any) -> BatchFunded:
    fields: Fields = {"batch": "B1", "movement": "order-1", "fund": FUND, "amount_fen": LINE_FEN, **over}
    part = QuotaPart(document=DOCUMENT, fen=fields["amount_fen"])
    return make(BatchFunded, **{"sources": (part,), "occurred_on": DAY, **fields})


def result(**over: Any) -> BatchResultImported:
    fields: Fields = {
        "batch": "B1",
        "paid_count": 1,
        "paid_fen": LINE_FEN,
        "failed_count": 0,
        "failed_fen": 0,
        "pending_count": 0,
        "pending_fen": 0,
        "occurred_on": DAY,
        "source": source(),
    }
    return make(BatchResultImported, **{**fields, **over})


def excluded(**over: Any) -> BatchLineExcluded:
    fields: Fields = {"batch": "B1", "fund": FUND, "enrolment": "E1", "payment": "L1", "amount_fen": LINE_FEN}
    return make(BatchLineExcluded, **{**fields, **over})


def unspent(**over: Any) -> BatchUnspentReturned:
    fields: Fields = {"batch": "B1", "movement": "back-1", "fund": FUND, "amount_fen": 10_000, **over}
    carried = fields.get("carried_to") is not None
    parts = () if carried else (QuotaPart(document=DOCUMENT, fen=fields["amount_fen"]),)
    return make(BatchUnspentReturned, **{"sources": parts, "occurred_on": DAY, **fields})


def closed_batch(**over: Any) -> BatchClosed:
    return make(BatchClosed, **{"batch": "B1", "paid_fen": LINE_FEN, "cancelled_fen": 0, **over})


def authorised(**over: Any) -> SubsidyAuthorised:
    return make(SubsidyAuthorised, **{**_line(), **_month(), "persons": 2, "subjects": ("P1", "P2"), **over})


def reference(**over: Any) -> Reference:
    return make(Reference, **over)


def offset(**over: Any) -> SubsidyOffset:
    return make(SubsidyOffset, **{**_line(), "movement": "kept-1", "fund": FUND, "amount_fen": 24_000, **over})


def paid(**over: Any) -> SubsidyPaid:
    fields: Fields = {"fund": FUND, "persons": 2, "households": 1, "subjects": ("P1", "P2"), "occurred_on": DAY}
    return make(SubsidyPaid, **{**_line(), **_month(), **fields, **over})


def returned(**over: Any) -> SubsidyReturned:
    fields: Fields = {**_line(), "fund": FUND, "amount_fen": LINE_FEN, "occurred_on": DAY, "was_paid": False}
    return make(SubsidyReturned, **{**fields, **over})


def returned_late(**over: Any) -> SubsidyReturnedLate:
    fields: Fields = {**_line(), "fund": FUND, "amount_fen": LINE_FEN, "occurred_on": date(2025, 9, 28)}
    return make(SubsidyReturnedLate, **{**fields, **over})


# ---- books


def setup(fund_kind: str = "fiscal") -> tuple[Event, ...]:
    """What a county sets before anybody is enrolled; the destitute programme is paid by the person."""
    return (
        fund_opened(fund_kind=fund_kind),
        programme_opened(),
        programme_opened(programme=DESTITUTE, scheme="destitute", unit="person", categories=()),
        standard_set(),
        standard_set(category="农村C类"),
        standard_set(programme=DESTITUTE, category="分散", amount_fen_per_month=95_000),
        exclusion_set(),
        appropriation(),
    )


def ready() -> tuple[Event, ...]:
    """Everything up to a prepared batch for the one enrolled household."""
    return (*setup(), confirmed(), prepared())


def book(*events: Event) -> FakeKnowledge:
    """A book of the bureau that holds these events, none of them judged."""
    model = FakeKnowledge(entity="bureau")
    model.record(*events)
    return model
