"""What is in the log cannot be changed through the database: every kind of change, on every immutable table."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table, insert
from sqlalchemy.engine import make_url

from ledger.log import tables
from ledger.log.appending import NewFinding, put_checkpoint, put_cosignature
from ledger.log.keeping.roles import Roles, apply_roles
from ledger.log.store import LogStore
from tests.log.scribe import Said, gift, scribe_of, write

NAMES = [table.name for table in tables.IMMUTABLE]

# A second row whose own key is new and whose other unique key is taken.
SECOND_DOORS = {
    "another number, the same id": ("number = number + 100, first_position = 900, no = 900", "voucher_id"),
    "another number, the same place": ("number = number + 100, voucher_id = 'x', no = 900", "first_position"),
    "another number, the same 凭证字号": ("number = number + 100, voucher_id = 'x', first_position = 900", "no"),
}


def fill(store: LogStore) -> None:
    """One row at least in every immutable table."""
    head = write(store, [scribe_of(store).voucher([Said()], gift(100), findings=[NewFinding(1, "W_X", "fact", {})])])
    with store.write() as connection:
        put_checkpoint(connection, 1, head.root, "note")
        put_cosignature(connection, 1, "witness", "line")
        answer = {"key": "k", "digest": "d", "answer": b"a", "answered_at": "2025"}
        connection.execute(insert(tables.requests), answer)
        entry = {"at": "2025", "actor": "a", "action": "read", "subject": "s", "detail": "{}"}
        connection.execute(insert(tables.access_log), entry)
        connection.execute(insert(tables.vault_check), {"id": 1, "digest": b"d"})


def columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def last(table: Table) -> str:
    return list(table.columns)[-1].name


def first_key(table: Table) -> str:
    return next(iter(table.primary_key)).name


SQLITE_CHANGES: dict[str, Callable[[Table], str]] = {
    "update": lambda t: f"UPDATE {t.name} SET {last(t)} = {last(t)}",
    "update or replace": lambda t: f"UPDATE OR REPLACE {t.name} SET {first_key(t)} = {first_key(t)}",
    "delete": lambda t: f"DELETE FROM {t.name}",
    "delete one": lambda t: f"DELETE FROM {t.name} WHERE {first_key(t)} IS NOT NULL LIMIT 1",
    "insert or replace": lambda t: f"INSERT OR REPLACE INTO {t.name} ({columns(t)}) SELECT {columns(t)} FROM {t.name}",
    "replace": lambda t: f"REPLACE INTO {t.name} ({columns(t)}) SELECT {columns(t)} FROM {t.name}",
    "insert or ignore": lambda t: f"INSERT OR IGNORE INTO {t.name} ({columns(t)}) SELECT {columns(t)} FROM {t.name}",
    "upsert": lambda t: (
        f"INSERT INTO {t.name} ({columns(t)}) SELECT {columns(t)} FROM {t.name} WHERE true "
        f"ON CONFLICT DO UPDATE SET {last(t)} = excluded.{last(t)}"
    ),
}

POSTGRESQL_CHANGES: dict[str, Callable[[Table], str]] = {
    "update": SQLITE_CHANGES["update"],
    "update of no row": lambda t: f"UPDATE {t.name} SET {last(t)} = {last(t)} WHERE false",
    "delete": SQLITE_CHANGES["delete"],
    "truncate": lambda t: f"TRUNCATE {t.name} CASCADE",
    "insert": lambda t: f"INSERT INTO {t.name} ({columns(t)}) SELECT {columns(t)} FROM {t.name}",
    "upsert": lambda t: (
        f"INSERT INTO {t.name} ({columns(t)}) SELECT {columns(t)} FROM {t.name} "
        f"ON CONFLICT ({', '.join(c.name for c in t.primary_key)}) "
        f"DO UPDATE SET {last(t)} = excluded.{last(t)}"
    ),
    "merge": lambda t: (
        f"MERGE INTO {t.name} a USING {t.name} b ON a.{first_key(t)} = b.{first_key(t)} WHEN MATCHED THEN DELETE"
    ),
    "update as a replica": lambda t: f"SET session_replication_role = replica; DELETE FROM {t.name}",
}


@pytest.fixture(scope="module")
def sqlite_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled SQLite book; no test of this module leaves a trace in it."""
    file = tmp_path_factory.mktemp("immutable") / "book.db"
    store = LogStore.create(f"sqlite:///{file}")
    fill(store)
    store.close()
    return file


def sqlite_rows(connection: sqlite3.Connection, table: str) -> list[Any]:
    return connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()


@pytest.mark.parametrize("table", NAMES)
@pytest.mark.parametrize("change", SQLITE_CHANGES)
def test_sqlite_refuses(change: str, table: str, sqlite_book: Path) -> None:
    # A stranger's connection: none of our settings, `recursive_triggers` off.
    with closing(sqlite3.connect(sqlite_book)) as connection:
        connection.execute("PRAGMA recursive_triggers = OFF")
        before = sqlite_rows(connection, table)
        assert before
        with pytest.raises(sqlite3.IntegrityError, match="E_IMMUTABLE"):
            connection.execute(SQLITE_CHANGES[change](tables.METADATA.tables[table]))
        connection.rollback()
        assert sqlite_rows(connection, table) == before


@pytest.mark.parametrize("door", SECOND_DOORS)
def test_sqlite_refuses_to_replace_a_voucher_through_another_key(door: str, sqlite_book: Path) -> None:
    changes, _ = SECOND_DOORS[door]
    with closing(sqlite3.connect(sqlite_book)) as connection:
        connection.execute("PRAGMA recursive_triggers = OFF")
        connection.execute("CREATE TEMP TABLE forged AS SELECT * FROM vouchers")
        connection.execute(f"UPDATE forged SET {changes}")
        with pytest.raises(sqlite3.IntegrityError, match="E_IMMUTABLE"):
            connection.execute("INSERT OR REPLACE INTO vouchers SELECT * FROM forged")
        assert len(sqlite_rows(connection, "vouchers")) == 1


@pytest.mark.parametrize("table", NAMES)
def test_sqlite_has_no_row_number_beside_the_key(table: str, sqlite_book: Path) -> None:
    # `INSERT OR REPLACE INTO t(rowid, …)` with a new key would replace the row that holds the row number.
    with closing(sqlite3.connect(sqlite_book)) as connection:
        (without_rowid,) = connection.execute("SELECT wr FROM pragma_table_list WHERE name = ?", (table,)).fetchone()
        if not without_rowid:
            numbers = connection.execute(f"SELECT rowid, {first_key(tables.METADATA.tables[table])} FROM {table}")
            assert all(rowid == key for rowid, key in numbers)


@pytest.mark.parametrize(("column", "value"), [("data", "text"), ("kind", b"bytes"), ("position", "one")])
def test_sqlite_stores_no_value_of_another_type(column: str, value: object, sqlite_book: Path) -> None:
    row: dict[str, object] = {"position": 99, "kind": "k", "data": b"d", "tags": "[]"} | {column: value}
    with closing(sqlite3.connect(sqlite_book)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO events VALUES (:position, :kind, :data, :tags)", row)


@pytest.fixture
def postgresql_book(pg_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A filled PostgreSQL book, open as its owner, who is a superuser here."""
    store = LogStore.create(pg_url)
    fill(store)
    store.close()
    with psycopg.connect(pg_url, autocommit=True) as connection:
        yield connection


def test_postgresql_refuses_every_change(postgresql_book: psycopg.Connection[Any]) -> None:
    for table in tables.IMMUTABLE:
        query = f"SELECT * FROM {table.name} ORDER BY 1, 2"
        before = postgresql_book.execute(query).fetchall()
        assert before
        for change, statement in POSTGRESQL_CHANGES.items():
            with pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.UniqueViolation)) as caught:
                postgresql_book.execute(statement(table))
            assert change == "insert" or "E_IMMUTABLE" in str(caught.value), (change, table.name)
        assert postgresql_book.execute(query).fetchall() == before


REFUSED_TO_THE_APPLICATION = [
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "DROP TRIGGER events_refuse_change ON events",
    (
        "CREATE OR REPLACE FUNCTION public.ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql "
        "AS $$BEGIN RETURN NEW; END $$"
    ),
    "TRUNCATE head",
    "UPDATE events SET kind = kind",
    "DROP TABLE postings",
    "CREATE TABLE public.more (n integer)",
    "CREATE TEMPORARY TABLE events (n integer)",
    "CREATE SCHEMA more",
    "DELETE FROM book_life",
    "INSERT INTO postings SELECT * FROM postings ON CONFLICT (position, line) DO UPDATE SET amount_fen = 0",
]


def test_the_application_role_writes_and_cannot_open_the_seal(pg_server: str, pg_url: str) -> None:
    owner = LogStore.create(pg_url)
    role = "clerk_" + str(make_url(pg_url).database)
    with owner.write() as connection:
        apply_roles(connection, Roles("owner_" + role, role, "reader_" + role))
    mine = LogStore.open(pg_url.replace("//postgres:", f"//{role}:"))
    try:
        fill(mine)
        for statement in REFUSED_TO_THE_APPLICATION:
            with psycopg.connect(pg_url.replace("//postgres:", f"//{role}:")) as connection:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
                connection.rollback()
    finally:
        mine.close()
        with owner.write() as connection:
            for name in (role, "owner_" + role, "reader_" + role):
                connection.exec_driver_sql(f"DROP OWNED BY {name} CASCADE")
                connection.exec_driver_sql(f"DROP ROLE {name}")
        owner.close()
