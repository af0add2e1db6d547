"""Streams of one process: one watcher asks the log where it ends, and wakes those who wait.

A stream is a coroutine: it holds no thread and no connection to the database while nothing is posted, and a page of
events at most while its reader is slow. What a stream gives is judged by the roles of the moment at which it is sent;
whoever came by session or read-only key is looked up again before that, when anybody has committed since.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Final

import anyio
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from ledger.errors import LedgerError
from ledger_api.http.callers import Permission
from ledger_api.http.service import Known, Service
from ledger_api.http.streaming.limits import Places, StreamLimits
from ledger_api.http.streaming.pages import Pages
from ledger_api.http.streaming.staying import Stay

MEDIA: Final = "text/event-stream"
HEADERS: Final = {"X-Accel-Buffering": "no"}
"""A proxy that gathers answers would keep events back."""

_log: Final = logging.getLogger("ledger.http.streams")


class EventStream(StreamingResponse):
    """The answer. A reader who takes nothing for too long is hung up on, and comes again from where it stood."""

    media_type = MEDIA

    def __init__(self, parts: AsyncGenerator[bytes], stalled_seconds: float, stands: Mapping[str, str]) -> None:
        super().__init__(parts, headers={**HEADERS, **stands})
        self._parts = parts
        self._stalled_seconds = stalled_seconds

    async def stream_response(self, send: Send) -> None:
        """Send part by part, each in its time."""

        async def in_time(message: Message) -> None:
            async with asyncio.timeout(self._stalled_seconds):
                await send(message)

        try:
            await super().stream_response(in_time)
        except TimeoutError:
            _log.info("a reader takes nothing")
        finally:
            with anyio.CancelScope(shield=True):
                await self._parts.aclose()


class Streams:
    """All streams of one process."""

    def __init__(self, service: Service, limits: StreamLimits) -> None:
        self._service: Final = service
        self.limits: Final = limits
        self.places: Final = Places(limits)
        self._pages: Final = Pages(service)
        self._latest: Known | None = None
        self._changed = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._waiting = 0
        self._closing = False

    def end(self) -> None:
        """End every stream now, and those to come: the process stops. For the thread of the streams."""
        self._closing = True
        self._wake()

    def close(self) -> None:
        """End the thread that reads."""
        self._closing = True
        self._pages.close()

    async def events(self, stay: Stay, after: int) -> AsyncGenerator[bytes]:
        """What the caller may read of the log after a position, then what is posted, until the stream must end."""
        ends = asyncio.get_running_loop().time() + self.limits.seconds
        known = self._latest = await self._service.look()
        self._waiting += 1
        if self._watcher is None or self._watcher.done():
            self._changed = asyncio.Event()
            self._watcher = asyncio.create_task(self._watch())
        try:
            yield b": \n\n"
            async for part in self._parts(stay, after, known, ends):
                yield part
        except (LedgerError, OperationalError) as error:
            _log.warning("a stream ended", exc_info=error)  # its reader comes again, and is told
        finally:
            self._waiting -= 1
            if not self._waiting and self._watcher is not None:
                self._watcher.cancel()
                self._watcher = None

    async def _parts(self, stay: Stay, sent: int, known: Known, ends: float) -> AsyncGenerator[bytes]:
        caller = stay.now(known)
        while caller is not None and known.moved is None and not self._is_over(ends):
            page = await self._pages.after(sent)
            if page.last > sent:
                # Who may read is asked after the page was read: a role that a voucher of the page withdrew is gone.
                known = await self._service.look()
                caller, sent = stay.now(known), page.last
                if caller is None or (
                    stay.is_due(known, self.limits.beat_seconds) and not await run_in_threadpool(stay.lives, known)
                ):
                    return
                visible = [row.text for row in page.rows if caller.sees(Permission.BOOKS, row.entity)]
                # What ends with another's event ends with the place alone: nobody is led through that once more.
                yield b"".join(visible) + (b"" if visible and visible[-1] is page.rows[-1].text else _place(sent))
            elif not await self._goes_on(known, ends) and not self._is_over(ends):
                if stay.is_looked_up and not await run_in_threadpool(stay.lives, known):
                    return
                yield _place(sent)
            if self._latest is None:
                return
            known = self._latest
            caller = stay.now(known)

    async def _goes_on(self, known: Known, ends: float) -> bool:
        """Wait until the log has moved on from what is known, or, answering False, for a beat."""
        left = ends - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.0, min(self.limits.beat_seconds, left))):
                while self._latest is not None and not _differ(self._latest, known) and not self._closing:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _is_over(self, ends: float) -> bool:
        return self._closing or asyncio.get_running_loop().time() >= ends

    async def _watch(self) -> None:
        """Ask where the log ends as long as anybody waits; when it cannot be asked, every stream ends."""
        while True:
            try:
                found = await self._service.look()
            except (LedgerError, OperationalError, RuntimeError) as error:
                _log.warning("the log could not be asked", exc_info=error)
                self._latest = None
                self._wake()
                return
            was, self._latest = self._latest, found
            if was is None or _differ(was, found):
                self._wake()
            await asyncio.sleep(self.limits.look_seconds)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _differ(one: Known, other: Known) -> bool:
    """Whether those who wait have something to do: the log moved on, or the book went elsewhere."""
    return one.words != other.words or one.moved != other.moved


def _place(position: int) -> bytes:
    """A beat: lines that say where the stream stands and show no event."""
    return f": \nid: {position}\n\n".encode()
