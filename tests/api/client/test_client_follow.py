"""A client that follows a book: every event once and in order, whatever breaks; nothing else is believed."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ledger.errors import AuthorityError, BusyError, EvidenceError, LedgerError, NotFoundError
from ledger_api.client import Client, Manners, Reader
from ledger_api.client.following import MEDIA
from ledger_api.http.streaming.limits import StreamLimits
from tests.api.client.network import URL, Network, client_of
from tests.api.http.house import House, donation
from tests.api.http.streaming.online import online
from tests.application.proposing.county import TODAY

MAKER = "acct-charity"
BRIEF = StreamLimits(seconds=0.3, beat_seconds=0.1, look_seconds=0.02)


def test_every_event_comes_once_though_the_stream_ends_again_and_again(house: House, tmp_path: Path) -> None:
    with online(house, BRIEF) as url:
        manners = Manners(unix=house.seconds, first_wait_s=0.05)
        with Client(url, MAKER, house.county.keys[MAKER], folder=tmp_path, manners=manners) as client:
            listed = list(client.events())
            following = client.follow(verified=True)
            assert list(islice(following, len(listed))) == listed
            for number in range(3):
                receipt = house.county.post(MAKER, "charity", [donation(number)], day=TODAY)
                assert next(following).number == receipt.number  # type: ignore[union-attr]  # needs no second person


def test_following_goes_on_after_a_broken_line_and_gives_up_in_time(house: House, tmp_path: Path) -> None:
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        listed = list(client.events())
        network.broken = [httpx2.ConnectError("gone"), (503, {}, b""), httpx2.ReadError("cut")]
        assert list(islice(client.follow(), len(listed))) == listed
        network.broken = [httpx2.ConnectError("gone")] * 1000
        with pytest.raises(BusyError, match="E_SERVER_UNREACHED"):
            list(client.follow())


def test_what_the_server_refuses_ends_following(house: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path) as client, pytest.raises(NotFoundError, match="E_POSITION_AHEAD"):
        next(client.follow(10**9))
    with client_of(house, "witness-1", tmp_path) as client, pytest.raises(AuthorityError, match="E_NOT_ALLOWED"):
        next(client.follow())


def event(position: int, **more: Any) -> bytes:
    data = {"position": position, "number": 1, "kind": "x", "tags": [], "data": "{}", **more}
    return f"id: {position}\ndata: {json.dumps(data)}\n\n".encode()


def answering(body: bytes, media: str = MEDIA, status: int = 200) -> Callable[[httpx2.Request], httpx2.Response]:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, headers={"content-type": media}, content=body)

    return answer


LIES: dict[str, tuple[Callable[[httpx2.Request], httpx2.Response], str]] = {
    "an event under another's place": (answering(event(7).replace(b"id: 7", b"id: 8")), "E_ANSWER_OTHER"),
    "an event that was asked for no more": (answering(event(5)), "E_ANSWER_OTHER"),
    "a place that goes back": (answering(event(8) + b"id: 6\n\n"), "E_ANSWER_OTHER"),
    "the same event twice": (answering(event(8) * 2), "E_ANSWER_OTHER"),
    "a place that is no number": (answering(b"id: 08\n\n"), "E_ANSWER_FORM"),
    "a place below nothing": (answering(b"id: -1\n\n"), "E_ANSWER_FORM"),
    "data that is no event": (answering(b"id: 8\ndata: {}\n\n"), "E_ANSWER_FORM"),
    "data that is no JSON": (answering(b"id: 8\ndata: x\n\n"), "E_ANSWER_FORM"),
    "a page": (answering(event(8), "text/html"), "E_ANSWER_MEDIA"),
    "another status": (answering(event(8), status=204), "E_ANSWER_STATUS"),
    "a place to go to": (answering(b"", status=302), "E_ANSWER_STATUS"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_stream_of_events_is_not_believed(tmp_path: Path, lie: str) -> None:
    answer, code = LIES[lie]
    reader = Reader(URL, "me", None, folder=tmp_path, transport=httpx2.MockTransport(answer))
    with reader, pytest.raises(EvidenceError, match=code):
        list(islice(reader.follow(5), 5))


def test_what_stands_before_the_lie_is_given(tmp_path: Path) -> None:
    whole = b": \n\n" + event(6) + b"id: 7\n\n" + event(8)

    def parts() -> Iterator[bytes]:
        for place in range(0, len(whole), 3):
            yield whole[place : place + 3]
        yield b"id: x\n\n"

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": MEDIA}, content=parts())

    with Reader(URL, "me", None, folder=tmp_path, transport=httpx2.MockTransport(answer)) as reader:
        following = reader.follow(5)
        assert [next(following).position for _ in range(2)] == [6, 8]
        with pytest.raises(LedgerError, match="E_ANSWER_FORM"):
            next(following)


def test_a_line_without_an_end_is_not_gathered_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger_api.client.wire.LARGEST", 10_000)

    def endless() -> Iterator[bytes]:
        while True:
            yield b"data: " + b"x" * 1000

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": MEDIA}, content=endless())

    reader = Reader(URL, "me", None, folder=tmp_path, transport=httpx2.MockTransport(answer))
    with reader, pytest.raises(EvidenceError, match="E_ANSWER_SIZE"):
        next(reader.follow())


def test_a_message_without_an_end_is_not_gathered_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its lines is short."""
    monkeypatch.setattr("ledger_api.client.wire.LARGEST", 10_000)
    sent = iter(range(100))
    content = (b"data: " + b"x" * 1000 + b"\n" for _ in sent)

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": MEDIA}, content=content)

    reader = Reader(URL, "me", None, folder=tmp_path, transport=httpx2.MockTransport(answer))
    with reader, pytest.raises(EvidenceError, match="E_ANSWER_SIZE"):
        next(reader.follow())
    assert next(sent, None) is not None, "the rest was never read"
