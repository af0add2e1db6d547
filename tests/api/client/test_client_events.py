"""Lists of events by a server that lies: what is said of an event is what its bytes say, and what was asked for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ledger.application.outcomes import Receipt
from ledger.errors import EvidenceError
from tests.api.client.network import Network, Said, client_of, lying
from tests.api.client.test_client import gift
from tests.api.http.house import House
from tests.application.proposing.county import TODAY

MAKER = "acct-charity"


def told(**said: Any) -> Callable[[Any], Any]:
    """The same words of every event."""
    return lambda page: page | {"events": [one | said for one in page["events"]]}


LIST_LIES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "another kind": (told(kind="donation.returned"), "E_ANSWER_OTHER"),
    "a kind of nobody": (told(kind="x"), "E_ANSWER_OTHER"),
    "no tags": (told(tags=[]), "E_ANSWER_OTHER"),
    "other tags": (told(tags=["fund:stolen"]), "E_ANSWER_OTHER"),
    "a tag more": (told(tags=["fund:general", "fund:stolen"]), "E_EVENT_UNPROVEN"),
    "the same event again": (lambda page: page | {"events": page["events"][:1] * 3}, "E_ANSWER_OTHER"),
    "backwards": (lambda page: page | {"events": page["events"][::-1]}, "E_ANSWER_OTHER"),
    "the same page again": (lambda page: page | {"next": "again"}, "E_ANSWER_OTHER"),
}


@pytest.mark.parametrize("lie", LIST_LIES)
def test_a_list_of_other_events_is_not_believed(house: House, tmp_path: Path, lie: str) -> None:
    change, code = LIST_LIES[lie]
    first: list[Said] = []

    def lies(request: httpx2.Request, said: Said) -> Said:
        if request.url.path == "/v1/events" and "cursor=" in str(request.url):
            said = first[0]
        status, headers, body = said
        if request.url.path != "/v1/events":
            return said
        first.append(said)
        return status, headers, json.dumps(change(json.loads(body))).encode()

    with client_of(house, MAKER, tmp_path) as client:
        client.post("charity", TODAY, [gift(1), gift(2)])
        honest = list(client.events("fund:general", ["donation.received"], verified=True))
        assert len(honest) > 1
    with client_of(house, MAKER, tmp_path, Network(house, lies)) as client:
        with pytest.raises(EvidenceError) as found:
            list(client.events("fund:general", ["donation.received"], verified=True))
        assert found.value.code == code, found.value


@pytest.mark.parametrize("asked", [("fund:general", ["pledge.made"]), ("fund:other", ["donation.received"])])
def test_what_was_asked_for_is_what_is_given(house: House, tmp_path: Path, asked: tuple[str, list[str]]) -> None:
    """Proven events, but those of another tag or kind."""
    with client_of(house, MAKER, tmp_path) as client:
        client.post("charity", TODAY, [gift(1), gift(2)])
    shown = house.get(MAKER, "/v1/events?tag=fund:general&kind=donation.received")
    network = Network(house, lying("/v1/events", lambda one: shown if "events" in one else one))
    with client_of(house, MAKER, tmp_path, network) as client:
        for verified in (True, False):
            with pytest.raises(EvidenceError, match="E_ANSWER_OTHER"):
                list(client.events(*asked, verified=verified))


@pytest.mark.parametrize("said", [{"kind": "donation.returned"}, {"tags": []}, {"tags": ["fund:stolen"]}])
def test_what_is_said_of_an_event_is_what_its_bytes_say(house: House, tmp_path: Path, said: dict[str, Any]) -> None:
    with client_of(house, MAKER, tmp_path) as client:
        receipt = client.post("charity", TODAY, [gift(1)])
    assert isinstance(receipt, Receipt)
    network = Network(house, lying("/v1/events/", lambda one: one | said if "tags" in one else one))
    with client_of(house, MAKER, tmp_path, network) as client:
        with pytest.raises(EvidenceError, match="E_EVENT_UNPROVEN"):
            client.event(receipt.first_position, verified=True)
        assert client.event(receipt.first_position).position == receipt.first_position
