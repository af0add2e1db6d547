"""Money beyond an order is in doubt until what was counted against the order is taken back, as the doubt advises."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.flows.event import Event
from ledger_projections.public_money.doubts import doubts
from tests.audit.earlier.editions import OPENED
from tests.projections.opened_book import BUREAU, OpenedBook, event, fund
from tests.projections.opened_book import opened as opened_book

CODE = "W_OVER_COLLECTED"
OF = {"recovery": "R1", "finding": "F1", "fund": "relief"}
DECIDED = {"origin": "decision"}
DAY_BEFORE = dt.date(2025, 9, 29)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[OpenedBook]:
    """10.00 yuan of a bureau are ordered to be paid back."""
    book = opened_book(tmp_path)
    said = {"found_by": "self_check", "authority": "民政局", "confirmed_by": ["甲", "乙"], "category": "死亡后领取"}
    finding = {"person": "P1", "programme": "dibao", "persons": 1, "amount_fen": 1_000, "reply_waived": False}
    order = {"programme": "dibao", "person": "P1", "amount_fen": 1_000, "destination": "programme"}
    held = {"bank": "示例农商行", "default_fund": "relief", "aliases": [], "opened_on": "2025-01-01"}
    programme = {**OPENED, "name": "农村低保", "function_code": "20819", "on": "2025-09-01"}
    book.post(
        BUREAU,
        fund("relief", "fiscal"),
        event("bank.account_registered", account="rcc", holding="bank", **held),
        event("programme.opened", **programme, **DECIDED),
    )
    of = {"finding": "F1", "clues": [], "summary": "", "on": "2025-09-01"}
    book.post(BUREAU, event("finding.confirmed", **said, **finding, **of, **DECIDED))
    book.post(BUREAU, event("notice.served", finding="F1", how="post", on="2025-09-02"))
    book.post(BUREAU, event("recovery.ordered", **OF, **order, **DECIDED, on="2025-09-03"))
    yield book
    book.close()


def post(book: OpenedBook, one: Event) -> tuple[Event, int]:
    return one, book.post(BUREAU, one).first_position


def written_off(book: OpenedBook, fen: int) -> tuple[Event, int]:
    said = {"reason": "deceased", "authority": "局党组", "document": "纪要〔2025〕1号", "on": "2025-09-04"}
    return post(book, event("recovery.written_off", **OF, **said, **DECIDED, amount_fen=fen))


def collected(book: OpenedBook, movement: str, fen: int) -> tuple[Event, int]:
    moved = {"mode": "transfer", "account": "rcc", "occurred_on": "2025-09-05"}
    return post(book, event("recovery.collected", **OF, **moved, movement=movement, amount_fen=fen))


def settled(book: OpenedBook, as_of: dt.date | None = None) -> list[int | None]:
    """Where each of the doubts was settled."""
    with book.store.read() as connection:
        found = doubts(connection, as_of=as_of, code=CODE)
    assert found.counts.get(CODE, 0) == sum(row.reversed_at is None for row in found.rows)
    return [row.reversed_at for row in found.rows]


def test_a_write_off_that_is_taken_back_hides_nothing_any_more(bureau: OpenedBook) -> None:
    hiding = written_off(bureau, 600)
    collected(bureau, "in-1", 1_000)
    assert settled(bureau) == [None]
    gone = bureau.reverse(BUREAU, *hiding).first_position
    assert settled(bureau) == [gone]
    assert settled(bureau, DAY_BEFORE) == [None], "by then it was not"


def test_what_is_still_over_stays_in_doubt(bureau: OpenedBook) -> None:
    """Of two write-offs the first alone does not explain it."""
    first, second = written_off(bureau, 300), written_off(bureau, 500)
    collected(bureau, "in-1", 1_000)
    bureau.reverse(BUREAU, *first)
    assert settled(bureau) == [None]
    gone = bureau.reverse(BUREAU, *second).first_position
    assert settled(bureau) == [gone]


def test_more_than_the_order_is_no_matter_of_write_offs(bureau: OpenedBook) -> None:
    hiding = written_off(bureau, 600)
    collected(bureau, "in-1", 1_001)
    bureau.reverse(BUREAU, *hiding)
    assert settled(bureau) == [None]


def given_back(book: OpenedBook, movement: str, fen: int) -> tuple[Event, int]:
    moved = {"mode": "transfer", "account": "rcc", "document": "退款〔2025〕1号", "occurred_on": "2025-09-06"}
    return post(book, event("recovery.refunded", **OF, **moved, movement=movement, amount_fen=fen))


def test_what_was_too_much_is_settled_when_all_of_it_was_given_back(bureau: OpenedBook) -> None:
    collected(bureau, "in-1", 1_300)
    given_back(bureau, "out-1", 100)
    assert settled(bureau) == [None]
    back, at = given_back(bureau, "out-2", 200)
    assert settled(bureau) == [at]
    collected(bureau, "in-2", 50)
    assert settled(bureau) == [at, None], "what comes in after that is a doubt of its own"
    bureau.reverse(BUREAU, back, at)
    assert settled(bureau) == [None, None]


def test_two_that_were_too_much_are_settled_together(bureau: OpenedBook) -> None:
    collected(bureau, "in-1", 1_300)
    collected(bureau, "in-2", 200)
    given_back(bureau, "out-1", 300)
    assert settled(bureau) == [None, None]
    _, at = given_back(bureau, "out-2", 200)
    assert settled(bureau) == [at, at]


def test_of_one_payment_that_was_recorded_twice_either_may_go(bureau: OpenedBook) -> None:
    first, second = collected(bureau, "in-1", 1_000), collected(bureau, "in-2", 1_000)
    assert settled(bureau) == [None]
    gone = bureau.reverse(BUREAU, *first).first_position
    assert settled(bureau) == [gone]
    bureau.reverse(BUREAU, *second)
    assert settled(bureau) == [gone], "it is settled where it was first"
