"""What an answer stands for: nothing older than what is known or proven is taken, nor what is of another log."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ledger.application.outcomes import Receipt
from ledger.errors import BusyError, EvidenceError, LedgerError, NotFoundError
from ledger.signing import base64_text
from ledger.signing.checkpoints import open_checkpoint
from ledger_api.client import Client
from tests.api.client.network import URL, Lie, Network, Said, client_of, lying
from tests.api.client.test_client import gift
from tests.api.client.test_client_lies import LOOKER, MAKER, posted, reserved
from tests.api.http.house import House
from tests.application.proposing.county import TODAY

READS: dict[str, Callable[[Client], Any]] = {
    "balances": lambda client: client.balances("charity"),
    "accounts": lambda client: client.accounts("charity"),
    "pending": lambda client: client.pending(),
    "events": lambda client: list(client.events("donation:http-2")),
    "proven events": lambda client: list(client.events("donation:http-2", verified=True)),
    "any route": lambda client: client.get("/v1/balances", entity="charity"),
    "a route of a read model": lambda client: client.get("/v1/pledges", entity="charity"),
}


@pytest.fixture
def late(house: House, tmp_path: Path) -> Iterator[House]:
    """The book as it is before anything else is posted, behind another server."""
    found = reserved(house, tmp_path / "late")
    with found.client:
        yield found
    found.county.close()


def known_size(client: Client) -> int:
    known = client.known()
    return 0 if known is None else open_checkpoint(known.note, None).size


def replayed(kept: dict[str, Said]) -> Lie:
    """Each reading is answered as it was the first time; how far the log has come is told truly."""

    def lie(request: httpx2.Request, said: Said) -> Said:
        if request.method != "GET" or request.url.path.startswith(("/v1/checkpoint", "/v1/consistency", "/v1/ready")):
            return said
        return kept.setdefault(str(request.url), said)

    return lie


@pytest.mark.parametrize("read", READS)
def test_an_answer_of_before_is_not_believed(house: House, tmp_path: Path, read: str) -> None:
    with client_of(house, MAKER, tmp_path, Network(house, replayed({}))) as client:
        READS[read](client)
        receipt = client.post("charity", TODAY, [gift(2)])
        assert isinstance(receipt, Receipt)
        client.wait(receipt.first_position)
        with pytest.raises(EvidenceError, match="E_ANSWER_OLD") as found:
            READS[read](client)
        assert found.value.params["known"] == found.value.params["size"] + 1 == receipt.number


@pytest.mark.parametrize("read", READS)
def test_a_replica_that_is_behind_is_named_whatever_it_is_asked(
    house: House, late: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    monkeypatch.setattr("ledger_api.client.reader.POLL_S", 30.0)
    with client_of(house, MAKER, tmp_path / "state") as client:
        receipt = client.post("charity", TODAY, [gift(2)])
    assert isinstance(receipt, Receipt)
    replica = Network(late, lying("/v1/checkpoint", lambda found: found | {"replica": True}))
    with client_of(late, MAKER, tmp_path / "state", replica) as client:
        with pytest.raises(BusyError, match="E_REPLICA_BEHIND") as found:
            READS[read](client)
        assert found.value.params == {"size": receipt.number - 1, "known": receipt.number}
        with pytest.raises(BusyError, match="E_REPLICA_BEHIND"):
            client.event(receipt.first_position)


def test_a_server_that_was_cut_back_is_a_fork(house: House, late: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path / "state") as client:
        client.post("charity", TODAY, [gift(2)])
    with client_of(late, MAKER, tmp_path / "state") as client:
        for read in READS.values():
            with pytest.raises(EvidenceError, match="E_FORK"):
                read(client)


@pytest.mark.parametrize("read", READS)
def test_a_server_that_was_cut_back_is_a_fork_at_its_new_address_too(
    house: House, late: House, tmp_path: Path, read: str
) -> None:
    """The address was never met; the log is known from another one."""
    with client_of(house, MAKER, tmp_path / "state") as client:
        client.post("charity", TODAY, [gift(2)])
    with client_of(late, MAKER, tmp_path / "state", url=f"{URL}:8444") as client:
        for _ in range(2):
            with pytest.raises(EvidenceError, match="E_FORK"):
                READS[read](client)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_another_book_that_begins_alike_is_a_fork(house: House, late: House, tmp_path: Path, length: int) -> None:
    posted(late, *range(11, 11 + length))
    with client_of(house, MAKER, tmp_path / "state") as client:
        client.post("charity", TODAY, [gift(1)])
        client.post("charity", TODAY, [gift(2)])
    with client_of(late, MAKER, tmp_path / "state") as client:
        for read in READS.values():
            with pytest.raises(EvidenceError, match="E_FORK"):
                read(client)


def test_a_replica_that_comes_up_is_waited_for(house: House, late: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path / "state") as client:
        receipt = client.post("charity", TODAY, [gift(2)])
        assert isinstance(receipt, Receipt)
        wanted = client.balances("charity"), client.event(receipt.first_position)
    network = Network(late)

    def lie(request: httpx2.Request, said: Said) -> Said:
        asked = [path for _, path, _ in network.sent if path == "/v1/checkpoint"]
        network.house = house if len(asked) > 3 else late
        replica = lying("/v1/checkpoint", lambda found: found | {"replica": True})
        return replica(request, said)

    network.lie = lie
    reads: list[Callable[[Client], Any]] = [READS["balances"], lambda one: one.event(receipt.first_position)]
    for read in reads:
        network.house = late
        network.sent.clear()
        with client_of(house, MAKER, tmp_path / "state", network) as client:
            assert read(client) in wanted


def headed(**said: str | None) -> Lie:
    """Other headers beside an honest body; None leaves one out."""

    def lie(request: httpx2.Request, answer: Said) -> Said:
        status, headers, body = answer
        if not request.url.path.startswith("/v1/balances"):
            return answer
        named = {name.replace("_", "-"): value for name, value in said.items()}
        kept = {name: value for name, value in {**headers, **named}.items() if value is not None}
        return status, kept, body

    return lie


ROOT = base64_text.encode(b"\x01" * 32)
HEADERS: dict[str, tuple[Callable[[int], Lie], str]] = {
    "no root": (lambda _: headed(ledger_checkpoint="1 AAAA"), "E_ANSWER_FORM"),
    "no size": (lambda _: headed(ledger_checkpoint=f"x {ROOT}"), "E_ANSWER_FORM"),
    "a size below nothing": (lambda _: headed(ledger_checkpoint=f"-1 {ROOT}"), "E_ANSWER_FORM"),
    "one voucher of old": (lambda _: headed(ledger_checkpoint=f"1 {ROOT}"), "E_ANSWER_OLD"),
    "another root": (lambda size: headed(ledger_checkpoint=f"{size} {ROOT}"), "E_FORK"),
    "a checkpoint of nobody": (lambda size: headed(ledger_checkpoint=f"{size + 9} {ROOT}"), "E_FORK"),
    "no checkpoint": (lambda _: headed(ledger_checkpoint=None), "E_ANSWER_FORM"),
    "no position": (lambda _: headed(ledger_position=None), "E_ANSWER_FORM"),
    "a position in words": (lambda _: headed(ledger_position="many"), "E_ANSWER_FORM"),
    "another position than inside": (lambda _: headed(ledger_position="999999"), "E_ANSWER_OTHER"),
    "a position of before": (lambda _: headed(ledger_position="1"), "E_WAITED"),
}


@pytest.mark.parametrize("lie", HEADERS)
def test_what_does_not_say_truly_where_it_stands_is_not_believed(house: House, tmp_path: Path, lie: str) -> None:
    make, code = HEADERS[lie]
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        client.post("charity", TODAY, [gift(1)])
        network.lie = make(known_size(client))
        with pytest.raises(LedgerError) as found:
            client.balances("charity")
        assert found.value.code == code, found.value


def test_a_proof_shows_how_far_the_log_reaches_as_a_receipt_does(house: House, tmp_path: Path) -> None:
    posted(house, 1)
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        (gifted,) = client.events("donation:http-1", verified=True)
        network.lie = headed(ledger_position=str(gifted.position - 1))
        with pytest.raises(BusyError, match="E_WAITED"):
            client.balances("charity")


def test_read_models_that_follow_a_moment_later_are_waited_for(house: House, tmp_path: Path) -> None:
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        before = client.balances("charity").position
        receipt = client.post("charity", TODAY, [gift(1)])
        assert isinstance(receipt, Receipt)
        network.sent.clear()
        stale = headed(ledger_position=str(before))
        network.lie = lambda request, said: stale(request, said) if len(network.sent) < 3 else said
        assert client.balances("charity").position == receipt.first_position
        assert len(network.sent) == 3


def test_what_is_read_is_known_from_then_on(house: House, late: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path / "state") as client:
        client.balances("charity")
        first = known_size(client)
        posted(house, 1, 2)
        client.balances("charity")
        assert known_size(client) == first + 2 > 2
    with client_of(late, MAKER, tmp_path / "state") as client, pytest.raises(EvidenceError, match="E_FORK"):
        client.checkpoint()


def test_an_earlier_time_that_was_asked_for_is_answered(house: House, tmp_path: Path) -> None:
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        before = client.balances("charity")
        receipt = client.post("charity", TODAY, [gift(1)])
        assert isinstance(receipt, Receipt)
        assert client.balances("charity", at=before.position).rows == before.rows
        network.lie = headed(ledger_position=str(receipt.first_position))
        with pytest.raises(EvidenceError, match="E_ANSWER_OTHER"):
            client.balances("charity", at=before.position)
        network.lie = headed(ledger_position=str(before.position - 1))
        with pytest.raises(EvidenceError, match="E_ANSWER_OTHER"):
            client.balances("charity", at=before.position)


def test_pages_go_on_while_the_log_grows(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger_api.client.reader.PAGE", 10)
    with client_of(house, LOOKER, tmp_path) as client:
        listing = client.events()
        first = next(listing)
        posted(house, 1)
        assert client.balances("charity").position > first.position
        assert len(list(listing)) > 20


def test_a_page_of_another_time_is_no_part_of_the_list(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger_api.client.reader.PAGE", 10)

    def lie(request: httpx2.Request, said: Said) -> Said:
        status, headers, body = said
        if "cursor=" not in str(request.url):
            return said
        return status, headers, json.dumps(json.loads(body) | {"position": 9_999}).encode()

    with client_of(house, LOOKER, tmp_path, Network(house, lie)) as client, pytest.raises(LedgerError) as found:
        list(client.events())
    assert found.value.code == "E_ANSWER_OTHER"


def test_what_is_not_there_is_told_once_the_server_has_shown_how_far_it_is(house: House, tmp_path: Path) -> None:
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        client.checkpoint()
        network.sent.clear()
        with pytest.raises(NotFoundError, match="E_POSITION"):
            client.event(99_999)
        assert [path for _, path, _ in network.sent] == ["/v1/events/99999", "/v1/checkpoint", "/v1/events/99999"]


@pytest.mark.parametrize("verified", [False, True])
def test_a_stream_of_a_log_that_ends_earlier_gives_no_event(
    house: House, late: House, tmp_path: Path, *, verified: bool
) -> None:
    with client_of(house, MAKER, tmp_path / "state") as client:
        receipt = client.post("charity", TODAY, [gift(2)])
        assert isinstance(receipt, Receipt)
        client.checkpoint()
        assert next(client.follow(receipt.first_position - 1)).position == receipt.first_position
    with client_of(late, MAKER, tmp_path / "state") as client:
        for after in (0, receipt.first_position):
            with pytest.raises(EvidenceError, match="E_FORK"):
                next(client.follow(after, verified=verified))


def test_a_stream_of_a_log_that_went_another_way_gives_no_event(house: House, late: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path / "state") as client:
        receipt = client.post("charity", TODAY, [gift(2)])
        assert isinstance(receipt, Receipt)
        client.checkpoint()
    with client_of(late, MAKER, tmp_path / "other") as client:
        for number in (3, 4):
            client.post("charity", TODAY, [gift(number)])
    with client_of(late, MAKER, tmp_path / "state") as client, pytest.raises(EvidenceError, match="E_FORK"):
        next(client.follow(receipt.first_position))


def test_a_stream_that_does_not_say_what_it_stands_for_is_not_believed(house: House, tmp_path: Path) -> None:
    def silent(request: httpx2.Request, said: Said) -> Said:
        status, headers, body = said
        bare = {name: value for name, value in headers.items() if not name.startswith("ledger-")}
        return status, bare if request.url.path == "/v1/events/stream" else headers, body

    with client_of(house, MAKER, tmp_path, Network(house, silent)) as client:
        client.checkpoint()
        with pytest.raises(EvidenceError, match="E_ANSWER_FORM"):
            next(client.follow())
