"""Signing in with a password and a second factor, and what the operator or a person does to a login.

Every failure is one answer, E_SIGN_IN_FAILED, after the same work: whether the account exists, is locked, or which of
the two was wrong, nobody learns.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select, update

from ledger.errors import InputError, NotFoundError, RefusedError
from ledger.log.access_tables import logins
from ledger.log.store import LogStore
from ledger.signing.vkeys import NoteSigner
from ledger_api.access import limits
from ledger_api.access.addresses import neighbourhood
from ledger_api.access.passwords import TRIALS, check_password, password_holds, seal_password
from ledger_api.access.refusals import SignInError, TooManyError
from ledger_api.access.second_factor import address_of, new_seed, open_seed, seal_seed, step_of
from ledger_api.access.secrets import digest_of, new_token, secret_of
from ledger_api.access.sessions import CHANGING, ENROLLING, FULL, Session, Sessions, end_all
from ledger_api.access.trail import NOBODY, note

TOLD_OF_STRANGERS: Final = 500
"""So many failures an hour stand in the access log where no login is called as somebody typed."""

_NOBODYS_SEED: Final = "A" * 32


class Attempt(NamedTuple):
    """What somebody shows to come in, from which address, and the token that the browser held before, if any."""

    officer: str
    password: str
    code: str
    address: str
    before: str | None = None


class LoginState(NamedTuple):
    """What may be told of a login."""

    officer: str
    locked: bool
    must_change: bool
    second_factor: bool
    changed_at: int


class FirstPassword(NamedTuple):
    """A password that somebody else chose: shown once, and as it is kept. Sealing it takes a tenth of a second."""

    shown: str
    sealed: str

    @classmethod
    def new(cls) -> "FirstPassword":
        """A random one."""
        shown = new_token()[:20]
        return cls(shown, seal_password(shown))


class Logins:
    """The logins of one book."""

    def __init__(self, store: LogStore, operator: NoteSigner, sessions: Sessions) -> None:
        self._store = store
        self._origin = operator.name
        self._sessions = sessions
        self._seeds = secret_of(operator, "second factors")
        self._who = secret_of(operator, "sign-in attempts")

    def sign_in(self, given: Attempt, now: int) -> tuple[str, Session]:
        """The token of a new session. SignInError E_SIGN_IN_FAILED (401), TooManyError E_SIGN_IN_WAIT (429)."""
        with TRIALS.entered():
            self._count(given.officer, given.address, now)
            with self._refusals_told("session.refused", given.officer, given.address, now):
                return self._tried(given, now)

    def _tried(self, given: Attempt, now: int) -> tuple[str, Session]:
        with self._store.read() as connection:
            row = _row(connection, given.officer)
        right = password_holds(None if row is None else row.password, given.password)
        enrolled = row is not None and bool(row.seed_confirmed)
        step = step_of(self._seed(row, confirmed=True), given.code, now)
        if row is None or not right or row.locked or (enrolled and step is None):
            raise SignInError("E_SIGN_IN_FAILED")
        with self._store.write(beside=True) as connection:
            _require_as_judged(connection, row)
            if enrolled and step is not None:
                self._take_step(connection, given.officer, step)
            self._clear(connection, given.officer, given.address)
            if given.before is not None:
                self._sessions.forget(connection, given.before)
            stage = _stage(row) if enrolled else ENROLLING
            note(connection, now, given.officer, "session.opened", given.officer, given.address)
            return self._sessions.open(connection, given.officer, stage, given.address, now)

    def propose_second_factor(self, session: Session) -> tuple[str, str]:
        """A new seed, and its address for a telephone; it counts once a code of it was shown.

        RefusedError E_SECOND_FACTOR_SET where there is one: only a reset takes it away.
        """
        seed = new_seed()
        with self._store.write(beside=True) as connection:
            self._sessions.require(connection, session)
            self._require_unset(connection, session.officer)
            sealed = seal_seed(self._seeds, session.officer, seed)
            values = {"seed": sealed, "last_step": 0}
            connection.execute(update(logins).where(logins.c.officer == session.officer).values(**values))
        return seed, address_of(seed, session.officer, self._origin)

    def confirm_second_factor(self, session: Session, code: str, now: int) -> tuple[str, Session]:
        """The telephone has the seed: a full session takes the place of the one that set it up."""
        officer, address = session.officer, session.address
        self._count(officer, address, now)
        told = self._refusals_told("second_factor.refused", officer, address, now, officer)
        with told, self._store.write(beside=True) as connection:
            row = self._require_unset(connection, officer)
            step = step_of(self._seed(row, confirmed=False), code, now)
            if row.seed is None or step is None:
                raise SignInError("E_SIGN_IN_FAILED")
            values = {"seed_confirmed": 1, "last_step": step}
            connection.execute(update(logins).where(logins.c.officer == officer).values(**values))
            note(connection, now, officer, "second_factor.set", officer, address)
            self._clear(connection, officer, address)
            return self._sessions.rise(connection, session, _stage(row), now)

    def change_password(self, session: Session, old: str, new: str, now: int) -> tuple[str, Session]:
        """Needs the old one; every session of the person ends, and a new one takes the place of this."""
        check_password(new, session.officer)
        if old == new:
            raise InputError("E_PASSWORD_SAME")
        officer, address = session.officer, session.address
        with TRIALS.entered():
            self._count(officer, address, now)
            with self._refusals_told("password.refused", officer, address, now, officer):
                with self._store.read() as connection:
                    row = _row(connection, officer)
                if not password_holds(None if row is None else row.password, old):
                    raise SignInError("E_SIGN_IN_FAILED")
        values = {"password": seal_password(new), "changed_at": now, "must_change": 0}
        with self._store.write(beside=True) as connection:
            still = (logins.c.officer == officer) & (logins.c.password == (row.password if row else ""))
            if connection.execute(update(logins).where(still).values(**values)).rowcount != 1:
                raise SignInError("E_SIGN_IN_FAILED")  # somebody reset or changed it in between
            note(connection, now, officer, "password.changed", officer, address)
            self._clear(connection, officer, address)
            stage = FULL if session.stage == CHANGING else session.stage
            return self._sessions.rise(connection, session, stage, now)

    def give(self, officer: str, by: str, now: int) -> str:
        """A login with a password for the first time, shown once; an old one is reset: no second factor, no session.

        `by` is who gave it, for the access log.
        """
        first = FirstPassword.new()
        with self._store.write() as connection:
            self._put(connection, officer, first, by, now)
        return first.shown

    def make(self, connection: Connection, officer: str, first: "FirstPassword", by: str, now: int) -> None:
        """A login for somebody who has none. RefusedError E_LOGIN_EXISTS."""
        if _row(connection, officer) is not None:
            raise RefusedError("E_LOGIN_EXISTS", officer=officer[:80])
        self._put(connection, officer, first, by, now)

    def reset(self, connection: Connection, officer: str, first: "FirstPassword", by: str, now: int) -> None:
        """A first password for somebody who has a login. NotFoundError E_LOGIN_UNKNOWN."""
        if _row(connection, officer) is None:
            raise NotFoundError("E_LOGIN_UNKNOWN", officer=officer[:80])
        self._put(connection, officer, first, by, now)

    def _put(self, connection: Connection, officer: str, first: "FirstPassword", by: str, now: int) -> None:
        values = {
            "password": first.sealed,
            "changed_at": now,
            "must_change": 1,
            "locked": 0,
            "seed": None,
            "seed_confirmed": 0,
            "last_step": 0,
        }
        new = _row(connection, officer) is None
        if new:
            connection.execute(insert(logins).values(officer=officer, **values))
        else:
            connection.execute(update(logins).where(logins.c.officer == officer).values(**values))
        note(connection, now, by, "login.given" if new else "login.reset", officer)
        limits.clear(connection, self._account(officer))
        end_all(connection, officer)

    def lock(
        self, officer: str, by: str, now: int, *, locked: bool, guard: Callable[[Connection], None] | None = None
    ) -> None:
        """Let nobody in by a login, or let its person in again; sessions end. NotFoundError E_LOGIN_UNKNOWN, and what
        the `guard` raises under the writer's lock.
        """
        with self._store.write(beside=True) as connection:
            if guard is not None:
                guard(connection)
            done = connection.execute(update(logins).where(logins.c.officer == officer).values(locked=int(locked)))
            if done.rowcount != 1:
                raise NotFoundError("E_LOGIN_UNKNOWN", officer=officer[:80])
            note(connection, now, by, "login.locked" if locked else "login.unlocked", officer)
            limits.clear(connection, self._account(officer))
            end_all(connection, officer)

    def states(self) -> list[LoginState]:
        """Every login, by person."""
        with self._store.read() as connection:
            rows = connection.execute(select(logins).order_by(logins.c.officer)).all()
        return [
            LoginState(row.officer, bool(row.locked), bool(row.must_change), bool(row.seed_confirmed), row.changed_at)
            for row in rows
        ]

    def _count(self, officer: str, address: str, now: int) -> None:
        """Count the trial as failed before it is made, so that many at once are no more than many."""
        account, place = self._account(officer), self._place(address)
        with self._store.write(beside=True) as connection:
            wait = max(limits.wait_of(connection, account, now), limits.wait_of(connection, place, now))
            if wait:
                raise TooManyError("E_SIGN_IN_WAIT", wait=wait)
            limits.count(connection, account, limits.FREE_ACCOUNT, now)
            limits.count(connection, place, limits.FREE_ADDRESS, now)

    @contextmanager
    def _refusals_told(self, action: str, officer: str, address: str, now: int, by: str = NOBODY) -> Iterator[None]:
        """A trial; its failure stands in the access log, with the waits that follow it.

        What is tried while somebody waits is no trial and is not told. Logins that there are are bounded by their own
        waits; what strangers type for one has so many places an hour, so that they cannot fill the log.
        """
        try:
            yield
        except SignInError as error:
            if error.code == "E_SIGN_IN_FAILED":
                with self._store.write(beside=True) as connection:
                    self._tell(connection, action, officer, address, now, by)
            raise

    def _tell(self, connection: Connection, action: str, officer: str, address: str, now: int, by: str) -> None:
        account, known = self._account(officer), _row(connection, officer) is not None
        places = digest_of(
            self._who, f"refusals told of {'people' if known else 'strangers'}"
        )  # the same work for both
        left = limits.places_left(connection, places, TOLD_OF_STRANGERS, now)
        if not known and not left:
            return
        subject = officer if known else f"#{account[:16]}"
        note(connection, now, by, action, subject, address)
        if limits.wait_of(connection, account, now):
            note(connection, now, by, "login.waits", subject, address)
        if limits.wait_of(connection, self._place(address), now):
            note(connection, now, by, "address.waits", address, address)
        if not known and left == 1:
            note(connection, now, NOBODY, "refusals.untold", NOBODY, address)

    def _clear(self, connection: Connection, officer: str, address: str) -> None:
        limits.clear(connection, self._account(officer))
        limits.take_back(connection, self._place(address))

    def _seed(self, row: "_Login | None", *, confirmed: bool) -> str:
        """A person's seed; where there is none, one that nobody has, so that the work is the same."""
        if row is None or row.seed is None or bool(row.seed_confirmed) is not confirmed:
            return _NOBODYS_SEED
        return open_seed(self._seeds, row.officer, row.seed)

    def _account(self, officer: str) -> str:
        return digest_of(self._who, f"account {officer}")

    def _place(self, address: str) -> str:
        return digest_of(self._who, f"address {neighbourhood(address)}")

    @staticmethod
    def _take_step(connection: Connection, officer: str, step: int) -> None:
        """A step is taken once, by whoever comes first under the writer's lock."""
        newer = (logins.c.officer == officer) & (logins.c.last_step < step) & (logins.c.locked == 0)
        if connection.execute(update(logins).where(newer).values(last_step=step)).rowcount != 1:
            raise SignInError("E_SIGN_IN_FAILED")

    @staticmethod
    def _require_unset(connection: Connection, officer: str) -> "_Login":
        row = _row(connection, officer)
        if row is None or row.seed_confirmed or row.locked:
            raise RefusedError("E_SECOND_FACTOR_SET")
        return row


class _Login(NamedTuple):
    """A row of the table."""

    officer: str
    password: str
    changed_at: int
    must_change: int
    locked: int
    seed: bytes | None
    seed_confirmed: int
    last_step: int


def _row(connection: Connection, officer: str) -> _Login | None:
    found = connection.execute(select(logins).where(logins.c.officer == officer)).one_or_none()
    return None if found is None else _Login(*found)


def _require_as_judged(connection: Connection, row: _Login) -> None:
    """The login is still what was tried: nobody reset, locked or changed it while the password was judged."""
    now = _row(connection, row.officer)
    if now is None or now._replace(last_step=0) != row._replace(last_step=0):
        raise SignInError("E_SIGN_IN_FAILED")


def _stage(row: _Login) -> str:
    return CHANGING if row.must_change else FULL
