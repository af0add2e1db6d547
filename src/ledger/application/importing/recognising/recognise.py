"""Which kind of file a table is, told by its set of headers.

A kind fits when every group of headers it needs is there; the kind with most known headers wins. Two kinds that fit
equally well are `E_KIND_AMBIGUOUS`; a table that nearly fits is told which header is missing (`E_HEADER_MISSING`).
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ledger.application.importing.fields.plain import half_width
from ledger.application.importing.kinds.base import FileKind, Shape
from ledger.application.importing.kinds.registry import KINDS
from ledger.application.importing.recognising.added import added_columns
from ledger.application.importing.recognising.headers import (
    Header,
    Names,
    candidates,
    columns_by_header,
    header_name,
    map_columns,
    titles_of,
)
from ledger.application.importing.recognising.renaming import Said, require_one_each
from ledger.application.importing.tables import Merge, RawRow, RawTable
from ledger.errors import InputError

_ROWS_SEARCHED = 40
_HEADERS_MIN = 2
_NEAR_MATCHES_MIN = 3
_NEAR_SHARE = 0.5
_HEADERS_SHOWN = 12
# Tables that look importable and must not be: each with the sentence that says what to bring instead.
_REFUSED: tuple[tuple[str, frozenset[str]], ...] = (
    ("E_PERSONAL_BILL", frozenset(("交易单号", "商户单号", "当前状态", "收/支"))),
    ("E_ALIPAY_ACCOUNT_BILL", frozenset(("账务流水号", "业务流水号", "账户余额"))),
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A table's kind and header."""

    kind: FileKind
    header: Header


@dataclass(frozen=True, slots=True)
class _Fit:
    kind: FileKind
    header: Header
    missing: tuple[str, ...]

    @property
    def fields(self) -> frozenset[str]:
        """What it reads, by the fields' names."""
        return frozenset(each.column.name for each in self.header.columns)

    @property
    def score(self) -> tuple[bool, int, bool, int]:
        """Complete before incomplete, then more known headers, then two lines of which the lower one holds parts of
        the upper one's names, then fewer headers left over.
        """
        return not self.missing, len(self.header.columns), self.header.joined > 0, -len(self.header.unknown)


def recognise(table: RawTable, kind: FileKind | None = None, said: Said | None = None) -> Recognised:
    """The table's kind and header, or of the given kind the header alone; `said` is what somebody says that its columns
    mean. Raises the codes named above, and E_COLUMN_TWICE.
    """
    rows = [row for row in table.rows[:_ROWS_SEARCHED] if not row.is_blank]
    _refuse_known(table, rows)
    kinds = (kind,) if kind else tuple(KINDS.values())
    fits = sorted(_fits(table, rows, kinds, said), key=lambda fit: fit.score, reverse=True)
    if not fits or not fits[0].header.columns:
        raise _unknown(table, rows)
    best = fits[0]
    require_one_each(table, said, best.kind, best.header)
    if best.missing:
        raise _incomplete(table, rows, best, given=kind is not None)
    rivals = {fit.kind.name for fit in fits if fit.score[:2] == best.score[:2]}
    if len(rivals) > 1:
        raise InputError("E_KIND_AMBIGUOUS", file=table.file, sheet=table.sheet or "-", kinds="、".join(sorted(rivals)))
    return Recognised(best.kind, best.header)


def _fits(table: RawTable, rows: list[RawRow], kinds: Iterable[FileKind], said: Said | None) -> Iterator[_Fit]:
    """Every header row of every shape; a one-line header comes before a two-line one that maps no more. What the upper
    line alone is known by is not given up for parts below it: then nobody can tell which part it means.
    """
    above: dict[int, frozenset[str]] = {}
    for position, row in enumerate(rows):
        upper = rows[position - 1] if position and rows[position - 1].number >= row.number - 2 else None
        one = _names(None, row, table.merges, said)
        two = _names(upper, row, table.merges, said) if upper else Names([], [])
        before, above = above, {}
        if not _names_columns(one) and not _names_columns(two):
            continue
        parts = upper is not None and _only_words(row)
        low = _titles(row)
        high = _titles(upper) if upper is not None else ()
        for kind in kinds:
            for shape in kind.shapes:
                single = _fit(kind, shape, one, {row.number: low}, table.hidden_columns)
                yield single
                above[id(shape)] = single.fields
                if upper is None or not (single.header.columns or parts):
                    continue
                double = _fit(kind, shape, two, {upper.number: high, row.number: low}, table.hidden_columns)
                more = double.score[:2] > single.score[:2] and before.get(id(shape), frozenset()) <= double.fields
                if more and (single.header.columns or double.header.joined):
                    yield double


def _only_words(row: RawRow) -> bool:
    """Whether a row can be a header's lower line of which no name is known alone, as 人数 and 金额 under 分类施保; a
    row of data has figures.
    """
    cells = [cell for cell in row.cells if cell not in {None, ""}]
    return all(isinstance(cell, str) and not half_width(cell).strip()[:1].isdigit() for cell in cells)


def _names(upper: RawRow | None, row: RawRow, merges: tuple[Merge, ...], said: Said | None) -> Names:
    own = _table_only(candidates(upper, row, merges), row)
    if said is None:
        return Names(own, own)
    meant = _table_only(candidates(said.in_place_of(upper), said.in_place_of(row) or row, merges), row)
    changed = frozenset(index for index, names in enumerate(meant) if names != own[index])
    here = said.row.number in {row.number, upper.number if upper else row.number}
    return Names(meant, own, changed | said.places if here else frozenset())


def _table_only(names: list[tuple[str, ...]], row: RawRow) -> list[tuple[str, ...]]:
    """Without the columns that this program adds to wrong rows."""
    added = added_columns(titles_of(row.cells))
    return [() if index in added else options for index, options in enumerate(names)] if added else names


@functools.cache
def _all_headers() -> frozenset[str]:
    """Every name that any kind knows a column by."""
    return frozenset(name for kind in KINDS.values() for shape in kind.shapes for name in columns_by_header(shape))


def _names_columns(names: Names) -> bool:
    """Whether at least two columns have a known name; a row of data has hardly ever one."""
    known = _all_headers()
    return sum(any(header_name(name).base in known for name in options) for options in names.meant) >= _HEADERS_MIN


def _titles(row: RawRow) -> tuple[str, ...]:
    return tuple(title for title in titles_of(row.cells) if title)


def _fit(
    kind: FileKind, shape: Shape, names: Names, rows: Mapping[int, tuple[str, ...]], hidden: frozenset[int]
) -> _Fit:
    """What a shape makes of a header; `rows` are its lines, number -> titles, the same for every shape."""
    mapped = map_columns(names, shape, hidden)
    found = {each.column.name for each in mapped.columns}
    missing = tuple(_title(shape, group) for group in shape.groups() if not found & set(group))
    lines = tuple(rows.values())
    header = Header(min(rows), max(rows), shape, mapped.columns, mapped.unknown, lines, mapped.twice, mapped.joined)
    return _Fit(kind, header, missing)


def _title(shape: Shape, group: tuple[str, ...]) -> str:
    """How a missing group is named to the user: its columns' usual headers."""
    return " / ".join(column.headers[0] for column in shape.columns if column.name in group)


def _refuse_known(table: RawTable, rows: list[RawRow]) -> None:
    for row in rows:
        names = {header_name(title).base for title in titles_of(row.cells)}
        for code, signature in _REFUSED:
            if signature <= names:
                raise InputError(code, file=table.file, sheet=table.sheet or "-", row=row.number)


def _incomplete(table: RawTable, rows: list[RawRow], best: _Fit, *, given: bool) -> InputError:
    """A table that nearly fits lacks a header; one that hardly fits is of no known kind."""
    groups = best.header.shape.groups()
    near = len(best.header.columns) >= _NEAR_MATCHES_MIN and len(best.missing) <= len(groups) * _NEAR_SHARE
    if not given and not near:
        return _unknown(table, rows)
    return InputError(
        "E_HEADER_MISSING" if near else "E_KIND_NOT_FOUND",
        file=table.file,
        sheet=table.sheet or "-",
        row=best.header.last_row,
        kind=best.kind.title_zh,
        column="、".join(best.missing),
    )


def _unknown(table: RawTable, rows: list[RawRow]) -> InputError:
    widest = max(rows, key=lambda row: sum(1 for title in titles_of(row.cells) if title), default=None)
    seen = [title for title in titles_of(widest.cells) if title] if widest else []
    shown = "、".join(title[:20] for title in seen[:_HEADERS_SHOWN])
    return InputError("E_KIND_UNKNOWN", file=table.file, sheet=table.sheet or "-", headers=shown)
