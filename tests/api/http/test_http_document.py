"""The OpenAPI document is the one that is kept, every route is described, and every error has one form."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ledger_api.http.app import create_app
from ledger_api.http.document import document_text
from tests.api.http.house import HOST, House

KEPT = Path("docs/api/openapi.json")


def test_the_document_is_the_one_that_is_kept() -> None:
    assert document_text() == KEPT.read_text(encoding="utf-8"), "run `make docs` and look at what changed"


def test_every_route_has_a_name_a_sentence_and_the_problem() -> None:
    document = create_app(None).openapi()
    assert document["openapi"].startswith("3.1")
    names = []
    for methods in document["paths"].values():
        for route in methods.values():
            names.append(route["operationId"])
            assert route["description"], route["operationId"]
            assert "application/problem+json" in route["responses"]["4XX"]["content"]
    assert len(set(names)) == len(names)
    assert json.dumps(document).count("#/components/schemas/Problem") >= len(names)


def test_what_the_framework_refuses_is_a_problem_too(house: House) -> None:
    for method, path, status, code in [
        ("GET", "/v1/nowhere", 404, "E_ROUTE_UNKNOWN"),
        ("GET", "/", 404, "E_ROUTE_UNKNOWN"),
        ("GET", "/v1/balances/", 404, "E_ROUTE_UNKNOWN"),
        ("GET", "/v1/reports/?at=5", 404, "E_ROUTE_UNKNOWN"),
        ("POST", "/v1/vouchers/", 404, "E_ROUTE_UNKNOWN"),
        ("DELETE", "/v1/vouchers", 405, "E_METHOD"),
        ("PUT", "/v1/events/1", 405, "E_METHOD"),
        ("GET", "/v1/events/0", 422, "E_REQUEST_FIELD"),
    ]:
        answer = house.call("auditor-1", method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["trace"] == answer.headers["ledger-trace"]
    listed = house.call(None, "DELETE", "/v1/vouchers")
    assert listed.headers["allow"] == "GET, HEAD, POST"


def test_the_reader_chooses_the_language(house: House) -> None:
    for accepted, word in [
        ("", "没有"),
        ("en", "There is"),
        ("en;q=0.2, zh-CN", "没有"),
        ("fr, en-GB;q=0.5", "There is"),
    ]:
        answer = house.call(None, "GET", "/v1/nowhere", accept_language=accepted)
        assert answer.json()["detail"].startswith(word), accepted


def test_an_unforeseen_error_tells_nothing_but_its_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "told-to-nobody"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(house.service, "today", broken)
    as_served = TestClient(house.client.app, base_url=f"http://{HOST}", raise_server_exceptions=False)
    sent = house.signed("auditor-1", "GET", "/v1/trial-balance?entity=charity", b"", {})
    answer = as_served.get("/v1/trial-balance?entity=charity", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (500, "E_UNFORESEEN")
    assert secret not in answer.text
    assert "RuntimeError" not in answer.text


def test_every_answer_carries_the_headers_that_keep_browsers_out_of_trouble(house: House) -> None:
    for path in ("/v1/health", "/v1/nowhere", "/v1/balances"):
        headers = house.call("auditor-1", "GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_every_reading_says_its_position_and_checkpoint(house: House) -> None:
    answer = house.call("auditor-1", "GET", "/v1/balances")
    size, _, root = answer.headers["ledger-checkpoint"].partition(" ")
    assert int(answer.headers["ledger-position"]) == answer.json()["position"]
    told = house.get(None, "/v1/checkpoint")
    assert int(size) == told["size"]
    assert root in told["note"]
    earlier = house.call("auditor-1", "GET", "/v1/balances?at=30")
    assert (earlier.headers["ledger-position"], earlier.json()["position"]) == ("30", 30)


NOT_OF_THE_LOG = {
    *("/v1/health", "/v1/metrics", "/v1/errors/{code}", "/v1/summaries"),
    *("/v1/session", "/v1/sessions", "/v1/logins", "/v1/read-keys", "/v1/duties", "/v1/access-log"),
    *("/v1/people/{reference}", "/v1/hooks", "/v1/hooks/{hook}", "/v1/imports", "/v1/reports", "/v1/reports/{report}"),
    *("/v1/templates", "/v1/templates/{kind}"),
    *("/v1/tile/{level}/{tile}", "/v1/tile/entries/{tile}"),
}
"""What is kept beside the log, or of the program; and tiles, which are the same whenever they are asked for."""


def test_every_answer_that_reads_the_log_declares_what_it_stands_for() -> None:
    bare = set()
    for path, methods in create_app(None).openapi()["paths"].items():
        for code, answer in methods.get("get", {"responses": {}})["responses"].items():
            if code.startswith("2") and not {"Ledger-Position", "Ledger-Checkpoint"} <= set(answer.get("headers", {})):
                bare.add(path)
    assert bare == NOT_OF_THE_LOG
    told = Path("docs/operations-http.md").read_text(encoding="utf-8")
    assert [path for path in sorted(bare) if f"`{path}`" not in told] == []


@pytest.mark.parametrize("path", ["/v1/export/events.jsonl?from=5", "/v1/export/journal", "/v1/events/stream?after=10"])
def test_what_is_sent_bit_by_bit_says_its_position_and_checkpoint_too(house: House, path: str) -> None:
    listed = house.call("auditor-1", "GET", "/v1/events?limit=1").headers
    sent = house.call("auditor-1", "GET", path)
    assert sent.status_code == 200
    for name in ("ledger-position", "ledger-checkpoint"):
        assert sent.headers[name] == listed[name], name
