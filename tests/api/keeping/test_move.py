"""Moving: the same book on the other database, and never two copies that take vouchers."""

from pathlib import Path

import pytest

from ledger.errors import EvidenceError, InputError, RefusedError
from ledger.log.bulk import insert_rows
from ledger.log.keeping import copying
from ledger.log.keeping.life import enter, newest
from ledger.log.store import LogStore
from ledger_api.books import Book, read_settings
from ledger_api.keeping import moving
from tests.api.county import CHECKER, Office, approve
from tests.api.keeping.books import give, note, said


def closed(url: str, code: str) -> None:
    store = LogStore.open(url)
    with pytest.raises(RefusedError, match=code), store.write():
        pass
    store.close()


def test_there_and_back_it_is_the_same_book(office: Office, pg_url: str) -> None:
    before, first = said(office.book), read_settings(office.book).database
    told = office.asked("move", "--to", pg_url)
    assert told["position"] == office.position()
    assert said(office.book) == before
    closed(first, "E_MOVED")
    give(office, "D5")
    assert approve(office, CHECKER) == []
    middle = said(office.book)
    assert office.asked("verify")["integrity"]["ok"]
    office.done("move", "--to", "sqlite:///second.db")
    assert said(office.book) == middle
    closed(pg_url, "E_MOVED")
    give(office, "D6")
    assert office.asked("verify")["integrity"]["ok"]
    assert office.asked("check")["models"][0]["ok"]
    assert read_settings(office.book).database.endswith("second.db")


def test_the_old_copy_says_where_the_book_went(office: Office, pg_url: str) -> None:
    old = read_settings(office.book).database
    office.done("move", "--to", pg_url)
    store = LogStore.open(old)
    with pytest.raises(RefusedError) as caught, store.write():
        pass
    store.close()
    assert "postgresql" in caught.value.message("en")
    assert "secret" not in caught.value.message("en")


class BrokenOffError(Exception):
    """The machine went down."""


@pytest.mark.parametrize("point", ["after the copy", "after the old one is closed", "before the settings"])
def test_broken_off_anywhere_at_most_one_copy_is_open_and_it_goes_on(
    office: Office, pg_url: str, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    before, old = said(office.book), read_settings(office.book).database

    def breaks(*_: object, **__: object) -> None:
        raise BrokenOffError

    with Book.open(office.book, lambda: office.now) as book, monkeypatch.context() as patch:
        if point == "after the copy":
            patch.setattr(moving, "_compare", breaks)
        elif point == "before the settings":
            patch.setattr(moving, "write_settings", breaks)
        else:
            entered = enter

            def second_breaks(connection: object, state: str, *words: object, **more: object) -> None:
                if state == "open":
                    raise BrokenOffError
                entered(connection, state, *words, **more)  # type: ignore[arg-type]  # handed through

            patch.setattr(moving, "enter", second_breaks)
        with pytest.raises(BrokenOffError):
            moving.move(book, pg_url)
    assert sum(is_open(url) for url in (old, pg_url)) <= 1
    with Book.open(office.book, lambda: office.now) as book:
        moving.move(book, pg_url)
    assert not is_open(old)
    assert is_open(pg_url)
    assert said(office.book) == before
    give(office, "D5")


def is_open(url: str) -> bool:
    store = LogStore.open(url)
    try:
        with store.write():
            return True
    except RefusedError:
        return False
    finally:
        store.close()


def test_a_copy_that_differs_is_not_opened(office: Office, pg_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = insert_rows

    def loses_one(connection: object, table: object, rows: list[object]) -> None:
        kept = rows[:-1] if getattr(table, "name", "") == "postings" else rows
        copied(connection, table, kept)  # type: ignore[arg-type]  # handed through

    with Book.open(office.book, lambda: office.now) as book:
        with monkeypatch.context() as patch:
            patch.setattr(copying, "insert_rows", loses_one)
            with pytest.raises(EvidenceError, match="E_COPY_DIFFERS") as caught:
                moving.move(book, pg_url)
        assert caught.value.params["table"] == "postings"
    closed(pg_url, "E_MOVE_UNFINISHED")
    give(office, "D5")


def test_a_taken_database_is_not_moved_into(office: Office, pg_book_url: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    LogStore.create(other).close()
    with Book.open(office.book, lambda: office.now) as book:
        for url in (pg_book_url, other, "sqlite:///book.db"):
            with pytest.raises(InputError, match="E_MOVE_TARGET"):
                moving.move(book, url)
    give(office, "D5")


@pytest.mark.parametrize("signs", ["p@secret", "p@secret:1", "p@secret/x"])
def test_an_address_that_hides_where_its_password_ends_is_written_nowhere(office: Office, signs: str) -> None:
    told = office.run("move", "--to", f"postgresql://app:{signs}@127.0.0.1:1/db")
    assert (told.exit_code, "E_DATABASE_PASSWORD" in told.stderr) == (2, True)
    assert "secret" not in told.stdout + told.stderr
    give(office, "D5")


def test_a_password_among_the_options_is_not_written_into_the_book(office: Office, pg_url: str) -> None:
    office.done("move", "--to", pg_url + "&password=secret")
    office.done("move", "--to", "sqlite:///second.db")
    for url in (pg_url, f"sqlite:///{office.book / 'second.db'}"):
        store = LogStore.open(url)
        with store.read() as connection:
            assert "secret" not in str(newest(connection).detail)
        store.close()


def test_a_moved_book_is_backed_up_and_restored_like_any(office: Office, pg_url: str, tmp_path: Path) -> None:
    office.done("move", "--to", pg_url)
    office.done("backup", tmp_path / "copy.tar")
    words = ("restore", tmp_path / "copy.tar", tmp_path / "again", "--known", note(office, tmp_path / "note"))
    assert office.asked(*words)["state"] == "open"
    assert said(tmp_path / "again") == said(office.book)
