"""Of which month a list is that does not say so itself."""

from pathlib import Path

import pytest

from ledger.application.importing.recognising.titles import titles_of_table
from ledger.application.importing.tables import RawRow, RawTable
from ledger.application.proposing.reports import FileReport
from tests.application.importing.offices import SAMPLES
from tests.application.proposing.county import BATCH, County, rows_of


@pytest.mark.parametrize(
    ("file", "sheet", "line", "month"),
    [
        ("2025年9月农村低保花名册.csv", None, "", "2025-09"),
        ("低保花名册202509.csv", None, "", "2025-09"),
        ("低保-2025-09.csv", None, "", "2025-09"),
        ("２０２５年９月.csv", None, "", "2025-09"),
        ("石岭镇9月花名册.csv", None, "2025年农村低保发放花名册", "2025-09"),
        ("2025年花名册.xlsx", "9月", "", "2025-09"),
        ("花名册.xlsx", "9月份", "2025年度", "2025-09"),
        ("2025年10月.xlsx", "sheet1", "2025年9月花名册", "2025-09"),
        ("花名册20250905.csv", None, "", None),
        ("花名册.csv", None, "9月", None),
        ("2025年花名册.csv", None, "1-9月", None),
        ("2025年1至9月.csv", None, "", None),
        ("2025年8月9月.csv", None, "", None),
        ("2025年花名册.csv", None, "制表日期9月5日", None),
    ],
)
def test_titles_sheets_and_names_tell_a_month(file: str, sheet: str | None, line: str, month: str | None) -> None:
    assert titles_of_table(RawTable(file, sheet, [RawRow(1, (line,))]), 2).named_month == month


def _taken(found: FileReport) -> list[tuple[str, tuple[str, ...]]]:
    return [(note.params["month"], note.params["where_words"]) for note in found.notes if note.code == "W_MONTH_TAKEN"]


def _named(county: County, name: str, source: str = "dibao_roster.csv") -> Path:
    path = county.folder / name
    path.write_bytes((SAMPLES / source).read_bytes())
    return path


def test_the_files_name_tells_the_month_of_a_roster(county: County) -> None:
    found = county.one(_named(county, "2025年9月花名册.csv"), month=None)
    assert (found.refused, found.new, found.wrong) == (None, 3, [])
    assert _taken(found) == [("2025-09", ("month_taken.name",))]
    assert [one.batch for one in county.of_kind("batch.prepared")] == [BATCH]


def test_a_month_that_the_user_gives_stands_against_the_files_name(county: County) -> None:
    found = county.one(_named(county, "2025年8月花名册.csv"), month="2025-09")
    assert (found.refused, found.new, _taken(found)) == (None, 3, [])
    assert [one.batch for one in county.of_kind("batch.prepared")] == [BATCH]


def test_a_roster_that_was_read_before_is_of_the_month_it_was_read_as(county: County) -> None:
    county.one("dibao_roster.csv")
    county.sign_off()
    size = county.size()
    again = county.one("dibao_roster.csv", month=None)
    assert (again.refused, again.new, again.duplicate) == (None, 0, 3)
    assert _taken(again) == [("2025-09", ("month_taken.before",))]
    assert county.size() == size


def test_the_results_of_the_same_import_tell_the_month_of_its_roster(county: County) -> None:
    roster = county.take_in("dibao_roster.csv", "payresult.csv", month=None).files[0]
    assert (roster.refused, roster.new) == (None, 3)
    assert _taken(roster) == [("2025-09", ("month_taken.beside",))]


def test_results_of_two_months_tell_nothing(county: County) -> None:
    rows = [[cell.replace("NDB202509", "NDB202508") for cell in line] for line in rows_of("payresult.csv")]
    other = county.write("八月回盘.csv", rows)
    roster = county.take_in("dibao_roster.csv", "payresult.csv", other, month=None).files[0]
    assert roster.refused is not None
    assert roster.refused.code == "E_MONTH_NEEDED"


def test_results_that_came_without_a_list_tell_its_month(county: County) -> None:
    county.one("payresult.csv", month=None, without_roster=True)
    county.sign_off()
    found = county.one("dibao_roster.csv", month=None)
    assert _taken(found) == [("2025-09", ("month_taken.book",))]


def test_a_roster_of_no_month_at_all_is_asked_for_it(county: County) -> None:
    found = county.one("dibao_roster.csv", month=None)
    assert found.refused is not None
    assert found.refused.code == "E_MONTH_NEEDED"


@pytest.mark.parametrize(("name", "month"), [("202509上盘.csv", "2025-09"), ("202508上盘.csv", None)])
def test_a_pay_files_name_yields_to_its_memo(county: County, name: str, month: str | None) -> None:
    """The memo says 9月: a file that is called after another month does not make it that month's."""
    found = county.one(_named(county, name, "payfile.csv"), month=None)
    codes = {cell.code for cell in found.wrong}
    assert ("E_MONTH_NEEDED" in codes) == (month is None)


@pytest.mark.parametrize("dry_run", [True, False], ids=["looked at", "posted"])
def test_a_pay_file_of_no_month_is_asked_for_it_once(county: County, *, dry_run: bool) -> None:
    """Of the sheet, whose rows are right and are held."""
    found = county.one("payfile.csv", month=None, dry_run=dry_run)
    (wrong,) = found.wrong
    assert (wrong.code, wrong.place.row, wrong.place.file) == ("E_MONTH_NEEDED", 0, "payfile.csv")
    assert "payfile.csv" in wrong.message()
    assert (found.new, len(found.held), found.wrong_rows) == (0, 3, 1)
    assert [note.code for note in found.notes] == []


def test_a_row_whose_memo_alone_lacks_the_month_is_at_fault_itself(county: County) -> None:
    """The other rows of the sheet say theirs."""
    grid = [[cell.replace("农低保9月", "农低保2025年9月") for cell in line] for line in rows_of("payfile.csv")]
    grid[2] = [cell.replace("2025年", "") for cell in grid[2]]
    found = county.one(county.write("上盘.csv", grid), month=None)
    assert [(one.code, one.place.row, one.column) for one in found.wrong] == [("E_MONTH_NEEDED", 3, "摘要")]
    assert len(found.held) == 2
