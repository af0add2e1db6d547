"""No number of a person, and no private payee, stands in clear in what registers of lottery and publications say."""

import pytest

from tests.application.importing.offices import changed
from tests.application.proposing.community.test_lottery import take
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.giving.test_disclosures import registered, told

NUMBER = "431099195509210242"
SPELT = [f"王小明{NUMBER}", "王小明13812345678", "王小明 6222 0210 0100 1234 567", "王小明43109919550921024X"]
LOTTERY = rows_of("lottery.csv")[:2]


def clear(county: County, *words: str) -> list[str]:
    """The kinds of events that say one of the words."""
    return [one.kind for one in county.all_events() if any(word in one.model_dump_json() for word in words)]


@pytest.mark.parametrize("spelt", SPELT)
@pytest.mark.parametrize("column", ["项目名称", "使用单位", "完成情况", "公示网址或地点", "绩效自评分"])
def test_a_lottery_row_with_a_persons_number_is_told(county: County, column: str, spelt: str) -> None:
    found = take(county, "福彩.csv", changed(LOTTERY, 1, column, spelt))
    assert [(one.column, one.code) for one in found.wrong] == [(column, "E_TEXT_PERSONAL")]
    assert NUMBER not in str(found.to_json())
    assert clear(county, "王小明") == []


@pytest.mark.parametrize("spelt", [*SPELT, "王小明", "王小明等三人"])
def test_a_private_payee_is_kept_in_the_vault(county: County, spelt: str) -> None:
    grid = changed(changed(LOTTERY, 1, "收款单位", spelt), 1, "完成情况", "")
    found = take(county, "福彩.csv", grid)
    assert (found.new, found.wrong) == (1, [])
    assert clear(county, "王小明") == []
    used = county.of_kind("lottery.used")
    assert {one.payee_label for one in used} == {None}
    (payee,) = {one.payee for one in used}
    with county.store.read() as connection:
        assert county.vault.opened(connection, [payee])[payee]["name"] == spelt.replace("  ", " ")
    assert take(county, "再.csv", changed(grid, 1, "备注", "再")).duplicate == 1


@pytest.mark.parametrize("payee", ["湖南示例建设有限公司", "14名学生本人账户", ""])
def test_an_organisation_or_a_class_of_people_stands_in_clear(county: County, payee: str) -> None:
    take(county, "福彩.csv", changed(LOTTERY, 1, "收款单位", payee))
    assert {(one.payee_label, one.payee) for one in county.of_kind("lottery.used")} == {(payee or "县民政局", None)}


@pytest.mark.parametrize("spelt", SPELT)
@pytest.mark.parametrize("column", ["公开对象", "公开网址或地点", "责任人"])
def test_a_publication_with_a_persons_number_is_told(county: County, column: str, spelt: str) -> None:
    found = registered(county, told(**{column: spelt}))
    assert [(one.column, one.code) for one in found.wrong] == [(column, "E_TEXT_PERSONAL")]
    assert clear(county, "王小明") == []


@pytest.mark.parametrize(
    "address",
    ["http://www.example.gov.cn/202509/t20250912_138123456789.html", "www.example.cn/13812345678", "县政府网"],
)
def test_the_digits_of_a_page_are_nobodys(county: County, address: str) -> None:
    assert registered(county, told(公开网址或地点=address)).wrong == []
