"""Headers as offices write them: `捐赠金额（元）`, `捐赠金额 (元)*` and `捐赠金额/元` are one name with one unit.

Columns are found by name, never by position; half- and full-width parentheses are equal.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.application.importing.fields.plain import CellFault, half_width, plain
from ledger.application.importing.kinds.base import Column, Shape
from ledger.application.importing.tables import CellValue, Merge, RawRow

_UNITS_FEN = {"元": 100, "万元": 1_000_000, "分": 1, "千元": 100_000, "亿元": 10_000_000_000, "人民币元": 100}
_UNIT = re.compile(
    r"(?:\(|/|:|\[)(?:单位:?|[+-])?(?P<unit>人民币元|万元|千元|亿元|元|分)"
    r"(?:/(?:人|户|月|人月|人·月|人\.月|人/月|每人每月|户月))*\)?\]?$"
)
_FIGURES = frozenset("0123456789")
_DECORATION = re.compile(r"[\s*★☆`'\"“”‘’]+")


@dataclass(frozen=True, slots=True)
class HeaderName:
    """A header's name without its unit, and the fen in that unit; None when it names none."""

    base: str
    fen_per_unit: int | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of a table: where it stands, what it is called there, what it means."""

    index: int
    title: str
    column: Column
    fen_per_unit: int | None


@dataclass(frozen=True, slots=True)
class Twice:
    """A column that means what another one of the table is read for, and so is not read itself."""

    index: int
    title: str
    read: MappedColumn


@dataclass(frozen=True)
class Header:
    """A recognised header: its rows, the shape it fits, the columns it maps, and what it names that nobody needs;
    `twice` are those of the unknown that mean what another column already gives, `joined` how many columns are known
    only by the names of both lines together.
    """

    first_row: int
    last_row: int
    shape: Shape
    columns: tuple[MappedColumn, ...]
    unknown: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...] = ()
    twice: tuple[Twice, ...] = ()
    joined: int = 0

    @functools.cached_property
    def places(self) -> tuple[int, ...]:
        """Where its columns stand."""
        return tuple(each.index for each in self.columns)

    @functools.cached_property
    def wordy(self) -> bool:
        """Whether no title begins with a figure."""
        titles = (*(each.title for each in self.columns), *(title for line in self.lines for title in line))
        return not any(header_name(title).base[:1].isdigit() for title in titles)

    @functools.cached_property
    def groups(self) -> tuple[tuple[MappedColumn, ...], ...]:
        """The columns of each group of which a row must fill one in, as far as the table has them."""
        return tuple(
            tuple(each for each in self.columns if each.column.name in group) for group in self.shape.row_groups()
        )

    @functools.cached_property
    def summed(self) -> frozenset[str]:
        """The fields that a sub-total adds up."""
        return frozenset(each.column.name for each in self.columns if each.column.sums)


@functools.lru_cache(maxsize=4096)
def header_name(text: str) -> HeaderName:
    """Splits a header into its name and unit."""
    bare = _DECORATION.sub("", half_width(text))
    found = _UNIT.search(bare)
    if found is None or not found.start():
        return HeaderName(bare.strip(":"), None)
    return HeaderName(bare[: found.start()].strip(":"), _UNITS_FEN[found["unit"]], found["unit"])


@functools.cache
def columns_by_header(shape: Shape) -> Mapping[str, Column]:
    """Every spelling of every header of the shape, without units, to its column; the first column wins."""
    found: dict[str, Column] = {}
    for column in shape.columns:
        for text in column.headers:
            found.setdefault(header_name(text).base, column)
    return found


def titles_of(cells: tuple[CellValue, ...]) -> list[str]:
    """The header texts of a row; a cell that is no text is no header."""
    titles: list[str] = []
    for cell in cells:
        try:
            titles.append(plain(cell) if isinstance(cell, str) else "")
        except CellFault:
            titles.append("")
    return titles


def candidates(upper: RawRow | None, lower: RawRow, merges: tuple[Merge, ...]) -> list[tuple[str, ...]]:
    """For each column its possible names, best first: under the upper line of a two-line header both together, since
    户主 over 姓名 says more than 姓名; then its own. A title over several columns is the name of none of them alone.
    """
    below = titles_of(lower.cells)
    if upper is None:
        return [(title,) if title else () for title in below]
    above, over = _spread(upper, below, merges)
    below += [""] * (len(above) - len(below))
    names: list[tuple[str, ...]] = []
    for high, low, place in zip(above, below, over, strict=True):
        shared = over.count(place) > 1
        options = (_together(high, low), low, "" if shared else high) if low else (high,)
        names.append(tuple(dict.fromkeys(option for option in options if option)))
    return names


def _together(high: str, low: str) -> str:
    """Both lines of a header as one name: 金额(元) over 补发 is 金额补发(元)."""
    group = header_name(high)
    if group.fen_per_unit is None or low[0] in "([（":
        return high + low
    return group.base + low if header_name(low).fen_per_unit else f"{group.base}{low}({group.unit})"


def _spread(upper: RawRow, below: list[str], merges: tuple[Merge, ...]) -> tuple[list[str], list[int]]:
    """The upper line with each title repeated over the columns that it stands over, and where each title stands: the
    columns that it is merged across, or without a merge those to its right that have a name in the lower line only.
    """
    titles = titles_of(upper.cells)
    titles += [""] * (len(below) - len(titles))
    over = list(range(len(titles)))
    ends: set[int] = set()
    for merge in merges:
        if merge.top <= upper.number <= merge.bottom and merge.left < len(titles):
            for index in range(merge.left, min(merge.right + 1, len(titles))):
                if index == merge.left or not titles[index]:
                    titles[index], over[index] = titles[merge.left], merge.left
            ends.add(merge.right)
    for index, low in enumerate(below[1:], start=1):
        if low and not titles[index] and below[index - 1] and index - 1 not in ends:
            titles[index], over[index] = titles[index - 1], over[index - 1]
    return titles, over


@dataclass(frozen=True, slots=True)
class Names:
    """For each column of a header its possible names, best first: as they are `meant`, and as the file has them
    (`own`); `said` are the columns of which somebody said what they mean.
    """

    meant: list[tuple[str, ...]]
    own: list[tuple[str, ...]]
    said: frozenset[int] = frozenset()

    def title(self, index: int, name: str) -> str:
        """What the file calls the column that is meant by a name."""
        meant, own = self.meant[index], self.own[index]
        return own[meant.index(name)] if len(meant) == len(own) else own[0]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a shape makes of a header's columns: those it knows, the titles that it does not read, those of them that
    mean what another column gives, and how many it knows by neither line of a header alone.
    """

    columns: tuple[MappedColumn, ...]
    unknown: tuple[str, ...]
    twice: tuple[Twice, ...]
    joined: int


def map_columns(names: Names, shape: Shape, hidden: frozenset[int]) -> Mapped:
    """The columns that the shape knows and the titles it does not; of two equal headers one that somebody named wins,
    then a visible one.
    """
    known = columns_by_header(shape)
    mapped: dict[str, MappedColumn] = {}
    unknown: list[str] = []
    twice: list[Twice] = []
    joined = 0
    order = sorted(range(len(names.meant)), key=lambda index: (index not in names.said, index in hidden, index))
    for index in order:
        column, name = _known(names.meant[index], known)
        if column is not None and column.name not in mapped:
            title = names.title(index, name)
            unit = header_name(title).fen_per_unit or header_name(name).fen_per_unit
            mapped[column.name] = MappedColumn(index, title, column, unit)
            joined += len(names.meant[index]) > 1 and name == names.meant[index][0]
        elif names.own[index]:
            unknown.append(names.own[index][0])
            if column is not None:
                twice.append(Twice(index, names.title(index, name), mapped[column.name]))
    columns = tuple(sorted(mapped.values(), key=lambda each: each.index))
    return Mapped(columns, tuple(unknown), tuple(twice), joined)


def _known(names: tuple[str, ...], known: Mapping[str, Column]) -> tuple[Column | None, str]:
    for name in names:
        column = known.get(header_name(name).base)
        if column is not None:
            return column, name
    return None, ""


def _half_figures(cells: tuple[CellValue, ...], header: Header) -> bool:
    """Whether so many cells are figures, or begin with one, that no line of a header without any can be meant. It
    is a cheap look that spares most rows the long one.
    """
    if not header.wordy:
        return False
    seen = figures = 0
    for index in header.places:
        cell = cells[index] if index < len(cells) else None
        if cell is not None:
            seen += 1
            figures += type(cell) is not str or cell[:1] in _FIGURES
    return figures > 0 and figures * 2 >= seen


def repeats_header(cells: tuple[CellValue, ...], header: Header) -> bool:
    """Whether a row further down is the same header, or one of its lines, again, as page breaks leave it."""
    if not isinstance(next((cell for cell in cells if cell is not None), None), str) or _half_figures(cells, header):
        return False
    if tuple(title for title in titles_of(cells) if title) in header.lines:
        return True
    seen = same = 0
    for each in header.columns:
        cell = cells[each.index] if each.index < len(cells) else None
        if cell is None:
            continue
        seen += 1
        same += isinstance(cell, str) and header_name(cell).base == header_name(each.title).base
    return same >= 2 and same * 2 > seen
