"""Mutual-aid societies and lottery projects of an invented county, as their registers stood in June and in December."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ledger.values.money import fen_to_yuan
from ledger.values.uscc import uscc_check_character
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.registers.matters import HALVES
from ledger_api.demo.year.roll import TOWNSHIPS, VILLAGES
from ledger_api.demo.year.sheets import Row, Sheet, wan, write_text
from ledger_api.demo.year.targets import YEAR

LINE_FEN: Final = 3_000_000
"""What each society must raise."""
_SOCIETIES: Final = 60
_HEAD: Final = (
    *("序号", "乡镇", "村(社区)", "互助社名称", "登记状态", "统一社会信用代码", "成立日期", "会员数", "开户行", "账号"),
    *("筹资合计(元)", "县级补助(元)", "村集体(元)", "企业乡贤捐赠(元)", "会员互助金(元)", "本年救助户次"),
    *("本年救助金额(元)", "账户余额(元)", "是否达3万元", "负责人", "报账员", "备注"),
)
_PROJECT_HEAD: Final = (
    *("序号", "年度", "资金级次", "资金文号", "下达日期", "预算科目", "项目名称", "使用单位", "使用方向"),
    *("安排金额(万元)", "收款单位", "支付日期", "支付金额(万元)", "累计支付(万元)", "结余(万元)", "执行率", "合同编号"),
    *("凭证号", "受益对象数", "完成情况", "福彩标识", "公示网址或地点", "公示日期", "绩效自评分", "备注"),
)
_PROJECTS: Final = (
    ("中央", "特殊困难老年人居家适老化改造", "县民政局", "扶老", 304_000, 152, 10, "湖南示例适老家居有限公司"),
    ("省级", "石岭镇敬老院消防改造", "石岭镇人民政府", "扶老", 500_000, 48, 8, "湖南示例建设有限公司"),
    ("省级", "老年助餐点建设", "县民政局", "扶老", 240_000, 180, 10, "湖南示例餐饮管理有限公司"),
    ("市级", "残疾人辅助器具适配", "县残疾人联合会", "助残", 185_000, 74, 9, "湖南示例康复器具有限公司"),
    ("县级", "困境儿童关爱服务", "县社工协会", "救孤", 100_000, 130, 10, "示例县社工协会"),
    ("县级", "乡镇社工站服务", "县民政局", "济困", 360_000, 900, 7, "示例县惠民社会工作服务中心"),
)
"""Level, name, user, for whom, yuan of a whole county, persons, the tenths paid by the year's end, and to whom."""
_PAPERS: Final = {"中央": "湘财社指", "省级": "湘财综指", "市级": "示财综指", "县级": "示县财预"}
"""Level -> whose documents allocate it."""
_SILENT: Final = 2
"""The project that bears no mark and was not made public before its payment of December."""
_SURNAMES: Final = "陈李黄刘邓谭周雷曾何"
_GIVEN: Final = ("建华", "志强", "友生", "冬梅", "国平", "小红", "新民")


@dataclass(frozen=True, slots=True)
class Society:
    """One village's society by the year's end; fen. By June it had raised the same and helped nobody yet."""

    number: int
    township: str
    village: str
    members: int
    parts: tuple[int, int, int, int]
    """From the county, the village, donors and members."""
    helped: int
    helped_fen: int
    registered: bool

    @property
    def raised_fen(self) -> int:
        """All that it raised."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Project:
    """One project of the lottery's money; fen."""

    level: str
    name: str
    user: str
    purpose: str
    number: int
    allotted_fen: int
    persons: int
    paid_fen: tuple[int, int]
    """By June and by December."""
    payee: str


def societies_of(scale: Decimal, dice: Dice) -> tuple[Society, ...]:
    """At least two, of which every fifth is below the line and every sixth is not registered."""
    homes = [(township, village) for village in VILLAGES for township in TOWNSHIPS]
    many = min(len(homes), max(2, round(_SOCIETIES * scale)))
    return tuple(_society(number, *home, dice) for number, home in enumerate(homes[:many], 1))


def _society(number: int, township: str, village: str, dice: Dice) -> Society:
    below = number % 5 == 2
    donors = 200_000 if below else 1_000_000 + 100_000 * dice.below(6)
    parts = (1_000_000, 800_000, donors, 200_000 + 10_000 * dice.below(30))
    helped = 0 if below else 1 + dice.below(4)
    members = 40 + dice.below(40)
    registered = number % 6 != 0
    return Society(number, township, village, members, parts, helped, 80_000 * helped, registered)


def projects_of(scale: Decimal) -> tuple[Project, ...]:
    """Every project, of sums of the county's size in whole hundreds of yuan."""
    found = []
    for number, (level, name, user, purpose, yuan, persons, tenths, payee) in enumerate(_PROJECTS, 1):
        fen = max(1, round(yuan * scale / 100)) * 10_000
        paid = (fen * tenths // 30 // 100 * 100, fen * tenths // 10)
        found.append(Project(level, name, user, purpose, number, fen, max(1, round(persons * scale)), paid, payee))
    return tuple(found)


def write_societies(folder: Path, societies: Sequence[Society], dice: Dice, dirt: int) -> tuple[Path, ...]:
    """The societies' register of June and that of December."""
    paths = []
    for half, month in enumerate(HALVES):
        path = folder / f"{YEAR}-{month:02d}" / "互助社台账.csv"
        rows = [_society_row(one, half) for one in societies]
        write_text(path, Sheet("", _HEAD, rows, ("筹资合计(元)",)), dice, dirt, encoding="utf-8-sig")
        paths.append(path)
    return tuple(paths)


def _society_row(one: Society, half: int) -> Row:
    helped, helped_fen = (one.helped, one.helped_fen) if half else (0, 0)
    names = ("县级补助(元)", "村集体(元)", "企业乡贤捐赠(元)", "会员互助金(元)")
    code = f"51431099MJJ{one.number:06d}"
    own = one.number % 4 != 0
    return {
        **{name: fen_to_yuan(fen) for name, fen in zip(names, one.parts, strict=True)},
        "乡镇": one.township,
        "村(社区)": one.village,
        "互助社名称": f"{one.village}救急难互助社",
        "登记状态": "已登记" if one.registered else "备案",
        "统一社会信用代码": code + uscc_check_character(code) if one.registered else "",
        "成立日期": f"{YEAR - 1}-{1 + one.number * 5 % 12:02d}-{1 + one.number * 7 % 28:02d}",
        "会员数": str(one.members),
        "开户行": "示例农商行" if own else "",
        "账号": f"8201050{one.number:010d}" if own else "",
        "筹资合计(元)": fen_to_yuan(one.raised_fen),
        "本年救助户次": str(helped),
        "本年救助金额(元)": fen_to_yuan(helped_fen),
        "账户余额(元)": fen_to_yuan(one.raised_fen - helped_fen),
        "是否达3万元": "是" if one.raised_fen >= LINE_FEN else "否",
        "负责人": _named(one.number),
        "报账员": _named(one.number * 3 + 1),
        "备注": "" if own else "未开户资金在村账",
    }


def _named(number: int) -> str:
    """An invented villager."""
    return _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number // 2 % len(_GIVEN)]


def write_projects(folder: Path, projects: Sequence[Project], dice: Dice, dirt: int) -> tuple[Path, ...]:
    """The projects' register of June and that of December, which states what was paid in all."""
    paths = []
    for half, month in enumerate(HALVES):
        path = folder / f"{YEAR}-{month:02d}" / "福彩公益金项目台账.csv"
        rows = [_project_row(one, half) for one in projects]
        write_text(path, Sheet("", _PROJECT_HEAD, rows), dice, dirt, encoding="gb18030")
        paths.append(path)
    return tuple(paths)


def _project_row(one: Project, half: int) -> Row:
    total, before = one.paid_fen[half], one.paid_fen[half - 1] if half else 0
    rate = Decimal(total) * 100 / one.allotted_fen
    month = f"{YEAR}-{HALVES[half]:02d}"
    return {
        "年度": str(YEAR),
        "资金级次": one.level,
        "资金文号": f"{_PAPERS[one.level]}〔{YEAR}〕{20 + one.number}号",
        "下达日期": f"{YEAR}-0{1 + one.number % 4}-{10 + one.number:02d}",
        "预算科目": "2296002",
        "项目名称": one.name,
        "使用单位": one.user,
        "使用方向": one.purpose,
        "安排金额(万元)": wan(one.allotted_fen),
        "收款单位": one.payee,
        "支付日期": f"{month}-{8 + one.number:02d}",
        "支付金额(万元)": wan(total - before),
        "累计支付(万元)": wan(total),
        "结余(万元)": wan(one.allotted_fen - total),
        "执行率": f"{rate:.1f}%",
        "合同编号": f"HT{YEAR}-{one.number:03d}",
        "凭证号": f"财付-{HALVES[half]:02d}{one.number:02d}",
        "受益对象数": str(one.persons),
        "完成情况": "已完成" if total == one.allotted_fen else "实施中",
        **_shown(one, half, month),
    }


def _shown(one: Project, half: int, month: str) -> Row:
    """Where it was made public; one project was not in June, and bears no mark."""
    if one.number == _SILENT and not half:
        return {"福彩标识": "否"}
    where = "镇政务公开栏" if one.number == _SILENT else "县政府网"
    told = {"公示网址或地点": where, "公示日期": f"{month}-{18 + one.number:02d}"}
    score = {"绩效自评分": str(90 + one.number)} if one.paid_fen[half] == one.allotted_fen else {}
    return {"福彩标识": "否" if one.number == _SILENT else "是", **told, **score}
