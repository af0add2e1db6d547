"""What was done to ways in, as rows of the access log: who came in, who gave, took or named what, and when.

Failures are not written there: what somebody typed for a name may be a password. The server's own log counts them.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection

from ledger.values.dates import timestamp_text
from ledger.vault import trail


def note(connection: Connection, now: int, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Write one row, in the transaction of what it tells; `now` is Unix time in seconds."""
    trail.note(connection, timestamp_text(datetime.fromtimestamp(now, UTC)), actor, action, subject, detail)
