"""The real server in a process of its own, on a loopback port, over a directory as an operator has it.

`directory_of` makes a county's book into such a directory; the clock of everybody is the machine's.
"""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
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

ROOT = Path(__file__).parents[4]
PASSPHRASE = "correct horse battery staple"
LOWEST = {"ops": INTERACTIVE_OPS, "mem": INTERACTIVE_MEM}
PROGRAM = "from ledger_api.cli import main; main()"
START_S = 60.0


def directory_of(county: County) -> Path:
    """The county's folder, with the files that name its database and hold its operator's key."""
    folder = county.folder
    url = county.store.engine.url.render_as_string(hide_password=False)
    (folder / "passphrase").touch(mode=0o600)
    (folder / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    if not (folder / OPERATOR_KEY).exists():
        write_key_file(folder / OPERATOR_KEY, county.operator, PASSPHRASE, ORIGIN, **LOWEST)
    values = {"origin": ORIGIN, "database": url, "operator_key": OPERATOR_KEY, "operator_passphrase_file": "passphrase"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    (folder / SETTINGS).touch(mode=0o600)  # the address of a PostgreSQL database has a password in it
    (folder / SETTINGS).write_text("[book]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def unsafe_here(directory: Path) -> list[str]:
    """What the tests' PostgreSQL is and no county's should be: its one role may do everything."""
    if "postgresql" not in (directory / SETTINGS).read_text(encoding="utf-8"):
        return []
    codes = ("CHECKSUMS", "SUPERUSER", "OWNER", "RIGHTS", "DDL")
    return [word for code in codes for word in ("--accept", f"E_DOCTOR_{code}")]


@dataclass
class Live:
    """A running server: its process, where it answers, and what it has written to standard error so far."""

    process: subprocess.Popen[str]
    url: str = ""
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for text in self.process.stderr:
            self.said.append(text.rstrip("\n"))

    def stop(self, sig: int = signal.SIGTERM) -> int:
        """Tell it to end and wait; its exit code. All that it said is in `said` then."""
        self.process.send_signal(sig)
        code = self.process.wait(START_S)
        self._reader.join()
        return code

    def lines(self) -> list[dict[str, Any]]:
        """Its log lines."""
        return [json.loads(line) for line in self.said if line.startswith("{")]

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to be so; fails with what the server said when it ends, or when it takes a minute."""
        late = time.monotonic() + START_S
        while not holds():
            ended = self.process.poll() is not None
            assert not ended, self._all_said()
            assert time.monotonic() < late, self.said
            time.sleep(0.01)

    def _all_said(self) -> str:
        self._reader.join()
        return "\n".join(self.said)

    def address(self) -> None:
        """Read where it answers from its first line, and wait until it does."""
        self.until(lambda: any(" is served at " in text for text in self.said))
        self.url = next(text for text in self.said if " is served at " in text).rsplit(" ", 1)[1]
        self.until(lambda: "Application startup complete." in {one.get("message") for one in self.lines()})


@contextmanager
def live(directory: Path, *options: str) -> Iterator[Live]:
    """`charity-ledger serve` on a port that was free; killed in the end if it still runs."""
    arguments = ["serve", "--book", str(directory), "--lang", "en", *unsafe_here(directory), *options]
    if "--port" not in options:
        arguments += ["--port", "0"]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            found = Live(process)
            found.address()
            yield found
        finally:
            if process.poll() is None:
                process.kill()


def now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def client_of(url: str, key: SigningKey, **more: Any) -> httpx2.Client:
    """A client that signs each request with a key."""
    return httpx2.Client(base_url=url, auth=SignedRequests(key), timeout=30, trust_env=False, **more)


def voucher(county: County, maker: str, entity: str, *facts: tuple[str, Fields]) -> Submission:
    """A voucher that is drafted and signed now."""
    return draft(Signer(maker, county.keys[maker], ORIGIN), entity, TODAY, [draft_event(*one) for one in facts], now())
