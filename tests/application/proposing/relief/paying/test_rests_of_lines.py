"""A line of which the bank paid less than was due: the rest is paid by the bank on another day, or in a later batch, or
taken out by decision. Every day what was prepared is paid, pending, failed or cancelled, and then the batch is closed.
"""

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger_audit.derivation import verify_book
from ledger_projections.public_money.batches import Batch, batches
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.registry import catch_up
from ledger_projections.summaries.relief.bridge import bridge
from ledger_projections.summaries.table import Asked
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.bereaved.test_dead_in_any_order import paid
from tests.application.proposing.relief.october import OCTOBER, OCTOBER_BATCH
from tests.application.proposing.relief.paying.bank import (
    arrears,
    at,
    at_the_bank,
    base_of,
    listed,
    result,
    results,
    roster,
    row_of,
    send,
)

LEFT = 30
LEFT_FEN = LEFT * 100
ALL_FEN = sum(base_of(number) for number in range(1, 13)) * 100
REST = result(12, LEFT, "成功", "20251016", OCTOBER_BATCH)


@pytest.fixture
def short(enrolled: County) -> County:
    """October, of which the bank paid household 12 thirty yuan less than its line."""
    enrolled.sign_off()
    at(enrolled, 10, 9)
    roster(enrolled, OCTOBER, listed())
    assert send(enrolled, OCTOBER_BATCH) == ALL_FEN
    assert results(enrolled, *map(paid, range(1, 12)), paid(12, -LEFT)).wrong == []
    assert stands(enrolled) == (ALL_FEN - LEFT_FEN, LEFT_FEN, 0, 0)
    assert told(enrolled) == []
    with pytest.raises(VoucherRefusedError) as refused:
        close(enrolled, ALL_FEN - LEFT_FEN)
    assert "E_BATCH_NOT_SETTLED" in [one.code for one in refused.value.findings]
    return enrolled


def batch_of(county: County) -> Batch:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        (row,) = batches(connection, first=OCTOBER, last=OCTOBER).rows
    return row


def stands(county: County) -> tuple[int, int, int, int]:
    """Paid, pending, failed and cancelled fen of October's batch, which are what was prepared."""
    row = batch_of(county)
    found = (row.paid_fen, row.pending_fen, row.failed_fen, row.cancelled_fen)
    assert sum(found) - row.beyond_fen == row.prepared_fen == ALL_FEN
    assert row.paid_count + row.pending_count + row.failed_count + row.cancelled_count == row.prepared_count
    return found


def told(county: County) -> list[str]:
    """What the bridge of October says of sums that do not meet."""
    with county.store.read() as connection:
        found = bridge(connection, Asked(OCTOBER, OCTOBER, county.now.date()))
    return [one.code for one in found.notes if one.code.startswith("check.bridge")]


def close(county: County, paid_fen: int, cancelled_fen: int = 0) -> Receipt:
    sums = {"paid_fen": paid_fen, "cancelled_fen": cancelled_fen, "on": str(county.now.date()), "origin": "decision"}
    outcome = county.decide(BUREAU, ("batch.closed", {"batch": OCTOBER_BATCH, **sums}), day=county.now.date())
    assert isinstance(outcome, Receipt)
    return outcome


def take_out(county: County, fen: int = LEFT_FEN, moved_to: str | None = None) -> None:
    (line,) = (
        one for one in county.of_kind("subsidy.paid") if one.batch == OCTOBER_BATCH and one.amount_fen == short_fen()
    )
    of = {"batch": OCTOBER_BATCH, "fund": "relief", "enrolment": line.enrolment, "payment": line.payment}
    why = {"rule_code": None, "reason": "银行少付,余款另行处理", "moved_to": moved_to}
    fields = {**of, **why, "amount_fen": fen, "on": str(county.now.date()), "origin": "decision"}
    assert isinstance(county.decide(BUREAU, ("batch.line_excluded", fields), day=county.now.date()), Receipt)


def short_fen() -> int:
    return base_of(12) * 100 - LEFT_FEN


def test_the_rest_is_taken_out_by_decision(short: County) -> None:
    at(short, 10, 20)
    take_out(short)
    assert stands(short) == (ALL_FEN - LEFT_FEN, 0, 0, LEFT_FEN)
    assert batch_of(short).complete
    closed = close(short, ALL_FEN - LEFT_FEN, LEFT_FEN)
    found = {one.code: dict(one.params) for one in closed.warnings}
    assert found["W_BATCH_PAID_SHORT"] == {"batch": OCTOBER_BATCH, "count": 1, "short_fen": LEFT_FEN}
    assert "30.00" in closed.warnings[0].message("zh")
    assert "W_PAYMENT_AMOUNT" in short.doubts(), "that the bank paid less stays said"
    assert told(short) == []


def test_the_bank_pays_the_rest_on_another_day(short: County) -> None:
    at(short, 10, 16)
    report = results(short, REST, name="回盘2.csv")
    assert report.wrong == []
    assert stands(short) == (ALL_FEN, 0, 0, 0)
    assert [one.code for one in close(short, ALL_FEN).warnings] == []
    assert told(short) == []
    with short.store.read() as connection:
        (row,) = subsidies(connection, OCTOBER, OCTOBER).span
    assert (row.household_times, row.households) == (12, 12), "a household that is paid in two parts is paid once"


@pytest.mark.parametrize("rows", [(REST, paid(12, -LEFT)), (paid(12, -LEFT), REST)])
def test_both_parts_may_come_in_one_file_and_again(enrolled: County, rows: tuple[list[str], ...]) -> None:
    at_the_bank(enrolled)
    at(enrolled, 10, 16)
    assert results(enrolled, *map(paid, range(1, 12)), *rows).wrong == []
    assert stands(enrolled) == (ALL_FEN, 0, 0, 0)
    events = len(enrolled.of_kind("subsidy.paid"))
    assert results(enrolled, *rows, name="回盘再来.csv").wrong == []
    assert len(enrolled.of_kind("subsidy.paid")) == events


def instruct(county: County, fen: int, digit: str) -> None:
    day = county.now.date()
    of = {
        "batch": OCTOBER_BATCH,
        "bank": "农商银行",
        "count": 12,
        "total_fen": fen,
        "file_digest": f"sha256:{digit * 64}",
    }
    assert isinstance(
        county.decide(BUREAU, ("batch.instructed", {**of, "on": str(day), "origin": "decision"}), day=day), Receipt
    )


def test_the_bank_is_sent_a_file_of_the_rest(short: County) -> None:
    """The lines of the batch are looked up in the midst of the judgement, by the writer and by the verification."""
    instruct(short, ALL_FEN, "a")
    with pytest.raises(VoucherRefusedError) as refused:
        instruct(short, LEFT_FEN + 1, "b")
    assert [one.code for one in refused.value.findings] == ["E_PAY_FILE_SUM"]
    instruct(short, LEFT_FEN, "c")
    with short.store.read() as connection:
        assert verify_book(connection, short.now.date()).holds


def test_more_than_the_rest_is_paid_twice(short: County) -> None:
    at(short, 10, 16)
    report = results(short, result(12, LEFT + 1, "成功", "20251016", OCTOBER_BATCH), name="回盘2.csv")
    assert [one.code for one in report.wrong] == ["E_PAID_TWICE"]


def test_the_rest_is_paid_in_a_later_batch(short: County) -> None:
    at(short, 11, 7)
    later = OCTOBER_BATCH.replace(OCTOBER, "2025-11")
    take_out(short, moved_to=later)
    roster(short, "2025-11", listed(row_of(12, more=LEFT, remark="补发10月少付30元")))
    (made_up,) = arrears(short)
    assert (made_up.batch, made_up.amount_fen, made_up.period_from) == (later, LEFT_FEN, OCTOBER)
    assert "W_MADE_UP_BEYOND" not in short.doubts()
    close(short, ALL_FEN - LEFT_FEN, LEFT_FEN)
    assert stands(short) == (ALL_FEN - LEFT_FEN, 0, 0, LEFT_FEN)


def test_what_comes_back_after_its_rest_was_taken_out_is_taken_out_too(short: County) -> None:
    at(short, 10, 20)
    take_out(short)
    back = result(12, base_of(12) - LEFT, "失败", "20251018", OCTOBER_BATCH)
    assert results(short, back, name="回盘2.csv").wrong == []
    assert stands(short) == (ALL_FEN - base_of(12) * 100, 0, short_fen(), LEFT_FEN)
    assert not batch_of(short).complete
    take_out(short, short_fen())
    assert stands(short) == (ALL_FEN - base_of(12) * 100, 0, 0, base_of(12) * 100)
    close(short, ALL_FEN - base_of(12) * 100, base_of(12) * 100)


def test_a_part_that_came_back_after_the_end_is_paid_in_a_later_batch(enrolled: County) -> None:
    """By a remark that says so; what stands of the line is not paid twice."""
    at_the_bank(enrolled)
    results(enrolled, *map(paid, range(1, 13)))
    close(enrolled, ALL_FEN)
    at(enrolled, 11, 3)
    results(enrolled, result(12, LEFT, "失败", "20251102", OCTOBER_BATCH), name="回盘2.csv")
    assert stands(enrolled)[0] == ALL_FEN - LEFT_FEN
    at(enrolled, 11, 7)
    roster(enrolled, "2025-11", listed(row_of(12, more=LEFT, remark="补发10月退票30元")))
    (made_up,) = arrears(enrolled)
    (line,) = (one for one in enrolled.of_kind("subsidy.returned_late") if one.batch == OCTOBER_BATCH)
    assert (made_up.amount_fen, made_up.reference.payment) == (LEFT_FEN, line.payment)
    assert "W_MADE_UP_BEYOND" not in enrolled.doubts()
