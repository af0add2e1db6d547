"""What a session's cookie is worth by itself: at no route of the document does it change anything, and no answer of any
route sets another one, or this one with less than all that keeps it with its browser and this host.
"""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger_api.http.access.ways import COOKIE
from ledger_api.http.doors import SAFE
from tests.api.http.access.test_http_sessions import CROSS_SITE
from tests.api.http.browsers import SITE, Browser, signed_in
from tests.api.http.describing.recording import record
from tests.api.http.describing.test_http_every_route import kept
from tests.api.http.house import House
from tests.api.http.test_http_doors import FRONT_DOOR, routes

ADMINISTRATOR = "guan-1"
GIVING = {"sign_in", "confirm_second_factor", "change_password", "sign_out"}
"""The operations that give a browser its cookie or take it back."""
ALONE: dict[str, tuple[dict[str, str | None], str]] = {
    **{how: (headers, "E_CROSS_SITE") for how, headers in CROSS_SITE.items()},
    "no token": ({"ledger_csrf": None}, "E_CSRF"),
    "an empty token": ({"ledger_csrf": ""}, "E_CSRF"),
    "a token that is none": ({"ledger_csrf": "0" * 64}, "E_CSRF"),
    "the cookie and nothing else": ({"ledger_csrf": None, "sec_fetch_site": None, "origin": None}, "E_CROSS_SITE"),
    "this site by its name only": ({"ledger_csrf": None, "sec_fetch_site": None}, "E_CSRF"),
    "a form of another site": ({"content_type": "text/plain", "sec_fetch_site": "cross-site"}, "E_CROSS_SITE"),
}
"""How a page that has the cookie and not all the rest comes in -> how it is refused."""


def changing(house: House) -> list[tuple[str, str, str]]:
    """(operation, method, path) of whatever may change something and asks who one is."""
    found = [(name, method, path) for name, method, path, _ in routes(house) if method not in SAFE]
    assert len(found) > 20
    return [one for one in found if one[0] != FRONT_DOOR]


@pytest.mark.parametrize("officer", [ADMINISTRATOR, "acct-charity"])
def test_at_no_route_does_the_cookie_alone_change_anything(house: House, officer: str) -> None:
    browser, before = signed_in(house, officer), kept(house)
    for name, method, path in changing(house):
        for how, (headers, code) in ALONE.items():
            answer = browser.call(method, path, {}, **headers)
            assert (answer.status_code, answer.json()["code"]) == (403, code), (name, how)
        assert kept(house) == before, name
    assert browser.call("GET", "/v1/session").status_code == 200, "the session lives"


def test_with_its_token_and_from_this_site_it_is_heard_at_every_route(house: House) -> None:
    """So that the refusals above are those of what lacked."""
    for name, method, path in changing(house):
        answer = signed_in(house, ADMINISTRATOR).call(method, path, {})
        code = answer.json().get("code") if answer.content else None
        assert code not in {"E_CSRF", "E_CROSS_SITE", "E_SIGN_IN", "E_SESSION_ENDED"}, name


def test_nothing_that_only_reads_is_taken_for_what_changes(house: House) -> None:
    """No header and no field of a query gives a request another method than its own, be it signed in with all else."""
    browser, before = signed_in(house, ADMINISTRATOR), kept(house)
    for name, method, path in changing(house):
        override: dict[str, str | None] = {"x_http_method_override": method, "x_method_override": method}
        plain, told = browser.call("GET", path), browser.call("GET", path, **override)
        assert (told.status_code, told.json().get("code")) == (plain.status_code, plain.json().get("code")), name
        joined = "&" if "?" in path else "?"
        in_query = browser.call("GET", f"{path}{joined}_method={method}")
        assert in_query.json()["code"] in {"E_METHOD", "E_QUERY_UNKNOWN", "E_NOT_ALLOWED"}, name
        assert kept(house) == before, name


def require_own(name: str, header: str) -> None:
    """A cookie of this host, over TLS, for no script and no other site's page."""
    ((cookie, found),) = SimpleCookie(header).items()
    assert cookie == COOKIE, name
    assert cookie.startswith("__Host-")
    assert (found["path"], found["domain"]) == ("/", ""), name
    assert (found["secure"], found["httponly"]) == (True, True), name
    assert found["samesite"].lower() == "strict", name


def test_every_cookie_of_every_answer_is_this_hosts_own(house: House) -> None:
    answers: dict[tuple[str, str], Any] = dict(record(house).headers)
    given = {name: one.get_list("set-cookie") for (name, _), one in answers.items() if "set-cookie" in one}
    assert given.keys() == GIVING
    for name, cookies in given.items():
        assert len(cookies) == 1, name
        require_own(name, cookies[0])


def test_no_refusal_and_no_stranger_is_given_a_cookie(house: House) -> None:
    strangers: dict[str, Any] = {
        "nobody": TestClient(house.client.app, base_url=SITE),
        "a planted cookie": Browser(house, "A" * 43),
        "a program": house.program("auditor-1"),
        "a person's browser": signed_in(house, ADMINISTRATOR),
    }
    for who, client in strangers.items():
        for name, method, path, _ in routes(house):
            ask = client.call if isinstance(client, Browser) else client.request
            answer = ask(method, path)
            if answer.status_code >= 400 or name not in GIVING:
                assert "set-cookie" not in answer.headers, (who, name)
