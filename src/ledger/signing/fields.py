"""Reading JSON objects strictly: every field named, none missing, none unknown, each of its type.

Each helper takes `where`, the path of the field, and raises InputError with it, so that a person can find the fault.
"""

from collections.abc import Mapping, Sequence

from ledger.errors import InputError
from ledger.signing.canonical import MAX_INTEGER, JsonValue
from ledger.values.text import check_text

MAX_NAME_CHARS = 200


def fields_of(value: JsonValue, names: Sequence[str], where: str) -> Mapping[str, JsonValue]:
    """The object itself when it has exactly these fields; E_FIELD_TYPE, E_FIELD_MISSING or E_FIELD_UNKNOWN."""
    if not isinstance(value, dict):
        raise InputError("E_FIELD_TYPE", field=where, expected="object", found=_kind(value))
    for name in names:
        if name not in value:
            raise InputError("E_FIELD_MISSING", field=f"{where}.{name}")
    for name in value:
        if name not in names:
            raise InputError("E_FIELD_UNKNOWN", field=f"{where}.{name}")
    return value


def list_of(value: JsonValue, where: str) -> Sequence[JsonValue]:
    """A list; E_FIELD_TYPE."""
    if not isinstance(value, list):
        raise InputError("E_FIELD_TYPE", field=where, expected="list", found=_kind(value))
    return value


def text_of(value: JsonValue, where: str) -> str:
    """Any text; E_FIELD_TYPE."""
    if not isinstance(value, str):
        raise InputError("E_FIELD_TYPE", field=where, expected="text", found=_kind(value))
    return value


def name_of(value: JsonValue, where: str) -> str:
    """A name or id: text without blanks that is not empty; E_FIELD_TYPE, E_FIELD_EMPTY, E_FIELD_BLANK, E_TEXT_…."""
    text = check_text(text_of(value, where), MAX_NAME_CHARS, field=where)
    if not text:
        raise InputError("E_FIELD_EMPTY", field=where)
    if any(c.isspace() for c in text):
        raise InputError("E_FIELD_BLANK", field=where)
    return text


def int_of(value: JsonValue, where: str, least: int = 0, most: int = MAX_INTEGER) -> int:
    """A whole number within bounds; E_FIELD_TYPE (a boolean is no number) or E_FIELD_RANGE."""
    if type(value) is not int:
        raise InputError("E_FIELD_TYPE", field=where, expected="integer", found=_kind(value))
    if not least <= value <= most:
        raise InputError("E_FIELD_RANGE", field=where, value=value, min=least, max=most)
    return value


def bool_of(value: JsonValue, where: str) -> bool:
    """A boolean; E_FIELD_TYPE."""
    if type(value) is not bool:
        raise InputError("E_FIELD_TYPE", field=where, expected="boolean", found=_kind(value))
    return value


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {dict: "object", list: "list", str: "text", bool: "boolean", int: "integer"}
    return names.get(type(value), type(value).__name__)
