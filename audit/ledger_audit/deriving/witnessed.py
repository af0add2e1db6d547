"""How far witnesses (见证方) have signed, as far as that can be checked: their published keys are in no book, so that a
stored line counts only under a key that is given; any other is told as not checked.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from ledger.errors import EvidenceError, InputError
from ledger.log import tables
from ledger.signing.notes import parse_note, verify_note
from ledger.signing.vkeys import COSIGNATURE_V1, NoteVerifier, parse_vkey
from ledger_audit.deriving.issues import Issues


def witness_keys(vkeys: Sequence[str]) -> list[NoteVerifier]:
    """The published keys of witnesses; InputError E_WITNESS_VKEY for one of another kind, and as `parse_vkey`."""
    found = [parse_vkey(vkey) for vkey in vkeys]
    for key, vkey in zip(found, vkeys, strict=True):
        if key.algorithm != COSIGNATURE_V1:
            raise InputError("E_WITNESS_VKEY", value=vkey[:120])
    return found


def unwitnessed(connection: Connection, found: Issues, number: int, witnesses: Sequence[NoteVerifier]) -> None:
    """W_UNWITNESSED: how many of `number` vouchers came after the last checkpoint that a witness is known to have
    signed; W_WITNESS_UNCHECKED: what is stored and was not checked.
    """
    size, unchecked = 0, list[tuple[int, str]]()
    stored = tables.cosignatures.join(tables.checkpoints, tables.checkpoints.c.size == tables.cosignatures.c.size)
    chosen = select(tables.cosignatures, tables.checkpoints.c.note).select_from(stored)
    for row in connection.execute(chosen.order_by(tables.cosignatures.c.size, tables.cosignatures.c.name)):
        if any(_signed(row.note + row.line, witness) for witness in witnesses if witness.name == row.name):
            size = row.size
        else:
            unchecked.append((row.size, row.name))
    if unchecked:
        names = ", ".join(sorted({name for _, name in unchecked}))
        found.add("W_WITNESS_UNCHECKED", 0, lines=len(unchecked), size=unchecked[-1][0], names=names[:200])
    if size < number:
        found.add("W_UNWITNESSED", 0, size=size, vouchers=number - size)


def _signed(text: str, witness: NoteVerifier) -> bool:
    """Whether a checkpoint with a line bears a good signature of a witness."""
    try:
        verify_note(parse_note(text.encode()), [witness])
    except (EvidenceError, InputError):
        return False
    return True
