"""The lottery projects' register (福彩公益金项目台账): how far each project came and where it was made public, and
payments that several rows, or sheets in any order, state in all.
"""

from datetime import date
from typing import Any

import pytest

from ledger_projections.public_money.lottery.report import LotteryProject, lottery_report
from ledger_projections.registry import catch_up
from ledger_projections.summaries.charity.lottery import lottery_notice, lottery_quarter
from ledger_projections.summaries.table import Asked
from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import BUREAU

TOLD = ("progress", "marked", "beneficiaries", "published_at", "published_on", "self_score")
OCTOBER = date(2025, 10, 28)


def cells(grid: Grid, row: int, values: dict[str, str]) -> Grid:
    for column, value in ({"执行率": "", **values} if "累计支付(万元)" in values else values).items():
        grid = changed(grid, row, column, value)
    return grid


def without(grid: Grid, *columns: str) -> Grid:
    """A register that has no such columns."""
    kept = [at for at, name in enumerate(grid[0]) if name not in columns]
    return [[row[at] for at in kept] for row in grid]


def take(county: County, name: str, grid: Grid, today: date = OCTOBER, **more: Any) -> Any:
    """Import a sheet on a day and have it signed."""
    county.now = county.now.replace(year=today.year, month=today.month, day=today.day)
    found = county.one(county.write(name, grid), month=more.pop("month", None), today=today)
    county.sign_off()
    return found


def reported(county: County) -> list[tuple[Any, ...]]:
    return [tuple(getattr(one, name) for name in TOLD) for one in county.of_kind("lottery.progress_reported")]


def projects(county: County) -> dict[str, LotteryProject]:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        return {one.project_label: one for one in lottery_report(connection).projects}


SAMPLE = [
    ("已发三季度", True, 14, "县政府网", date(2025, 9, 20), None),
    ("施工中", False, 48, None, None, None),
    ("已完成", True, 130, "县政府网", date(2025, 7, 2), "92"),
]


def test_every_project_says_how_far_it_is_and_where_it_was_made_public(county: County) -> None:
    found = take(county, "福彩.csv", rows_of("lottery.csv"))
    assert (found.new, found.wrong) == (3, [])
    assert reported(county) == SAMPLE
    assert [one.as_of.isoformat() for one in county.of_kind("lottery.progress_reported")] == [
        "2025-09-20",
        "2025-08-15",
        "2025-07-02",
    ], "what a row tells is told of its newest day"
    assert county.findings().count("W_LOTTERY_NOTICE") == 1, "the home was paid for and nothing was published"


def test_a_payment_and_its_notice_are_one_voucher_of_the_payments_day(county: County) -> None:
    report = county.take_in(county.write("福彩.csv", rows_of("lottery.csv")), month="2025-09")
    assert len(report.vouchers) + len(report.pending) == 3


def test_the_tables_of_quarter_and_year_know_it(county: County) -> None:
    take(county, "福彩.csv", rows_of("lottery.csv"))
    assert all(progress.failure is None for progress in catch_up(county.store))
    asked = Asked("2025-01", "2025-12", OCTOBER)
    with county.store.read() as connection:
        tables = [make(connection, asked) for make in (lottery_quarter, lottery_notice)]
    for table in tables:
        told = {one.code: one.params["names"] for one in table.notes if "names" in one.params}
        assert told["table.note.unpublished"] == ("石岭镇敬老院消防改造",)
        assert told["table.note.unmarked"] == ("石岭镇敬老院消防改造",)


def test_the_sheet_again_on_any_day_reports_nothing_again(county: County) -> None:
    grid = rows_of("lottery.csv")
    take(county, "福彩.csv", grid)
    size = county.size()
    for name, month, day in (("再.csv", None, OCTOBER), ("十月.csv", "2025-10", date(2025, 11, 3))):
        again = take(county, name, cells(grid, 1, {"备注": name}), day, month=month)
        assert (again.new, again.duplicate, again.wrong) == (0, 3, [])
        assert county.size() == size


@pytest.mark.parametrize("first", [None, "2025-08", "2025-09", "2025-10"])
@pytest.mark.parametrize("then", [None, "2025-08", "2025-09", "2025-10"])
@pytest.mark.parametrize("between", [False, True], ids=["alone", "after another state"])
def test_a_file_is_known_again_whichever_month_is_named(
    county: County,
    first: str | None,
    then: str | None,
    between: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """Its row is the same row, whether its report bears the end of a month or the newest of the row's own days."""
    grid = rows_of("lottery.csv")
    take(county, "福彩.csv", grid, month=first)
    if between:
        take(county, "停工.csv", changed(grid, 2, "完成情况", "停工"), month="2025-10")
    size = county.size()
    again = take(county, "福彩.csv", grid, month=then)
    assert (again.new, again.duplicate, again.wrong) == (0, 3, [])
    assert county.size() == size


@pytest.mark.parametrize("month", ["2025-09", "2025-10"])
def test_a_register_saved_anew_is_known_again_without_its_month(county: County, month: str) -> None:
    grid = rows_of("lottery.csv")
    take(county, "福彩.csv", grid, month=month)
    size = county.size()
    again = take(county, "另存.csv", cells(grid, 1, {"备注": "另存"}))
    assert (again.new, again.duplicate, again.wrong) == (0, 3, [])
    assert county.size() == size


LATER: list[tuple[str, str, str, Any]] = [
    ("progress", "完成情况", "竣工待验收", "竣工待验收"),
    ("marked", "福彩标识", "是", True),
    ("beneficiaries", "受益对象数", "52", 52),
    ("published_at", "公示网址或地点", "镇政务公开栏", "镇政务公开栏"),
    ("published_on", "公示日期", "2025-10-10", date(2025, 10, 10)),
    ("self_score", "绩效自评分", "88", "88"),
]


@pytest.mark.parametrize(("field", "column", "cell", "value"), LATER, ids=[one[0] for one in LATER])
@pytest.mark.parametrize("month", [None, "2025-10"])
def test_a_later_sheet_that_says_more_is_a_new_report(
    county: County, field: str, column: str, cell: str, value: Any, month: str | None
) -> None:
    grid = rows_of("lottery.csv")
    take(county, "福彩.csv", grid, date(2025, 9, 30))
    later = take(county, "十月.csv", changed(grid, 2, column, cell), month=month)
    assert (later.new, later.duplicate, later.wrong) == (1, 2, [])
    newest = county.of_kind("lottery.progress_reported")[-1]
    assert getattr(newest, field) == value
    read = projects(county)["石岭镇敬老院消防改造"]
    assert getattr(read, field, value) == value
    assert take(county, "九月.csv", grid).new == 0, "the older sheet again takes nothing back"
    assert getattr(projects(county)["石岭镇敬老院消防改造"], field, value) == value


def test_a_state_that_comes_back_is_told_when_the_month_is_said(county: County) -> None:
    """施工中, 停工, 施工中: of October the third is news, although September said the same."""
    grid = rows_of("lottery.csv")
    for month, state in (("2025-08", "施工中"), ("2025-09", "停工"), ("2025-10", "施工中"), ("2025-10", "施工中")):
        take(county, f"{month}.csv", changed(grid, 2, "完成情况", state), date(2025, 11, 2), month=month)
    assert [one[0] for one in reported(county) if one[2] == 48] == ["施工中", "停工", "施工中"]
    assert projects(county)["石岭镇敬老院消防改造"].progress == "施工中"


def test_a_state_that_changed_is_known_without_a_month_although_a_report_bears_the_end_of_one(county: County) -> None:
    """The row's own days are those of the payment, long before the month that was named for the sheet before."""
    grid, home = rows_of("lottery.csv"), "石岭镇敬老院消防改造"
    take(county, "九月.csv", grid, date(2025, 9, 30), month="2025-09")
    done = changed(grid, 2, "完成情况", "已完工")
    later = take(county, "完工.csv", done)
    assert (later.new, later.duplicate, later.wrong) == (1, 2, [])
    assert projects(county)[home].progress == "已完工"
    (told,) = [note for note in later.notes if note.code == "W_LOTTERY_STATE"]
    assert (told.place.row, told.params["before"], told.params["day"]) == (3, "2025-09-30", str(OCTOBER))
    size = county.size()
    for name, again, month in (("再.csv", done, None), ("九月.csv", grid, None), ("旧.csv", grid, "2025-09")):
        found = take(county, name, again, date(2025, 11, 3), month=month)
        assert (found.new, found.duplicate, [one.code for one in found.notes if one.code == "W_LOTTERY_STATE"]) == (
            0,
            3,
            [],
        )
    assert county.size() == size
    take(county, "最新.csv", grid, date(2025, 11, 3), month="2025-10")
    assert projects(county)[home].progress == "施工中", "the newest sheet with its month, as the remark says"


def test_a_sheet_of_an_earlier_payment_hides_no_newer_state(county: County) -> None:
    """Its own days say that it is the older one."""
    grid, home = rows_of("lottery.csv"), "石岭镇敬老院消防改造"
    more = {"支付金额(万元)": "5.00", "支付日期": "2025-10-10", "凭证号": "财付-1010", "完成情况": "已完工"}
    more |= {"累计支付(万元)": "30.00", "结余(万元)": "20.00"}
    take(county, "十月.csv", cells(grid, 2, more), month="2025-10")
    take(county, "旧.csv", grid)
    assert projects(county)[home].progress == "已完工"


def test_a_register_that_says_nothing_of_it_reports_nothing(county: County) -> None:
    silent = ("受益对象数", "完成情况", "福彩标识", "公示网址或地点", "公示日期", "绩效自评分")
    found = take(county, "福彩.csv", without(rows_of("lottery.csv"), *silent))
    assert (found.new, found.wrong) == (3, [])
    assert reported(county) == []


def test_what_a_register_leaves_out_is_not_told_as_missing(county: County) -> None:
    """No column 福彩标识 is no project without its mark, and no column 受益对象数 no project that helps nobody."""
    take(county, "福彩.csv", without(rows_of("lottery.csv"), "福彩标识", "受益对象数"))
    assert {(one[1], one[2]) for one in reported(county)} == {(None, None)}
    read = projects(county)["石岭镇敬老院消防改造"]
    assert (read.marked, read.beneficiaries, read.progress) == (None, None, "施工中")


def test_a_day_of_publication_that_has_not_come_is_told(county: County) -> None:
    found = take(county, "福彩.csv", changed(rows_of("lottery.csv"), 1, "公示日期", "2025-12-20"))
    assert [(one.place.row, one.column, one.code) for one in found.wrong] == [(2, "公示日期", "E_FACT_IN_FUTURE")]
    assert found.new == 2


def test_a_notice_before_the_money_is_told_of_the_payments_that_it_knew(county: County) -> None:
    """June's notice does not answer for December's payment, whichever sheet comes first."""
    june = cells(rows_of("lottery.csv")[:2], 1, {"支付日期": "2025-06-10", "公示日期": "2025-06-20"})
    june = cells(june, 1, {"支付金额(万元)": "3.50", "累计支付(万元)": "3.50", "结余(万元)": "10.75"})
    stale = cells(
        june, 1, {"支付日期": "2025-10-10", "凭证号": "财付-1010", "累计支付(万元)": "7.00", "结余(万元)": "7.25"}
    )
    take(county, "十月.csv", stale)
    assert county.findings().count("W_LOTTERY_NOTICE") == 1
    take(county, "六月.csv", june)
    assert county.findings().count("W_LOTTERY_NOTICE") == 1


# ---- payments


def _used(county: County) -> int:
    return -county.fen(BUREAU, "lottery", "quota") - county.fen(BUREAU, "lottery", "fiscal_income")


def test_a_payment_keeps_its_month_when_it_is_made_public_in_the_next(county: County) -> None:
    """What was paid on 20 June and made public on 2 July is a payment of June, and no news of June."""
    take(county, "福彩.csv", rows_of("lottery.csv"), month="2025-09")
    assert all(progress.failure is None for progress in catch_up(county.store))
    told = {}
    with county.store.read() as connection:
        for day in (date(2025, 6, 30), date(2025, 7, 31), date(2025, 9, 30)):
            projects = lottery_report(connection, as_of=day).projects
            told[day.month] = [(one.sums.used_fen, one.published_on) for one in projects if one.level == "county"]
    assert told == {6: [(10_000_000, None)], 7: [(10_000_000, None)], 9: [(10_000_000, date(2025, 7, 2))]}


def test_an_older_sheet_after_a_newer_one_is_not_paid_twice(county: County) -> None:
    older = cells(rows_of("lottery.csv")[:2], 1, {"支付日期": "2025-06-10", "凭证号": "财付-0610"})
    older = cells(older, 1, {"支付金额(万元)": "7.00", "累计支付(万元)": "7.00", "结余(万元)": "7.25"})
    take(county, "九月.csv", rows_of("lottery.csv")[:2])
    assert take(county, "六月.csv", older).wrong == []
    assert _used(county) == 10_500_000


def test_several_payments_of_one_project_in_one_sheet_come_to_its_total(county: County) -> None:
    head, row = rows_of("lottery.csv")[:2]
    first = {"支付日期": "2025-03-20", "支付金额(万元)": "3.00", "累计支付(万元)": "3.00", "结余(万元)": "11.25"}
    second = {"支付日期": "2025-06-20", "支付金额(万元)": "4.00", "累计支付(万元)": "7.00", "结余(万元)": "7.25"}
    third = {"支付日期": "2025-09-12", "支付金额(万元)": "3.50", "累计支付(万元)": "10.50", "结余(万元)": "3.75"}
    rows = [
        cells([head, row], 1, {**one, "凭证号": f"财付-{number}"})[1]
        for number, one in enumerate((first, second, third), 1)
    ]
    found = take(county, "福彩.csv", [head, *rows])
    waits = {(one.place.row, one.code) for one in found.wrong}
    assert (found.new, waits) == (1, {(3, "E_ALLOCATION_UNKNOWN"), (4, "E_ALLOCATION_UNKNOWN")}), "until it is signed"
    found = take(county, "福彩.csv", [head, *rows])
    assert (found.new, found.duplicate, found.wrong) == (2, 1, [])
    assert sorted(one.amount_fen for one in county.of_kind("lottery.used")) == [3_000_000, 3_500_000, 4_000_000]
    assert take(county, "福彩.csv", [head, *rows]).new == 0


BROKEN = [
    ("a total below what earlier months paid", "2025-10-10", 1_000_000, 9_000_000, 10_500_000, "财付-1010"),
    ("this payment stated higher than it was booked", "2025-09-12", 4_000_000, 10_500_000, 7_000_000, "财付-0912"),
]


@pytest.mark.parametrize(
    ("what", "day", "paid_fen", "total_fen", "booked_fen", "voucher"), BROKEN, ids=[one[0] for one in BROKEN]
)
def test_totals_that_the_book_contradicts_are_told(
    county: County, what: str, day: str, paid_fen: int, total_fen: int, booked_fen: int, voucher: str
) -> None:
    grid = rows_of("lottery.csv")[:2]
    first = {"支付日期": "2025-06-10", "支付金额(万元)": "7.00", "累计支付(万元)": "7.00", "结余(万元)": "7.25"}
    take(county, "六月.csv", cells(grid, 1, {**first, "凭证号": "财付-0610"}))
    take(county, "九月.csv", grid)
    sums = {"支付金额(万元)": paid_fen, "累计支付(万元)": total_fen, "结余(万元)": 14_250_000 - total_fen}
    stated = {name: f"{fen // 1_000_000}.{fen % 1_000_000 // 10_000:02d}" for name, fen in sums.items()}
    found = take(county, "改.csv", cells(grid, 1, {**stated, "支付日期": day, "凭证号": voucher}))
    assert [(one.place.row, one.column, one.code) for one in found.wrong] == [(2, "累计支付(万元)", "E_LOTTERY_BOOKED")]
    told = {"paid_fen": paid_fen, "total_fen": total_fen, "booked_fen": booked_fen}
    assert found.wrong[0].params == told
    assert _used(county) == 10_500_000


def test_a_payment_that_the_total_leaves_no_room_for_is_told(county: County) -> None:
    """The book has the total without it: the same payment of another day, or one that the total forgot."""
    grid = rows_of("lottery.csv")
    take(county, "福彩.csv", grid)
    moved = changed(changed(grid, 2, "支付日期", "2025-08-10"), 2, "凭证号", "财付-0810")
    found = take(county, "改.csv", moved)
    assert (found.new, found.wrong) == (0, [])
    (told,) = [note for note in found.notes if note.code == "W_LOTTERY_PAID"]
    assert (told.place.row, told.params["paid_fen"], told.params["booked_fen"]) == (3, 25_000_000, 25_000_000)
    assert "250,000.00" in told.message()
    again = take(county, "再.csv", grid)
    assert [note.code for note in again.notes if note.code == "W_LOTTERY_PAID"] == []
