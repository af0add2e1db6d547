"""Reading files in a second process while this one records what it has read: workbooks take a quarter of an import.

A file that the second process has not begun is read here when it is asked for, so nobody waits for a turn. What comes
back is what `parse_file` gives, faults and refusals included. A process that is killed, as one that reads a hostile
workbook may be, costs its head start and nothing else: the file is read again here.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Protocol

from ledger.application.importing.parse import parse_file
from ledger.application.importing.report import ParsedFile

WORTHWHILE_BYTES: Final = 1_500_000
"""A process needs most of a second to begin; fewer bytes than this are read sooner by the one that is there."""

_Asked = tuple[Path, str | None, str | None]


class Reader(Protocol):
    """How an importer gets what a file says; `parse_file` is one."""

    def __call__(self, source: Path, kind: str | None = None, *, month: str | None = None) -> ParsedFile:
        """What a file of a kind (None: told by its headers) says; raises `InputError` when it cannot be read."""


class ReadAhead:
    """A `Reader` that may be told early what it will be asked for. `close` it; it holds a process once told."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._begun: dict[_Asked, Future[ParsedFile]] = {}
        self._beside: Future[Any] | None = None

    def begin(self, files: Iterable[Path], kind: str | None = None, *, month: str | None = None) -> None:
        """Let the second process read these, in this order, after what it was told before. It reads the files as they
        are then: what is recorded names the digest of what was read.
        """
        pool = self._process()
        for file in files:
            try:
                self._begun[file, kind, month] = pool.submit(parse_file, file, kind, month=month)
            except BrokenProcessPool:
                self.close()
                return

    def beside(self, work: Callable[..., object], *given: object) -> bool:
        """Let the second process do something else once it has read what it was told: something that may as well be
        left, and that does not say here what went wrong. While it is at that it takes nothing more; answers whether it
        was taken.
        """
        if self._beside is not None and not self._beside.done():
            return False
        try:
            self._beside = self._process().submit(work, *given)
        except BrokenProcessPool:
            self.close()
            return False
        return True

    def __call__(self, source: Path, kind: str | None = None, *, month: str | None = None) -> ParsedFile:
        """What the file says, wherever it was read; each head start serves once. Raises as `parse_file` does."""
        begun = self._begun.pop((source, kind, month), None)
        if begun is not None and not begun.cancel():
            try:
                return begun.result()
            except BrokenProcessPool:
                self.close()
        return parse_file(source, kind, month=month)

    def close(self) -> None:
        """Let the second process go; what it has not begun is left, what it does beside is ended first."""
        self._begun.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=self._beside is not None and not self._beside.done(), cancel_futures=True)
            self._pool = None

    def _process(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned, not forked: this process has threads and open databases.
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        return self._pool


@contextmanager
def reading_beside(files: Sequence[Path], kind: str | None = None, *, month: str | None = None) -> Iterator[Reader]:
    """A reader for one import: with enough to read and a second processor, both begin, one from each end."""
    sizes = [file.stat().st_size if file.is_file() else 0 for file in files]
    if len(files) < 2 or sum(sizes) - max(sizes) < WORTHWHILE_BYTES or (os.cpu_count() or 1) < 2:
        yield parse_file
        return
    ahead = ReadAhead()
    try:
        ahead.begin(reversed(files), kind, month=month)
        yield ahead
    finally:
        ahead.close()
