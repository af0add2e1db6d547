"""Where the log stands, in words: its head and the newest checkpoint over it."""

from sqlalchemy import Connection

from ledger.log import reading
from ledger.signing import base64_text
from ledger.signing.checkpoints import open_checkpoint
from ledger_projections.keeping.clocks import head_position

Words = tuple[str, str]
"""The head and its checkpoint: position; size and root (empty without one). Answers are the same while these are."""


def standing(connection: Connection) -> Words:
    """Where the log stands in a snapshot."""
    return str(head_position(connection)), checkpoint_text(connection)


def checkpoint_text(connection: Connection) -> str:
    """Size and root (base64) of the newest checkpoint; empty when there is none."""
    newest = reading.checkpoint(connection)
    if newest is None:
        return ""
    told = open_checkpoint(newest.note, None)
    return words_of(told.size, told.root)


def words_of(size: int, root: bytes) -> str:
    """A checkpoint's size and root."""
    return f"{size} {base64_text.encode(root)}"
