"""Answers that were rendered once, so that the same question costs nothing until the log grows.

The key says everything that an answer depends on: route, query, language, whose entities, the day, the head and its
checkpoint. An answer of an older head is never asked for again; it goes when room is needed.
"""

import asyncio
import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

ROOM_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of an answer with its headers."""

    body: bytes
    headers: dict[str, str]
    media_type: str


class Rendered:
    """The newest answers of one process, the least used ones forgotten first."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self._room = room_bytes
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Page | None:
        """The answer of a key."""
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
            return found

    def keep(self, key: Hashable, page: Page) -> None:
        """Keep an answer, unless it would push out too much of the others."""
        size = len(page.body)
        with self._lock:
            if size > self._room // 8 or key in self._pages:
                return
            self._pages[key] = page
            self._held += size
            while self._held > self._room:
                _, gone = self._pages.popitem(last=False)
                self._held -= len(gone.body)


class Shared:
    """Answers that are being made: who asks the same meanwhile waits for the one answer, and copies it."""

    def __init__(self) -> None:
        self._works: dict[tuple[asyncio.AbstractEventLoop, Hashable], asyncio.Task[Response]] = {}

    async def running(self, question: Hashable) -> Response | None:
        """The answer that is being made to the same question, once it is made; None where nobody asks it, or where it
        was refused.
        """
        made = self._works.get((asyncio.get_running_loop(), question))
        if made is not None:
            with contextlib.suppress(Exception):
                return await asyncio.shield(made)
        return None

    async def ask(self, question: Hashable, work: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
        """What `work` answers, done now or by whoever asked the same first. A refusal is not shared: it may name who
        asked.
        """
        place = (asyncio.get_running_loop(), question)
        if place in self._works:
            return await self.running(question) or await work()
        made = self._works[place] = asyncio.create_task(work())
        made.add_done_callback(lambda _: self._works.pop(place, None))
        return await asyncio.shield(made)
