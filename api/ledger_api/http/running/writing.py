"""The writer in a process of its own, beside the processes that answer requests.

Judging and hashing vouchers would take the interpreter from whoever answers requests; here it takes another processor,
and the requests of several processes share one commit. A process asks over a pipe of its own that is there before it
is. The writer ends when the last of them has closed its pipes, having finished what it was at; it dies with its parent.

Nothing rests on it: when it is gone, who asked posts by itself, beside any other writer. What was handed in twice by
that is known again and answers the same.
"""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe
from typing import Any, Final

from ledger.application.outcomes import Outcome
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.errors import EvidenceError, LedgerError

Answers = list[Outcome | LedgerError]
Way = Callable[[Writer, Sequence[Submission]], Answers]

_PR_SET_PDEATHSIG: Final = 1

BEHIND: Final = 5
"""How far the writer stands back for those who answer requests, in steps of nice(2), where a processor is wanted by
both: a reader waits for milliseconds, an import for seconds. More of it costs single vouchers their rate.
"""

LANES: Final = ("vouchers", "imports")
"""What asks at the same time in one process: an import's round must not keep single vouchers out."""

ALONE: Final[dict[str, Way]] = {
    "submit_all": lambda writer, submissions: writer.submit_all(submissions),
    "submit_together": lambda writer, submissions: writer.submit_together(submissions),
}
"""What may be asked, and how a process does it itself."""

_log: Final = logging.getLogger("ledger.http.writer")


class Lane:
    """One pipe to the writer, for one thread at a time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._one = threading.Lock()

    def ask(self, way: str, submissions: Sequence[Submission]) -> tuple[Answers | LedgerError, list[int]]:
        """The answers, or the error that there was instead; and how many vouchers shared each commit since. Raises
        OSError or EOFError when the writer is gone.
        """
        with self._one:
            self._pipe.send((way, list(submissions)))
            found: tuple[Answers | LedgerError, list[int]] = self._pipe.recv()
            return found

    def close(self) -> None:
        """Ask no more."""
        self._pipe.close()


class Hand:
    """Where a process hands vouchers in: at the writer's, or when that is gone, at its own."""

    def __init__(self, lanes: dict[str, Lane]) -> None:
        self._lanes = lanes
        self._lost = False

    def submit(self, lane: str, way: str, submissions: Sequence[Submission], own: Writer) -> Answers:
        """See `Writer.submit_all` and `Writer.submit_together`; `own` also hears of the commits."""
        if self._lost:
            return ALONE[way](own, submissions)
        try:
            answers, commits = self._lanes[lane].ask(way, submissions)
        except (OSError, EOFError) as gone:
            if not self._lost:
                self._lost = True
                _log.error("writer gone", extra={"reason": type(gone).__name__})
            return ALONE[way](own, submissions)
        for vouchers in commits:
            own.committed(vouchers)
        if isinstance(answers, LedgerError):
            raise answers
        return answers

    def close(self) -> None:
        """Let the writer end."""
        for lane in self._lanes.values():
            lane.close()


class WritingProcess:
    """The writer's process as its parent sees it, with a hand for each of `places` processes that answer requests.

    `make` opens the book in the new process and answers its writer and what closes the book. To be made before a
    database is opened or a thread begun: the process is forked. `leave` are file descriptors that it has no business
    with.
    """

    def __init__(
        self, make: Callable[[], tuple[Writer, Callable[[], None]]], places: int, leave: Sequence[int]
    ) -> None:
        ends = [[Pipe() for _ in LANES] for _ in range(places)]
        self.hands: Final = [Hand({name: Lane(own) for name, (own, _) in zip(LANES, e, strict=True)}) for e in ends]
        self.pid = os.fork()
        if self.pid == 0:
            for descriptor in leave:
                os.close(descriptor)
            for hand in self.hands:
                hand.close()
            _live(make, [other for end in ends for _, other in end])
        for end in ends:
            for _, other in end:
                other.close()

    def keep(self, place: int) -> Hand:
        """In the process of a place: its hand, and no other's."""
        for other, hand in enumerate(self.hands):
            if other != place:
                hand.close()
        return self.hands[place]

    def let_go(self) -> None:
        """In a parent that hands nothing in itself."""
        for hand in self.hands:
            hand.close()

    def end(self) -> None:
        """In the parent: hand in no more, and wait until all that was handed in is written."""
        self.let_go()
        with contextlib.suppress(ChildProcessError):  # somebody has waited for it already
            os.waitpid(self.pid, 0)


def _live(make: Callable[[], tuple[Writer, Callable[[], None]]], pipes: Sequence[Connection]) -> None:
    """The life of the writer's process. Signals are for those who answer requests: with the last of them it ends."""
    code = 1
    try:
        _die_with_parent()
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, signal.SIG_IGN)
        os.nice(BEHIND)
        writer, close = make()
        commits: deque[int] = deque()
        writer.committed = commits.append
        threads = [threading.Thread(target=answer_lane, args=(writer, pipe, commits)) for pipe in pipes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        close()
        code = 0
    except Exception:  # noqa: BLE001 - a child must not go on as its parent
        _log.exception("writer failed")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _die_with_parent() -> None:
    """A server that is killed writes no more. Source: Linux, prctl(2), PR_SET_PDEATHSIG."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed in between
        os._exit(1)


def answer_lane(writer: Writer, pipe: Connection, commits: deque[int]) -> None:
    """Do what one pipe asks, until nobody asks any more. However it ends, whoever asked is not left waiting."""
    with pipe:
        while True:
            try:
                way, submissions = pipe.recv()
            except (OSError, EOFError):
                return
            answer: Any
            try:
                answer = ALONE[way](writer, submissions)
            except LedgerError as error:
                answer = error
            except Exception as error:  # noqa: BLE001 - whoever asked is told, and the others are not held up
                _log.exception("writer failed")
                answer = EvidenceError("E_WRITER", reason=type(error).__name__)
            try:
                pipe.send((answer, _drained(commits)))
            except OSError:  # whoever asked has died: what was posted stays
                return


def _drained(commits: deque[int]) -> list[int]:
    """What was counted since somebody took it last; several threads take at once."""
    found: list[int] = []
    with contextlib.suppress(IndexError):
        while True:
            found.append(commits.popleft())
    return found
