"""The real server on the loopback range, in a thread of this process."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn

from ledger.signing.vkeys import NoteSigner
from ledger_api.books import Book
from ledger_api.http.app import create_app
from ledger_api.http.running.server import Server
from ledger_api.http.service import Service

QUIET: Final[dict[str, Any]] = {"log_level": "critical", "access_log": False, "ws": "none"}


@contextmanager
def listening(config: uvicorn.Config) -> Iterator[int]:
    """A server in a thread of this process, on a free port of the loopback; the port."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        server = Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield int(opened.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def serving(directory: Path, passphrase: str, certificate: Path | None = None) -> Iterator[tuple[str, NoteSigner]]:
    """Serve the book of a directory; its address, and its operator's signer. The clock is the machine's.

    With a certificate (PEM, its key in the same file) it is served by TLS.
    """
    book = Book.open(directory)
    operator = book.operator(passphrase)
    app = create_app(Service(book, operator))
    with listening(uvicorn.Config(app, **QUIET, ssl_certfile=certificate)) as port:
        yield f"{'http' if certificate is None else 'https'}://127.0.0.1:{port}", operator
