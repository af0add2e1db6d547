"""Lists of figures that no book holds: known again, restated by another paper, and refused where they make no sense."""

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, codes

HEAD = "序号,指标名称,数值,计量单位,起始月份,截止月份,填报单位,依据文件,填报日期"


def counted(name: str = "登记社会组织数", value: str = "141", **cells: str) -> list[str]:
    row = {"序号": "1", "指标名称": name, "数值": value, "计量单位": "个", "起始月份": "2025-01", "截止月份": "2025-09"}
    row |= {"填报单位": "社会组织股", "依据文件": "2025年三季度统计", "填报日期": "2025-09-28", **cells}
    return [row.get(title, "") for title in HEAD.split(",")]


def reported(county: County, *rows: list[str]) -> FileReport:
    return county.one(county.write("统计指标表.csv", [HEAD.split(","), *rows]))


def test_a_figure_is_recorded_with_its_paper_and_moves_nothing(county: County) -> None:
    before = county.balances()
    report = reported(
        county,
        counted(),
        counted("专项债券申报额", "5000.5", 计量单位="万元"),
        counted("图书室数", "7"),
        counted("社会组织年检数", "90"),
    )
    assert (report.kind, report.new, report.wrong) == ("statistics", 4, [])
    county.sign_off()
    found = {one.name: (one.figure, one.unit, one.value, one.document) for one in county.of_kind("figure.reported")}
    paper = "2025年三季度统计"
    assert found["登记社会组织数"] == ("npo_count", "places", 141, paper)
    assert found["专项债券申报额"] == ("special_bond_applied_fen", "fen", 5_000_500_000, paper)
    assert found["图书室数"][1:] == ("places", 7, paper)
    assert found["社会组织年检数"][0] not in {"npo_count", found["图书室数"][0]}, "a name is known whole or not at all"
    assert county.balances() == before
    assert county.doubts() == []


def test_the_same_list_again_adds_nothing_and_another_paper_restates(county: County) -> None:
    reported(county, counted())
    county.sign_off()
    size = county.size()
    again = reported(county, counted())
    assert (again.new, again.duplicate, county.size()) == (0, 1, size)
    other = reported(county, counted(value="142", 依据文件="2025年三季度统计更正"))
    assert (other.new, other.wrong) == (1, [])
    county.sign_off()
    assert county.findings() == ["W_FIGURE_RESTATED"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"数值": "1.5"}, "E_FIGURE_VALUE"),
        ({"数值": "-1"}, "E_FIGURE_VALUE"),
        ({"数值": ""}, "E_CELL_MISSING"),
        ({"依据文件": ""}, "E_CELL_MISSING"),
        ({"起始月份": "2025-10"}, "E_MONTHS_ORDER"),
        ({"填报日期": "2026-01-01"}, "E_FACT_IN_FUTURE"),
    ],
)
def test_a_row_that_makes_no_sense_is_shown(county: County, cells: dict[str, str], code: str) -> None:
    report = reported(county, counted(**cells), counted("图书室数", "7"))
    assert codes(report)[0] == (2, code)
    assert {row for row, _ in codes(report)} == {2}
    assert report.new == 1


def test_a_figure_keeps_its_unit_and_a_paper_its_word(county: County) -> None:
    reported(county, counted())
    county.sign_off()
    changed = reported(county, counted(value="140"))
    assert [code for _, code in codes(changed)] == ["E_FIGURE_TWICE"]
    unit = reported(county, counted(计量单位="人", 依据文件="另一份"))
    assert [code for _, code in codes(unit)] == ["E_FIGURE_OF_UNIT"]
