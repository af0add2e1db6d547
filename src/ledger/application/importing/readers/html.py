"""`.xls` files that are really HTML pages with tables, as the banks' old web pages write them.

The standard library's `HTMLParser` reads them; cells that span rows or columns become merged blocks.
"""

import re
from html.parser import HTMLParser

from ledger.application.importing.readers.encodings import decode
from ledger.application.importing.readers.limits import Limits, check_rows, trimmed
from ledger.application.importing.tables import Merge, RawRow, RawTable
from ledger.errors import InputError

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_START = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|meta|table|body|style|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_SNIFF_BYTES = 4096
_SPAN_MAX = 1000
_SPANNED_MAX = 200_000
_SKIPPED = {"style", "script", "title", "xml"}


def looks_like_html(data: bytes) -> bool:
    """Whether the text begins as an HTML page or a bare table."""
    head = data[:_SNIFF_BYTES]
    for encoding in ("utf-8-sig", "utf-16") if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig",):
        if _START.match(head.decode(encoding, "ignore")):
            return True
    return False


def read_html(name: str, data: bytes, limits: Limits) -> list[RawTable]:
    """Every table that holds something; `E_FILE_EMPTY` when none does."""
    parser = _Tables(name, limits)
    parser.feed(_text(name, data))
    parser.close()
    parser.end_table()
    tables = [table for table in parser.tables if table.rows]
    if not tables:
        raise InputError("E_FILE_EMPTY", file=name)
    # Pages lay out the title above the list as a table of its own; one sheet holds them all in their order.
    return tables if len(tables) == 1 else [_joined(tables)]


def _text(name: str, data: bytes) -> str:
    """The page's text: what a `meta` tag claims is tried only when it is one of the four encodings we read."""
    claim = _CHARSET.search(data[:_SNIFF_BYTES])
    if claim and claim[1].lower() in {b"gb2312", b"gbk", b"gb18030"}:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return decode(name, data)[0]


def _joined(tables: list[RawTable]) -> RawTable:
    rows: list[RawRow] = []
    merges: list[Merge] = []
    for table in tables:
        above = rows[-1].number if rows else 0
        rows += [RawRow(row.number + above, row.cells, row.hidden) for row in table.rows]
        merges += [Merge(m.top + above, m.left, m.bottom + above, m.right) for m in table.merges]
    return RawTable(tables[0].file, None, rows, form="html", merges=tuple(merges))


class _Tables(HTMLParser):
    """Collects tables; `taken` are the places that a span from above or from the left has filled."""

    def __init__(self, name: str, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.limits = name, limits
        self.tables: list[RawTable] = []
        self._rows: list[RawRow] = []
        self._merges: list[Merge] = []
        self._taken: set[tuple[int, int]] = set()
        self._number = 0
        self._cells: dict[int, str] | None = None
        self._hidden = False
        self._cell: list[str] | None = None
        self._column = 0
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens a table, a row or a cell; a missing end tag is supplied."""
        if tag in _SKIPPED:
            self._skip += 1
        elif tag == "table":
            self.end_table()
        elif tag == "tr":
            self._end_row()
            self._number += 1
            self._cells = {}
            self._hidden = "display:none" in (dict(attrs).get("style") or "").replace(" ", "").lower()
        elif tag in {"td", "th"}:
            self._start_cell(dict(attrs))
        elif tag in {"br", "p", "div"} and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Closes what is open."""
        if tag in _SKIPPED:
            self._skip = max(0, self._skip - 1)
        elif tag in {"td", "th"}:
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self.end_table()

    def handle_data(self, data: str) -> None:
        """Keeps the text of the open cell."""
        if self._cell is not None and not self._skip:
            self._cell.append(data)

    def end_table(self) -> None:
        """Closes the table and keeps it, however few rows it has."""
        self._end_row()
        if self._rows:
            self.tables.append(RawTable(self.name, None, self._rows, form="html", merges=tuple(self._merges)))
        self._rows, self._merges, self._taken, self._number = [], [], set(), 0

    def _start_cell(self, attrs: dict[str, str | None]) -> None:
        if self._cells is None:
            self._number += 1
            self._cells = {}
        self._end_cell()
        column = max(self._cells, default=-1) + 1
        while (self._number, column) in self._taken:
            column += 1
        self._column, self._cell = column, []
        high, wide = _span(attrs.get("rowspan")), _span(attrs.get("colspan"))
        if high * wide > 1:
            self._merges.append(Merge(self._number, column, self._number + high - 1, column + wide - 1))
            if len(self._taken) + high * wide > _SPANNED_MAX:
                raise InputError("E_FILE_UNREADABLE", file=self.name)
            self._taken |= {(self._number + y, column + x) for y in range(high) for x in range(wide)}

    def _end_cell(self) -> None:
        if self._cell is not None and self._cells is not None:
            self._cells[self._column] = " ".join("".join(self._cell).split())
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells:
            cells = [self._cells.get(column) or None for column in range(max(self._cells) + 1)]
            if kept := trimmed(self.name, self._number, cells, self.limits):
                check_rows(self.name, None, len(self._rows), self.limits)
                self._rows.append(RawRow(self._number, kept, self._hidden))
        self._cells = None


def _span(text: str | None) -> int:
    return max(1, min(int(text), _SPAN_MAX)) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
