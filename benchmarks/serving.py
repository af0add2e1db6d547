"""A served book for benchmarks, and clients that cost as little as they can: requests are signed before the clock runs
and go out as bytes on sockets that stay open, so that what is measured is the server.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

from benchmarks.synthetic import BUREAU, DAY, ORIGIN, Bench
from ledger.application.drafting import Signer, draft
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.flows.event import Event
from ledger.signing.keyfile import INTERACTIVE_MEM, INTERACTIVE_OPS, write_key_file
from ledger_api.http.message_signatures import Message, sign_message

_NONCES: Final = count()
PASSPHRASE: Final = "nobody guesses a bench"  # noqa: S105 - of a book that is measured and thrown away


def now() -> datetime:
    """The machine's clock: signed requests must be young."""
    return datetime.now(UTC)


def writer_of(bench: Bench) -> Writer:
    """A writer of this process on the bench's book, by the machine's clock."""
    return Writer(bench.store, bench.operator, now, "bench")


def voucher(bench: Bench, events: list[Event]) -> Submission:
    """A voucher of the bureau that is signed now."""
    return draft(Signer("maker", bench.keys["maker"], ORIGIN), BUREAU, DAY, events, now())


def directory(bench: Bench, url: str, folder: Path) -> Path:
    """The bench's book as an operator has it."""
    folder.mkdir()
    (folder / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    write_key_file(
        folder / "operator.clkey", bench.operator.key, PASSPHRASE, ORIGIN, ops=INTERACTIVE_OPS, mem=INTERACTIVE_MEM
    )
    values = {"origin": ORIGIN, "database": url, "operator_passphrase_file": "passphrase"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    (folder / "book.toml").write_text("[book]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


@dataclass
class Served:
    """A running server."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """Seconds of processor that it has taken, with the writer's process."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        return sum(_cpu_s(one) for one in (str(self.pid), *children))


def _cpu_s(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """`charity-ledger serve` over a directory, as it is run, but for the limit of requests."""
    program = "from ledger_api.cli import main; main()"
    options = ["--port", "0", "--requests-per-minute", "0", "--lang", "en", "--log-level", "info"]
    for code in ("CHECKSUMS", "SUPERUSER", "OWNER", "RIGHTS", "DDL", "MODE"):  # of a server that lives for an hour
        options += ["--accept", f"E_DOCTOR_{code}"]
    with (
        (folder / "log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            [sys.executable, "-c", program, "serve", "--book", str(folder), *options], stderr=log
        ) as server,
    ):
        try:
            until = time.monotonic() + 120
            while "startup complete" not in (said := (folder / "log").read_text(encoding="utf-8")):
                assert server.poll() is None, said
                assert time.monotonic() < until, said
                time.sleep(0.05)
            yield Served(server.pid, int(said.partition(" is served at ")[2].split()[0].rpartition(":")[2]))
        finally:
            server.terminate()


def request(bench: Bench, port: int, method: str, target: str, body: Any = None) -> bytes:
    """A signed request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    path, _, query = target.partition("?")
    host = f"127.0.0.1:{port}"
    headers = {"content-type": "application/json"} if content else {}
    message = Message(method, host, path, query, headers, content)
    signed = sign_message(message, bench.keys["maker"], int(time.time()), f"b{next(_NONCES)}")
    lines = {"host": host, "content-length": str(len(content)), **headers, **signed}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + content


@dataclass
class Run:
    """What clients were answered: how long each request took, and in which statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    wall_s: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.wall_s

    def percentile_ms(self, hundredths: int) -> float:
        """The latency that so many of a hundred requests did not exceed."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, len(ordered) * hundredths // 100)]


def ask(port: int, parts: Sequence[Sequence[bytes]]) -> Run:
    """One client with a connection for each part; each sends its next request when the last is answered."""
    run, lock = Run(), threading.Lock()
    ready = threading.Barrier(len(parts) + 1)

    def work(requests: Sequence[bytes]) -> None:
        seconds, statuses = [], set()
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.wait()
            for one in requests:
                begun = time.perf_counter()
                connection.sendall(one)
                statuses.add(answered(connection))
                seconds.append(time.perf_counter() - begun)
        with lock:
            run.seconds += seconds
            run.statuses |= statuses

    threads = [threading.Thread(target=work, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    ready.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    run.wall_s = time.perf_counter() - begun
    return run


def answered(connection: socket.socket) -> int:
    """Read one whole answer; its status."""
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    left = length - len(body)
    while left > 0:
        left -= len(connection.recv(left))
    return int(head[9:12])
