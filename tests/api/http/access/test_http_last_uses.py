"""Who reads waits for nobody who writes: when a key or a session was used last is written down when there is time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from ledger.log.access_tables import reading_keys, sessions
from ledger.log.keeping.life import RESTORED, enter
from ledger.log.store import LogStore
from tests.api.http.browsers import PASSWORD, Browser, counted, newcomer, read_key, signed_in, wait, with_key
from tests.api.http.house import House, body_of, donation, on_both

MAKER = "acct-charity"
READER = "supervisor-1"
Reading = Callable[[], Any]


def by_key(house: House) -> Reading:
    shown = read_key(house, "books")
    return lambda: with_key(house, shown, "GET", "/v1/balances")


def by_session(house: House) -> Reading:
    browser = signed_in(house, READER)
    return lambda: browser.call("GET", "/v1/balances")


WAYS = {"key": (by_key, reading_keys.c.used_at), "session": (by_session, sessions.c.seen_at)}


def written(house: House, way: str) -> int | None:
    with house.county.store.read() as connection:
        found: int | None = connection.scalar(select(WAYS[way][1]))
        return found


@contextmanager
def taken(store: LogStore) -> Iterator[None]:
    """Somebody writes all the time."""
    with store.write(beside=True):
        yield


@on_both
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("writer", ["this process", "another"])
def test_whoever_reads_does_not_wait_for_a_writer(house: House, way: str, writer: str) -> None:
    read = WAYS[way][0](house)
    wait(house, 61)
    before = written(house, way)
    with taken(house.service.store if writer == "this process" else house.county.store):
        begun = time.monotonic()
        assert [read().status_code for _ in range(5)] == [200] * 5
        assert time.monotonic() - begun < 10
    assert written(house, way) == before
    wait(house, 2)
    assert read().status_code == 200
    assert written(house, way) == int(house.seconds()), "the next who comes writes it down"


@pytest.mark.parametrize("way", WAYS)
def test_of_many_who_come_at_once_one_writes(house: House, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = WAYS[way][0](house)
    wait(house, 61)
    work: list[str] = []
    counted(monkeypatch, work, house.service.store, "woken")  # after each commit
    assert [read().status_code for _ in range(5)] == [200] * 5
    assert work == ["woken"]


def test_a_session_stays_awake_while_its_use_cannot_be_written(house: House) -> None:
    read = by_session(house)
    with taken(house.county.store):
        for _ in range(4):
            wait(house, 20 * 60)
            assert read().status_code == 200
        (told,) = house.service.access.sessions.of(READER, house.service.unix_now())
        assert told.seen_at == int(house.seconds())
        wait(house, 31 * 60)
        assert read().status_code == 401


def test_a_restored_copy_is_read_and_signed_in_to_as_any_book(house: House) -> None:
    """It takes no vouchers; who came in, and who was shut out, is no part of the book."""
    browser = newcomer(house, READER)
    by_a_key, gone = by_key(house), read_key(house, "books")
    with house.county.store.write() as connection:
        enter(connection, RESTORED, "2025-10-01T00:00:00+08:00")
    refused = house.call(MAKER, "POST", "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())))
    assert (refused.status_code, refused.json()["code"]) == (409, "E_RESTORED")
    wait(house, 61)
    assert by_a_key().status_code == 200
    assert house.call("guan-1", "DELETE", f"/v1/read-keys/{gone.split('_')[1]}").status_code == 200
    again = Browser(house)
    answer = again.sign_in(READER, PASSWORD, browser.next_code())
    assert answer.status_code == 201, answer.text
    assert again.call("GET", "/v1/balances").status_code == 200
    assert again.call("DELETE", "/v1/session").json() == {"ended": 1}
    assert browser.call("DELETE", "/v1/sessions").status_code == 200
    reader = house.call(MAKER, "GET", "/v1/people/nobody")
    assert (reader.status_code, reader.json()["code"]) == (404, "E_IDENTITY_UNKNOWN")
