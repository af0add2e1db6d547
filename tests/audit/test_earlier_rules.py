"""What an earlier edition of the rules let in stays right: the full verification judges it by that one and says so."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.decisions.judging import judge
from ledger.flows.event import Event
from ledger_audit.derivation import Verdict, verify_book
from ledger_projections.books.balances import fund_balances
from tests.audit.full_book import DONOR
from tests.projections.opened_book import CHARITY, OpenedBook, event, taken_back

TODAY = dt.date(2025, 10, 1)
GRANT = {"grant": "G1", "fund": "general", "payee_kind": "school", "payee_label": "示例学校", "purpose": "助学"}
PAID = {"means": "bank", "account": "icbc", "occurred_on": "2025-09-20"}
GOODS = {"unit": "箱", "scale": 0, "quantity": 10, "value_fen": 53_000, "valuation": "market", "store": "库"}


def committed() -> Event:
    return event("grant.committed", **GRANT, persons=10, amount_fen=10_000, on="2025-09-10", origin="decision")


def paid() -> Event:
    return event("grant.disbursed", **GRANT, **PAID, movement="GD1", persons=10, amount_fen=10_000, basis="cost")


def goods() -> Event:
    evidence = "sha256:" + "1" * 64
    given = {"lot": "L1", "donation": "DL1", "fund": "held", "item": "水", "accepted_by": ["a", "b"]}
    return event("in_kind.received", **DONOR, **given, **GOODS, evidence=evidence, occurred_on="2025-09-10")


WAITING = {"suspense": "S1", "fund": "held", "amount_fen": 100, "means": "bank", "account": "icbc"}


def waited() -> Event:
    return event("suspense.received", **WAITING, occurred_on="2025-09-12")


def sent_back() -> Event:
    return event("suspense.returned", **WAITING, movement="SR1", reason="退回", occurred_on="2025-09-13")


def promise_reversed(book: OpenedBook) -> None:
    """A grant was promised and paid, and the promise was then reversed."""
    promise = committed()
    posted = book.post(CHARITY, promise)
    book.post(CHARITY, paid())
    book.post(CHARITY, taken_back(promise, posted.first_position, dt.date(2025, 9, 30)))


def sent_back_beside_goods(book: OpenedBook) -> None:
    """A fund that holds goods and money for somebody sends back what came without a name."""
    book.post(CHARITY, goods(), waited())
    book.post(CHARITY, sent_back())


REFUSED = {promise_reversed: "E_REVERSAL_BALANCE"}
TOLD = [sent_back_beside_goods]


@pytest.fixture
def mine(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    copy = book.copy(tmp_path / "b.db")
    yield copy
    copy.close()


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer is one of the first edition."""
    monkeypatch.setattr("ledger.application.batches.judge", partial(judge, edition=1))


def verdict_of(book: OpenedBook) -> Verdict:
    with book.store.read() as connection:
        return verify_book(connection, TODAY)


def earlier_ones(verdict: Verdict) -> list[int]:
    return [dict(one.params)["count"] for one in verdict.completeness if one.code == "W_EARLIER_RULES"]


@pytest.mark.parametrize(("act", "code"), REFUSED.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    with pytest.raises(VoucherRefusedError) as caught:
        act(mine)
    assert code in [finding.code for finding in caught.value.findings]
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("act", [*REFUSED, *TOLD], ids=lambda one: one.__name__)
def test_a_book_that_holds_it_still_holds(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    act(mine)
    verdict = verdict_of(mine)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])


@pytest.mark.parametrize("act", TOLD, ids=lambda one: one.__name__)
def test_the_writer_of_today_says_otherwise(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    act(mine)
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


def available(book: OpenedBook, fund: str) -> int:
    with book.store.read() as connection:
        return next(row.available_fen for row in fund_balances(connection, entity=CHARITY).rows if row.fund == fund)


@pytest.mark.usefixtures("earlier")
def test_a_promise_below_zero_makes_no_room(mine: OpenedBook) -> None:
    before = available(mine, "general")
    promise_reversed(mine)
    assert available(mine, "general") == before - 10_000


def test_goods_take_nothing_of_the_money_beside_them(mine: OpenedBook) -> None:
    before = available(mine, "held")
    mine.post(CHARITY, goods())
    assert available(mine, "held") == before
