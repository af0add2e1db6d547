"""Whether SQLite still keeps the log's tables as they were made: their keys, bounds and columns.

Its catalogue holds the text by which each table was made, and reads the table by it; there is no other place where a
CHECK or an ON CONFLICT stands. Both texts are taken apart, so that neither blanks, quotes, capitals nor comments make a
difference. An index that a key lost is what the quick check finds.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, Dialect
from sqlalchemy.schema import CreateTable

from ledger.log.keeping.checks import Check
from ledger.log.keeping.life import dropped
from ledger.log.tables import METADATA

Part = tuple[str, ...]

# A comment, a text, a name in quotes, a word or number, any other sign. What is cut off ends with the statement.
_WORD: Final = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<told>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\w+|\S)""", re.DOTALL
)
_QUOTES: Final = '"`['
_SILENT: Final = ("on", "conflict")
"""Has SQLite drop or overwrite a row where it would refuse one."""
_ENDS: Final = {("(", 1), (")", 0), (",", 1), (",", 0)}
"""Where a part ends: at a bracket or comma, so deep within brackets."""


def table_checks(connection: Connection) -> Iterator[Check]:
    """What the log's tables were made with and have no more, table by table, and tables that are gone."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").all()
    found = dropped(connection, {name for name, _ in rows})
    found += [
        told
        for name, text in rows
        if name in METADATA.tables
        for told in _changes(name, _parts(str(text)), _wanted(name, connection.dialect))
    ]
    yield Check("E_DOCTOR_KEYS", "sqlite_master", ", ".join(found) or "-", "-", holds=not found)


def _wanted(table: str, dialect: Dialect) -> list[Part]:
    return _parts(str(CreateTable(METADATA.tables[table]).compile(dialect=dialect)))


def _changes(table: str, found: list[Part], wanted: list[Part]) -> Iterator[str]:
    """The parts that are missing or say something else, and those added that hide a conflict. Another column or bound
    beside them is none: a newer release may have added it, and what it refuses it refuses aloud.
    """
    for part in wanted:
        if part not in found:
            yield _named(table, part)
    for part in found:
        if part not in wanted and _SILENT in pairwise(part):
            yield f"{table} + {' '.join(part)}"


def _named(table: str, part: Part) -> str:
    """A key by its columns, a bound by its name, a column after its table."""
    kind = part[2:] if part[0] == "constraint" else part
    match kind:
        case ("primary", "key", "(", *rest) | ("unique", "(", *rest):
            return f"{table} ({_listed(rest)})"
        case ("foreign", "key", "(", *rest):
            return f"{table} → {rest[rest.index('references') + 1]} ({_listed(rest)})"
        case ("check", *_):
            return f"{table}: {part[1]}"
        case ("strict", *_) | ("without", *_):
            return f"{table}: {' '.join(kind).upper()}"
        case _:
            return f"{table}.{part[0]}"


def _listed(rest: Iterable[str]) -> str:
    """The names up to the bracket that ends them."""
    names: list[str] = []
    for one in rest:
        if one == ")":
            break
        if one != ",":
            names.append(one)
    return ", ".join(names)


def _parts(text: str) -> list[Part]:
    """What stands between the outermost brackets of a CREATE TABLE and after them, apart at its commas."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in _words(text):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if (word, depth) in _ENDS:
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts[1:] if part]


def _words(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        word = found["told"]
        if word is None:
            continue
        if word[0] in _QUOTES and len(word) > 1:
            yield word[1:-1]
        else:
            yield word if word[0] == "'" else word.lower()
