"""What arrives while a thread is at work is given to it together: many requests share one thread, and one commit.

A thread for each request would cost more than what it does: those threads only take the interpreter from each other.
What is asked before a turn begins is part of it or of a later one, never of an earlier one, so an answer is never older
than its question.
"""

import asyncio
import threading
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Together(Generic[Asked, Answer]):
    """Calls `work` in a thread of its own with all that was asked since its last turn began; at most `most` at once.

    `work` gives an answer or an error for each, in order; what it raises itself, all of that turn are told.
    """

    def __init__(self, name: str, work: Callable[[Sequence[Asked]], Sequence[Answer | Exception]], most: int) -> None:
        self._name = name
        self._work = work
        self._most = most
        self._asked: list[tuple[Asked, Future[Answer], AbstractEventLoop]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def ask(self, asked: Asked) -> Answer:
        """The answer; raises the error that it is. Whoever gives up waiting does not stop the work."""
        loop = asyncio.get_running_loop()
        answer: Future[Answer] = loop.create_future()
        with self._changed:
            if self._closed:
                raise RuntimeError(f"{self._name} has ended")
            self._asked.append((asked, answer, loop))
            if self._thread is None:
                self._thread = threading.Thread(target=self._take_turns, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()
        return await answer

    def close(self) -> None:
        """Answer what was asked, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _take_turns(self) -> None:
        while turn := self._next():
            found: list[Answer | BaseException]
            try:
                found = [one for one, _ in zip(self._work([asked for asked, _, _ in turn]), turn, strict=True)]
            except BaseException as error:  # noqa: BLE001 - whatever it was, those who wait are told
                found = [error] * len(turn)
            told: dict[AbstractEventLoop, list[tuple[Future[Answer], Answer | BaseException]]] = {}
            for (_, answer, loop), one in zip(turn, found, strict=True):
                told.setdefault(loop, []).append((answer, one))
            for loop, answers in told.items():
                if not loop.is_closed():  # nobody waits in one that is
                    loop.call_soon_threadsafe(_tell, answers)

    def _next(self) -> list[tuple[Asked, "Future[Answer]", AbstractEventLoop]]:
        """What was asked meanwhile, or the first thing that is; empty when there will be nothing any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._asked or self._closed)
            turn, self._asked = self._asked[: self._most], self._asked[self._most :]
            return turn


def _tell(answers: Sequence[tuple["Future[Answer]", Answer | BaseException]]) -> None:
    for answer, found in answers:
        if answer.done():
            continue
        if isinstance(found, BaseException):
            answer.set_exception(found)
        else:
            answer.set_result(found)
