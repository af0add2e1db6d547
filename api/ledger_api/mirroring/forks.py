"""Evidence that an operator keeps two books under one name: two checkpoints that no consistency proof can join.

The file speaks for itself. Two notes of one size and two roots are a contradiction by their signatures alone; a shorter
one contradicts a longer one where a consistency proof leads from another root of that size to the longer log's root.
Source: c2sp.org/tlog-checkpoint, RFC 6962 section 2.1.2.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from ledger.errors import InputError, LedgerError
from ledger.log.appending import read_head
from ledger.log.proofs import log_consistency, log_root
from ledger.log.store import LogStore
from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.merkle import verify_consistency
from ledger.signing.vkeys import parse_vkey
from ledger_api.client import Reader
from ledger_api.knowing import write_whole

FORMAT: Final = "charity-ledger/fork@v1"

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


def gather(reader: Reader, store: LogStore, now: str) -> Evidence | None:
    """What a log shows against what is known of it, with as much proof as it gives; None where the shown note does not
    bear the known key's signature: then nobody but the server has spoken.
    """
    known = reader.known()
    if known is None:
        return None
    note = reader.log.newest().note
    try:
        shown = open_checkpoint(note, parse_vkey(known.vkey))
    except LedgerError:
        return None
    kept = open_checkpoint(known.note, None)
    evidence = Evidence(reader.origin, known.vkey, known.note, note, reader.url, now)
    return (
        _of_one_size(reader, evidence, kept.size)
        if shown.size > kept.size
        else _with_path(evidence, shown, kept, store)
    )


def _of_one_size(reader: Reader, evidence: Evidence, size: int) -> Evidence:
    """Against a longer log: its own checkpoint of the kept size says more, where it has one and shows it."""
    try:
        found = replace(evidence, shown=reader.log.checkpoint(size).note)
        return found if found.verdict == "proven" else evidence
    except LedgerError:
        return evidence


def _with_path(evidence: Evidence, shown: Checkpoint, kept: Checkpoint, store: LogStore) -> Evidence:
    """What our own copy says of the shorter size."""
    with store.read() as connection:
        if read_head(connection).number < kept.size or shown.size in {0, kept.size}:
            return evidence
        root, path = log_root(connection, shown.size), log_consistency(connection, shown.size, kept.size)
    return replace(evidence, root=base64_text.encode(root), path=tuple(base64_text.encode(node) for node in path))


def keep(evidence: Evidence, folder: Path) -> Path:
    """Write the evidence to a file of its own; each contradiction once. What proves more than a file that is there of
    the same note stands beside it.
    """
    shown, verdict = open_checkpoint(evidence.shown, None), evidence.verdict
    file = folder / f"fork-{shown.size}-{shown.root.hex()[:16]}.json"
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
