"""The province's counts: recorded with their source, known again, counted anew by a later export, refused."""

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, codes

HEAD = "序号,统计月份,救助项目,乡镇,保障户数,保障人数,保障金额(元),导出日期,备注"


def row(**cells: str) -> list[str]:
    plain = {"序号": "1", "统计月份": "2025-09", "救助项目": "农村低保", "乡镇": "石岭镇", "保障户数": "3"}
    plain |= {"保障人数": "6", "保障金额(元)": "2,030.00元", "导出日期": "2025-09-05", **cells}
    return [plain.get(title, "") for title in HEAD.split(",")]


def taken_over(county: County, *rows: list[str]) -> FileReport:
    return county.one(county.write("省系统统计表.csv", [HEAD.split(","), *rows]))


def test_counts_are_recorded_with_their_source_and_move_nothing(county: County) -> None:
    before = county.balances()
    report = taken_over(county, row(), row(乡镇="大冲乡", 保障户数="0", 保障人数="0", **{"保障金额(元)": "0"}))
    assert (report.kind, report.new, report.wrong) == ("provincial-counts", 2, [])
    county.sign_off()
    first, empty = county.of_kind("provincial.counted")
    assert (first.programme, first.month, first.township) == ("rural-dibao", "2025-09", "石岭镇")
    assert (first.households, first.persons, first.amount_fen) == (3, 6, 203_000)
    assert (first.source.organisation, first.place.row) == ("省社会救助信息系统", 2)
    assert first.source.file_digest == first.place.file_digest
    assert (empty.households, empty.amount_fen) == (0, 0)
    assert county.balances() == before
    assert county.doubts() == []


def test_the_same_export_adds_nothing_and_a_later_one_counts_beside_it(county: County) -> None:
    taken_over(county, row())
    county.sign_off()
    size = county.size()
    again = taken_over(county, row())
    assert (again.new, again.duplicate, county.size()) == (0, 1, size)
    assert (taken_over(county, row(保障户数="2", 导出日期="2025-09-08")).wrong) == []
    county.sign_off()
    assert [one.households for one in county.of_kind("provincial.counted")] == [3, 2]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"救助项目": "不知道的项目"}, "E_PROGRAMME_CHOICE"),
        ({"保障人数": "2"}, "E_PROVINCE_PERSONS"),
        ({"保障户数": "0"}, "E_PROVINCE_PERSONS"),
        ({"保障户数": ""}, "E_CELL_MISSING"),
        ({"统计月份": ""}, "E_CELL_MISSING"),
        ({"导出日期": "2026-01-01"}, "E_FACT_IN_FUTURE"),
    ],
)
def test_a_row_that_makes_no_sense_is_shown(county: County, cells: dict[str, str], code: str) -> None:
    report = taken_over(county, row(**cells), row(乡镇="白沙镇"))
    assert codes(report)[0] == (2, code)
    assert {place for place, _ in codes(report)} == {2}
    assert report.new == 1


def test_one_export_says_one_thing(county: County) -> None:
    taken_over(county, row())
    county.sign_off()
    assert [code for _, code in codes(taken_over(county, row(保障户数="2")))] == ["E_PROVINCE_TWICE"]
