"""The door to a book: who may write when, what a reader sees, and what stands after a failure."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from ledger.errors import BusyError, EvidenceError, InputError
from ledger.log import engines, tables
from ledger.log import store as store_module
from ledger.log.appending import append_vouchers, read_head
from ledger.log.reading import events_between
from ledger.log.store import LogStore
from tests.log.scribe import Said, Scribe, scribe_of, write


def numbers_of(connection: Connection) -> list[int]:
    return list(connection.scalars(select(tables.vouchers.c.number).order_by(tables.vouchers.c.number)))


def positions(store: LogStore) -> list[int]:
    with store.read() as connection:
        return list(connection.scalars(select(tables.events.c.position).order_by(tables.events.c.position)))


def test_a_new_log_is_empty(store: LogStore) -> None:
    with store.read() as connection:
        head = read_head(connection)
    assert (head.number, head.position, head.posted_at, head.frontier.size) == (0, 0, "", 0)
    assert head.root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_book_is_made_once(store: LogStore) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    with pytest.raises(InputError, match="E_BOOK_EXISTS"):
        LogStore.create(url)
    opened = LogStore.open(url)
    assert positions(opened) == []
    opened.close()


def test_an_empty_database_is_no_book(db_url: str) -> None:
    with pytest.raises(InputError, match="E_NOT_A_BOOK"):
        LogStore.open(db_url)


def test_opening_a_missing_file_does_not_make_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E_NOT_A_BOOK"):
        LogStore.open(f"sqlite:///{tmp_path / 'missing.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_book_of_a_newer_release_is_not_opened(store: LogStore) -> None:
    with store.write() as connection:
        connection.execute(update(tables.head).values(format=99))
    with pytest.raises(InputError, match="E_BOOK_FORMAT"):
        LogStore.open(store.engine.url.render_as_string(hide_password=False))


def test_a_book_whose_head_is_missing_is_told_as_that(store: LogStore) -> None:
    """Not as one of another format, nor as no book: to whoever opens it, reads it or writes into it; and to whoever
    verifies it before there is a voucher.
    """
    with store.write() as connection:
        connection.execute(delete(tables.head))
    url = store.engine.url.render_as_string(hide_password=False)
    for verifying in (False, True):
        with pytest.raises(EvidenceError, match="E_HEAD_MISSING"):
            LogStore.open(url, verifying=verifying)
    with pytest.raises(EvidenceError, match="E_HEAD_MISSING"), store.read() as connection:
        read_head(connection)
    with pytest.raises(EvidenceError, match="E_HEAD_MISSING"), store.write() as connection:
        read_head(connection)


def test_nothing_is_kept_of_a_block_that_raises(store: LogStore) -> None:
    scribe = scribe_of(store)
    first = write(store, [scribe.voucher()])
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        _ = append_vouchers(connection, first, [scribe.voucher()]).number / 0
    with store.read() as connection:
        assert read_head(connection).root == first.root
    assert positions(store) == [1]


def test_a_reader_cannot_write_and_leaves_the_connection_fit_to(store: LogStore) -> None:
    with pytest.raises(DBAPIError), store.read() as connection:
        connection.execute(update(tables.head).values(number=5))
    assert write(store, [scribe_of(store).voucher()]).number == 1


@pytest.mark.parametrize("act", ["read", "write"])
def test_a_line_that_breaks_is_named_and_the_next_is_made_anew(pg_book_url: str, act: str) -> None:
    store = LogStore.open(pg_book_url)
    with pytest.raises(BusyError, match="E_DATABASE_AWAY") as told:  # noqa: SIM117, PT012 - what it breaks is part of it
        with getattr(store, act)() as connection:
            with psycopg.connect(pg_book_url, autocommit=True) as other:
                others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                other.execute(f"{others} and datname = current_database()")
            connection.execute(text("select 'a name' || :name"), {"name": "张三"})
    assert told.value.params["wait"] > 0
    assert "select" not in str(told.value)
    with getattr(store, act)() as connection:
        assert read_head(connection).number == 0
    store.close()


def cut(url: str) -> None:
    """End every other connection to a database, as its server does when it is started again."""
    with psycopg.connect(url, autocommit=True) as other:
        others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        other.execute(f"{others} and datname = current_database()")


def _number(store: LogStore) -> int:
    with store.read() as connection:
        return read_head(connection).number


READS: dict[str, Callable[[LogStore], object]] = {
    "read": _number,
    "is_replica": lambda store: store.is_replica,
    "is_read_only": lambda store: store.is_read_only,
}


@pytest.mark.parametrize("act", READS)
def test_a_first_read_after_the_server_was_started_again_is_answered(pg_book_url: str, act: str) -> None:
    """However many connections were kept: all of them are dead."""
    store = LogStore.open(pg_book_url)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(store.read())
    for _ in range(2):
        cut(pg_book_url)
        assert not READS[act](store)
        assert not READS[act](store)
    store.close()


def test_what_breaks_while_it_is_read_is_not_read_again(pg_book_url: str) -> None:
    """The reader has seen a part of that snapshot; another one may say something else."""
    store, begun = LogStore.open(pg_book_url), 0
    with pytest.raises(BusyError, match="E_DATABASE_AWAY"), store.read() as connection:  # noqa: PT012 - it breaks inside
        begun += 1
        cut(pg_book_url)
        read_head(connection)
    assert begun == 1
    store.close()


def test_what_a_statement_was_given_stands_in_no_message(store: LogStore) -> None:
    with pytest.raises(DBAPIError) as told, store.read() as connection:
        connection.execute(text("select :name from nowhere"), {"name": "张三"})
    assert "张三" not in str(told.value)


def test_a_reader_sees_one_snapshot(store: LogStore) -> None:
    scribe = scribe_of(store)
    write(store, [scribe.voucher()])
    with store.read() as connection:
        write(store, [scribe.voucher()])
        assert read_head(connection).number == 1
        assert numbers_of(connection) == [1]
    with store.read() as connection:
        assert read_head(connection).number == 2


def test_readers_never_see_half_a_batch(store: LogStore) -> None:
    scribe, done = scribe_of(store), threading.Event()
    seen: list[int] = []

    def read_on() -> None:
        while not done.is_set():
            with store.read() as connection:
                head = read_head(connection)
                counts = [
                    connection.scalar(select(func.count()).select_from(table))
                    for table in (tables.events, tables.event_ids, tables.event_tags)
                ]
                assert counts == [head.position, head.position, 2 * head.position]
                assert len(numbers_of(connection)) == head.number
                seen.append(head.number)

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read_on) for _ in range(2)]
        for _ in range(25):
            write(store, [scribe.voucher([Said(tags=("a", "b"))] * 3), scribe.voucher([Said(tags=("c", "d"))])])
        done.set()
        for reader in readers:
            reader.result()
    assert len(set(seen)) > 1
    assert all(number % 2 == 0 for number in seen)


def append_one(connection: Connection) -> int:
    """Append the next voucher of whoever comes next; its number."""
    head = read_head(connection)
    return append_vouchers(connection, head, [Scribe(head).voucher([Said()] * 2, word=None)]).number


def check_whole(store: LogStore, vouchers: int) -> None:
    """Positions 1..2n without a gap, numbers too, and the tree over all of them."""
    with store.read() as connection:
        head = read_head(connection)
        assert (head.number, head.position) == (vouchers, 2 * vouchers)
        assert [event.position for event in events_between(connection, 1, 10**9)] == list(range(1, 2 * vouchers + 1))
        assert numbers_of(connection) == list(range(1, vouchers + 1))


def test_threads_take_turns(store: LogStore) -> None:
    def work(_: int) -> list[int]:
        numbers = []
        for _ in range(10):
            with store.write() as connection:
                numbers.append(append_one(connection))
        return numbers

    with ThreadPoolExecutor(4) as pool:
        numbers = [number for part in pool.map(work, range(4)) for number in part]
    assert sorted(numbers) == list(range(1, 41))
    check_whole(store, 40)


APPEND = """
import os, sys
from ledger.log.store import LogStore
from tests.log.test_log_store import append_one
store = LogStore.open(sys.argv[1])
for _ in range(15):
    with store.write() as connection:
        append_one(connection)
"""
DIE_INSIDE = APPEND + "        os.kill(os.getpid(), 9)"
ROOT = Path(__file__).parents[2]


def start(script: str, store: LogStore) -> subprocess.Popen[str]:
    """Another process that runs a script on the same database."""
    url = store.engine.url.render_as_string(hide_password=False)
    return subprocess.Popen([sys.executable, "-c", script, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_processes_take_turns(store: LogStore) -> None:
    running = [start(APPEND, store) for _ in range(2)]
    for _ in range(15):
        with store.write() as connection:
            append_one(connection)
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    check_whole(store, 45)


def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setitem(engines.SQLITE_SETTINGS, "busy_timeout", ("50", 50))
    monkeypatch.setitem(engines.POSTGRESQL_SETTINGS, "lock_timeout", frozenset({"50ms"}))


def test_who_waits_too_long_is_told_so(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    short_waits(monkeypatch)
    other = LogStore.open(store.engine.url.render_as_string(hide_password=False))
    with store.write():
        for waiting in (other, store):
            with pytest.raises(BusyError, match="E_BOOK_BUSY"), waiting.write():
                pass
    with other.write() as connection:
        assert append_one(connection) == 1
    other.close()


def test_who_does_not_wait_is_told_at_once_and_the_next_waits_again(store: LogStore) -> None:
    other = LogStore.open(store.engine.url.render_as_string(hide_password=False))
    free = threading.Event()
    with store.write() as connection:
        begun = time.monotonic()
        for waiting in (other, store):
            with pytest.raises(BusyError, match="E_BOOK_BUSY"), waiting.write(wait=False):
                pass
        assert time.monotonic() - begun < 5
        taking = threading.Thread(target=lambda: append_by(other, free))
        taking.start()
        assert not free.wait(0.2)
        append_one(connection)
    taking.join()
    assert free.is_set()
    with other.write(wait=False) as connection:
        assert append_one(connection) == 3
    other.close()


def append_by(store: LogStore, done: threading.Event) -> None:
    with store.write() as connection:
        append_one(connection)
    done.set()


def test_commits_wake_listeners_and_refusals_do_not(store: LogStore) -> None:
    heard = threading.Event()
    store.listen(heard)
    with pytest.raises(ZeroDivisionError), store.write():
        raise ZeroDivisionError
    assert not heard.is_set()
    write(store, [scribe_of(store).voucher()])
    assert heard.is_set()
    heard.clear()
    store.unlisten(heard)
    store.unlisten(heard)
    with store.write():
        pass
    assert not heard.is_set()


def test_a_book_without_its_head_is_not_written(store: LogStore) -> None:
    with store.write() as connection:
        connection.execute(tables.head.delete())
    with pytest.raises(EvidenceError, match="E_HEAD_MISSING"), store.write() as connection:
        read_head(connection)


def test_a_writer_killed_in_its_transaction_leaves_no_row_and_no_lock(store: LogStore) -> None:
    process = start(DIE_INSIDE, store)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -9, errors
    check_whole(store, 0)
    with store.write() as connection:
        append_one(connection)
    check_whole(store, 1)


def test_whoever_commits_changes_the_number_of_commits(store: LogStore) -> None:
    """Another connection of this process, and another store as another process has one; reading changes nothing."""
    url = store.engine.url.render_as_string(hide_password=False)
    seen = [store.commits()]
    positions(store)
    assert store.commits() == seen[-1]
    other = LogStore.open(url)
    scribe = scribe_of(store)
    for writer in (store, other, store):
        write(writer, [scribe.voucher()])
        assert store.commits() not in seen
        seen.append(store.commits())
    other.close()
    store.close()
    assert store.commits() is not None, "a closed store opens again when it is asked"
    store.close()
