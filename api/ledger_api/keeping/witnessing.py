"""Taking in what a witness signed: its line goes under the book's own checkpoint, once it has been checked.

A witness is asked by people, over whatever way they have; what comes back is the checkpoint with one line more.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from ledger.errors import EvidenceError, InputError, RefusedError
from ledger.log import reading
from ledger.log.appending import put_cosignature
from ledger.log.rows import StoredCheckpoint
from ledger.signing.checkpoints import parse_checkpoint
from ledger.signing.notes import Note, NoteSignature, parse_note, verify_note
from ledger.signing.vkeys import COSIGNATURE_V1, NoteVerifier, parse_vkey
from ledger.values.dates import parse_timestamp
from ledger_api.books import Book
from ledger_api.keeping.operator import published_key
from ledger_api.rotations import signer_of

CLOCKS_APART: Final = 300
"""How many seconds a witness's clock may be ahead of this one, or behind the one that posted."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A witness's line: who signed the checkpoint over how many vouchers, and when by its own word (POSIX)."""

    name: str
    size: int
    time: int


def take_in(book: Book, text: str, vkey: str, now: datetime) -> Witnessed:
    """Keep the line of the witness under the book's checkpoint; the same one again changes nothing.

    Raises RefusedError E_MIRROR_READ_ONLY, InputError E_WITNESS_VKEY, E_WITNESS_OPERATOR, E_COSIGNED_AHEAD,
    E_COSIGNED_BEFORE, E_COSIGNED_TWICE, EvidenceError E_COSIGNED_OTHER, E_NOTE_UNVERIFIED, E_NOTE_SIGNATURE, and as
    `parse_note`, `parse_checkpoint`, `parse_vkey`.
    """
    if book.settings.mirror:
        raise RefusedError("E_MIRROR_READ_ONLY", directory=str(book.settings.directory))
    witness = parse_vkey(vkey)
    if witness.algorithm != COSIGNATURE_V1:
        raise InputError("E_WITNESS_VKEY", value=vkey[:120])
    note = parse_note(text.encode())
    told = parse_checkpoint(note.text)
    line, time = _line_of(witness, note)
    if time > now.timestamp() + CLOCKS_APART:
        raise InputError("E_COSIGNED_AHEAD", name=witness.name, time=time, now=int(now.timestamp()))
    todays = published_key(book.store)
    with book.store.write() as connection:
        stored = reading.checkpoint(connection, told.size)
        if stored is None or parse_note(stored.note.encode()).text != note.text:
            raise EvidenceError("E_COSIGNED_OTHER", origin=told.origin, size=told.size)
        own = (todays.public, signer_of(connection, told.size, todays.vkey).public)
        if witness.public in own or witness.name == told.origin:
            raise InputError("E_WITNESS_OPERATOR", name=witness.name)
        newest = reading.voucher_by_number(connection, told.size)
        posted = 0 if newest is None else parse_timestamp(newest.posted_at).timestamp()
        if newest is not None and time < posted - CLOCKS_APART:
            said = {"time": time, "posted_at": newest.posted_at, "posted": int(posted)}
            raise InputError("E_COSIGNED_BEFORE", name=witness.name, size=told.size, **said)
        _keep(connection, stored, line)
    return Witnessed(witness.name, told.size, time)


def _line_of(witness: NoteVerifier, note: Note) -> tuple[NoteSignature, int]:
    """The witness's line with its time, the latest where there are several; every one of them was checked."""
    verify_note(note, [witness])
    own = [one for one in note.signatures if (one.name, one.key_id) == (witness.name, witness.key_id)]
    return max(((one, witness.timestamp(one.signature) or 0) for one in own), key=lambda pair: pair[1])


def _keep(connection: Connection, stored: StoredCheckpoint, line: NoteSignature) -> None:
    kept = reading.cosignatures_of(connection, stored.size)
    before = kept.get(line.name)
    if before == line.line:
        return
    if before is not None:
        raise InputError("E_COSIGNED_TWICE", name=line.name, size=stored.size)
    parse_note("".join((stored.note, *kept.values(), line.line)).encode())  # a note has so many lines and no more
    put_cosignature(connection, stored.size, line.name, line.line)
