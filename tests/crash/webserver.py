"""A server of web servers: each order is the arguments of `charity-ledger`, run in a child that can be killed."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import typer.main

from ledger.flows.registry import event_classes
from ledger_api.cli.program import app
from ledger_api.http.app import create_app
from tests.api.http.running.live import unsafe_here
from tests.crash.serving import Server, serve, serving


def work(order: dict[str, Any]) -> None:
    """Run the program; its log lines go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    typer.main.get_command(app).main(order["arguments"], standalone_mode=False)


@dataclass
class Web:
    """One server that is killed and comes again on the same port."""

    server: Server
    directory: Path
    port: int
    child: int = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start it, and wait until it answers."""
        options = ["--port", str(self.port), "--requests-per-minute", "0", *unsafe_here(self.directory)]
        self.child = self.server.begun({"arguments": ["serve", "--book", str(self.directory), *options]})
        until = time.monotonic() + 120
        while not answers(self.url):
            assert time.monotonic() < until, "the server does not come up"
            time.sleep(0.005)

    def kill(self) -> None:
        """`kill -9`, unless it was killed before."""
        if self.child:
            self.server.ended(self.child)
            self.child = 0


def answers(url: str) -> bool:
    """Whether somebody answers there."""
    try:
        return httpx2.get(f"{url}/v1/health", timeout=30, trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


@contextmanager
def web(directory: Path) -> Iterator[Web]:
    """A server of a book's directory, started; killed in the end."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with serving("webserver") as server:
        found = Web(server, directory, port)
        try:
            found.begin()
            yield found
        finally:
            found.kill()  # also one that did not come up: it waits for it


if __name__ == "__main__":
    event_classes()
    create_app(None)  # everything is imported before the first child
    serve(work)
