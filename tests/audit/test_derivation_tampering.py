"""Whatever is changed in the database behind the ledger's back, the full verification finds it and names the place."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table

from ledger.log import tables
from ledger.log.store import LogStore
from ledger_audit.derivation import Verdict, verify_book
from tests.audit.full_book import DERIVED, TODAY
from tests.projections.opened_book import OpenedBook

LOG_TABLES = (
    tables.vouchers,
    tables.events,
    tables.event_ids,
    tables.event_tags,
    tables.tree,
    tables.checkpoints,
    tables.cosignatures,
    tables.postings,
    *DERIVED,
)
# Which program posted a voucher is said by its row alone; the head's id is 1 by a constraint; of another format a book
# is opened only where the log itself knows better (see the tests of garbage).
NOT_DERIVED = {("vouchers", "software"), ("head", "id"), ("head", "format")}
COLUMNS = [(t, c) for t in LOG_TABLES for c in t.columns if (t.name, c.name) not in NOT_DERIVED]

Cursor = sqlite3.Connection


@pytest.fixture(scope="module")
def defenceless(book: OpenedBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book without its triggers, as one file: whoever owns the file owns them too."""
    path = tmp_path_factory.mktemp("defenceless") / "book.db"
    book.copy(path).close()
    with closing(sqlite3.connect(path)) as there:
        for (name,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            there.execute(f"DROP TRIGGER {name}")
        there.commit()
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def copied(defenceless: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(defenceless, tmp_path / "book.db"))


def verdict_of(path: Path) -> Verdict:
    store = LogStore.open(f"sqlite:///{path}")
    try:
        with store.read() as connection:
            return verify_book(connection, TODAY)
    finally:
        store.close()


def tamper(path: Path, act: Callable[[Cursor], None]) -> Verdict:
    with closing(sqlite3.connect(path)) as there:
        there.execute("PRAGMA foreign_keys = OFF")
        there.execute("PRAGMA synchronous = OFF")
        act(there)
        there.commit()
    return verdict_of(path)


def rows(there: Cursor, table: Table) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    keys = ", ".join(column.name for column in table.primary_key)
    found = there.execute(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY {keys}").fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


def where(table: Table, row: dict[str, Any]) -> tuple[str, list[Any]]:
    keys = [column.name for column in table.primary_key]
    return " AND ".join(f"{key} = ?" for key in keys), [row[key] for key in keys]


def changed(column: Column[Any], value: Any) -> Any:
    """Another value of the same type and form."""
    if value is None:
        return 77 if column.name == "no" else "2025-09"
    if column.name in {"size", "first_position", "no"} or (column.primary_key and isinstance(value, int)):
        return value + 1000
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return value[:10] + bytes([value[10] ^ 1]) + value[11:]
    if column.name in {"voucher_date", "occurred_on", "day"}:
        return "2025-09-29" if value != "2025-09-29" else "2025-09-28"
    return value[:-1] + ("0" if value[-1:] != "0" else "1")


def place(table: Table, row: dict[str, Any], starts: list[int]) -> int | None:
    """The first position of the voucher that a row belongs to; None where the row belongs to the log as a whole."""
    if table.name == "vouchers":
        return int(row["first_position"])
    if table.name in {"checkpoints", "cosignatures"}:
        return starts[int(row["size"]) - 1]
    if table.name == "tree":
        return starts[int(row["idx"]) << int(row["level"])]
    if "position" in row:
        return max(start for start in starts if start <= row["position"])
    return None


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t.name}.{c.name}" for t, c in COLUMNS])
def test_a_changed_column_is_found_and_placed(copied: Path, table: Table, column: Column[Any]) -> None:
    chosen: dict[str, Any] = {}
    starts: list[int] = []

    def act(there: Cursor) -> None:
        starts.extend(row["first_position"] for row in rows(there, tables.vouchers))
        every = rows(there, table)
        chosen.update(every[len(every) // 2])
        condition, keys = where(table, chosen)
        value = changed(column, chosen[column.name])
        there.execute("PRAGMA ignore_check_constraints = ON")
        there.execute(f"UPDATE {table.name} SET {column.name} = ? WHERE {condition}", [value, *keys])

    verdict = tamper(copied, act)
    assert not verdict.holds
    expected = place(table, chosen, starts)
    if expected is not None and (table.name, column.name) != ("cosignatures", "size"):
        assert verdict.first_bad == expected


# Of a checkpoint in the middle and of a witness's line, nothing else in the book says that they ever were.
FORGETTABLE = {"checkpoints", "cosignatures"}


@pytest.mark.parametrize("table", LOG_TABLES, ids=[t.name for t in LOG_TABLES])
@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_row_taken_away_is_found_and_placed(copied: Path, table: Table, which: str) -> None:
    if table is tables.head or (table.name in FORGETTABLE and (which, table.name) != ("last", "checkpoints")):
        return
    chosen: dict[str, Any] = {}
    starts: list[int] = []

    def act(there: Cursor) -> None:
        starts.extend(row["first_position"] for row in rows(there, tables.vouchers))
        every = rows(there, table)
        chosen.update(every[{"first": 0, "middle": len(every) // 2, "last": -1}[which]])
        condition, keys = where(table, chosen)
        there.execute(f"DELETE FROM {table.name} WHERE {condition}", keys)

    verdict = tamper(copied, act)
    assert not verdict.holds
    expected = place(table, chosen, starts)
    if expected is not None and (table.name, which) != ("vouchers", "last"):
        assert verdict.first_bad == expected


@pytest.mark.parametrize("instead", [False, True], ids=["besides", "instead of another"])
@pytest.mark.parametrize("spelling", [lambda own: own.replace("-", ""), str.upper], ids=["no dashes", "capitals"])
def test_an_id_spelled_otherwise_is_found(copied: Path, spelling: Callable[[str], str], *, instead: bool) -> None:
    """The index of ids is asked by text: a second spelling is another row, and must not stand in for one taken away."""

    def act(there: Cursor) -> None:
        first, *_, last = rows(there, tables.event_ids)
        if instead:
            there.execute("DELETE FROM event_ids WHERE event_id = ?", [last["event_id"]])
        there.execute("INSERT INTO event_ids VALUES (?, ?)", [spelling(first["event_id"]), first["position"]])

    verdict = tamper(copied, act)
    found = {issue.code for issue in verdict.integrity}
    assert found == ({"E_DERIVE_EXTRA", "E_DERIVE_MISSING"} if instead else {"E_DERIVE_EXTRA"})


@pytest.mark.parametrize("table", [t for t in LOG_TABLES if t is not tables.head], ids=lambda t: t.name)
def test_a_row_put_in_is_found(copied: Path, table: Table) -> None:
    def act(there: Cursor) -> None:
        row = rows(there, table)[-1]
        for column in table.primary_key:
            row[column.name] = changed(column, row[column.name])
        for name in ("voucher_id", "first_position", "no"):
            if name in row and row[name] is not None:
                row[name] = changed(table.c[name], row[name])
        marks = ", ".join("?" * len(row))
        there.execute(f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({marks})", list(row.values()))

    assert not tamper(copied, act).holds


def test_the_book_as_it_is_holds(book: OpenedBook) -> None:
    with book.store.read() as connection:
        verdict = verify_book(connection, TODAY)
    assert verdict.holds
    assert verdict.first_bad is None
    assert verdict.events == book.head
    assert verdict.postings > 20


def test_progress_is_told(book: OpenedBook) -> None:
    steps: list[tuple[int, int]] = []
    with book.store.read() as connection:
        verify_book(connection, TODAY, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (book.head, book.head)
