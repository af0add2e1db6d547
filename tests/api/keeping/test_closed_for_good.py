"""A copy that is closed for good is closed in every copy of it: no backup of it, brought back, takes vouchers again."""

import shutil
from pathlib import Path

import pytest

from ledger.log.keeping.life import RESTORED, enter, newest
from ledger_api.books import Book, read_settings
from tests.api.county import Office
from tests.api.keeping.books import give, note, refused
from tests.api.keeping.test_fork_origin import NEW, behind, state_of, successor
from tests.api.keeping.test_restore import restored


def left_behind(placed: Office, tmp_path: Path, url: str) -> tuple[Office, Path]:
    """The office's old database, closed by a move to the other kind, as a book of its own; and that time's note."""
    known = note(placed, tmp_path / "known")
    old = placed.copy(tmp_path / "old")
    here = read_settings(placed.book).database
    placed.done("move", "--to", url)
    if here.startswith("sqlite"):
        shutil.copyfile(placed.book / "book.db", old.book / "book.db")
    return old, known


def elsewhere(placed: Office, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if read_settings(placed.book).database.startswith("postgresql"):
        return f"sqlite:///{tmp_path / 'new.db'}"
    return str(request.getfixturevalue("pg_url"))


def moved_away(office: Office) -> None:
    """The office's directory names the database again that the book was moved away from."""
    office.done("move", "--to", "sqlite:///second.db")
    settings = office.book / "book.toml"
    settings.write_text(settings.read_text().replace("second.db", "book.db"))


def test_a_moved_copy_stays_closed_when_it_is_brought_back(
    placed: Office, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old, known = left_behind(placed, tmp_path, elsewhere(placed, request, tmp_path))
    old.done("backup", tmp_path / "backup")
    told = old.asked("restore", tmp_path / "backup", tmp_path / "told")
    assert told["state"] == "moved", "it is not told as one that a checkpoint opens"
    said = old.done("restore", tmp_path / "backup", tmp_path / "said")
    assert ("resume" in said, "永远" in said) == (False, True)
    copy = restored(old, tmp_path / "again")
    assert refused(copy, "D8") == "E_MOVED"
    error = copy.asked("resume", "--known", known, code=2)["error"]
    assert (error["code"], error["params"]["state"]) == ("E_NOT_RESTORED", "moved")
    assert refused(copy, "D8") == "E_MOVED"
    assert give(placed, "D8")["state"] == "posted", "and the book itself goes on"


def test_restored_into_postgresql_it_stays_closed(office: Office, tmp_path: Path, pg_url: str) -> None:
    moved_away(office)
    copy = restored(office, tmp_path, "--database", pg_url)
    assert read_settings(copy.book).database.startswith("postgresql")
    assert refused(copy, "D8") == "E_MOVED"


def test_what_an_earlier_release_brought_back_is_not_opened(office: Office, tmp_path: Path) -> None:
    """That release wrote `restored` over whatever the backup said."""
    moved_away(office)
    with Book.open(office.book) as book, book.store.write(beside=True) as connection:
        enter(connection, RESTORED, "2025-10-01T00:00:00+08:00", where="backup")
    known = note(office, tmp_path / "known")
    error = office.asked("resume", "--known", known, code=2)["error"]
    assert (error["code"], error["params"]["state"]) == ("E_NOT_RESTORED", "moved")
    assert successor(office, code=2)["error"]["code"] == "E_NOT_RESTORED"
    assert refused(restored(office, tmp_path), "D8") == "E_MOVED", "a copy of it says again how it was closed"


def test_a_copy_that_was_left_for_another_name_stays_closed(office: Office, tmp_path: Path) -> None:
    left = behind(office, tmp_path)
    known = note(left, tmp_path / "own")
    successor(left)
    copy = restored(left, tmp_path / "again")
    assert refused(copy, "D31") == "E_FORKED"
    error = copy.asked("resume", "--known", known, code=2)["error"]
    assert (error["code"], NEW in error["message"]) == ("E_NOT_RESTORED", True)
    assert state_of(copy) == "forked"


def test_a_moved_copy_says_where_it_went_and_not_that_it_is_live(
    placed: Office, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old, known = left_behind(placed, tmp_path, elsewhere(placed, request, tmp_path))
    with Book.open(old.book) as book, book.store.read() as connection:
        where = newest(connection).detail["where"]
    error = old.asked("resume", "--known", known, code=2)["error"]
    assert error["code"] == "E_NOT_RESTORED"
    assert (where in error["message"], "照常" in error["message"]) == (True, False)


def test_a_move_that_is_done_is_not_done_again_into_an_empty_database(office: Office, tmp_path: Path) -> None:
    """The copy that it made may have gone on; a second one would be another history."""
    before = (office.book / "book.toml").read_text()
    office.done("move", "--to", "sqlite:///second.db")
    (office.book / "second.db").rename(tmp_path / "kept.db")
    (office.book / "book.toml").write_text(before)
    assert office.asked("move", "--to", "sqlite:///second.db", code=2)["error"]["code"] == "E_NOT_A_BOOK"
    assert not (office.book / "second.db").exists()
