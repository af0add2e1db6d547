"""An office for tests: an opened book with three administrators, an accountant, a cashier, two checkers, an auditor.

Keys are made in memory; nothing here is sealed, because sealing is tested where it lives.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ledger.application.drafting import Signer, approve, draft, draft_event
from ledger.application.outcomes import Outcome
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.flows.authority.keys import possession_text
from ledger.flows.event import Event
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from tests.empty_book import empty_book

ORIGIN = "ledger.example.org/test-county"
DAY = date(2025, 9, 10)
ENTITY = "charity"
FORM = "form"
Facts = Iterable[tuple[str, Mapping[str, Any]]]
ADMINISTRATORS = ("guan-1", "guan-2", "guan-3")
PEOPLE = {
    "maker": ("accountant",),
    "other-maker": ("accountant",),
    "cashier": ("cashier",),
    "checker": ("checker",),
    "checker-2": ("checker",),
    "auditor": ("auditor",),
}


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2025, 9, 30, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


class Office:
    """People with keys in front of one book."""

    def __init__(self, url: str, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.clock = Clock()
        self.store = empty_book(url)
        self.operator = NoteSigner(origin, SigningKey.generate())
        self.writer = self.new_writer()
        self.keys = {name: SigningKey.generate() for name in (*ADMINISTRATORS, *PEOPLE)}

    def new_writer(self) -> Writer:
        """Another writer on the same book, as another process would have."""
        return Writer(self.store, self.operator, self.clock, "test")

    def signer(self, officer: str, key: SigningKey | None = None, **more: Any) -> Signer:
        """An officer, with another's key when a test says so."""
        return Signer(officer, key or self.keys[officer], more.get("ledger", self.origin), more.get("seen"))

    def enrolment(self, officer: str, key: SigningKey | None = None) -> dict[str, Any]:
        """The fields of a key with a proof of possession."""
        held = key or self.keys[officer]
        proof = held.sign(possession_text(self.origin, officer, held.public.text))
        return {
            "officer": officer,
            "key": held.public.text,
            "keyid": held.public.keyid,
            "possession": base64.b64encode(proof).decode(),
        }

    def draft(self, maker: str | Signer, facts: Facts | list[Event], entity: str = ENTITY, **more: Any) -> Submission:
        """A signed voucher."""
        signer = maker if isinstance(maker, Signer) else self.signer(maker)
        events = [fact if isinstance(fact, Event) else draft_event(*fact) for fact in facts]
        return draft(signer, entity, more.pop("day", DAY), events, self.clock(), **more)

    def approved(self, submission: Submission, *approvals: tuple[str | Signer, str]) -> Submission:
        """The voucher with approvals of (person, capacity)."""
        envelopes = tuple(
            approve(who if isinstance(who, Signer) else self.signer(who), submission, capacity, self.clock())
            for who, capacity in approvals
        )
        return Submission(submission.envelope, submission.events, (*submission.approvals, *envelopes))

    def post(self, maker: str, facts: Facts, *approvals: tuple[str, str], entity: str = ENTITY, **more: Any) -> Outcome:
        """Draft, approve and submit."""
        return self.writer.submit(self.approved(self.draft(maker, facts, entity, **more), *approvals))

    def open(self) -> "Office":
        """Open the book, register the charity and its people, and a fund with an account."""
        administrators = [{**self.enrolment(name), "name": name} for name in ADMINISTRATORS]
        key = self.operator.key.public.text
        opening = {"origin": self.origin, "operator_key": key, "administrators": administrators}
        self.post("guan-1", [("book.opened", opening)], ("guan-2", "administrator"), entity="book")
        self.post("guan-1", self._authority(), ("guan-3", "administrator"), entity="book")
        self.post("maker", basics())
        return self

    def _authority(self) -> Facts:
        entity = {"entity_kind": "charity", "book_kind": "statutory", "chart_family": "npo"}
        yield "entity.registered", {"entity": ENTITY, "name": "测试慈善总会", "public_fundraising": True, **entity}
        for officer, roles in PEOPLE.items():
            named = {"officer": officer, "name": officer, "entity": ENTITY, "post": "other", "title": "测试"}
            yield "officer.named", {**named, "valid_from": "2025-01-01"}
            yield "key.enrolled", {**self.enrolment(officer), "valid_from": "2025-01-01"}
            for role in roles:
                yield "role.granted", {"officer": officer, "role": role, "entity": ENTITY}


def basics() -> Facts:
    """An unrestricted fund and its bank account."""
    fund = {"fund": "general", "name": "非限定", "fund_kind": "unrestricted", "purpose": "慈善", "purposes": []}
    yield "fund.opened", {**fund, "programmes": [], "no_cost": False, "on": "2025-09-01", "origin": "history"}
    account = {"account": "bank-1", "holding": "bank", "aliases": [], "default_fund": "general"}
    yield "bank.account_registered", {**account, "bank": "测试银行", "opened_on": "2025-09-01"}


def gift(number: str = "g-1", fen: int = 10_000, **more: Any) -> tuple[str, dict[str, Any]]:
    """An anonymous gift to the bank account."""
    who = {"donor_kind": "anonymous", "publicity": "anonymous", "pledge_parts": [], "wants_receipt": False}
    where = {"fund": "general", "means": "bank", "account": "bank-1", "occurred_on": DAY.isoformat()}
    return "donation.received", {"donation": number, "amount_fen": fen, **who, **where, **more}


def fee(number: str = "f-1", fen: int = 100) -> tuple[str, dict[str, Any]]:
    """A bank fee: money that leaves, so a checker must sign."""
    where = {"account": "bank-1", "fund": "general", "on": DAY.isoformat()}
    return "bank.fee", {"movement": number, "amount_fen": fen, **where}
