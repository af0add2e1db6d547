"""Events that are taken in while their vouchers are judged: they stand when all was accepted as it was sent, and in any
other case nothing of them is left.
"""

from collections.abc import Iterator, Sequence
from weakref import ref

import pytest
from sqlalchemy import Connection, Table, select, text

from ledger.application.collector import collector_at_rest
from ledger.errors import BusyError, EvidenceError
from ledger.log import tables
from ledger.log.ahead import WORTH_IT, Ahead
from ledger.log.appending import NewVoucher, append_vouchers, read_head, send_ahead
from ledger.log.store import LogStore
from tests.log.scribe import Said, Scribe, gift, scribe_of, write

SAID = [Said(tags=("fund:1", f"gift:{n}", "year:2025")) for n in range(WORTH_IT)]
TABLES = (tables.events, tables.event_ids, tables.event_tags, tables.vouchers, tables.postings, tables.head)


class _GaveUpError(Exception):
    """Somebody stopped in the midst."""


@pytest.fixture
def store(pg_book_url: str) -> Iterator[LogStore]:
    """An empty log on PostgreSQL."""
    made = LogStore.open(pg_book_url)
    yield made
    made.close()


def ahead_of(connection: Connection, vouchers: Sequence[NewVoucher]) -> Ahead:
    found = send_ahead(connection, read_head(connection), [event for one in vouchers for event in one.events])
    assert found is not None
    return found


def rows_of(connection: Connection, table: Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in connection.execute(select(table)))


def all_rows(store: LogStore) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as connection:
        return {table.name: rows_of(connection, table) for table in TABLES}


def two_vouchers(scribe: Scribe) -> list[NewVoucher]:
    return [scribe.voucher(SAID, gift(100)), scribe.voucher([Said(), Said("donation.returned")], gift(7))]


def test_what_was_sent_ahead_stands_as_if_it_had_been_written_as_usual(store: LogStore, sqlite_book_url: str) -> None:
    vouchers = two_vouchers(scribe_of(store))
    with store.write() as connection:
        head = read_head(connection)
        ahead = ahead_of(connection, vouchers)
        end = append_vouchers(connection, head, vouchers, ahead)
        assert ahead.stands((1, [event for one in vouchers for event in one.events]))  # nothing was taken back
    usual = LogStore.open(sqlite_book_url)
    assert write(usual, vouchers).root == end.root
    assert all_rows(store) == all_rows(usual)
    usual.close()


def test_a_read_while_they_are_judged_finds_none_of_them(store: LogStore) -> None:
    vouchers = two_vouchers(scribe_of(store))
    with store.write() as connection:
        head = read_head(connection)
        ahead = ahead_of(connection, vouchers)
        assert rows_of(connection, tables.events) == []
        append_vouchers(connection, head, vouchers, ahead)
    assert [len(all_rows(store)[one]) for one in ("events", "event_ids", "vouchers")] == [202, 202, 2]


@pytest.mark.parametrize("accepted", [0, 1])
def test_of_what_was_not_accepted_nothing_is_left(store: LogStore, accepted: int) -> None:
    sent = two_vouchers(scribe_of(store))
    with store.write() as connection:
        head = read_head(connection)
        append_vouchers(connection, head, sent[:accepted], ahead_of(connection, sent))
    found = all_rows(store)
    assert len(found["events"]) == len(found["event_ids"]) == accepted * len(SAID)
    assert len(found["event_tags"]) == accepted * 3 * len(SAID)
    write(store, [scribe_of(store).voucher(SAID, word=None)])  # and the places are free


def test_what_comes_in_another_order_or_place_is_written_as_usual(store: LogStore) -> None:
    scribe = scribe_of(store)
    sent, other = scribe.voucher(SAID), scribe_of(store).voucher(SAID[:3])
    with store.write() as connection:
        append_vouchers(connection, read_head(connection), [other], ahead_of(connection, [sent]))
        head = read_head(connection)
        again = Scribe(head).voucher(SAID, word=None)
        ahead = ahead_of(connection, [again])
        append_vouchers(connection, head, [again], ahead)
    assert len(all_rows(store)["events"]) == 3 + len(SAID)


def test_whoever_gives_up_leaves_nothing_and_a_connection_that_works(store: LogStore) -> None:
    vouchers = two_vouchers(scribe_of(store))
    for _ in range(3):
        with pytest.raises(_GaveUpError), store.write() as connection:  # noqa: PT012 - as below
            ahead_of(connection, vouchers)
            raise _GaveUpError
    assert all_rows(store)["events"] == []
    write(store, vouchers)


def test_an_id_that_is_taken_is_refused_as_usual(store: LogStore) -> None:
    write(store, [scribe_of(store).voucher()])
    scribe = scribe_of(store)
    scribe.position = 0  # whose event ids then begin where the first voucher's did
    scribe.numbers["entity:1", "2025-09", "记"] = 1
    with pytest.raises(EvidenceError) as refused, store.write() as connection:  # noqa: PT012 - all of it is one write
        head = read_head(connection)
        voucher = scribe.voucher(SAID)
        ahead = send_ahead(connection, head, voucher.events)
        voucher.first_position = head.position + 1
        append_vouchers(connection, head, [voucher], ahead)
    assert (refused.value.code, refused.value.params["table"]) == ("E_ROWS_REFUSED", "event_ids")
    assert len(all_rows(store)["events"]) == 1


def test_a_connection_that_breaks_meanwhile_is_told_by_its_name(store: LogStore) -> None:
    vouchers = two_vouchers(scribe_of(store))
    with pytest.raises(BusyError) as away, store.write() as connection:  # noqa: PT012 - as above
        head = read_head(connection)
        mine = connection.scalar(text("SELECT pg_backend_pid()"))
        ahead = ahead_of(connection, vouchers)
        with store.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        append_vouchers(connection, head, vouchers, ahead)
    assert away.value.code == "E_DATABASE_AWAY"
    assert all_rows(store)["events"] == []
    write(store, vouchers)


def test_nothing_of_it_waits_for_the_collector(store: LogStore) -> None:
    """A voucher has a megabyte, and while files are imported the collector looks seldom."""
    vouchers, seen = two_vouchers(scribe_of(store)), []
    with collector_at_rest():
        for accepted in (vouchers, []):
            with store.write() as connection:
                head = read_head(connection)
                ahead = ahead_of(connection, vouchers if accepted else two_vouchers(Scribe(head)))
                seen.append(ref(ahead))
                append_vouchers(connection, head, accepted, ahead)
                del ahead
        assert [one() for one in seen] == [None, None]


def test_few_events_and_another_database_are_written_as_usual(store: LogStore, sqlite_book_url: str) -> None:
    few = scribe_of(store).voucher(SAID[1:])
    with store.write() as connection:
        assert send_ahead(connection, read_head(connection), few.events) is None
    lite = LogStore.open(sqlite_book_url)
    many = scribe_of(lite).voucher(SAID)
    with lite.write() as connection:
        assert send_ahead(connection, read_head(connection), many.events) is None
    lite.close()
