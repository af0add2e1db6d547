"""A book whose people were registered under one vault goes on with that vault's keys, not with others nor new ones."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.errors import EvidenceError, InputError
from ledger.log.side_tables import identities, vault_check
from ledger.log.triggers import refuse_changes
from ledger.vault.keystore import KeyStore
from ledger.vault.people import Subject, Vault
from ledger_api.books import Book
from ledger_api.keeping import doctor
from ledger_api.keeping.backing_up import back_up
from ledger_api.keeping.restoring import restore
from tests.api.county import Office
from tests.api.keeping.books import note

NOW = "2025-10-01T09:00:00+08:00"


def registered(office: Office) -> str:
    """The reference of somebody whom the office's book knows."""
    with Book.open(office.book, lambda: office.now) as book, book.store.write() as connection:
        reference = book.vault.reference("person", "431099194803120016")
        book.vault.register(connection, [Subject("person", reference, (("name", "示例甲"),))])
    return reference


def unbound(office: Office) -> None:
    """As a book was that had registered people before it kept a check of their keys."""
    with Book.open(office.book, lambda: office.now) as book, book.store.write() as connection:
        connection.execute(text("DROP TABLE vault_check"))
        vault_check.create(connection)
        refuse_changes(connection, [vault_check])


def lost(file: Path) -> None:
    file.unlink()


def anothers(file: Path) -> None:
    file.unlink()
    KeyStore.create(file)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def garbled(file: Path) -> None:
    file.write_bytes(b"not a database, but as long as one might be" * 40)


BAD = {"missing": lost, "other": anothers, "damaged": emptied, "garbled": garbled}
Damage = Callable[[Path], None]


@pytest.fixture(params=["kept check", "older book"])
def known(request: pytest.FixtureRequest, office: Office) -> Office:
    """An office that knows somebody, whether its book keeps a check of the keys or not."""
    registered(office)
    office.book.chmod(0o700)
    (office.folder / "operator.word").chmod(0o600)
    if request.param == "older book":
        unbound(office)
    return office


@pytest.mark.parametrize("damage", BAD.values(), ids=BAD)
def test_a_live_book_with_no_keys_of_its_own_is_unsafe_and_makes_no_new_ones(known: Office, damage: Damage) -> None:
    file = known.book / "vault.keys"
    damage(file)
    there = file.read_bytes() if file.exists() else None
    with Book.open(known.book, lambda: known.now) as book:
        failed = [one for one in doctor.examine(book) if not one.holds]
        assert [(one.code, one.name) for one in failed] == [("E_DOCTOR_VAULT", str(file))]
        with pytest.raises(EvidenceError, match="E_UNSAFE_BOOK"):
            doctor.refuse_unsafe(book)
        with pytest.raises(EvidenceError, match="E_VAULT_KEYS") as caught:
            _ = book.vault
    assert caught.value.params["file"] == str(file)
    assert (file.read_bytes() if file.exists() else None) == there, "nothing is made or changed"


def test_its_own_keys_are_good_and_the_next_registration_keeps_a_check_of_them(known: Office) -> None:
    reference = registered(known)
    with Book.open(known.book, lambda: known.now) as book:
        assert [one.found for one in doctor.examine(book) if one.code == "E_DOCTOR_VAULT"] == ["own"]
        with book.store.read() as connection:
            assert len(connection.execute(vault_check.select()).all()) == 1
            assert book.vault.opened(connection, [reference])[reference] == {"name": "示例甲"}


def test_the_check_stays_when_everybody_was_erased(office: Office) -> None:
    reference = registered(office)
    with Book.open(office.book, lambda: office.now) as book:
        with book.store.write() as connection:
            book.vault.erase(connection, reference, "admin", NOW)
        book.vault.destroy(reference)
    (office.book / "vault.keys").unlink()
    with Book.open(office.book) as book, pytest.raises(EvidenceError, match="E_VAULT_KEYS"):
        _ = book.vault


def test_people_erased_since_the_backup_do_not_make_the_keys_anothers(known: Office) -> None:
    """A restored database still holds the rows of whoever was erased after it; the newest keys have no key for them."""
    gone = registered(known)
    with Book.open(known.book, lambda: known.now) as book, book.store.write() as connection:
        other = book.vault.reference("person", "431099196207050129")
        book.vault.register(connection, [Subject("person", other, (("name", "示例乙"),))])
        book.vault.destroy(gone)
    with Book.open(known.book) as book, book.store.read() as connection:
        assert book.vault.opened(connection, [other])[other] == {"name": "示例乙"}


def test_keys_that_lack_somebody_who_is_not_erased_are_unsafe(known: Office) -> None:
    """As on a second machine, whose copy of the file was made before the other registered somebody."""
    file = known.book / "vault.keys"
    copy = file.read_bytes()
    with Book.open(known.book, lambda: known.now) as book:
        assert [one.found for one in doctor.examine(book) if one.code == "E_DOCTOR_VAULT_PEOPLE"] == ["0"]
        with book.store.write() as connection:
            other = book.vault.reference("person", "431099196207050129")
            book.vault.register(connection, [Subject("person", other, (("name", "示例乙"),))])
        file.write_bytes(copy)
        failed = [one for one in doctor.examine(book) if not one.holds]
        assert [(one.code, one.name, one.found) for one in failed] == [("E_DOCTOR_VAULT_PEOPLE", str(file), "1")]
        with pytest.raises(EvidenceError, match="E_UNSAFE_BOOK"):
            doctor.refuse_unsafe(book)


def test_keys_that_vanish_under_an_open_book_are_not_made_anew(office: Office) -> None:
    registered(office)
    file = office.book / "vault.keys"
    with Book.open(office.book, lambda: office.now) as book:
        vault = book.vault
        file.unlink()
        with book.store.write() as connection, pytest.raises(EvidenceError, match="E_VAULT_KEYS"):
            vault.register(connection, [Subject("person", "p-2", (("name", "示例丙"),))])
    assert not file.exists()


def test_a_vault_does_not_register_into_another_vaults_book(office: Office, tmp_path: Path) -> None:
    registered(office)
    other = Vault(KeyStore.create(tmp_path / "other.keys"))
    with Book.open(office.book, lambda: office.now) as book, book.store.write() as connection:
        with pytest.raises(EvidenceError, match="E_VAULT_KEYS"):
            other.register(connection, [Subject("person", "p-3", (("name", "示例丁"),))])
        assert connection.execute(identities.select().where(identities.c.reference == "p-3")).all() == []


def test_a_restored_copy_says_that_its_keys_are_missing_and_is_not_resumed_without_them(
    known: Office, tmp_path: Path
) -> None:
    checkpoint = note(known, tmp_path / "note")
    known.done("backup", tmp_path / "copy.tar", "--vault-keys", tmp_path / "apart.keys")
    told = known.asked("restore", tmp_path / "copy.tar", tmp_path / "again")
    assert told["vault_keys"] == "missing"
    assert "vault.keys" in known.done("restore", tmp_path / "copy.tar", tmp_path / "third")
    refused = known.asked("resume", "--book", tmp_path / "again", "--known", checkpoint, code=1)["error"]
    assert refused["code"] == "E_VAULT_KEYS"
    checks = known.asked("doctor", "--book", tmp_path / "again", code=1)["checks"]
    assert {one["code"] for one in checks if not one["ok"]} == {"E_DOCTOR_VAULT", "E_DOCTOR_STATE"}
    KeyStore.create(tmp_path / "again" / "vault.keys")
    refused = known.asked("resume", "--book", tmp_path / "again", "--known", checkpoint, code=1)["error"]
    assert refused["code"] == "E_VAULT_KEYS"
    shutil.copy(tmp_path / "apart.keys", tmp_path / "again" / "vault.keys")
    assert known.asked("resume", "--book", tmp_path / "again", "--known", checkpoint)["state"] == "open"


def test_it_is_restored_with_its_own_keys_and_with_no_others(known: Office, tmp_path: Path) -> None:
    known.done("backup", tmp_path / "copy", "--vault-keys", tmp_path / "apart.keys")
    KeyStore.create(tmp_path / "other.keys")
    with pytest.raises(EvidenceError, match="E_VAULT_KEYS"):
        restore(tmp_path / "copy", tmp_path / "again", NOW, vault_keys=tmp_path / "other.keys")
    assert [one.name for one in tmp_path.glob("*again*")] == []
    told = known.asked("restore", tmp_path / "copy", tmp_path / "again", "--vault-keys", tmp_path / "apart.keys")
    assert told["vault_keys"] == "own"


def test_a_backup_that_is_to_hold_the_keys_apart_does_not_pass_without_them(known: Office, tmp_path: Path) -> None:
    anothers(known.book / "vault.keys")
    with Book.open(known.book) as book, pytest.raises(EvidenceError, match="E_VAULT_KEYS"):
        back_up(book, tmp_path / "copy", None, tmp_path / "apart.keys")
    assert list(tmp_path.glob("*copy*")) == []


def test_where_nobody_was_registered_nothing_hangs_on_the_keys(office: Office, tmp_path: Path) -> None:
    """Such a book is restored without any; its vault is made when it is first used."""
    checkpoint = note(office, tmp_path / "note")
    office.done("backup", tmp_path / "copy")
    told = office.asked("restore", tmp_path / "copy", tmp_path / "again", "--known", checkpoint)
    assert (told["vault_keys"], told["state"]) == ("none", "open")
    with Book.open(tmp_path / "again") as book:
        assert book.vault.reference("person", "x")


def test_the_check_moves_with_the_book(placed: Office, tmp_path: Path) -> None:
    registered(placed)
    (placed.book / "vault.keys").unlink()
    placed.done("backup", tmp_path / "copy")
    assert placed.asked("restore", tmp_path / "copy", tmp_path / "again")["vault_keys"] == "missing"
    with Book.open(placed.book) as book, pytest.raises(EvidenceError, match="E_VAULT_KEYS"):
        _ = book.vault


def test_opening_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="E_VAULT_KEYS"):
        KeyStore(tmp_path / "vault.keys")
    assert not (tmp_path / "vault.keys").exists()


def test_keys_that_others_may_read_are_refused_as_before(office: Office) -> None:
    registered(office)
    (office.book / "vault.keys").chmod(0o644)
    with Book.open(office.book) as book, pytest.raises(InputError, match="E_VAULT_MODE"):
        _ = book.vault


def test_a_key_file_holds_one_book_key(tmp_path: Path) -> None:
    KeyStore.create(tmp_path / "vault.keys")
    with closing(sqlite3.connect(tmp_path / "vault.keys")) as connection:
        first = connection.execute("SELECT key FROM book_key").fetchall()
    KeyStore.create(tmp_path / "vault.keys")
    with closing(sqlite3.connect(tmp_path / "vault.keys")) as connection:
        assert connection.execute("SELECT key FROM book_key").fetchall() == first
    assert len(first) == 1
