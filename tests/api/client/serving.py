"""The real server on the loopback range, in a thread of this process."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from ledger.signing.vkeys import NoteSigner
from ledger_api.books import Book
from ledger_api.http.app import create_app
from ledger_api.http.running.server import Server
from ledger_api.http.service import Service


@contextmanager
def serving(directory: Path, passphrase: str, certificate: Path | None = None) -> Iterator[tuple[str, NoteSigner]]:
    """Serve the book of a directory; its address, and its operator's signer. The clock is the machine's.

    With a certificate (PEM, its key in the same file) it is served by TLS.
    """
    book = Book.open(directory)
    operator = book.operator(passphrase)
    app = create_app(Service(book, operator))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="critical", access_log=False, ws="none", ssl_certfile=certificate)
        server = Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            scheme = "http" if certificate is None else "https"
            yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}", operator
        finally:
            server.should_exit = True
            thread.join()
