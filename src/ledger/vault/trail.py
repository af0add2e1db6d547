"""The access log's one way in: who read, erased, exported or was let in, what, and why. A row is never changed."""

from typing import Final

from sqlalchemy import Connection, insert
from sqlalchemy.exc import NotSupportedError

from ledger.errors import EvidenceError, InputError
from ledger.log.side_tables import access_log
from ledger.values.text import check_free_text

MAX_PURPOSE_CHARS: Final = 200
_LONGEST_WRITTEN: Final = 400
"""A purpose with what the program adds to it."""


def stated_purpose(text: str) -> str:
    """What somebody reads a person's data for, as it may be written down for ever: in one line, and without anybody's
    number. InputError E_PURPOSE_EMPTY, E_TEXT_….
    """
    if not text.strip():
        raise InputError("E_PURPOSE_EMPTY")
    return check_free_text(text, MAX_PURPOSE_CHARS, field="purpose")


def require_writable(purpose: str) -> None:
    """InputError E_TEXT_… for a purpose that must not be written down, from whichever door it comes."""
    check_free_text(purpose, _LONGEST_WRITTEN, field="purpose")


def note(connection: Connection, at: str, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Write one row in the caller's transaction, so that nothing is told of that did not happen, and nothing happens
    that is not told of. `at` is a time as statements spell it. EvidenceError E_ACCESS_UNWRITTEN where the database
    takes the row and keeps another or none: a trigger or a rule of somebody else does that without a word.
    """
    row = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}
    try:
        kept = connection.execute(insert(access_log).returning(*(access_log.c[name] for name in row)), row).all()
    except NotSupportedError:  # PostgreSQL: a rule that puts something else in the row's place has no row to return
        kept = []
    if [one._asdict() for one in kept] != [row]:
        raise EvidenceError("E_ACCESS_UNWRITTEN", action=action)
