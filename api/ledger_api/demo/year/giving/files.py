"""The charity's files: its pledge list, its register of gifts, the bank's statements and the book of goods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from ledger.values.money import fen_to_yuan
from ledger_api.demo.year.giving.gifts import APPEAL, CAMPAIGN, GALA, GRANT_FEN, OTHERS, Charity, Gift, Goods, Pledge
from ledger_api.demo.year.papers.accounts import moved_in
from ledger_api.demo.year.papers.bills import MERCHANT_LABEL
from ledger_api.demo.year.papers.minutes import write_minutes
from ledger_api.demo.year.papers.receipts import Receipt, Receipts, cells, write_receipts
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.gifts import credited, registered_in
from ledger_api.demo.year.roll import TOWNSHIPS
from ledger_api.demo.year.sheets import Keeper, Row, Sheet, write_text, write_workbook
from ledger_api.demo.year.targets import MONTHS, YEAR

ACCOUNT_NO: Final = "43050199990800018801"
ACCOUNT_LABEL: Final = "建行8801"
_WAYS: Final = {
    "bank": ("银行转账", ACCOUNT_LABEL),
    "wechat": ("微信支付", MERCHANT_LABEL),
    "alipay": ("支付宝", "支付宝"),
}
"""How the register says by which road a gift came."""
GRANTS_ON: Final = date(YEAR, 1, 29)
MINUTES: Final = f"会长办公会纪要〔{YEAR}〕1号"
"""On which the grants rest."""
BOXES_ON: Final = date(YEAR, 8, 18)
BANKED_ON: Final = date(YEAR, 8, 19)
PASSED_ON: Final = (date(YEAR, 8, 5), date(YEAR, 8, 15), date(YEAR, 9, 2))
_NEIGHBOUR: Final = "邻县慈善总会"
_PLEDGE_HEAD: Final = (
    *("序号", "认捐编号", "认捐日期", "活动", "认捐人", "类型", "认捐总额", "接收单位", "方式", "期次", "应付日期"),
    *("应付金额", "协议扫描"),
)
_REGISTER_HEAD: Final = (
    *("序号", "登记日期", "到账日期", "捐赠人", "捐赠人类型", "证件号码", "捐赠方式", "收款账户", "银行流水号"),
    *(
        "捐赠金额(元)",
        "认捐编号",
        "捐赠意向",
        "指定项目或受益人",
        "所属活动",
        "人数",
        "公开姓名",
        "是否开票",
        "票据号码",
    ),
    *("开票日期", "备注"),
)
_BANK_HEAD: Final = (
    *("账号", "交易时间", "借方发生额(支取)", "贷方发生额(收入)", "余额", "币种", "对方户名", "对方账号"),
    *("对方开户机构", "记账日期", "摘要", "备注", "账户明细编号-交易流水号", "企业流水号", "凭证种类", "凭证号"),
)
_CHARITY: Final = Keeper("示例县慈善总会", "示例周", "示例吴")
_IN_HEAD: Final = (
    *("序号", "批次号", "入库日期", "捐赠人", "品名", "计量单位", "数量", "单价", "价值依据", "金额"),
    *("验收人一", "验收人二", "仓库"),
)
_OUT_HEAD: Final = ("序号", "出库日期", "批次号", "领用单位", "数量", "用途", "签收人")


@dataclass(frozen=True, slots=True)
class GivingFiles:
    """A month of the charity's files; most months lack some."""

    pledges: Path | None
    receipts: Path | None
    """What the receipt system exports."""
    register: Path | None
    goods: tuple[Path, ...]
    """What came into the store, and what left it."""
    statement: Path | None
    draft: Path | None
    """A first register of the month, in which a payment stands with what had been promised."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the bank's statement."""

    on: date
    fen: int
    who: str
    account: str
    memo: str
    serial: str


def write_giving(folder: Path, year: Charity, receipts: Receipts, dice: Dice, dirt: int) -> tuple[GivingFiles, ...]:
    """Every month's files. What the receipt system exports is as tidy as a program leaves it."""
    exported = write_receipts(folder, receipts, dice, 0)
    balance, found = year.opening_fen, []
    registered = registered_in(year)
    lines = sorted(_lines(year), key=lambda one: (one.on, one.fen < 0))
    for month, export in zip(MONTHS, exported, strict=True):
        place = folder / month
        place.mkdir(parents=True, exist_ok=True)
        gifts = receipts.of_register(year.gifts, month, registered)
        own = [one for one in lines if f"{one.on:%Y-%m}" == month]
        here = {one.serial for one, _ in gifts}
        wrong = {one.serial: promised for one, promised in credited(year) if one.serial in here}
        found.append(
            GivingFiles(
                _pledge_list(place / "认捐登记表.csv", year.pledges, dice, dirt) if _in(month, GALA) else None,
                export,
                _register(place / "捐赠登记表.csv", gifts, {}, dice, dirt) if gifts else None,
                tuple(_goods(place, year.goods, dice, dirt)) if _in(month, PASSED_ON[0]) else (),
                _statement(place / "建行流水.csv", own, balance, dice) if own else None,
                _register(place / "捐赠登记表-初稿.csv", gifts, wrong, dice, 0) if wrong else None,
            )
        )
        balance += sum(one.fen for one in own)
    write_minutes(folder, MINUTES, GRANTS_ON, year.granted_fen)
    return tuple(found)


def within_reach(year: Charity) -> tuple[int, ...]:
    """What was passed on, payment by payment, and no more at once than the main account held of the appeal on that day:
    what came by the channels is moved in before the last one.
    """
    found: list[int] = []
    for day, fen in zip(PASSED_ON[:-1], year.passed[:-1], strict=True):
        came = sum(one.fen for one in year.gifts if one.appeal and one.road == "bank" and one.on <= day)
        boxes = year.boxes_fen if day >= BANKED_ON else 0
        found.append(min(fen, came + boxes - sum(found)))
    return (*found, sum(year.passed) - sum(found))


def _in(month: str, day: date) -> bool:
    return f"{day:%Y-%m}" == month


def _pledge_list(path: Path, pledges: Sequence[Pledge], dice: Dice, dirt: int) -> Path:
    rows: list[Row] = [
        {
            "认捐编号": one.number,
            "认捐日期": GALA.isoformat(),
            "活动": CAMPAIGN,
            "认捐人": one.giver.name,
            "类型": one.giver.kind,
            "认捐总额": fen_to_yuan(one.fen),
            "接收单位": "示例县慈善总会" if one.ours else OTHERS,
            "方式": "一次",
            "应付日期": f"{YEAR}-12-20",
            "应付金额": fen_to_yuan(one.fen),
            "协议扫描": f"认捐书{one.number}",
        }
        for one in pledges
    ]
    write_text(path, Sheet("", _PLEDGE_HEAD, rows), dice, dirt, encoding="gb18030")
    return path


def _register(
    path: Path, gifts: Sequence[tuple[Gift, Receipt | None]], said: Mapping[str, int], dice: Dice, dirt: int
) -> Path:
    """`said` is what the register writes down where that is not what arrived: fen by serial."""
    rows: list[Row] = [
        {
            "登记日期": one.on.isoformat(),
            "到账日期": one.on.isoformat(),
            "捐赠人": one.giver.name,
            "捐赠人类型": one.giver.kind,
            "证件号码": one.giver.number,
            "捐赠方式": _WAYS[one.road][0],
            "收款账户": _WAYS[one.road][1],
            "银行流水号": one.serial,
            "捐赠金额(元)": fen_to_yuan(said.get(one.serial, one.fen)),
            "认捐编号": one.pledge,
            "捐赠意向": "限定" if one.appeal else "非限定",
            "指定项目或受益人": "邻县救灾" if one.appeal else "",
            "所属活动": APPEAL if one.appeal else CAMPAIGN,
            "人数": "1",
            "公开姓名": "是",
            **cells(receipt),
        }
        for one, receipt in gifts
    ]
    write_text(path, Sheet("", _REGISTER_HEAD, rows, ("捐赠金额(元)",)), dice, dirt, encoding="utf-8-sig")
    return path


def _goods(place: Path, goods: Sequence[Goods], dice: Dice, dirt: int) -> Iterator[Path]:
    came: list[Row] = [
        {
            "批次号": one.lot,
            "入库日期": f"{YEAR}-08-03",
            "捐赠人": one.giver.name,
            "品名": one.name,
            "计量单位": one.unit,
            "数量": str(one.quantity),
            "单价": str(one.yuan_each),
            "价值依据": "发票",
            "金额": str(one.quantity * one.yuan_each),
            "验收人一": "示例王",
            "验收人二": "示例李",
            "仓库": "慈善超市",
        }
        for one in goods
    ]
    went: list[Row] = [
        {
            "出库日期": f"{YEAR}-08-06",
            "批次号": one.lot,
            "领用单位": _NEIGHBOUR,
            "数量": str(one.quantity),
            "用途": "救灾",
            "签收人": "示例赵",
        }
        for one in goods
    ]
    for name, head, rows in (("受赠物资入库", _IN_HEAD, came), ("受赠物资出库", _OUT_HEAD, went)):
        path = place / f"{name}.xlsx"
        write_workbook(path, {name: Sheet(name, head, rows, keeper=_CHARITY)}, dice, dirt)
        yield path


def _lines(year: Charity) -> Iterator[_Line]:
    """What the bank shows: gifts by their serial numbers, the boxes' cash, grants, and what was passed on."""
    for one in (gift for gift in year.gifts if gift.road == "bank"):
        memo = "认捐款" if one.pledge else "救灾捐款"
        yield _Line(one.on, one.fen, one.giver.name, one.giver.account, memo, one.serial)
    for on, fen in moved_in(year.gifts):
        yield _Line(on, fen, "示例县慈善总会", "", "内部调款", f"4713-{on:%Y%m%d}001")
    yield _Line(BANKED_ON, year.boxes_fen, "", "", "现金存入 捐款箱", "4742-90000000001")
    for number, (township, households) in enumerate(zip(TOWNSHIPS, year.grants, strict=True), 1):
        paid, memo = households * GRANT_FEN, f"迎春送温暖{households}户"
        yield _Line(GRANTS_ON, -paid, f"{township}人民政府", "", memo, f"4711-9{number:010d}")
    for number, (on, fen) in enumerate(zip(PASSED_ON, year.passed, strict=True), 1):
        yield _Line(on, -fen, _NEIGHBOUR, "43050199990800077001", "转赠救灾款", f"4711-{number:011d}")


def _statement(path: Path, lines: Sequence[_Line], balance: int, dice: Dice) -> Path:
    rows: list[Row] = []
    for at, one in enumerate(lines):
        balance += one.fen
        clock = timedelta(hours=9, seconds=11 * (at - next(n for n, other in enumerate(lines) if other.on == one.on)))
        rows.append(
            {
                "账号": ACCOUNT_NO,
                "交易时间": f"{one.on:%Y%m%d} {str(clock).zfill(8)}",
                "借方发生额(支取)": fen_to_yuan(max(0, -one.fen), grouped=True),
                "贷方发生额(收入)": fen_to_yuan(max(0, one.fen), grouped=True),
                "余额": fen_to_yuan(balance, grouped=True),
                "币种": "人民币元",
                "对方户名": one.who,
                "对方账号": one.account,
                "记账日期": f"{one.on:%Y%m%d}",
                "摘要": one.memo,
                "账户明细编号-交易流水号": one.serial,
            }
        )
    write_text(path, Sheet("", _BANK_HEAD, rows), dice, 0, encoding="gb18030")
    return path
