"""One connection: how long its client may take to ask and how long what stands before the body may be, how long it may
take to take what it asked for; how many an address may have.

A client that leaves is gone: what was still being answered on its connection is no failure of the service.
"""

import contextlib
import fcntl
import ipaddress
import logging
import termios
from array import array
from asyncio import BaseTransport, TimerHandle
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from fastapi import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ledger.errors import BusyError, LedgerError
from ledger_api.access.addresses import address_of, neighbourhood
from ledger_api.http.problems import LongHeadersError, problem

TAKEN_MIN: Final = 16 * 1024
"""A client takes at least so many of the bytes that wait for it in each time: whoever takes less takes nothing."""

AGAIN_S: Final = 5

HEAD_BYTES_MAX: Final = 64 * 1024
"""So long may be what stands before a body, or after it (RFC 9112 section 7.1.2), as it is counted here."""

LINE_BYTES: Final = 32
"""What a header costs beyond its name and value (RFC 9113 section 6.5.2 counts like this)."""

_log: Final = logging.getLogger("ledger.http.connections")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(slots=True)
class Crowd:
    """How many connections each address has in this process: at most `each`, 0 for any number. A trusted proxy, behind
    whom everybody is, may have as many as there are.
    """

    each: int = 0
    proxies: tuple[Network, ...] = ()
    _open: Counter[str] = field(default_factory=Counter)

    def enter(self, address: str) -> str | None:
        """Take a place; the name under which it is to be left, or None where there is none."""
        found = address_of(address)
        if not self.each or (found is not None and any(found in network for network in self.proxies)):
            return ""
        name = neighbourhood(address)
        if self._open[name] >= self.each:
            return None
        self._open[name] += 1
        return name

    def leave(self, name: str) -> None:
        """Give a place back."""
        if not name:
            return
        self._open[name] -= 1
        if not self._open[name]:
            del self._open[name]


def _refusal(error: LedgerError) -> bytes:
    """The whole answer of a connection that is not served."""
    answer = problem(Request({"type": "http", "headers": []}), error)
    answer.headers["Connection"] = "close"
    status = HTTPStatus(answer.status_code)
    lines = [f"HTTP/1.1 {status} {status.phrase}".encode(), *(b": ".join(one) for one in answer.raw_headers), b"", b""]
    return b"\r\n".join(lines) + bytes(answer.body)


class _LongError(Exception):
    """Has the parser stop: what it reads is refused."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 where a client that does not finish its headers in time and within bounds, or does not take its answers,
    is hung up on.
    """

    header_seconds: float = 10
    stalled_seconds: float = 60
    crowd: Crowd = Crowd()
    refusal: bytes = _refusal(BusyError("E_CONNECTIONS", wait=AGAIN_S))
    too_long: bytes = _refusal(LongHeadersError("E_HEADERS_LARGE", limit=HEAD_BYTES_MAX))
    _waiting: TimerHandle | None = None
    _taking: TimerHandle | None = None
    _left: int = 0
    _in_head: bool = False
    _head: int = 0
    """How long the lines of this head, or those after this body, are that the parser has told of."""
    _gets_on: bool = False
    _held: int = 0
    """How many bytes the parser has taken without getting on: it keeps a line to itself until that ends."""
    _place: str | None = None

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # handed on as it came
        self._asked: list[RequestResponseCycle] = []

    def connection_made(self, transport: BaseTransport) -> None:
        """Wait for the first request, where the address has a place left."""
        super().connection_made(transport)  # type: ignore[arg-type]  # it names the narrower class
        self._place = self.crowd.enter(self.client[0] if self.client else "")
        if self._place is None:
            self.transport.write(self.refusal)
            self.transport.close()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody to wait for, and nobody to answer: also those requests that stood before the newest."""
        self._wait_no_more()
        self._watch_no_more()
        if self._place is not None:
            self.crowd.leave(self._place)
            self._place = None
        for cycle in self._asked:
            if not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self._asked.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """What comes after the connection was refused or hung up on is not read."""
        if self.transport.is_closing():
            return
        self._gets_on = False
        super().data_received(data)
        self._held = 0 if self._gets_on else self._held + len(data)
        if self._held > HEAD_BYTES_MAX and not self.transport.is_closing():
            self._refuse_long()

    def on_message_begin(self) -> None:
        """The first byte of a request: its headers have so much time, and are so long at most."""
        super().on_message_begin()
        self._gets_on, self._in_head, self._head = True, True, 0
        self._wait()

    def on_url(self, url: bytes) -> None:
        """The target, or a part of it."""
        self._lengthen(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; what comes after the body is none, whoever looked at the headers has not seen it."""
        self._lengthen(len(name) + len(value) + LINE_BYTES)
        if self._in_head:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """How long a body may be is the guard's business."""
        self._gets_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of a request."""
        self._gets_on = True
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """The rest is the guard's business."""
        self._wait_no_more()
        self._gets_on, self._in_head, self._head = True, False, 0
        super().on_headers_complete()
        self._asked = [one for one in self._asked if not one.response_complete]
        if self.cycle is not None:
            self._asked.append(self.cycle)

    def on_response_complete(self) -> None:
        """What is not taken yet is waited for so long, whether the connection goes on or closes."""
        super().on_response_complete()
        self._watch_no_more()
        self._watch()

    def pause_writing(self) -> None:
        """More waits for the client than is kept at hand."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """The client takes it."""
        self._watch_no_more()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What the parser could not read, or was stopped at."""
        if self._head > HEAD_BYTES_MAX:
            self._refuse_long()
        else:
            super().send_400_response(msg)

    def _lengthen(self, count: int) -> None:
        self._head += count
        if self._head > HEAD_BYTES_MAX:
            raise _LongError

    def _refuse_long(self) -> None:
        """Say why, unless an answer is under way on this connection, and hang up."""
        _log.info("headers too long")
        if all(one.response_complete for one in self._asked):
            self.transport.write(self.too_long)
        self.transport.close()

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.header_seconds, self._hang_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _hang_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _watch(self) -> None:
        if self._taking is None and self.transport.get_write_buffer_size():
            self._left = self._untaken()
            self._taking = self.loop.call_later(self.stalled_seconds, self._look)

    def _untaken(self) -> int:
        """How many bytes the client has not taken: those that wait here, and those that the machine keeps for it, which
        are megabytes, and of which it takes a good part before any that wait here move.
        """
        kept = array("i", [0])
        found = self.transport.get_extra_info("socket")
        if found is not None:
            with contextlib.suppress(OSError):  # the connection has ended, or the machine does not tell
                fcntl.ioctl(found.fileno(), termios.TIOCOUTQ, kept)
        return self.transport.get_write_buffer_size() + kept[0]

    def _watch_no_more(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _look(self) -> None:
        """A slow client is waited for as long as it takes something. `close` would wait for the others for ever."""
        self._taking = None
        if self.transport.get_write_buffer_size() and self._left - self._untaken() < TAKEN_MIN:
            _log.info("a client takes nothing")
            self.transport.abort()
            return
        self._watch()
