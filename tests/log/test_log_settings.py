"""Durability rests on settings; each is set, read back, and refused when the database ignores it."""

import time
import traceback
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from ledger.errors import BusyError, EvidenceError, InputError, LedgerError
from ledger.log import engines
from ledger.log.engines import open_engine
from ledger.log.store import LogStore

# What durability and the triggers need, written down a second time on purpose.
SQLITE_MUST = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "busy_timeout": 30_000,
    "cache_size": -65_536,
}
POSTGRESQL_MUST = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "lock_timeout": "30s"}


def pragma(engine: Engine, name: str) -> Any:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.mark.parametrize(("name", "value"), SQLITE_MUST.items())
def test_sqlite_connections_have_the_setting(name: str, value: object, sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    assert pragma(engine, name) == value
    engine.dispose()


@pytest.mark.parametrize("name", engines.SQLITE_SETTINGS)
def test_a_setting_that_sqlite_does_not_take_is_refused(
    name: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, _ = engines.SQLITE_SETTINGS[name]
    monkeypatch.setitem(engines.SQLITE_SETTINGS, name, (wanted, "something else"))
    engine = open_engine(sqlite_url)
    with pytest.raises(EvidenceError, match="E_UNSAFE_SETTING") as caught, engine.connect():
        pass
    assert caught.value.params["name"] == name
    engine.dispose()


def test_a_database_in_memory_cannot_be_durable() -> None:
    engine = open_engine("sqlite:///file:nowhere?mode=memory&cache=shared&uri=true")
    with pytest.raises(EvidenceError, match=r"E_UNSAFE_SETTING.*journal_mode"), engine.connect():
        pass
    engine.dispose()


def test_an_old_sqlite_is_refused(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SQLITE_OLDEST", (99, 0, 0))
    engine = open_engine(sqlite_url)
    with pytest.raises(EvidenceError, match="E_DATABASE_OLD"), engine.connect():
        pass
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://host/book", "oracle://host", "sqlite+nothing"],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="E_DATABASE_URL"):
        open_engine(url)


# An address whose password is `p` and secret -> what it is refused by (None: by no server at that address).
SECRET = "Zhong"
PASSWORDS = {
    "an @": (f"postgresql://app:p@{SECRET}@127.0.0.1:1/db", "E_DATABASE_PASSWORD"),
    "an @ and a colon": (f"postgresql://app:p@{SECRET}:2025@127.0.0.1:1/db", "E_DATABASE_PASSWORD"),
    "an @ and a slash": (f"postgresql://app:p@{SECRET}/w@127.0.0.1:1/db", "E_DATABASE_PASSWORD"),
    "an @ and a question mark": (f"postgresql://app:p@{SECRET}?w@127.0.0.1:1/db", "E_DATABASE_PASSWORD"),
    "an @ and an option": (f"postgresql://app:p@{SECRET}@127.0.0.1:1/db?sslmode=disable", "E_DATABASE_PASSWORD"),
    "an @, no port": (f"postgresql://app:p@{SECRET}@127.0.0.1:port/db", "E_DATABASE_PASSWORD"),
    "escaped": (f"postgresql://app:p%40{SECRET}@127.0.0.1:1/db", None),
    "other signs": (f"postgresql://app:p/?:{SECRET}@127.0.0.1:1/db", None),
    "an @ in an option": (f"postgresql://app:{SECRET}@127.0.0.1:1/db?application_name=a@b", None),
    "an @ in the user's name": (f"postgresql://app@corp:{SECRET}@127.0.0.1:1/db", None),
    "a host of numbers": (f"postgresql://app:{SECRET}@[::1]:1/db", None),
    "a port that is none": ("postgresql://127.0.0.1:port/db", "E_DATABASE_URL"),
    "another port that is none": (f"postgresql://app:{SECRET}@127.0.0.1:1/db?port=abc", "E_DATABASE_URL"),
    "an unknown option": (f"postgresql://app:{SECRET}@127.0.0.1:1/db?sslmod=require", "E_DATABASE_URL"),
    "an option's value": (f"postgresql://app:{SECRET}@127.0.0.1:1/db?connect_timeout=soon", "E_DATABASE_URL"),
}


@pytest.mark.parametrize(("url", "code"), PASSWORDS.values(), ids=PASSWORDS)
def test_no_part_of_a_password_is_said(url: str, code: str | None) -> None:
    with pytest.raises(LedgerError) as told:
        LogStore.open(url)
    assert told.value.code == (code or "E_DATABASE_UNREACHED")
    shown = "".join(traceback.format_exception(told.value)) if code else str(told.value)
    assert SECRET not in shown.replace(url, ""), "in what is said or in what led to it"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "book.db"
    file.write_bytes(b"not a database at all" * 100)
    engine = open_engine(f"sqlite:///{file}")
    with pytest.raises(InputError, match="E_NOT_A_BOOK"), engine.connect():
        pass
    engine.dispose()


@pytest.mark.parametrize(("name", "value"), POSTGRESQL_MUST.items())
def test_postgresql_connections_have_the_setting(name: str, value: str, pg_url: str) -> None:
    engine = open_engine(pg_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_setting(:name)"), {"name": name}) == value
    engine.dispose()


COMMITS = {"off": "on", "local": "on", "remote_write": "on", "on": "on", "remote_apply": "remote_apply"}


@pytest.mark.parametrize(("kept", "found"), COMMITS.items())
def test_a_database_that_turns_commits_lazy_is_overruled_and_one_that_asks_for_more_is_not(
    kept: str, found: str, pg_url: str
) -> None:
    with psycopg.connect(pg_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = {kept}")
    engine = open_engine(pg_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_setting('synchronous_commit')")) == found
    engine.dispose()


@pytest.mark.parametrize("of", ["role", "database"])
def test_limits_of_time_that_are_meant_for_others_end_no_work_of_ours(pg_book_url: str, of: str) -> None:
    """The limits of a role or a database; a slow statement, a pause in a transaction, a pause between two."""
    names = ("statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout")
    role = f"{make_url(pg_book_url).database}_hasty"
    whose = f"ROLE {role}" if of == "role" else f"DATABASE {make_url(pg_book_url).database}"
    with psycopg.connect(pg_book_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN SUPERUSER")
        for name in names:
            connection.execute(f"ALTER {whose} SET {name} = '50ms'")
    try:
        store = LogStore.open(make_url(pg_book_url).set(username=role).render_as_string(hide_password=False))
        for _ in range(2):
            with store.write(beside=True) as writer:
                writer.execute(text("SELECT pg_sleep(0.15)"))
                time.sleep(0.15)
                found = [writer.scalar(text("SELECT current_setting(:name)"), {"name": name}) for name in names]
            assert found == ["0"] * len(names)
            time.sleep(0.15)
        store.close()
    finally:
        with psycopg.connect(pg_book_url, autocommit=True) as connection:
            connection.execute(f"ALTER {whose} RESET ALL")
            connection.execute("SET statement_timeout = 0")
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


def hasty(connection: psycopg.Connection, _record: object) -> None:
    """In place of our settings: whatever takes long is cancelled."""
    connection.execute("SET statement_timeout = 50")
    connection.commit()


def hasty_and_slow(connection: psycopg.Connection, record: object) -> None:
    """The first question is cancelled, before anybody has the connection."""
    hasty(connection, record)
    connection.execute("SELECT pg_sleep(5)")


@pytest.mark.parametrize("settings", [hasty, hasty_and_slow])
def test_what_was_cancelled_is_not_called_unreached(
    pg_book_url: str, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server was reached, and the password was right."""
    monkeypatch.setattr(engines, "_set_postgresql", settings)
    with pytest.raises(BusyError, match="E_DATABASE_CANCELLED") as told:
        slow(pg_book_url)
    assert "statement timeout" in told.value.params["reason"]


def slow(url: str) -> None:
    """Open a book and ask what takes long."""
    store = LogStore.open(url)
    try:
        with store.read() as connection:
            connection.execute(text("SELECT pg_sleep(5)"))
    finally:
        store.close()


@pytest.mark.parametrize("name", engines.POSTGRESQL_SETTINGS)
def test_a_setting_that_postgresql_does_not_have_is_refused(
    name: str, pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engines.POSTGRESQL_SETTINGS, name, frozenset({"something else"}))
    engine = open_engine(pg_url)
    with pytest.raises(EvidenceError, match="E_UNSAFE_SETTING") as caught, engine.connect():
        pass
    assert caught.value.params["name"] == name
    engine.dispose()


def test_an_old_postgresql_is_refused(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "POSTGRESQL_OLDEST", 990_000)
    engine = open_engine(pg_url)
    with pytest.raises(EvidenceError, match="E_DATABASE_OLD"), engine.connect():
        pass
    engine.dispose()


def test_a_database_that_is_not_there_is_named(pg_url: str) -> None:
    for url in ("postgresql://nobody@/x?host=/tmp/nowhere", pg_url.replace("postgres:@", "nobody@")):
        with pytest.raises(BusyError, match="E_DATABASE_UNREACHED") as told:
            LogStore.open(url)
        assert "nobody" in told.value.params["reason"] or "nowhere" in told.value.params["reason"]
