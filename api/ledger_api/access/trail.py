"""What was done to ways in, as rows of the access log: who came in, who gave, took or named what, and when.

A failure says whose login was tried, from where. What somebody typed for a name may be a password: where no login is
called so, a keyed digest stands there, the same each time.
"""

from typing import Final

from sqlalchemy import Connection

from ledger.values.dates import unix_text
from ledger.vault import trail

NOBODY: Final = "-"
"""The actor of what somebody did who has not shown who it was."""


def note(connection: Connection, now: int, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Write one row, in the transaction of what it tells; `now` is Unix time in seconds."""
    trail.note(connection, unix_text(now), actor, action, subject, detail)
