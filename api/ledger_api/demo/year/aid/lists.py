"""The rows of the lists: invented people, households and groups, and how a month's file shows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ledger_api.demo.year.aid.targets import AID, AidTarget, Part
from ledger_api.demo.year.answers import ANSWER_HEAD, answer
from ledger_api.demo.year.people import Dice, Person
from ledger_api.demo.year.roll import TOWNSHIPS
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS, YEAR, spread

_HEAD: Final = (
    *("序号", "救助项目", "乡镇", "审批编号", "申请人", "身份证号", "救助人数", "救助原因", "救助方式", "救助金额(元)"),
    *("审批日期", "审批文号", "发放日期", "凭证号", "收款单位", "备注"),
)
_INSURER: Final = "示例人寿保险股份有限公司"
_SIZES: Final = (1, 1, 2, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Help:
    """One row: who was helped, how, with how many yuan."""

    programme: str
    case_no: str
    head: Person
    name: str
    township: str
    persons: int
    how: str
    yuan: int
    day: int

    @property
    def fen(self) -> int:
        """The amount in fen."""
        return self.yuan * 100


@dataclass(frozen=True, slots=True)
class AidFiles:
    """One programme's list of a month; `result` is the bank's answer where a bank pays."""

    target: AidTarget
    month: str
    path: Path
    result: Path | None
    rows: Sequence[Help]

    @property
    def total_fen(self) -> int:
        """What the list gives."""
        return sum(row.fen for row in self.rows)


def aid_of(folder: Path, scale: Decimal, dice: Dice, dirt: int) -> tuple[AidFiles, ...]:
    """Every list of the year, written, month by month."""
    made = [one for target in AID for one in _year(target.scaled(scale), dice)]
    return tuple(_written(folder, *one, dice, dirt) for one in sorted(made, key=lambda one: one[1]))


def _year(target: AidTarget, dice: Dice) -> Iterator[tuple[AidTarget, str, Sequence[Help]]]:
    """A programme's lists: its rows over its months, the last months getting one more where they do not divide."""
    number = 0
    monthly: dict[int, list[Help]] = {month: [] for month in target.months}
    for part in target.parts:
        sizes, amounts = _shares(target, part, dice)
        at = 0
        for month, rows in zip(target.months, reversed(spread(part.rows, len(target.months))), strict=True):
            for _ in range(rows):
                number += 1
                monthly[month].append(_help(target, part, (number, at), (sizes[at], amounts[at]), dice))
                at += 1
    yield from ((target, MONTHS[month - 1], rows) for month, rows in monthly.items() if rows)


def _shares(target: AidTarget, part: Part, dice: Dice) -> tuple[Sequence[int], Sequence[int]]:
    """Persons and yuan of each row: as even as whole numbers are, the larger ones first."""
    if target.grouped:
        sizes = spread(part.persons, part.rows)
        return sizes, [size * (part.total_yuan // part.persons) for size in sizes]
    return [part.persons or dice.choose(_SIZES) for _ in range(part.rows)], spread(part.total_yuan, part.rows)


def _help(target: AidTarget, part: Part, numbers: tuple[int, int], said: tuple[int, int], dice: Dice) -> Help:
    (number, at), (persons, yuan) = numbers, said
    township = TOWNSHIPS[at % len(TOWNSHIPS)] if target.grouped else dice.choose(TOWNSHIPS)
    head = dice.person(2000, 2010) if target.scheme == "scholarship" else dice.person(1945, 1990)
    name = f"{township}社会事务办" if target.grouped else head.name
    case_no = f"{target.letters}{YEAR}{number:05d}"
    return Help(target.programme, case_no, head, name, township, persons, part.how, yuan, 10 + dice.below(17))


def _written(folder: Path, target: AidTarget, month: str, rows: Sequence[Help], dice: Dice, dirt: int) -> AidFiles:
    path = folder / month / f"{target.name}发放表.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = [_row(target, month, one) for one in rows]
    write_text(path, Sheet("", _HEAD, shown, ("救助金额(元)",)), dice, dirt, encoding="gb18030")
    result = path.with_name(f"{target.name}回盘.csv") if target.by_bank else None
    if result is not None:
        answers = [answer(target.by_bank, f"{month}-08", one.head, one.fen, one.case_no) for one in rows]
        write_text(result, Sheet("", ANSWER_HEAD, answers), dice, 0, encoding="utf-8")
    return AidFiles(target, month, path, result, rows)


def _row(target: AidTarget, month: str, one: Help) -> Row:
    return {
        "救助项目": target.name,
        "乡镇": one.township,
        "审批编号": one.case_no,
        "申请人": one.name,
        "身份证号": "" if target.grouped else one.head.id_number,
        "救助人数": str(one.persons),
        "救助原因": target.reason[int(one.case_no[-5:]) % len(target.reason)],
        "救助方式": one.how,
        "救助金额(元)": str(one.yuan),
        "审批日期": f"{month}-02",
        "审批文号": f"示民发〔{YEAR}〕{int(month[5:]):d}号",
        "发放日期": "" if target.by_bank else f"{month}-{one.day:02d}",
        "收款单位": _INSURER if target.scheme == "insurance" else "",
    }
