"""Evidence that an operator keeps two books under one name: two checkpoints that no consistency proof can join.

The file speaks for itself. Two notes of one size and two roots are a contradiction by their signatures alone; a shorter
one contradicts a longer one where a consistency proof leads from another root of that size to the longer log's root.
Source: c2sp.org/tlog-checkpoint, RFC 6962 section 2.1.2.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from ledger.errors import InputError, LedgerError
from ledger.signing import base64_text
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.merkle import verify_consistency
from ledger.signing.vkeys import parse_vkey
from ledger_api.knowing import write_whole

FORMAT: Final = "charity-ledger/fork@v1"
ACCUSES: Final = "fork"
WAITS: Final = "waits"
"""How the names of files begin: what speaks against a book, and a note that could not be joined for a broken line."""

Verdict = Literal["proven", "cut_back", "unjoined"]
"""`proven`: both notes cannot be true. `cut_back`: an older state of the same log is shown as the newest. `unjoined`:
the longer log was shown without a proof that it continues the shorter one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two notes of one origin under one key. `root` and `path` (base64) lead from the shorter size to the kept log."""

    origin: str
    vkey: str
    kept: str
    shown: str
    url: str
    found_at: str
    root: str = ""
    path: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What the notes prove, from their bytes alone. Raises as `open_checkpoint` where a signature does not hold."""
        verifier = parse_vkey(self.vkey)
        kept, shown = open_checkpoint(self.kept, verifier), open_checkpoint(self.shown, verifier)
        if kept.size == shown.size:
            return "proven" if kept.root != shown.root else "cut_back"
        if shown.size > kept.size or not self.root:
            return "unjoined"
        root, path = base64_text.decode(self.root), [base64_text.decode(node) for node in self.path]
        if not verify_consistency(shown.size, kept.size, root, kept.root, path):
            return "unjoined"
        return "proven" if root != shown.root else "cut_back"

    def to_json(self) -> dict[str, Any]:
        """The file's JSON."""
        return {"format": FORMAT, "verdict": self.verdict, **asdict(self)}


def keep(evidence: Evidence, folder: Path, name: str = ACCUSES) -> Path:
    """Write the evidence to a file of its own; each contradiction once. What proves more than a file that is there of
    the same note stands beside it.
    """
    shown, verdict = open_checkpoint(evidence.shown, None), evidence.verdict
    file = folder / f"{name}-{shown.size}-{shown.root.hex()[:16]}.json"
    if file.exists() and not _says(file, verdict):
        file = file.with_name(f"{file.stem}-{verdict}.json")
    if not file.exists():
        write_whole(file, evidence.to_json())
    return file


def _says(file: Path, verdict: Verdict) -> bool:
    try:
        return read(file).verdict in {verdict, "proven"}
    except LedgerError:
        return False


def read(file: Path) -> Evidence:
    """The evidence of a file, to be judged again; InputError E_FORK_FILE."""
    try:
        found = orjson.loads(file.read_bytes())
        if found.pop("format") != FORMAT:
            raise InputError("E_FORK_FILE", file=str(file))
        found.pop("verdict")
        return Evidence(**{**found, "path": tuple(found["path"])})
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise InputError("E_FORK_FILE", file=str(file)) from None
