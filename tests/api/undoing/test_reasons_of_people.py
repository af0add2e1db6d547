"""Whoever erases, restricts or releases a person, or changes the operator's key, says why before anything is signed."""

import json
from pathlib import Path

import pytest

from ledger.vault.people import Subject
from ledger_api.books import Book
from tests.api.county import MAKER, Office, voucher

BLANKS = ["", "  ", "\u3000\u00a0", "\u200b"]
ACTS = {
    "erase": ("--basis", "request"),
    "restrict": (),
    "release": (),
}


@pytest.fixture
def reference(office: Office) -> str:
    """Somebody whom the charity registered."""
    with Book.open(office.book) as book:
        found = book.vault.reference("person", "430601190001010011")
        with book.store.write() as connection:
            fields = book.vault.register(connection, [Subject("person", found, (("name", "示例张三"),))])[found]
    committed = [{"name": name, "commitment": text} for name, text in fields.items()]
    registered = {"kind": "identity.registered", "identity": found, "subject": "person", "fields": committed}
    assert office.submit(voucher("charity", registered))["state"] == "posted"
    return found


@pytest.mark.parametrize("reason", BLANKS)
@pytest.mark.parametrize("act", ACTS)
def test_what_is_done_to_a_person_is_done_for_a_reason(office: Office, reference: str, act: str, reason: str) -> None:
    before, waits = office.position(), office.asked("pending")
    words = ("identity", act, reference, *ACTS[act], "--entity", "charity", "--reason", reason)
    assert office.asked(*words, officer=MAKER, code=2)["error"]["code"] == "E_REASON_BLANK"
    assert (office.position(), office.asked("pending")) == (before, waits)


@pytest.mark.parametrize("reason", BLANKS)
def test_the_operators_key_is_changed_for_a_reason(office: Office, reason: str) -> None:
    files, before = set(office.book.iterdir()), office.position()
    words = ("key", "rotate-operator", "--reason", reason)
    assert office.asked(*words, officer="guan-yi", code=2)["error"]["code"] == "E_REASON_BLANK"
    assert (set(office.book.iterdir()), office.position(), office.asked("pending")["pending"]) == (files, before, [])


@pytest.mark.parametrize("kind", ["identity.erased", "identity.restricted", "identity.released"])
def test_a_file_of_vouchers_does_it_to_nobody_without_a_word(office: Office, reference: str, kind: str) -> None:
    file = office.folder / "v.json"
    event = {"kind": kind, "identity": reference, "reason": " "}
    event |= {"basis": "request"} if kind == "identity.erased" else {}
    file.write_text(json.dumps(voucher("charity", event)), encoding="utf-8")
    assert office.asked("submit", file, officer=MAKER, code=2)["error"]["code"] == "E_REASON_BLANK"


def test_a_book_that_restricts_somebody_without_a_word_still_verifies(
    office: Office, reference: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As earlier releases wrote it."""
    with monkeypatch.context() as earlier:
        earlier.setattr("ledger.application.drafting.REASONED", frozenset())
        earlier.setattr("ledger_api.cli.people.require_reason", lambda _reason: None, raising=False)
        words = ("identity", "restrict", reference, "--entity", "charity", "--reason", " ")
        assert office.asked(*words, officer=MAKER)["state"] == "posted"
    assert office.asked("verify")["integrity"]["ok"]
    office.done("export", "package", tmp_path / "package")
    office.done("check")
