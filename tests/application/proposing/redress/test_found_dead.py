"""A death that a check sheet confirms is a reported death, in whatever order the lists come; a refuted one is none."""

import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledger.application.importing.check_sheets import Issue, write_check_sheet
from ledger.application.proposing.context import Context
from ledger.application.proposing.redress.issued import issued_fields
from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.redress.test_matching_lists import HEAD
from tests.application.proposing.relief.bereaved.test_dead_in_any_order import about_the_dead, paid
from tests.application.proposing.relief.bereaved.test_dead_payees import reported
from tests.application.proposing.relief.october import OCTOBER, id_number
from tests.application.proposing.relief.paying.bank import at, base_of, listed, result, results, roster, send

DEAD, TOO = 3, 6
"""Households of one."""
ON = date(2025, 10, 9)
SIGNED = {"核查人一": "示例申", "核查人二": "示例酉", "核查日期": "2025-10-09", "佐证材料": "火化证"}
FOUNDED = {"核查结果": "属实", "认定金额(元)": "0", "停发月份": "2025-10", "应追金额(元)": "0", **SIGNED}
REFUTED = {"核查结果": "不属实", "原因分类": "同名同号", **SIGNED}


def matched(county: County, *numbers: int, died: str = "2025-09-11") -> FileReport:
    """The list of the dead as one that is compared."""
    rows = [
        ["1", "死亡", f"示例户{number}", id_number(number), "注销户口", died, "2025-10-08", "示例县公安局", ""]
        for number in numbers
    ]
    return county.one(county.write("比对-死亡.csv", [HEAD, *rows]), today=county.now.date())


def answers(county: County, cells: Mapping[int, Mapping[str, str]]) -> list[Path]:
    """The townships' sheets, filled in, by the household."""
    context = Context(county.store, county.vault, county.options("nobody"))
    raised = county.of_kind("clue.raised")
    people = context.opened([one.person for one in raised])
    paths = []
    for town in sorted({one.township for one in raised}):
        stream = io.BytesIO()
        issue = Issue("HC20251009-ABCDEFGH", town, ON, None)
        theirs = [one for one in raised if one.township == town]
        write_check_sheet(stream, issue, [issued_fields(context, one, people[one.person]) for one in theirs])
        book = load_workbook(io.BytesIO(stream.getvalue()))
        page = book.active
        heads = {page.cell(4, n).value: n for n in range(1, page.max_column + 1)}
        for row in range(5, page.max_row + 1):
            named = str(page.cell(row, heads["姓名"]).value)
            for column, value in cells.get(int(named.removeprefix("示例户") or 0), {}).items():
                page.cell(row, heads[column]).value = value
        path = county.folder / f"核查表-{town}.xlsx"
        book.save(path)
        paths.append(path)
    return paths


def answered(county: County, cells: Mapping[int, Mapping[str, str]]) -> list[FileReport]:
    found = [county.one(path, today=county.now.date()) for path in answers(county, cells)]
    assert [report.wrong for report in found] == [[] for _ in found]
    county.sign_off()
    return found


@pytest.fixture
def october(enrolled: County) -> County:
    enrolled.sign_off()
    at(enrolled, 10, 9)
    return enrolled


def test_a_later_roster_does_not_pay_who_was_found_dead(october: County) -> None:
    assert matched(october, DEAD, TOO).new == 2
    answered(october, {DEAD: FOUNDED, TOO: REFUTED})
    (death,) = october.of_kind("death.reported")
    assert death.person == october.vault.reference("person", id_number(DEAD))
    assert (death.died_on, death.died_month, death.reported_by) == (date(2025, 9, 11), "2025-09", "public_security")
    assert death.organisation == "示例县公安局"
    report = roster(october, OCTOBER, listed())
    assert [(cell.code, cell.place.row) for cell in report.wrong] == [("E_PAYEE_DEAD", 1 + DEAD)]


def test_the_sheet_again_adds_nothing(october: County) -> None:
    matched(october, DEAD)
    paths = answers(october, {DEAD: FOUNDED})
    assert [october.one(path, today=ON).new for path in paths] == [1]
    assert october.of_kind("death.reported") == [], "nobody is dead as long as nobody has signed it"
    for path in paths:
        assert october.one(path, today=ON).new == 0
    assert october.sign_off() == 1
    before = october.size()
    for path in paths:
        report = october.one(path, today=ON)
        assert (report.new, report.duplicate, report.wrong) == (0, 1, [])
    assert october.size() == before


def test_a_month_without_a_day_is_told_as_a_month(october: County) -> None:
    matched(october, DEAD, died="2025-09")
    answered(october, {DEAD: FOUNDED})
    (death,) = october.of_kind("death.reported")
    assert (death.died_on, death.died_month) == (None, "2025-09")


@pytest.mark.parametrize("order", ["found first", "paid first", "list too"])
def test_the_payments_are_in_doubt_in_whatever_order(october: County, order: str) -> None:
    if order != "paid first":
        matched(october, DEAD)
        answered(october, {DEAD: FOUNDED})
    if order == "list too":
        reported(october, DEAD, source="殡仪馆")
    roster(october, OCTOBER, listed())
    assert results(october, paid(DEAD)).wrong == []
    if order == "paid first":
        matched(october, DEAD)
        answered(october, {DEAD: {**FOUNDED, "认定金额(元)": str(base_of(DEAD))}})
    ((_, died, month, _),) = about_the_dead(october)
    assert (died, month) == ("2025-09", OCTOBER)


def test_who_is_refuted_is_paid(october: County) -> None:
    matched(october, DEAD)
    answered(october, {DEAD: REFUTED})
    assert roster(october, OCTOBER, listed()).wrong == []
    send(october, "rural-dibao-2025-10-01")
    results(october, result(DEAD, base_of(DEAD), "成功", "20251009", "rural-dibao-2025-10-01"))
    assert not about_the_dead(october)


def test_a_doubt_of_another_office_names_nobody_as_dead(october: County) -> None:
    """Its row names the householder, who was paid for a member that had died."""
    head, row, *_ = rows_of("doubts.csv")
    named = {"姓名": f"示例户{TOO}", "身份证号": id_number(TOO)}
    asked = [
        named.get(column, cell) if at < head.index("核查结果") else ""
        for at, (column, cell) in enumerate(zip(head, row, strict=True))
    ]
    report = october.one(october.write("疑点.csv", [head, asked]), today=ON)
    assert (report.new, report.wrong) == (1, [])
    october.sign_off()
    answered(october, {TOO: {**FOUNDED, "处理措施": "减员并抵扣"}})
    assert (october.of_kind("clue.verified") != [], october.of_kind("death.reported")) == (True, [])
    assert roster(october, OCTOBER, listed()).wrong == []
