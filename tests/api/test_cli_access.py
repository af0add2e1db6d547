"""Logins, read-only keys, duties and the daily root, from the operator's command line."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.vault.people import Subject
from ledger_api.access.desk import Access
from ledger_api.access.logins import Attempt
from ledger_api.access.refusals import SignInError
from ledger_api.books import Book
from ledger_audit.verifier.__main__ import main as stranger
from tests.api.county import ADMINISTRATORS, LIGHT, MAKER, ORIGIN, Office, approve, voucher

SECURITY, SYSTEM, THIRD = ADMINISTRATORS


def access_of(book: Book) -> Access:
    return Access(book.store, book.operator())


def comes_in(office: Office, officer: str, password: str, code: str = "") -> str:
    """The stage of the session that is opened, or the code of the refusal."""
    with Book.open(office.book) as book:
        try:
            attempt = Attempt(officer, password, code, "192.0.2.1")
            return access_of(book).logins.sign_in(attempt, int(office.now.timestamp()))[1].stage
        except SignInError as error:
            return error.code


def test_a_login_is_given_reset_and_locked(office: Office) -> None:
    first = office.asked("access", "login", MAKER)["password"]
    assert comes_in(office, MAKER, first) == "enrolling"
    assert office.asked("access", "login", MAKER, code=2)["error"]["code"] == "E_LOGIN_EXISTS"
    second = office.done("access", "reset", MAKER).strip()
    assert second != first
    assert comes_in(office, MAKER, first) == "E_SIGN_IN_FAILED"
    assert comes_in(office, MAKER, second) == "enrolling"
    (state,) = office.asked("access", "lock", MAKER)["logins"]
    assert (state["officer"], state["locked"], state["second_factor"]) == (MAKER, True, False)
    assert comes_in(office, MAKER, second) == "E_SIGN_IN_FAILED"
    assert MAKER in office.done("access", "lock", MAKER, "--unlock")
    assert comes_in(office, MAKER, second) == "enrolling"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("login", "nobody"), "E_OFFICER_UNKNOWN"),
        (("reset", MAKER), "E_LOGIN_UNKNOWN"),
        (("lock", MAKER), "E_LOGIN_UNKNOWN"),
        (("key", "revoke", "nothing"), "E_READ_KEY_UNKNOWN"),
        (("key", "new", "--label", "x", "--permission", "post"), "E_READ_KEY_WANTED"),
        (("key", "new", "--label", "x", "--permission", "books", "--entity", "nowhere"), "E_READ_KEY_WANTED"),
        (("key", "new", "--label", "x", "--permission", "books", "--days", "401"), "E_READ_KEY_WANTED"),
        (
            ("key", "new", "--label", "x", "--permission", "mirror", "--entity", "charity"),
            "E_READ_KEY_WHOLE",
        ),
        (("duties", "--name", "system"), "E_OFFICER_UNKNOWN"),
        (("duties", "--name", f"money={SYSTEM}"), "E_DUTY_UNKNOWN"),
        (("duties", "--name", f"audit={MAKER}"), "E_DUTY_BOOKKEEPING"),
        (("duties", "--name", f"audit={SYSTEM}", "--name", f"system={SYSTEM}"), "E_DUTIES_MEET"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(office: Office, words: tuple[str, ...], code: str) -> None:
    assert office.asked("access", *words, code=2)["error"]["code"] == code
    assert office.asked("access", "keys")["keys"] == []


def test_without_the_operators_key_nobody_gives_a_way_in(office: Office) -> None:
    (office.book / "operator.clkey").unlink()
    assert office.run("access", "login", MAKER).exit_code == 2
    assert office.run("access", "key", "new", "--label", "x", "--permission", "books").exit_code == 2


def test_a_read_only_key_is_made_and_revoked(office: Office) -> None:
    made = office.asked("access", "key", "new", "--label", "民政局", "--permission", "books", "--entity", "charity")
    shown = office.done("access", "key", "new", "--label", "审计局", "--permission", "mirror", "--days", "1").strip()
    now = int(office.now.timestamp())
    with Book.open(office.book) as book:
        keys = access_of(book).reading_keys
        assert keys.find(made["key"], "192.0.2.1", now) is not None
        assert keys.find(shown, "192.0.2.1", now + 2 * 86_400) is None
    (gone,) = office.asked("access", "key", "revoke", made["id"])["keys"]
    assert gone["revoked_on"] is not None
    assert {one["label"] for one in office.asked("access", "keys")["keys"]} == {"民政局", "审计局"}
    assert "审计局" in office.done("access", "keys")
    with Book.open(office.book) as book:
        assert access_of(book).reading_keys.find(made["key"], "192.0.2.1", now) is None


def test_duties_are_named_and_told(office: Office) -> None:
    named = office.asked("access", "duties", "--name", f"system={SYSTEM}", "--name", f"security={SECURITY}")
    assert named["duties"] == {"system": SYSTEM, "security": SECURITY, "audit": None}
    assert SYSTEM in office.done("access", "duties")


def test_a_seed_of_one_person_is_no_ones_else(office: Office) -> None:
    with Book.open(office.book) as book:
        access, now = access_of(book), int(office.now.timestamp())
        seeds = []
        for officer in (MAKER, SYSTEM):
            access.logins.give(officer, "operator", now)
            with book.store.write() as connection:
                _, session = access.sessions.open(connection, officer, "enrolling", "192.0.2.1", now)
            seeds.append(access.logins.propose_second_factor(session)[0])
    assert seeds[0] != seeds[1]
    with closing(sqlite3.connect(office.book / "book.db")) as there:
        there.execute("UPDATE ac_logins SET seed = (SELECT seed FROM ac_logins WHERE officer = ?)", (SYSTEM,))
        there.execute("UPDATE ac_logins SET seed_confirmed = 1")
        there.commit()
    with Book.open(office.book) as book, pytest.raises(Exception, match="Decryption failed"):
        access_of(book).logins.sign_in(Attempt(MAKER, "whatever", "000000", "192.0.2.1"), now)


def machine(office: Office) -> str:
    """A machine whose key may bind the access log."""
    name = "recorder"
    new = ("key", "new", office.key(name), "--officer", name, "--name", "查阅记录程序", "--origin", ORIGIN, *LIGHT)
    office.done(*new, "--passphrase-file", office.folder / "word")
    request = f"{office.key(name)}.request.json"
    enrol = ("key", "enrol", request, "--role", "machine", "--machine-kind", "book.access_rooted")
    office.done(*enrol, officer="guan-yi")
    approve(office, "guan-san")
    return name


def read_somebody(office: Office) -> None:
    with Book.open(office.book) as book:
        found = book.vault.reference("person", "430601190001010011")
        with book.store.write() as connection:
            fields = book.vault.register(connection, [Subject("person", found, (("name", "示例张三"),))])[found]
    committed: list[Any] = [{"name": name, "commitment": said} for name, said in fields.items()]
    registered = {"kind": "identity.registered", "identity": found, "subject": "person", "fields": committed}
    assert office.submit(voucher("charity", registered))["state"] == "posted"
    office.done("identity", "show", found, "--purpose", "核对银行卡", officer=MAKER)


def test_the_access_log_of_yesterday_is_bound_and_whoever_touches_it_is_seen(office: Office, tmp_path: Path) -> None:
    name = machine(office)
    read_somebody(office)
    refused = office.run("access", "root", "--day", office.now.date().isoformat(), officer=name)
    assert (refused.exit_code, "E_ACCESS_DAY_OPEN" in refused.output) == (2, True)
    office.now = office.now.replace(hour=0, minute=3) + dt.timedelta(days=1)
    early = office.run("access", "root", "--day", "2025-09-30", officer=name)
    assert (early.exit_code, "E_ACCESS_DAY_OPEN" in early.output) == (2, True), "a late row may still be on its way"
    office.now += dt.timedelta(minutes=5)
    assert office.asked("access", "root", officer=name)["state"] == "posted"
    assert office.run("access", "root", officer=name).exit_code == 2, "a day is bound once"
    assert office.run("access", "root", "--day", "2025-09-01", officer=MAKER).exit_code == 2, "a person binds none"
    assert office.asked("verify")["integrity"]["ok"]
    exported = office.asked("export", "package", tmp_path / "package")
    assert stranger([str(tmp_path / "package"), "--key", exported["vkey"]]) == 0
    with closing(sqlite3.connect(office.book / "book.db")) as there:
        there.execute("DROP TRIGGER access_log_refuse_update")
        there.execute("UPDATE access_log SET detail = '别的事由'")
        there.commit()
    found = office.asked("verify", code=1)["integrity"]["findings"]
    assert [one["code"] for one in found] == ["E_DERIVE_ACCESS"]
