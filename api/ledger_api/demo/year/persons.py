"""Rosters of persons as their offices keep them: each scheme has columns of its own, and each township its own order,
its own names for them, sub-totals by village or none, and now and then a header of two lines.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import CHILDREN, TOWNSHIPS, Case
from ledger_api.demo.year.sheets import Row, Sheet, write_archive, write_workbook
from ledger_api.demo.year.targets import YEAR, Target

_FIRST: Final = ("序号", "乡镇", "村")
_LAST: Final = ("代发银行", "银行账号", "新增原因", "备注")
_NET: Final = "实发(元)"
_COLUMNS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "destitute": (
        ("姓名", "身份证号", "供养方式", "自理能力", "护理费领取人/机构", "协议编号"),
        ("基本生活费(元)", "照料护理费(元)", _NET),
    ),
    **dict.fromkeys(
        ("disability_living", "disability_care"),
        (("姓名", "身份证号", "残疾证号", "残疾类别", "残疾等级", "补贴类型"), ("标准(元)", "月数", _NET)),
    ),
    **dict.fromkeys(
        CHILDREN,
        (
            ("姓名", "身份证号", "监护人", "监护人身份证号", "与儿童关系", "安置方式", "认定情形"),
            ("标准(元)", "已领低保金额(元)", "补差(元)", _NET),
        ),
    ),
}
"""Scheme -> its own columns: of the person, and of the money."""
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "村": ("村", "村(社区)", "社区"),
    "姓名": ("姓名", "对象姓名"),
    "身份证号": ("身份证号", "身份证号码"),
    "供养方式": ("供养方式", "供养方式(集中/分散)"),
    "自理能力": ("自理能力", "自理能力(全自理/半护理/全护理)"),
    "补贴类型": ("补贴类型", "补贴类型(生活/护理)"),
    "监护人": ("监护人", "监护人姓名"),
    "基本生活费(元)": ("基本生活费(元)", "基本生活费"),
    "照料护理费(元)": ("照料护理费(元)", "照料护理费"),
    "标准(元)": ("标准(元)", "补贴标准(元)"),
    _NET: (_NET, "实发金额(元)", "本月实发(元)"),
    "代发银行": ("代发银行", "开户行"),
    "银行账号": ("银行账号", "账号"),
}
"""Column -> what townships call it."""
_ABOVE: Final = "发放金额"
_TWO_LINES: Final = 4
_BY_VILLAGE: Final = 3
"""Of so many townships one has a header of two lines, and one adds up its villages."""
_CARE_YUAN: Final = 100
"""What of the amount is for care (照料护理费)."""
_DISABILITIES: Final = ("肢体", "视力", "听力", "言语", "智力", "精神", "多重")
_LIVING: Final = ("一级", "二级", "三级", "四级")
_SEVERE: Final = 2
_FINDINGS: Final = ("父母双方重残", "父亡母失联", "父服刑母失联", "母亡父重残", "父母双方失踪")
_OF_TEN_IN_HOMES: Final = 3
_GRANDPARENT: Final = 1972
"""Who was born by then is a child's grandparent."""


class PersonRosters:
    """Writes the rosters of one programme, each month in the same layouts."""

    def __init__(self, target: Target, dice: Dice, dirt: int) -> None:
        self._target, self._dice, self._dirt = target, dice, dirt
        self._layouts = {name: _layout(target.scheme, at, dice) for at, name in enumerate(TOWNSHIPS)}

    @property
    def name(self) -> str:
        """The file's name: lists without amounts of their own come as an archive of the townships' text files."""
        return f"{self._target.name}花名册.{'zip' if self._row is _disabled else 'xlsx'}"

    def write(self, path: Path, title: str, cases: Sequence[Case], came: Callable[[Case], str]) -> None:
        """The month's list; `came` says why somebody is new on it."""
        sheets = {}
        for township in TOWNSHIPS:
            own = [case for case in cases if case.township == township]
            if own:
                rows = [{**self._row(self._target, case), **_where(case), "新增原因": came(case)} for case in own]
                sheets[township] = self._sheet(township, title, rows)
        write = write_archive if self._row is _disabled else write_workbook
        write(path, sheets, self._dice, self._dirt)

    def _sheet(self, township: str, title: str, rows: Sequence[Row]) -> Sheet:
        head, names, money = self._layouts[township]
        at = TOWNSHIPS.index(township)
        village = names["村"]
        shown = [{names.get(column, column): cell for column, cell in row.items()} for row in rows]
        sheet = Sheet(title, tuple(names.get(column, column) for column in head), shown, (names[_NET],))
        if at % _BY_VILLAGE == 1:
            sheet = replace(sheet, rows=sorted(shown, key=lambda row: row[village]), parts_by=village)
        if at % _TWO_LINES == 1:
            sheet = replace(sheet, above=(_ABOVE, tuple(names.get(column, column) for column in money)))
        return sheet

    @property
    def _row(self) -> Callable[[Target, Case], Row]:
        if self._target.scheme == "destitute":
            return _destitute
        return _child if self._target.scheme in CHILDREN else _disabled


def _layout(scheme: str, at: int, dice: Dice) -> tuple[tuple[str, ...], Mapping[str, str], tuple[str, ...]]:
    """A township's order of columns, its names for them, and the columns of the money, which stand together."""
    person, money = _COLUMNS[scheme]
    tail: list[tuple[str, ...]] = [*((one,) for one in (*person[2:], *_LAST[:2])), money]
    head = [column for part in dice.shuffled(tail) for column in part]
    names = {column: words[at % len(words)] for column, words in _NAMES.items()}
    if scheme in CHILDREN and at % 2:
        names["姓名"] = "儿童姓名"
    return (*_FIRST, *person[:2], *head, *_LAST[2:]), names, money


def _where(case: Case) -> Row:
    return {
        "乡镇": case.township,
        "村": case.village,
        "姓名": case.head.name,
        "身份证号": case.head.id_number,
        _NET: str(case.amount_fen // 100),
        "代发银行": case.receiver.bank,
        "银行账号": case.receiver.account,
    }


def _destitute(_target: Target, case: Case) -> Row:
    """Who lives in a home gives the money for care to it."""
    home = _chance(case) % 10 < _OF_TEN_IN_HOMES
    return {
        "供养方式": "集中" if home else "分散",
        "自理能力": ("全自理", "全自理", "半护理", "全护理")[_chance(case) % 4],
        "基本生活费(元)": str(case.amount_fen // 100 - _CARE_YUAN),
        "照料护理费(元)": str(_CARE_YUAN),
        "护理费领取人/机构": f"{case.township}敬老院" if home else case.head.name,
        "协议编号": f"ZL{YEAR}-{case.number[-5:]}",
    }


def _disabled(target: Target, case: Case) -> Row:
    """A certificate's number is that of the person with the kind and the grade of the disability behind it."""
    living = target.scheme == "disability_living"
    kind = _chance(case) % len(_DISABILITIES)
    grade = _chance(case) // 7 % (len(_LIVING) if living else _SEVERE)
    return {
        "残疾证号": f"{case.head.id_number}{kind + 1}{grade + 1}",
        "残疾类别": _DISABILITIES[kind],
        "残疾等级": _LIVING[grade],
        "补贴类型": "生活" if living else "护理",
        "标准(元)": str(case.amount_fen // 100),
        "月数": "1",
    }


def _child(target: Target, case: Case) -> Row:
    yuan, guardian = str(case.amount_fen // 100), case.receiver
    old = guardian.born.year <= _GRANDPARENT
    kin = ("祖父" if guardian.male else "祖母") if old else ("伯父" if guardian.male else "姑母")
    return {
        "监护人": guardian.name,
        "监护人身份证号": guardian.id_number,
        "与儿童关系": kin,
        "安置方式": "散居",
        "认定情形": "父母双亡" if target.scheme == "orphan" else _FINDINGS[_chance(case) % len(_FINDINGS)],
        "标准(元)": yuan,
        "已领低保金额(元)": "0",
        "补差(元)": yuan,
    }


def _chance(case: Case) -> int:
    """A number of the case's own that stays the same all year."""
    return int(case.head.id_number[8:17]) * 7 // 3
