"""HEAD asks everything that GET asks, of the same door, and is answered without content."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from ledger.log.side_tables import access_log
from ledger_api.http.app import PREFIX, create_app
from ledger_api.http.routes import exports
from tests.api.http.house import House
from tests.api.http.running.live import client_of, directory_of, live
from tests.application.proposing.county import County

WHO = "auditor-1"
OWN = {"ledger-trace", "content-length", "date"}
READ = sorted(
    path
    for path, methods in create_app(None).openapi()["paths"].items()
    if "get" in methods and path.startswith(PREFIX)
)


def test_the_routes_are_found() -> None:
    assert {"/v1/balances", "/v1/events", "/v1/events/stream", "/v1/health", "/v1/reports/{report}/file"} <= {*READ}


@pytest.mark.parametrize("template", READ)
def test_every_address_that_is_read_may_be_asked_for_its_headers(september: House, template: str) -> None:
    path = re.sub(r"\{[^}]*\}", "1", template)
    for query in ("", "?entity=charity", "?zzz=1"):
        got, asked = (september.call(WHO, method, path + query) for method in ("GET", "HEAD"))
        assert (asked.status_code, asked.content) == (got.status_code, b""), path
        assert asked.headers["content-type"] == got.headers["content-type"]
        changing = OWN | ({"etag"} if got.headers.get("etag", "").startswith("W/") else set())
        kept: list[dict[str, Any]] = [
            {name: value for name, value in one.headers.items() if name not in changing} for one in (got, asked)
        ]
        assert kept[0] == kept[1]


def test_only_its_own_signature_opens_it(september: House) -> None:
    assert september.call(None, "HEAD", "/v1/balances").status_code == 401
    signed = september.signed(WHO, "GET", "/v1/balances", b"", {})
    assert september.client.head("/v1/balances", headers=signed).status_code == 403
    signed = september.signed(WHO, "HEAD", "/v1/balances", b"", {})
    assert september.client.head("/v1/balances", headers=signed).status_code == 200
    etag = september.call(WHO, "HEAD", "/v1/balances").headers["etag"]
    assert september.call(WHO, "HEAD", "/v1/balances", if_none_match=etag).status_code == 304


def test_where_nothing_is_read_it_is_refused_by_its_own_name(september: House) -> None:
    answer = september.call(WHO, "HEAD", "/v1/vouchers/1/approvals")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")
    assert september.call(WHO, "HEAD", "/v1/nowhere").status_code == 404
    assert september.call(WHO, "DELETE", "/v1/balances").headers["allow"] == "GET, HEAD"


def test_what_is_told_of_the_request_names_its_route_and_method(
    september: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="ledger.http.access"):
        september.call(WHO, "HEAD", "/v1/events/1")
        september.call(WHO, "HEAD", "/v1/events/999999")
    found, missing = (record.__dict__ for record in caplog.records if record.name == "ledger.http.access")
    assert (found["method"], found["route"], found["caller"]) == ("HEAD", "/v1/events/{position}", WHO)
    assert (missing["status"], missing["code"]) == (404, "E_POSITION")


def test_a_server_sends_headers_and_goes_on(sqlite_county: County) -> None:
    """On one connection: what is said of a content that does not come must not be waited for."""
    key = sqlite_county.keys["acct-charity"]
    with live(directory_of(sqlite_county)) as server, client_of(server.url, key) as client:
        for path in ("/v1/balances", "/v1/events/stream", "/v1/nowhere", "/v1/balances"):
            answer = client.head(path)
            assert (answer.status_code, answer.content) == (404 if path == "/v1/nowhere" else 200, b""), path
        got = client.get("/v1/balances")
        assert answer.headers["content-length"] == str(len(got.content))
        assert server.stop() == 0


EXPORTS = {
    "/v1/export/events.jsonl?from=2": "events-from-2.jsonl",
    "/v1/export/journal?format=hledger": "journal.hledger",
}


@pytest.mark.parametrize("path", EXPORTS)
def test_the_headers_of_an_export_cost_no_export(house: House, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Nothing is made, and nothing stands in the access log: nothing has left."""

    def rows() -> int:
        with house.service.store.read() as connection:
            return connection.scalar(select(func.count()).select_from(access_log)) or 0

    before = rows()
    with monkeypatch.context() as patch:
        patch.setattr(exports, "streamed", None)
        answer = house.call(WHO, "HEAD", path)
        assert (answer.status_code, answer.content, "content-length" in answer.headers) == (200, b"", False)
        assert EXPORTS[path] in answer.headers["content-disposition"]
        assert house.call("acct-charity", "HEAD", path).status_code == 403
    assert rows() == before
    got = house.call(WHO, "GET", path)
    assert (got.headers["content-type"], rows()) == (answer.headers["content-type"], before + 1)
