"""Writing tables as offices keep them: titles above, columns in another order in each township, sub-totals and
signatures below, and dirt in the cells that means nothing.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

from ledger.application.importing.kinds.base import WAN_YUAN
from ledger_api.demo.year.people import Dice

Row = Mapping[str, str]
_PACKED: Final = (2024, 1, 1, 0, 0, 0)
"""When an archive says that it was packed: the same files are the same bytes."""
_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whose page it is: the name over its stamp, its maker and checker; `unit` is empty where it tells of no money."""

    name: str
    maker: str
    checker: str
    unit: str = "元"


BUREAU: Final = Keeper("示例县民政局", "示例钱", "示例孙")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its title, its columns in order, its rows by column, and the columns that a sub-total adds up."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[Row]
    sums: tuple[str, ...] = ()
    number: str = "序号"
    """The column that numbers the rows, and in which a sub-total stands."""
    parts_by: str = ""
    """The column by whose values the rows stand together and are added up in between."""
    above: tuple[str, tuple[str, ...]] = ("", ())
    """What stands in a line of its own above some columns, and which."""
    keeper: Keeper = BUREAU

    def page(self, dice: Dice, dirt: int) -> list[list[str]]:
        """All lines as a person keeps them: a title and whose page it is above, signatures below."""
        kept = self.keeper
        unit = ["", f"单位:{kept.unit}"] if kept.unit else []
        above = [[self.title], [f"单位(盖章):{kept.name}", *unit]]
        return [*above, *self.table(dice, dirt), [f"制表:{kept.maker}", "", f"审核:{kept.checker}"]]

    def table(self, dice: Dice, dirt: int) -> list[list[str]]:
        """The header, the rows and their total, as a program exports them; about one row in `dirt` is untidy, none when
        it is 0.
        """
        lines = self._header()
        part: list[Row] = []
        for number, row in enumerate(self.rows, 1):
            if part and self.parts_by and row[self.parts_by] != part[-1][self.parts_by]:
                lines.append(self._sum("小计", part))
                part = []
            part.append(row)
            cells = {**row, self.number: str(number)}
            lines.append([cells.get(column, "") for column in self.head])
            if dirt and dice.one_in(dirt):
                lines[-1] = [_dirty(cell, column, dice) for cell, column in zip(lines[-1], self.head, strict=True)]
        if part and self.parts_by:
            lines.append(self._sum("小计", part))
        if self.sums:
            lines.append(self._sum("合计", self.rows))
        return lines

    def _header(self) -> list[list[str]]:
        """One line, or two where something stands above."""
        title, below = self.above
        if not below:
            return [list(self.head)]
        upper = [(title if column == below[0] else "") if column in below else column for column in self.head]
        return [upper, [column if column in below else "" for column in self.head]]

    def _sum(self, word: str, rows: Sequence[Row]) -> list[str]:
        total = {column: str(sum(Decimal(row[column] or "0") for row in rows)) for column in self.sums}
        return [{self.number: word, **total}.get(column, "") for column in self.head]


def _dirty(cell: str, column: str, dice: Dice) -> str:
    """A cell as a person leaves it: it still says the same."""
    if not cell:
        return cell
    if column.endswith("(元)") or column == "金额":
        return dice.choose((f"{cell}元", f"{Decimal(cell):,.2f}", f" {cell} ", cell))
    if "姓名" in column or column in {"户名", "申请人", "监护人"}:
        return dice.choose((f"{cell[0]}\u3000{cell[1:]}", f"{cell} ", cell))
    if "身份证号" in column:
        return dice.choose((cell.lower(), f"{cell} ", f"'{cell}"))
    if column == "保障人口":
        return cell.translate(_FULL_WIDTH)
    return cell


def wan(fen: int) -> str:
    """万元, as exact as it takes."""
    return format((Decimal(fen) / WAN_YUAN).normalize(), "f")


def write_workbook(path: Path, sheets: Mapping[str, Sheet], dice: Dice, dirt: int) -> None:
    """An Excel workbook with a sheet for each township."""
    book = Workbook(write_only=True)
    for name, sheet in sheets.items():
        page = book.create_sheet(name)
        for line in sheet.page(dice, dirt):
            page.append(line)
    book.save(path)


def write_text(path: Path, sheet: Sheet, dice: Dice, dirt: int, *, encoding: str, delimiter: str = ",") -> None:
    """A text file; its title lines are left out, as programs that export have none."""
    path.write_bytes(_text(sheet, dice, dirt, delimiter).encode(encoding))


def write_archive(path: Path, sheets: Mapping[str, Sheet], dice: Dice, dirt: int) -> None:
    """An archive with a text file for each township, as they are sent together."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, sheet in sheets.items():
            text = _text(sheet, dice, dirt, ",")
            archive.writestr(ZipInfo(f"{name}.csv", _PACKED), text.encode("gb18030"), ZIP_DEFLATED)


def _text(sheet: Sheet, dice: Dice, dirt: int, delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(sheet.table(dice, dirt))
    return stream.getvalue()
