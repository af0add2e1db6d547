"""The access log's one way in: who read, erased, exported or was let in, what, and why. A row is never changed."""

from sqlalchemy import Connection, insert

from ledger.log.side_tables import access_log


def note(connection: Connection, at: str, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Write one row in the caller's transaction, so that nothing is told of that did not happen, and nothing happens
    that is not told of. `at` is a time as statements spell it.
    """
    row = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}
    connection.execute(insert(access_log), row)
