"""The accounts beside the charity's main one, and what moved on each: the channels' account, the one that nameless
money came to, and the bureau's for what is paid back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from ledger_api.demo.year.giving.gifts import Gift
from ledger_api.demo.year.papers.banks import Line, abc, icbc, rcc, write_account
from ledger_api.demo.year.papers.bills import write_bills
from ledger_api.demo.year.papers.roads import settlements
from ledger_api.demo.year.registers.after import handed_over
from ledger_api.demo.year.registers.keeping import RETURNS_NO
from ledger_api.demo.year.registers.matters import HALVES, Matter
from ledger_api.demo.year.targets import MONTHS, YEAR

ICBC_NO: Final = "1911020109200007702"
ABC_NO: Final = "18595001040006603"
COLLECTED_ON: Final = date(YEAR, 8, 26)
"""When the channels' account is emptied into the main one."""
MOVED_ON: Final = date(YEAR, 11, 5)
"""When the money that was nameless goes there too."""
_FEE: Final = Line(date(YEAR, 9, 15), -200, "短信服务费")
_INTEREST: Final = (Line(date(YEAR, 9, 21), 306, "结息"), Line(date(YEAR, 12, 21), 1, "结息"))
_CHANNEL_NAMES: Final = {"wechat": "财付通支付科技有限公司", "alipay": "支付宝(中国)网络技术有限公司"}
_OURS: Final = "示例县慈善总会"


@dataclass(frozen=True, slots=True)
class AccountFiles:
    """A month of them: what the platforms export, then the banks' statements by office; most months lack some."""

    bills: tuple[Path, ...]
    of_charity: tuple[Path, ...]
    of_bureau: tuple[Path, ...]


def collected_fen(gifts: Sequence[Gift]) -> int:
    """What the channels' account is emptied of."""
    return sum(one.fen for one in settlements(gifts))


def nameless(gifts: Sequence[Gift]) -> Gift:
    """The money whose giver was found later."""
    return next(one for one in gifts if one.road == "unknown")


def moved_in(gifts: Sequence[Gift]) -> Iterator[tuple[date, int]]:
    """What came to the main account from the two others: day and fen."""
    yield COLLECTED_ON, collected_fen(gifts)
    yield MOVED_ON, nameless(gifts).fen


def of_channels(gifts: Sequence[Gift]) -> Iterator[Line]:
    """工行: settlements, interest, and what went on to the main account."""
    for one in settlements(gifts):
        paid = "微信支付" if one.channel == "wechat" else "支付宝"
        yield Line(one.on, one.fen, f"{one.day:%Y%m%d}{paid}结算", _CHANNEL_NAMES[one.channel], "243300133")
    yield Line(COLLECTED_ON, -collected_fen(gifts), "内部调款", _OURS)
    yield from _INTEREST


def of_nameless(gifts: Sequence[Gift]) -> Iterator[Line]:
    """农行: money without a name, a fee, interest, and the money on its way to the main account."""
    one = nameless(gifts)
    yield Line(one.on, one.fen, "现金存入", serial=one.serial)
    yield Line(MOVED_ON, -one.fen, "内部调款", _OURS, serial=f"{MOVED_ON:%Y%m%d}000001")
    yield from (_FEE, *_INTEREST)


def of_returns(matters: Sequence[Matter]) -> Iterator[Line]:
    """农商行, the bureau's: what persons paid back by transfer, half by half, under the register's numbers, and
    what townships paid in of the cash they took.
    """
    for one in matters:
        if one.category.mode == "转账":
            for half in range(len(HALVES)):
                fen = one.came_in(half)
                if fen:
                    yield Line(one.paid_on(half), fen, "追缴款", one.case.head.name, serial=one.paid_under(half))
    for one, day, fen, slip in handed_over(matters):
        yield Line(day, fen, "乡镇代收缴存", f"{one.case.township}人民政府", serial=slip)


def write_accounts(folder: Path, gifts: Sequence[Gift], matters: Sequence[Matter]) -> tuple[AccountFiles, ...]:
    """Every month's files."""
    icbc_files = dict(write_account(folder, "工行流水.csv", ICBC_NO, of_channels(gifts), icbc))
    abc_files = dict(write_account(folder, "农行流水.csv", ABC_NO, of_nameless(gifts), abc))
    rcc_files = dict(write_account(folder, "农商行追缴专户.xls", RETURNS_NO, of_returns(matters), rcc))
    settled = settlements(gifts)
    found = []
    for month in MONTHS:
        own = [one for one in settled if f"{one.day:%Y-%m}" == month]
        bills = write_bills(folder / month, own)
        found.append(AccountFiles(bills, _of(month, icbc_files, abc_files), _of(month, rcc_files)))
    return tuple(found)


def _of(month: str, *files: Mapping[str, Path]) -> tuple[Path, ...]:
    return tuple(one[month] for one in files if month in one)
