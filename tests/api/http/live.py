"""The real server in a process of its own, on a loopback port, over a directory as an operator has it.

`directory_of` makes a county's book into such a directory; the clock of everybody is the machine's.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from ledger.application.drafting import Signer, draft, draft_event
from ledger.decisions.prepared import Submission
from ledger.signing.keyfile import INTERACTIVE_MEM, INTERACTIVE_OPS, write_key_file
from ledger.signing.keys import SigningKey
from ledger_api.books import OPERATOR_KEY, SETTINGS
from ledger_api.client import SignedRequests
from tests.application.proposing.county import ORIGIN, TODAY, County
from tests.application.proposing.county_facts import Fields

ROOT = Path(__file__).parents[3]
PASSPHRASE = "correct horse battery staple"
LOWEST = {"ops": INTERACTIVE_OPS, "mem": INTERACTIVE_MEM}
PROGRAM = "from ledger_api.cli import main; main()"
START_S = 60.0


def directory_of(county: County) -> Path:
    """The county's folder, with the files that name its database and hold its operator's key."""
    folder = county.folder
    url = county.store.engine.url.render_as_string(hide_password=False)
    (folder / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    write_key_file(folder / OPERATOR_KEY, county.operator, PASSPHRASE, ORIGIN, **LOWEST)
    values = {"origin": ORIGIN, "database": url, "operator_key": OPERATOR_KEY, "operator_passphrase_file": "passphrase"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    (folder / SETTINGS).write_text("[book]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


@dataclass
class Live:
    """A running server: its process, where it answers, and what it has written to standard error."""

    process: subprocess.Popen[str]
    url: str
    said: list[str] = field(default_factory=list)

    def stop(self, sig: int = signal.SIGTERM) -> int:
        """Tell it to end and wait; its exit code. What it said until then is in `said`."""
        self.process.send_signal(sig)
        _, rest = self.process.communicate(timeout=START_S)
        self.said += rest.splitlines()
        return self.process.returncode

    def lines(self) -> list[dict[str, Any]]:
        """Its log lines."""
        return [json.loads(line) for line in self.said if line.startswith("{")]


@contextmanager
def live(directory: Path, *options: str) -> Iterator[Live]:
    """`charity-ledger serve` on a port that was free; killed in the end if it still runs."""
    arguments = ["serve", "--book", str(directory), "--lang", "en", *options]
    if "--port" not in options:
        arguments += ["--port", "0"]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        try:
            found = Live(process, "")
            found.url = _address(found)
            _wait_for(found)
            yield found
        finally:
            if process.poll() is None:
                process.kill()


def _address(found: Live) -> str:
    assert found.process.stderr is not None
    for text in found.process.stderr:
        found.said.append(text.rstrip("\n"))
        if " is served at " in text:
            return text.rsplit(" ", 1)[1].strip()
    raise AssertionError("\n".join(found.said))


def _wait_for(found: Live) -> None:
    """Until it answers at all: a socket that is open is answered once the book is."""
    host, _, port = found.url.rpartition("/")[2].rpartition(":")
    del host, port
    if found.url.startswith("https"):
        return  # the caller knows the certificate
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if found.process.poll() is not None:
            rest = found.process.stderr.read() if found.process.stderr is not None else ""
            raise AssertionError("\n".join([*found.said, rest]))
        try:
            httpx2.get(f"{found.url}/v1/health", timeout=5)
        except httpx2.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(found.said)


def now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def client_of(url: str, key: SigningKey, **more: Any) -> httpx2.Client:
    """A client that signs each request with a key."""
    return httpx2.Client(base_url=url, auth=SignedRequests(key), timeout=30, trust_env=False, **more)


def voucher(county: County, maker: str, entity: str, *facts: tuple[str, Fields]) -> Submission:
    """A voucher that is drafted and signed now."""
    return draft(Signer(maker, county.keys[maker], ORIGIN), entity, TODAY, [draft_event(*one) for one in facts], now())


def drain(found: Live) -> None:
    """Read what the server has said so far, so that its pipe never fills."""
    assert found.process.stderr is not None
    while select.select([found.process.stderr], [], [], 0)[0]:
        text = os.read(found.process.stderr.fileno(), 65536).decode()
        if not text:
            return
        found.said += text.splitlines()
