"""What a witness does to a note that somebody else signed: one more signature line below those it has."""

from collections.abc import Sequence

from ledger.signing.notes import Cosigner, NoteSignature, NoteSigner, parse_note


def add_signatures(note: str, signers: Sequence[NoteSigner | Cosigner]) -> str:
    """The note with further signature lines below those it has."""
    text = parse_note(note.encode()).text
    return note + "".join(NoteSignature(one.name, one.key_id, one.signature(text)).line for one in signers)
