"""The recorder against the conformance tests of `eventsourcing`, against its in-memory peer, and under concurrency."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem, DCBSequencedEvent
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from eventsourcing.dcb.tests import DCBRecorderTestCase
from eventsourcing.persistence import IntegrityError, ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ledger.errors import RefusedError
from ledger.log import recorder as recorder_module
from ledger.log import tables
from ledger.log.appending import read_head
from ledger.log.reading import Need, history
from ledger.log.recorder import Recorder, SealedRecorder
from ledger.log.rows import StoredEvent
from ledger.log.store import LogStore
from tests.log.scribe import Said, scribe_of, write

_SUITE = DCBRecorderTestCase()

TAGS = st.sampled_from(["a", "b", "c", "d"])
TYPES = st.sampled_from(["x", "y", "z"])
EVENTS = st.lists(st.builds(DCBEvent, TYPES, st.binary(max_size=4), st.lists(TAGS, max_size=4)), min_size=1, max_size=8)
ITEMS = st.builds(DCBQueryItem, st.lists(TYPES, max_size=2), st.lists(TAGS, max_size=3))
QUERIES = st.builds(DCBQuery, st.lists(ITEMS, max_size=3))


def test_conforms_in_appending_and_reading(store: LogStore) -> None:
    _SUITE._test_append_read(Recorder(store))  # noqa: SLF001 - the suite is made to be called so


def test_conforms_in_subscribing(store: LogStore) -> None:
    _SUITE._test_append_subscribe(Recorder(store))  # noqa: SLF001 - as above


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, query=QUERIES, after=st.integers(0, 8), limit=st.none() | st.integers(0, 4))
def test_answers_as_the_peer_in_memory(
    events: list[DCBEvent],
    query: DCBQuery,
    after: int,
    limit: int | None,
    store: LogStore,
) -> None:
    # One log serves all examples, so what an earlier example left lies before `start`.
    ours, peer = Recorder(store), InMemoryDCBRecorder()
    start = ours.append([DCBEvent("start", b"")])
    assert ours.append(events) == start + peer.append(events)

    mine, theirs = ours.read(query, after=start + after, limit=limit), peer.read(query, after=after, limit=limit)
    expected = [DCBSequencedEvent(found.event, found.position + start) for found in theirs]
    assert list(mine) == expected
    assert mine.head == (None if theirs.head is None else theirs.head + start)

    refused = _refuses(lambda: peer.append(events[:1], DCBAppendCondition(query, after)))
    assert _refuses(lambda: ours.append(events[:1], DCBAppendCondition(query, start + after))) == refused


def _refuses(append: Callable[[], int]) -> bool:
    try:
        append()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("size", [1, 3, 10])
def test_pages_do_not_show(size: int, store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "PAGE", size)
    recorder = Recorder(store)
    recorder.append([DCBEvent("x", bytes([n]), ["a"] * (n % 2)) for n in range(10)])
    assert [found.position for found in recorder.read()] == list(range(1, 11))
    query = DCBQuery([DCBQueryItem(tags=["a"])])
    assert [found.event.data[0] for found in recorder.read(query)] == [1, 3, 5, 7, 9]


def test_an_answer_is_of_one_snapshot(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "PAGE", 2)
    recorder = Recorder(store)
    recorder.append([DCBEvent("x", b"", ["a"])] * 5)
    for query in (None, DCBQuery([DCBQueryItem(tags=["a"])])):
        answer = recorder.read(query)
        begun = next(answer)
        recorder.append([DCBEvent("x", b"", ["a"])])
        head = answer.head
        assert [begun.position, *(found.position for found in answer)] == list(range(1, (head or 0) + 1))


def test_appending_nothing_is_a_mistake(store: LogStore) -> None:
    with pytest.raises(ProgrammingError):
        Recorder(store).append([])


def test_a_condition_on_any_event_holds_only_at_the_head(store: LogStore) -> None:
    recorder = Recorder(store)
    assert recorder.append([DCBEvent("x", b"")] * 3, DCBAppendCondition()) == 3
    for after, refused in ((None, True), (2, True), (3, False)):
        condition = DCBAppendCondition(DCBQuery([DCBQueryItem()]), after)
        assert _refuses(partial(recorder.append, [DCBEvent("y", b"")], condition)) == refused


def test_a_long_item_and_many_items(store: LogStore) -> None:
    recorder = Recorder(store)
    slots = [f"slot:{n}" for n in range(600)]
    recorder.append([DCBEvent("booked", b"", slots)])
    condition = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=slots)]))
    with pytest.raises(IntegrityError):
        recorder.append([DCBEvent("booked", b"", slots)], condition)
    many = DCBQuery([DCBQueryItem(["booked", "moved"], [f"slot:{n}", "free"]) for n in range(5000)])
    assert list(recorder.read(many)) == []
    assert recorder.append([DCBEvent("booked", b"", [])], DCBAppendCondition(many)) == 2


def test_of_many_who_want_one_slot_one_gets_it(store: LogStore) -> None:
    slots = [f"due:{n}" for n in range(10)]

    def take(slot: str) -> bool:
        condition = DCBAppendCondition(DCBQuery([DCBQueryItem(["paid"], [slot])]))
        return not _refuses(lambda: Recorder(store).append([DCBEvent("paid", b"", [slot])], condition))

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, slots * 4))
    assert sum(taken) == len(slots)
    with store.read() as connection:
        assert read_head(connection).position == len(slots)
        assert connection.scalar(select(func.max(tables.events.c.position))) == len(slots)
        assert connection.scalar(select(func.count(tables.event_tags.c.tag.distinct()))) == len(slots)


def test_vouchers_are_read_and_followed_like_any_events(store: LogStore) -> None:
    recorder = SealedRecorder(store)
    scribe = scribe_of(store)
    write(store, [scribe.voucher([Said("k", ("a",))])])
    with recorder.subscribe(after=0) as subscription:
        assert next(subscription).event == DCBEvent("k", b"data 1", ["a"])
        write(store, [scribe.voucher([Said("k", ("b",))])])
        assert next(subscription).position == 2
    with pytest.raises(StopIteration):
        next(subscription)


def test_another_store_s_commits_are_seen_by_polling(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "POLL_SECONDS", 0.05)
    other = LogStore.open(store.engine.url.render_as_string(hide_password=False))
    with Recorder(store).subscribe(DCBQuery([DCBQueryItem(tags=["a"])])) as subscription:
        later = threading.Timer(0.1, lambda: Recorder(other).append([DCBEvent("k", b"", ["a"])]))
        later.start()
        assert next(subscription).position == 1
        later.join()
    other.close()


def test_a_subscription_that_cannot_read_says_so(store: LogStore) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE events RENAME TO elsewhere")
        connection.execute(tables.head.update().values(position=1))
    with Recorder(store).subscribe() as subscription, pytest.raises(Exception, match="events"):
        next(subscription)


def test_a_sealed_recorder_appends_nothing(store: LogStore) -> None:
    with pytest.raises(RefusedError, match="E_LOG_SEALED"):
        SealedRecorder(store).append([DCBEvent("k", b"")])
    with store.read() as connection:
        assert read_head(connection).position == 0


def test_bare_events_and_vouchers_share_one_count(store: LogStore) -> None:
    recorder = Recorder(store)
    assert recorder.append([DCBEvent("bare", b"\xff\x00", ["a", "a"])]) == 1
    write(store, [scribe_of(store).voucher([Said("k", ("a",))])])
    assert recorder.append([DCBEvent("bare", b"", ["a"])]) == 3
    with store.read() as connection:
        (found,) = history(connection, [Need("a")]).values()
    assert [(event.position, event.voucher_number) for event in found] == [(1, 0), (2, 1), (3, 0)]
    assert found[0] == StoredEvent(1, "bare", b"\xff\x00", 0, '["a","a"]')
