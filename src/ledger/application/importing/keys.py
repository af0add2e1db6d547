"""The key by which a row is known again: from what it says, never from where it stands.

The same file in another format, order, encoding or name gives the same keys, so that importing it again adds nothing;
two honest equal rows of one file have the ordinals 0 and 1 and are both kept. Keys that could tell of a person are
digests; with a book's own `secret` nobody can confirm a guessed ID from a key (BLAKE2b, RFC 7693).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ledger.application.importing.fields.identity import is_serial
from ledger.application.importing.kinds.base import KeyRule, Shape
from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.rows import CleanRow
from ledger.errors import InputError
from ledger.signing.canonical import canonical
from ledger.signing.digests import blake2b_commit

NO_SECRET = bytes(32)
_RUNNING_NUMBER = "seq"
_TO_THE_MINUTE = len("2025-09-05T20:11")


def row_key(kind: str, row: CleanRow, ordinal: int, *, secret: bytes = NO_SECRET) -> str:
    """The row's key, `<kind>:<parts>` in clear or `<kind>:~<digest>`, with `#<ordinal>` from the second equal row on.

    Raises `E_MONTH_NEEDED` for a roster or pay file whose month neither the file nor the user states.
    """
    rule, shape = rule_of(kind, row), shape_of(kind, row)
    fields = rule.fields if rule else content_fields(shape, row)
    if kind_named(kind).needs_month and row.values.get("month") is None:
        raise InputError("E_MONTH_NEEDED", kind=kind_named(kind).title_zh, file=row.place.file)
    parts = [_part(name, row.values.get(name)) for name in fields]
    name = kind if not shape.name or kind == "bank-statement" else f"{kind}.{shape.name}"
    body = "/".join(_escaped(part) for part in parts) if rule and rule.clear else "~" + _digest([name, *parts], secret)
    return f"{name}:{body}" + (f"#{ordinal}" if ordinal else "")


def row_content(kind: str, row: CleanRow, *, secret: bytes = NO_SECRET) -> str:
    """A digest of all that the row says: under one key, equal content is a duplicate and other content a change."""
    fields = content_fields(shape_of(kind, row), row)
    return _digest([kind, *(f"{name}={_text(row.values.get(name))}" for name in fields)], secret)


def shape_of(kind: str, row: CleanRow) -> Shape:
    """The shape that the row was read in."""
    return next(shape for shape in kind_named(kind).shapes if shape.name == row.shape)


def rule_of(kind: str, row: CleanRow) -> KeyRule | None:
    """The first key rule that the row satisfies; None when all of the row is its key."""
    for rule in shape_of(kind, row).keys:
        if rule.serial and not is_serial(row.values.get(rule.serial)):
            continue
        if all(row.values.get(name) is not None for name in rule.when):
            return rule
    return None


def content_fields(_shape: Shape, row: CleanRow) -> tuple[str, ...]:
    """Every field but the running number, by name, so that another order of columns changes nothing."""
    return tuple(sorted(name for name in row.values if name != _RUNNING_NUMBER))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _part(name: str, value: Any) -> str:
    """A field as it stands in a key: moments to the minute, because a csv saved by a spreadsheet has no seconds."""
    return _text(value)[:_TO_THE_MINUTE] if name == "transacted_at" else _text(value)


def _escaped(part: str) -> str:
    """A part of a clear key; "-" stands for nothing, and a part's own slash cannot be taken for a border."""
    return part.replace("%", "%25").replace("/", "%2F") or "-"


def _digest(parts: list[str], secret: bytes) -> str:
    return blake2b_commit(secret, canonical(list(parts))).hex()


def values_differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields in which two rows differ, for a sentence about them."""
    return tuple(name for name in one if name != _RUNNING_NUMBER and one[name] != other.get(name))
