"""The charity's register of publications: the gala's result was told in time, that of the appeal late."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger_api.demo.acts import ACCOUNTANT
from ledger_api.demo.year.desk import Desk
from ledger_api.demo.year.giving.gifts import APPEAL, CAMPAIGN
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import YEAR

_HEAD: Final = ("序号", "公开编号", "公开事项", "公开对象", "起算日期", "公开日期", "公开网址或地点", "责任人", "备注")
_IN_TIME: Final = (f"GK{YEAR}-01", "募捐结果", CAMPAIGN, f"{YEAR}-06-30", f"{YEAR}-08-15")
LATE: Final = (f"GK{YEAR}-02", "募捐结果", APPEAL, f"{YEAR}-08-20", f"{YEAR}-12-10")
"""Three months after the appeal's end were over on 20 November."""
_REGISTERS: Final = {f"{YEAR}-08": (_IN_TIME,), f"{YEAR}-12": (_IN_TIME, LATE)}


def write_disclosures(folder: Path, dice: Dice, dirt: int) -> Mapping[str, Path]:
    """Month -> the register as it stood at its end."""
    found = {}
    for month, rows in _REGISTERS.items():
        path = folder / month / "信息公开台账.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, Sheet("", _HEAD, [_row(*one) for one in rows]), dice, dirt, encoding="utf-8-sig")
        found[month] = path
    return found


def _row(number: str, matter: str, subject: str, since: str, published: str) -> Row:
    said = {"公开编号": number, "公开事项": matter, "公开对象": subject, "起算日期": since, "公开日期": published}
    return {**said, "公开网址或地点": "全国慈善信息公开平台", "责任人": "示例王"}


def hand_in(desk: Desk, files: Mapping[str, Path], month: str) -> None:
    """The register of a month, where there is one."""
    if month in files:
        desk.read(ACCOUNTANT, [files[month]], month)
        desk.county.sign_off()
