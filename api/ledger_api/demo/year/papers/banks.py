"""How three other banks export an account: 工商银行 with a line above its header and a column for the side, 农业银行
with a block of title lines and its sums below, 农商行 as a page that calls itself .xls, day and time apart.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import accumulate, groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

from ledger.values.money import fen_to_yuan


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a statement; out is negative."""

    on: date
    fen: int
    memo: str
    who: str = ""
    account: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A line with its time of day and the balance after it."""

    line: Line
    clock: str
    balance_fen: int

    @property
    def sides(self) -> tuple[int, int]:
        """In and out."""
        return max(0, self.line.fen), max(0, -self.line.fen)


Grid = list[Sequence[str]]
_HEAD_ICBC: Final = (
    *("凭证号", "本方账号", "对方账号", "交易时间", "借/贷", "借方发生额", "贷方发生额", "对方行号", "摘要", "用途"),
    *("对方单位名称", "余额", "个性化信息"),
)
_HEAD_ABC: Final = (
    *("交易时间", "收入金额", "支出金额", "账户余额", "交易行名", "对方省市", "对方账号", "对方户名", "交易用途"),
    "交易流水号",
)
_HEAD_RCC: Final = (
    *("序号", "账号", "交易日期", "交易时间", "交易流水号", "凭证种类", "凭证号码", "摘要", "借方金额", "贷方金额"),
    *("余额", "对方账号", "对方户名", "对方行名", "附言"),
)


def icbc(account: str, lines: Iterable[_Shown]) -> bytes:
    """One line before the header; `2024-09-05 09:14:22`."""
    rows: Grid = [
        (
            *("0", account, one.line.account, f"{one.line.on} {one.clock}", "贷" if one.line.fen > 0 else "借"),
            *(fen_to_yuan(side) for side in reversed(one.sides)),
            *("", one.line.memo, "", one.line.who, fen_to_yuan(one.balance_fen), ""),
        )
        for one in lines
    ]
    return _csv([["[HISTORYDETAIL]"], _HEAD_ICBC, *rows]).encode("gb18030")


def abc(account: str, lines: Iterable[_Shown]) -> bytes:
    """Whose account and of which days it is stands above, the sums below."""
    shown = list(lines)
    rows: Grid = [
        (
            f"{one.line.on} {one.clock}",
            *(fen_to_yuan(side) if side else "" for side in one.sides),
            *(fen_to_yuan(one.balance_fen), "中国农业银行示例县支行", "湖南"),
            *(one.line.account, one.line.who, one.line.memo, one.line.serial),
        )
        for one in shown
    ]
    above: Grid = [[f"账号:{account}"], ["户名:示例县慈善总会"], [f"起止日期:{shown[0].line.on}至{shown[-1].line.on}"]]
    sums = (fen_to_yuan(sum(one.sides[at] for one in shown)) for at in range(2))
    return _csv([*above, _HEAD_ABC, *rows, ["合计", *sums]]).encode("utf-8-sig")


def rcc(account: str, lines: Iterable[_Shown]) -> bytes:
    """A page; `20240905` and `091422`."""
    rows: Grid = [
        (
            *(str(at), account, f"{one.line.on:%Y%m%d}", one.clock.replace(":", ""), one.line.serial, "", ""),
            *(one.line.memo, fen_to_yuan(one.sides[1]), fen_to_yuan(one.sides[0]), fen_to_yuan(one.balance_fen)),
            *(one.line.account, one.line.who, "", ""),
        )
        for at, one in enumerate(lines, 1)
    ]
    cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in [_HEAD_RCC, *rows])
    head = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    return f"<html><head>{head}</head><body><table>{cells}</table></body></html>".encode("gb18030")


def _csv(lines: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(lines)
    return stream.getvalue()


Written = Callable[[str, Iterable[_Shown]], bytes]


def write_account(
    folder: Path, name: str, account: str, lines: Iterable[Line], written: Written
) -> Iterator[tuple[str, Path]]:
    """The account's statement of every month in which something moved: (month, file). It begins with nothing."""
    ordered = sorted(lines, key=lambda one: (one.on, one.fen < 0))
    balances = accumulate(one.fen for one in ordered)
    shown = [_Shown(one, clock, fen) for one, clock, fen in zip(ordered, _clocks(ordered), balances, strict=True)]
    for month, own in groupby(shown, key=lambda one: f"{one.line.on:%Y-%m}"):
        path = folder / month / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(account, list(own)))
        yield month, path


def _clocks(lines: Iterable[Line]) -> Iterator[str]:
    """Times of day, seconds apart within each."""
    for _, own in groupby(lines, key=attrgetter("on")):
        for at, _ in enumerate(own):
            yield str(timedelta(hours=10, seconds=17 * at)).zfill(8)
