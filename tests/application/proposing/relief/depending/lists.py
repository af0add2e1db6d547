"""Lists of one month whose amounts hang on each other: what one gives somebody is the difference to what another gives.

In September everything stands as it may. October's lists of Dibao, of children whom nobody supports and of the
destitute are right together, and in whatever order they come one of them is read before what makes it right.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledger.application.outcomes import Receipt
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, household, id_number

CHILD, DESTITUTE = "unsupported-child", "destitute"
ALONE = (3, 6, 9, 12)
"""Households of one."""
CHILD_STANDARD = 1_200
NAMES = ("低保一.csv", "低保二.csv", "儿童.csv", "特困.csv")


def with_rules(county: County) -> County:
    """The county with a second programme, of which and of Dibao only the difference may be drawn; nobody draws Dibao
    beside what the destitute have.
    """
    opened: dict[str, Any] = {"programme": CHILD, "name": "事实无人抚养儿童", "scheme": "unsupported_child"}
    opened |= {"unit": "person", "fund": "relief", "categories": [], "function_code": "20810", "on": "2025-09-01"}
    papers = {"effective_from": "2025-01", "decided_on": "2024-12-20", "document": "示民发〔2024〕30号"}
    standard = {"programme": CHILD, "category": "事实无人抚养儿童", "amount_fen_per_month": CHILD_STANDARD * 100}
    pairs = ((CHILD, "rural-dibao", "difference"), (DESTITUTE, "rural-dibao", "forbidden"))
    facts: list[tuple[str, dict[str, Any]]] = [
        ("programme.opened", {**opened, "origin": "history"}),
        ("standard.set", {**standard, "tiers_fen": [], **papers, "origin": "history"}),
        *(
            ("exclusion.set", {"programme": one, "other": other, "effect": effect, **papers, "origin": "history"})
            for one, other, effect in pairs
        ),
    ]
    assert isinstance(county.decide(BUREAU, *facts), Receipt)
    return county


def dibao(number: int, income: int | None = None, **cells: str) -> list[str]:
    """A household's row, by its income a head."""
    return household(number, **({} if income is None else {"家庭月人均收入(元)": str(income)}), **cells)


def child(number: int, yuan: int) -> dict[str, str]:
    """A row of the list of children: the householder of a household of one."""
    return {
        "序号": str(number),
        "乡镇": "石岭镇",
        "村": "上坪村",
        "姓名": f"示例户{number}",
        "身份证号": id_number(number),
        "类别": "事实无人抚养儿童",
        "标准": str(CHILD_STANDARD),
        "已领低保金额": str(CHILD_STANDARD - yuan),
        "补差": str(yuan),
        "实发": str(yuan),
    }


def destitute(serial: int, yuan: int = 800) -> dict[str, str]:
    """A row of the list of the destitute."""
    row = {"序号": "1", "乡镇": "石岭镇", "村": "上坪村", "姓名": f"示例人{serial}", "身份证号": id_number(serial)}
    return {**row, "类别": "特困", "标准": str(yuan), "基本生活费": str(yuan), "实发": str(yuan)}


def sheet(*rows: dict[str, str]) -> Grid:
    """Rows as a list with a header."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


SEPTEMBER: dict[str, Grid] = {
    "低保一.csv": [HEAD, *(dibao(number) for number in range(1, 7))],
    "低保二.csv": [HEAD, *(dibao(number) for number in range(7, 13))],
    "儿童.csv": sheet(child(3, 830), child(9, 890)),
    "特困.csv": sheet(destitute(301)),
}
"""Household 3 draws 370 and its child's list 830 to the standard of 1,200; household 9 draws 310 and 890."""
OCTOBER: dict[str, Grid] = {
    "低保一.csv": [
        HEAD,
        *(dibao(number) for number in (1, 2)),
        dibao(3, 50),  # rises to 450
        *(dibao(number) for number in (4, 5)),
        dibao(6, 160, 户主姓名="示例接替", 户主身份证号=id_number(106)),  # 示例户6 left it
    ],
    "低保二.csv": [
        HEAD,
        dibao(7),
        dibao(8),
        dibao(9, 400),
        *(dibao(number) for number in (10, 11, 12)),
    ],  # 9 falls to 100
    "儿童.csv": sheet(child(3, 750), child(9, 1_100)),
    "特困.csv": sheet(destitute(301), {**destitute(6), "姓名": "示例户6"}),
}
"""3 rises in Dibao by what its child's list falls by, 9 the other way round, and 6 goes over to the destitute."""


def written(county: County, grids: Mapping[str, Grid], month: str) -> list[Path]:
    """The lists of a month as files, in their order."""
    return [county.write(f"{month}{name}", grid) for name, grid in grids.items()]
