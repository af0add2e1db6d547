"""Which keys of the operator a backup holds while they change: those that the log names, and no other."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import InputError, RefusedError
from ledger_api.books import Book
from ledger_api.keeping import backups
from ledger_api.keeping.backing_up import back_up
from ledger_api.keeping.restoring import restore
from tests.api.county import LIGHT, Office, approve
from tests.api.keeping.books import NOW, give, note, said


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_no_backup_is_made_with_a_key_that_the_log_no_longer_names(
    office: Office,
    tmp_path: Path,
    signed: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Between the posting of a rotation and its taking into use: the cure is named, and then the backup is good."""
    office.done("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")
    approve(office, "guan-er")
    with Book.open(office.book) as book:
        operator = book.operator() if signed else None
        with pytest.raises(RefusedError, match=r"E_BACKUP_KEY.*install-operator"):
            back_up(book, tmp_path / "copy", operator)
    assert not list(tmp_path.glob("copy*"))
    office.done("key", "install-operator")
    office.done("backup", tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "again", NOW)
    assert said(tmp_path / "again") == said(office.book)


def test_the_key_of_a_rotation_that_waits_is_in_it(office: Office, tmp_path: Path) -> None:
    """Restored on another machine, the rotation can be approved and its key taken into use there."""
    office.done("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")
    outside = note(office, tmp_path / "note")
    office.done("backup", tmp_path / "copy.tar")
    restore(tmp_path / "copy.tar", tmp_path / "again", NOW)
    (file,) = (tmp_path / "again").glob("operator-*.clkey")
    assert file.stat().st_mode & 0o777 == 0o600
    shutil.rmtree(office.book)
    (tmp_path / "again").rename(office.book)
    settings = (office.book / "book.toml").read_text()
    word = f'operator_passphrase_file = "{office.folder / "operator.word"}"'
    (office.book / "book.toml").write_text(f"{settings}{word}\n")
    office.done("resume", "--known", outside)
    assert approve(office, "guan-er")[0]["state"] == "posted"
    office.done("key", "install-operator")
    assert give(office, "D9")["state"] == "posted"


def rotation(office: Office) -> str:
    """A change of the operator's key that waits; the name of the new key's file."""
    before = set(office.book.glob("*.clkey"))
    office.done("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")
    (file,) = set(office.book.glob("*.clkey")) - before
    return file.name


def in_use(office: Office) -> str:
    """The same, posted and taken into use."""
    name = rotation(office)
    approve(office, "guan-er")
    office.done("key", "install-operator")
    return name


def keys_in_backup(office: Office, target: Path) -> set[str]:
    office.done("backup", target)
    return {file.name for file in target.glob("*.clkey")}


def test_a_backup_holds_no_key_that_was_given_up_and_none_that_nothing_names(office: Office, tmp_path: Path) -> None:
    """Whoever finds it could sign as the office did then; a key of nobody is nobody's to keep."""
    usual = {"operator.clkey"}
    given_up = in_use(office)
    in_use(office)
    assert keys_in_backup(office, tmp_path / "1") == usual
    shutil.copyfile(office.key("guan-yi"), office.book / "operator-0123456789abcdef.clkey")
    assert keys_in_backup(office, tmp_path / "2") == usual
    waits = rotation(office)
    assert keys_in_backup(office, tmp_path / "3") == {*usual, waits}
    away = (office.book / waits).rename(office.folder / waits)
    assert keys_in_backup(office, tmp_path / "4") == usual
    away.rename(office.book / "new.clkey")
    assert keys_in_backup(office, tmp_path / "5") == {*usual, waits}
    assert (office.book / given_up).exists()


def test_a_key_whose_rotation_was_overtaken_or_withdrawn_is_in_no_backup(office: Office, tmp_path: Path) -> None:
    """Two wait, and one is posted: the other gives up a key that is none any more."""
    first, second = rotation(office), rotation(office)
    assert keys_in_backup(office, tmp_path / "1") == {"operator.clkey", first, second}
    found = sorted(office.asked("pending")["pending"], key=lambda one: one["submitted_at"])
    office.done("approve", found[0]["voucher"], "--yes", officer="guan-er")
    office.done("key", "install-operator")
    assert keys_in_backup(office, tmp_path / "2") == {"operator.clkey"}
    third = rotation(office)
    assert keys_in_backup(office, tmp_path / "3") == {"operator.clkey", third}
    (waits,) = {one["voucher"] for one in office.asked("pending")["pending"]} - {one["voucher"] for one in found}
    assert office.asked("withdraw", waits, "--reason", "不换了", officer="guan-yi")["state"] == "posted"
    assert keys_in_backup(office, tmp_path / "4") == {"operator.clkey"}


def test_the_keys_do_not_stay_where_the_folder_was_taken_in_between(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's place is taken at the last moment: it is told, and the next run finds nothing in its way."""
    target, keys = tmp_path / "copy", tmp_path / "vault.keys"
    seal = backups.seal

    def late(*stated: Any) -> None:
        seal(*stated)
        target.mkdir()
        (target / "theirs").touch()

    with Book.open(office.book) as book:
        assert book.vault.reference("person", "x")
        monkeypatch.setattr(backups, "seal", late)
        with pytest.raises(InputError, match="E_TARGET_EXISTS"):
            back_up(book, target, None, keys)
        monkeypatch.undo()
        assert not keys.exists()
        shutil.rmtree(target)
        back_up(book, target, None, keys)
    assert keys.exists()
