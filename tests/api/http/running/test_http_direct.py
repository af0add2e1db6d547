"""The shorter road gives the answers of the longer one: status, words, headers and what stands in the log."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from ledger_api.http.app import PREFIX, ROUTERS
from ledger_api.http.running.direct import Direct
from tests.api.http.house import House, body_of, donation
from tests.application.proposing.county import TODAY

MAKER, OTHERS = "acct-charity", "acct-bureau"
OWN = {"ledger-trace", "date", "content-length"}
"""Headers of one answer alone."""


@contextmanager
def longer_road(patch: pytest.MonkeyPatch) -> Iterator[None]:
    async def hand_on(self: Direct, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    with patch.context() as here:
        here.setattr(Direct, "__call__", hand_on)
        yield


def said(answer: Any) -> tuple[int, Any, dict[str, str]]:
    """What does not depend on when it was asked: without the trace, the number of a signature, a voucher's id."""
    body = answer.json() if answer.content else None
    if isinstance(body, dict):
        replayed = body.get("code") == "E_REQUEST_REPLAYED"
        body = {name: value for name, value in body.items() if name != "trace" and not replayed}
        body.get("params", {}).pop("voucher", None)
    return answer.status_code, body, {name: value for name, value in answer.headers.items() if name not in OWN}


Ask = Callable[[House], Any]


def _spoilt(house: House, content: bytes) -> Any:
    sent = {"content-type": "application/json"}
    signed = house.signed(MAKER, "POST", "/v1/vouchers", content, sent)
    return house.client.post("/v1/vouchers", content=content, headers={**sent, **signed})


def _posted(house: House, **changed: Any) -> Any:
    return house.call(MAKER, "POST", "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())) | changed)


def _other_signature(house: House) -> Any:
    content = json.dumps(body_of(house.voucher(MAKER, "charity", donation()))).encode()
    sent = {"content-type": "application/json"}
    signed = house.signed(MAKER, "POST", "/v1/vouchers", b"{}", sent)
    return house.client.post("/v1/vouchers", content=content, headers={**sent, **signed})


def _replayed(house: House) -> Any:
    signed = house.signed(MAKER, "GET", "/v1/balances?entity=charity", b"", {})
    house.client.get("/v1/balances?entity=charity", headers=signed)
    return house.client.get("/v1/balances?entity=charity", headers=signed)


def _known_already(house: House) -> Any:
    etag = house.call(MAKER, "GET", "/v1/balances?entity=charity").headers["etag"]
    return house.call(MAKER, "GET", "/v1/balances?entity=charity", if_none_match=etag)


ASKED: dict[str, Ask] = {
    "no envelope": lambda house: house.call(MAKER, "POST", "/v1/vouchers", {"events": []}),
    "a field too many": lambda house: _posted(house, more=1),
    "events that are numbers": lambda house: _posted(house, events=[1]),
    "no JSON": lambda house: _spoilt(house, b"{"),
    "nothing at all": lambda house: _spoilt(house, b""),
    "half a character": lambda house: _spoilt(house, b'{"envelope": "\\ud800"}'),
    "another body than was signed": _other_signature,
    "unsigned": lambda house: house.call(None, "POST", "/v1/vouchers", {}),
    "unsigned reading": lambda house: house.call(None, "GET", "/v1/balances"),
    "one who posts nothing there": lambda house: house.call(
        OTHERS, "POST", "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation()))
    ),
    "a fund that nobody opened": lambda house: house.call(
        MAKER, "POST", "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(fund="nowhere")))
    ),
    "in English": lambda house: house.call(
        MAKER, "POST", "/v1/vouchers", body_of(house.voucher(MAKER, "bureau", donation())), accept_language="en"
    ),
    "a number used before": _replayed,
    "balances": lambda house: house.call(MAKER, "GET", "/v1/balances?entity=charity"),
    "balances that are known": _known_already,
    "of all entities": lambda house: house.call("auditor-1", "GET", "/v1/trial-balance?entity=charity"),
    "of another entity": lambda house: house.call(MAKER, "GET", "/v1/balances?entity=bureau"),
    "of no entity": lambda house: house.call("auditor-1", "GET", "/v1/balances?entity=nobody"),
    "a day that is none": lambda house: house.call("auditor-1", "GET", "/v1/balances?as_of=2025-02-30"),
    "nothing asked for": lambda house: house.call("auditor-1", "GET", "/v1/trial-balance"),
    "by one who may not": lambda house: house.call("witness-1", "GET", "/v1/balances"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_both_roads_answer_the_same(house: House, monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    short = [said(ask(house)) for _ in range(2)]
    with longer_road(monkeypatch):
        assert [said(ask(house)) for _ in range(2)] == short


def test_both_roads_post_and_answer_a_repeated_voucher(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (body_of(house.voucher(MAKER, "charity", donation(number))) for number in (1, 2))
    before = house.county.size()
    short = house.post(MAKER, "/v1/vouchers", first)
    with longer_road(monkeypatch):
        long = house.post(MAKER, "/v1/vouchers", second)
        again = house.post(MAKER, "/v1/vouchers", first, 200)
    assert house.county.size()[0] == before[0] + 2
    assert short.keys() == long.keys()
    assert (again["repeated"], again["positions"]) == (True, short["positions"])
    assert house.post(MAKER, "/v1/vouchers", second, 200)["leaf"] == long["leaf"]


def test_what_the_shorter_road_leaves_is_signed_once(house: House) -> None:
    """A reading that is not in memory goes on to its route with the same number: it is no replay."""
    for path in ("/v1/balances?entity=charity", "/v1/accounts?entity=charity", "/v1/pledges?entity=charity"):
        assert [house.call(MAKER, "GET", path).status_code for _ in range(2)] == [200, 200]


def test_a_role_withdrawn_closes_the_shorter_road_at_once(house: House) -> None:
    path = "/v1/balances?entity=charity"
    assert house.call("auditor-1", "GET", path).status_code == 200
    withdrawn = ("role.withdrawn", {"officer": "auditor-1", "role": "auditor", "entity": None})
    house.county.post("guan-1", "book", [withdrawn], "guan-2", day=TODAY)
    assert house.call("auditor-1", "GET", path).status_code == 403


def test_the_roads_that_are_shorter_are_these() -> None:
    direct = Direct(lambda *_: None, PREFIX, ROUTERS)  # type: ignore[arg-type]  # never called
    paths = {path for _, path in direct.ways}
    assert ("POST", "/v1/vouchers") in direct.ways
    assert {"/v1/balances", "/v1/accounts", "/v1/trial-balance"} <= paths
    assert all("{" not in path for path in paths)
