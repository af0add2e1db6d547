"""How far witnesses (见证方) have signed, as far as that can be checked: their published keys are in no book, so that a
stored line counts only under a key that is given; any other is told as not checked.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from ledger.errors import EvidenceError, InputError
from ledger.log import tables
from ledger.signing.notes import parse_note, verify_note
from ledger.signing.vkeys import COSIGNATURE_V1, NoteVerifier, parse_vkey
from ledger.values.dates import parse_timestamp, unix_text
from ledger_audit.deriving.issues import Issues

CLOCKS_APART: Final = 300
"""How many seconds a witness's clock may be behind the one that posted."""


def witness_keys(vkeys: Sequence[str]) -> list[NoteVerifier]:
    """The published keys of witnesses; InputError E_WITNESS_VKEY for one of another kind, and as `parse_vkey`."""
    found = [parse_vkey(vkey) for vkey in vkeys]
    for key, vkey in zip(found, vkeys, strict=True):
        if key.algorithm != COSIGNATURE_V1:
            raise InputError("E_WITNESS_VKEY", value=vkey[:120])
    return found


def unwitnessed(connection: Connection, found: Issues, number: int, witnesses: Sequence[NoteVerifier]) -> None:
    """W_UNWITNESSED: how many of `number` vouchers came after the last checkpoint that a witness is known to have
    signed; W_WITNESS_UNCHECKED: what is stored and was not checked; W_WITNESS_BEFORE: a line of a time at which its
    vouchers were not posted, which does not count.
    """
    size, unchecked = 0, list[tuple[int, str]]()
    stored = tables.cosignatures.join(tables.checkpoints, tables.checkpoints.c.size == tables.cosignatures.c.size)
    stored = stored.join(tables.vouchers, tables.vouchers.c.number == tables.cosignatures.c.size)
    chosen = select(tables.cosignatures, tables.checkpoints.c.note, tables.vouchers.c.posted_at).select_from(stored)
    for row in connection.execute(chosen.order_by(tables.cosignatures.c.size, tables.cosignatures.c.name)):
        if not all(isinstance(text, str) for text in (row.name, row.line, row.note, row.posted_at)):
            continue  # a cell that is no text is a finding of its own
        own = [witness for witness in witnesses if witness.name == row.name]
        times = [time for one in own if (time := _signed_at(row.note + row.line, one)) is not None]
        if not times:
            unchecked.append((row.size, row.name))
        elif max(times) < parse_timestamp(row.posted_at).timestamp() - CLOCKS_APART:
            told = {"seen_at": unix_text(max(times)), "posted_at": row.posted_at}
            found.add("W_WITNESS_BEFORE", 0, name=row.name, size=row.size, **told)
        else:
            size = row.size
    if unchecked:
        names = ", ".join(sorted({name for _, name in unchecked}))
        found.add("W_WITNESS_UNCHECKED", 0, lines=len(unchecked), size=unchecked[-1][0], names=names[:200])
    if size < number:
        found.add("W_UNWITNESSED", 0, size=size, vouchers=number - size)


def _signed_at(text: str, witness: NoteVerifier) -> int | None:
    """The time that a witness states under a checkpoint, POSIX; None where the line is not its own."""
    try:
        note = parse_note(text.encode())
        verify_note(note, [witness])
    except (EvidenceError, InputError):
        return None
    own = (one for one in note.signatures if (one.name, one.key_id) == (witness.name, witness.key_id))
    return max(witness.timestamp(one.signature) or 0 for one in own)
