"""What access keeps, on both kinds of database, and what many at once make of it."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from sqlalchemy import Table, func, insert, literal, select

from ledger.errors import BusyError, LedgerError, RefusedError
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
from ledger_api.access import logins as logins_module
from ledger_api.access.addresses import neighbourhood
from ledger_api.access.desk import Access
from ledger_api.access.logins import Attempt
from ledger_api.access.passwords import password_holds
from ledger_api.access.reading_keys import Wanted
from ledger_api.access.sessions import end_all
from ledger_api.rooms import WAIT_S, Room

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
        ("-", "session.refused", rows[2][2], ADDRESS),
        ("li", "session.opened", "li", ADDRESS),
        ("guan", "login.locked", "li", ""),
        ("guan", "read_key.made", key.id, "监管"),
        ("guan", "read_key.revoked", key.id, ""),
    ]
    assert re.fullmatch("#[0-9a-f]{16}", rows[2][2]), "what was typed there may be a password"


def told(store: LogStore) -> Counter[tuple[str, str]]:
    """How often each action stands in the access log for each subject."""
    with store.read() as connection:
        return Counter((row.action, row.subject) for row in connection.execute(select(access_log)))


def test_strangers_do_not_fill_the_access_log_and_keep_no_failure_of_a_login_out_of_it(
    access: Access, store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins_module, "TOLD_OF_STRANGERS", 20)
    monkeypatch.setattr(logins_module, "password_holds", lambda *_: False)  # the trial itself takes a tenth of a second
    enrolled(access, store, "li")

    def tried(officer: str, at: int, now: int) -> None:
        with pytest.raises(LedgerError):
            access.logins.sign_in(Attempt(officer, "x", "0", f"198.51.{at}.7"), now)

    for number in range(60):
        tried(f"nobody-{number}", number, NOW)
    found = told(store)
    assert sum(count for (action, _), count in found.items() if action == "session.refused") == 20
    assert found["refusals.untold", "-"] == 1
    tried("li", 70, NOW)
    assert told(store)["session.refused", "li"] == 1
    tried("nobody-more", 71, NOW + 3600)
    assert sum(count for (action, _), count in told(store).items() if action == "session.refused") == 22


# ---- what happens to a login while a trial of it is being judged


def meanwhile(patch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """Have something happen after a password was found right and before anything comes of it."""

    def judged(kept: str | None, password: str) -> bool:
        right = password_holds(kept, password)
        what()
        return right

    patch.setattr("ledger_api.access.logins.password_holds", judged)


def tried(access: Access, password: str, seed: str) -> object:
    return access.logins.sign_in(Attempt("li", password, pyotp.TOTP(seed).at(NOW + 30), ADDRESS), NOW + 30)


MEANWHILE: dict[str, Callable[[Access], object]] = {
    "reset": lambda access: access.logins.give("li", "operator", NOW + 30),
    "locked": lambda access: access.logins.lock("li", "operator", NOW + 30, locked=True),
}


@pytest.mark.parametrize("happened", MEANWHILE)
def test_a_login_that_is_taken_away_while_it_is_tried_opens_nothing(
    access: Access, store: LogStore, monkeypatch: pytest.MonkeyPatch, happened: str
) -> None:
    password, seed = enrolled(access, store, "li")
    meanwhile(monkeypatch, lambda: MEANWHILE[happened](access))
    with pytest.raises(LedgerError) as raised:
        tried(access, password, seed)
    assert raised.value.code == "E_SIGN_IN_FAILED"
    assert access.sessions.of("li", NOW + 30) == []


def test_a_first_password_that_was_replaced_while_it_was_tried_opens_nothing(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a second factor yet, nothing but the password is looked at."""
    password = access.logins.give("li", "operator", NOW)
    meanwhile(monkeypatch, lambda: access.logins.lock("li", "operator", NOW, locked=True))
    with pytest.raises(LedgerError) as raised:
        access.logins.sign_in(Attempt("li", password, "", ADDRESS), NOW)
    assert raised.value.code == "E_SIGN_IN_FAILED"
    assert access.sessions.of("li", NOW) == []


ENDS: dict[str, Callable[[Access, LogStore], object]] = {
    "locked": lambda access, _: access.logins.lock("li", "operator", NOW, locked=True),
    "ended everywhere": lambda _, store: ended(store, "li"),
}


def ended(store: LogStore, officer: str) -> None:
    with store.write() as connection:
        end_all(connection, officer)


@pytest.mark.parametrize("end", ENDS)
def test_no_new_session_comes_of_one_that_ended_meanwhile(
    access: Access, store: LogStore, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """A password that is being changed takes a tenth of a second: enough for somebody to lock the login."""
    password, _ = enrolled(access, store, "li")
    (session,) = access.sessions.of("li", NOW)
    meanwhile(monkeypatch, lambda: ENDS[end](access, store))
    with pytest.raises(LedgerError) as raised:
        access.logins.change_password(session, password, "so that whoever gave can read", NOW)
    assert raised.value.code == "E_SESSION_ENDED"
    assert access.sessions.of("li", NOW) == []
    monkeypatch.undo()
    with pytest.raises(LedgerError):
        access.logins.propose_second_factor(session)


def test_guessing_from_another_address_of_the_same_network_is_guessing_on(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subscriber of IPv6 has as many addresses as there are."""
    monkeypatch.setattr(limits, "FREE_ADDRESS", 3)
    codes = []
    for number in range(limits.FREE_ADDRESS + 1):
        with pytest.raises(LedgerError) as raised:
            access.logins.sign_in(Attempt(f"somebody-{number}", "x", "", f"2001:db8::{number:x}"), NOW)
        codes.append(raised.value.code)
    assert set(codes[:-1]) == {"E_SIGN_IN_FAILED"}
    assert codes[-1] == "E_SIGN_IN_WAIT"
    with pytest.raises(LedgerError) as raised:
        access.logins.sign_in(Attempt("somebody", "x", "", "2001:db8:0:1::1"), NOW)
    assert raised.value.code == "E_SIGN_IN_FAILED", "the neighbour's network is another one"


@pytest.mark.parametrize(
    ("text", "stands_for"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_whom_an_address_stands_for(text: str, stands_for: str) -> None:
    assert neighbourhood(text) == stands_for


def test_a_read_only_key_for_an_office_counts_on_a_socket_for_both_families(access: Access, store: LogStore) -> None:
    wanted = Wanted("office", ["books"], [], ["192.0.2.0/24"], 30)
    with store.write() as connection:
        shown, _ = access.reading_keys.make(connection, wanted, "guan-1", NOW)
    assert access.reading_keys.find(shown, "::ffff:192.0.2.9", NOW) is not None
    for elsewhere in ("::ffff:198.51.100.9", "2001:db8::1", ""):
        assert access.reading_keys.find(shown, elsewhere, NOW) is None


def test_a_clock_that_was_put_back_locks_nobody_out(access: Access, store: LogStore) -> None:
    years = 4 * 365 * 86_400
    password, seed = enrolled(access, store, "li")
    for _ in range(limits.FREE_ACCOUNT):
        with pytest.raises(LedgerError):
            access.logins.sign_in(Attempt("li", "x", "", ADDRESS), NOW + years)
    with pytest.raises(LedgerError) as raised:
        access.logins.sign_in(Attempt("li", "x", "", ADDRESS), NOW + years)
    assert raised.value.code == "E_SIGN_IN_WAIT"
    assert tried(access, password, seed)


def test_whoever_comes_to_a_full_room_is_sent_away_at_once() -> None:
    room = Room("E_SIGN_IN_BUSY", at_once=2)
    with room.entered(), room.entered():
        with pytest.raises(BusyError) as raised, room.entered():
            raise AssertionError("three at once")
        assert (raised.value.code, raised.value.params) == ("E_SIGN_IN_BUSY", {"wait": WAIT_S})
    with room.entered():
        pass


def test_one_who_waits_has_the_turn_when_it_is_free() -> None:
    room = Room("E_SIGN_IN_BUSY", at_once=1, waiting=1)
    order: list[str] = []

    def second() -> None:
        with room.entered():
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with room.entered():
            waiting = pool.submit(second)
            order.append("first")
        waiting.result()
    assert order == ["first", "second"]
