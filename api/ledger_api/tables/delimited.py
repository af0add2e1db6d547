"""A table as CSV: what a spreadsheet opens and any program reads, and no cell of it a formula.

UTF-8 with a mark, so that Excel reads Chinese; the header, the rows with their kind and tags, and below an empty line
what the table rests on. Numbers are plain: yuan with two places, per cent with one. Source: RFC 4180; OWASP, CSV
injection.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from ledger.catalogue import say
from ledger.values.money import fen_to_yuan
from ledger_api.tables.wording import Wording
from ledger_projections.keeping.answers import per_mille_text
from ledger_projections.summaries.table import Column, Value

MARK: Final = b"\xef\xbb\xbf"
_SIGNS: Final = frozenset("=+-@\t\r\n\x00＝＋－＠")
"""The wide ones too: a spreadsheet set to an East Asian language takes them for the narrow ones."""


def write_csv(wording: Wording) -> bytes:
    """The CSV of a table."""
    table = wording.table
    heads = [*wording.heads, wording.text("行", "row"), say("table_column.trail", wording.language)]
    lines: list[list[str]] = [[as_text(one) for one in heads]]
    for row, texts in zip(table.rows, wording.rows(), strict=True):
        cells = [
            _cell(value, column, text) for value, column, text in zip(row.cells, table.columns, texts, strict=True)
        ]
        lines.append([*cells, row.kind, as_text(" ".join(row.tags))])
    below = [
        (wording.text("表", "Table"), wording.title),
        *((wording.text("口径", "Scope"), one) for one in wording.scopes),
        (wording.text("单位", "Units"), wording.unit_line),
        *((wording.text("说明", "Note"), one) for one in wording.notes),
        *((wording.text("依据", "Grounds"), one) for one in wording.grounds),
    ]
    return csv_bytes([*lines, [], *([as_text(name), as_text(told)] for name, told in below)])


def csv_bytes(lines: Iterable[Sequence[str]]) -> bytes:
    """Lines of cells that are texts already, as UTF-8 with a mark."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerows(lines)
    return MARK + made.getvalue().encode()


def as_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what might be one."""
    said = text.replace("\x00", "")
    return f"'{said}" if text[:1] in _SIGNS or said[:1] in _SIGNS else said


def _cell(value: Value, column: Column, text: str) -> str:
    """A number as programs read it; else the text."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value.isoformat() if isinstance(value, date) else "" if value is None else as_text(text)
    if column.unit in {"fen", "fen_each"}:
        return fen_to_yuan(value)
    if column.unit == "per_mille":
        return per_mille_text(value)
    return str(value)
