"""Rosters that pay more or less than a month, the batch's way to the bank, and what the bank makes of it."""

from typing import Any

from ledger.application.outcomes import Receipt
from ledger.application.proposing.reports import FileReport
from tests.application.importing.offices import Grid
from tests.application.proposing.county import BATCH, County, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, OCTOBER, OCTOBER_BATCH, household, id_number

RESULT_HEAD = rows_of("payresult.csv")[0]


def base_of(number: int) -> int:
    """A household's own amount of a month, in yuan."""
    return int(household(number)[HEAD.index("基本保障金(元)")])


def row_of(number: int, more: int = 0, less: int = 0, remark: str = "", **cells: str) -> list[str]:
    """A household's row with something on top (补发) and something kept back (扣回)."""
    base = int(cells.get("基本保障金(元)", base_of(number)))
    money = {"补发(元)": str(more), "扣回(元)": str(less), "本月实发(元)": str(base + more - less), "备注": remark}
    return household(number, **{**money, **cells})


def listed(*special: list[str]) -> Grid:
    """The list of all twelve, some with rows of their own."""
    own = {row[HEAD.index("家庭编号")]: row for row in special}
    return [HEAD, *(own.pop(row[HEAD.index("家庭编号")], row) for row in map(household, range(1, 13))), *own.values()]


def at(county: County, month: int, day: int) -> None:
    county.now = county.now.replace(month=month, day=day)


def roster(county: County, month: str, grid: Grid, **more: Any) -> FileReport:
    """A month's roster, signed as far as it goes."""
    number = more.get("batch_no", "01")
    path = county.write(f"花名册{month}-{number}.csv", grid)
    report = county.one(path, month=month, today=county.now.date(), **more)
    county.sign_off()
    return report


def results(county: County, *rows: list[str], name: str = "回盘.csv") -> FileReport:
    """A file of the bank, signed as far as it goes."""
    report = county.one(county.write(name, [RESULT_HEAD, *rows]), today=county.now.date())
    county.sign_off()
    return report


def result(number: int, yuan: int, outcome: str, day: str, batch: str = BATCH) -> list[str]:
    """A line of the bank."""
    cells = {
        "批次号": f"NDB{batch[-10:-6]}{batch[-5:]}",
        "序号": str(number),
        "户名": f"示例户{number}",
        "账号": f"820105300000{number:05d}",
        "金额": str(yuan),
        "证件号码": id_number(number),
        "处理结果": outcome,
        "失败原因": "" if outcome == "成功" else "账号户名不符",
        "处理日期": day,
        "备注": f"431099S{number:05d}",
    }
    return [cells.get(title, "") for title in RESULT_HEAD]


def send(county: County, batch: str = BATCH) -> int:
    """签批, 送财政, 支付令 today; answers the fen that go to the bank."""
    (prepared,) = county.events(f"batch:{batch}", "batch.prepared")
    lines: list[Any] = county.events(f"batch:{batch}", "subsidy.authorised", "subsidy.offset")
    fen: int = sum(one.amount_fen * (-1 if one.kind == "subsidy.offset" else 1) for one in lines)
    day, on = county.now.date(), {"on": str(county.now.date()), "origin": "decision"}
    count = len({one.enrolment for one in lines})
    approved = ("batch.approved", {"batch": batch, "count": count, "total_fen": fen, **on})
    sent = ("batch.sent", {"batch": batch, "organisation": "财政局", "total_fen": fen, **on})
    assert isinstance(county.decide(BUREAU, approved, sent, day=day), Receipt)
    order = {"movement": f"order-{batch}", "batch": batch, "fund": "relief", "amount_fen": fen, "order_no": "0908"}
    left, paid_by = fen, []
    for one in prepared.fund_source:  # less what was taken out of the batch
        paid_by += [{"document": one.document, "fen": min(left, one.fen)}] if left else []
        left -= min(left, one.fen)
    where = {"sources": paid_by, "account": "rcc-transit", "occurred_on": str(day)}
    assert isinstance(county.decide(BUREAU, ("batch.funded", {**order, **where}), day=day), Receipt)
    return fen


def at_the_bank(county: County, *special: list[str]) -> County:
    """October's list (`listed`), approved and sent on the ninth."""
    county.sign_off()
    at(county, 10, 9)
    roster(county, OCTOBER, listed(*special))
    send(county, OCTOBER_BATCH)
    return county


def arrears(county: County) -> list[Any]:
    """What was authorised beside the month's own amounts."""
    return [one for one in county.of_kind("subsidy.authorised") if one.component != "normal"]
