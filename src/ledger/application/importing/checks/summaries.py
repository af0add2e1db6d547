"""The summaries that WeChat and Alipay write under their bills, checked against the rows.

WeChat writes a second header and one row of figures; Alipay writes comment lines, and in its zip a second table.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from ledger.application.importing.checks.lines import safe_text
from ledger.application.importing.fields.money import parse_money
from ledger.application.importing.fields.plain import CellContext, CellFault, half_width
from ledger.application.importing.recognising.headers import header_name
from ledger.application.importing.rows import CleanRow, Note, Place, WrongCell
from ledger.application.importing.tables import RawRow, RawTable, column_letter
from ledger.values.money import fen_to_yuan

Rows = Iterable[CleanRow]


def _sum(field: str) -> Callable[[Rows], int]:
    return lambda rows: sum(_fen(row, field) for row in rows)


def _fen(row: CleanRow, field: str) -> int:
    value = row.values.get(field)
    return value if isinstance(value, int) else 0


def _count(rows: Rows) -> int:
    return sum(1 for _ in rows)


# Every figure by its name; counts are whole numbers, all others are money.
_COUNTS: Mapping[str, Callable[[Rows], int]] = {
    "总交易单数": _count,
    "资金流水总笔数": _count,
    "收入笔数": lambda rows: sum(row.values.get("direction") == "收入" for row in rows),
    "支出笔数": lambda rows: sum(row.values.get("direction") == "支出" for row in rows),
    "交易订单总笔数": lambda rows: sum(not row.values.get("is_refund") for row in rows),
    "退款订单总笔数": lambda rows: sum(bool(row.values.get("is_refund")) for row in rows),
}
_SUMS: Mapping[str, Callable[[Rows], int]] = {
    "应结订单总金额": _sum("settled_fen"),
    "总交易额": _sum("settled_fen"),
    "退款总金额": _sum("refund_fen"),
    "总退款金额": _sum("refund_fen"),
    "充值券退款总金额": _sum("coupon_refund_fen"),
    "手续费总金额": _sum("fee_fen"),
    "订单总金额": _sum("order_fen"),
    "申请退款总金额": _sum("refund_asked_fen"),
    "收入金额": _sum("in_fen"),
    "支出金额": _sum("out_fen"),
}
_ALIPAY_LINE = re.compile(r"#(交易|退款)合计:(\d+)笔,商家实收(?:退款)?共(-?[\d.,]+)元")
_ALIPAY_SUMMARY = frozenset(("交易订单总笔数", "退款订单总笔数", "商家实收"))
_WHOLE_FILE = frozenset(("合计", "总计"))


def check_two_lines(head: RawRow, figures: RawRow | None, place: Place, rows: list[CleanRow]) -> list[WrongCell]:
    """WeChat's summary: names in one line, figures in the next."""
    if figures is None:
        return []
    return _check_named(head, figures, place, rows)


def check_comment(text: str, place: Place, rows: list[CleanRow]) -> list[WrongCell]:
    """Alipay's `#交易合计：2笔，商家实收共150.00元…`; any other comment says nothing."""
    found = _ALIPAY_LINE.match(half_width(text).replace(" ", ""))
    if found is None:
        return []
    refund = found[1] == "退款"
    meant = [row for row in rows if bool(row.values.get("is_refund")) == refund]
    wrong = _compare(place, f"{found[1]}合计笔数", "A", Decimal(found[2]), Decimal(len(meant)))
    stated = parse_money(found[3], CellContext()) or 0
    return wrong + _compare_fen(place, f"{found[1]}合计金额", "A", stated, _sum("received_fen")(meant))


def is_alipay_summary(table: RawTable) -> bool:
    """Whether the table is the `…(汇总).csv` of an Alipay zip."""
    return any(_names(row) >= _ALIPAY_SUMMARY for row in table.rows[:20])


def check_alipay_summary(table: RawTable, rows: list[CleanRow]) -> tuple[list[WrongCell], list[Note]]:
    """The line 合计 of the summary table, against all rows of the bill."""
    head = next((row for row in table.rows[:20] if _names(row) >= _ALIPAY_SUMMARY), None)
    wrong: list[WrongCell] = []
    note = Note(Place(table.file, table.sheet, head.number if head else 1), "W_SUMMARY_CHECKED")
    for row in table.rows:
        if head and row.number > head.number and _WHOLE_FILE & {safe_text(cell) for cell in row.cells}:
            wrong += _check_named(head, row, Place(table.file, table.sheet, row.number), rows)
    return wrong, [note]


def _names(row: RawRow) -> set[str]:
    return {header_name(safe_text(cell)).base for cell in row.cells if isinstance(cell, str)}


def _check_named(head: RawRow, figures: RawRow, place: Place, rows: list[CleanRow]) -> list[WrongCell]:
    wrong: list[WrongCell] = []
    alipay = {"商家实收": _sum("received_fen"), "订单金额": _sum("order_fen")}
    for index, cell in enumerate(head.cells):
        name = header_name(safe_text(cell)).base
        text = figures.cells[index] if index < len(figures.cells) else None
        try:
            if name in _COUNTS:
                stated = parse_money(text, CellContext(fen_per_unit=1))
                computed = _COUNTS[name](rows)
                if stated is not None:
                    wrong += _compare(place, name, column_letter(index), Decimal(stated), Decimal(computed))
            elif name in _SUMS or name in alipay:
                stated = parse_money(text, CellContext())
                computed = (_SUMS.get(name) or alipay[name])(rows)
                if stated is not None:
                    wrong += _compare_fen(place, name, column_letter(index), stated, computed)
        except CellFault as error:
            wrong.append(WrongCell(place, name, column_letter(index), safe_text(text), error.code, error.params))
    return wrong


def _compare_fen(place: Place, name: str, letter: str, stated: int, computed: int) -> list[WrongCell]:
    if stated == computed:
        return []
    params = {
        "stated": fen_to_yuan(stated),
        "computed": fen_to_yuan(computed),
        "difference": fen_to_yuan(stated - computed),
    }
    return [WrongCell(place, name, letter, fen_to_yuan(stated), "E_SUMMARY", params)]


def _compare(place: Place, name: str, letter: str, stated: Decimal, computed: Decimal) -> list[WrongCell]:
    if stated == computed:
        return []
    params = {"stated": int(stated), "computed": int(computed), "difference": int(stated - computed)}
    return [WrongCell(place, name, letter, str(stated), "E_SUMMARY", params)]
