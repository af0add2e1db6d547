"""A receiver of web hooks on loopback, in threads of this process; what verifies its messages is not ours."""

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger_api.hooks.addresses import Reach
from ledger_api.hooks.delivering import Deliverer, Policy
from ledger_api.hooks.sending import Manners
from tests.api.http.house import House

LOOPBACK = ip_network("127.0.0.0/8")


@dataclass(frozen=True)
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]

    def signed_by(self, shown: str) -> bool:
        """Whether a `whpk_…` key signed it, as a receiver of any making would look."""
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(shown.removeprefix("whpk_")))
        content = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        for one in self.headers["webhook-signature"].split(" "):
            scheme, _, signature = one.partition(",")
            try:
                key.verify(base64.b64decode(signature), content)
            except InvalidSignature:
                continue
            return scheme == "v1a"
        return False


Say = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Say:
    """Answer so, with nothing in it."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", "0")
        handler.end_headers()

    return say


def dawdling(done: threading.Event) -> Say:
    """Say nothing until something has happened."""

    def say(_handler: BaseHTTPRequestHandler) -> None:
        done.wait(20)

    return say


@dataclass
class Receiver:
    """What came in; `answers` are given in order, then 200."""

    answers: list[Say] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told?who=us"

    @property
    def reach(self) -> Reach:
        """What the operator must allow for it."""
        return Reach((LOOPBACK,), frozenset({self.port}))

    @property
    def numbers(self) -> list[int]:
        return [one.data["number"] for one in self.got]


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver; by TLS with a certificate (PEM, its key in the same file)."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.got.append(Got(self.path, headers, body))
            (found.answers.pop(0) if found.answers else status(200))(self)

        def log_message(self, *_: object) -> None:
            """Nothing is written down."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Senders may hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Wait for something to be so."""
    late = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < late, "it never came to be"
        time.sleep(0.01)


def deliverer(house: House, reach: Reach, **more: Any) -> Deliverer:
    """A worker over the house's book and clock."""
    manners = Manners(reach, **more)
    return Deliverer(house.service.store, house.service.operator, house.service.unix_now, Policy(manners, look_s=0.02))


@contextmanager
def delivering(house: House, *receivers: Receiver, **more: Any) -> Iterator[Deliverer]:
    """A worker that runs."""
    ports = frozenset(one.port for one in receivers)
    found = deliverer(house, Reach((LOOPBACK,), ports), **more)
    found.start()
    try:
        yield found
    finally:
        found.stop()
