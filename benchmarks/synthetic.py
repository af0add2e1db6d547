"""Synthetic people, a book in memory of keys, and subsidy vouchers for the benchmarks. Nothing real, nothing random in
shape: every run writes the same number of the same kinds of events.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from ledger.application.drafting import Signer, approve, draft, draft_event
from ledger.application.outcomes import Outcome
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.flows.authority.keys import possession_text
from ledger.flows.event import Event
from ledger.log.store import LogStore
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner

ORIGIN: Final = "ledger.example.org/bench"
BUREAU: Final = "bureau"
DAY: Final = date(2025, 9, 8)
NOW: Final = datetime(2025, 9, 30, tzinfo=UTC)
PROGRAMME: Final = "rural-dibao"
_PEOPLE: Final = (("maker", "accountant"), ("checker", "checker"))
_ADMINISTRATORS: Final = ("a-1", "a-2", "a-3")


class Bench:
    """An opened book with a bureau, its programme and its quota."""

    def __init__(self, url: str) -> None:
        self.store = LogStore.create(url)
        self.operator = NoteSigner(ORIGIN, SigningKey.generate())
        self.writer = Writer(self.store, self.operator, lambda: NOW, "bench")
        self.keys = {name: SigningKey.generate() for name in (*_ADMINISTRATORS, *(name for name, _ in _PEOPLE))}
        self._open()

    def _signer(self, officer: str) -> Signer:
        return Signer(officer, self.keys[officer], ORIGIN)

    def sign(self, events: list[Event], maker: str = "maker", second: str | None = None, **more: Any) -> Submission:
        """A voucher of the bureau, with a second signature when given."""
        entity, capacity = more.get("entity", BUREAU), more.get("capacity", "checker")
        made = draft(self._signer(maker), entity, DAY, events, NOW, note="synthetic")
        if second is None:
            return made
        return Submission(made.envelope, made.events, (approve(self._signer(second), made, capacity, NOW),))

    def post(self, facts: list[tuple[str, dict[str, Any]]], maker: str, second: str, **more: Any) -> Outcome:
        """Draft, sign by two, submit."""
        return self.writer.submit(self.sign([draft_event(*fact) for fact in facts], maker, second, **more))

    def _enrolment(self, officer: str) -> dict[str, Any]:
        key = self.keys[officer]
        proof = base64.b64encode(key.sign(possession_text(ORIGIN, officer, key.public.text))).decode()
        return {"officer": officer, "key": key.public.text, "keyid": key.public.keyid, "possession": proof}

    def _open(self) -> None:
        administrators = [{**self._enrolment(name), "name": name} for name in _ADMINISTRATORS]
        opening = {"origin": ORIGIN, "operator_key": self.operator.key.public.text, "administrators": administrators}
        book = {"entity": "book", "capacity": "administrator"}
        self.post([("book.opened", opening)], "a-1", "a-2", **book)
        self.post(list(self._authority()), "a-1", "a-2", **book)
        self.post(list(_setting()), "maker", "checker")

    def _authority(self) -> Iterator[tuple[str, dict[str, Any]]]:
        kinds = {"entity_kind": "bureau", "book_kind": "control", "chart_family": "control"}
        yield "entity.registered", {"entity": BUREAU, "name": "民政局", "public_fundraising": False, **kinds}
        for officer, role in _PEOPLE:
            named = {"officer": officer, "name": officer, "entity": BUREAU, "post": "other", "title": "x"}
            yield "officer.named", {**named, "valid_from": "2025-01-01"}
            yield "key.enrolled", {**self._enrolment(officer), "valid_from": "2025-01-01"}
            yield "role.granted", {"officer": officer, "role": role, "entity": BUREAU}


def _setting() -> Iterator[tuple[str, dict[str, Any]]]:
    fund = {"fund": "relief", "name": "救助资金", "fund_kind": "fiscal", "purpose": "救助", "purposes": []}
    yield "fund.opened", {**fund, "programmes": [], "no_cost": False, "on": "2025-01-01", "origin": "history"}
    opened = {"programme": PROGRAMME, "name": "农村低保", "scheme": "rural_dibao", "unit": "household", "fund": "relief"}
    yield "programme.opened", {**opened, "categories": ["农村B类"], "on": "2025-01-01", "origin": "history"}
    standard = {"programme": PROGRAMME, "category": "农村B类", "amount_fen_per_month": 50_000, "tiers_fen": []}
    more = {"effective_from": "2025-01", "decided_on": "2025-01-01", "document": "文1", "origin": "history"}
    yield "standard.set", {**standard, **more}
    quota = {"document": "指标1", "fund": "relief", "level": "county", "budget_code": "20819", "fiscal_year": 2025}
    flags = {"carried_over": False, "direct": False, "amount_fen": 10**13, "occurred_on": "2025-01-02"}
    yield "appropriation.received", {**quota, **flags}


def enrolments(first: int, count: int) -> list[Event]:
    """Households first..first+count-1, confirmed."""
    monthly = {"mode": "difference", "income_per_head_fen": 18_000, "standard_fen": 50_000, "persons": 2}
    monthly |= {"base_fen": 64_000, "supplements": [], "rounding": "none", "total_fen": 64_000}
    common = {"programme": PROGRAMME, "unit": "household", "category": "农村B类", "township": "石岭镇", "members": []}
    common |= {"monthly": monthly, "from_month": "2025-01", "reason": "opening", "origin": "history"}
    return [
        draft_event(
            "enrolment.confirmed",
            {
                **common,
                "enrolment": f"e-{n}",
                "household": f"h-{n}",
                "person": f"p-{n}",
                "payee": {"payee": f"y-{n}", "payee_kind": "self"},
            },
        )
        for n in range(first, first + count)
    ]


def batch(number: int, count: int) -> list[tuple[str, dict[str, Any]]]:
    """A prepared batch of `count` lines of 640 yuan, paid for at once."""
    total = count * 64_000
    name, source = f"b-{number}", [{"document": "指标1", "level": "county", "budget_code": "20819", "fen": total}]
    prepared = {"batch": name, "programme": PROGRAMME, "month": "2025-09", "fund": "relief", "count": count}
    more = {"persons": count * 2, "total_fen": total, "fund_source": source, "carried": [], "on": "2025-09-01"}
    return [("batch.prepared", {**prepared, **more, "origin": "decision"})]


def road(number: int, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The batch approved, sent and funded, so that its payments are ordinary facts."""
    total, name = count * 64_000, f"b-{number}"
    step = {"batch": name, "on": "2025-09-05", "origin": "decision"}
    order = {"batch": name, "fund": "relief", "amount_fen": total, "account": "transit", "occurred_on": "2025-09-06"}
    return [
        ("batch.approved", {**step, "count": count, "total_fen": total}),
        ("batch.sent", {**step, "organisation": "财政局", "total_fen": total}),
        ("batch.funded", {**order, "movement": f"m-{number}", "sources": [{"document": "指标1", "fen": total}]}),
    ]


def authorised(number: int, first: int, count: int) -> list[Event]:
    """One authorised line for each household."""
    common = {"programme": PROGRAMME, "batch": f"b-{number}", "component": "normal", "period_from": "2025-09"}
    common |= {"period_to": "2025-09", "amount_fen": 64_000, "persons": 2, "origin": "decision"}
    return [
        draft_event(
            "subsidy.authorised",
            {**common, "payment": f"y-{n}-{number}", "enrolment": f"e-{n}", "subjects": [f"p-{n}"]},
        )
        for n in range(first, first + count)
    ]


def paid(number: int, first: int, count: int) -> list[Event]:
    """The bank's answer for each line."""
    common = {"programme": PROGRAMME, "fund": "relief", "batch": f"b-{number}", "component": "normal", "households": 1}
    common |= {"period_from": "2025-09", "period_to": "2025-09", "amount_fen": 64_000, "persons": 2}
    common |= {"occurred_on": DAY.isoformat(), "origin": "decision"}
    return [
        draft_event(
            "subsidy.paid",
            {**common, "payment": f"y-{n}-{number}", "enrolment": f"e-{n}", "subjects": [f"p-{n}"], "result_ref": f"r{n}"},
        )
        for n in range(first, first + count)
    ]


def fresh(folder: Path, name: str) -> str:
    """The address of a SQLite file that does not exist."""
    return f"sqlite:///{folder / name}"
