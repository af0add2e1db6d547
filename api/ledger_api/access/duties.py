"""The three administrations (三员): system, security and audit, in three hands. Source: GB/T 22239-2019, 8.1.5.

Two administrators of the book name a person together, or the operator does on the machine itself. Nobody holds two of
them, and nobody who keeps the books holds one.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from ledger.decisions.authority import EVERYWHERE, Authority
from ledger.errors import InputError, RefusedError
from ledger.log.access_tables import duties, proposals
from ledger.log.store import LogStore
from ledger_api.access.trail import note

SYSTEM: Final = "system"
SECURITY: Final = "security"
AUDIT: Final = "audit"
DUTIES: Final = (SYSTEM, SECURITY, AUDIT)

BOOKKEEPING: Final = frozenset({"accountant", "cashier", "checker", "approver"})
OPERATOR: Final = "operator"
"""Who named a person on the machine itself."""


class Named(NamedTuple):
    """Who holds a duty, or whom an administrator proposed for it."""

    duty: str
    officer: str
    by: str
    at: int
    agreed: bool


class Duties:
    """The duties of one book."""

    def __init__(self, store: LogStore) -> None:
        self._store = store

    def held(self) -> Mapping[str, str]:
        """Duty -> person, now."""
        with self._store.read() as connection:
            return duties_in(connection)

    def listed(self) -> list[Named]:
        """Duties and open proposals."""
        with self._store.read() as connection:
            return self.listed_in(connection)

    @staticmethod
    def listed_in(connection: Connection) -> list[Named]:
        """The same, in a snapshot or under the writer's lock."""
        found = [_named(tuple(row), agreed=True) for row in connection.execute(select(duties))]
        found += [_named(tuple(row), agreed=False) for row in connection.execute(select(proposals))]
        return sorted(found, key=lambda one: (DUTIES.index(one.duty), not one.agreed))

    def propose(
        self, connection: Connection, authority: Authority, duty: str, officer: str, by: str, now: int, *, signed: bool
    ) -> Named:
        """One administrator proposes, another who says the same puts it in force.

        Only what is `signed` with a key of the log counts: whoever gives out logins could come in as another person,
        and would be two administrators alone. RefusedError E_DUTY_ADMINISTRATORS, E_DUTY_SIGNATURE.
        """
        if not administers(authority, by):
            raise RefusedError("E_DUTY_ADMINISTRATORS")  # first of all: what else is refused tells of other people
        if not signed:
            raise RefusedError("E_DUTY_SIGNATURE", officer=by)
        check(authority, duties_in(connection), duty, officer)
        before = connection.execute(select(proposals).where(proposals.c.duty == duty)).one_or_none()
        agreed = before is not None and before.officer == officer and before.proposed_by != by
        connection.execute(delete(proposals).where(proposals.c.duty == duty))
        if agreed and before is not None:
            first = before.proposed_by
            if administers(authority, first):
                return self._put(connection, duty, officer, f"{first}, {by}", now)
        connection.execute(insert(proposals).values(duty=duty, officer=officer, proposed_by=by, proposed_at=now))
        return Named(duty, officer, by, now, agreed=False)

    def name(self, authority: Authority, duty: str, officer: str, now: int) -> Named:
        """The operator names a person."""
        with self._store.write() as connection:
            check(authority, duties_in(connection), duty, officer)
            connection.execute(delete(proposals).where(proposals.c.duty == duty))
            return self._put(connection, duty, officer, OPERATOR, now)

    @staticmethod
    def _put(connection: Connection, duty: str, officer: str, by: str, now: int) -> Named:
        connection.execute(delete(duties).where(duties.c.duty == duty))
        connection.execute(insert(duties).values(duty=duty, officer=officer, named_by=by, named_at=now))
        note(connection, now, by, "duty.named", officer, duty)
        return Named(duty, officer, by, now, agreed=True)


def check(authority: Authority, held: Mapping[str, str], duty: str, officer: str) -> None:
    """Raises InputError E_DUTY_UNKNOWN or E_OFFICER_UNKNOWN, RefusedError E_DUTIES_MEET or E_DUTY_BOOKKEEPING."""
    if duty not in DUTIES:
        raise InputError("E_DUTY_UNKNOWN", value=duty[:32], allowed=", ".join(DUTIES))
    if officer not in authority.officers:
        raise InputError("E_OFFICER_UNKNOWN", officer=officer)
    other = next((one for one, person in held.items() if person == officer and one != duty), None)
    if other is not None:
        raise RefusedError("E_DUTIES_MEET", officer=officer, duty=duty, held=other)
    roles = sorted(keeps_books(authority, officer))
    if roles:
        raise RefusedError("E_DUTY_BOOKKEEPING", officer=officer, duty=duty, role=", ".join(roles))


def administers(authority: Authority, officer: str) -> bool:
    """Whether a person is an administrator of the whole book."""
    return ("administrator", EVERYWHERE, None) in authority.roles.get(officer, ())


def keeps_books(authority: Authority, officer: str) -> frozenset[str]:
    """The roles by which a person keeps any entity's books."""
    return BOOKKEEPING & {role for role, _, _ in authority.roles.get(officer, ())}


def _named(row: tuple[Any, ...], *, agreed: bool) -> Named:
    duty, officer, by, at = row
    return Named(duty, officer, by, at, agreed)


def duties_in(connection: Connection) -> dict[str, str]:
    """Duty -> person, in a snapshot; a duty that nobody was named for is left out."""
    return {row.duty: row.officer for row in connection.execute(select(duties.c.duty, duties.c.officer))}
