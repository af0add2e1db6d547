"""A disk that is full at every write: each act is done or not done, and whatever was acknowledged is in the book.

The limit on a file's size stands for the disk: the system tears the write that crosses it and refuses the next. It is
moved through the write-ahead file, to the edges of frames and into them, until the act meets it no more.
"""

import os
import resource
import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from ledger.log.store import LogStore
from tests.api.county import Office
from tests.crash import acting

HEADER, FRAME = 32, 4096 + 24
"""Bytes of a write-ahead file's header and of a page in it. Source: sqlite.org/fileformat2.html, section 4."""

STRIDE = 1 if settings().max_examples > 1_000 else 3
"""Frames from one limit to the next: each of them in a soak."""

INSIDE = (0, 1, 24, 2_000)
"""Where in a frame the disk ends, in turn."""


@pytest.mark.parametrize("name", acting.ACTS)
def test_no_full_disk_harms_the_book(first: Office, tmp_path: Path, name: str) -> None:
    before = acting.standing(first)
    done = first.copy(tmp_path / "done")
    assert acting.act(done, name) == 0
    after = acting.standing(done)
    assert after != before
    failed = lived = frame = 0
    while not lived:
        office = first.copy(tmp_path / f"{frame}")
        limit = HEADER + FRAME * frame + INSIDE[frame // STRIDE % len(INSIDE)]
        code = acted(office, name, limit)
        acting.again(office, name, code, before, after)
        failed += code != 0
        lived = code == 0 and frame > 0
        frame += STRIDE
        shutil.rmtree(office.folder)
    assert failed > 5, "the limits met the act"


def acted(office: Office, name: str, limit: int) -> int:
    """The act's exit code in a process that may write no file beyond a size."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        os._exit(acting.act(office, name))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_the_limit_is_met_by_the_database(first: Office, tmp_path: Path) -> None:
    """What the sweep stands on: a write beyond the limit fails, and the database says so."""
    office = first.copy(tmp_path / "office")
    assert acted(office, "donation", HEADER) not in {0, 1}
    store = LogStore.open(f"sqlite:///{office.book / 'book.db'}")
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == acting.standing(first).events
    store.close()
