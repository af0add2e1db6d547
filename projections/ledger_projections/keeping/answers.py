"""Answers: frozen rows with the moment they stand for, and their JSON. Money is integer fen, rates are per mille."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, ClassVar


class Answer:
    """A reader's answer or a part of it; subclasses are frozen dataclasses."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Every field by name; days as YYYY-MM-DD, tuples as lists."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def per_mille(part_fen: int, whole_fen: int) -> int | None:
    """`part` of `whole` in thousandths, half up (四舍五入到 0.1 %), exact in integers; None when there is no whole."""
    if whole_fen <= 0:
        return None
    return (2_000 * part_fen + whole_fen) // (2 * whole_fen)


def per_mille_text(value: int | None) -> str:
    """Thousandths as they are read: 12.5%; a dash where there is no whole."""
    if value is None:
        return "—"
    whole, rest = divmod(abs(value), 10)
    return f"{'-' if value < 0 else ''}{whole}.{rest}%"
