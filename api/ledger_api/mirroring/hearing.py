"""What a log shows in the course of a pull: each note that bears a known key is judged, whatever the server says beside
it and whatever it refuses afterwards. A signed note that contradicts what is known is never passed over.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, select

from ledger.errors import BusyError, LedgerError
from ledger.log.appending import read_head
from ledger.log.proofs import log_consistency, log_root
from ledger.log.store import LogStore
from ledger.log.tables import checkpoints
from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.vkeys import NoteVerifier, parse_vkey
from ledger_api.client import Reader
from ledger_api.http.problems import TooManyError
from ledger_api.knowing import Known
from ledger_api.mirroring import forks, settling
from ledger_api.mirroring.forks import Evidence


class Heard:
    """The notes that a log has shown since this was made, and what was known of it before."""

    def __init__(self, reader: Reader, vkey: str) -> None:
        self._reader = reader
        self._vkey = vkey
        self._newest: dict[str, None] = {}
        self._aside: dict[str, None] = {}
        self._joined: set[str] = set()
        self._before = reader.known()
        reader.log.heard = self.hear

    def hear(self, note: str, newest: bool = False) -> None:
        """A note was shown: as the newest, or under a voucher, where the log that is proven judges it by itself."""
        (self._newest if newest else self._aside)[note] = None

    def joined(self) -> None:
        """What is known by now was proven to go on from what was known before, and from the copy."""
        known = self._reader.known()
        self._joined |= {known.note} if known is not None else set()

    def keep(self, store: LogStore, folder: Path, now: str, error: LedgerError | None) -> str:
        """Keep what speaks against the log, and what is still to be settled; the weightiest file of what accuses now,
        '' for none. What is proven accuses, however the pull ended; a continuation without a proof where it was
        refused; where only the line broke, the note is kept until the copy has come so far.
        """
        refused = error is not None and not _passes(error)
        left = ""
        with store.read() as connection:
            for one in self._evidence(connection, settling.shown_in(settling.kept(folder)), now, error):
                verdict = one.verdict
                if verdict == "unjoined" and (not refused or one.shown not in self._newest):
                    forks.keep(one, folder, forks.WAITS)
                else:
                    left = settling.heavier(left, str(forks.keep(one, folder)))
        return left

    def _evidence(
        self, connection: Connection, earlier: Sequence[str], now: str, error: LedgerError | None
    ) -> Iterator[Evidence]:
        after = self._reader.known()
        for vkey in dict.fromkeys([*(one.vkey for one in (self._before, after) if one), self._vkey]):
            verifier = parse_vkey(vkey)
            kept = self._kept(connection, verifier, after)
            if kept is None:
                continue
            joined = _by(verifier, (kept, *self._joined))
            shown = _by(verifier, (*self._newest, *self._aside))
            said = _by(verifier, earlier) | joined | shown
            for note in (note for note, one in shown.items() if one not in joined.values()):
                found = Evidence(self._reader.origin, vkey, kept, note, self._reader.url, now)
                judged = self._judged(connection, found, said, error)
                if judged is not None:
                    yield judged

    def _kept(self, connection: Connection, verifier: NoteVerifier, after: Known | None) -> str | None:
        """What is held against a note under a key: what was known of the log before, or what the copy has where that
        was lost, or what is known by now.
        """
        newest = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
        known = [one.note for one in (self._before, after) if one is not None]
        kept = [*connection.scalars(newest), *known] if self._before is None else known
        return next(iter(_by(verifier, kept)), None)

    def _judged(
        self,
        connection: Connection,
        evidence: Evidence,
        said: Mapping[str, Checkpoint],
        error: LedgerError | None,
    ) -> Evidence | None:
        shown, kept = open_checkpoint(evidence.shown, None), open_checkpoint(evidence.kept, None)
        for note, other in said.items():
            if other.size == shown.size and other.root != shown.root:
                return replace(evidence, kept=note)
        found = settling.settled(connection, evidence)
        if found is None:
            cut_back = error is not None and error.code == "E_FORK" and shown.size < kept.size
            return _with_path(connection, evidence, shown, kept) if cut_back else None
        if found.verdict == "unjoined" and shown.size > kept.size and error is not None and not _passes(error):
            return self._of_one_size(found, kept.size)
        return found

    def _of_one_size(self, evidence: Evidence, size: int) -> Evidence:
        """Against a longer log: its own checkpoint of the kept size says more, where it has one and shows it."""
        try:
            found = replace(evidence, shown=self._reader.log.checkpoint(size).note)
            return found if found.verdict == "proven" else evidence
        except LedgerError:
            return evidence


def _passes(error: LedgerError) -> bool:
    """Whether an error is none of the log's answers: it was not reached, was busy, or this side broke."""
    return isinstance(error, BusyError | TooManyError) or error.code == "E_UNFORESEEN"


def _by(verifier: NoteVerifier, notes: Iterable[str]) -> dict[str, Checkpoint]:
    """The notes that bear a key, with what they say; by any other only the server has spoken."""
    found: dict[str, Checkpoint] = {}
    for note in notes:
        try:
            found[note] = open_checkpoint(note, verifier)
        except LedgerError:
            continue
    return found


def _with_path(connection: Connection, evidence: Evidence, shown: Checkpoint, kept: Checkpoint) -> Evidence:
    """What our own copy says of the shorter size."""
    if read_head(connection).number < kept.size or shown.size == 0:
        return evidence
    root, path = log_root(connection, shown.size), log_consistency(connection, shown.size, kept.size)
    return replace(evidence, root=base64_text.encode(root), path=tuple(base64_text.encode(node) for node in path))
