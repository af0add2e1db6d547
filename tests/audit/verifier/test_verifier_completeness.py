"""What is missing is said apart from whether the log holds, and never makes a log invalid."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_audit.verifier.completeness import Completeness, anchor
from ledger_audit.verifier.findings import Finding
from ledger_audit.verifier.formats.notes import parse_vkey, parse_witness
from ledger_audit.verifier.whole import Trust, verify_package
from tests.audit import mini_books as books
from tests.audit import mini_writer as mini
from tests.audit.mini_writer import MiniBook, Pen

NOW = datetime.fromisoformat("2025-09-12T09:00:00+08:00")
POSTED = "2025-09-10T09:00:00+08:00"
WITNESSED = int(NOW.timestamp())
WITNESS = parse_witness(Pen(102).witness_vkey("witness.example/w"))
Events = list[dict[str, Any]]


def missing(events: Events, now: datetime = NOW) -> dict[str, dict[str, Any]]:
    collected = Completeness()
    for position, event in enumerate(events, 1):
        collected.take(event, position)
    return {finding.code: dict(finding.params) for finding in collected.findings(now, POSTED)}


BOOK = MiniBook()


def line(number: int, fen: int, balance: int | None = None, statement: str = "s1") -> dict[str, Any]:
    return books.bank_line(BOOK, number, fen, balance, statement)


def allocated(number: int, *fen: int) -> dict[str, Any]:
    parts = [{"event": BOOK.uuid(), "amount_fen": one} for one in fen]
    return BOOK.event("bank.allocated", line=f"l{number}", parts=parts)


def reversal(event: dict[str, Any]) -> dict[str, Any]:
    return BOOK.event("event.reversed", target=event["id"])


def interest(kind: str, number: int | None, fen: int) -> dict[str, Any]:
    return BOOK.event(kind, line=None if number is None else f"l{number}", amount_fen=fen)


def test_a_bank_line_is_explained_whole_or_open() -> None:
    assert missing([line(1, 600), allocated(1, 400, 200)]) == {}
    assert missing([line(1, 600), allocated(1, 400), allocated(1, 200)]) == {}
    assert missing([line(1, -600), allocated(1, -600)]) == {}
    open_lines = missing([line(1, 600), allocated(1, 400), line(2, -50)])["C_BANK_LINES"]
    assert open_lines == {"account": "icbc", "count": 2, "open_fen": 250, "positions": [1, 3]}


def test_interest_and_fees_explain_their_lines() -> None:
    assert missing([line(1, 7), interest("bank.interest", 1, 7), line(2, -3), interest("bank.fee", 2, 3)]) == {}
    assert "C_BANK_LINES" in missing([line(1, 7), interest("bank.interest", None, 7)])


def test_a_reversed_explanation_explains_nothing() -> None:
    explanation = allocated(1, 600)
    assert "C_BANK_LINES" in missing([line(1, 600), explanation, reversal(explanation)])
    one = line(1, 600)
    assert missing([one, reversal(one)]) == {}


def statement(opening: int, closing: int, lines: int, **changes: Any) -> dict[str, Any]:
    return books.bank_statement(BOOK, opening_fen=opening, closing_fen=closing, line_count=lines, **changes)


def chain(rows: list[tuple[int, int | None]], opening: int, closing: int, **changes: Any) -> Events:
    recorded = [line(number, fen, balance) for number, (fen, balance) in enumerate(rows, 1)]
    explained = [allocated(number, fen) for number, (fen, _) in enumerate(rows, 1)]
    return [statement(opening, closing, changes.pop("lines", len(rows)), **changes), *recorded, *explained]


GOOD_ROWS: list[tuple[int, int | None]] = [(100, 100), (-30, 70), (5, 75)]


def month(number: int, opening: int, closing: int, **changes: Any) -> Events:
    days = {"first_day": f"2025-{number:02d}-01", "last_day": f"2025-{number:02d}-28"}
    fen = closing - opening
    said = statement(opening, closing, 1, **{"statement": f"s{number}", **days, **changes})
    return [said, line(number, fen, closing, f"s{number}"), allocated(number, fen)]


def test_a_month_of_statements_that_is_missing_is_told() -> None:
    """Whatever the order in which they came; a statement that stands no more closes no gap and makes none."""
    july, september = month(7, 0, 100), month(9, 5000, 5010)
    gap = {"account": "icbc", "closed_on": "2025-07-28", "opened_on": "2025-09-01"}
    told = {"C_BANK_APART": {**gap, "closing_fen": 100, "opening_fen": 5000}}
    assert missing(july + september) == missing(september + july) == told
    august = month(8, 100, 5000)
    assert missing(july + september + august) == {}
    assert set(missing([*july, *september, *august, *(reversal(one) for one in august)])) == {"C_BANK_APART"}
    assert missing([*july, *september, *(reversal(one) for one in september)]) == {}
    assert missing(july + month(9, 5000, 5010, account="ccb", first_day="")) == {}
    assert missing(july + month(9, 100, 110)) == {}
    overlapping = july + month(7, 90, 110, first_day="2025-07-20", statement="s7b")
    assert "C_BANK_APART" not in missing(overlapping)
    morning = month(7, 100, 120, first_day="2025-07-28", statement="s7b")
    evening = month(7, 120, 110, first_day="2025-07-28", statement="s7c")
    for pieces in (morning + evening, evening + morning):
        assert "C_BANK_APART" not in missing([*pieces, *month(9, 110, 115)])
        assert "C_BANK_APART" in missing([*pieces, *month(9, 111, 115)])


@pytest.mark.parametrize(
    ("events", "breaks"),
    [
        (chain(GOOD_ROWS, 0, 75), None),
        (chain(GOOD_ROWS[::-1], 0, 75), None),
        (chain([(100, None), (-30, None)], 0, 70), None),
        (chain([(100, 100), (-30, 71), (5, 76)], 0, 75), 1),
        (chain([(100, 100), (-30, 71), (5, 75)], 0, 75), 2),
        (chain(GOOD_ROWS, 0, 76), 1),
        (chain(GOOD_ROWS, 1, 75), 1),
        (chain(GOOD_ROWS, 0, 75, lines=4), 1),
        (chain(GOOD_ROWS, 0, 75, breaks=3), None),
        (chain([(100, None), (-30, None)], 0, 70, breaks=3), 3),
    ],
)
def test_the_balances_of_a_statement_chain(events: Events, breaks: int | None) -> None:
    found = missing(events).get("C_BANK_CHAIN")
    assert (None if found is None else found["breaks"]) == breaks


def test_what_comes_later_closes_a_break_and_an_overlap_is_none() -> None:
    """Row 2 was missing from the first file; a second file brings all three, of which one is new."""
    broken = [statement(0, 75, 2, breaks=1), line(1, 100, 100), line(3, 5, 75), allocated(1, 100), allocated(3, 5)]
    assert missing(broken)["C_BANK_CHAIN"]["breaks"] == 1
    whole = statement(0, 75, 3, statement="s2")
    rest = [line(2, -30, 70, "s2"), allocated(2, -30)]
    assert missing([*broken, whole, *rest]) == {}
    assert missing([*broken, statement(100, 70, 1, statement="s2"), *rest]) == {}, "only the missing line"


def test_a_statement_that_was_taken_back_breaks_no_chain() -> None:
    told = statement(0, 76, 1)
    only = line(1, 75, 75)
    assert missing([told, only])["C_BANK_CHAIN"]["breaks"] == 1
    assert missing([told, only, reversal(only), reversal(told)]) == {}


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=12), st.integers(0, 10_000), st.booleans())
def test_every_true_chain_holds_either_way_round(amounts: list[int], opening: int, backwards: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    rows: list[tuple[int, int | None]] = []
    balance = opening
    for fen in amounts:
        balance += fen
        rows.append((fen, balance))
    assert "C_BANK_CHAIN" not in missing(chain(rows[::-1] if backwards else rows, opening, balance))


def receipt(code: str, number: str) -> dict[str, Any]:
    return BOOK.event("donation.receipt_issued", code=code, number=number)


def test_receipt_numbers_left_out_are_named() -> None:
    assert missing([receipt("A", "007"), receipt("A", "008"), receipt("B", "1"), receipt("A", "x")]) == {}
    found = missing([receipt("A", n) for n in ("001", "009", "003", "005")])["C_RECEIPT_GAP"]
    assert found == {"receipt_code": "A", "count": 5, "numbers": ["2", "4", "6-8"]}


def test_numbers_of_a_register_fill_the_gaps_of_the_codes_they_may_belong_to() -> None:
    coded = [receipt("A", n) for n in ("0001", "0005", "0009")]
    known = [receipt("register", n) for n in ("0002", "0003", "0004", "0006", "0010")]
    found = missing([*coded, *known])["C_RECEIPT_GAP"]
    assert found == {"receipt_code": "A", "count": 2, "numbers": ["7-8"]}


def test_a_register_alone_is_a_series_of_its_own() -> None:
    found = missing([receipt("register", "1"), receipt("register", "3")])["C_RECEIPT_GAP"]
    assert found == {"receipt_code": "register", "count": 1, "numbers": ["2"]}


def test_a_receipt_that_was_entered_in_error_uses_no_number() -> None:
    wrong = receipt("A", "2")
    found = missing([receipt("A", "1"), wrong, receipt("A", "3"), reversal(wrong)])["C_RECEIPT_GAP"]
    assert found["numbers"] == ["2"]


def test_another_offices_numbers_fill_no_gap() -> None:
    collected = Completeness()
    for position, (number, entity) in enumerate((("1", "a"), ("2", "b"), ("3", "a")), 1):
        collected.take(receipt("A", number), position, entity)
    assert [dict(one.params)["numbers"] for one in collected.findings(NOW, POSTED)] == [["2"]]


def test_the_number_of_a_red_letter_is_used_too() -> None:
    red = BOOK.event("donation.receipt_reversed", receipt="A-1", red="A-2")
    assert missing([receipt("A", "1"), red, receipt("A", "3")]) == {}
    voided = BOOK.event("donation.receipt_reversed", receipt="A-1", red=None)
    assert missing([receipt("A", "1"), voided, receipt("A", "3")])["C_RECEIPT_GAP"]["numbers"] == ["2"]


def pledge(name: str, fen: int, *due: tuple[str, int], **changes: Any) -> dict[str, Any]:
    parts = [{"due": day, "fen": part} for day, part in due]
    values: dict[str, Any] = {"fund": "f1", "amount_fen": fen, "paid_before_fen": 0, "instalments": parts, **changes}
    return BOOK.event("pledge.made", pledge=name, **values)


def paid(name: str, fen: int, kind: str = "donation.received") -> dict[str, Any]:
    return BOOK.event(kind, pledge_parts=[{"pledge": name, "fen": fen}])


def amended(delta: int, day: str, fen: int) -> dict[str, Any]:
    return BOOK.event("pledge.amended", pledge="p", delta_fen=delta, instalments=[{"due": day, "fen": fen}])


AUGUST, OCTOBER = ("2025-08-31", 500), ("2025-10-31", 500)


@pytest.mark.parametrize(
    ("events", "overdue"),
    [
        ([pledge("p", 1000, AUGUST, OCTOBER)], 500),
        ([pledge("p", 1000, AUGUST, OCTOBER), paid("p", 500)], None),
        ([pledge("p", 1000, AUGUST, OCTOBER), paid("p", 200)], 300),
        ([pledge("p", 1000, AUGUST, OCTOBER, paid_before_fen=500)], None),
        ([pledge("p", 1000, AUGUST, OCTOBER), paid("p", 500), paid("p", 100, "donation.returned")], 100),
        ([pledge("p", 1000, OCTOBER)], 500),
        ([pledge("p", 1000)], None),
        ([pledge("p", 1000, AUGUST, fund=None)], None),
        ([pledge("p", 500, AUGUST), BOOK.event("pledge.released", pledge="p", amount_fen=500)], None),
        ([pledge("p", 500, AUGUST), amended(0, "2025-12-31", 500)], None),
        ([pledge("p", 500, AUGUST), amended(-100, "2025-09-01", 400)], 400),
        ([paid("nobody", 5), pledge("p", 500, AUGUST), paid("p", 500)], None),
    ],
)
def test_pledges_overdue(events: Events, overdue: int | None) -> None:
    found = missing(events).get("C_PLEDGES")
    assert (None if found is None else found["overdue_fen"]) == overdue


def test_a_reversed_pledge_or_payment_counts_no_more() -> None:
    made = pledge("p", 500, AUGUST)
    payment = paid("p", 500)
    assert missing([made, reversal(made)]) == {}
    assert missing([made, payment, reversal(payment)])["C_PLEDGES"]["overdue_fen"] == 500


def opening(*owed: tuple[str, int, str | None]) -> dict[str, Any]:
    pledges = [{"pledge": name, "amount_fen": fen, "due": due} for name, fen, due in owed]
    return BOOK.event("opening.recorded", pledges=pledges)


def test_an_amendment_that_was_taken_back_agrees_on_nothing() -> None:
    made, change = pledge("p", 500, AUGUST), amended(-100, "2025-12-31", 400)
    assert missing([made, change]) == {}
    assert missing([made, change, reversal(change)])["C_PLEDGES"]["overdue_fen"] == 500
    again = amended(0, "2025-09-01", 500)
    assert missing([made, again, change, reversal(change)])["C_PLEDGES"]["overdue_fen"] == 500
    assert missing([made, change, again, reversal(again)]) == {}


def test_a_pledge_that_was_owed_when_the_book_began_is_overdue_too() -> None:
    began = opening(("p", 500, "2025-08-31"), ("q", 700, None), ("r", 300, "2025-12-31"))
    assert missing([began])["C_PLEDGES"] == {"count": 1, "overdue_fen": 500, "positions": [1]}
    assert missing([began, paid("p", 200)])["C_PLEDGES"]["overdue_fen"] == 300
    assert missing([began, amended(0, "2025-12-31", 500)]) == {}
    assert missing([began, reversal(began)]) == {}


def test_old_entries_and_old_witnesses_are_said() -> None:
    later = datetime.fromisoformat("2026-01-01T00:00:00+08:00")
    assert missing([], later) == {"C_STALE": {"days": 112, "posted_at": POSTED}}
    assert anchor(later, WITNESSED) == [Finding("C_ANCHOR_OLD", params={"days": 110})]
    assert anchor(NOW, None) == [Finding("C_NO_WITNESS")]
    assert anchor(NOW, WITNESSED) == []


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"kind": 1},
        {"kind": "bank.allocated"},
        {"kind": "pledge.made", "fund": "f"},
        {"kind": "event.reversed", "target": 1},
    ],
)
def test_an_event_of_another_shape_is_no_concern_here(event: dict[str, Any]) -> None:
    assert missing([event]) == {}


def on_paper(book: MiniBook, folder: Path) -> dict[str, Any]:
    files = mini.write(book.sealed(), folder)
    return verify_package(files, Trust(key=parse_vkey(Pen(100).vkey()), witnesses=[WITNESS]), NOW, jobs=1).to_json()


@pytest.mark.parametrize(
    ("finish", "complete"),
    [(lambda _: None, False), (lambda book: book.voucher("mei", "e1", [allocated(1, 600)]), True)],
)
def test_a_whole_log_may_be_incomplete(finish: Callable[[MiniBook], None], complete: bool, tmp_path: Path) -> None:  # noqa: FBT001 - pytest gives it by name
    book = books.working()
    finish(book)
    if complete:
        book.anchor()
    book.checkpoints[-1]["note"] = Pen(102).cosigned(book.checkpoints[-1]["note"], "witness.example/w", WITNESSED)
    found = on_paper(book, tmp_path)
    assert found["integrity"]["ok"]
    assert found["completeness"]["ok"] == complete
    assert "C_NO_WITNESS" not in {finding["code"] for finding in found["completeness"]["findings"]}
