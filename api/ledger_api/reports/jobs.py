"""Reports in the making: one thread makes them one after another, each from one snapshot of the book.

A report that was not finished when its process ended is failed with E_JOB_LOST; nothing half-made is ever given out.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from nacl.utils import random

from ledger.catalogue import say
from ledger.errors import LedgerError
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import parse_day, timestamp_text
from ledger_api.access.refusals import TooManyError
from ledger_api.books import Book
from ledger_api.clients import moment
from ledger_api.reports.assembling import Asking, Making, assemble
from ledger_api.reports.kinds import PACKAGE
from ledger_api.reports.orders import UNFINISHED, Order
from ledger_api.reports.rendering import as_csv, as_json, as_xlsx
from ledger_api.reports.shelf import Shelf, open_private
from ledger_audit.packages import export_package
from ledger_audit.verifier.formats.bag import file_digest
from ledger_projections.keeping.clocks import head_position, log_moment

KEPT: Final = timedelta(days=7)
"""How long a report lies ready; then it is taken away."""
WAITING_MAX: Final = 20
"""Of one caller."""
ALL_MAX: Final = 100
_RENDERERS: Final = {"json": as_json, "csv": as_csv, "xlsx": as_xlsx}
_PATIENCE_S: Final = 10
_log: Final = logging.getLogger("ledger.reports")


class Jobs:
    """The reports of one process. `fold` brings the read models to the log before one is made."""

    def __init__(self, book: Book, operator: NoteSigner, fold: Callable[[], int]) -> None:
        self._book = book
        self._operator = operator
        self._fold = fold
        self.shelf: Final = Shelf(book.settings.directory)
        self._queue: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        with contextlib.suppress(OSError):  # a full disk must not keep the service from starting; `prepare` tidies too
            self.tidy()

    def prepare(self, asking: Asking, form: str, at: int | None, asked_by: str) -> Order:
        """A new order with a folder of its own; it is made once it is given to `start`."""
        self.tidy()
        order = Order(random(16).hex(), asking, form, at, asked_by, self._now())
        self.shelf.add(order)
        return order

    def start(self, order: Order) -> None:
        """Have it made."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="reports", daemon=True)
                self._thread.start()
        self._queue.put(order)

    def require_place(self, asked_by: str) -> None:
        """Raises TooManyError E_REPORTS_WAITING where so many are not finished that the same caller asked for, which
        leaves places to the others, or so many of all.
        """
        unfinished = [one.asked_by for one in self.shelf.all() if one.state in UNFINISHED]
        if unfinished.count(asked_by) >= WAITING_MAX:
            raise TooManyError("E_REPORTS_WAITING", count=WAITING_MAX)
        if len(unfinished) >= ALL_MAX:
            raise TooManyError("E_REPORTS_WAITING", count=ALL_MAX)

    def find(self, name: str) -> Order:
        """Where an order stands. Raises NotFoundError E_REPORT_UNKNOWN."""
        return self.shelf.find(name, self._now())

    def listed(self) -> list[Order]:
        """Every order that has not expired, the newest first."""
        now = self._now()
        found = [one for one in self.shelf.all() if one.expires_at is None or one.expires_at > now]
        return sorted(found, key=lambda one: (one.asked_at, one.id), reverse=True)

    def tidy(self) -> None:
        """Take away what expired, and say of what was lost that it was."""
        now = self._now()
        for one in [each for each in self.shelf.all() if each.expires_at is not None and each.expires_at <= now]:
            self.shelf.remove(one.id)
        lost = self.shelf.lost()
        try:
            for one in lost:
                self._fail(one, "E_JOB_LOST", say("E_JOB_LOST", one.asking.language))
        finally:
            for one in lost:
                self.shelf.release(one.id)

    def close(self) -> None:
        """Let the one that is being made end, for a while; what waits is lost."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_PATIENCE_S)
        self.shelf.release_all()

    def _work(self) -> None:
        while (order := self._queue.get()) is not None:
            try:
                self._one(order)
            except Exception:  # noqa: BLE001 - not even its failure could be written; whoever looks next finds it lost
                _log.exception("report")
                self.shelf.release(order.id)

    def _one(self, order: Order) -> None:
        language = order.asking.language
        try:
            self._make(order)
        except LedgerError as error:
            self._fail(order, error.code, error.message(language))
        except Exception:  # noqa: BLE001 - whatever it was, the order says that it failed and the thread goes on
            _log.exception("report")
            self._fail(order, "E_UNFORESEEN", say("E_UNFORESEEN", language, kind="report", reason=order.id))

    def _make(self, order: Order) -> None:
        running = order.now(state="running")
        self.shelf.keep(running)
        file = self.shelf.file_of(order.id)
        beside = file.with_suffix(".zip")
        position, total = (self._package if order.asking.kind == PACKAGE else self._report)(running, beside)
        beside.chmod(0o600)
        with beside.open("rb") as made:
            digest, size = file_digest(made).hex(), beside.stat().st_size
        beside.replace(file)
        finished = running.now(state="done", done=total, total=total, position=position, size_bytes=size, digest=digest)
        self._finish(finished)

    def _package(self, order: Order, target: Path) -> tuple[int, int]:
        with self._book.store.read() as connection:
            made = export_package(connection, self._operator, target, self._now(), self._step(order))
        return made.position, len(made.lines)

    def _report(self, order: Order, target: Path) -> tuple[int, int]:
        now = self._now()
        reached = self._fold()
        with self._book.store.read() as connection:
            at = order.at
            if at is None:
                at = min(reached, head_position(connection))
            position = log_moment(connection, None, at).position
            making = Making(self._book.origin, parse_day(now[:10]), now)
            made = assemble(connection, order.asking, making, position, self._step(order))
        data = _RENDERERS[order.form](made)
        with open_private(target) as file:
            file.write(data)
        return made.position, len(made.tables) + len(made.readers)

    def _step(self, order: Order) -> Callable[[int, int], None]:
        return lambda done, total: self.shelf.keep(order.now(done=done, total=total))

    def _fail(self, order: Order, code: str, reason: str) -> None:
        self.shelf.clear(order.id)
        self._finish(order.now(state="failed", code=code, reason=reason))

    def _finish(self, order: Order) -> None:
        gone = timestamp_text(moment(self._book.clock) + KEPT)
        self.shelf.keep(order.now(finished_at=self._now(), expires_at=gone))
        self.shelf.release(order.id)

    def _now(self) -> str:
        return timestamp_text(moment(self._book.clock))
