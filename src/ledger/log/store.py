"""The door to a book's database, and the only place that commits: `write` and `read` hand out connections.

A writer holds the lock of the whole log from its first statement (SQLite `BEGIN IMMEDIATE`; PostgreSQL `SELECT … FOR
UPDATE` on the head row at READ COMMITTED), so positions are gapless and in commit order across threads and processes.
A reader sees one snapshot and cannot write. A copy of a book that is closed (restored, moved away) is read as any other
and takes no vouchers.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import ColumnElement, Connection, Engine, func, inspect, select
from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.errors import AuthorityError, BusyError, EvidenceError, InputError, RefusedError, UncertainError
from ledger.log.engines import AT_ONCE, BUSY_TIMEOUT_MS, WRITES, Watcher, open_engine
from ledger.log.keeping.formats import is_known
from ledger.log.keeping.life import require_open
from ledger.log.tables import BOOK_FORMAT, create_all, head

_BUSY_SIGNS: Final = ("database is locked", "lock timeout", "deadlock detected")

_READ_ONLY, _NO_RIGHT, _LOCKED = "25006", "42501", "55P03"
"""SQLSTATE of whoever writes on a replica or under a role that only reads, of whoever reads what the role may not, and
of whoever does not get a lock. Source: PostgreSQL, appendix A.
"""

_CANCELLED: Final = "57014"
"""SQLSTATE of a statement that was cancelled: at somebody's request, or at a limit of time. Source: as above."""

_NO_SCHEMA: Final = "3F000"
"""SQLSTATE of whoever makes a table and may make none in any schema that is looked into. Source: as above."""

AGAIN_S: Final = 2
"""Seconds after which whoever found no database may ask again."""

_SNAPSHOT: Final = select(head.c.position)
"""What takes a snapshot on SQLite. Made once: every read begins with it, and most of its cost was the making."""

_FIRST_READ: Final = select(
    head.c.position,
    func.set_config("transaction_read_only", "on", True),  # noqa: FBT003 - for this transaction only
)


def _make_private(file: str) -> None:
    """An empty file that only its owner reads, where there is none: SQLite gives its mode to the files beside it."""
    with suppress(OSError):  # it is there, or cannot be made: then connecting to it says what is wrong
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))


class LogStore:
    """One book's database. `listen` wakes followers in this process after each commit."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = threading.Lock()
        self._listeners: set[threading.Event] = set()
        self._watching = threading.Lock()
        self._watcher: Watcher | None = None

    @classmethod
    def create(cls, url: str, fill: Callable[[Connection], None] | None = None) -> "LogStore":
        """Make the tables of an empty log and, in the same transaction, fill them with a copy. Raises E_BOOK_EXISTS
        when the database already holds a book, E_DATABASE_OWNER when the role may make no tables. A file that is made
        is its owner's alone.
        """
        store = cls(open_engine(url))
        if store.engine.dialect.name == "sqlite":
            _make_private(store.engine.url.database or "")
        with store._closed_on_error(), store.engine.execution_options(**{WRITES: True}).begin() as connection:
            _require_no_book(connection)
            with owning():
                create_all(connection)
            if fill is not None:
                fill(connection)
        return store

    @classmethod
    def open(cls, url: str, *, verifying: bool = False) -> "LogStore":
        """Open a book that exists. Raises E_NOT_A_BOOK, E_BOOK_FORMAT when newer software made it, or EvidenceError
        E_HEAD_MISSING or E_HEAD_FORMAT when its head was altered. For `verifying` that is no reason: it is opened where
        the log itself says that this software knows it.
        """
        store = cls(open_engine(url))
        file = store.engine.url.database
        if store.engine.dialect.name == "sqlite" and not Path(file or "").is_file():
            raise InputError("E_NOT_A_BOOK", database=file)  # connecting would make an empty file of that name
        with store._closed_on_error(), store.engine.connect() as connection:
            _require_book(connection, verifying=verifying)
        return store

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            with by_name(), _answering():
                yield
        except BaseException:
            self.close()
            raise

    @contextmanager
    def write(self, *, beside: bool = False, wait: bool = True) -> Iterator[Connection]:
        """A transaction that holds the writer's lock; it commits when the block ends and rolls back when it raises.

        Raises E_BOOK_BUSY when the lock is not to be had in time, E_BOOK_READ_ONLY on a replica and under the reader's
        role, E_DATABASE_AWAY when the connection broke, E_BOOK_UPGRADE, E_RESTORED, E_MOVED or E_MOVE_UNFINISHED when
        this copy takes nothing; then nothing was written. UncertainError E_COMMIT_UNKNOWN when the connection broke at
        the commit: it may have been written. `beside` is for what is no part of the book, such as read models and the
        access log: a copy that takes no vouchers takes it all the same. Without `wait` the lock is had at once or not
        at all.
        """
        if not self._turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000 if wait else 0):
            raise BusyError("E_BOOK_BUSY")
        try:
            with by_name(), self.engine.connect() as plain:
                connection = plain.execution_options(**{WRITES: True, AT_ONCE: not wait})
                with _told_of_the_end(connection):
                    self._lock(connection, wait=wait)
                    if not beside:
                        require_open(connection)
                    yield connection
        finally:
            self._turn.release()
        self.woken()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one snapshot of the book, taken now, and refuses to write.

        A connection that was kept and broke meanwhile, because the server was started again, is found out by the first
        thing that is asked: then it is asked once more over a fresh one. To ask each kept connection beforehand whether
        it lives would cost every read a round trip.
        """
        with by_name(reading=True), ExitStack() as stack:
            try:
                connection = stack.enter_context(self._snapshot())
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                connection = stack.enter_context(self._snapshot())  # the pool has let go of all that were kept
            yield connection

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        postgresql = self.engine.dialect.name == "postgresql"
        with self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ") if postgresql else plain
            if not postgresql:
                _query_only(connection, "ON")
            try:
                with connection.begin():
                    # Both databases take the snapshot at the first read. The driver's own way to a reading transaction
                    # would ask for a writing one when the connection is used again, which a replica refuses.
                    connection.execute(_FIRST_READ if postgresql else _SNAPSHOT)
                    yield connection
            finally:
                if not postgresql:
                    _query_only(connection, "OFF")

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be written here now: a replica that follows another server, or the reader's role. A
        replica that is made the primary ceases to be one, so it is asked each time.
        """
        if self.engine.dialect.name != "postgresql":
            return False
        return self._says(func.current_setting("transaction_read_only") == "on")

    @property
    def is_replica(self) -> bool:
        """Whether this database follows another one and may be behind it. Source: PostgreSQL, hot standby."""
        if self.engine.dialect.name != "postgresql":
            return False
        return self._says(func.pg_is_in_recovery())

    def _says(self, question: ColumnElement[bool]) -> bool:
        """What the server says, over a fresh connection where the one that was kept broke meanwhile."""
        with by_name():
            try:
                return self._asked(question)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                return self._asked(question)

    def _asked(self, question: ColumnElement[bool]) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.scalar(select(question)))

    @property
    def tells_at_once(self) -> bool:
        """Whether `commits` costs microseconds: it asks no server."""
        return self.engine.dialect.name == "sqlite"

    def commits(self) -> str | None:
        """A text that is another one after anybody has committed, in this process or another; None when the database
        does not tell, and only a read does.
        """
        with self._watching:
            try:
                if self._watcher is None:
                    self._watcher = Watcher(self.engine)
                return self._watcher.look()
            except (DBAPIError, psycopg.Error):
                self._unwatch()  # whoever reads now is told why; the next who asks connects again
                return None

    def woken(self) -> None:
        """Wake the followers: another process has committed for this one."""
        for listener in tuple(self._listeners):
            listener.set()

    def listen(self, event: threading.Event) -> None:
        """Have an event set after every commit of this store, until `unlisten`."""
        self._listeners.add(event)

    def unlisten(self, event: threading.Event) -> None:
        """Stop setting an event; unknown events are no error."""
        self._listeners.discard(event)

    def close(self) -> None:
        """Close every connection."""
        with self._watching:
            self._unwatch()
        self.engine.dispose()

    def _unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None

    @staticmethod
    def _lock(connection: Connection, *, wait: bool) -> None:
        if connection.dialect.name != "postgresql":
            return  # BEGIN IMMEDIATE has it already
        # All that a writer asks is answered by an index; while a book is small, the planner would rather read it whole.
        by_index = func.set_config("enable_seqscan", "off", True)  # noqa: FBT003 - for this transaction only
        locked = select(head.c.id, by_index).where(head.c.id == 1).with_for_update(nowait=not wait)
        if connection.execute(locked).one_or_none() is None:
            raise EvidenceError("E_HEAD_MISSING")


def _require_no_book(connection: Connection) -> None:
    if inspect(connection).has_table(head.name):
        raise InputError("E_BOOK_EXISTS", database=connection.engine.url.database)


def _require_book(connection: Connection, *, verifying: bool) -> None:
    if not inspect(connection).has_table(head.name):
        raise InputError("E_NOT_A_BOOK", database=connection.engine.url.database)
    found = connection.scalar(select(head.c.format).where(head.c.id == 1))
    if found == BOOK_FORMAT or (verifying and is_known(connection, found)):
        return
    if found is None:
        raise EvidenceError("E_HEAD_MISSING")
    if not isinstance(found, int) or found < 1:  # formats count from 1: no release wrote this
        raise EvidenceError("E_HEAD_FORMAT", value=found, wanted=BOOK_FORMAT)
    raise InputError("E_BOOK_FORMAT", value=found, wanted=BOOK_FORMAT)


def _query_only(connection: Connection, value: str) -> None:
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA query_only = {value}")


@contextmanager
def _answering() -> Iterator[None]:
    """BusyError E_DATABASE_UNREACHED where no connection came about, with what the server or the network said."""
    try:
        yield
    except OperationalError as error:
        if error.statement is not None or getattr(error.orig, "sqlite_errorcode", None) is not None:
            raise
        if getattr(error.orig, "sqlstate", None) == _CANCELLED:  # it was reached, and the password was right
            raise
        raise BusyError("E_DATABASE_UNREACHED", reason=" ".join(str(error.orig).split())[:300]) from error


@contextmanager
def _told_of_the_end(connection: Connection) -> Iterator[None]:
    """A transaction. UncertainError E_COMMIT_UNKNOWN where the connection broke after the block had ended well: the
    server may have committed before it, or after it.
    """
    ended = False
    try:
        with connection.begin():
            yield
            ended = True
    except DBAPIError as error:
        if ended and error.connection_invalidated:
            raise UncertainError("E_COMMIT_UNKNOWN", wait=AGAIN_S) from error
        raise


def _is_away(error: DBAPIError) -> bool:
    """Whether the connection broke, or none came about."""
    if error.connection_invalidated:
        return True
    said = error.orig
    told = getattr(said, "sqlstate", None) is not None or getattr(said, "sqlite_errorcode", None) is not None
    return isinstance(error, OperationalError) and error.statement is None and not told


@contextmanager
def owning() -> Iterator[None]:
    """AuthorityError E_DATABASE_OWNER where tables, roles or rights are made by a role that may not."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in {_NO_RIGHT, _NO_SCHEMA}:
            raise AuthorityError("E_DATABASE_OWNER", reason=str(error.orig).splitlines()[0][:200]) from error
        raise


@contextmanager
def by_name(*, reading: bool = False) -> Iterator[None]:
    """Names what a database refuses: BusyError E_BOOK_BUSY, E_DATABASE_AWAY, E_DATABASE_CANCELLED, RefusedError
    E_BOOK_READ_ONLY, AuthorityError E_DATABASE_RIGHTS. Whoever writes while `reading` is wrong himself, and is told
    what the database says.
    """
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state == _READ_ONLY and not reading:
            raise RefusedError("E_BOOK_READ_ONLY") from error
        if state == _NO_RIGHT:
            raise AuthorityError("E_DATABASE_RIGHTS", reason=str(error.orig).splitlines()[0][:200]) from error
        if state == _CANCELLED:
            said = str(error.orig).splitlines()[0][:200]
            raise BusyError("E_DATABASE_CANCELLED", reason=said, wait=AGAIN_S) from error
        if _is_away(error):
            raise BusyError("E_DATABASE_AWAY", wait=AGAIN_S) from error
        busy = state == _LOCKED or any(sign in str(error.orig) for sign in _BUSY_SIGNS)
        if isinstance(error, OperationalError) and busy:
            raise BusyError("E_BOOK_BUSY") from error
        raise
