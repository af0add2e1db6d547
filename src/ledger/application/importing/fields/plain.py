"""The text of a cell without the dirt that spreadsheets, banks and platforms wrap around it."""

import functools
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ledger.application.importing.tables import CellValue
from ledger.errors import InputError

# Line breaks and tabs inside a cell become one blank; marks that nobody can see are dropped.
_SPACES = re.compile(r"[\s\u00a0\u3000\u2000-\u200a\u202f\u205f]+")
_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe]"
)
_MARKS = "`'‘’"
_QUOTED_FORMULA = re.compile(r'="(.*)"$')
_DASHES = frozenset("-—–－/／\\_")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_NARROW = {code: code - 0xFEE0 for first, last in ("０９", "ＡＺ", "ａｚ") for code in range(ord(first), ord(last) + 1)}
_WITHIN = re.compile(r"(?<=[0-9A-Za-z])[－．／：＿＃＊＆＠＋％](?=[0-9A-Za-z])|(?<=[0-9])％")
"""Full-width signs that join digits and letters to one number; beside words they are the writer's punctuation."""
_UNMIXED = re.compile(r"[\x21-\x7e（）［］]+")
_FORMULA_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)


class CellFault(InputError):  # noqa: N818 - it never leaves this room: a WrongCell adds the place and tells it
    """A cell that cannot be read as what its column holds; `code` and `params` say why, all but the place."""


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a cell's meaning may depend on: fen in one unit of the column, and the year of dates without one."""

    fen_per_unit: int = 100
    year: int | None = None


def plain(value: CellValue) -> str:
    """The cell as one clean NFC line; "" for a blank cell. Raises `E_CELL_FORMULA_ERROR` on `#N/A` and its like."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return _plain_number(value)
    if value.isalnum() and value.isascii():
        return value
    return _clean(value)


@functools.lru_cache(maxsize=1 << 15)
def _clean(value: str) -> str:
    """The slow road of `plain`; a column of a large file repeats its texts."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", value))
    text = _SPACES.sub(" ", text).strip(" ")
    quoted = _QUOTED_FORMULA.match(text)
    text = quoted[1] if quoted else text
    while text and text[0] in _MARKS:
        text = text[1:].lstrip(" ")
    if text and text[0] == "#" and text.upper() in _FORMULA_ERRORS:
        raise CellFault("E_CELL_FORMULA_ERROR", value=text)
    return text


def forget_texts() -> None:
    """Empties the memory of cleaned texts: names and numbers of people must not outlive the reading of their file."""
    _clean.cache_clear()


def _plain_number(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def is_dashes(text: str) -> bool:
    """Whether the text only crosses the cell out (`-`, `—`, `/`), which offices write for "nothing here"."""
    return bool(text) and all(mark in _DASHES for mark in text)


def filled(value: CellValue) -> str:
    """The clean text of the cell, "" also when it is crossed out."""
    text = plain(value)
    return "" if text and text[0] in _DASHES and is_dashes(text) else text


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as half-width ones (NFKC)."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def has_wide(text: str) -> bool:
    """Whether there are full-width digits or letters in a text."""
    return not text.isascii() and _WIDE.search(text) is not None


def folded(text: str) -> str:
    """A text with its full-width digits and letters, and the signs between them, as half-width ones; and where it is
    nothing but a number, its brackets. What stands between words stays as it was typed.
    """
    if not has_wide(text):
        return text
    said = _WITHIN.sub(lambda sign: half_width(sign[0]), text.translate(_NARROW))
    return half_width(said) if _UNMIXED.fullmatch(said) else said
