"""Sessions: a token that the browser holds, and what the book knows of it by the token's digest.

A session ends after half an hour without a request, twelve hours after it was opened, when its person signs out
anywhere with `end_all`, changes the password, or is reset or locked. Each sign-in and each rise of what a session may
do makes a new token, so that nobody can plant one beforehand.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select

from ledger.log.access_tables import sessions
from ledger.log.store import LogStore
from ledger.signing.digests import blake2b_commit
from ledger.signing.vkeys import NoteSigner
from ledger_api.access.refusals import SignInError
from ledger_api.access.secrets import digest_of, new_token, secret_of
from ledger_api.access.trail import note
from ledger_api.access.uses import Uses

IDLE_S: Final = 30 * 60
ABSOLUTE_S: Final = 12 * 3600
MOST: Final = 10
"""How many sessions of one person are open at once; the oldest gives way."""

ENROLLING: Final = "enrolling"
"""The password was right, and the second factor is still to be set up: nothing else may be done."""
CHANGING: Final = "changing"
"""Somebody else chose the password: nothing else may be done before it is changed."""
FULL: Final = "full"


@dataclass(frozen=True, slots=True)
class Session:
    """An open session. `id` names it to its person and opens nothing; times are Unix seconds."""

    digest: str
    officer: str
    stage: str
    made_at: int
    seen_at: int
    ends_at: int
    address: str

    @property
    def id(self) -> str:
        """The first digits of the digest."""
        return self.digest[:12]

    def alive(self, now: int) -> bool:
        """Whether neither limit has passed."""
        return now < self.ends_at and now - self.seen_at < IDLE_S


class Sessions:
    """The sessions of one book."""

    def __init__(self, store: LogStore, operator: NoteSigner) -> None:
        self._store = store
        self._secret = secret_of(operator, "sessions")
        self._forms = secret_of(operator, "session forms")
        self._uses = Uses(store, sessions.c.digest, sessions.c.seen_at)

    def open(self, connection: Connection, officer: str, stage: str, address: str, now: int) -> tuple[str, Session]:
        """A new session and its token, shown once. Ended ones are swept out."""
        over = (sessions.c.ends_at <= now) | (sessions.c.seen_at <= now - IDLE_S)
        connection.execute(delete(sessions).where(over))
        own = select(sessions.c.digest).where(sessions.c.officer == officer).order_by(sessions.c.made_at.desc())
        for digest in connection.execute(own).scalars().all()[MOST - 1 :]:
            connection.execute(delete(sessions).where(sessions.c.digest == digest))
        token = new_token()
        made = Session(digest_of(self._secret, token), officer, stage, now, now, now + ABSOLUTE_S, address)
        values = {name: getattr(made, name) for name in sessions.columns.keys()}  # noqa: SIM118 - a list of names
        connection.execute(insert(sessions).values(**values))
        return token, made

    def find(self, token: str, now: int) -> Session | None:
        """The living session of a token, seen now; None for any other."""
        row = self._row(token)
        found = None if row is None else self._told(row)
        if row is None or found is None or not found.alive(now):
            return None
        self._uses.note(found.digest, row.seen_at, now)
        return found

    def peek(self, token: str, now: int) -> Session | None:
        """The living session of a token, without keeping it awake; None for any other."""
        row = self._row(token)
        found = None if row is None else self._told(row)
        return found if found is not None and found.alive(now) else None

    def _row(self, token: str) -> Row[Any] | None:
        digest = digest_of(self._secret, token)
        with self._store.read() as connection:
            return connection.execute(select(sessions).where(sessions.c.digest == digest)).one_or_none()

    def _told(self, row: Row[Any]) -> Session:
        found = Session(**row._asdict())
        return replace(found, seen_at=self._uses.latest(found.digest, found.seen_at))

    def form_token(self, session: Session) -> str:
        """What a page of this session sends along with every request that changes something (CSRF token)."""
        return blake2b_commit(self._forms, session.digest.encode()).hex()

    def of(self, officer: str, now: int) -> list[Session]:
        """A person's living sessions, newest first."""
        chosen = select(sessions).where(sessions.c.officer == officer).order_by(sessions.c.made_at.desc())
        with self._store.read() as connection:
            found = [self._told(row) for row in connection.execute(chosen)]
        return [one for one in found if one.alive(now)]

    def end(self, session: Session, now: int) -> None:
        """Its person signs out; ending it again does no harm."""
        with self._store.write(beside=True) as connection:
            if connection.execute(delete(sessions).where(sessions.c.digest == session.digest)).rowcount:
                note(connection, now, session.officer, "session.ended", session.officer, session.address)

    def end_own(self, officer: str, address: str, now: int) -> int:
        """Somebody ends every own session, from that address; answers how many there were."""
        with self._store.write(beside=True) as connection:
            ended = end_all(connection, officer)
            if ended:
                note(connection, now, officer, "sessions.ended", officer, address)
            return ended

    def rise(self, connection: Connection, session: Session, stage: str, now: int) -> tuple[str, Session]:
        """A new session in the place of all of the person's. SignInError E_SESSION_ENDED where the one that asks was
        ended meanwhile: what was begun with it must not outlive it.
        """
        self.require(connection, session)
        end_all(connection, session.officer)
        return self.open(connection, session.officer, stage, session.address, now)

    @staticmethod
    def require(connection: Connection, session: Session) -> None:
        """Raises SignInError E_SESSION_ENDED unless the session still stands, seen under the writer's lock."""
        own = select(sessions.c.digest).where(sessions.c.digest == session.digest)
        if connection.execute(own).one_or_none() is None:
            raise SignInError("E_SESSION_ENDED")

    def forget(self, connection: Connection, token: str) -> None:
        """End the session of a token that another one takes the place of."""
        connection.execute(delete(sessions).where(sessions.c.digest == digest_of(self._secret, token)))


def end_all(connection: Connection, officer: str) -> int:
    """End every session of a person; answers how many there were."""
    return connection.execute(delete(sessions).where(sessions.c.officer == officer)).rowcount
