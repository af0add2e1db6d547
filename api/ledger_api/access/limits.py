"""How often one may try: each failure counts before the trial, and each one over the limit doubles the wait.

An account waits whether or not it exists; an address waits for whatever accounts it tried. Success clears the account.
"""

from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from ledger.log.access_tables import attempts

FREE_ACCOUNT: Final = 5
FREE_ADDRESS: Final = 30
"""How many failures in a row cost nothing but the trial."""

FIRST_WAIT_S: Final = 30
LONGEST_WAIT_S: Final = 3600
PLACES_S: Final = 3600
FORGOTTEN_S: Final = 86_400
"""After a quiet day nothing is held against anybody."""


def wait_of(connection: Connection, who: str, now: int) -> int:
    """How many seconds somebody must still wait; 0 when he may try. Nobody waits longer than the longest wait: what is
    further ahead was set before the clock was put back.
    """
    found = connection.execute(select(attempts.c.wait_until).where(attempts.c.who == who)).scalar()
    wait = max(0, (found or 0) - now)
    return wait if wait <= LONGEST_WAIT_S else 0


def count(connection: Connection, who: str, free: int, now: int) -> None:
    """Count a trial as failed, and set the wait that follows it."""
    connection.execute(delete(attempts).where(attempts.c.last_at < now - FORGOTTEN_S))
    before = connection.execute(select(attempts.c.failures).where(attempts.c.who == who)).scalar()
    failures = (before or 0) + 1
    over = failures - free
    wait = 0 if over < 0 else min(LONGEST_WAIT_S, FIRST_WAIT_S << min(over, 16))
    values = {"failures": failures, "wait_until": now + wait if wait else 0, "last_at": now}
    if before is None:
        connection.execute(insert(attempts).values(who=who, **values))
    else:
        connection.execute(update(attempts).where(attempts.c.who == who).values(**values))


def clear(connection: Connection, who: str) -> None:
    """Forget the failures of somebody who came in, or whom the operator reset."""
    connection.execute(delete(attempts).where(attempts.c.who == who))


def take_back(connection: Connection, who: str) -> None:
    """One failure less: the trial that was counted beforehand succeeded."""
    found = connection.execute(select(attempts).where(attempts.c.who == who)).one_or_none()
    if found is not None:
        values = {"failures": max(0, found.failures - 1), "wait_until": 0}
        connection.execute(update(attempts).where(attempts.c.who == who).values(**values))


def places_left(connection: Connection, who: str, most: int, now: int) -> int:
    """Take one of the places of this hour; how many there were before, 0 where none is left."""
    row = connection.execute(select(attempts).where(attempts.c.who == who)).one_or_none()
    if row is None or not 0 <= now - row.last_at < PLACES_S:
        connection.execute(delete(attempts).where(attempts.c.who == who))
        connection.execute(insert(attempts).values(who=who, failures=1, wait_until=0, last_at=now))
        return most
    if row.failures >= most:
        return 0
    connection.execute(update(attempts).where(attempts.c.who == who).values(failures=row.failures + 1))
    return most - int(row.failures)
