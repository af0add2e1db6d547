"""What holds for every route of the document, whichever it is: headers, methods, and that a GET changes nothing."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.log.access_tables import reading_keys, sessions
from ledger.log.columns import METADATA
from ledger.log.keeping.copying import TableDigest, digests
from ledger.log.side_tables import access_log
from tests.api.http.browsers import read_key, signed_in, with_key
from tests.api.http.house import HOST, House
from tests.api.http.test_http_doors import WRITING, routes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}
CLOSED = {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"}
KEPT_BY_READERS = {"read_tile"}
"""Whose answers never change: hashes that anybody may have."""
ALSO = {"/v1/summaries/check": {"GET"}}
"""Paths that another route takes for a name of its own."""
FORBIDDEN = ("server", "x-powered-by", "access-control-allow-origin", "access-control-allow-credentials")


@pytest.fixture
def secure(house: House) -> TestClient:
    """A client over TLS that shows nobody's signature."""
    return TestClient(house.client.app, base_url=f"https://{HOST}")


def require_headers(name: str, answer: Any) -> None:
    headers = answer.headers
    for header, value in ALWAYS.items():
        assert headers.get(header) == value, (name, header)
    assert {one.strip() for one in headers["content-security-policy"].split(";")} >= CLOSED, name
    assert headers["content-type"].split(";")[0] or answer.status_code == 204, name
    assert not [one for one in FORBIDDEN if one in headers], name
    kept = name in KEPT_BY_READERS and answer.status_code == 200
    assert ("no-store" in headers["cache-control"]) != kept, name


def test_every_answer_of_every_route_has_its_headers(house: House, secure: TestClient) -> None:
    key, seen = read_key(house, "books", "export"), set[int]()
    for name, method, path, _ in routes(house):
        for headers in ({}, {"authorization": f"Bearer {key}"}):
            answer = secure.request(method, path, headers=headers, json={} if method in WRITING else None)
            require_headers(name, answer)
            seen.add(answer.status_code)
    assert {200, 401, 403, 404} <= seen, "answers and refusals"


def test_whatever_is_not_listed_is_405_at_every_path(house: House, secure: TestClient) -> None:
    listed: dict[str, set[str]] = {}
    for _, method, path, _ in routes(house):
        listed.setdefault(path.partition("?")[0], set()).add(method)
    for path, methods in listed.items():
        for method in METHODS:
            if method in methods | ALSO.get(path, set()):
                continue
            answer = secure.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (405, "E_METHOD"), (method, path)
            allowed = set(answer.headers["allow"].split(", "))
            assert methods <= allowed, (path, allowed)
            assert method not in allowed, (path, allowed)
            require_headers("", answer)


def kept(house: House) -> dict[str, TableDigest]:
    """Every table but those in which a reading is written down, or when a way in was used last."""
    left_out = {access_log.name, sessions.name, reading_keys.name}
    with house.service.store.read() as connection:
        return {name: one for name, one in digests(connection).items() if name not in left_out}


def test_no_get_of_any_route_changes_the_book(house: House) -> None:
    key = read_key(house, "books", "export", "mirror")
    browser, before, answered = signed_in(house, "guan-1"), kept(house), 0
    assert set(before) > {"vouchers", "events", "requests", "identities", "pending", "drafts", "ac_duties"}
    assert set(before) < set(METADATA.tables)
    for name, method, path, _ in routes(house):
        if method != "GET":
            continue
        for asked in ("GET", "HEAD"):
            answers = [
                house.call("auditor-1", asked, path),
                house.call("acct-charity", asked, path),
                browser.call(asked, path),
                with_key(house, key, asked, path),
            ]
            answered += sum(one.is_success for one in answers)
        assert kept(house) == before, name
    assert answered > 100, "most were answered and not refused"
