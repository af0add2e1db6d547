"""The server's process: its socket, TLS, time-outs, several processes on one socket, and an end that loses nothing.

On SIGTERM or SIGINT it takes no new connection, answers what has been asked, and then gives the database back; a
second SIGINT does not wait. What was not answered was either not posted or will answer the same when it is asked again.
"""

import contextlib
import ipaddress
import logging
import os
import signal
import socket
import ssl
import sys
import time
from collections import deque
from pathlib import Path
from types import FrameType
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from ledger.errors import InputError
from ledger_api.given_files import machine_reason
from ledger_api.http.running import logs
from ledger_api.http.running.connections import Crowd, PatientProtocol
from ledger_api.http.running.process import ServedBook
from ledger_api.http.running.settings import ServeSettings
from ledger_api.http.running.writing import WritingProcess
from ledger_api.http.streaming.stream import Streams

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Forward secrecy and authenticated encryption; those of TLS 1.3 are all of that kind."""

CONNECTIONS_MAX: Final = 2_000
RESTARTS_MAX: Final = 10
RESTARTS_S = 600.0
"""So many workers may die in so many seconds: with one more the whole service ends, and whoever looks after it sees."""

TURN_S: Final = 0.0002
"""How long a thread that only computes keeps the interpreter from one that waits for it. With Python's own 5 ms whoever
answers requests would wait so long after each, while a batch is judged: readers during an import got a third less done.
"""
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)
_log: Final = logging.getLogger("ledger.http.server")


class Server(uvicorn.Server):
    """A server whose process ends with 0 when it was told to end."""

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """Begin to stop; asked twice by a person, stop at once."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams have no end of their own: they are ended, and then what has one is waited for."""
        streams: Streams = self.config.app.state.streams  # type: ignore[union-attr]  # an application, by `config_of`
        streams.end()
        await super().shutdown(sockets)


def config_of(settings: ServeSettings, app: FastAPI) -> uvicorn.Config:
    """How uvicorn is to serve an application."""
    proxies = tuple(ipaddress.ip_network(address) for address in settings.behind_proxy)
    manners = {
        "header_seconds": settings.header_seconds,
        "stalled_seconds": settings.stalled_seconds,
        "crowd": Crowd(settings.connections_per_address, proxies),
    }
    protocol = type("Protocol", (PatientProtocol,), manners)
    secured = settings.certificate is not None
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=int(max(1, settings.idle_seconds)),
        timeout_graceful_shutdown=settings.stop_seconds,
        ssl_context_factory=(lambda _config, _usual: tls_of(settings)) if secured else None,
    )


def tls_of(settings: ServeSettings) -> ssl.SSLContext:
    """TLS 1.2 or newer, with forward secrecy, without compression or renegotiation.

    Raises InputError E_SERVE_CERTIFICATE_FILE for a file that is not there, cannot be read, or does not belong.
    """
    assert settings.certificate is not None  # noqa: S101 - asked for with a certificate only
    assert settings.certificate_key is not None  # noqa: S101 - they are given together
    for file in (settings.certificate, settings.certificate_key):
        try:
            Path(file).read_bytes()  # the library does not say which of the two it could not read
        except OSError as error:
            raise InputError("E_SERVE_CERTIFICATE_FILE", file=file, reason=machine_reason(error)) from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(settings.certificate, settings.certificate_key, password="")  # never asked for
    except ssl.SSLError as error:
        files = f"{settings.certificate}, {settings.certificate_key}"
        raise InputError("E_SERVE_CERTIFICATE_FILE", file=files, reason=error.reason or "PEM") from None
    return context


def listening(settings: ServeSettings) -> socket.socket:
    """The open socket. Raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    opened = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    opened.set_inheritable(True)
    return opened


def run(settings: ServeSettings, opened: socket.socket, book: ServedBook) -> None:
    """Serve until told to stop. `book` is opened in each process; nothing of it may be open yet: they are forked."""
    sys.setswitchinterval(TURN_S)
    logs.set_up(settings.log_level)
    writing = book.writing([opened.fileno()])
    try:
        if settings.workers == 1:
            hand = None if writing is None else writing.keep(0)
            Server(config_of(settings, book(0, hand))).run([opened])
        else:
            _Family(settings, opened, book, writing).run()
    finally:
        if writing is not None:
            writing.end()


class _Family:
    """Several processes on one socket; one that dies is started again. When they die too fast all of them end: a
    service that shrank would be slow, and in the end gone, without a word.
    """

    def __init__(
        self, settings: ServeSettings, opened: socket.socket, book: ServedBook, writing: WritingProcess | None
    ) -> None:
        self._settings, self._opened, self._book, self._writing = settings, opened, book, writing
        self._children: dict[int, int] = {}
        self._stopping = False
        self._failed = False
        self._deaths: deque[float] = deque()

    def run(self) -> None:
        """Start all, pass signals on, wait for all."""
        for place in range(self._settings.workers):
            self._start(place, self._writing)
        if self._writing is not None:
            self._writing.let_go()
        for sig in _ENDING:
            signal.signal(sig, self._stop)
        while self._children:
            pid, status = os.wait()
            if pid not in self._children:  # the writer, whom its askers miss
                continue
            place = self._children.pop(pid)
            if self._stopping:
                continue
            _log.error("worker ended", extra={"worker": place, "status": os.waitstatus_to_exitcode(status)})
            if self._may_go_on():
                self._start(place, None)  # with what the last one left in its pipe nobody could go on
            else:
                _log.critical("workers end too often", extra={"deaths": len(self._deaths), "seconds": RESTARTS_S})
                self._failed = True
                self._stop(signal.SIGTERM, None)
        if self._failed:  # nobody told them to end: whoever looks after the service starts it again
            raise SystemExit(1)

    def _may_go_on(self) -> bool:
        """Count one more death; whether there were few of late."""
        now = time.monotonic()
        self._deaths.append(now)
        while self._deaths[0] < now - RESTARTS_S:
            self._deaths.popleft()
        return len(self._deaths) <= RESTARTS_MAX

    def _start(self, place: int, writing: WritingProcess | None) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # a child that is not yet itself must not end its siblings
        child = os.fork()
        if child:
            self._children[child] = place
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            return
        code = 1
        try:
            for sig in _ENDING:
                signal.signal(sig, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            hand = None if writing is None else writing.keep(place)
            Server(config_of(self._settings, self._book(place, hand))).run([self._opened])
            code = 0
        except Exception:  # noqa: BLE001 - a child must not go on as its parent
            _log.exception("worker failed", extra={"worker": place})
        finally:
            os._exit(code)

    def _stop(self, sig: int, _frame: Any) -> None:
        self._stopping = True
        for child in self._children:
            with contextlib.suppress(ProcessLookupError):  # it ended, and nobody has written that down yet
                os.kill(child, sig)
