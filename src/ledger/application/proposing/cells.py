"""A clean row's cells in the types that events need."""

from collections.abc import Mapping
from typing import Any

from ledger.application.importing.report import ParsedFile


def whole(values: Mapping[str, Any], name: str) -> int:
    """A whole number (fen, persons, parts); 0 where the cell is empty or the file has no such column."""
    value = values.get(name)
    return value if isinstance(value, int) else 0


def text(values: Mapping[str, Any], name: str) -> str | None:
    """A cell as text; None where it is empty."""
    value = values.get(name)
    return None if value is None else str(value)


def spoilt_names(parsed: ParsedFile, column: str) -> set[str | None]:
    """What the rows that cannot be used say in a column, so that what lacks such a row can be told so; None where one
    does not say it.
    """
    headers = {(one.file, one.sheet): one.header.columns for one in parsed.sheets}
    found: set[str | None] = set()
    for place, texts in parsed.spoilt.items():
        at = next((each.index for each in headers[place.file, place.sheet] if each.column.name == column), len(texts))
        found.add((texts[at] if at < len(texts) else "") or None)
    return found
