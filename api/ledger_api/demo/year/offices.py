"""The files that a county's offices hand over for a month: rosters, who left, pay files, and the banks' answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger_api.demo.year.answers import ANSWER_HEAD, answer
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.persons import PersonRosters
from ledger_api.demo.year.roll import TOWNSHIPS, Case, Leaving, Roll
from ledger_api.demo.year.sheets import Row, Sheet, write_text, write_workbook
from ledger_api.demo.year.targets import MONTHS, NEXT, RAISED, RETURNS, Target, spread

_HOUSEHOLD_HEAD: Final = [
    "序号",
    "乡镇",
    "村(社区)",
    "组",
    "家庭编号",
    "低保证号",
    "户主姓名",
    "户主身份证号",
    "保障类别",
    "保障人口",
    "家庭月人均收入(元)",
    "保障标准(元/人月)",
    "月人均补差(元)",
    "基本保障金(元)",
    "分类施保人数",
    "分类施保金(元)",
    "补发(元)",
    "扣回(元)",
    "本月实发(元)",
    "领款人姓名",
    "领款人身份证号",
    "与户主关系",
    "代发银行",
    "银行账号",
    "联系电话",
    "新增原因",
    "备注",
]
_PAY_HEAD: Final = ("序号", "户名", "账号", "金额", "证件类型", "证件号码", "摘要", "备注")
_EXIT_HEAD: Final = (
    "序号",
    "保障类别",
    "乡镇",
    "村(社区)",
    "家庭编号",
    "户主姓名",
    "身份证号",
    "退出人数",
    "停发月份",
    "退出原因",
    "决定日期",
    "备注",
)
_CAME: Final = ("新申请", "新申请", "主动发现", "新申请", "迁入")
_CAME_ALONE: Final = (*_CAME, "边缘户单人保", "新申请")
_UNSAID: Final = 9
"""One newcomer in so many is on the list without a reason."""
_LATE: Final = 5
"""The month, from 0, in which a payment of the month before comes back."""
_WAYS: Final = 8
_TIER: Final = 2
_EXTRA: Final = 10
_BELOW: Final = 30
"""Yuan that a tier's household has less than the difference would say."""
_FIXED: Final = 3
"""Columns that every township keeps in front."""


@dataclass(frozen=True, slots=True)
class MonthFiles:
    """One programme's files of a month. `exits` are those that took effect with it; the first month has none."""

    roster: Path
    pay_file: Path
    results: tuple[Path, ...]
    """What each bank answers."""
    again: Path | None
    """What was paid again after it had come back."""
    exits: Path | None
    cases: Sequence[Case]
    late: tuple[Path, ...] = ()
    """What came back weeks after the month before had been paid, and was then paid again."""

    @property
    def lists(self) -> list[Path]:
        """Who left, and who is to be paid."""
        return [*([] if self.exits is None else [self.exits]), self.roster]

    @property
    def all(self) -> list[Path]:
        """Every file, in the order in which they are handed in."""
        return [*self.lists, self.pay_file, *self.results, *([] if self.again is None else [self.again])]

    @property
    def total_fen(self) -> int:
        """What the batch pays."""
        return sum(case.total_fen for case in self.cases)


class Offices:
    """Writes the files of one roll, month by month."""

    def __init__(self, folder: Path, roll: Roll, dice: Dice, dirt: int, returns: int = RETURNS) -> None:
        self._folder, self._roll, self._dice, self._dirt = folder, roll, dice, dirt
        self._target = roll.target
        self._returns = spread(returns) if self._target.scheme == "rural_dibao" else spread(0)
        self._persons = PersonRosters(roll.target, dice, dirt) if roll.target.unit == "person" else None
        self._orders = {name: _order(dice) for name in TOWNSHIPS}
        self.returned: list[Case] = []
        """Whose payment came back, and was paid again."""
        self.late: list[Case] = []
        """Whose payment came back late."""

    def month(self, index: int) -> MonthFiles:
        """The files of a month (0 for January)."""
        month, cases = (*MONTHS, NEXT)[index], self._roll.months[index]
        failed = self._failed(index)
        folder = self._folder / month
        folder.mkdir(parents=True, exist_ok=True)
        stem = self._target.name
        files = MonthFiles(
            self._roster(folder, stem, index),
            folder / f"{stem}上盘.csv",
            (*self._answers(folder / f"{stem}回盘", cases, month, failed),),
            self._again(folder / f"{stem}回盘补发.csv", cases, month, failed),
            folder / f"{stem}退出.csv" if index and self._roll.gone[index - 1] else None,
            cases,
            (*self._late(folder, stem, index),),
        )
        if files.exits is not None:
            rows = [_exit(self._target, one, month) for one in self._roll.gone[index - 1]]
            write_text(files.exits, Sheet("", _EXIT_HEAD, rows), self._dice, self._dirt, encoding="utf-8-sig")
        pay = [_pay(self._target, case, month) for case in cases]
        write_text(files.pay_file, Sheet("", _PAY_HEAD, pay), self._dice, self._dirt, encoding="utf-8")
        return files

    def _roster(self, folder: Path, stem: str, index: int) -> Path:
        cases, before = self._roll.months[index], self._roll.months[max(0, index - 1)]
        known = {(case.number, case.head) for case in before} if index else set()
        month = (*MONTHS, NEXT)[index]
        title = f"示例县{month[:4]}年{int(month[5:])}月{stem}资金发放花名册"
        numbers = {number for number, _ in known}

        def came(case: Case) -> str:
            return _came(case) if index and case.number not in numbers else ""

        if self._persons is not None:
            path = folder / self._persons.name
            self._persons.write(path, title, cases, came)
            return path
        path = folder / f"{stem}花名册.xlsx"
        sheets: dict[str, Sheet] = {}
        for name in TOWNSHIPS:
            own = [case for case in cases if case.township == name]
            if own:
                rows = [
                    {**self._household(case, index, known=(case.number, case.head) in known), "新增原因": came(case)}
                    for case in own
                ]
                sheets[name] = Sheet(title, self._orders[name], rows, ("保障人口", "本月实发(元)"))
        write_workbook(path, sheets, self._dice, self._dirt)
        return path

    def _household(self, case: Case, index: int, *, known: bool) -> Row:
        """A row; the ID number of somebody who is known may be masked, as the province's system masks it."""
        masked = known and self._dirt and self._dice.one_in(self._dirt)
        number = case.head.id_number
        shown = f"{number[:4]}{'*' * 10}{number[14:]}" if masked else number
        before = self._target.before_fen if index < RAISED else 0
        standard = (before or self._target.standard_fen) // 100
        return {
            "扣回(元)": str(case.back_fen // 100),
            **_arithmetic(self._target, case, standard),
            "乡镇": case.township,
            "村(社区)": case.village,
            "组": str(case.group),
            "家庭编号": case.number,
            "户主姓名": case.head.name,
            "户主身份证号": shown,
            "保障类别": f"{self._target.name[:2]}{case.grade}类",
            "保障人口": str(case.persons),
            "保障标准(元/人月)": str(standard),
            "补发(元)": str(case.beside_fen // 100),
            "本月实发(元)": str(case.total_fen // 100),
            "备注": case.remark,
            "领款人姓名": case.receiver.name,
            "领款人身份证号": "" if masked else case.receiver.id_number,
            "与户主关系": "本人" if case.payee is None else "亲属",
            "代发银行": case.receiver.bank,
            "银行账号": case.receiver.account,
        }

    def _failed(self, index: int) -> set[str]:
        """Whose payment comes back in a month."""
        if index >= len(MONTHS):
            return set()
        cases = self._roll.months[index]
        failed = {case.number for case in self._dice.shuffled(cases)[: self._returns[index]]}
        self.returned += [case for case in cases if case.number in failed]
        return failed

    def _answers(self, stem: Path, cases: Sequence[Case], month: str, failed: set[str]) -> Iterator[Path]:
        """Two banks answer, each in a file of its own."""
        for bank in ("示例农商行", "示例邮储"):
            own = [case for case in cases if case.receiver.bank == bank]
            rows = [_result(self._target, case, month, "08", failed=case.number in failed) for case in own]
            if rows:
                path = stem.with_name(f"{stem.name}{bank}.txt")
                write_text(path, Sheet("", ANSWER_HEAD, rows), self._dice, 0, encoding="gb18030", delimiter="|")
                yield path

    def _late(self, folder: Path, stem: str, index: int) -> Iterator[Path]:
        """In June one of May's payments comes back, and goes out again."""
        if index != _LATE or self._target.scheme != "rural_dibao":
            return
        before, month = MONTHS[index - 1], MONTHS[index]
        back = {case.number for case in self.returned}
        case = next(case for case in self._roll.months[index - 1] if case.number not in back)
        self.late.append(case)
        for name, day, failed in (("迟退", "05", True), ("迟退补发", "24", False)):
            path = folder / f"{stem}回盘{name}.csv"
            rows = [_result(self._target, case, month, day, failed=failed, of=before)]
            write_text(path, Sheet("", ANSWER_HEAD, rows), self._dice, 0, encoding="utf-8")
            yield path

    def _again(self, path: Path, cases: Sequence[Case], month: str, failed: set[str]) -> Path | None:
        """What came back is paid again on the 24th."""
        rows = [_result(self._target, case, month, "24", failed=False) for case in cases if case.number in failed]
        if not rows:
            return None
        write_text(path, Sheet("", ANSWER_HEAD, rows), self._dice, 0, encoding="utf-8")
        return path


def _arithmetic(target: Target, case: Case, standard: int) -> Row:
    """How the month's amount came about. Of eight households one gets 10 yuan of it a head for a class (分类施保), one
    has an income with jiao, so that the head's amount is rounded up, and in the country one is paid by a tier.
    """
    each, way = case.amount_fen // 100, int(case.number[-5:]) % _WAYS
    extra = _EXTRA if way == 0 else 0
    income = f"{standard - each + extra}"
    if way == 1:
        income += ".40"
    if way == _TIER and target.tiers_fen:
        income = str(max(0, standard - each - _BELOW))
    return {
        "家庭月人均收入(元)": income,
        "月人均补差(元)": str(each - extra),
        "基本保障金(元)": str((each - extra) * case.persons),
        "分类施保人数": str(case.persons if extra else 0),
        "分类施保金(元)": str(extra * case.persons),
    }


def _order(dice: Dice) -> tuple[str, ...]:
    """A township's own order of columns."""
    return (*_HOUSEHOLD_HEAD[:_FIXED], *dice.shuffled(_HOUSEHOLD_HEAD[_FIXED:]))


def _came(case: Case) -> str:
    """Why a household or person is new, as the township writes it; some leave it to be asked for."""
    chance = int(case.number[-5:])
    if chance % _UNSAID == 0:
        return ""
    reasons = _CAME_ALONE if case.persons == 1 else _CAME
    return reasons[chance % len(reasons)]


def _exit(target: Target, one: Leaving, month: str) -> Row:
    household = target.unit == "household"
    return {
        "保障类别": target.name,
        "乡镇": one.case.township,
        "村(社区)": one.case.village,
        "家庭编号": one.case.number if household else "",
        "户主姓名": one.case.head.name,
        "身份证号": one.case.head.id_number,
        "退出人数": str(one.case.persons),
        "停发月份": month,
        "退出原因": one.reason,
    }


def _pay(target: Target, case: Case, month: str) -> Row:
    return {
        "户名": case.receiver.name,
        "账号": case.receiver.account,
        "金额": f"{case.total_fen // 100}.00",
        "证件类型": "身份证",
        "证件号码": case.receiver.id_number,
        "摘要": f"{target.name}{int(month[5:])}月",
        "备注": _mark(target, case),
    }


def _mark(target: Target, case: Case) -> str:
    """What tells the bank's line apart: the household, or whom a guardian is paid for."""
    if target.unit == "household":
        return case.number
    return "" if case.payee is None else case.head.id_number


def _result(target: Target, case: Case, month: str, day: str, *, failed: bool, of: str | None = None) -> Row:
    remark = _mark(target, case)
    return answer(target.bank_code, f"{month}-{day}", case.receiver, case.total_fen, remark, failed=failed, month=of)
