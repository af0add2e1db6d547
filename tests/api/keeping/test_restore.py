"""A restored book takes no vouchers until the right checkpoint is shown, however it is copied in the meantime."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ledger.errors import EvidenceError, InputError, RefusedError
from ledger.log.keeping import copying
from ledger.log.keeping.life import enter
from ledger.log.store import LogStore
from ledger.signing.merkle import leaf_hash
from ledger_api.books import Book, read_settings
from ledger_api.given_files import TEXT_BYTES_MAX
from ledger_api.keeping import backups, restoring
from ledger_api.keeping.restoring import restore
from ledger_audit.derivation import Step, Verdict, verify_book
from ledger_audit.deriving import replay
from tests.api.county import LIGHT, Office, administrators, entity_registered, operator, voucher
from tests.api.keeping.books import altered, give, note, refused, said

WHEN = "2025-10-01T09:00:00+08:00"


def restored(office: Office, tmp_path: Path, *words: object) -> Office:
    """The office with a book that was restored from a backup taken now."""
    office.done("backup", tmp_path / "copy")
    office.done("restore", tmp_path / "copy", tmp_path / "again", *words)
    folder = tmp_path / "second"
    shutil.copytree(office.folder, folder)
    shutil.rmtree(folder / "book")
    (tmp_path / "again").rename(folder / "book")
    with (folder / "book" / "book.toml").open("a") as file:
        file.write(f'operator_passphrase_file = "{folder / "operator.word"}"\n')
    return Office(folder, office.now)


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_it_refuses_and_the_right_note_opens_it(
    placed: Office, tmp_path: Path, to: str, request: pytest.FixtureRequest
) -> None:
    words = ("--database", request.getfixturevalue("pg_url")) if to == "postgresql" else ()
    if to == "postgresql" and read_settings(placed.book).database.startswith("postgresql"):
        words = ()  # one fresh database a test: from PostgreSQL it goes back to SQLite
    copy = restored(placed, tmp_path, *words)
    assert refused(copy, "D8") == "E_RESTORED"
    assert copy.asked("doctor", code=1)["ok"] is False
    assert copy.asked("balances")["position"] == placed.position(), "it is read as any book"
    known = note(placed, tmp_path / "note")
    assert copy.asked("resume", "--known", known)["state"] == "open"
    assert give(copy, "D8")["state"] == "posted"
    assert copy.asked("resume", "--known", known, code=2)["error"]["code"] == "E_NOT_RESTORED"


def test_a_copy_without_its_passphrase_file_says_first_that_it_is_closed(office: Office, tmp_path: Path) -> None:
    """`restore` names the setting that no backup holds; until the note is shown no passphrase would help."""
    known = note(office, tmp_path / "note")
    office.done("backup", tmp_path / "copy")
    told = office.done("restore", tmp_path / "copy", tmp_path / "told")
    assert f"请在 {tmp_path / 'told' / 'book.toml'} 重新写上 operator_passphrase_file" in told
    made = office.asked("restore", tmp_path / "copy", tmp_path / "again")
    assert (made["state"], made["operator_passphrase_file"]) == ("restored", "missing")
    folder = tmp_path / "second"
    shutil.copytree(office.folder, folder)
    shutil.rmtree(folder / "book")
    (tmp_path / "again").rename(folder / "book")
    copy = Office(folder, office.now)
    assert refused(copy, "D8") == "E_RESTORED"
    assert copy.asked("resume", "--known", known)["state"] == "open"
    assert refused(copy, "D8") == "E_OPERATOR_PASSPHRASE"
    with (copy.book / "book.toml").open("a") as file:
        file.write(f'operator_passphrase_file = "{folder / "operator.word"}"\n')
    assert give(copy, "D8")["state"] == "posted"


def test_every_way_to_write_is_refused(office: Office, tmp_path: Path) -> None:
    office.submit(voucher("book", entity_registered("other")), officer="guan-yi")
    copy = restored(office, tmp_path)
    told = copy.run("approve", "--all", "--yes", officer="guan-er")
    assert told.exit_code == 2
    assert "E_RESTORED" in told.stderr
    with Book.open(copy.book) as book, pytest.raises(RefusedError, match="E_RESTORED"), book.store.write():
        pass


def wrong_file(folder: Path, kind: str) -> Path:
    """A path where no checkpoint and no key is to be read."""
    file = folder / kind
    match kind:
        case "folder":
            file.mkdir()
        case "binary":
            file.write_bytes(b"\xff\xfe\x00")
        case "large":
            file.write_bytes(b"x" * (TEXT_BYTES_MAX + 1))
    return file


@pytest.mark.parametrize("kind", ["missing", "folder", "binary", "large"])
def test_a_mistyped_file_is_named_before_anything_is_done(office: Office, tmp_path: Path, kind: str) -> None:
    office.done("backup", tmp_path / "copy")
    file, again = wrong_file(tmp_path, kind), tmp_path / "again"
    options = ["--known"] if kind in {"binary", "large"} else ["--known", "--vault-keys"]
    for option in options:
        told = office.asked("restore", tmp_path / "copy", again, option, file, code=2)["error"]
        assert (told["code"], told["params"]["file"]) == ("E_GIVEN_FILE", str(file)), option
        assert not again.exists(), "nothing was restored"
    told = office.asked("resume", "--known", file, code=2)["error"]
    assert (told["code"], told["params"]["file"]) == ("E_GIVEN_FILE", str(file))


def test_a_text_that_is_no_checkpoint_restores_nothing(office: Office, tmp_path: Path) -> None:
    office.done("backup", tmp_path / "copy")
    file, again = tmp_path / "letter", tmp_path / "again"
    file.write_text("你好\n", encoding="utf-8")
    code = office.asked("restore", tmp_path / "copy", again, "--known", file, code=2)["error"]["code"]
    assert (
        code
        == office.asked("resume", "--known", file, "--book", restored(office, tmp_path / "x").book, code=2)["error"][
            "code"
        ]
    )
    assert not again.exists()


def test_an_older_note_does_not_open_it(office: Office, tmp_path: Path) -> None:
    old = note(office, tmp_path / "old")
    give(office, "D8")
    copy = restored(office, tmp_path)
    found = copy.asked("resume", "--known", old, code=1)["error"]
    assert (found["code"], found["params"]["known"]) == ("E_RESTORED_OLD", found["params"]["size"] - 1)
    assert refused(copy, "D9") == "E_RESTORED"


def test_a_newer_note_says_how_many_vouchers_are_lost(office: Office, tmp_path: Path) -> None:
    copy = restored(office, tmp_path)
    for number in range(3):
        give(office, f"D{number + 10}")
    found = copy.asked("resume", "--known", note(office, tmp_path / "note"), code=1)["error"]
    assert (found["code"], found["params"]["lost"]) == ("E_RESTORED_BEHIND", 3)
    assert "丢了 3 张" in found["message"]
    assert refused(copy, "D9") == "E_RESTORED"


def test_the_note_of_another_book_does_not_open_it(office: Office, tmp_path: Path) -> None:
    copy = restored(office, tmp_path)
    other = tmp_path / "other"
    words = ("init", "--book", other, "--origin", "ledger.example.org/else", *administrators(office))
    office.done(*words, *operator(office), *LIGHT)
    file = tmp_path / "note"
    file.write_text(office.asked("checkpoint", "--book", other)["note"])
    assert copy.asked("resume", "--known", file, code=1)["error"]["code"] == "E_CHECKPOINT_ORIGIN"
    forged = note(office, tmp_path / "forged")
    forged.write_text(forged.read_text().replace("\n\n", "\nmore\n\n", 1))
    assert copy.asked("resume", "--known", forged, code=1)["error"]["code"] == "E_NOTE_SIGNATURE"
    assert refused(copy, "D9") == "E_RESTORED"


def test_another_history_of_the_same_length_does_not_open_it(office: Office, tmp_path: Path) -> None:
    copy = restored(office, tmp_path)
    again = restored_again(copy, tmp_path)
    give(office, "D20")
    open_by_force(again)
    give(again, "D21")
    office.done("backup", tmp_path / "third")
    office.done("restore", tmp_path / "third", tmp_path / "fourth")
    found = office.asked("resume", "--book", tmp_path / "fourth", "--known", note(again, tmp_path / "n"), code=1)
    assert found["error"]["code"] == "E_RESTORED_FORK"


def restored_again(office: Office, tmp_path: Path) -> Office:
    return office.copy(tmp_path / "forked")


def open_by_force(office: Office) -> None:
    """What an operator could do who wants a second history."""
    with Book.open(office.book) as book, book.store.write(beside=True) as connection:
        enter(connection, "open", "2025-10-01T00:00:00+08:00")


def test_the_mark_goes_where_the_database_goes(office: Office, tmp_path: Path, pg_url: str) -> None:
    copy = restored(office, tmp_path)
    lone = tmp_path / "lone.db"
    shutil.copyfile(copy.book / "book.db", lone)
    store = LogStore.open(f"sqlite:///{lone}")
    with pytest.raises(RefusedError, match="E_RESTORED"), store.write():
        pass
    store.close()
    assert copy.asked("move", "--to", pg_url, code=2)["error"]["code"] == "E_RESTORED"
    copy.done("backup", tmp_path / "copy-of-copy")
    copy.done("restore", tmp_path / "copy-of-copy", tmp_path / "third")
    assert said(tmp_path / "third") == said(office.book)
    with Book.open(tmp_path / "third") as book, pytest.raises(RefusedError, match="E_RESTORED"), book.store.write():
        pass


def test_the_log_is_hashed_once_and_not_while_others_wait(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = note(office, tmp_path / "note")
    copy = restored(office, tmp_path)
    hashed: list[bytes] = []

    def counted(leaf: bytes) -> bytes:
        hashed.append(bytes(leaf))
        return leaf_hash(leaf)

    for where in (copying, replay):
        monkeypatch.setattr(where, "leaf_hash", counted)
    told = copy.asked("resume", "--known", known)
    assert told["state"] == "open"
    assert (len(hashed), len(set(hashed))) == (told["size"], told["size"])


def test_what_changed_after_it_was_verified_does_not_open(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody writes into a closed copy: a head that is another one by then is none that was verified."""
    known = note(office, tmp_path / "note").read_text()
    copy = restored(office, tmp_path)

    def then_altered(connection: Connection, today: date, step: Step | None) -> Verdict:
        found = verify_book(connection, today, step)
        altered(copy.book / "book.db", "UPDATE head SET number = number - 1")
        return found

    monkeypatch.setattr(restoring, "verify_book", then_altered)
    with Book.open(copy.book) as book, pytest.raises(EvidenceError, match="E_HEAD_ROOT"):
        restoring.resume(book, known, WHEN)
    with closing(sqlite3.connect(copy.book / "book.db")) as there:
        assert there.execute("SELECT state FROM book_life ORDER BY step DESC LIMIT 1").fetchone() == ("restored",)


def test_restoring_with_the_note_at_hand_opens_it_at_once(office: Office, tmp_path: Path) -> None:
    copy = restored(office, tmp_path, "--known", note(office, tmp_path / "note"))
    assert give(copy, "D8")["state"] == "posted"


def test_broken_off_after_its_database_was_made_it_is_run_again(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was committed and the directory is not there: the same command goes on with what it left."""
    office.done("backup", tmp_path / "copy")
    place, url = tmp_path / "again", f"sqlite:///{tmp_path / 'elsewhere.db'}"
    sync = backups.sync

    def breaks(path: Path) -> None:
        sync(path)
        assert not path.name.startswith(".again.part-"), "the machine went down"

    with monkeypatch.context() as patch:
        patch.setattr(backups, "sync", breaks)
        with pytest.raises(AssertionError, match="went down"):
            restore(tmp_path / "copy", place, WHEN, database=url)
    assert not place.exists()
    assert restore(tmp_path / "copy", place, WHEN, database=url)["state"] == "restored"
    assert said(place) == said(office.book)
    give(office, "D8")
    (tmp_path / "later").mkdir()
    office.done("backup", tmp_path / "later" / "copy")
    with pytest.raises(InputError, match="E_BOOK_EXISTS"):  # of the same name, and not the same
        restore(tmp_path / "later" / "copy", tmp_path / "third", WHEN, database=url)
    with Book.open(place) as book, book.store.write(beside=True) as connection:
        enter(connection, "open", WHEN)
    with pytest.raises(InputError, match="E_BOOK_EXISTS"):
        restore(tmp_path / "copy", tmp_path / "third", WHEN, database=url)


@pytest.mark.parametrize("name", ["own.db", "./book.db"])
def test_a_file_that_is_named_without_its_folder_lies_in_the_book(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As `book.toml` means it, wherever the command is run: what was restored is what the book then opens."""
    office.done("backup", tmp_path / "copy")
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    office.done("restore", tmp_path / "copy", tmp_path / "again", "--database", f"sqlite:///{name}")
    assert list((tmp_path / "desk").iterdir()) == []
    assert [one.name for one in (tmp_path / "again").glob("*.db")] == [Path(name).name]
    assert said(tmp_path / "again") == said(office.book)


def test_nothing_is_restored_over_a_directory_that_is_there(office: Office, tmp_path: Path) -> None:
    office.done("backup", tmp_path / "copy")
    assert "E_TARGET_EXISTS" in office.run("restore", tmp_path / "copy", office.book).stderr
    assert "E_BACKUP_MISSING" in office.run("restore", tmp_path / "nowhere", tmp_path / "x").stderr
