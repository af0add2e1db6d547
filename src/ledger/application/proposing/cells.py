"""A clean row's cells in the types that events need."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ledger.application.importing.fields.plain import CellContext, CellFault
from ledger.application.importing.recognising.headers import MappedColumn
from ledger.application.importing.report import ParsedFile
from ledger.values.text import without_personal


def whole(values: Mapping[str, Any], name: str) -> int:
    """A whole number (fen, persons, parts); 0 where the cell is empty or the file has no such column."""
    value = values.get(name)
    return value if isinstance(value, int) else 0


def text(values: Mapping[str, Any], name: str) -> str | None:
    """A cell as text; None where it is empty."""
    value = values.get(name)
    return None if value is None else str(value)


def hidden(values: Mapping[str, Any], name: str) -> str | None:
    """What a bank or a channel wrote into a cell, without anybody's number: it is evidence, and nobody can mend it."""
    said = text(values, name)
    return None if said is None else without_personal(said)


def spoilt_names(parsed: ParsedFile, column: str, shape: str | None = None) -> set[str | None]:
    """What the rows that cannot be used (of one shape, where it is given) say in a column, so that what lacks such a
    row can be told so; None where one does not say it.
    """
    return {row.get(column) for row in spoilt_rows(parsed, (column,), shape)}


def spoilt_rows(parsed: ParsedFile, columns: Collection[str], shape: str | None = None) -> Iterator[dict[str, str]]:
    """What the rows that cannot be used (of one shape, where it is given) say in some columns, each cell read as it is
    in any other row; what one does not say is left out.
    """
    headers = {(one.file, one.sheet): one.header for one in parsed.sheets}
    for place, texts in parsed.spoilt.items():
        header = headers[place.file, place.sheet]
        if shape is None or header.shape.name == shape:
            wanted = [one for one in header.columns if one.column.name in columns and one.index < len(texts)]
            read = {one.column.name: _read(one, texts[one.index]) for one in wanted}
            yield {name: said for name, said in read.items() if said is not None}


def _read(each: MappedColumn, said: str) -> str | None:
    try:
        return str(each.column.type.parse(said, CellContext()) or "") or None
    except CellFault:
        return None
