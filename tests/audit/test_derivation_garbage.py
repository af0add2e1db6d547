"""Whatever stands in a cell, the verification says where, and never breaks off: wrong types, empty texts, days that are
none, numbers beyond all measure.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table

from ledger.errors import InputError, LedgerError
from ledger.log import tables
from ledger.log.columns import Day
from ledger.log.store import LogStore
from ledger_api.books import SOFTWARE
from ledger_audit.derivation import Verdict, verify_book
from tests.audit.full_book import DERIVED, TODAY
from tests.projections.opened_book import OpenedBook

BESIDE: Final = {"requests", "access_log", "book_life", "vault_check"}
COLUMNS: Final = [(table, column) for table in (*tables.IMMUTABLE, *DERIVED) for column in table.columns]
GARBAGE: Final[dict[str, Any]] = {
    "nothing": None,
    "empty": "",
    "word": "zzz",
    "huge": 2**63 - 1,
    "part": 0.5,
    "bytes": b"\xff\xfe",
}
DAYS: Final = {"no day": "2025-09-00", "another day": "2025,09-26", "short day": "20250901"}


@pytest.fixture(scope="module")
def loose(book: OpenedBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book with neither triggers nor types: whoever owns the file can make it anew without them."""
    where = tmp_path_factory.mktemp("loose")
    typed, path = where / "typed.db", where / "book.db"
    book.copy(typed).close()
    with closing(sqlite3.connect(path)) as there:
        there.execute("ATTACH ? AS typed", [str(typed)])
        made = there.execute("SELECT name, sql FROM typed.sqlite_master WHERE type = 'table' AND sql > ''").fetchall()
        for name, sql in made:
            if name.startswith("sqlite_"):
                continue
            head, _, tail = sql.rpartition(")")
            assert "STRICT" in tail or name not in tables.METADATA.tables
            there.execute(head.replace(" NOT NULL", "") + ")")
            there.execute(f"INSERT INTO main.{name} SELECT * FROM typed.{name}")
        fill(there)
        there.commit()
    return path


def fill(there: sqlite3.Connection) -> None:
    """One row in each table that nothing of the book fills; what posted its vouchers is this release."""
    there.execute("UPDATE vouchers SET software = ?", [SOFTWARE])
    there.execute("INSERT OR IGNORE INTO requests VALUES ('k', 'd', x'00', '2025-09-01T00:00:00Z')")
    there.execute("INSERT OR IGNORE INTO vault_check VALUES (1, x'00')")
    there.execute("INSERT INTO access_log VALUES (900, '2025-09-01T00:00:00Z', 'a', 'b', 'c', 'd')")


def verdict_of(path: Path) -> Verdict:
    store = LogStore.open(f"sqlite:///{path}", verifying=True)
    try:
        with store.read() as connection:
            return verify_book(connection, TODAY)
    finally:
        store.close()


def fits(column: Column[Any], value: Any) -> bool:
    """Whether a value could stand in a column."""
    if value is None:
        return bool(column.nullable)
    if isinstance(column.type, LargeBinary):
        return isinstance(value, bytes)
    if isinstance(column.type, BigInteger | Integer):
        return isinstance(value, int)
    return isinstance(value, str) and not isinstance(column.type, Day)


def altered(path: Path, table: Table, column: Column[Any], value: Any) -> tuple[Any, bool]:
    """Put a value into the middle row: what stands there then, and whether that is another thing than before."""
    with closing(sqlite3.connect(path)) as there:
        there.execute("PRAGMA foreign_keys = OFF")
        there.execute("PRAGMA ignore_check_constraints = ON")
        keys = [one.name for one in table.primary_key]
        condition = " AND ".join(f"{key} IS ?" for key in keys)
        own = there.execute(f"SELECT {', '.join(keys)} FROM {table.name}").fetchall()
        own = own[len(own) // 2]
        asked = f"SELECT {column.name} FROM {table.name} WHERE {condition}"
        (before,) = there.execute(asked, own).fetchone()
        try:
            there.execute(f"UPDATE {table.name} SET {column.name} = ? WHERE {condition}", [value, *own])
        except sqlite3.Error:  # a key that is there already, or a row's number that is none
            return before, False
        there.commit()
        # SQLite makes 5 of '5' where a column is of whole numbers, and the other way round.
        now = [value if one.name == column.name else key for one, key in zip(table.primary_key, own, strict=True)]
        (after,) = there.execute(asked, now).fetchone()
        return after, (type(after), after) != (type(before), before)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t.name}.{c.name}" for t, c in COLUMNS])
def test_garbage_in_any_column_is_found_and_placed(
    loose: Path, tmp_path: Path, table: Table, column: Column[Any]
) -> None:
    for name, value in (GARBAGE | (DAYS if isinstance(column.type, Day) else {})).items():
        path = Path(shutil.copy(loose, tmp_path / "book.db"))
        stored, is_other = altered(path, table, column, value)
        if not is_other:
            continue
        if (table.name, column.name) == ("vouchers", "software") and isinstance(stored, str):
            continue  # which program posted a voucher is said by its row alone
        verdict = verdict_of(path)
        if table.name in BESIDE and fits(column, stored):
            continue  # nothing says what stands there; it must not keep anybody from verifying
        assert not verdict.holds, name
        told = [dict(issue.params) for issue in verdict.integrity]
        placed = any(one.get("table") == table.name or "size" in one for one in told)
        assert verdict.first_bad is not None or placed, name
        assert all(type(issue.position) is int for issue in verdict.integrity), name
        verdict.to_json("zh")


def test_the_book_without_types_holds(loose: Path) -> None:
    assert verdict_of(loose).holds


@pytest.mark.parametrize("day", ["zzz", "2025-09-00", "", "20250926"])
def test_a_day_put_in_is_found(book: OpenedBook, tmp_path: Path, day: str) -> None:
    path = tmp_path / "book.db"
    book.copy(path).close()
    with closing(sqlite3.connect(path)) as there:
        there.execute(
            "INSERT INTO balance_days SELECT entity, fund, chart, code, party, book, role, ?, 1 FROM balance_days"
            " LIMIT 1",
            [day],
        )
        there.commit()
    verdict = verdict_of(path)
    assert not verdict.holds
    assert {dict(issue.params)["table"] for issue in verdict.integrity} == {"balance_days"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM head", "E_HEAD_MISSING"),
        ("UPDATE head SET format = 0", "E_HEAD_FORMAT"),
        ("UPDATE head SET format = 'x'", "E_HEAD_FORMAT"),
        ("UPDATE head SET format = 2", "E_BOOK_FORMAT"),
    ],
)
def test_an_altered_head_keeps_nobody_from_verifying(loose: Path, tmp_path: Path, change: str, told: str) -> None:
    """Whatever else opens the book says what it is, and what to do; a newer format may be one."""
    path = Path(shutil.copy(loose, tmp_path / "book.db"))
    with closing(sqlite3.connect(path)) as there:
        there.execute(change)
        there.commit()
    verdict = verdict_of(path)
    assert verdict.first_bad is not None
    assert {dict(issue.params)["table"] for issue in verdict.integrity} == {"head"}
    with pytest.raises(LedgerError, match=told) as refused:
        LogStore.open(f"sqlite:///{path}")
    for language in ("zh", "en"):
        assert ("charity-ledger verify" in refused.value.message(language)) == told.startswith("E_HEAD")


@pytest.mark.parametrize(
    "newer",
    [
        "UPDATE vouchers SET software = 'charity-ledger/999.0.0'",
        "INSERT INTO book_life VALUES (999, 'open', 999, '2026-01-01T00:00:00Z', '{}')",
    ],
)
def test_a_newer_format_is_told_as_one(loose: Path, tmp_path: Path, newer: str) -> None:
    path = Path(shutil.copy(loose, tmp_path / "book.db"))
    with closing(sqlite3.connect(path)) as there:
        there.execute("UPDATE head SET format = 2")
        there.execute(newer)
        there.commit()
    with pytest.raises(InputError, match="E_BOOK_FORMAT"):
        verdict_of(path)
