"""What audits and comparisons found: 27 persons who must pay back 91,240 yuan and had paid 83,460 by the year's end,
and the problems that the offices mend for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from ledger.values.money import fen_to_yuan
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import Case, Roll
from ledger_api.demo.year.sheets import Row, Sheet, wan, write_text
from ledger_api.demo.year.targets import MONTHS, YEAR, spread

HALVES: Final = (6, 12)
"""The months whose ends the registers are handed over at."""
DEDUCTED: Final = 7
"""The month, from 0, in which something is kept back of what somebody who owes is due."""
_FOUND: Final = ("05-28", "12-28")
_SERVED: Final = ("06-01", "12-28")
"""When matters of either half were found, and when who must pay was told."""
LOOKED_BACK_ON: Final = f"{YEAR}-12-26"
RELAPSED: Final = "反弹1起"
_RELAPSES: Final = 2
"""The number of the problem that came back."""
_HEAD: Final = (
    *("序号", "线索来源", "违规情形", "乡镇", "村", "姓名", "身份证号", "救助类别", "违规起月", "违规止月"),
    *(
        "应追缴金额(元)",
        "认定文书号",
        "认定日期",
        "告知送达日期",
        "追缴方式",
        "已追缴金额(元)",
        "最近到账日期",
        "缴款凭证号",
    ),
    *("资金去向", "未追缴金额(元)", "未追缴原因", "责任人", "计划完成", "是否移送", "销号日期", "备注"),
)
_MENDING_HEAD: Final = (
    *("序号", "问题来源", "文书名称及文号", "问题类别", "问题描述", "涉及单位", "涉及金额(万元)", "涉及人数"),
    *("整改类型", "整改措施", "牵头领导", "责任单位", "责任人", "整改时限", "整改进展", "已整改金额(万元)"),
    *("金额整改方式", "完善制度", "处理处分人数", "佐证材料", "整改状态", "验收人", "验收日期", "销号日期"),
    *("回头看日期", "回头看结果", "关联认定文书号"),
)


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of wrong: persons, yuan ordered and yuan collected of a whole county; where it was found, how it comes
    back.
    """

    name: str
    persons: int
    ordered: int
    collected: int
    found_by: str
    mode: str
    half: int = 0
    """Whether it was found by June (0), or only at the end of the year (1)."""


CATEGORIES: Final[Sequence[Category]] = (
    Category("死亡后领取", 14, 41_260, 38_260, "数据比对", "转账", 1),
    Category("重复享受或互斥待遇", 5, 12_600, 12_600, "数据比对", "转账"),
    Category("财政供养或稳定收入", 4, 19_440, 19_440, "审计", "转账"),
    Category("财产超标", 3, 13_140, 8_360, "信访", "现金"),
    Category("虚报冒领", 1, 4_800, 4_800, "巡察", "缴国库"),
)


@dataclass(frozen=True, slots=True)
class Matter:
    """One person who must pay back; fen."""

    case: Case
    programme: str
    category: Category
    number: int
    ordered_fen: int
    collected_fen: int
    """By the year's end; in June it is less than half."""
    deducted_fen: int = 0
    """What of it was kept back from the person's own month in August."""

    @property
    def document(self) -> str:
        """The paper that found it."""
        return f"示民核〔{YEAR}〕{self.number}号"

    def paid_on(self, half: int) -> date:
        """The day of what was paid in a half; who was found at the year's end paid at once."""
        late = date.fromisoformat(f"{YEAR}-{_SERVED[1]}")
        return late if self.category.half else date(YEAR, HALVES[half], 1 + self.number % 20)

    def paid_under(self, half: int) -> str:
        """The number of the payment's paper."""
        return f"JK{YEAR}{HALVES[half]:02d}{self.number:04d}"

    def collected_by(self, half: int) -> int:
        """What had come back by the end of June (0) or of the year (1)."""
        return self.collected_fen if half else self.collected_fen // 300 * 100

    def came_in(self, half: int) -> int:
        """What came in within a half, without what was kept back."""
        return self.collected_by(1) - self.collected_by(0) - self.deducted_fen if half else self.collected_by(0)


def matters_of(rolls: Sequence[Roll], founded: Sequence[tuple[Category, Case]], scale: Decimal) -> tuple[Matter, ...]:
    """Everybody whose doubt is founded, category by category; a small county has one of each at least."""
    by_number = {case.number: roll.target.name for roll in rolls for month in roll.months for case in month}
    found: list[Matter] = []
    for category in CATEGORIES:
        people = [case for own, case in founded if own == category]
        if people:
            ordered, collected = _money(category, len(people), scale)
            for case, due, paid in zip(people, ordered, collected, strict=True):
                found.append(Matter(case, by_number[case.number], category, len(found) + 1, due, paid))
    return tuple(found)


def _money(category: Category, many: int, scale: Decimal) -> tuple[list[int], list[int]]:
    """Fen of each: all have paid but the last of a category, who owe what is outstanding."""
    ordered = [yuan * 100 for yuan in spread(max(many, round(category.ordered * scale)), many)]
    left = sum(ordered) - min(sum(ordered), round(category.collected * scale) * 100)
    collected = []
    for due in reversed(ordered):
        collected.append(due - min(due, left))
        left -= min(due, left)
    return ordered, collected[::-1]


def write_recoveries(folder: Path, matters: Sequence[Matter], dice: Dice, dirt: int) -> tuple[Path, ...]:
    """The register of June and that of December."""
    paths = []
    for half, month in enumerate(HALVES):
        path = folder / f"{YEAR}-{month:02d}" / "追缴台账.csv"
        rows = [_recovery(one, half) for one in matters if half >= one.category.half]
        write_text(path, Sheet("", _HEAD, rows, ("应追缴金额(元)", "已追缴金额(元)")), dice, dirt, encoding="gb18030")
        paths.append(path)
    return tuple(paths)


def _recovery(one: Matter, half: int) -> Row:
    paid = one.collected_by(half)
    left, late = one.ordered_fen - paid, one.category.half
    treasury = one.category.mode == "缴国库"
    return {
        "线索来源": one.category.found_by,
        "违规情形": one.category.name,
        "乡镇": one.case.township,
        "村": one.case.village,
        "姓名": one.case.head.name,
        "身份证号": one.case.head.id_number,
        "救助类别": one.programme,
        "违规起月": f"{YEAR - 1}-07",
        "违规止月": f"{YEAR}-03",
        "应追缴金额(元)": fen_to_yuan(one.ordered_fen),
        "认定文书号": one.document,
        "认定日期": f"{YEAR}-{_FOUND[late]}",
        "告知送达日期": f"{YEAR}-{_SERVED[late]}",
        "追缴方式": one.category.mode,
        "已追缴金额(元)": fen_to_yuan(paid),
        "最近到账日期": one.paid_on(half).isoformat() if paid else "",
        "缴款凭证号": one.paid_under(half) if paid else "",
        "资金去向": "缴国库" if treasury else "退回原渠道",
        "未追缴金额(元)": fen_to_yuan(left),
        "未追缴原因": "分期归还" if left else "",
        "责任人": "示例子",
        "计划完成": f"{YEAR}-12-31",
        "是否移送": "否",
    }


def write_deducted(folder: Path, matters: Sequence[Matter], dice: Dice, dirt: int) -> Path | None:
    """The register of August, of whom something was kept back; None where nobody was."""
    path = folder / MONTHS[DEDUCTED] / "追缴台账.csv"
    rows = [_deducted(one) for one in matters if one.deducted_fen]
    if not rows:
        return None
    write_text(path, Sheet("", _HEAD, rows), dice, dirt, encoding="gb18030")
    return path


def _deducted(one: Matter) -> Row:
    paid = one.collected_by(0) + one.deducted_fen
    return {
        **_recovery(one, 0),
        "追缴方式": "抵扣",
        "已追缴金额(元)": fen_to_yuan(paid),
        "最近到账日期": f"{MONTHS[DEDUCTED]}-08",
        "缴款凭证号": f"{MONTHS[DEDUCTED]}花名册扣回",
        "未追缴金额(元)": fen_to_yuan(one.ordered_fen - paid),
    }


def write_rectification(folder: Path, matters: Sequence[Matter], dice: Dice, dirt: int) -> tuple[Path, ...]:
    """The problems behind the recoveries, category by category, as they stood in June and in December."""
    paths = []
    for half, month in enumerate(HALVES):
        path = folder / f"{YEAR}-{month:02d}" / "问题整改台账.csv"
        rows = [_mending(*one, half) for one in _problems(matters) if one[2] and half >= one[1].half]
        write_text(path, Sheet("", _MENDING_HEAD, rows), dice, dirt, encoding="utf-8")
        paths.append(path)
    return tuple(paths)


def _problems(matters: Sequence[Matter]) -> Iterator[tuple[int, Category, Sequence[Matter]]]:
    for number, category in enumerate(CATEGORIES, 1):
        yield number, category, [one for one in matters if one.category == category]


def problem(number: int) -> str:
    """The paper that names a problem."""
    return f"示民整〔{YEAR}〕5号 问题{number}"


def _mending(number: int, category: Category, own: Sequence[Matter], half: int) -> Row:
    ordered, paid = sum(one.ordered_fen for one in own), sum(one.collected_by(half) for one in own)
    done = ordered == paid
    closed = {"验收人": "示例孙", "验收日期": f"{YEAR}-12-20", "销号日期": f"{YEAR}-12-24"} if done else {}
    looked = (
        {"回头看日期": LOOKED_BACK_ON, "回头看结果": RELAPSED if number == _RELAPSES else "没有再发生"}
        if done and half
        else {}
    )
    return {
        **closed,
        **looked,
        "问题来源": category.found_by,
        "文书名称及文号": problem(number),
        "问题类别": "待遇发放不精准",
        "问题描述": f"{len(own)}人{category.name}",
        "涉及单位": "县民政局及有关乡镇",
        "涉及金额(万元)": wan(ordered),
        "涉及人数": str(len(own)),
        "整改类型": "立行立改",
        "整改措施": "逐户核实追缴并建立月度比对",
        "牵头领导": "示例孙",
        "责任单位": "救助股",
        "责任人": "示例钱",
        "整改时限": f"{YEAR}-12-31",
        "整改进展": f"已追缴{fen_to_yuan(paid)}元",
        "已整改金额(万元)": wan(paid),
        "金额整改方式": "追缴",
        "完善制度": "死亡信息月度比对办法",
        "处理处分人数": "0",
        "佐证材料": f"追缴凭证{len(own)}份",
        "整改状态": "已整改" if done else "整改中",
        "关联认定文书号": "、".join(one.document for one in own),
    }
