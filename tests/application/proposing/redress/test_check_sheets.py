"""Doubts go out in a workbook and come back with answers: as they went out, once, and each to its own township."""

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from ledger.application.importing.check_sheets import Issue, issue_of, write_check_sheet
from ledger.application.importing.parse import parse_file
from ledger.application.proposing.context import Context
from ledger.application.proposing.redress.issued import issued_fields
from tests.application.importing.offices import changed
from tests.application.proposing.county import TODAY, County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.redress.test_matching_lists import CAR, A, B, C, listed, paid

__all__ = ["paid"]
HEAD_ROW = 4
ISSUE = Issue("HC20250930-ABCDEFGH", "石岭镇", TODAY, date(2025, 10, 15))
SIGNED = {"核查人一": "示例申", "核查人二": "示例酉", "核查日期": "2025-09-30", "乡镇负责人": "示例戌"}
FOUNDED = {"核查结果": "属实", "认定金额(元)": "580.00", "处理措施": "停发并追缴", "停发月份": "2025-10"}
FOUNDED |= {"应追金额(元)": "580.00", "佐证材料": "行驶证复印件", **SIGNED}
REFUTED = {"核查结果": "不属实", "原因分类": "同名同号", "佐证材料": "车管所证明", **SIGNED}
UNCLEAR = {"核查结果": "无法核实", "佐证材料": "外出", **SIGNED}
Cells = Mapping[str, str]


@pytest.fixture
def doubted(paid: County) -> County:
    """The county with three doubts, one a household."""
    cars = listed((A, "车辆", CAR, "2025-08-01"), (B, "车辆", CAR, "2025-03"), (C, "车辆", "货车", "2025-01"))
    assert paid.one(paid.write("车辆.csv", cars)).new == 3
    return paid


def numbers(county: County) -> dict[str, str]:
    """Name -> the number of the doubt."""
    clues = {one.person: one.clue for one in county.of_kind("clue.raised")}
    return {name: clues[county.vault.reference("person", number)] for name, number in (A, B, C)}


def sheet(county: County, issue: Issue = ISSUE) -> bytes:
    """The workbook as it goes out."""
    context = Context(county.store, county.vault, county.options("nobody"))
    raised = sorted(county.of_kind("clue.raised"), key=lambda one: one.clue)
    people = context.opened([one.person for one in raised])
    stream = io.BytesIO()
    write_check_sheet(stream, issue, [issued_fields(context, one, people[one.person]) for one in raised])
    return stream.getvalue()


def filled(county: County, answers: Mapping[str, Cells], name: str = "核查表.xlsx", **more: Any) -> Path:
    """The workbook as it comes back: cells by the name of the person."""
    book = load_workbook(io.BytesIO(sheet(county, **more)))
    page = book.active
    heads = {page.cell(HEAD_ROW, n).value: n for n in range(1, page.max_column + 1)}
    for row in range(HEAD_ROW + 1, page.max_row + 1):
        for column, value in answers.get(str(page.cell(row, heads["姓名"]).value), {}).items():
            page.cell(row, heads[column]).value = value
    path = county.folder / name
    book.save(path)
    return path


def test_a_sheet_says_what_must_be_verified_and_reads_back(doubted: County) -> None:
    parsed = parse_file(sheet(doubted), name="核查表.xlsx")
    assert (parsed.kind, parsed.wrong, parsed.sheets[0].header.unknown) == ("doubts", (), ())
    assert issue_of(parsed.sheets[0].titles) == ISSUE
    row = next(one.values for one in parsed.rows if one.values["name"] == A[0])
    assert (
        row.items()
        >= {
            "doubt_no": numbers(doubted)[A[0]],
            "model": "T05车辆",
            "cut_off_on": date(2025, 9, 20),
            "township": "石岭镇",
            "village": "上坪村",
            "id_number": A[1],
            "description": f"车辆:{CAR},2025-08-01起",
            "month_from": "2025-09",
            "month_to": "2025-09",
            "doubt_fen": 69_000,
            "result": None,
        }.items()
    )


def test_an_unanswered_sheet_says_what_is_known(doubted: County) -> None:
    before = doubted.size()
    report = doubted.one(filled(doubted, {A[0]: {"核查结果": "待核"}}))
    assert (report.new, report.duplicate, report.noted, report.wrong) == (0, 0, 3, [])
    assert doubted.size() == before


def test_answers_become_acts_and_founded_doubts_findings(doubted: County) -> None:
    path = filled(doubted, {A[0]: REFUTED, C[0]: FOUNDED})
    report = doubted.one(path)
    assert (report.new, report.duplicate, report.noted, report.wrong) == (2, 0, 1, [])
    (voucher,) = doubted.waiting()
    assert voucher.entity == BUREAU, "a finding needs a second person, and the sheet is one voucher"
    assert doubted.one(path).new == 0, "nor is what waits brought in again"
    assert doubted.sign_off() == 1
    own = numbers(doubted)
    (refuted,) = doubted.of_kind("clue.refuted")
    assert (refuted.clue, refuted.reason, refuted.evidence_note) == (own[A[0]], "same_name", "车管所证明")
    assert (refuted.verifiers, refuted.on) == (("示例申", "示例酉"), date(2025, 9, 30))
    (verified,) = doubted.of_kind("clue.verified")
    assert (verified.clue, verified.result, verified.confirmed_fen) == (own[C[0]], "founded", 58_000)
    assert (verified.recover_fen, verified.stop_from, verified.measures) == (58_000, "2025-10", "停发并追缴")
    (found,) = doubted.of_kind("finding.confirmed")
    assert (found.clues, found.amount_fen, found.found_by) == ((own[C[0]],), 58_000, "matching")
    assert (found.authority, found.programme, found.origin) == ("测试民政局", "rural-dibao", "decision")
    assert sorted(one.clue for one in doubted.of_kind("clue.assigned")) == sorted((own[A[0]], own[C[0]]))
    before = doubted.size()
    again = doubted.one(path)
    assert (again.new, again.duplicate, again.noted, again.wrong) == (0, 2, 1, [])
    assert doubted.size() == before


def test_the_rest_is_answered_later_on_the_same_sheet(doubted: County) -> None:
    doubted.one(filled(doubted, {A[0]: REFUTED}))
    later = filled(doubted, {A[0]: REFUTED, B[0]: {"核查结果": "无法核实", "佐证材料": "外出", **SIGNED}})
    report = doubted.one(later)
    assert (report.new, report.duplicate, report.noted, report.wrong) == (1, 1, 1, [])
    assert [one.result for one in doubted.of_kind("clue.verified")] == ["unverifiable"]
    assert doubted.of_kind("finding.confirmed") == []


BAD: list[tuple[str, Cells, str, str]] = [
    # what, cells of 示例甲's row, code, column
    ("another amount", {"疑点金额(元)": "69.00", **REFUTED}, "E_CLUE_CHANGED", "疑点金额(元)"),
    ("another name", {"姓名": "示例庚", **REFUTED}, "E_CLUE_CHANGED", "姓名"),
    ("another number", {"身份证号": B[1], **REFUTED}, "E_CLUE_CHANGED", "身份证号"),
    ("another day of the data", {"数据截止日": "2025-09-21", **REFUTED}, "E_CLUE_CHANGED", "数据截止日"),
    ("another village", {"村": "下坪村", **REFUTED}, "E_CLUE_CHANGED", "村"),
    ("other months", {"涉及起止月": "2025-08至2025-09", **REFUTED}, "E_CLUE_CHANGED", "涉及起止月"),
    ("no months", {"涉及起止月": "", **REFUTED}, "E_CLUE_CHANGED", "涉及起止月"),
    ("an invented doubt", {"疑点编号": "YD20250920-T05-AAAAAAAAAA", **REFUTED}, "E_CLUE_NUMBER", "疑点编号"),
    ("another's manner of number", {"疑点编号": "YD2025-T05-0001", **REFUTED}, "E_CLUE_NUMBER", "疑点编号"),
    ("a number in Chinese", {"疑点编号": "疑点一", **REFUTED}, "E_CLUE_NUMBER", "疑点编号"),
    ("an unknown answer", {**REFUTED, "核查结果": "也许"}, "E_CELL_CHOICE", "核查结果"),
    ("no reason", {**REFUTED, "原因分类": ""}, "E_ANSWER_MISSING", "原因分类"),
    ("an unknown reason", {**REFUTED, "原因分类": "没空"}, "E_CELL_CHOICE", "原因分类"),
    ("no evidence", {**REFUTED, "佐证材料": ""}, "E_ANSWER_MISSING", "佐证材料"),
    ("one verifier", {**REFUTED, "核查人二": ""}, "E_TWO_VERIFIERS", "核查人二"),
    ("the same one twice", {**FOUNDED, "核查人二": "示例申"}, "E_TWO_VERIFIERS", "核查人二"),
    ("founded for how much", {**FOUNDED, "认定金额(元)": ""}, "E_ANSWER_MISSING", "认定金额(元)"),
    ("unfounded and yet an amount", {**REFUTED, "认定金额(元)": "580.00"}, "E_REFUTED_FEN", "认定金额(元)"),
    ("unfounded and yet to be recovered", {**REFUTED, "应追金额(元)": "10.00"}, "E_REFUTED_FEN", "应追金额(元)"),
    ("not established and yet an amount", {**UNCLEAR, "认定金额(元)": "690.00"}, "E_REFUTED_FEN", "认定金额(元)"),
    ("not established and yet to be recovered", {**UNCLEAR, "应追金额(元)": "690"}, "E_REFUTED_FEN", "应追金额(元)"),
    ("not established and yet a stop", {**UNCLEAR, "停发月份": "2025-10"}, "E_UNVERIFIABLE_STOP", "停发月份"),
    ("verified before it was given out", {**REFUTED, "核查日期": "2025-09-29"}, "E_CHECKED_BEFORE", "核查日期"),
    ("more to recover than founded", {**FOUNDED, "应追金额(元)": "600"}, "E_ANSWER_DUE", "应追金额(元)"),
    ("verified tomorrow", {**REFUTED, "核查日期": "2025-10-01"}, "E_FACT_IN_FUTURE", "核查日期"),
    ("a number in the evidence", {**REFUTED, "佐证材料": "电话13812345678"}, "E_TEXT_PERSONAL", "佐证材料"),
]


@pytest.mark.parametrize(("what", "cells", "code", "column"), BAD, ids=[bad[0] for bad in BAD])
def test_a_wrong_row_is_placed_and_the_others_are_taken(
    doubted: County, what: str, cells: Cells, code: str, column: str
) -> None:
    report = doubted.one(filled(doubted, {A[0]: cells, B[0]: REFUTED}))
    assert {one.code for one in report.wrong} >= {code}
    (wrong,) = [one for one in report.wrong if one.code == code]
    assert (wrong.place.file, wrong.place.sheet, wrong.column) == ("核查表.xlsx", "疑点核查表", column)
    assert len({one.place.row for one in report.wrong}) == 1
    assert wrong.place.row > HEAD_ROW
    assert (report.new, report.duplicate, report.noted) == (1, 0, 1)
    assert all(wrong.message(language) for language in ("zh", "en"))
    assert [one.clue for one in doubted.of_kind("clue.refuted")] == [numbers(doubted)[B[0]]]


@pytest.mark.parametrize("second", ["", "示例申"])
def test_what_a_cell_lacks_is_told_once(doubted: County, second: str) -> None:
    """The finding that would follow from the answer would be without a second person for the same reason."""
    report = doubted.one(filled(doubted, {A[0]: {**FOUNDED, "核查人二": second}}))
    assert [(one.code, one.column) for one in report.wrong] == [("E_TWO_VERIFIERS", "核查人二")]


def test_a_changed_name_is_not_told(doubted: County) -> None:
    (wrong,) = doubted.one(filled(doubted, {A[0]: {"姓名": "示例庚"}})).wrong
    assert "示例" not in wrong.message()
    assert wrong.value == "***"


def test_a_sheet_of_another_township_answers_nothing(doubted: County) -> None:
    other = Issue("HC20250930-ZZZZZZZZ", "大冲乡", TODAY, None)
    report = doubted.one(filled(doubted, {A[0]: REFUTED}, issue=other))
    assert {code for _, code in codes(report)} == {"E_CLUE_TOWNSHIP"}
    assert (report.new, report.duplicate, len(report.wrong)) == (0, 0, 3)


def test_another_answer_after_the_first_is_refused(doubted: County) -> None:
    doubted.one(filled(doubted, {A[0]: REFUTED}))
    for cells, column in (({**REFUTED, "原因分类": "数据错误"}, "原因分类"), (FOUNDED, "核查结果")):
        report = doubted.one(filled(doubted, {A[0]: cells}))
        ((_, code),) = codes(report)
        assert (code, report.wrong[0].column, report.noted) == ("E_CLUE_ANSWERED", column, 2)
    assert len(doubted.of_kind("clue.refuted")) == 1


@pytest.mark.parametrize(
    "cells",
    [{"认定金额(元)": "590.00"}, {"应追金额(元)": "570.00"}, {"停发月份": "2025-11"}, {"处理措施": "停发"}],
    ids=str,
)
def test_another_amount_or_measure_after_the_first_is_told_at_its_column(doubted: County, cells: Cells) -> None:
    doubted.one(filled(doubted, {A[0]: FOUNDED}))
    report = doubted.one(filled(doubted, {A[0]: {**FOUNDED, **cells}}))
    assert [(one.code, one.column) for one in report.wrong] == [("E_CLUE_ANSWERED", next(iter(cells)))]


@pytest.mark.parametrize(("second", "code"), [(REFUTED, None), (FOUNDED, "E_KEY_CONFLICT")])
def test_a_doubt_that_stands_twice_on_a_sheet(doubted: County, second: Cells, code: str | None) -> None:
    book = load_workbook(filled(doubted, {A[0]: REFUTED}))
    page = book.active
    heads = {page.cell(HEAD_ROW, n).value: n for n in range(1, page.max_column + 1)}
    rows = range(HEAD_ROW + 1, page.max_row + 1)
    answered = next(n for n in rows if page.cell(n, heads["核查结果"]).value)
    last = page.max_row + 1
    for n in range(1, page.max_column + 1):
        page.cell(last, n).value = page.cell(answered, n).value
    for column, value in second.items():
        page.cell(last, heads[column]).value = value
    book.save(path := doubted.folder / "两次.xlsx")
    report = doubted.one(path)
    assert codes(report) == ([] if code is None else [(last, code)])
    assert (report.new, report.duplicate, report.noted) == (1, 1 if code is None else 0, 2)


def without_titles(path: Path) -> Path:
    book = load_workbook(path)
    book.active.delete_rows(1, HEAD_ROW - 1)
    book.save(path)
    return path


def test_without_its_title_lines_a_sheet_is_known_by_its_numbers(doubted: County) -> None:
    path = without_titles(filled(doubted, {A[0]: {**REFUTED, "疑点金额(元)": "1.00"}, B[0]: REFUTED}))
    report = doubted.one(path)
    assert codes(report) == [(report.wrong[0].place.row, "E_CLUE_CHANGED")]
    assert (report.new, report.duplicate, report.noted) == (1, 0, 1)
    assert len(doubted.of_kind("clue.raised")) == 3, "nothing is raised by an answer"


def test_a_dry_run_of_answers_records_nothing(doubted: County) -> None:
    before = doubted.size()
    report = doubted.one(filled(doubted, {A[0]: REFUTED, C[0]: FOUNDED}), dry_run=True)
    assert (report.new, report.wrong, doubted.size()) == (2, [], before)


def test_a_doubt_of_somebody_elses_list_is_given_out_like_ones_own(county: County) -> None:
    """What the auditors raised goes out with this book's sheet and comes back unchanged."""
    blank = {"核查结果": "", "原因分类": "", "认定金额(元)": "", "核查日期": ""}
    grid = rows_of("doubts.csv")
    for column, value in blank.items():
        for row in (1, 2, 3):
            grid = changed(grid, row, column, value)
    county.take_in("dibao_roster.csv")
    assert county.one(county.write("审计疑点.csv", grid)).new == 3
    mixed = Issue("HC20250930-AAAAAAAA", "石岭镇", TODAY, None)
    context = Context(county.store, county.vault, county.options("nobody"))
    raised = [one for one in county.of_kind("clue.raised") if one.township == "石岭镇"]
    people = context.opened([one.person for one in raised])
    path = county.folder / "回.xlsx"
    with path.open("wb") as file:
        write_check_sheet(file, mixed, [issued_fields(context, one, people[one.person]) for one in raised])
    book = load_workbook(path)
    page = book.active
    heads = {page.cell(HEAD_ROW, n).value: n for n in range(1, page.max_column + 1)}
    for column, value in {**REFUTED, "原因分类": "信息滞后"}.items():
        page.cell(HEAD_ROW + 1, heads[column]).value = value
    book.save(path)
    report = county.one(path)
    assert (report.new, report.wrong) == (1, [])
    assert [one.reason for one in county.of_kind("clue.refuted")] == ["stale_data"]


def test_what_another_department_wrote_is_text_and_no_formula(doubted: County) -> None:
    raised = doubted.of_kind("clue.raised")
    context = Context(doubted.store, doubted.vault, doubted.options("nobody"))
    people = context.opened([one.person for one in raised])
    rows = [{**issued_fields(context, one, people[one.person]), "description": '=HYPERLINK("x")'} for one in raised]
    stream = io.BytesIO()
    write_check_sheet(stream, ISSUE, rows)
    cells = [cell for row in load_workbook(stream).worksheets[0].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == '=HYPERLINK("x")'] == ["s"] * len(rows)


def test_two_townships_sheets_in_one_archive_are_told_apart(doubted: County, tmp_path: Path) -> None:
    """Both sheets bear one name; what each township was given is known by its file."""
    own = filled(doubted, {A[0]: REFUTED}, "一.xlsx")
    other = filled(doubted, {}, "二.xlsx", issue=Issue("HC20250930-ZZZZZZZZ", "大冲乡", TODAY, None))
    archive = tmp_path / "核查表.zip"
    with ZipFile(archive, "w") as packed:
        packed.write(own, "一.xlsx")
        packed.write(other, "二.xlsx")
    found = doubted.one(archive)
    told = {(one.place.file, one.code) for one in found.wrong}
    assert ("二.xlsx", "E_CLUE_TOWNSHIP") in told
    assert {file for file, _ in told} == {"二.xlsx"}, "the other sheet is read as what it is"
    assert found.new == 1


@pytest.mark.parametrize("on", [None, date(2025, 10, 1)], ids=["none", "to come"])
def test_a_sheet_without_a_sound_day_of_issue_is_refused(doubted: County, on: date | None) -> None:
    issue = replace(ISSUE, on=on)
    report = doubted.one(filled(doubted, {A[0]: REFUTED}, issue=issue))
    assert report.new == 0
    assert {code for _, code in codes(report)} == {"E_ISSUE_DAY"}
    assert doubted.waiting() == []
    assert doubted.of_kind("clue.assigned") == []


def test_any_answer_that_was_recorded_is_there_already(doubted: County) -> None:
    """Refuted, drawn as a sample, then founded: the first sheet says nothing new, nor does the second."""
    first = filled(doubted, {C[0]: REFUTED}, "一.xlsx")
    assert doubted.one(first).new == 1
    doubted.sign_off()
    clue = numbers(doubted)[C[0]]
    (refuted,) = doubted.of_kind("clue.refuted")
    verified = refuted.model_dump(mode="json", include={"clue", "evidence", "evidence_note", "on"})
    more = {"result": "unverifiable", "confirmed_fen": 0, "recover_fen": 0, "measures": None, "stop_from": None}
    facts = {**verified, **more, "verifiers": ["示例甲", "示例丁"], "origin": "history"}
    doubted.decide(BUREAU, ("clue.verified", facts), day=TODAY)
    assert [one.clue for one in doubted.of_kind("clue.verified")] == [clue]
    before = doubted.size()
    again = doubted.one(first)
    assert (again.new, again.duplicate, again.noted, again.wrong, doubted.size()) == (0, 1, 2, [], before)
    other = doubted.one(filled(doubted, {C[0]: FOUNDED}, "二.xlsx"))
    assert [code for _, code in codes(other)] == ["E_CLUE_ANSWERED"]


def test_a_sheet_given_out_before_its_doubt_was_restated_comes_back_as_it_went_out(doubted: County) -> None:
    answers = {C[0]: FOUNDED}
    path = filled(doubted, answers)
    mixed = filled(doubted, {C[0]: {**FOUNDED, "疑点说明": "车辆:轿车,2025-08起"}}, name="改过.xlsx")
    corrected = listed((C, "车辆", "轿车", "2025-09"), cut_off="2025-09-20")
    assert doubted.one(doubted.write("车辆改.csv", corrected)).new == 1
    assert codes(doubted.one(mixed)) != []
    report = doubted.one(path)
    assert (report.new, report.wrong) == (1, [])
    doubted.sign_off()
    (found,) = doubted.of_kind("finding.confirmed")
    assert (found.summary, found.amount_fen) == ("车辆:轿车,2025-09起", 58_000)


@pytest.mark.parametrize(("yuan", "told"), [("690.00", []), ("690.01", [69_001]), ("99999.00", [9_999_900])])
def test_more_established_than_was_in_doubt_is_told_at_its_row_once(
    doubted: County, yuan: str, told: list[int]
) -> None:
    path = filled(doubted, {A[0]: {**FOUNDED, "认定金额(元)": yuan, "应追金额(元)": "580.00"}})
    for expected in (told, []):
        report = doubted.one(path)
        notes = [note for note in report.notes if note.code == "W_ANSWER_ABOVE"]
        assert [(note.params["amount_fen"], note.params["doubt_fen"]) for note in notes] == [
            (fen, 69_000) for fen in expected
        ]
        assert report.wrong == []
        assert all(note.place.row > HEAD_ROW and "690.00" in note.message() for note in notes)
