"""What of a SQLite database durability and immutability rest on, read back from an open connection."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from ledger.log.engines import SQLITE_SETTINGS
from ledger.log.keeping.checks import Check
from ledger.log.keeping.life import guarded
from ledger.log.keeping.sqlite_tables import table_checks
from ledger.log.tables import IMMUTABLE, METADATA
from ledger.log.triggers import sqlite_triggers

SPEED_ONLY: Final = frozenset({"cache_size", "temp_store", "wal_autocheckpoint"})
"""Settings that make the book quick and not safe."""


def sqlite_checks(connection: Connection) -> Iterator[Check]:
    """Settings of this connection, the refusing triggers and their text, no others, the tables, and SQLite's own quick
    check.
    """
    for name, (_, expected) in SQLITE_SETTINGS.items():
        if name not in SPEED_ONLY:
            found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            yield Check("E_DOCTOR_SQLITE", name, str(found), str(expected), holds=found == expected)
    yield from _triggers(connection)
    yield from table_checks(connection)
    found = _pages(connection)
    yield Check("E_DOCTOR_PAGES", "quick_check", found, "ok", holds=found == "ok")


def _pages(connection: Connection) -> str:
    """What SQLite finds first in its own pages; what it says where it cannot even look."""
    try:
        return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    except DatabaseError as error:
        return str(error.orig)


def _triggers(connection: Connection) -> Iterator[Check]:
    rows = connection.exec_driver_sql("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'").all()
    stored = {str(row[0]): str(row[1]) for row in rows}
    wanted = sqlite_triggers(IMMUTABLE)
    for table in guarded(connection):
        names = [name for name in wanted if name.startswith(f"{table.name}_refuse_")]
        missing = [name for name in names if name not in stored]
        altered = [name for name in names if name in stored and stored[name] != wanted[name]]
        found = ", ".join([f"- {name}" for name in missing] + [f"~ {name}" for name in altered])
        yield Check(
            "E_DOCTOR_TRIGGER", table.name, found or f"{len(names)}", f"{len(names)}", holds=not missing and not altered
        )
    foreign = sorted(f"{row[2]}: {row[0]}" for row in rows if row[2] in METADATA.tables and row[0] not in wanted)
    yield Check("E_DOCTOR_FOREIGN", "sqlite_master", ", ".join(foreign) or "-", "-", holds=not foreign)
