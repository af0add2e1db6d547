"""People in the vault: a reading is written down, an erasure is signed by two and then done."""

import json
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select

from ledger.errors import EvidenceError
from ledger.log.side_tables import identities
from ledger.vault.people import Subject
from ledger_api.books import Book
from ledger_api.cli import outcomes
from tests.api.county import CHECKER, LIGHT, MAKER, ORIGIN, Office, approve, entity_registered, gift, voucher

NAME = "示例张三"


@pytest.fixture
def reference(office: Office) -> str:
    """Somebody in the vault and, by commitment, in the log."""
    with Book.open(office.book) as book:
        found = book.vault.reference("person", "430601190001010011")
        with book.store.write() as connection:
            fields = book.vault.register(connection, [Subject("person", found, (("name", NAME),))])[found]
    committed = [{"name": name, "commitment": text} for name, text in fields.items()]
    registered = {"kind": "identity.registered", "identity": found, "subject": "person", "fields": committed}
    assert office.submit(voucher("charity", registered))["state"] == "posted"
    return found


def access_log(office: Office) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(office.book / "book.db")) as there:
        return there.execute("SELECT actor, action, detail FROM access_log ORDER BY id").fetchall()


def test_a_reading_is_written_down(office: Office, reference: str) -> None:
    found = office.asked("identity", "show", reference, "--purpose", "核对银行卡", officer=MAKER)
    assert found["fields"] == [{"name": "name", "value": NAME, "holds": True}]
    assert access_log(office) == [(MAKER, "identity.show", "核对银行卡")]
    assert NAME in office.done("identity", "show", reference, "--purpose", "核对", officer=MAKER)


BAD_PURPOSES = {
    "": "E_PURPOSE_EMPTY",
    " ": "E_PURPOSE_EMPTY",
    "核对431099194803120017": "E_TEXT_PERSONAL",
    "致电13807350001": "E_TEXT_PERSONAL",
    "卡号6222020000000000000": "E_TEXT_PERSONAL",
    "核对\n2025-09-30 zhang identity.show": "E_TEXT_CONTROL",
    "核对\u202e": "E_TEXT_BIDI",
    "核" * 201: "E_TEXT_LONG",
}


@pytest.mark.parametrize(("words", "code"), [(("--purpose", text), code) for text, code in BAD_PURPOSES.items()])
def test_a_reading_needs_a_purpose(office: Office, reference: str, words: tuple[str, ...], code: str) -> None:
    error = office.asked("identity", "show", reference, *words, officer=MAKER, code=2)["error"]
    assert error["code"] == code
    assert access_log(office) == []
    assert office.run("identity", "show", "nobody", "--purpose", "x", officer=MAKER).exit_code == 2


def test_only_those_with_an_office_for_it_read(office: Office, reference: str) -> None:
    error = office.asked("identity", "show", reference, "--purpose", "x", officer="guan-yi", code=2)["error"]
    assert error["code"] == "E_IDENTITY_READER"
    assert access_log(office) == []
    assert office.run("identity", "show", reference, "--purpose", "x", officer=CHECKER).exit_code == 0
    for file in office.book.glob("operator.clkey"):
        file.unlink()
    assert office.run("identity", "show", reference, "--purpose", "x", officer=MAKER).exit_code == 0


def test_a_role_for_a_township_reads_nobody_who_is_not_enrolled_there(office: Office, reference: str) -> None:
    new = ("key", "new", office.key("zhen"), "--officer", "zhen", "--name", "示例乡", "--origin", ORIGIN)
    office.done(*new, *LIGHT, "--passphrase-file", office.folder / "word")
    role = ("--role", "accountant", "--entity", "charity", "--scope", "石岭镇")
    office.done("key", "enrol", f"{office.key('zhen')}.request.json", *role, officer="guan-yi")
    approve(office, "guan-san")
    error = office.asked("identity", "show", reference, "--purpose", "x", officer="zhen", code=2)["error"]
    assert (error["code"], error["params"]["townships"]) == ("E_TOWNSHIP_PERSON", "石岭镇")
    assert access_log(office) == []


def test_a_revoked_key_reads_nobody(office: Office, reference: str) -> None:
    keyid = office.asked("key", "show", office.key(MAKER))["keyid"]
    office.asked("key", "revoke", keyid, "--reason", "left", "--note", "离职", officer="guan-yi")
    approve(office, "guan-er")
    error = office.asked("identity", "show", reference, "--purpose", "x", officer=MAKER, code=2)["error"]
    assert error["code"] == "E_KEY_REVOKED"


ERASE = ("--basis", "request", "--reason", "本人要求", "--entity", "charity")


def test_an_erasure_is_signed_by_two_and_then_done(office: Office, reference: str) -> None:
    before = office.asked("balances")["funds"]
    waiting = office.asked("identity", "erase", reference, *ERASE, officer=MAKER)
    assert waiting["missing"] == ["checker"]
    assert office.run("identity", "show", reference, "--purpose", "x", officer=MAKER).exit_code == 0
    assert approve(office)[0]["state"] == "posted"
    assert office.run("identity", "show", reference, "--purpose", "x", officer=MAKER).exit_code == 2
    assert [action for _, action, _ in access_log(office)] == ["identity.show", "identity.erase"]
    assert office.asked("balances")["funds"] == before
    assert office.asked("verify")["integrity"]["ok"]
    for file in office.book.glob("book.db*"):
        assert NAME.encode() not in file.read_bytes()
    assert (office.book / "book.db-wal").exists() is False or (office.book / "book.db-wal").stat().st_size == 0


def test_rows_that_an_old_backup_brings_back_are_told_as_erased_where_the_log_says_so(
    office: Office, reference: str
) -> None:
    with Book.open(office.book) as book, book.store.read() as connection:
        old = [dict(row) for row in connection.execute(select(identities)).mappings()]
    office.asked("identity", "erase", reference, *ERASE, officer=MAKER)
    assert approve(office, CHECKER)[0]["state"] == "posted"
    with Book.open(office.book) as book, book.store.write() as connection:
        connection.execute(identities.insert(), old)
        assert book.vault.away(connection) == 0, "no key is missed"
        assert book.vault.opened(connection, [reference]) == {}
        with pytest.raises(EvidenceError, match="E_IDENTITY_GONE"):
            book.vault.show(connection, reference, MAKER, "核对", "2025-10-01T09:00:00+08:00")


def test_an_erasure_that_was_cut_short_is_finished(
    office: Office, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.asked("identity", "erase", reference, *ERASE, officer=MAKER)
    with monkeypatch.context() as patch:
        patch.setattr(outcomes, "finish_erasures", lambda *_: None)
        approve(office)
    assert office.run("identity", "show", reference, "--purpose", "x", officer=MAKER).exit_code == 0
    assert office.run("identity", "erase", reference, *ERASE, officer=MAKER).exit_code == 0
    assert office.run("identity", "show", reference, "--purpose", "x", officer=MAKER).exit_code == 2


def test_papers_that_must_be_kept_keep_the_person(office: Office, reference: str) -> None:
    words = ("identity", "erase", reference, *ERASE, "--retained-until", "2035-12-31")
    error = office.asked(*words, officer=MAKER, code=2)["error"]
    assert "E_RETENTION_RUNNING" in error["message"]
    assert office.run("identity", "erase", "nobody", *ERASE, officer=CHECKER).exit_code == 2


def key_of_another(office: Office, officer: str, role: str, entity: str) -> None:
    """Somebody more, with a key and a role."""
    key = office.key(officer)
    words = ("--officer", officer, "--name", f"示例{officer}", "--origin", ORIGIN, *LIGHT)
    office.done("key", "new", key, *words, "--passphrase-file", office.folder / "word")
    request = f"{key}.request.json"
    office.done("key", "enrol", request, "--role", role, "--entity", entity, officer="guan-yi")
    approve(office, "guan-er")


def test_an_accountant_of_another_entity_reads_nobody_of_ours(office: Office, reference: str) -> None:
    office.submit(voucher("book", entity_registered("society")), officer="guan-yi")
    approve(office, "guan-er")
    for role in ("accountant", "auditor"):
        other = f"other-{role}"
        key_of_another(office, other, role, "society")
        error = office.asked("identity", "show", reference, "--purpose", "x", officer=other, code=2)["error"]
        assert error["code"] == "E_IDENTITY_READER"
    assert access_log(office) == []


def test_while_vouchers_that_name_the_person_are_kept_use_is_restricted(office: Office, reference: str) -> None:
    """Nobody needs to say until when: what was recorded of the person says it."""
    named = {"donor": reference, "donor_kind": "person", "publicity": "name"}
    assert office.submit(voucher("charity", {**gift("D9", 500), **named}))["state"] == "posted"
    error = office.asked("identity", "erase", reference, *ERASE, officer=MAKER, code=2)["error"]
    assert "E_RETENTION_RUNNING" in error["message"]
    assert "2055-12-31" in json.dumps(error)
    words = ("--reason", "本人要求停止使用", "--entity", "charity")
    assert office.asked("identity", "restrict", reference, *words, officer=MAKER)["state"] == "posted"
    again = office.asked("identity", "restrict", reference, *words, officer=MAKER, code=2)["error"]
    assert "E_IDENTITY_RESTRICTED_TWICE" in again["message"]
    error = office.asked("identity", "show", reference, "--purpose", "x", officer=MAKER, code=2)["error"]
    assert error["code"] == "E_IDENTITY_RESTRICTED"
    key_of_another(office, "shen-ji", "auditor", "charity")
    assert office.asked("identity", "show", reference, "--purpose", "审计", officer="shen-ji")["fields"]
    assert office.asked("identity", "release", reference, *words, officer=MAKER)["missing"] == ["checker"]
    assert approve(office)[0]["state"] == "posted"
    assert office.run("identity", "show", reference, "--purpose", "x", officer=MAKER).exit_code == 0
    error = office.asked("identity", "release", reference, *words, officer=MAKER, code=2)["error"]
    assert "E_IDENTITY_NOT_RESTRICTED" in error["message"]


@pytest.mark.parametrize(("language", "where"), [("zh", "全账"), ("en", "the whole book")])
def test_who_holds_no_post_in_the_whole_book_is_told_so_in_words(office: Office, language: str, where: str) -> None:
    file = office.folder / "left.json"
    left = {"kind": "officer.left", "officer": "li", "entity": None, "on": "2025-09-30", "reason": "调离"}
    file.write_text(json.dumps(voucher("book", left)), encoding="utf-8")
    told = office.run("submit", file, "--lang", language, officer="guan-yi")
    said = next(line for line in told.stderr.splitlines() if "[E_OFFICER_NO_POST]" in line)
    assert where in said
    assert "None" not in told.stderr
