"""A query is taken as it is declared or not at all: nobody who misspells a clock is given today's figures."""

from typing import Any

import pytest

from ledger_api.http.app import PREFIX, create_app
from tests.api.http.house import House, body_of, donation

WHO = "auditor-1"
REFUSED: dict[str, tuple[str, str, str]] = {
    "a stroke for a line": ("/v1/balances?as-of=2020-01-01", "E_QUERY_NEAR", "as_of"),
    "a capital": ("/v1/balances?At=5", "E_QUERY_NEAR", "at"),
    "a slip": ("/v1/subsidies?mont=2025-09", "E_QUERY_NEAR", "month"),
    "a clock that the list does not have": ("/v1/pending?at=5", "E_QUERY_UNKNOWN", "entity"),
    "a route without a query": ("/v1/health?at=5", "E_QUERY_UNKNOWN", "—"),
    "a name of nothing": ("/v1/balances?=5", "E_QUERY_UNKNOWN", "entity"),
    "one clock twice": ("/v1/balances?at=5&at=6", "E_QUERY_TWICE", ""),
    "one clock twice alike": ("/v1/balances?at=5&at=5", "E_QUERY_TWICE", ""),
    "a tag twice": ("/v1/events?tag=fund:general&tag=fund:well", "E_QUERY_TWICE", ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_name_that_is_not_declared_is_refused(september: House, what: str) -> None:
    path, code, told = REFUSED[what]
    september.get(WHO, "/v1/balances")  # what is in memory is not given for it either
    answer = september.call(WHO, "GET", path, accept_language="en")
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert told in answer.json()["detail"]
    (place,) = answer.json()["errors"]
    assert (place["pointer"], place["code"]) == (answer.json()["params"]["field"], code)


def test_every_wrong_name_of_a_query_is_told_up_to_a_bound(september: House) -> None:
    answer = september.call(WHO, "GET", "/v1/balances?as-of=2020-01-01&entity=charity&nope=1")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("?as-of", "E_QUERY_NEAR"),
        ("?nope", "E_QUERY_UNKNOWN"),
    ]
    many = september.call(WHO, "GET", "/v1/balances?" + "&".join(f"n{one}={one}" for one in range(500)))
    assert (many.status_code, len(many.json()["errors"])) == (422, 10)


def test_a_list_is_given_name_by_name(september: House) -> None:
    path = "/v1/events?tag=fund:general&kind=fund.opened&kind=donation.received"
    kinds = {one["kind"] for one in september.get(WHO, path)["events"]}
    assert kinds == {"fund.opened", "donation.received"}


def test_what_is_handed_in_beside_a_wrong_name_is_not_taken(house: House) -> None:
    """Nobody who wants a trial posts because it was called otherwise."""
    before = house.get(WHO, "/v1/balances")["position"]
    body: Any = body_of(house.voucher("acct-charity", "charity", donation()))
    refused = house.call("acct-charity", "POST", "/v1/vouchers?dry-run=true", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "E_QUERY_NEAR")
    assert house.get(WHO, "/v1/balances")["position"] == before


def test_no_route_takes_what_it_does_not_declare(september: House) -> None:
    checked = 0
    for path, methods in create_app(None).openapi()["paths"].items():
        if "get" in methods and "{" not in path and path.startswith(PREFIX):
            who = "acct-charity" if methods["get"].get("x-permission") == "import" else WHO
            answer = september.call(who, "GET", f"{path}?zzz=1")
            assert (answer.status_code, answer.json()["code"]) == (422, "E_QUERY_UNKNOWN"), path
            checked += 1
    assert checked > 25
