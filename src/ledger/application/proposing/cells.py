"""A clean row's cells in the types that events need."""

from collections.abc import Mapping
from typing import Any


def whole(values: Mapping[str, Any], name: str) -> int:
    """A whole number (fen, persons, parts); 0 where the cell is empty or the file has no such column."""
    value = values.get(name)
    return value if isinstance(value, int) else 0


def text(values: Mapping[str, Any], name: str) -> str | None:
    """A cell as text; None where it is empty."""
    value = values.get(name)
    return None if value is None else str(value)
