"""The files that the tidy rules read: which there are, and what a rule is given of each.

A rule takes modules and returns findings, all of them; it never stops at the first and never reads the disk itself.
"""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {"src": "ledger", "projections": "ledger_projections", "audit": "ledger_audit", "api": "ledger_api"}
BESIDE = ("tests", "benchmarks", "deploy")


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: its path below the repository, its dotted name, its text and its syntax tree."""

    path: str
    name: str
    text: str
    tree: ast.Module

    @property
    def is_door(self) -> bool:
        """Whether this is the door plate of a room."""
        return self.path.endswith("__init__.py")

    @property
    def in_rooms(self) -> bool:
        """Whether this is shipped, as opposed to tests and benchmarks."""
        return self.path.split("/", 1)[0] in ROOMS

    @property
    def is_stranger(self) -> bool:
        """Whether this belongs to the verifier, which shares no code and no catalogue with what it checks."""
        return self.path.startswith("audit/ledger_audit/verifier/")


def module(path: str, text: str) -> Module:
    """A module from a path below the repository and its text."""
    parts = path.removesuffix(".py").split("/")
    if parts[0] in ROOMS:
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return Module(path, ".".join(parts), text, ast.parse(text))


def modules(root: Path = ROOT) -> list[Module]:
    """Every Python file of the rooms, the tests and the benchmarks, in path order."""
    folders = [root / folder for folder in (*ROOMS, *BESIDE)]
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return [module(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")) for file in files]


def committed_texts(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """(path, text) of every file that git tracks or would track, as far as it is UTF-8 text."""
    listing = ("git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    names = subprocess.run(listing, check=True, capture_output=True).stdout.decode().split("\0")
    for name in sorted(set(filter(None, names))):
        file = root / name
        if not file.is_file():
            continue
        data = file.read_bytes()
        if b"\0" not in data:
            yield name, data.decode("utf-8", errors="replace")
