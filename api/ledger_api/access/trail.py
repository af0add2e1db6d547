"""What was done to ways in, as rows of the access log: who came in, who gave, took or named what, and when.

Failures are not written there: what somebody typed for a name may be a password. The server's own log counts them.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from ledger.log.side_tables import access_log
from ledger.values.dates import timestamp_text


def note(connection: Connection, now: int, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Write one row, in the transaction of what it tells; `now` is Unix time in seconds."""
    at = timestamp_text(datetime.fromtimestamp(now, UTC))
    row = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}
    connection.execute(insert(access_log).values(**row))
