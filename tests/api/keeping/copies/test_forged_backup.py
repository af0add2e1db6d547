"""A backup that was altered and sealed again without a key: it is told, and what is derived is derived again."""

from pathlib import Path

import pytest

from ledger.errors import EvidenceError
from ledger_api.keeping import backups
from ledger_api.keeping.restoring import drill
from tests.api.county import Office
from tests.api.keeping.books import NOW, altered, give, note, refused
from tests.api.keeping.test_restore import restored
from tests.application.office import DAY

FORGERIES = {
    "money that is not there": "UPDATE balances SET amount_fen = amount_fen + 100000000",
    "money of a day": "UPDATE balance_days SET net_fen = net_fen + 100000000",
    "a number given out": "UPDATE voucher_numbers SET last_no = last_no + 1",
    "a tag taken away": "DELETE FROM event_tags WHERE position = 7",
}


def sealed_again(folder: Path, statement: str) -> None:
    """Alter the database of a backup and seal it with no key."""
    with backups.opened(folder) as backup:
        facts = {key: backup.manifest[key] for key in backups.FACTS}
    altered(folder / backups.DATABASE, statement)
    for name in (backups.MANIFEST, backups.DIGEST, backups.SIGNATURE):
        (folder / name).unlink()
    backups.seal(folder, facts, None)


def test_a_backup_without_a_signature_is_told_and_restored_only_when_asked_for(office: Office, tmp_path: Path) -> None:
    give(office, "D7")
    office.done("backup", tmp_path / "signed")
    assert office.asked("restore", tmp_path / "signed", tmp_path / "first")["signed"] is True
    settings = office.book / "book.toml"
    kept = settings.read_text()
    settings.write_text("".join(one for one in kept.splitlines(keepends=True) if "passphrase_file" not in one))
    assert "--unsigned" in office.done("backup", tmp_path / "copy"), "how it is restored is said when it is made"
    for words in ((), ("--drill",)):
        told = office.asked("restore", tmp_path / "copy", tmp_path / "again", *words, code=1)["error"]
        assert (told["code"], "--unsigned" in told["message"]) == ("E_BACKUP_UNSIGNED", True)
        assert [one.name for one in tmp_path.glob("*again*")] == []
    said = office.done("restore", tmp_path / "copy", tmp_path / "again", "--unsigned")
    assert "没有签名" in said
    assert office.asked("restore", tmp_path / "copy", tmp_path / "third", "--unsigned")["signed"] is False
    assert office.asked("restore", tmp_path / "copy", tmp_path / "drill", "--drill", "--unsigned")["size"]


def test_what_is_derived_is_derived_again_before_a_copy_opens(office: Office, tmp_path: Path) -> None:
    give(office, "D7")
    known = note(office, tmp_path / "note")
    copy = restored(office, tmp_path)
    whole = (copy.book / backups.DATABASE).read_bytes()
    for name, statement in FORGERIES.items():
        altered(copy.book / backups.DATABASE, statement)
        told = copy.asked("resume", "--known", known, code=1)["error"]
        assert (told["code"], told["params"]["count"] > 0) == ("E_RESTORED_DERIVED", True), name
        assert refused(copy, "D8") == "E_RESTORED", name
        (copy.book / backups.DATABASE).write_bytes(whole)
    assert copy.asked("resume", "--known", known)["state"] == "open"


def test_money_that_a_sealed_again_backup_invents_is_never_given_out(office: Office, tmp_path: Path) -> None:
    give(office, "D7")
    known = note(office, tmp_path / "note")
    office.done("backup", tmp_path / "copy")
    sealed_again(tmp_path / "copy", FORGERIES["money that is not there"])
    words = ("restore", tmp_path / "copy", tmp_path / "again", "--known", known)
    assert office.asked(*words, code=1)["error"]["code"] == "E_BACKUP_UNSIGNED"
    assert office.asked(*words, "--unsigned", code=1)["error"]["code"] == "E_RESTORED_DERIVED"
    with pytest.raises(EvidenceError, match="E_BACKUP_UNSIGNED"):
        drill(tmp_path / "copy", tmp_path / "drill", NOW, DAY)
    assert not drill(tmp_path / "copy", tmp_path / "drill", NOW, DAY, unsigned=True)[1].holds
