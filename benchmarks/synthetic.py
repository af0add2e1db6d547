"""Synthetic people, a book in memory of keys, and subsidy vouchers for the benchmarks. Nothing real, nothing random in
shape: every run writes the same number of the same kinds of events.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
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
FIRST_MONTH: Final = "2016-01"
FEN: Final = 64_000
"""What a household gets a month."""

Fields = dict[str, Any]
Fact = tuple[str, Fields]

_PEOPLE: Final = (("maker", "accountant"), ("checker", "checker"))
_ADMINISTRATORS: Final = ("a-1", "a-2", "a-3")


class Bench:
    """An opened book with a bureau, its programme and its quota."""

    def __init__(self, url: str) -> None:
        LogStore.create(url).close()
        self.operator = NoteSigner(ORIGIN, SigningKey.generate())
        self.keys = {name: SigningKey.generate() for name in (*_ADMINISTRATORS, *(name for name, _ in _PEOPLE))}
        self.use(url)
        self._open()

    def use(self, url: str) -> None:
        """Write to this book from now on: the first one, or a copy of it."""
        self.store = LogStore.open(url)
        self.writer = Writer(self.store, self.operator, lambda: NOW, "bench")

    def _signer(self, officer: str) -> Signer:
        return Signer(officer, self.keys[officer], ORIGIN)

    def sign(self, events: list[Event], maker: str = "maker", second: str | None = None, **more: Any) -> Submission:
        """A voucher of the bureau, with a second signature when given."""
        entity, capacity = more.get("entity", BUREAU), more.get("capacity", "checker")
        made = draft(self._signer(maker), entity, DAY, events, NOW, note="synthetic")
        if second is None:
            return made
        return Submission(made.envelope, made.events, (approve(self._signer(second), made, capacity, NOW),))

    def post(self, facts: list[Fact], maker: str, second: str, **more: Any) -> Outcome:
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

    def _authority(self) -> Iterator[Fact]:
        kinds = {"entity_kind": "bureau", "book_kind": "control", "chart_family": "control"}
        yield "entity.registered", {"entity": BUREAU, "name": "民政局", "public_fundraising": False, **kinds}
        for officer, role in _PEOPLE:
            named = {"officer": officer, "name": officer, "entity": BUREAU, "post": "other", "title": "x"}
            yield "officer.named", {**named, "valid_from": "2025-01-01"}
            yield "key.enrolled", {**self._enrolment(officer), "valid_from": "2025-01-01"}
            yield "role.granted", {"officer": officer, "role": role, "entity": BUREAU}


def _setting() -> Iterator[Fact]:
    fund = {"fund": "relief", "name": "救助资金", "fund_kind": "fiscal", "purpose": "救助", "purposes": []}
    yield "fund.opened", {**fund, "programmes": [], "no_cost": False, "on": "2016-01-01", "origin": "history"}
    opened = {"programme": PROGRAMME, "name": "农村低保", "scheme": "rural_dibao", "unit": "household"}
    more = {"fund": "relief", "categories": ["农村B类"], "on": "2016-01-01", "origin": "history"}
    yield "programme.opened", {**opened, **more}
    standard = {"programme": PROGRAMME, "category": "农村B类", "amount_fen_per_month": 50_000, "tiers_fen": []}
    decided = {"effective_from": FIRST_MONTH, "decided_on": "2016-01-01", "document": "文1", "origin": "history"}
    yield "standard.set", {**standard, **decided}
    quota = {"document": "指标1", "fund": "relief", "level": "county", "budget_code": "20819", "fiscal_year": 2025}
    flags = {"carried_over": False, "direct": False, "amount_fen": 10**13, "occurred_on": "2025-01-02"}
    yield "appropriation.received", {**quota, **flags}


def enrolments(first: int, count: int) -> list[Event]:
    """Households first..first+count-1, confirmed."""
    monthly: Fields = {"mode": "difference", "income_per_head_fen": 18_000, "standard_fen": 50_000, "persons": 2}
    monthly |= {"base_fen": FEN, "supplements": [], "rounding": "none", "total_fen": FEN}
    common: Fields = {"programme": PROGRAMME, "unit": "household", "category": "农村B类", "township": "石岭镇"}
    common |= {"members": [], "monthly": monthly, "from_month": FIRST_MONTH, "reason": "opening", "origin": "history"}
    found = []
    for n in range(first, first + count):
        payee = {"payee": f"y-{n}", "payee_kind": "self"}
        own = {"enrolment": f"e-{n}", "household": f"h-{n}", "person": f"p-{n}", "payee": payee}
        found.append(draft_event("enrolment.confirmed", {**common, **own}))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One batch: a month of `count` households from `first` on, each of whom is paid 640 yuan."""

    number: int
    first: int
    count: int
    month: str = "2025-09"

    @property
    def name(self) -> str:
        """The batch's id."""
        return f"b-{self.number}"

    @property
    def total_fen(self) -> int:
        """What the batch pays."""
        return self.count * FEN

    def prepared(self) -> list[Event]:
        """The batch is put together."""
        source = [{"document": "指标1", "level": "county", "budget_code": "20819", "fen": self.total_fen}]
        batch = {"batch": self.name, "programme": PROGRAMME, "month": self.month, "fund": "relief"}
        sums = {"count": self.count, "persons": self.count * 2, "total_fen": self.total_fen, "carried": []}
        day = {"on": "2025-09-01", "origin": "decision"}
        return [draft_event("batch.prepared", {**batch, **sums, "fund_source": source, **day})]

    def road(self) -> list[Event]:
        """The batch is approved, sent and funded, so that its payments are ordinary facts."""
        total, step = self.total_fen, {"batch": self.name, "on": "2025-09-05", "origin": "decision"}
        order = {"batch": self.name, "fund": "relief", "amount_fen": total, "account": "transit"}
        funded = {"occurred_on": "2025-09-06", "movement": f"m-{self.number}"}
        return [
            draft_event("batch.approved", {**step, "count": self.count, "total_fen": total}),
            draft_event("batch.sent", {**step, "organisation": "财政局", "total_fen": total}),
            draft_event("batch.funded", {**order, **funded, "sources": [{"document": "指标1", "fen": total}]}),
        ]

    def authorised(self) -> list[Event]:
        """One authorised line for each household."""
        return [draft_event("subsidy.authorised", self._payment(n)) for n in self._households()]

    def paid(self, origin: str = "decision") -> list[Event]:
        """The bank's answer for each line; `history` when it came before the book began."""
        more = {"fund": "relief", "households": 1, "occurred_on": DAY.isoformat(), "origin": origin}
        return [
            draft_event("subsidy.paid", {**self._payment(n), **more, "result_ref": f"r{self.number}-{n}"})
            for n in self._households()
        ]

    def _households(self) -> range:
        return range(self.first, self.first + self.count)

    def _payment(self, n: int) -> Fields:
        period = {"period_from": self.month, "period_to": self.month, "component": "normal"}
        amount = {"amount_fen": FEN, "persons": 2, "subjects": [f"p-{n}"]}
        names = {"payment": f"y-{n}-{self.number}", "enrolment": f"e-{n}", "programme": PROGRAMME, "batch": self.name}
        return {**period, **amount, **names, "origin": "decision"}


def lines(count: int, households: int, size: int) -> Iterator[Line]:
    """Batches of `size` lines over so many households, month after month."""
    months = (f"{year}-{month:02d}" for year in range(2016, 2026) for month in range(1, 13))
    per_month = households // size
    for number in range(count):
        if number % per_month == 0:
            month = next(months)
        yield Line(number, number % per_month * size, size, month)


def fresh(folder: Path, name: str) -> str:
    """The address of a SQLite file that does not exist."""
    return f"sqlite:///{folder / name}"
