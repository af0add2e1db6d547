"""A death list before or after the payments it speaks of gives equal books and equal doubts, however it is cut:
joined by the county, or the three offices' own lists in any order.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

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


# ---- the three offices' own lists, which disagree


POLICE = [
    ["序号", "姓名", "公民身份号码", "性别", "死亡日期", "注销日期", "户籍地址", "派出所"],
    ["1", "示例乙", "431099196207050129", "女", "2025-09-02", "2025-09-02", "石岭镇上坪村5组", "石岭派出所"],
    ["2", "示例丁", "431099194011020412", "男", "2025-08-30", "2025-09-01", "城关镇东街社区", "城关派出所"],
]
FUNERAL = [
    ["示例县殡仪馆2025年8月火化名单"],
    ["序号", "死者姓名", "死者身份证号", "死亡日期", "火化日期", "家庭住址", "火化编号"],
    ["1", "示例乙", "431099196207050129", "2025.8.18", "2025.8.20", "石岭镇上坪村", "2025-0331"],
]
HEALTH = [
    ["序号", "姓名", "身份证号", "性别", "死亡时间", "常住地址", "报告单位"],
    ["1", "示例乙", "431099196207050129", "女", "2025-07", "石岭镇上坪村", "石岭镇卫生院"],
    ["2", "示例丙父", "", "男", "2025-08-11", "石岭镇下坪村1组", "石岭镇卫生院"],
]
LISTS = {"公安注销.csv": POLICE, "殡仪馆火化.csv": FUNERAL, "卫健死因.csv": HEALTH}


def paid(county: County, arrivals: Iterable[tuple[str, int]]) -> County:
    """September, with each office's list coming before step n (3: after all), in the order in which they are named."""
    results = rows_of("payresult.csv")
    for column, value in {"处理结果": "成功", "失败代码": "", "失败原因": "", "银行流水号": "8501D0000002"}.items():
        results = changed(results, 2, column, value)
    files: dict[str, str | Path] = {
        "payfile": "payfile.csv",
        "payresult": county.write("回盘.csv", results),
        "bank": "bank_rcc.csv",
    }
    county.take_in("dibao_roster.csv")
    county.road()
    for place, step in enumerate((*STEPS, "")):
        for name in [name for name, at in arrivals if at == place]:
            report = county.one(county.write(name, LISTS[name]))
            assert (report.kind, report.wrong, report.duplicate) == ("deaths", [], 0)
        if step:
            county.take_in(files[step])
        county.sign_off()
    return county


@pytest.fixture(scope="module")
def at_last(new_county: Callable[[], County]) -> County:
    """All three lists come when all is paid."""
    return paid(new_county(), [(name, len(STEPS)) for name in LISTS])


def test_each_office_is_known_by_its_own_list(at_last: County) -> None:
    told = {(one.reported_by, str(one.died_on or one.died_month)) for one in at_last.of_kind("death.reported")}
    assert told == {
        ("public_security", "2025-09-02"),
        ("public_security", "2025-08-30"),
        ("funeral", "2025-08-18"),
        ("health", "2025-07"),
        ("health", "2025-08-11"),
    }
    assert at_last.doubts().count("W_PAYEE_DEAD") == 2, "the earliest list decides: the month's own and the arrears"


def kinds(county: County) -> Counter[str]:
    """How many events of each kind; the lists spell addresses otherwise, so people are kept in another order."""
    return Counter(one.kind for one in county.all_events() if one.kind != "identity.registered")


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(list(LISTS)), st.lists(st.integers(0, len(STEPS)), min_size=3, max_size=3))
def test_three_lists_in_any_order_at_any_time_give_equal_books_and_equal_doubts(
    new_county: Callable[[], County], at_last: County, order: list[str], when: list[int]
) -> None:
    county = paid(new_county(), list(zip(order, when, strict=True)))
    assert county.balances() == at_last.balances()
    assert county.doubts() == at_last.doubts()
    assert kinds(county) == kinds(at_last)
    for name, grid in LISTS.items():
        again = county.one(county.folder / name)
        assert (again.new, again.wrong, again.duplicate) == (0, [], sum(row[0].isdigit() for row in grid))


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


OFFICES = [
    ("县公安局", "public_security"),
    ("石岭镇派出所", "public_security"),
    ("户籍注销名单", "public_security"),
    ("县殡仪馆", "funeral"),
    ("石岭镇卫生院", "health"),
    ("县人民医院", "health"),
    ("城关镇人民政府", "township"),
    ("新城镇人民政府死亡人员名单", "township"),
    ("大冲乡人民政府", "township"),
    ("城南街道办事处", "township"),
    ("石岭镇", "township"),
    ("乡镇上报", "township"),
    ("县民政局", "civil_affairs"),
    ("石岭镇民政办", "civil_affairs"),
    ("示例县人民政府", "other"),
    ("城乡居民死亡人员", "other"),
    ("城镇低保死亡人员", "other"),
    ("家属", "family"),
]


def list_of(office: str, column: str) -> Grid:
    """One death, of which an office says it in a column, or in the title of the sheet."""
    grid = changed(changed(deaths(0), 1, "数据来源", ""), 1, "经办单位", "")
    return changed(grid, 1, column, office) if column else [[office], *grid]


@pytest.mark.parametrize("column", ["数据来源", "经办单位", ""], ids=["source", "office", "title"])
@pytest.mark.parametrize(
    ("office", "once"),
    [
        ("城关镇人民政府", "civil_affairs"),
        ("石岭镇", "other"),
        ("示例县人民政府", "civil_affairs"),
        ("大冲乡", "other"),
    ],
    ids=["a township's government", "a township", "a county's government", "a country township"],
)
def test_a_death_that_an_older_release_read_is_known_again(
    county: County, monkeypatch: pytest.MonkeyPatch, office: str, once: str, column: str
) -> None:
    """It was taken for another office's; what is recorded stands, and is not recorded beside."""
    dead = county.write("死亡人员.csv", list_of(office, column))
    with monkeypatch.context() as before:
        before.setattr("ledger.application.proposing.relief.deaths.reporter", lambda _texts: once)
        assert county.one(dead).new == 1
    county.sign_off()
    again = county.one(dead)
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])
    assert [one.reported_by for one in county.of_kind("death.reported")] == [once]


@pytest.mark.parametrize("column", ["经办单位", ""], ids=["office", "title"])
def test_what_two_offices_say_alike_is_kept_of_both(county: County, column: str) -> None:
    """The earliest documented day decides, and who says it may turn out to be wrong."""
    for office in ("县公安局", "县殡仪馆", "石岭镇人民政府"):
        report = county.one(county.write(f"{office}.csv", list_of(office, column)))
        assert (report.new, report.wrong) == (1, [])
        county.sign_off()
    told = [one.reported_by for one in county.of_kind("death.reported")]
    assert told == ["public_security", "funeral", "township"]


@pytest.mark.parametrize("column", ["数据来源", "经办单位"])
@pytest.mark.parametrize(("office", "reported_by"), OFFICES, ids=[office for office, _ in OFFICES])
def test_the_office_that_says_it_is_told(county: County, office: str, reported_by: str, column: str) -> None:
    """民政 in 人民政府 is nobody's name."""
    report = county.one(county.write("死亡.csv", list_of(office, column)))
    assert (report.new, report.wrong) == (1, [])
    (said,) = county.of_kind("death.reported")
    assert said.reported_by == reported_by


@pytest.mark.parametrize(("sex", "rows"), [("男", [2]), ("男性", [2]), ("女", []), ("", []), ("不详", []), (None, [])])
def test_a_sex_that_the_number_contradicts_is_told_and_the_death_stands(
    county: County, sex: str | None, rows: list[int]
) -> None:
    """The number of a woman; a list without the column says nothing of it."""
    grid = deaths(0)
    at = HEAD.index("性别")
    grid[1][at] = sex or ""
    if sex is None:
        grid = [[cell for place, cell in enumerate(row) if place != at] for row in grid]
    report = county.one(county.write("死亡.csv", grid))
    assert (report.new, report.wrong) == (1, [])
    notes = [note for note in report.notes if note.code == "W_DEATH_SEX"]
    assert [note.place.row for note in notes] == rows
    assert all(note.message().endswith("请核对号码和姓名是不是同一个人。") for note in notes)
    assert all("写的是男，身份证号里的性别是女" in note.message() for note in notes)
    assert all("written as male, and the ID number is female" in note.message("en") for note in notes)
