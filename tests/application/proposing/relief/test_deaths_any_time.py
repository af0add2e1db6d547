"""A death list before or after the payments it speaks of gives equal books and equal doubts, however it is cut."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import BUREAU

HEAD = rows_of("deaths.csv")[0]
SAID = (
    ("公安", "示例乙", "431099196207050129", "2025-08-19", "石岭派出所"),
    ("殡仪馆", "示例乙", "431099196207050129", "2025-08-18", "示例县殡仪馆"),
    ("卫健", "示例乙", "431099196207050129", "2025-07", "石岭卫生院"),
    ("公安", "示例丁", "431099194011020412", "2025-08-30", "城关派出所"),
)
STEPS = ("payfile", "payresult", "bank")


def deaths(*rows: int) -> Grid:
    """Some of what the three offices say."""
    grid = [list(HEAD)]
    for number in rows:
        source, name, id_number, died, office = SAID[number]
        cells = {"序号": str(number), "数据来源": source, "姓名": name, "身份证号": id_number, "死亡日期": died}
        cells |= {"户籍地址": "石岭镇上坪村5组", "经办单位": office, "提供日期": "2025-09-05"}
        grid.append([cells.get(column, "") for column in HEAD])
    return grid


def played(county: County, when: dict[int, int]) -> County:
    """September, with row n of the deaths coming before step `when[n]` (3: after all)."""
    results = rows_of("payresult.csv")
    for column, value in {"处理结果": "成功", "失败代码": "", "失败原因": "", "银行流水号": "8501D0000002"}.items():
        results = changed(results, 2, column, value)
    county.take_in("dibao_roster.csv")
    county.road()
    for place, step in enumerate((*STEPS, "")):
        if now := [number for number, at in when.items() if at == place]:
            report = county.one(county.write(f"死亡{place}.csv", deaths(*now)))
            assert (report.new, report.wrong) == (len(now), [])
        if step == "payfile":
            county.take_in("payfile.csv")
        elif step == "payresult":
            county.take_in(county.write("回盘.csv", results))
        elif step == "bank":
            county.take_in("bank_rcc.csv")
        county.sign_off()
    return county


@pytest.fixture(scope="module")
def after(new_county: Callable[[], County]) -> County:
    """All deaths come when all is paid."""
    return played(new_county(), dict.fromkeys(range(len(SAID)), len(STEPS)))


def test_the_payments_after_the_death_are_found(after: County) -> None:
    assert after.doubts().count("W_PAYEE_DEAD") == 2, "the month's own and the arrears"


@pytest.mark.parametrize("dry_run", [True, False], ids=["looked at", "posted"])
def test_what_demands_an_explanation_is_told_at_its_row_before_anybody_signs(county: County, *, dry_run: bool) -> None:
    """The bank paid the dead: a dry run says so, row by row, as the import itself does."""
    results = rows_of("payresult.csv")
    for column, value in {"处理结果": "成功", "失败代码": "", "失败原因": "", "银行流水号": "8501D0000002"}.items():
        results = changed(results, 2, column, value)
    county.take_in("dibao_roster.csv")
    county.road()
    county.take_in("payfile.csv")
    county.one(county.write("死亡.csv", deaths(0)))
    county.sign_off()
    size = county.size()
    report = county.one(county.write("回盘.csv", results), dry_run=dry_run)
    assert (county.size() == size) == dry_run
    assert [(note.place.row, note.code) for note in report.findings] == [(3, "W_PAYEE_DEAD")]
    told = report.to_json()["findings"]
    assert [(one["row"], one["code"]) for one in told] == [(3, "W_PAYEE_DEAD")]
    assert "2025-09" in told[0]["message"], "the month after the one of the death"


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({number: st.integers(0, len(STEPS)) for number in range(len(SAID))}))
def test_deaths_at_any_time_give_equal_books_and_equal_doubts(
    new_county: Callable[[], County], after: County, when: dict[int, int]
) -> None:
    county = played(new_county(), when)
    assert county.balances() == after.balances()
    assert county.doubts() == after.doubts()
    assert len(county.all_events()) == len(after.all_events())


@pytest.mark.parametrize("first", [True, False], ids=["deaths first", "deaths later"])
def test_funeral_aid_is_paid_for_the_dead_whenever_the_list_comes(aided: County, *, first: bool) -> None:
    dead = aided.write("死亡名单.csv", deaths(0))
    if first:
        aided.one(dead)
        aided.sign_off()
    cells = {"序号": "1", "救助项目": "殡葬救助", "乡镇": "石岭镇", "审批编号": "BZ-1", "申请人": "示例乙"}
    cells |= {
        "身份证号": "431099196207050129",
        "家庭人口": "1",
        "救助金额(元)": "1200.00",
        "审批文号": "示民〔2025〕3号",
    }
    listed = aided.one(aided.write("殡葬救助9月.csv", [list(cells), list(cells.values())]))
    assert (listed.kind, listed.new, listed.wrong) == ("aid-list", 1, [])
    aided.sign_off()
    aided.road("funeral-2025-09-01")
    cells["发放日期"] = "2025-09-12"
    assert aided.one(aided.write("殡葬救助9月发放.csv", [list(cells), list(cells.values())])).wrong == []
    if not first:
        aided.one(dead)
    aided.sign_off()
    assert [one.amount_fen for one in aided.of_kind("subsidy.paid")] == [120_000]
    assert len(aided.of_kind("death.reported")) == 1
    assert aided.of_kind("batch.line_excluded") == []
    assert aided.doubts() == []


@pytest.fixture
def aided(funded: County) -> County:
    """A county that pays funerals."""
    fields = {"programme": "funeral", "name": "殡葬救助", "scheme": "funeral", "unit": "household"}
    rest = {"fund": "relief", "categories": [], "function_code": "20820", "on": "2025-09-01", "origin": "history"}
    funded.decide(BUREAU, ("programme.opened", {**fields, **rest}))
    return funded
