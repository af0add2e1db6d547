"""Clients who take nothing, who leave, who come with too many connections; and those who are only slow."""

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from ledger_api.http.running.connections import HEAD_BYTES_MAX, Crowd, PatientProtocol
from ledger_api.http.running.process import streams_of
from ledger_api.http.running.server import config_of
from ledger_api.http.running.settings import ServeSettings
from tests.api.http.running.live import Live, directory_of, live
from tests.application.proposing.county import County

ASKED = b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
TIMES = 60
"""So often the largest public answer is asked for at once: more than the machine keeps between two sockets."""


def connected(server: Live) -> socket.socket:
    """A client that keeps little of what comes."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(60)
    made.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
    return made


def taken(client: socket.socket, pause: float = 0) -> Iterator[int]:
    """How many bytes came each time, until the server hangs up."""
    try:
        while data := client.recv(1 << 16):
            yield len(data)
            time.sleep(pause)
    except ConnectionResetError:
        return


def length_of(server: Live) -> int:
    """The bytes of one answer, with its headers."""
    with connected(server) as client:
        client.sendall(ASKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        return sum(taken(client))


def errors(server: Live) -> list[Any]:
    return [one for one in server.lines() if one["level"].lower() in {"error", "critical"}]


def test_a_client_that_takes_no_answer_is_hung_up_on_whatever_it_asked(sqlite_county: County) -> None:
    with live(directory_of(sqlite_county), "--stalled-seconds", "0.5") as server:
        whole = length_of(server) * TIMES
        with connected(server) as client:
            client.sendall(ASKED * TIMES)
            time.sleep(3)
            assert sum(taken(client)) < whole, "it would have got all of it"
        server.until(lambda: any(one["message"] == "a client takes nothing" for one in server.lines()))
        assert server.stop() == 0
        assert errors(server) == []


def test_a_client_that_is_only_slow_gets_all_of_it(sqlite_county: County) -> None:
    with live(directory_of(sqlite_county), "--stalled-seconds", "0.5", "--idle-seconds", "20") as server:
        whole = length_of(server) * 30 - 30 * len("\r\nconnection: close")
        begun, got = time.monotonic(), 0
        with connected(server) as client:
            client.sendall(ASKED * 30)
            for count in taken(client, pause=0.003):
                got += count
                if got >= whole:
                    break
        assert time.monotonic() - begun > 2, "a stalled one would have been hung up on"
        assert server.stop() == 0


def test_a_client_that_leaves_is_no_failure_of_the_service(sqlite_county: County) -> None:
    with live(directory_of(sqlite_county)) as server:
        for _ in range(3):
            with connected(server) as client:
                client.sendall(ASKED * TIMES)
                time.sleep(0.5)
        assert length_of(server)
        assert server.stop() == 0
        assert errors(server) == []
        assert {one["status"] for one in server.lines() if "status" in one} == {200}


def test_one_address_has_so_many_connections_and_they_are_free_again(sqlite_county: County) -> None:
    with live(directory_of(sqlite_county), "--connections-per-address", "3") as server:
        held = [connected(server) for _ in range(3)]
        for one in held:
            one.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert one.recv(100).startswith(b"HTTP/1.1 200")
        with connected(server) as refused:
            said = b""
            while data := refused.recv(4096):
                said += data
        assert said.startswith(b"HTTP/1.1 503")
        assert b'"code":"E_CONNECTIONS"' in said
        assert b"retry-after: 5" in said
        for one in held:
            one.close()
        server.until(lambda: length_of(server) > 10_000)
        assert server.stop() == 0
        assert errors(server) == []


# ---- one connection without a network


class Wire:
    """A transport whose client takes what a test says."""

    def __init__(self) -> None:
        self.left = 0
        self.said = b""
        self.closed = self.aborted = False

    def get_extra_info(self, name: str) -> Any:
        return ("192.0.2.7", 4711) if name == "peername" else None

    def write(self, data: bytes) -> None:
        self.left += len(data)
        self.said += data[:4096]

    def get_write_buffer_size(self) -> int:
        return self.left

    def is_closing(self) -> bool:
        return self.closed or self.aborted

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def protocol_of(app: Any, wire: Wire, **changed: Any) -> Any:
    """A connection that has just begun."""
    config = uvicorn.Config(app, log_config=None)
    config.load()
    protocol: Any = type("Made", (PatientProtocol,), changed)(config, uvicorn.server.ServerState(), {})
    protocol.connection_made(wire)
    return protocol


async def small(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"40000")]})
    await send({"type": "http.response.body", "body": bytes(40_000)})


@pytest.mark.parametrize("goes_on", [True, False], ids=["keeps the connection", "closes it"])
@pytest.mark.parametrize(("takes", "kept"), [(0, False), (100, False), (17_000, True)])
def test_also_a_small_answer_must_be_taken_before_a_connection_is_let_be(
    *, goes_on: bool, takes: int, kept: bool
) -> None:
    """The last of an answer can wait where nothing is paused for it, and closing waits for that without an end."""

    async def run() -> Wire:
        wire = Wire()
        protocol = protocol_of(small, wire, stalled_seconds=0.05)
        more = b"" if goes_on else b"Connection: close\r\n"
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + more + b"\r\n")
        await asyncio.sleep(0.02)
        assert (wire.left > 40_000, wire.closed) == (True, not goes_on)
        wire.left -= takes
        await asyncio.sleep(0.05)
        aborted = wire.aborted
        protocol.connection_lost(None)
        await asyncio.sleep(0.1)
        assert wire.aborted is aborted, "nothing is looked at after the end"
        return wire

    assert asyncio.run(run()).aborted is not kept


HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = HEAD.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
MORE = HEAD_BYTES_MAX + 1
PIECES = 1 << 12

TOO_LONG = {
    "a header without end": HEAD + b"X: " + b"x" * 2 * MORE,
    "a header that ends": HEAD + b"X: " + b"x" * MORE + b"\r\n\r\n",
    "a name without end": HEAD + b"x" * 2 * MORE,
    "many headers": HEAD + b"X:y\r\n" * 2000 + b"\r\n",
    "a target without end": b"GET /" + b"x" * 2 * MORE,
    "a target that ends": b"GET /" + b"x" * MORE + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "empty lines before a request": b"\r\n" * MORE,
    "an end without end": CHUNKED + b"0\r\nX: " + b"x" * 2 * MORE,
    "many lines after the body": CHUNKED + b"0\r\n" + b"X:y\r\n" * 2000 + b"\r\n",
    "the second request": HEAD + b"\r\n" + HEAD + b"X: " + b"x" * 2 * MORE,
}
NOT_TOO_LONG = {
    "a long header": HEAD + b"X: " + b"x" * (HEAD_BYTES_MAX - 500) + b"\r\n\r\n",
    "a hundred headers": HEAD + b"X: yes\r\n" * 100 + b"\r\n",
    "a long body": HEAD.replace(b"GET", b"POST") + b"Content-Length: %d\r\n\r\n" % (3 * MORE) + b"x" * 3 * MORE,
    "a body of many parts": CHUNKED + b"1\r\nx\r\n" * MORE + b"0\r\n\r\n",
    "many requests": (HEAD + b"X: " + b"x" * 10_000 + b"\r\n\r\n") * 20,
}


def heard(sent: bytes, piece: int, told: list[Any] | None = None) -> Wire:
    """A connection that got so much, in pieces, and whose every request is answered once it is whole."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        if told is not None:
            told.append(list(scope["headers"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> Wire:
        wire = Wire()
        protocol = protocol_of(answer, wire)
        for at in range(0, len(sent), piece):
            protocol.data_received(sent[at : at + piece])
            for _ in range(8):
                await asyncio.sleep(0)
        closed = wire.closed
        protocol.connection_lost(None)
        wire.closed = closed
        return wire

    return asyncio.run(run())


@pytest.mark.parametrize("piece", [PIECES, 1 << 16], ids=["in pieces", "at once"])
@pytest.mark.parametrize("sent", TOO_LONG.values(), ids=TOO_LONG)
def test_headers_have_an_end(sent: bytes, piece: int) -> None:
    """A stranger who sends a header of megabytes would take memory and stop the service for seconds."""
    wire = heard(sent, piece)
    assert wire.closed
    if not sent.startswith(b"POST"):
        assert b"HTTP/1.1 431 Request Header Fields Too Large" in wire.said
        assert b'"code":"E_HEADERS_LARGE"' in wire.said
        assert b"Connection: close" in wire.said or b"connection: close" in wire.said


@pytest.mark.parametrize("piece", [1, 100, PIECES, 1 << 18])
@pytest.mark.parametrize("sent", NOT_TOO_LONG.values(), ids=NOT_TOO_LONG)
def test_what_people_send_is_not_too_long(sent: bytes, piece: int) -> None:
    wire = heard(sent[:20_000] if piece == 1 else sent, piece)
    assert not wire.closed
    assert b" 431 " not in wire.said


def test_what_comes_after_a_body_is_no_header() -> None:
    """Whoever judged the headers has not seen it: a second Authorization, a cookie."""
    told: list[Any] = []
    heard(CHUNKED + b"0\r\nCookie: later\r\n\r\n" + HEAD + b"\r\n", PIECES, told)
    assert [dict(one).get(b"cookie") for one in told] == [None, None]


def test_places_are_of_an_address_and_of_no_trusted_proxy() -> None:
    nobody: Any = None
    made: Any = config_of(ServeSettings(connections_per_address=2, behind_proxy=("10.0.0.0/24",)), nobody).http
    crowd: Crowd = made.crowd
    assert [crowd.enter("192.0.2.7") for _ in range(3)] == ["192.0.2.7", "192.0.2.7", None]
    assert crowd.enter("::ffff:192.0.2.7") is None, "the same address in the other form"
    assert [crowd.enter(f"2001:db8::{number}") is None for number in range(3)] == [False, False, True]
    assert None not in [crowd.enter("10.0.0.7") for _ in range(5)]
    crowd.leave("192.0.2.7")
    assert crowd.enter("192.0.2.7") == "192.0.2.7"
    free = Crowd(0)
    assert None not in [free.enter("192.0.2.7") for _ in range(5)]


def test_streams_wait_as_long_as_every_answer() -> None:
    settings = ServeSettings(stalled_seconds=7)
    assert streams_of(settings).stalled_seconds == 7
