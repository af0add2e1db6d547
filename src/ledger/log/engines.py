"""Opening a database with the settings that durability and the refusing triggers rest on, each one read back.

`sqlite:///FILE` and `postgresql://…` (psycopg 3) are known. A database that does not answer with the wanted value is
refused with E_UNSAFE_SETTING before a single row is read: an ignored PRAGMA says nothing by itself.
"""

import sqlite3
from typing import Any, Final, cast

import psycopg
from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from ledger.errors import EvidenceError, InputError

BUSY_TIMEOUT_MS: Final = 30_000
"""How long a writer waits for the lock before it is told E_BOOK_BUSY."""

CACHE_KIB: Final = 64 * 1024

SQLITE_OLDEST: Final = (3, 40, 0)
POSTGRESQL_OLDEST: Final = 140_000

SQLITE_SETTINGS: Final[dict[str, tuple[str, Any]]] = {
    "busy_timeout": (str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),  # first, for the others may have to wait
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "recursive_triggers": ("ON", 1),
    "secure_delete": ("ON", 1),
    "trusted_schema": ("OFF", 0),
    "cell_size_check": ("ON", 1),
    "cache_size": (str(-CACHE_KIB), -CACHE_KIB),
    "temp_store": ("MEMORY", 2),
    # 32 MB of WAL between checkpoints: a page that several commits touch is then written to the file once.
    "wal_autocheckpoint": ("8000", 8000),
}

POSTGRESQL_SETTINGS: Final[dict[str, frozenset[str]]] = {
    "lock_timeout": frozenset({f"{BUSY_TIMEOUT_MS // 1000}s"}),
    "fsync": frozenset({"on"}),
    "synchronous_commit": frozenset({"on", "remote_apply"}),
    "full_page_writes": frozenset({"on"}),
    "server_encoding": frozenset({"UTF8"}),
    "standard_conforming_strings": frozenset({"on"}),
}

POSTGRESQL_LIMITS: Final = {
    "statement_timeout": 0,
    "idle_in_transaction_session_timeout": 0,
    "idle_session_timeout": 0,
    "transaction_timeout": 170_000,
}
"""What ends a statement, a transaction or a connection of ours after a time, and the release that it came with: a limit
of the role or the server is meant for other work, and would end an import or a verification half-way.
"""

WRITES: Final = "ledger_writes"
"""Execution option of a connection whose transaction holds the writer's lock from its first statement."""

AT_ONCE: Final = "ledger_at_once"
"""Execution option of such a connection that does not wait for the lock."""


def open_engine(url: str) -> Engine:
    """An engine whose every new connection is set and read back. Raises E_DATABASE_URL, E_DATABASE_PASSWORD,
    E_DATABASE_OLD, E_UNSAFE_SETTING (when the first connection is made).
    """
    parsed = address(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _open_sqlite(parsed)
    if kind == "postgresql":
        return _open_postgresql(parsed)
    raise InputError("E_DATABASE_URL", reason=kind)


def address(url: str) -> URL:
    """A database's address in its parts. Raises E_DATABASE_URL, and E_DATABASE_PASSWORD where it does not tell where
    the password ends. Neither repeats any of it: what is taken for the host may be half a password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InputError("E_DATABASE_URL", reason="syntax") from None
    except ValueError:  # where the port should be, other text is
        if "@" in url:
            raise InputError("E_DATABASE_PASSWORD") from None
        raise InputError("E_DATABASE_URL", reason="port") from None
    if _is_cut_wrongly(url, parsed):
        raise InputError("E_DATABASE_PASSWORD")
    return parsed


def _is_cut_wrongly(url: str, parsed: URL) -> bool:
    """Whether an `@` in the password was taken for its end: then the rest of it stands where the host should."""
    if "@" in f"{parsed.host}{parsed.database}" and parsed.password is not None:
        return True
    after = url.rpartition("@")[2].lstrip("[")  # the last one ends the password, unless it stands in an option
    in_options = any("@" in str(one) for one in parsed.query.items())
    return "@" in url and not in_options and not after.startswith(parsed.host or "")


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise InputError("E_DATABASE_URL", reason="sqlite:// without a file")
    # The connection used last is taken first, so that one thread keeps finding its pages in one cache.
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=4, max_overflow=12, pool_use_lifo=True, hide_parameters=True
    )
    database = url.database
    event.listen(engine, "connect", lambda connection, _record: _set_sqlite(connection, database))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


class Watcher:
    """A connection of its own that tells whether anybody has committed; one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._connection: sqlite3.Connection | psycopg.Connection
        if engine.dialect.name == "sqlite":
            seconds, self._asked = BUSY_TIMEOUT_MS / 1000, "PRAGMA data_version"
            self._connection = sqlite3.connect(
                engine.url.database or "", seconds, isolation_level=None, check_same_thread=False
            )
            return
        self._asked = "SELECT pg_current_snapshot()::text"
        pooled = engine.raw_connection()
        self._connection = cast("psycopg.Connection", pooled.driver_connection)
        pooled.detach()
        self._connection.autocommit = True

    def look(self) -> str:
        """Another text after every commit, in this process or another (but not of this connection, which writes
        nothing). Source: SQLite, PRAGMA data_version; PostgreSQL, pg_current_snapshot: no transaction that wrote ends
        without changing it.
        """
        row = self._connection.execute(self._asked).fetchone()
        assert row is not None  # noqa: S101 - both always answer one
        return str(row[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _set_sqlite(connection: Any, database: str) -> None:
    version = connection.execute("SELECT sqlite_version()").fetchone()[0]
    if tuple(map(int, version.split("."))) < SQLITE_OLDEST:
        raise EvidenceError("E_DATABASE_OLD", name="SQLite", value=version)
    connection.isolation_level = None  # the driver must not open or close transactions behind our back
    for name, (wanted, expected) in SQLITE_SETTINGS.items():
        try:
            connection.execute(f"PRAGMA {name} = {wanted}")
            found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
            raise InputError("E_NOT_A_BOOK", database=database) from error
        _require(name, found, expected, holds=found == expected)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(AT_ONCE, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN")
        return
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def _open_postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=4,
            max_overflow=12,
            pool_use_lifo=True,
            isolation_level="READ COMMITTED",
            hide_parameters=True,  # people's data has no place in a message or a server's log
        )
    except ArgumentError:
        raise InputError("E_DATABASE_URL", reason="host, port") from None
    event.listen(engine, "do_connect", _connect_postgresql)
    event.listen(engine, "connect", _set_postgresql)
    return engine


def _connect_postgresql(dialect: Dialect, _record: Any, given: list[Any], options: dict[str, Any]) -> Any:
    """A connection; an option of the address that is not known, or whose value is none, is a fault of the address."""
    try:
        return dialect.connect(*given, **options)
    except psycopg.ProgrammingError as error:  # which names the option, and nothing else of the address
        raise InputError("E_DATABASE_URL", reason=" ".join(str(error).split())[:200]) from None
    except (TypeError, ValueError) as error:
        raise InputError("E_DATABASE_URL", reason=type(error).__name__) from None


def _set_postgresql(connection: Any, _record: Any) -> None:
    version = connection.info.server_version
    if version < POSTGRESQL_OLDEST:
        raise EvidenceError("E_DATABASE_OLD", name="PostgreSQL", value=str(version))
    was = connection.autocommit
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name, since in POSTGRESQL_LIMITS.items():
            if version >= since:
                cursor.execute(f"SET {name} = 0")
        found = cursor.execute("SELECT current_setting('synchronous_commit')").fetchone()[0]
        if found not in POSTGRESQL_SETTINGS["synchronous_commit"]:  # a server that asks for more is not told less
            cursor.execute("SET synchronous_commit = on")
        cursor.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
        # Compiling a plan costs more than running any of our statements, which probe indexes.
        cursor.execute("SET jit = off")
        for name, allowed in POSTGRESQL_SETTINGS.items():
            found = cursor.execute("SELECT current_setting(%s)", (name,)).fetchone()[0]
            _require(name, found, "/".join(sorted(allowed)), holds=found in allowed)
    connection.autocommit = was


def _require(name: str, found: object, expected: object, *, holds: bool) -> None:
    if not holds:
        raise EvidenceError("E_UNSAFE_SETTING", name=name, value=found, wanted=expected)
