"""Receipts for gifts (公益事业捐赠电子票据), as the receipt system exports them month by month and the register names
them: one for each gift of the appeal, one for both instalments of a pledge, one that a firm asked for before it paid,
and one that was made out wrongly, taken back by a red letter and made out again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Final

from ledger.values.money import fen_to_yuan
from ledger_api.demo.year.giving.gifts import Gift, Giver
from ledger_api.demo.year.papers.roads import IDENTIFIED_ON
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS, YEAR

CODE: Final = "43060124"
RED_ON: Final = date(YEAR, 9, 10)
_FIRST: Final = 812_301
_HEAD: Final = (
    *("票据代码", "票据号码", "校验码", "开票日期", "交款人", "交款人代码", "项目编码", "项目名称", "数量", "标准"),
    *("金额", "状态", "红票号码", "原票号码", "开票人", "收款人", "复核人", "备注"),
)
_SIGNED: Final = {"项目编码": "103044999", "项目名称": "公益事业捐赠收入", "开票人": "示例李", "收款人": "示例李"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt, for one gift or more of one giver. `red` is the number that took it back."""

    number: str
    on: date
    gifts: tuple[Gift, ...]
    red: str = ""

    @property
    def payer(self) -> Giver:
        """Whose money it is for."""
        return self.gifts[0].giver

    @property
    def fen(self) -> int:
        """What it is for."""
        return sum(one.fen for one in self.gifts)

    @property
    def in_advance(self) -> bool:
        """Whether it was made out before the money came."""
        return self.on < self.gifts[0].on


@dataclass(frozen=True, slots=True)
class Receipts:
    """Every receipt of the year, by number."""

    all: tuple[Receipt, ...]

    def drop_numbers(self, numbers: Sequence[str]) -> "Receipts":
        """The same without the receipts of some numbers: a gap, and gifts that no receipt is for."""
        return replace(self, all=tuple(one for one in self.all if one.number not in numbers))

    def standing(self) -> list[Receipt]:
        """Those that were not taken back."""
        return [one for one in self.all if not one.red]

    def of_register(
        self, gifts: Sequence[Gift], month: str, registered: Mapping[str, str]
    ) -> list[tuple[Gift, Receipt | None]]:
        """The register's rows of a month: the gifts that were written down then (`registered`: month by serial), and
        earlier ones whose receipt was made out now.
        """

        def named_in(receipt: Receipt, gift: Gift) -> str:
            return max(_month(receipt.on), registered[gift.serial])

        named = {(gift.serial, named_in(one, gift)): one for one in self.all for gift in one.gifts}
        found = [
            (gift, named.get((gift.serial, month)))
            for gift in gifts
            if gift.road != "unknown"  # whoever keeps the register has never heard of it
            and (
                registered[gift.serial] == month or (registered[gift.serial] < month and (gift.serial, month) in named)
            )
        ]
        return sorted(found, key=lambda one: one[0].on)


def receipts_of(gifts: Sequence[Gift], dice: Dice) -> Receipts:
    """Receipts of all gifts that came through bank or channel, numbered in the order in which they were made out."""
    drafts = list(_drafts(gifts, dice))
    plain = [one for one in drafts if one.gifts[0].appeal and one.gifts[0].road == "bank"]
    wrong = max(plain, key=attrgetter("on"))
    again = replace(wrong, on=RED_ON + timedelta(days=1))
    red = replace(wrong, on=RED_ON, gifts=())
    ordered = sorted([*drafts, red, again], key=attrgetter("on"))
    number = {id(one): f"{at:010d}" for at, one in enumerate(ordered, _FIRST)}
    numbered = [
        replace(one, number=number[id(one)], red=number[id(red)] if one is wrong else "")
        for one in ordered
        if one is not red
    ]
    return Receipts(tuple(numbered))


def _drafts(gifts: Sequence[Gift], dice: Dice) -> Iterator[Receipt]:
    """A receipt a giver and pledge, up to three days after the last payment; one a month before it."""
    by_pledge: dict[str, list[Gift]] = {}
    for one in gifts:
        if one.pledge:
            by_pledge.setdefault(one.pledge, []).append(one)
        else:
            yield Receipt("", one.on + timedelta(days=dice.below(4)), (one,))
    once = (part[0] for part in by_pledge.values() if len(part) == 1)
    ahead = next((one for one in once if one.road == "bank"), None)
    for part in by_pledge.values():
        before = part[0] is ahead
        day = _middle_of_month_before(part[0].on) if before else _known_on(part[-1]) + timedelta(days=1)
        yield Receipt("", day, tuple(part))


def _known_on(gift: Gift) -> date:
    return IDENTIFIED_ON if gift.road == "unknown" else gift.on


def _middle_of_month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=15)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def cells(receipt: Receipt | None) -> Row:
    """What the register says of a gift's receipt."""
    if receipt is None:
        return {"是否开票": "是"}
    return {"是否开票": "是", "票据号码": receipt.number, "开票日期": receipt.on.isoformat()}


def write_receipts(folder: Path, receipts: Receipts, dice: Dice, dirt: int) -> tuple[Path | None, ...]:
    """The receipt system's export of each month; None where nothing was made out."""
    return tuple(_export(folder / month / "电子票据导出.csv", receipts, month, dice, dirt) for month in MONTHS)


def _export(path: Path, receipts: Receipts, month: str, dice: Dice, dirt: int) -> Path | None:
    rows = [row for one in receipts.all for row in _rows(one, month)]
    if not rows:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, Sheet("", _HEAD, rows, number="票据号码列"), dice, dirt, encoding="gb18030")
    return path


def _rows(one: Receipt, month: str) -> Iterator[Row]:
    """A receipt in the month in which it was made out; once more, with its red letter, when it was taken back."""
    if _month(one.on) == month:
        yield _row(one, {})
    if one.red and month == _month(RED_ON):
        yield _row(one, {"状态": "冲红", "红票号码": one.red})
        red = {"票据号码": one.red, "开票日期": RED_ON.isoformat(), "金额": fen_to_yuan(-one.fen), "状态": "正常"}
        yield _row(one, {**red, "原票号码": one.number, "备注": "交款人名称开具有误"})


def _row(one: Receipt, more: Mapping[str, str]) -> Row:
    return {
        **_SIGNED,
        "票据代码": CODE,
        "票据号码": one.number,
        "校验码": f"{int(one.number) * 7919 % 1_000_000:06d}",
        "开票日期": one.on.isoformat(),
        "交款人": one.payer.name,
        "交款人代码": one.payer.number,
        "数量": "1",
        "金额": fen_to_yuan(one.fen),
        "状态": "正常",
        "复核人": "示例王",
        **more,
    }
