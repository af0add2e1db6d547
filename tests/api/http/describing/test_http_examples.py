"""What the document shows is true: examples have the form that they are said to have and are understood by a running
service, links lead on, ways to come in are named, and the headers that it declares are sent.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from ledger.values.text import has_personal_pattern
from ledger_api.http.answers import CHECKPOINT, POSITION
from ledger_api.http.app import create_app
from ledger_api.http.describing.details import EXAMPLES, LINKS, SCHEMES
from ledger_api.http.doors import SAFE
from ledger_api.http.problems import MEDIA_TYPE
from tests.api.http.describing.recording import Recorder, officer_of, record
from tests.api.http.house import House

DOCUMENT: dict[str, Any] = create_app(None).openapi()
OPERATIONS: dict[str, dict[str, Any]] = {
    one["operationId"]: {**one, "method": method.upper(), "path": path}
    for path, methods in DOCUMENT["paths"].items()
    for method, one in methods.items()
}
JSON = "application/json"
SIGNED = {"post_voucher", "approve_voucher", "post_import_vouchers"}
"""Whose examples bear signatures of keys that no other book knows."""


@pytest.fixture
def asked(house: House) -> Recorder:
    return record(house)


def bodies() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """(where, schema, example) of every body of JSON in the document; None where it has no example."""
    for name, one in OPERATIONS.items():
        request = one.get("requestBody", {}).get("content", {}).get(JSON)
        if request is not None:
            yield f"{name} request", request["schema"], request.get("example")
        for code in ("200", "201", "202"):
            answer = one["responses"].get(code, {}).get("content", {}).get(JSON)
            if answer is not None:
                yield f"{name} {code}", answer["schema"], answer.get("example")
        for code in one["responses"].keys() - {"200", "201", "202", "4XX", "503"}:
            if (refusal := one["responses"][code].get("content", {}).get(MEDIA_TYPE)) is not None:
                yield f"{name} {code}", refusal["schema"], refusal.get("example")


UNSHOWN = {"approve_voucher 202", "take_report 200"}
"""The first has the form of `post_voucher`'s; the second is a file."""


def test_every_body_of_json_has_an_example_of_its_form() -> None:
    lacking = {where for where, _, example in bodies() if example is None}
    assert lacking == UNSHOWN
    for where, schema, example in bodies():
        if example is not None:
            whole = {**schema, "components": DOCUMENT["components"]}
            assert [str(one) for one in jsonschema_rs.validator_for(whole).iter_errors(example)] == [], where
    kept = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    assert set(kept) <= set(OPERATIONS), "what is gone from the interface has no example"


def test_an_example_of_a_refusal_is_what_the_service_says(house: House) -> None:
    shown = DOCUMENT["paths"]["/v1/trails/{tag}"]["get"]["responses"]["404"]["content"][MEDIA_TYPE]["example"]
    said = house.get("auditor-1", f"/v1/trails/{shown['params']['tag']}", 404)
    assert said.keys() == shown.keys()
    assert (said["code"], said["params"]["near"]) == (shown["code"], shown["params"]["near"])


def test_an_example_of_another_form_would_be_found() -> None:
    (schema,) = [one for where, one, _ in bodies() if where == "read_health 200"]
    whole = {**schema, "components": DOCUMENT["components"]}
    assert not jsonschema_rs.validator_for(whole).is_valid({"status": 1})


def test_examples_are_of_nobody() -> None:
    told = re.findall(r'"(?:[^"\\]|\\.)*"', EXAMPLES.read_text(encoding="utf-8"))
    plain = [one for one in told if re.search("[\u4e00-\u9fff]", one) or re.fullmatch(r'"[\dXx *-]+"', one)]
    assert [one for one in plain if has_personal_pattern(one)] == []


def test_every_example_of_a_request_is_understood(house: House) -> None:
    kept = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for name, example in kept.items():
        if "request" in example:
            one = OPERATIONS[name]
            path = one["path"].format(voucher="0", import_id="0", officer="acct-charity")
            headers = {"idempotency_key": name, "if_match": "*"}
            who = officer_of(one.get("x-permission"))
            answer = house.call(who, one["method"], path, example["request"], **headers)
            code = answer.json().get("code", "")
            assert code not in {"E_REQUEST_FIELD", "E_REQUEST", "E_MEDIA_TYPE", "E_QUERY_UNKNOWN"}, (name, answer.text)
            assert answer.status_code != 422 or name in SIGNED, (name, answer.text)


def test_every_operation_sends_the_headers_that_it_declares(asked: Recorder) -> None:
    """Each is asked once at least, and every answer that it may give well is looked at."""
    assert {name for name, _ in asked.headers} == set(OPERATIONS)
    for (name, code), headers in asked.headers.items():
        declared = OPERATIONS[name]["responses"][code].get("headers", {})
        for header in (POSITION, CHECKPOINT, "ETag"):
            assert (header.lower() in headers) >= (header in declared), (name, code, header)
    for name in SIGNED - {"post_import_vouchers"}:
        assert {code for other, code in asked.headers if other == name} == {"200", "201", "202"} - (
            {"202"} if name == "approve_voucher" else set()
        )


def test_links_lead_to_what_the_examples_name() -> None:
    found = 0
    for name, one in OPERATIONS.items():
        for code, answer in one["responses"].items():
            for link in answer.get("links", {}).values():
                found += 1
                takes = {part["name"] for part in OPERATIONS[link["operationId"]].get("parameters", ())}
                assert set(link["parameters"]) <= takes, (name, link)
                example = answer["content"][JSON].get("example")
                for expression in link["parameters"].values():
                    value = example
                    for step in expression.removeprefix("$response.body#/").split("/"):
                        value = value[int(step)] if isinstance(value, list) else value[step]
                    assert isinstance(value, str | int), (name, code, expression)
    assert found > 30
    led = {
        (name, link)
        for name, one in OPERATIONS.items()
        for answer in one["responses"].values()
        for link in answer.get("links", {})
    }
    meant = tomllib.loads(LINKS.read_text(encoding="utf-8"))
    assert led == {(name, link) for name, links in meant.items() for link in links}


def test_every_operation_says_by_which_ways_one_comes_in() -> None:
    assert DOCUMENT["components"]["securitySchemes"] == SCHEMES
    for name, one in OPERATIONS.items():
        ways = {way for each in one["security"] for way in each}
        if one.get("x-permission") is None:
            assert ways == set(), name
        else:
            reads = one["method"] in SAFE or one["x-permission"] == "export" or name == "check_report"
            keyed = one["x-permission"] in {"books", "export", "mirror"} and reads
            assert ways == {"signature", "session", *(["read_key"] if keyed else [])}, name
