"""What the evidence that a mirror keeps of one book comes to, judged again whenever the book was pulled to its end.

What is proven stays for ever. An older state, or a continuation without a proof, is settled by the log itself: once the
copy reaches so far, it has either the root that was shown, or another one, and then the two histories are proven.
"""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, select

from ledger.errors import EvidenceError, LedgerError
from ledger.log.appending import read_head
from ledger.log.proofs import log_consistency, log_root
from ledger.log.store import LogStore
from ledger.log.tables import checkpoints
from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.merkle import empty_root
from ledger.signing.vkeys import NoteVerifier, parse_vkey
from ledger_api.mirroring import forks
from ledger_api.mirroring.forks import Evidence, Verdict

_CODES: dict[Verdict | None, str] = {
    "proven": "E_MIRROR_FORKED",
    "cut_back": "E_MIRROR_CUT_BACK",
    "unjoined": "E_MIRROR_UNJOINED",
    None: "E_FORK_FILE",
}


def verdict_of(file: Path) -> Verdict | None:
    """What a file of evidence proves; None where it is gone, or not as it was written."""
    found = _read(file)
    return None if found is None else found.verdict


def trouble(name: str, file: Path) -> EvidenceError:
    """What a file of evidence says against a book."""
    code = _CODES[verdict_of(file)]
    return EvidenceError(code, file=str(file)) if code == "E_FORK_FILE" else EvidenceError(code, name=name, file=file)


def heavier(before: str, new: str) -> str:
    """The file that a book is left out for once more is shown: what is proven gives way to nothing, and what cannot be
    read to nothing but what is proven.
    """
    weights: list[Verdict | None] = ["unjoined", "cut_back", None, "proven"]
    was, now = (weights.index(verdict_of(Path(file))) if file else -1 for file in (before, new))
    return before if was >= weights.index(None) and was >= now else new or before


def settle(store: LogStore, origin: str, folder: Path, before: str) -> str:
    """Weigh all evidence against a copy that was just proven to its end: the file that still speaks against the book,
    the proven one first; '' where there is none. A file that is gone or spoilt may have said anything, and stays.
    """
    left = ""
    with store.read() as connection:
        for file in kept(folder, before):
            evidence, waits = _read(file), file.name.startswith(f"{forks.WAITS}-")
            against = file
            if evidence is not None and parse_vkey(evidence.vkey).name == origin:
                found = settled(connection, evidence)
                if found is not None and (waits or found != evidence):
                    against = forks.keep(found, folder)
                if waits:
                    file.unlink()
                if found is None:
                    continue
                if found.verdict == "proven":
                    return str(against)
            left = left or str(against)
    return left


def kept(folder: Path, before: str = "") -> list[Path]:
    """Every file of evidence in a folder, those of notes that wait among them, and the one that is named."""
    names = (f"{name}-*.json" for name in (forks.ACCUSES, forks.WAITS))
    return sorted({*(file for name in names for file in folder.glob(name)), *((Path(before),) if before else ())})


def shown_in(files: list[Path]) -> list[str]:
    """The notes that files of evidence say were shown; what cannot be read says nothing."""
    return [found.shown for file in files if (found := _read(file)) is not None]


def _read(file: Path) -> Evidence | None:
    try:
        found = forks.read(file)
        _ = found.verdict  # its signatures hold
    except LedgerError:
        return None
    return found


def settled(connection: Connection, evidence: Evidence) -> Evidence | None:
    """The evidence as it stands now, stronger where the copy proves more; None where the copy has what was shown."""
    if evidence.verdict == "proven":
        return evidence
    verifier = parse_vkey(evidence.vkey)
    shown = open_checkpoint(evidence.shown, verifier)
    head = read_head(connection)
    if shown.size > head.number:
        return evidence
    root = log_root(connection, shown.size) if shown.size else empty_root()
    return None if root == shown.root else _contradicted(connection, evidence, shown, verifier)


def _contradicted(connection: Connection, evidence: Evidence, shown: Checkpoint, verifier: NoteVerifier) -> Evidence:
    """The shown note against one of the copy's own under the same key, with the path that leads there."""
    later = select(checkpoints.c.note).where(checkpoints.c.size >= shown.size).order_by(checkpoints.c.size)
    for note in connection.scalars(later):
        try:
            kept = open_checkpoint(note, verifier)
        except LedgerError:
            continue
        if kept.size == shown.size:
            return replace(evidence, kept=note, root="", path=())
        root, path = log_root(connection, shown.size), log_consistency(connection, shown.size, kept.size)
        nodes = tuple(base64_text.encode(node) for node in path)
        return replace(evidence, kept=note, root=base64_text.encode(root), path=nodes)
    return evidence
