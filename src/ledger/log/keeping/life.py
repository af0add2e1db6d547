"""What became of this copy of the book, and whether it takes vouchers: two live copies of one origin are a fork.

open ──restore──▶ restored ──an outside checkpoint is shown──▶ open
restored ──a new book under another name takes its place──▶ forked (for good)
open ──move────▶ moved (for good); its copy: arriving ──▶ open, once the old one is closed

What is closed for good stays so in every copy of it: a backup of it that is brought back is moved or forked as it was.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Table, func, insert, inspect, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from ledger.errors import RefusedError
from ledger.log.tables import IMMUTABLE, METADATA, OPEN, SCHEMA_STEP, book_life, vault_check

RESTORED: Final = "restored"
MOVED: Final = "moved"
ARRIVING: Final = "arriving"
FORKED: Final = "forked"

_ADDED: Final = (book_life, vault_check)
"""Immutable tables that the oldest book does not have."""

_REFUSALS: Final = {RESTORED: "E_RESTORED", MOVED: "E_MOVED", ARRIVING: "E_MOVE_UNFINISHED", FORKED: "E_FORKED"}


@dataclass(frozen=True, slots=True)
class Life:
    """The newest step of a copy: its state, the tables it has, when it came to this, and what else is known of it."""

    step: int
    state: str
    schema_step: int
    at: str
    detail: dict[str, Any]


def newest(connection: Connection) -> Life:
    """The copy's state. Raises E_BOOK_UPGRADE when the book is older than this table."""
    chosen = select(book_life).order_by(book_life.c.step.desc()).limit(1)
    try:
        row = connection.execute(chosen).one_or_none()
    except (OperationalError, ProgrammingError) as error:
        if not is_missing(error):
            raise
        raise RefusedError("E_BOOK_UPGRADE", value=1, wanted=SCHEMA_STEP) from error
    if row is None:
        raise RefusedError("E_BOOK_UPGRADE", value=0, wanted=SCHEMA_STEP)
    return _life(row)


def _life(row: Row[Any]) -> Life:
    return Life(row.step, row.state, row.schema_step, row.at, orjson.loads(row.detail))


def closed_for_good(connection: Connection) -> Life | None:
    """The step that closed this copy for good, even where it was brought back from a backup afterwards; None for a copy
    that may take vouchers, now or once a checkpoint is shown, and for a book that is older than this table.
    """
    if not has_life(connection):
        return None
    # An earlier release marked whatever it brought back as restored, so what lies under that mark is looked at.
    chosen = select(book_life).where(book_life.c.state != RESTORED).order_by(book_life.c.step.desc()).limit(1)
    row = connection.execute(chosen).one_or_none()
    return _life(row) if row is not None and row.state in {MOVED, FORKED} else None


def moved(connection: Connection) -> Life | None:
    """The step that moved this copy away, as it stands now; None for any other. The book has the table of its life."""
    row = connection.execute(select(book_life).order_by(book_life.c.step.desc()).limit(1)).one_or_none()
    return _life(row) if row is not None and row.state == MOVED else None


def has_life(connection: Connection) -> bool:
    """Whether the book has the table of its life: one of the first release has not, and is read all the same."""
    return inspect(connection).has_table(book_life.name)


def stated_step(connection: Connection) -> object:
    """The schema step that the book's newest step of life states, whatever stands there; 0 in a book that is older than
    that table, or where it is empty.
    """
    if not has_life(connection):
        return 0
    chosen = select(book_life.c.schema_step).order_by(book_life.c.step.desc()).limit(1)
    found: object = connection.scalar(chosen)
    return 0 if found is None else found


def guarded(connection: Connection, tables: Iterable[Table] = IMMUTABLE) -> list[Table]:
    """Those of some tables that a copy must have: all of them, but for those that an upgrade adds to an older one."""
    has, step = inspect(connection).has_table, stated_step(connection)
    is_older = isinstance(step, int) and step < SCHEMA_STEP
    return [one for one in tables if not is_older or one not in _ADDED or has(one.name)]


def dropped(connection: Connection, there: Container[str]) -> list[str]:
    """The tables that are gone, `there` being those that a book has; of an older book, which may never have had the
    others, only those that every book has.
    """
    known = METADATA.sorted_tables if stated_step(connection) == SCHEMA_STEP else guarded(connection)
    return [f"{table.name}: DROP TABLE" for table in known if table.name not in there]


def is_missing(error: OperationalError | ProgrammingError) -> bool:
    """Whether a statement failed because its table is not there."""
    return "no such table" in str(error.orig) or getattr(error.orig, "sqlstate", None) == "42P01"


def require_open(connection: Connection) -> None:
    """Refuse whoever would write into a copy that is closed. Raises E_RESTORED, E_MOVED, E_MOVE_UNFINISHED,
    E_FORKED, E_BOOK_UPGRADE.
    """
    life = require_upgraded(connection)
    if life.state != OPEN:
        raise RefusedError(
            _REFUSALS.get(life.state, "E_RESTORED"), at=life.at or "-", where=str(life.detail.get("where", "-"))
        )


def require_upgraded(connection: Connection) -> Life:
    """The copy's state. Raises E_BOOK_UPGRADE when it lacks tables of today."""
    life = newest(connection)
    if life.schema_step < SCHEMA_STEP:
        raise RefusedError("E_BOOK_UPGRADE", value=life.schema_step, wanted=SCHEMA_STEP)
    return life


def keep_closed(source: Connection, target: Connection) -> None:
    """Close a copy as its source was closed for good, in the target's transaction: copied rows say nothing of it."""
    closed = closed_for_good(source)
    if closed is not None:
        enter(target, closed.state, closed.at, **closed.detail)


def enter(connection: Connection, state: str, at: str, **detail: Any) -> None:
    """Put the copy into a state, in the caller's transaction. `at` is a timestamp text."""
    step = (connection.scalar(select(func.max(book_life.c.step))) or 0) + 1
    text = orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode()
    row = {"step": step, "state": state, "schema_step": SCHEMA_STEP, "at": at, "detail": text}
    connection.execute(insert(book_life), row)
