"""A returned check sheet says what it leaves open: blank rows, and rows that somebody deleted."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger.application.importing.check_sheets import Issue
from ledger.application.proposing.context import Context
from ledger.application.proposing.redress.outstanding import issue_number
from tests.application.importing.offices import changed
from tests.application.proposing.county import TODAY, County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.redress.test_check_sheets import (
    FOUNDED,
    HEAD_ROW,
    REFUTED,
    Cells,
    doubted,
    filled,
    numbers,
)
from tests.application.proposing.redress.test_matching_lists import A, B, C, paid

__all__ = ["doubted", "paid"]
DUE = date(2025, 10, 15)


@pytest.fixture
def given(doubted: County) -> County:
    """The county whose three doubts were given to their township."""
    facts = {"unit": "石岭镇", "due_on": str(DUE), "on": str(TODAY), "origin": "decision"}
    doubted.decide(BUREAU, *(("clue.assigned", {"clue": one, **facts}) for one in numbers(doubted).values()))
    return doubted


def issue(county: County) -> Issue:
    """The issue with the number that this book gives it."""
    context = Context(county.store, county.vault, county.options("nobody"))
    return Issue(issue_number(context, TODAY, DUE, numbers(county).values()), "石岭镇", TODAY, DUE)


def without(path: Path, *names: str) -> Path:
    """The sheet without the rows of these people."""
    book = load_workbook(path)
    page = book.active
    heads = {page.cell(HEAD_ROW, n).value: n for n in range(1, page.max_column + 1)}
    for row in range(page.max_row, HEAD_ROW, -1):
        if page.cell(row, heads["姓名"]).value in names:
            page.delete_rows(row)
    book.save(path)
    return path


def told(report: Any) -> dict[str, Any]:
    return {note.code: note for note in report.notes if note.code.startswith("W_SHEET_")}


def sheet(county: County, answers: dict[str, Cells]) -> Path:
    return filled(county, answers, issue=issue(county))


def test_a_full_answer_leaves_nothing_to_tell(given: County) -> None:
    report = given.one(sheet(given, {A[0]: REFUTED, B[0]: REFUTED, C[0]: FOUNDED}))
    assert (report.new, report.noted, told(report)) == (3, 0, {})


def test_blank_rows_are_no_duplicates_and_are_told_with_their_term(given: County) -> None:
    report = given.one(sheet(given, {A[0]: REFUTED, B[0]: {"核查结果": "待核"}}))
    assert (report.new, report.duplicate, report.noted, report.wrong) == (1, 0, 2, [])
    (note,) = told(report).values()
    assert (note.code, note.params["rows"], note.params["open"]) == ("W_SHEET_OPEN", 3, 2)
    for language in ("zh", "en"):
        assert str(DUE) in note.message(language)
        assert "{" not in note.message(language)


def test_what_was_answered_before_is_not_open(given: County) -> None:
    given.one(sheet(given, {A[0]: REFUTED}))
    report = given.one(sheet(given, {B[0]: REFUTED, C[0]: REFUTED}))
    assert (report.new, report.noted, told(report)) == (2, 1, {})


def test_deleted_rows_are_told_by_their_numbers(given: County) -> None:
    report = given.one(without(sheet(given, {A[0]: REFUTED}), B[0], C[0]))
    assert (report.new, report.wrong) == (1, [])
    (note,) = told(report).values()
    assert (note.code, note.params["gone"], note.place.sheet) == ("W_SHEET_ROWS_GONE", 2, "疑点核查表")
    assert set(note.params["doubts"].split("、")) == {numbers(given)[B[0]], numbers(given)[C[0]]}
    assert not any(word in note.message() for word in (B[0], C[0], B[1], C[1])), "numbers, and no names"


def test_a_row_that_is_gone_and_was_answered_is_not_missed(given: County) -> None:
    given.one(sheet(given, {B[0]: REFUTED}))
    report = given.one(without(sheet(given, {A[0]: REFUTED, C[0]: FOUNDED}), B[0]))
    assert (report.new, told(report)) == (2, {})


def test_what_was_given_to_others_or_later_is_not_missed(doubted: County) -> None:
    """Only what its township was given, and by the day of the issue."""
    own = numbers(doubted)
    facts = {"unit": "石岭镇", "due_on": None, "origin": "decision"}
    doubted.decide(BUREAU, ("clue.assigned", {"clue": own[A[0]], **facts, "on": str(TODAY)}))
    early = Issue("HC20250929-AAAAAAAA", "石岭镇", date(2025, 9, 29), None)
    assert told(doubted.one(without(filled(doubted, {}, issue=early), A[0], B[0]))).keys() == {"W_SHEET_OPEN"}
    same_day = Issue("HC20250930-AAAAAAAA", "石岭镇", TODAY, None)
    report = doubted.one(without(filled(doubted, {}, issue=same_day), A[0], B[0]))
    assert told(report)["W_SHEET_ROWS_GONE"].params["doubts"] == own[A[0]], "the other one was never given out"


def test_a_row_that_cannot_be_read_is_not_called_gone(given: County) -> None:
    report = given.one(sheet(given, {A[0]: REFUTED, B[0]: {**REFUTED, "核查结果": "也许"}, C[0]: FOUNDED}))
    assert ([code for _, code in codes(report)], told(report)) == (["E_CELL_CHOICE"], {})


# ---- lists that somebody else drew up


LISTS = [
    ("unfounded and yet an amount", 2, {"认定金额(元)": "2880.00"}, "认定金额(元)", "E_REFUTED_FEN"),
    ("unfounded and yet to be recovered", 2, {"应追金额(元)": "2880.00"}, "应追金额(元)", "E_REFUTED_FEN"),
    ("verified before the data", 1, {"核查日期": "2025-08-30"}, "核查日期", "E_CHECKED_BEFORE_DATA"),
]


@pytest.mark.parametrize(("what", "row", "cells", "column", "code"), LISTS, ids=[one[0] for one in LISTS])
def test_a_list_of_others_is_told_too(
    county: County, what: str, row: int, cells: Cells, column: str, code: str
) -> None:
    grid = rows_of("doubts.csv")
    for name, value in cells.items():
        grid = changed(grid, row, name, value)
    report = county.one(county.write("疑点.csv", grid))
    assert [(one.place.row, one.column, one.code) for one in report.wrong] == [(row + 1, column, code)]
    assert report.new == 2
