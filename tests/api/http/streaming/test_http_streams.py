"""The stream of events: what arrives, where it goes on, whom it is for, how it ends, and what it costs to wait."""

import asyncio
import signal
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any

import pytest
from starlette.types import Message

from ledger.application.outcomes import Receipt
from ledger.log.keeping.life import MOVED, enter
from ledger_api.http.access.ways import COOKIE
from ledger_api.http.callers import Caller
from ledger_api.http.service import Service
from ledger_api.http.streaming import pages
from ledger_api.http.streaming.limits import StreamLimits
from ledger_api.http.streaming.pages import Pages
from ledger_api.http.streaming.staying import Stay
from ledger_api.http.streaming.stream import EventStream, Streams
from tests.api.http.browsers import read_key, signed_in
from tests.api.http.house import House, body_of, donation, on_both
from tests.api.http.running.live import client_of, directory_of, live
from tests.api.http.streaming.online import PATH, QUICK, messages, online, program, shown
from tests.application.proposing.county import TODAY, County

MAKER = "acct-charity"
LOOKER = "supervisor-1"
WITHDRAWN = {"officer": LOOKER, "role": "supervisor", "entity": None}


def give(house: House, number: int) -> int:
    """Post a gift; its position."""
    receipt = house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(number))))
    return int(receipt["positions"][0])


def rest(arriving: Iterator[tuple[int, Any]]) -> list[Any]:
    """The events until the stream ends, which must be soon."""
    found = list(islice(arriving, 300))
    assert len(found) < 300, "it goes on"
    return [event for _, event in found if event is not None]


def head(house: House) -> int:
    return int(house.call(LOOKER, "GET", "/v1/events?limit=1").headers["ledger-position"])


@on_both
def test_what_is_posted_arrives_and_a_broken_stream_goes_on_where_it_was(house: House) -> None:
    before = head(house)
    with online(house) as url, program(house, url, MAKER) as client:
        with client.stream("GET", PATH, params={"after": before}) as answer:
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            assert answer.headers["cache-control"] == "no-store"
            arriving = shown(answer.iter_lines())
            first = give(house, 1)
            place, event = next(arriving)
            assert place == event["position"] == first
            assert event == house.get(MAKER, f"/v1/events/{first}")
        missed = give(house, 2)
        with client.stream("GET", PATH, headers={"last-event-id": str(first)}, params={"after": 0}) as answer:
            arriving = messages(answer.iter_lines())
            assert next(arriving)[0] == missed
            assert next(arriving) == (missed, None), "a beat says where the stream stands"


@pytest.mark.parametrize("officer", [MAKER, "acct-bureau", "check-charity", LOOKER, "auditor-1", "guan-1"])
def test_a_stream_gives_what_the_list_gives_and_nothing_else(
    house: House, officer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROWS", 7)
    give(house, 1)
    listed: list[Any] = []
    page = house.get(officer, "/v1/events?limit=1000")
    listed += page["events"]
    while page["next"]:
        page = house.get(officer, f"/v1/events?limit=1000&cursor={page['next']}")
        listed += page["events"]
    told: list[Any] = []
    with online(house) as url, program(house, url, officer) as client, client.stream("GET", PATH) as answer:
        for place, event in messages(answer.iter_lines()):
            told += [] if event is None else [event]
            if place == page["position"]:  # it comes there also where the last events are another's
                break
    assert told == listed


@on_both
def test_a_role_that_is_withdrawn_ends_the_stream_before_what_follows(house: House) -> None:
    before = head(house)
    with online(house) as url, program(house, url, LOOKER) as client:
        with client.stream("GET", PATH, params={"after": before}) as answer:
            arriving = messages(answer.iter_lines())
            posted = house.county.post("guan-1", "book", [("role.withdrawn", WITHDRAWN)], "guan-2", day=TODAY)
            assert isinstance(posted, Receipt)
            after = give(house, 1)
            seen = [event["position"] for event in rest(arriving)]
        assert after not in seen
        refused = client.get(PATH)
        assert (refused.status_code, refused.json()["code"]) == (403, "E_NOT_ALLOWED")


def test_when_the_book_is_moved_away_streams_end_and_whoever_asks_is_told(house: House) -> None:
    """Nothing comes here any more: who follows this copy would wait without end."""
    before = head(house)
    assert house.get(LOOKER, "/v1/checkpoint")["moved"] is False
    with online(house) as url, program(house, url, LOOKER) as client:
        with client.stream("GET", PATH, params={"after": before}) as answer:
            arriving = messages(answer.iter_lines())
            assert next(arriving) == (before, None)
            with house.service.store.write(beside=True) as connection:
                enter(connection, MOVED, "2025-09-30T12:00:00+08:00", where="postgresql://db.internal/book")
            assert rest(arriving) == []
        refused = client.get(PATH)
    assert (refused.status_code, refused.json()["code"], "db.internal" in refused.text) == (409, "E_MOVED", False)
    assert house.get(LOOKER, "/v1/checkpoint")["moved"] is True


def revoke_the_key(house: House) -> None:
    fields = {"officer": LOOKER, "keyid": house.county.keys[LOOKER].public.keyid, "reason": "lost", "note": ""}
    posted = house.county.post("guan-1", "book", [("key.revoked", fields)], "guan-2", day=TODAY)
    assert isinstance(posted, Receipt)


def end_the_session(house: House) -> None:
    for one in house.service.access.sessions.of(LOOKER, house.service.unix_now()):
        house.service.access.sessions.end(one, house.service.unix_now())


def revoke_the_read_key(house: House) -> None:
    (one,) = house.service.access.reading_keys.all()
    house.service.access.reading_keys.revoke(one.id, "guan-1", house.service.unix_now())


@pytest.mark.parametrize(
    ("way", "ended"), [("key", revoke_the_key), ("session", end_the_session), ("read key", revoke_the_read_key)]
)
def test_a_stream_ends_with_what_opened_it(house: House, way: str, ended: Callable[[House], None]) -> None:
    after, headers = str(head(house)), {}
    if way == "session":
        headers = {"cookie": f"{COOKIE}={signed_in(house, LOOKER).cookie}"}
    if way == "read key":
        headers = {"authorization": f"Bearer {read_key(house, 'books')}"}
    with online(house) as url, program(house, url, LOOKER) as client:
        auth: Any = {} if way == "key" else {"auth": None}
        with client.stream("GET", PATH, params={"after": after}, headers=headers, **auth) as answer:
            arriving = messages(answer.iter_lines())
            assert next(arriving) == (int(after), None)
            ended(house)
            assert [event for event in rest(arriving) if event["kind"] != "key.revoked"] == []


BUSY = StreamLimits(beat_seconds=3600, look_seconds=0.02)
"""A book whose vouchers leave no stream waiting for a beat."""


def let_the_session_idle(house: House) -> None:
    house.county.now = house.county.now.replace(hour=house.county.now.hour + 1)


@on_both
@pytest.mark.parametrize(
    ("way", "ended"),
    [("session", end_the_session), ("session", let_the_session_idle), ("read key", revoke_the_read_key)],
    ids=["session ended", "session idle", "read key revoked"],
)
def test_a_stream_of_a_busy_book_ends_with_what_opened_it_before_what_follows(
    house: House, way: str, ended: Callable[[House], None]
) -> None:
    after = str(head(house))
    headers = {"authorization": f"Bearer {read_key(house, 'books')}"}
    if way == "session":
        headers = {"cookie": f"{COOKIE}={signed_in(house, LOOKER).cookie}"}
    with (
        online(house, BUSY) as url,
        program(house, url, LOOKER) as client,
        client.stream("GET", PATH, params={"after": after}, headers=headers, auth=None) as answer,
    ):
        arriving = shown(answer.iter_lines())
        for number in (1, 2):
            assert give(house, number) == next(arriving)[0]
        ended(house)
        late = {give(house, number) for number in range(3, 6)}
        assert not late & {place for place, _ in arriving}


def test_a_waiting_stream_keeps_no_session_awake(house: House) -> None:
    browser = signed_in(house, LOOKER)
    with online(house) as url, program(house, url, LOOKER) as client:
        headers = {"cookie": f"{COOKIE}={browser.cookie}"}
        with client.stream("GET", PATH, params={"after": head(house)}, headers=headers, auth=None) as answer:
            arriving = messages(answer.iter_lines())
            next(arriving)
            house.county.now = house.county.now.replace(hour=house.county.now.hour + 1)
            assert rest(arriving) == []
    assert house.service.access.sessions.of(LOOKER, house.service.unix_now()) == []


def test_one_caller_and_one_process_have_so_many_places_and_they_are_free_again(house: House) -> None:
    limits = StreamLimits(streams=3, per_caller=2, beat_seconds=0.1)
    after = {"after": str(head(house))}
    with online(house, limits) as url, program(house, url, MAKER) as one, program(house, url, LOOKER) as other:
        with one.stream("GET", PATH, params=after), one.stream("GET", PATH, params=after):
            refused = one.get(PATH, params=after)
            assert (refused.status_code, refused.json()["code"]) == (429, "E_STREAMS_CALLER")
            assert int(refused.headers["retry-after"]) > 0
            with other.stream("GET", PATH, params=after):
                full = other.get(PATH, params=after)
                assert (full.status_code, full.json()["code"]) == (503, "E_STREAMS_FULL")
        for _ in range(500):
            with one.stream("GET", PATH, params=after) as answer:
                if answer.status_code == 200:
                    break
            time.sleep(0.02)
        assert answer.status_code == 200


def test_those_who_wait_hold_no_thread_and_ask_the_log_once_for_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits, looks = StreamLimits(streams=60, per_caller=60, look_seconds=0.05), [0]
    real = Service.look

    async def counted(service: Service) -> Any:
        looks[0] += 1
        return await real(service)

    after = {"after": str(head(house))}
    with online(house, limits) as url, program(house, url, MAKER) as client, ExitStack() as opened:
        next(opened.enter_context(client.stream("GET", PATH, params=after)).iter_lines())
        threads = threading.active_count()
        lines = [opened.enter_context(client.stream("GET", PATH, params=after)).iter_lines() for _ in range(40)]
        for one in lines:
            next(one)
        assert threading.active_count() <= threads + 1
        monkeypatch.setattr(Service, "look", counted)
        begun = time.monotonic()
        while looks[0] < 5:
            time.sleep(0.01)
        waited, most = looks[0], (time.monotonic() - begun) / limits.look_seconds + 2
        posted = give(house, 1)
        assert {next(shown(one))[0] for one in lines} == {posted}
    assert waited <= most, "one watcher, whoever waits"


class Stands(Stay):
    """Somebody who may read everything for ever."""

    def __init__(self, caller: Caller) -> None:
        self._caller_now = caller

    def now(self, known: Any) -> Caller:
        return self._caller_now

    is_looked_up = False


def test_a_reader_who_takes_nothing_holds_one_page_and_is_hung_up_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    real = Pages.after

    async def counted(of: Pages, after: int) -> Any:
        reads.append(after)
        return await real(of, after)

    async def run() -> list[Message]:
        monkeypatch.setattr(Pages, "after", counted)
        monkeypatch.setattr(pages, "ROWS", 10)
        streams = Streams(house.service, QUICK)
        authority = (await house.service.look()).authority
        parts: AsyncGenerator[bytes] = streams.events(Stands(Caller("x", "key", None, authority)), 0)
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)
            if len(message.get("body", b"")) > 100:
                await asyncio.sleep(3600)

        async def receive() -> Message:
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        await EventStream(parts, stalled_seconds=0.2, stands={})({"type": "http"}, receive, send)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}, "nobody watches for nobody"
        streams.close()
        return sent

    sent = asyncio.run(run())
    assert head(house) > 50
    assert reads == [0]
    assert sent[-1]["more_body"] is True, "the answer is not ended as if it were whole"


def test_a_place_ahead_of_the_log_and_an_unsigned_place_are_refused(house: House) -> None:
    ahead = house.call(MAKER, "GET", f"{PATH}?after={head(house) + 1}")
    assert (ahead.status_code, ahead.json()["code"]) == (404, "E_POSITION_AHEAD")
    for wrong in ("-1", "x", "1e3", str(2**53)):
        assert house.call(MAKER, "GET", PATH, last_event_id=wrong).status_code == 422, wrong
    headers = house.signed(MAKER, "GET", PATH, b"", {"host": "ledger.test"}) | {"last-event-id": "5"}
    refused = house.client.get(PATH, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "E_REQUEST_SIGNATURE")


def test_a_server_that_is_told_to_stop_ends_its_streams(sqlite_county: County) -> None:
    with live(directory_of(sqlite_county)) as server, client_of(server.url, sqlite_county.keys[MAKER]) as client:
        with client.stream("GET", PATH, params={"after": 0}) as answer:
            lines = answer.iter_lines()
            assert next(shown(lines))
            server.process.send_signal(signal.SIGTERM)
            for _ in lines:
                pass
        assert server.stop() == 0
        assert not [one for one in server.lines() if "timeout graceful" in str(one.get("message"))]
