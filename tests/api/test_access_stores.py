"""What access keeps, on both kinds of database, and what many at once make of it."""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from sqlalchemy import Table, func, insert, literal, select

from ledger.errors import LedgerError, RefusedError
from ledger.log.keeping.upgrading import upgrade
from ledger.log.side_tables import access_log, book_life
from ledger.log.store import LogStore
from ledger.log.tables import METADATA
from ledger.signing.digests import digest_text
from ledger.signing.keys import SigningKey
from ledger.signing.merkle import empty_root
from ledger.signing.vkeys import NoteSigner
from ledger.vault.access_root import access_root
from ledger_api.access import limits
from ledger_api.access.desk import Access
from ledger_api.access.logins import Attempt
from ledger_api.access.reading_keys import Wanted

NOW = 1_759_200_000
ADDRESS = "192.0.2.1"


@pytest.fixture
def store(book_url: str) -> Iterator[LogStore]:
    made = LogStore.open(book_url)
    yield made
    made.close()


@pytest.fixture
def access(store: LogStore) -> Access:
    return Access(store, NoteSigner("ledger.example.org/a", SigningKey.generate()))


def access_tables() -> list[Table]:
    """The tables of ways in."""
    return [table for table in METADATA.sorted_tables if table.name.startswith("ac_")]


def enrolled(access: Access, store: LogStore, officer: str) -> tuple[str, str]:
    """The password and the seed of a person who came in once; the last code was that of `NOW`."""
    password = access.logins.give(officer, "operator", NOW)
    with store.write() as connection:
        _, session = access.sessions.open(connection, officer, "enrolling", ADDRESS, NOW)
    seed, _ = access.logins.propose_second_factor(session)
    access.logins.confirm_second_factor(session, pyotp.TOTP(seed).at(NOW), NOW)
    return password, seed


def at_once(count: int, what: Callable[[int], Any]) -> list[str]:
    """What became of each of several at once: `done`, or the code of its refusal."""

    def one(number: int) -> str:
        try:
            what(number)
        except LedgerError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(one, range(count)))


def test_a_book_that_lacks_the_tables_is_told_to_be_upgraded(store: LogStore) -> None:
    with store.write() as connection:
        older = select(func.max(book_life.c.step) + 1, literal("open"), literal(2), literal(""), literal("{}"))
        connection.execute(insert(book_life).from_select(["step", "state", "schema_step", "at", "detail"], older))
        for table in access_tables():
            table.drop(connection)
    with pytest.raises(RefusedError, match="E_BOOK_UPGRADE"):
        Access(store, NoteSigner("ledger.example.org/a", SigningKey.generate()))
    with store.write(beside=True) as connection:
        assert upgrade(connection, "2025-10-01T00:00:00+08:00") == [one.name for one in access_tables()]
    access = Access(store, NoteSigner("ledger.example.org/a", SigningKey.generate()))
    access.logins.give("li", "operator", NOW)
    assert [one.officer for one in access.logins.states()] == ["li"]


def test_one_code_lets_one_in_however_many_try_at_once(access: Access, store: LogStore) -> None:
    password, seed = enrolled(access, store, "li")
    later = NOW + 30
    given = Attempt("li", password, pyotp.TOTP(seed).at(later), ADDRESS)
    before = len(access.sessions.of("li", later))
    outcomes = at_once(4, lambda _: access.logins.sign_in(given, later))
    assert outcomes == ["E_SIGN_IN_FAILED"] * 3 + ["done"]
    assert len(access.sessions.of("li", later)) == before + 1


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(access: Access, store: LogStore) -> None:
    enrolled(access, store, "li")
    outcomes = at_once(12, lambda number: access.logins.sign_in(Attempt("li", f"guess {number}", "0", ADDRESS), NOW))
    assert outcomes.count("E_SIGN_IN_FAILED") == limits.FREE_ACCOUNT
    assert outcomes.count("E_SIGN_IN_WAIT") == 12 - limits.FREE_ACCOUNT


def test_a_key_is_found_and_gone(access: Access, store: LogStore) -> None:
    wanted = Wanted("监管", ("books",), (), (ADDRESS,), 1)
    with store.write() as connection:
        shown, made = access.reading_keys.make(connection, wanted, "guan", NOW)
    found = access.reading_keys.find(shown, ADDRESS, NOW + 5)
    assert found is not None
    assert (found.id, found.permissions, found.addresses) == (made.id, ("books",), (ADDRESS,))
    assert access.reading_keys.all()[0].used_at == NOW + 5
    assert access.reading_keys.find(shown, "192.0.2.2", NOW) is None
    assert access.reading_keys.revoke(made.id, "guan", NOW + 9).revoked_at == NOW + 9
    assert access.reading_keys.revoke(made.id, "guan", NOW + 99).revoked_at == NOW + 9
    assert access.reading_keys.find(shown, ADDRESS, NOW + 10) is None


def test_another_operators_secrets_open_nothing(access: Access, store: LogStore) -> None:
    with store.write() as connection:
        shown, _ = access.reading_keys.make(connection, Wanted("监管", ("books",), (), (), 1), "guan", NOW)
        token, _ = access.sessions.open(connection, "li", "full", ADDRESS, NOW)
    other = Access(store, NoteSigner("ledger.example.org/a", SigningKey.generate()))
    assert other.reading_keys.find(shown, ADDRESS, NOW) is None
    assert other.sessions.find(token, NOW) is None
    assert access.sessions.find(token, NOW) is not None


def test_a_days_root_covers_its_rows_and_no_others(store: LogStore) -> None:
    day = dt.date(2025, 9, 30)
    with store.read() as connection:
        assert access_root(connection, day) == (0, digest_text(empty_root()))
    said = {"actor": "li", "action": "identity.show", "subject": "p", "detail": "复核"}
    seen = []
    for at in ("2025-09-30T00:00:00+08:00", "2025-09-30T23:59:59+08:00", "2025-10-01T00:00:00+08:00"):
        with store.write() as connection:
            connection.execute(insert(access_log).values(at=at, **said))
            seen.append(access_root(connection, day))
    assert [one.rows for one in seen] == [1, 2, 2]
    assert seen[0].root != seen[1].root == seen[2].root


def test_what_is_done_to_ways_in_is_written_down_and_what_was_typed_is_not(access: Access, store: LogStore) -> None:
    password, seed = enrolled(access, store, "li")
    with pytest.raises(LedgerError):
        access.logins.sign_in(Attempt("my-password-in-the-wrong-field", "x", "0", ADDRESS), NOW)
    access.logins.sign_in(Attempt("li", password, pyotp.TOTP(seed).at(NOW + 30), ADDRESS), NOW + 30)
    access.logins.lock("li", "guan", NOW, locked=True)
    with store.write() as connection:
        _, key = access.reading_keys.make(connection, Wanted("监管", ("books",), (), (), 1), "guan", NOW)
    access.reading_keys.revoke(key.id, "guan", NOW)
    access.reading_keys.revoke(key.id, "guan", NOW)
    with store.read() as connection:
        rows = [tuple(row)[2:] for row in connection.execute(select(access_log).order_by(access_log.c.id))]
    assert rows == [
        ("operator", "login.given", "li", ""),
        ("li", "second_factor.set", "li", ADDRESS),
        ("li", "session.opened", "li", ADDRESS),
        ("guan", "login.locked", "li", ""),
        ("guan", "read_key.made", key.id, "监管"),
        ("guan", "read_key.revoked", key.id, ""),
    ]
