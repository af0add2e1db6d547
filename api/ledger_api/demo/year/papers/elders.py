"""The allowance for the very old (高龄津贴), paid once a quarter: its lists, what the banks answer, and how it is paid.

It is no relief of the poor: another fund pays it, and the total of 困难群众救助补助资金 does not take it in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ledger_api.demo import setup_facts
from ledger_api.demo.acts import CLERK
from ledger_api.demo.year.answers import ANSWER_HEAD, answer
from ledger_api.demo.year.desk import TRANSIT, Desk
from ledger_api.demo.year.people import Dice, Person
from ledger_api.demo.year.roll import TOWNSHIPS, VILLAGES
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS, YEAR

Fields = dict[str, Any]
PROGRAMME: Final = "elder-allowance"
NAME: Final = "高龄津贴"
MONTHLY_FEN: Final = 100_00
_QUARTER: Final = 3
_CENTURY: Final = 100
_OLD: Final = 1_200
_JOINING: Final = 12
"""Persons of a whole county at the year's beginning, and how many more there are in each later quarter."""
_RARE: Final = 8
"""One in so many may be of a hundred or more."""
_ON: Final = f"{YEAR}-01-01"
_HEAD: Final = (
    *("序号", "乡镇", "村", "姓名", "身份证号", "类别", "年龄段", "季度", "标准(元)", "实发(元)", "代发银行"),
    *("银行账号", "备注"),
)


@dataclass(frozen=True, slots=True)
class Elder:
    """Somebody of ninety or more."""

    person: Person
    township: str
    village: str


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter's list: who is on it, and its files, handed in with its last month."""

    month: str
    elders: tuple[Elder, ...]
    roster: Path
    result: Path

    @property
    def total_fen(self) -> int:
        """What it pays."""
        return len(self.elders) * _QUARTER * MONTHLY_FEN


def quarters_of(folder: Path, scale: Decimal, dice: Dice, dirt: int) -> tuple[Quarter, ...]:
    """The four lists, written."""
    more = max(1, round(_JOINING * scale))
    elders = [_elder(dice) for _ in range(max(2, round(_OLD * scale)))]
    found = []
    for month in MONTHS[_QUARTER - 1 :: _QUARTER]:
        found.append(_written(folder / month, month, tuple(elders), dice, dirt))
        elders += [_elder(dice) for _ in range(more)]
    return tuple(found)


def _elder(dice: Dice) -> Elder:
    return Elder(dice.person(1919 if dice.one_in(_RARE) else 1924, 1933), dice.choose(TOWNSHIPS), dice.choose(VILLAGES))


def _written(folder: Path, month: str, elders: Sequence[Elder], dice: Dice, dirt: int) -> Quarter:
    folder.mkdir(parents=True, exist_ok=True)
    made = Quarter(month, tuple(elders), folder / f"{NAME}花名册.csv", folder / f"{NAME}回盘.csv")
    rows = [_row(one, month) for one in elders]
    write_text(made.roster, Sheet("", _HEAD, rows, ("实发(元)",)), dice, dirt, encoding="gb18030")
    paid = [answer("GL", f"{month}-20", one.person, _QUARTER * MONTHLY_FEN, "") for one in elders]
    write_text(made.result, Sheet("", ANSWER_HEAD, paid), dice, 0, encoding="utf-8")
    return made


def _row(one: Elder, month: str) -> Row:
    return {
        "乡镇": one.township,
        "村": one.village,
        "姓名": one.person.name,
        "身份证号": one.person.id_number,
        "类别": NAME,
        "年龄段": "100岁以上" if YEAR - one.person.born.year > _CENTURY else "90—99岁",
        "季度": f"{int(month[5:]) // _QUARTER}季度",
        "标准(元)": str(MONTHLY_FEN // 100),
        "实发(元)": str(_QUARTER * MONTHLY_FEN // 100),
        "代发银行": one.person.bank,
        "银行账号": one.person.account,
    }


def setup(quarters: Sequence[Quarter]) -> Iterator[tuple[str, Fields]]:
    """Its fund with the county's document, the programme and its standard."""
    yield setup_facts.fund("elders", "高龄津贴资金", "fiscal", "高龄津贴", on=_ON)
    named = {"programme": PROGRAMME, "name": NAME, "scheme": "elder_allowance", "unit": "person"}
    fields = {"function_code": "20810", "fund": "elders", "categories": [NAME]}
    yield "programme.opened", {**named, **fields, "on": _ON, "origin": "history"}
    papers = {"decided_on": f"{YEAR - 1}-12-20", "document": f"示民发〔{YEAR - 1}〕31号", "origin": "history"}
    amounts = {"amount_fen_per_month": MONTHLY_FEN, "tiers_fen": [], "effective_from": f"{YEAR}-01"}
    yield "standard.set", {"programme": PROGRAMME, "category": NAME, **amounts, **papers}
    quota = {"document": f"示财预〔{YEAR}〕26号", "fund": "elders", "level": "county", "budget_code": "20810"}
    rest = {"fiscal_year": YEAR, "carried_over": False, "direct": False, "occurred_on": _ON}
    yield "appropriation.received", {**quota, **rest, "amount_fen": sum(one.total_fen for one in quarters)}


def pay(desk: Desk, quarters: Sequence[Quarter], month: str) -> None:
    """The list of a quarter that ends with the month goes its way, and the banks answer."""
    for one in quarters:
        if one.month == month:
            desk.read(CLERK, [one.roster], month)
            desk.county.sign_off()
            desk.county.send(f"{PROGRAMME}-{month}-01", month, TRANSIT, len(one.elders), one.total_fen)
            desk.read(CLERK, [one.result], month)
            desk.county.sign_off()
