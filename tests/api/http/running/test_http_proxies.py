"""Behind a proxy: whose word on the way counts, and what came in clear text."""

import pytest

from ledger_api.http.running.guard import Limits
from ledger_api.http.running.limits import Rates
from ledger_api.http.running.process import limits_of
from ledger_api.http.running.settings import ServeSettings
from tests.api.http.browsers import read_key
from tests.api.http.house import HOST, House, guarded

MAKER = "acct-charity"
PROXY = ServeSettings(host="0.0.0.0", names=(HOST,), behind_proxy=("10.0.0.7", "fd00::/8"))
FORWARDED: dict[str, tuple[str, dict[str, str], int, str | None]] = {
    "the proxy says https": ("10.0.0.7", {"x-forwarded-proto": "https"}, 200, "max-age=31536000"),
    "a proxy of the network": ("fd00::7", {"x-forwarded-proto": "https"}, 200, "max-age=31536000"),
    "the proxy says nothing": ("10.0.0.7", {}, 200, None),
    "a stranger says https": ("10.0.0.8", {"x-forwarded-proto": "https"}, 403, None),
    "a stranger says nothing": ("10.0.0.8", {}, 403, None),
    "this machine is no proxy": ("127.0.0.1", {"x-forwarded-proto": "https"}, 200, None),
}


@pytest.mark.parametrize("how", FORWARDED)
def test_forwarded_headers_count_from_the_proxy_only(house: House, how: str) -> None:
    peer, headers, status, transport = FORWARDED[how]
    client = guarded(house, limits_of(PROXY), client=(peer, 4711))
    answer = client.get("/v1/health", headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers.get("strict-transport-security") == transport


PLAIN: dict[str, list[tuple[str, str]]] = {
    "plain": [("x-forwarded-proto", "http")],
    "plain, in other letters": [("x-forwarded-proto", " HTTP ")],
    "plain to the first of two proxies": [("x-forwarded-proto", "http, https")],
    "the client says https before it": [("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")],
    "no way that is known": [("x-forwarded-proto", "spdy")],
}


@pytest.mark.parametrize("how", PLAIN)
def test_what_reached_the_proxy_in_clear_text_is_not_served(house: House, how: str) -> None:
    key = read_key(house, "books")
    client = guarded(house, limits_of(PROXY), client=("10.0.0.7", 4711))
    bearer = ("authorization", f"Bearer {key}")
    assert client.get("/v1/balances", headers=[bearer, ("x-forwarded-proto", "https")]).status_code == 200
    told = client.get("/v1/balances", headers=[bearer, *PLAIN[how]], follow_redirects=False)
    password = client.post("/v1/session", json={"officer": MAKER, "password": "x" * 12}, headers=PLAIN[how])
    for answer in (told, password):
        assert (answer.status_code, answer.json()["code"]) == (403, "E_FORWARDED_PLAIN"), answer.text
        assert "location" not in answer.headers
        assert "https://" in answer.json()["detail"]
    direct = guarded(house, limits_of(PROXY), client=("127.0.0.1", 4711))
    assert direct.get("/v1/health", headers=PLAIN[how]).status_code == 200, "it did not come through the proxy"


def test_the_address_that_counts_is_the_one_that_the_proxy_saw(house: House) -> None:
    limits = Limits(proxies=limits_of(PROXY).proxies, rates=Rates(15))  # a burst of ten, an address four times that
    client = guarded(house, limits, client=("10.0.0.7", 4711))
    answers = [
        client.get("/v1/health", headers={"x-forwarded-for": f"192.0.2.{n}, 198.51.100.1"}).status_code
        for n in range(30)
    ]
    assert answers[:10] == [200] * 10
    assert answers[-1] == 429, "what a client writes before the proxy's entry makes nobody else of it"
    assert client.get("/v1/health", headers={"x-forwarded-for": "198.51.100.2"}).status_code == 200
