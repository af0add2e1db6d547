"""The recovery register (追缴台账): what a cell cannot mean is told where it stands, and nothing of it is guessed."""

from datetime import date
from typing import Any

import pytest

from ledger.application.proposing.redress import recoveries as recovery_register
from ledger_projections.public_money.recoveries import Recovery, recoveries
from ledger_projections.registry import catch_up
from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD as ROSTER
from tests.application.proposing.relief.october import household, id_number, import_october

HEAD, DEDUCTED, IN_PARTS, IN_CASH = rows_of("recoveries.csv")
OCTOBER = date(2025, 10, 28)
DUE = int(household(4)[ROSTER.index("本月实发(元)")])
COLLECTED = {
    "线索来源": "数据比对",
    "违规情形": "收入超标",
    "救助类别": "农村低保",
    "违规起月": "2025-03",
    "违规止月": "2025-05",
    "认定文书号": "示民核〔2025〕20号",
    "认定日期": "2025-09-03",
    "告知送达日期": "2025-09-04",
    "最近到账日期": "2025-10-10",
    "未追缴金额(元)": "0.00",
    "是否移送": "否",
}


def cells(grid: Grid, values: dict[str, str]) -> Grid:
    for column, value in values.items():
        grid = changed(grid, 1, column, value)
    return grid


def take(county: County, name: str, grid: Grid, today: date = OCTOBER, **more: Any) -> Any:
    """Import a register on a day and have it signed."""
    county.now = county.now.replace(year=today.year, month=today.month, day=today.day)
    found = county.one(county.write(name, grid), month=more.pop("month", None), today=today, **more)
    county.sign_off()
    return found


def read(county: County) -> list[Recovery]:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        return list(recoveries(connection, on=OCTOBER).recoveries)


UNREADABLE: list[tuple[str, list[str], dict[str, str], str, str]] = [
    # what is wrong, the row, its cells, the column at fault, code
    ("an unknown way", IN_CASH, {"追缴方式": "以后再说"}, "追缴方式", "E_CELL_CHOICE"),
    ("two ways at once", IN_CASH, {"追缴方式": "现金、转账"}, "追缴方式", "E_CELL_CHOICE"),
    ("money that came in no way", IN_CASH, {"追缴方式": ""}, "追缴方式", "E_RECOVERY_MODE"),
    ("an unknown destination", IN_CASH, {"资金去向": "村委会"}, "资金去向", "E_CELL_CHOICE"),
    ("money without its day", IN_CASH, {"最近到账日期": ""}, "最近到账日期", "E_RECOVERY_DAY"),
    (
        "a negative sum",
        IN_CASH,
        {"已追缴金额(元)": "-100.00", "未追缴金额(元)": "2000.00"},
        "已追缴金额(元)",
        "E_COLLECTED_NEGATIVE",
    ),
    ("closed on a day to come", IN_CASH, {"销号日期": "2025-11-30"}, "销号日期", "E_FACT_IN_FUTURE"),
    ("what is left does not add up", IN_PARTS, {"未追缴金额(元)": "-3600.00"}, "未追缴金额(元)", "E_PARTS_SUM"),
    ("less is left than nobody gave up", IN_PARTS, {"未追缴金额(元)": "0.00"}, "未追缴金额(元)", "E_RECOVERY_LEFT"),
]


@pytest.mark.parametrize(("what", "row", "values", "column", "code"), UNREADABLE, ids=[one[0] for one in UNREADABLE])
def test_what_cannot_be_read_is_told_with_its_cure(
    county: County, what: str, row: list[str], values: dict[str, str], column: str, code: str
) -> None:
    found = take(county, "追缴.csv", cells([HEAD, row, IN_PARTS if row is IN_CASH else IN_CASH], values))
    assert [(one.place.row, one.column, one.code) for one in found.wrong] == [(2, column, code)]
    for language in ("zh", "en"):
        assert "{" not in found.wrong[0].message(language)
    assert found.new == 1, "its neighbour is booked"


def test_the_known_ways_are_listed(county: County) -> None:
    found = take(county, "追缴.csv", cells([HEAD, IN_CASH], {"追缴方式": "以后再说"}))
    assert "转账、现金、抵扣、分期、缴国库" in found.wrong[0].message()


WAYS = [
    ("转账", "退回原渠道", "transfer", "programme"),
    ("银行转账", "", "transfer", "programme"),
    ("现金", "退回原渠道", "cash", "programme"),
    ("分期", "退回原渠道", "transfer", "programme"),
    ("分期(现金)", "退回原渠道", "cash", "programme"),
    ("分期", "缴国库", "paid_to_treasury", "treasury"),
    ("缴国库", "缴国库", "paid_to_treasury", "treasury"),
    ("上缴国库", "", "paid_to_treasury", "treasury"),
    ("", "缴国库", "paid_to_treasury", "treasury"),
    ("现金", "缴国库", "cash", "treasury"),
    ("转账", "缴国库", "transfer", "treasury"),
    ("分期(现金)", "缴国库", "cash", "treasury"),
]


@pytest.mark.parametrize(("way", "goes", "mode", "destination"), WAYS)
def test_every_known_way(county: County, way: str, goes: str, mode: str, destination: str) -> None:
    grid = cells([HEAD, IN_CASH], {"追缴方式": way, "资金去向": goes})
    assert take(county, "追缴.csv", grid).wrong == []
    (order,), (collected,) = county.of_kind("recovery.ordered"), county.of_kind("recovery.collected")
    assert (collected.mode, order.destination) == (mode, destination)


def test_what_came_back_for_the_treasury_is_no_remittance_yet(enrolled: County) -> None:
    """A deduction and cash are ours until they are paid over: 追回 and 上缴 are two figures."""
    county = enrolled
    october = household(4, **{"扣回(元)": "100", "本月实发(元)": str(DUE - 100), "备注": "扣回"})
    rows = [october if number == 4 else household(number) for number in range(1, 13)]
    assert import_october(county, [ROSTER, *rows]).wrong == []
    county.sign_off()
    goes = {**COLLECTED, "资金去向": "缴国库"}
    offset = {**goes, "姓名": "示例户4", "身份证号": id_number(4), "追缴方式": "抵扣", "应追缴金额(元)": "100.00"}
    cash = {**goes, "姓名": "示例户5", "身份证号": id_number(5), "追缴方式": "现金", "应追缴金额(元)": "200.00"}
    for row in (offset, cash):
        row["已追缴金额(元)"] = row["应追缴金额(元)"]
    found = take(county, "追缴.csv", [HEAD, *([row.get(title, "") for title in HEAD] for row in (offset, cash))])
    assert (found.new, found.wrong) == (2, [])
    assert county.fen(BUREAU, "relief", "offset_clearing") == 0
    assert county.fen(BUREAU, "relief", "due_to_treasury") == -30_000
    assert county.fen(BUREAU, "relief", "cash") == 20_000
    sums = [one.sums for one in read(county)]
    told = [(one.offset_fen, one.cash_fen, one.paid_to_treasury_fen, one.treasury_fen, one.open_fen) for one in sums]
    assert sorted(told) == [(0, 20_000, 0, 0, 0), (10_000, 0, 0, 0, 0)]


def test_what_was_booked_another_way_is_the_same_money(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deductions for the treasury were booked as paid to it; their rows add nothing, known household or not."""
    grid = cells([HEAD, IN_CASH], {"追缴方式": "抵扣", "资金去向": "缴国库"})
    with monkeypatch.context() as patch:
        patch.setattr(recovery_register, "MODES", {})
        assert (take(county, "旧.csv", grid).new, county.of_kind("recovery.collected")[0].mode) == (
            1,
            "paid_to_treasury",
        )
    again = take(county, "再.csv", grid)
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])


def test_paid_to_the_treasury_although_it_was_to_go_back_is_a_doubt(county: County) -> None:
    assert take(county, "追缴.csv", cells([HEAD, IN_CASH], {"追缴方式": "缴国库"})).wrong == []
    (order,), (collected,) = county.of_kind("recovery.ordered"), county.of_kind("recovery.collected")
    assert (collected.mode, order.destination) == ("paid_to_treasury", "programme")
    assert "W_RECOVERY_DESTINATION" in county.doubts()


# ---- totals


def test_less_than_was_booked_is_told_and_nothing_is_booked(county: County) -> None:
    take(county, "九月.csv", [HEAD, IN_PARTS], date(2025, 9, 30))
    less = {"已追缴金额(元)": "5000.00", "未追缴金额(元)": "4600.00", "最近到账日期": "2025-10-20"}
    found = take(county, "十月.csv", cells([HEAD, IN_PARTS], less))
    assert [(one.place.row, one.column, one.code) for one in found.wrong] == [(2, "已追缴金额(元)", "E_RECOVERY_LESS")]
    assert found.wrong[0].params == {"total_fen": 500_000, "booked_fen": 600_000}
    assert (found.new, found.duplicate) == (0, 0)


@pytest.mark.parametrize("month", [None, "2025-06"])
def test_an_older_register_after_a_newer_one_changes_nothing(county: County, month: str | None) -> None:
    """June said 2,000 of 6,000, and nothing in March; they are no news after September, and no fault either."""
    take(county, "九月.csv", [HEAD, IN_PARTS], date(2025, 9, 30))
    june = {"已追缴金额(元)": "2000.00", "未追缴金额(元)": "7600.00", "最近到账日期": "2025-06-25"}
    march = {"已追缴金额(元)": "0.00", "未追缴金额(元)": "9600.00", "最近到账日期": "", "缴款凭证号": ""}
    for name, values in (("六月.csv", june), ("三月.csv", march)):
        found = take(county, name, cells([HEAD, IN_PARTS], values), month=month)
        assert (found.new, found.duplicate, found.wrong) == (0, 1, [])
    assert county.fen(BUREAU, "relief", "recoverable") == 360_000


def test_more_than_was_due_is_recorded_and_told(county: County) -> None:
    over = {"已追缴金额(元)": "2000.00", "未追缴金额(元)": "-100.00"}
    found = take(county, "追缴.csv", cells([HEAD, IN_CASH], over))
    assert (found.new, found.wrong) == (1, [])
    (note,) = found.notes
    assert (note.place.row, note.code) == (2, "W_RECOVERY_OVER")
    assert "未追缴为负" in note.message()
    assert "W_OVER_COLLECTED" in county.doubts()


def test_closed_before_the_money_is_recorded_and_told(county: County) -> None:
    found = take(county, "追缴.csv", cells([HEAD, IN_CASH], {"销号日期": "2025-07-10"}))
    assert (found.new, found.wrong) == (1, [])
    (note,) = found.notes
    assert (note.place.row, note.code) == (2, "W_CLOSED_BEFORE_MONEY")
    assert all(word in note.message() for word in ("销号日期", "2025-07-10", "2025-07-15"))


# ---- why it is still open

REASONS = [
    ("分期至12月", "instalments"),
    ("家庭困难，无力退还", "hardship"),
    ("外出务工失联", "untraceable"),
    ("本人有异议，申请复议", "disputed"),
    ("已起诉，法院审理中", "in_court"),
    ("本人已死亡", "deceased"),
    ("等上级批复", "other"),
]


@pytest.mark.parametrize(("text", "code"), REASONS)
def test_why_it_is_open_is_read(county: County, text: str, code: str) -> None:
    found = take(county, "追缴.csv", cells([HEAD, IN_PARTS], {"未追缴原因": text}), date(2025, 9, 30))
    assert (found.new, found.wrong) == (1, [])
    (plan,) = county.of_kind("recovery.planned")
    assert [(part.due_on, part.fen) for part in plan.instalments] == [(date(2025, 12, 31), 360_000)]
    assert plan.reason == code
    (one,) = read(county)
    assert (one.reason, one.due_on, one.sums.open_fen) == (code, date(2025, 12, 31), 360_000)
    assert "W_PLAN_SUM" not in county.findings()
    size = county.size()
    assert take(county, "再.csv", cells([HEAD, IN_PARTS], {"未追缴原因": text})).new == 0
    assert county.size() == size


def test_without_a_day_it_is_open_all_the_same(county: County) -> None:
    grid = cells([HEAD, IN_PARTS], {"未追缴原因": "失联", "计划完成": ""})
    assert take(county, "追缴.csv", grid).wrong == []
    (one,) = read(county)
    assert (one.reason, one.due_on, one.sums.ages.overdue_fen) == ("untraceable", None, 360_000)


def test_in_parts_needs_no_other_reason_and_nothing_said_is_nothing_told(county: County) -> None:
    for number, (way, reasons) in enumerate((("分期", ["instalments"]), ("缴国库", ["instalments"])), 1):
        grid = cells([HEAD, IN_PARTS], {"追缴方式": way, "未追缴原因": "无"})
        take(county, f"{number}.csv", grid)
        assert [one.reason for one in county.of_kind("recovery.planned")] == reasons


@pytest.mark.parametrize("month", [None, "2025-10"])
def test_another_reason_or_day_is_a_new_plan_and_the_older_register_takes_nothing_back(
    county: County, month: str | None
) -> None:
    first = take(county, "九月.csv", [HEAD, IN_PARTS], date(2025, 9, 30))
    assert first.wrong == []
    later = cells([HEAD, IN_PARTS], {"未追缴原因": "失联", "计划完成": "2026-06-30"})
    found = take(county, "十月.csv", later, month=month)
    assert (found.new, found.wrong) == (1, [])
    assert [one.reason for one in county.of_kind("recovery.planned")] == ["instalments", "untraceable"]
    assert county.of_kind("recovery.planned")[-1].on == OCTOBER
    assert take(county, "九月.csv", [HEAD, IN_PARTS], month=None).new == 0
    assert take(county, "十月.csv", later, date(2025, 11, 3), month=month).new == 0
    (one,) = read(county)
    assert (one.reason, one.due_on) == ("untraceable", date(2026, 6, 30))


TOLD = {"A": {"未追缴原因": "家庭困难"}, "B": {"未追缴原因": "失联", "计划完成": "2026-06-30"}}


@pytest.mark.parametrize("month", [None, "2025-10"])
def test_a_plan_may_be_told_back_within_a_day(county: County, month: str | None) -> None:
    take(county, "九月.csv", cells([HEAD, IN_PARTS], TOLD["A"]), date(2025, 9, 30))
    for number, which in enumerate("BABA"):
        grid = cells([HEAD, IN_PARTS], {**TOLD[which], "备注": f"第{number}稿"})
        found = take(county, f"十月-{number}.csv", grid, month=month)
        assert (found.new, found.wrong) == (1, [])
        assert read(county)[0].reason == {"A": "hardship", "B": "untraceable"}[which]
    assert len(county.of_kind("recovery.planned")) == 5
    for name, said in (("九月", TOLD["A"]), ("十月-0", {**TOLD["B"], "备注": "第0稿"})):
        again = take(county, f"{name}.csv", cells([HEAD, IN_PARTS], said), month=month)
        assert again.new == 0, name
    assert read(county)[0].reason == "hardship"


def test_an_older_register_that_is_mended_late_stands_for_its_own_month(county: County) -> None:
    """What October's register told stays the newest plan, and September's is what stood in September."""
    take(county, "九月.csv", cells([HEAD, IN_PARTS], TOLD["A"]), date(2025, 9, 30))
    take(county, "十月.csv", cells([HEAD, IN_PARTS], TOLD["B"]), month="2025-10")
    late = cells([HEAD, IN_PARTS], {**TOLD["A"], "未追缴原因": "本人有异议"})
    assert take(county, "九月改.csv", late, month="2025-09").new == 1
    assert read(county)[0].reason == "untraceable"
    with county.store.read() as connection:
        (then,) = recoveries(connection, on=date(2025, 9, 30), as_of=date(2025, 9, 30)).recoveries
    assert then.reason == "disputed"


def test_a_plan_of_an_older_release_is_not_told_back_by_its_file(county: County) -> None:
    """It does not name its file, so that nobody can tell the same file from another one that says so again."""
    take(county, "九月.csv", cells([HEAD, IN_PARTS], {"未追缴原因": ""}), date(2025, 9, 1))
    (order,) = county.of_kind("recovery.ordered")
    said = {"recovery": order.recovery, "finding": order.finding, "fund": order.fund, "reason": "hardship"}
    part = {"due_on": "2025-12-31", "fen": 360_000}
    plan = {**said, "instalments": [part], "document": None, "on": "2025-09-30", "origin": "history"}
    county.decide(BUREAU, ("recovery.planned", plan))
    assert take(county, "一.csv", cells([HEAD, IN_PARTS], TOLD["B"])).new == 1
    assert take(county, "二.csv", cells([HEAD, IN_PARTS], TOLD["A"])).new == 0


def test_a_plan_that_the_office_made_is_kept(county: County) -> None:
    """Two parts that somebody signed are not put together by the register that says 分期 till the same day."""
    take(county, "九月.csv", changed([HEAD, IN_PARTS], 1, "未追缴原因", ""), date(2025, 9, 30))
    (order,) = county.of_kind("recovery.ordered")
    parts = [{"due_on": "2025-11-30", "fen": 160_000}, {"due_on": "2025-12-31", "fen": 200_000}]
    said = {"recovery": order.recovery, "finding": order.finding, "fund": order.fund, "reason": "instalments"}
    plan = {**said, "instalments": parts, "document": None, "on": "2025-09-30", "origin": "decision"}
    county.decide(BUREAU, ("recovery.planned", plan))
    assert take(county, "十月.csv", [HEAD, IN_PARTS]).new == 0
    assert len(county.of_kind("recovery.planned")[-1].instalments) == 2


CASH = {"认定日期": "2025-07-01", "告知送达日期": "2025-07-02", "最近到账日期": "2025-08-15", "销号日期": "2025-09-30"}
NO_END = {**CASH, "销号日期": ""}
NO_MONEY = {**NO_END, "已追缴金额(元)": "0.00", "未追缴金额(元)": "1900.00", "最近到账日期": ""}
ROADS = {"at once": [CASH], "money, then the end": [NO_END, CASH], "month by month": [NO_MONEY, NO_END, CASH]}


@pytest.mark.parametrize("road", ROADS)
def test_money_counts_for_its_month_however_late_the_matter_ended(county: County, road: str) -> None:
    for number, values in enumerate(ROADS[road]):
        assert take(county, f"{number}.csv", cells([HEAD, IN_CASH], values)).wrong == []
    assert all(progress.failure is None for progress in catch_up(county.store))
    told = {}
    with county.store.read() as connection:
        for day in (date(2025, 8, 31), date(2025, 9, 29), date(2025, 9, 30)):
            found = recoveries(connection, day, as_of=day)
            told[day.isoformat()] = (found.total.collected_fen, [one.state == "closed" for one in found.matters])
    assert told == {
        "2025-08-31": (190_000, [False]),
        "2025-09-29": (190_000, [False]),
        "2025-09-30": (190_000, [True]),
    }


PARTLY = {**NO_END, "已追缴金额(元)": "900.00", "未追缴金额(元)": "1000.00", "未追缴原因": "死亡"}


def give_up(county: County, fen: int, day: str) -> None:
    (order,) = county.of_kind("recovery.ordered")
    of = {"recovery": order.recovery, "finding": order.finding, "fund": "relief", "amount_fen": fen}
    why = {"reason": "deceased", "authority": "局党组", "document": f"会议纪要{day}", "on": day, "origin": "decision"}
    county.decide(BUREAU, ("recovery.written_off", {**of, **why}), day=date.fromisoformat(day))


@pytest.mark.parametrize(
    ("left", "refused"),
    [("1000.00", []), ("600.00", []), ("0.00", []), ("400.00", ["E_RECOVERY_LEFT"]), ("1.00", ["E_RECOVERY_LEFT"])],
)
def test_what_was_given_up_is_left_no_more(county: County, left: str, refused: list[str]) -> None:
    """Nor in a sheet of before, of which the later decisions are unknown."""
    assert take(county, "七月.csv", cells([HEAD, IN_CASH], PARTLY)).wrong == []
    give_up(county, 40_000, "2025-09-20")
    give_up(county, 60_000, "2025-09-25")
    ended = {} if left != "0.00" else {"销号日期": "2025-10-20"}
    found = take(county, "十月.csv", cells([HEAD, IN_CASH], {**PARTLY, "未追缴金额(元)": left, **ended}))
    assert [(one.code, one.column) for one in found.wrong] == [(code, "未追缴金额(元)") for code in refused]
    assert [one.sums.open_fen for one in read(county)] == [0]
    assert "W_PLAN_SUM" not in county.findings()
    if refused:
        assert "1,000.00" in found.wrong[0].message()


OVER = {**NO_END, "已追缴金额(元)": "2200.00", "未追缴金额(元)": "-300.00"}


def give_back(county: County, fen: int, day: str) -> None:
    """Money that came in beyond the order goes back out of the box."""
    (order,) = county.of_kind("recovery.ordered")
    (taken,) = county.of_kind("recovery.collected")
    of = {"recovery": order.recovery, "finding": order.finding, "fund": "relief", "amount_fen": fen}
    how = {
        "movement": "back-1",
        "mode": "cash",
        "account": taken.account,
        "document": "退款审批1号",
        "occurred_on": day,
    }
    county.decide(BUREAU, ("recovery.refunded", {**of, **how}), day=date.fromisoformat(day))


@pytest.mark.parametrize("collected", ["2200.00", "1900.00"])
def test_what_was_given_back_is_neither_asked_nor_collected_again(county: County, collected: str) -> None:
    """Whether the register goes on saying what came or says what stayed."""
    assert take(county, "七月.csv", cells([HEAD, IN_CASH], OVER)).wrong == []
    give_back(county, 30_000, "2025-09-20")
    left = {"2200.00": "-300.00", "1900.00": "0.00"}[collected]
    values = {**NO_END, "已追缴金额(元)": collected, "未追缴金额(元)": left}
    found = take(county, "十月.csv", cells([HEAD, IN_CASH], {**values, "最近到账日期": "2025-09-20"}))
    assert (found.wrong, len(county.of_kind("recovery.collected"))) == ([], 1)
    (row,) = read(county)
    assert (row.sums.collected_fen, row.sums.refunded_fen, row.sums.open_fen) == (190_000, 30_000, 0)
    assert "W_REFUNDED_MORE" not in county.findings()
