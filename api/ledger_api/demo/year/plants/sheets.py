"""How townships answer the check sheets that the bureau gave them: two persons looked, and write what they saw.

A row that nobody planted is left open, so that a doubt without a reason stays to be seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from openpyxl import load_workbook

from ledger.values.dates import Period
from ledger.values.money import fen_to_yuan
from ledger_api.demo.year.plants.cast import CATEGORY_OF, Planted
from ledger_api.demo.year.plants.lists import MONTHS_OF_LISTS
from ledger_api.demo.year.registers.matters import Matter

_HEAD_ROW: Final = 4
_TEST_CHARACTERS: Final = 3
Answers = Mapping[tuple[str, str], Mapping[str, str]]
"""(身份证号, test) -> what is written into the row, by column."""


def answers_of(doubts: Iterable[Planted], matters: Sequence[Matter]) -> Answers:
    """What will be answered to each doubt; what was wrong in money is what must be paid back."""
    due = {(one.case.number, one.category): one.ordered_fen for one in matters}
    found = {}
    for one in doubts:
        month = MONTHS_OF_LISTS[one.test == "T01"]
        signed = {"核查人一": "示例申", "核查人二": "示例酉", "核查日期": f"{month}-28", "乡镇负责人": "示例戌"}
        if one.refuted is not None:
            reason, evidence = one.refuted
            answer = {"核查结果": "不属实", "原因分类": reason, "佐证材料": evidence}
        else:
            yuan = fen_to_yuan(due[one.case.number, CATEGORY_OF[one.test]])
            answer = {
                "核查结果": "属实",
                "认定金额(元)": yuan,
                "应追金额(元)": yuan,
                "处理措施": "停发并追缴",
                "停发月份": str(Period.parse(month).plus(1)),
                "佐证材料": "入户核查记录",
            }
        found[one.id_number, one.test] = {**answer, **signed}
    return found


def fill(path: Path, answers: Answers) -> None:
    """Write the answers into a workbook that came from the bureau."""
    book = load_workbook(path)
    page = book.worksheets[0]
    heads = {page.cell(_HEAD_ROW, n).value: n for n in range(1, page.max_column + 1)}
    for row in range(_HEAD_ROW + 1, page.max_row + 1):
        number, model = (str(page.cell(row, heads[column]).value) for column in ("身份证号", "模型"))
        for column, value in answers.get((number, model[:_TEST_CHARACTERS]), {}).items():
            page.cell(row, heads[column]).value = value
    book.save(path)
