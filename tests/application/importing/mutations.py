"""Ways in which a real file is spoilt: cells, rows, columns, sheets, bytes; all by one seed, so a bad case comes back.

It holds no tests. A `Sheets` is the workbook as it is meant: sheet names to rows of typed cells; a `Mutant` is the file
that came of it.
"""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, Protocol, TypeVar

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.escape import unescape

from ledger.application.importing.checks.lines import safe_text
from tests.application.importing.offices import delimited, html, old_workbook, saved, zipped

Sheets = dict[str, list[list[Any]]]
T = TypeVar("T")


class Dice(Protocol):
    """What a seeded generator of hypothesis offers."""

    def choice(self, seq: Sequence[T]) -> T: ...
    def randint(self, a: int, b: int) -> int: ...


BROKEN: Final = "\ue000"
"""Stands for a control character that no XML may hold; it is put into the finished archive."""
ROWS_APPENDED: Final = 10_000
_CELLS: Final[tuple[Any, ...]] = (
    *(
        "",
        " ",
        "0",
        "-0.00",
        "-1",
        "1e308",
        "1E+400",
        "-1e308",
        "NaN",
        "Infinity",
        "inf",
        "１２．５",
        "1,2,3",
        "12.345",
    ),
    *("9" * 30, "0.1" + "0" * 40, "1/0", "=1/0", "=A1+B1", "=SUM(A:A)", "=HYPERLINK(1)", "#REF!", "#DIV/0!", "#N/A"),
    *(
        "合计",
        "小计",
        "本页小计",
        "制表:某",
        "#说明",
        "备注",
        "二〇二五年九月",
        "2025-02-30",
        "2025-13-01",
        "0000-00-00",
    ),
    *("9999-12-31", "20250931", "45905", "45905.5", "99999", "2025年9月", "24:00:00", "12:60", "是", "否", "×", "—"),
    *("431099194803120016", "4.31099E+17", "431099194803120000", "4310**********0016", "00", "１", "²", "٣", "½"),
    *(
        "\u202e反",
        "\u200b",
        "\xa0",
        "a\nb",
        "a\tb",
        "'",
        '"',
        "`",
        "\\",
        "\ufeff",
        "👨‍👩‍👧",
        "é",
        "x" * 300,
        "字" * 4000,
    ),
    *(BROKEN, f"甲{BROKEN}乙", "\ud800", "<b>&amp;</b>", "]]>", "_x0000_", "_x0001_", "\x7f", "\x85", "\u2028"),
    *(0, 1, -1, 2**31, 2**63, 10**40, 0.1, 1.005, -0.0, 1e308, 1e-308, 5e-324, 123456.789, True, False, None),
    *(
        date(1900, 1, 1),
        date(2025, 9, 30),
        datetime.fromisoformat("2025-09-05T23:59:59"),
        datetime.fromisoformat("9999-12-31T00:00:00"),
        time(15, 2, 11),
    ),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spoilt file. `lines` are how many lines of it say something; None when its bytes were spoilt too."""

    name: str
    data: bytes = field(repr=False)
    said: tuple[str, ...]
    lines: int | None


# ---- cells, rows, columns, sheets


def _rows(dice: Dice, sheets: Sheets) -> list[list[Any]]:
    return sheets[dice.choice(sorted(sheets))]


def _a_cell(dice: Dice, sheets: Sheets) -> str:
    rows = [row for row in _rows(dice, sheets) if row]
    if not rows:
        return "no cell"
    row = dice.choice(rows)
    place, value = dice.randint(0, len(row) - 1), dice.choice(_CELLS)
    row[place] = value
    return f"cell {place} becomes {value!r:.40}"


def _a_column_of_cells(dice: Dice, sheets: Sheets) -> str:
    rows, place = _rows(dice, sheets), dice.randint(0, 12)
    value = dice.choice(_CELLS)
    for row in rows[1:]:
        if place < len(row):
            row[place] = value
    return f"column {place} becomes {value!r:.40}"


def _cells_swapped(dice: Dice, sheets: Sheets) -> str:
    rows = [row for row in _rows(dice, sheets) if len(row) > 1]
    if not rows:
        return "no cells"
    row = dice.choice(rows)
    one, two = dice.randint(0, len(row) - 1), dice.randint(0, len(row) - 1)
    row[one], row[two] = row[two], row[one]
    return f"cells {one} and {two} change places"


def _column_gone(dice: Dice, sheets: Sheets) -> str:
    place = dice.randint(0, 25)
    for row in _rows(dice, sheets):
        del row[place : place + 1]
    return f"column {place} is gone"


def _column_twice(dice: Dice, sheets: Sheets) -> str:
    place = dice.randint(0, 12)
    for row in _rows(dice, sheets):
        row[place:place] = row[place : place + 1]
    return f"column {place} stands twice"


def _header_renamed(dice: Dice, sheets: Sheets) -> str:
    rows = _rows(dice, sheets)
    heads = max(rows, key=len, default=[])
    if not heads:
        return "no header"
    place = dice.randint(0, len(heads) - 1)
    heads[place] = dice.choice(["", "某某", "金额(万元)", "金额（元）", "姓名", "合计", f"{heads[place]}", 1, None])
    return f"header {place} becomes {heads[place]!r}"


def _row_gone(dice: Dice, sheets: Sheets) -> str:
    rows = _rows(dice, sheets)
    if not rows:
        return "no row"
    place = dice.randint(0, len(rows) - 1)
    del rows[place]
    return f"row {place} is gone"


def _row_twice(dice: Dice, sheets: Sheets) -> str:
    rows = _rows(dice, sheets)
    if not rows:
        return "no row"
    source, to = dice.randint(0, len(rows) - 1), dice.randint(0, len(rows))
    rows.insert(to, list(rows[source]))
    return f"row {source} stands again at {to}"


def _rows_turned(dice: Dice, sheets: Sheets) -> str:
    _rows(dice, sheets).reverse()
    return "rows upside down"


def _blank_rows(dice: Dice, sheets: Sheets) -> str:
    rows = _rows(dice, sheets)
    place, count = dice.randint(0, len(rows)), dice.choice([1, 3, ROWS_APPENDED])
    rows[place:place] = [[] for _ in range(count)]
    return f"{count} blank rows at {place}"


def _rubbish_row(dice: Dice, sheets: Sheets) -> str:
    rows = _rows(dice, sheets)
    rows.insert(dice.randint(0, len(rows)), [dice.choice(_CELLS) for _ in range(dice.randint(0, 30))])
    return "a row of rubbish"


def _longer_rows(dice: Dice, sheets: Sheets) -> str:
    rows, width = _rows(dice, sheets), dice.choice([1, 5, 300])
    if rows:
        dice.choice(rows).extend(["x"] * width)
    return f"a row is {width} wider"


def _sheet_emptied(dice: Dice, sheets: Sheets) -> str:
    _rows(dice, sheets).clear()
    return "a sheet is empty"


def _sheet_twice(dice: Dice, sheets: Sheets) -> str:
    name = dice.choice(sorted(sheets))
    sheets[f"{name}2"] = [list(row) for row in sheets[name]]
    return f"sheet {name} stands twice"


def _sheet_of_notes(dice: Dice, sheets: Sheets) -> str:
    sheets["说明"] = [["本表由某某填报"], ["一、", "二、"], [dice.choice(_CELLS) for _ in range(dice.randint(0, 6))]]
    return "a sheet of notes"


SPOIL: Final[tuple[Callable[[Dice, Sheets], str], ...]] = (
    *(_a_cell, _a_cell, _a_cell, _a_cell, _cells_swapped, _a_column_of_cells, _column_gone, _column_twice),
    *(_header_renamed, _row_gone, _row_twice, _rows_turned, _blank_rows, _rubbish_row, _longer_rows),
    *(_sheet_emptied, _sheet_twice, _sheet_of_notes),
)


# ---- files


def _text(cell: Any) -> str:
    """A cell as a text file holds it."""
    if cell is None:
        return ""
    return str(cell).replace(BROKEN, "\x01")


def _legal(cell: Any) -> Any:
    """A cell that openpyxl is willing to write: what it refuses is put in afterwards, or is text."""
    if isinstance(cell, str):
        cell = ILLEGAL_CHARACTERS_RE.sub("", cell).replace("\ud800", "")
        return cell[:32_767]
    return str(cell) if isinstance(cell, int) and abs(cell) > 2**53 else cell


def _xlsx(dice: Dice, sheets: Sheets) -> tuple[bytes, int]:
    """A workbook, perhaps with merged cells, hidden sheets, rows and columns, and characters that XML forbids; and how
    many of its lines say something.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row, 1):
                if cell not in ("", None):
                    page.cell(number, place).value = _legal(cell)
        if dice.randint(0, 4) == 4:
            top, left, down, right = (dice.randint(*ends) for ends in ((1, 6), (1, 8), (0, 4), (0, 4)))
            page.merge_cells(start_row=top, start_column=left, end_row=top + down, end_column=left + right)
        if dice.randint(0, 9) == 9:
            page.row_dimensions[dice.randint(1, 8)].hidden = True
        if dice.randint(0, 9) == 9:
            page.column_dimensions["ABCDEFGH"[dice.randint(0, 7)]].hidden = True
    if len(sheets) > 1 and dice.choice((True, False)):
        book.worksheets[-1].sheet_state = dice.choice(["hidden", "veryHidden"])
    # Counted after merging, which empties the cells that it covers.
    lines = sum(any(map(_says, row)) for page in book.worksheets for row in page.iter_rows(values_only=True))
    data = saved(book)
    if any(BROKEN in str(cell) for rows in sheets.values() for row in rows for cell in row):
        data = _with_control(data)
    return data, lines


def _with_control(data: bytes) -> bytes:
    """Put characters into the XML that it must not hold."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({name: part.replace(BROKEN.encode(), b"&#1;") for name, part in members.items()})


def _xls(sheets: Sheets) -> bytes:
    def cell(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("\ud800", "").replace(BROKEN, "\x01")[:32_000]
        if isinstance(value, bool | float) or value is None:
            return "" if value is None else value
        return value if isinstance(value, date | time) or abs(value) < 2**31 else str(value)

    found = {
        title[:31]: [[cell(one) for one in row[:250]] for row in rows[:60_000]] or [[""]]
        for title, rows in sheets.items()
    }
    return old_workbook(found)


def _first(sheets: Sheets) -> list[list[str]]:
    """The first sheet as text."""
    return [[_text(cell).replace("\ud800", "") for cell in row] for row in next(iter(sheets.values()))]


_TEXTS: Final = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "gbk-or-question-marks")


def _csv(dice: Dice, sheets: Sheets) -> bytes:
    text = delimited(_first(sheets), dice.choice([",", ",", ",", "|", "\t", ";"]))
    coding = dice.choice(_TEXTS)
    return text.encode("gbk", "replace") if coding.startswith("gbk") else text.encode(coding, "replace")


# ---- bytes


def _spoilt_bytes(dice: Dice, data: bytes) -> tuple[bytes, str]:
    """Cut, flipped, doubled, mixed: what a broken stick or a bad download leaves."""
    way = dice.choice(["flip", "middle gone", "stray bytes", "twice", "cut", "zipped", "other head"])
    place = max(0, len(data) * dice.randint(0, 32) // 32 - dice.randint(0, 3))
    if way == "cut":
        return data[:place], way
    if way == "flip":
        changed = bytearray(data)
        changed[place : place + 1] = bytes([dice.randint(0, 255)])
        return bytes(changed), way
    if way == "middle gone":
        return data[:place] + data[place + dice.randint(1, 9) :], way
    if way == "stray bytes":
        return data[:place] + bytes(dice.randint(0, 255) for _ in range(dice.randint(1, 5))) + data[place:], way
    if way == "other head":
        return dice.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"PK\x03\x04", b"<html>", b"\x00\x00", b'"']) + data, way
    return (data + data, way) if way == "twice" else (zipped({"内/表.csv": data, "空.csv": b""}), way)


def _says(cell: Any) -> bool:
    """Whether a workbook's cell says something: a formula that nobody has computed has no value, and what a workbook
    writes as `_x0001_` is a character that nobody sees.
    """
    text = safe_text(unescape(_text(cell))).strip()
    return bool(text) and not (isinstance(cell, str) and cell.startswith("="))


def mutant(dice: Dice, sources: Mapping[str, Sheets]) -> Mutant:
    """A file of one of the sources, spoilt in one to four ways."""
    source = dice.choice(sorted(sources))
    sheets = deepcopy(sources[source])
    said = [source, *(dice.choice(SPOIL)(dice, sheets) for _ in range(dice.randint(1, 4)))]
    form = dice.choice(["csv", "csv", "xlsx", "xlsx", "xlsx", "xls", "html"])
    lines: int | None = None
    if form == "csv":
        data = _csv(dice, sheets)
    elif form == "xlsx":
        data, lines = _xlsx(dice, sheets)
    else:
        data = _xls(sheets) if form == "xls" else html(_first(sheets), charset="utf-8")
    if dice.randint(0, 5) == 5:
        data, way = _spoilt_bytes(dice, data)
        return Mutant(f"{source}.{form}", data, (*said, form, way), None)
    return Mutant(f"{source}.{form}", data, (*said, form), None if BROKEN in str(sheets) else lines)
