"""What every workbook that this program writes has in common: text that stays text, marked headers, offered words."""

import re
from collections.abc import Sequence
from typing import Any, Final

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What a cell cannot hold (XML 1.0)."""
_FORMULA_SIGNS: Final = frozenset("=+-@\t\r＝＋－＠")


def write_text(cell: Any, text: str) -> None:
    """A text that stays a text, whoever wrote it: no formula, and none either when Excel saves the sheet as CSV and
    opens it again.
    """
    said = _CONTROL.sub("", text)
    cell.value, cell.data_type = said, "s"
    cell.quotePrefix = said[:1] in _FORMULA_SIGNS


def mark_header(cell: Any, fill: PatternFill) -> None:
    """A header that says by its colour who fills in the column."""
    cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
    cell.fill = fill


def offered(words: Sequence[str]) -> DataValidation:
    """A drop-down list of words. Offices have more words than the list; Excel offers these and warns of others."""
    rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
    rule.errorStyle = "warning"
    return rule
