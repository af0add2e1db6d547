"""A server of short lives: it forks a child for each order and says when the child has died.

It opens no database itself, so that a child starts in milliseconds with everything imported and nothing shared. A line
on the pipe is shorter than PIPE_BUF: it arrives whole or not at all, whenever the child dies.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]


def serve(work: Callable[[dict[str, Any]], None]) -> None:
    """Read orders (JSON lines), run each in a child, say its pid and, when it is gone, `dead`."""
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(json.loads(line))
            say("done")
            signal.pause()  # it has nothing left to do and is killed all the same
        say("child", child)
        os.waitpid(child, 0)
        say("dead")


def say(*words: object) -> None:
    """One line, in one write."""
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


@dataclass(slots=True)
class Server:
    """The other end: the test's."""

    told: IO[str]
    said: IO[str]

    def killed(self, order: Mapping[str, object], after_ms: float) -> list[list[str]]:
        """Let a child work for that long and kill it; the lines that it had said, as words."""
        child = self.begun(order)
        time.sleep(after_ms / 1000)
        return self.ended(child)

    def begun(self, order: Mapping[str, object]) -> int:
        """Let a child begin to work; its pid."""
        self.told.write(json.dumps(order) + "\n")
        self.told.flush()
        _, child = self._words()
        return int(child)

    def ended(self, child: int) -> list[list[str]]:
        """Kill the child; the lines that it had said, as words."""
        os.kill(child, signal.SIGKILL)
        return list(iter(self._words, ["dead"]))

    def _words(self) -> list[str]:
        return self.said.readline().split()


@contextmanager
def serving(module: str) -> Iterator[Server]:
    """A server that runs a module of this folder."""
    with subprocess.Popen(
        [sys.executable, "-m", f"tests.crash.{module}"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Server(process.stdin, process.stdout)
        process.stdin.close()
