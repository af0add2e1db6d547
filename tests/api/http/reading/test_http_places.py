"""What is refused is told with its place in the request: a pointer into the body, a name of the query or the path."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from typing import Any

import orjson
import pytest

from ledger.catalogue import ToPrograms, say
from ledger.decisions.prepared import Submission
from ledger.signing.dsse import VOUCHER_TYPE, sign
from ledger.signing.merkle import leaf_hash, root_of
from ledger.signing.statements import EventsRoot, Statement
from ledger_api.client.imports import upload
from ledger_api.http.places import pointer
from tests.api.http.house import House, body_of, donation
from tests.api.http.uploads import choose
from tests.application.importing.offices import delimited, sample

WHO, MAKER = "auditor-1", "acct-charity"
JSON = "application/json"
BIDI = "%E6%A0%B8%E2%80%AE%E6%9F%A5"
FUND: dict[str, Any] = {"kind": "fund", "format": "json"}


def sent(house: House, officer: str, path: str, content: bytes, media_type: str = JSON) -> Any:
    headers = {"idempotency-key": "k", "content-type": media_type}
    return house.program(officer).post(path, content=content, headers=headers)


def told(answer: Any, code: str) -> tuple[list[str], Any]:
    """The pointers of the places, and the problem."""
    problem = answer.json()
    assert (answer.headers["content-type"], problem["code"]) == ("application/problem+json", code), answer.text
    return [one["pointer"] for one in problem["errors"]], problem


BODIES: dict[str, tuple[Any, str, list[str], str]] = {
    "no JSON": (b'{"kind":"fund",}', "E_REQUEST_FIELD", [""], "正文"),
    "half of JSON": (b'{"kind":', "E_REQUEST_FIELD", [""], "正文"),
    "a list": ([FUND], "E_REQUEST_FIELD", [""], "正文"),
    "nothing": (b"", "E_REQUEST_FIELD", [""], "正文"),
    "a stroke and a tilde": (FUND | {"span": {"a/b~c": 1}}, "E_REQUEST_FIELD", ["/span/a~1b~0c"], "/span/a~1b~0c"),
    "two at once": (FUND | {"entity": 1, "at": 2}, "E_REQUEST_FIELD", ["/entity", "/at"], "/entity"),
    "no day": (FUND | {"as_of": "2025-02-30"}, "E_DATE", ["/as_of"], "「/as_of」的日期"),
    "no month": (FUND | {"span": {"month": "2025-13"}}, "E_PERIOD", ["/span/month"], "「/span/month」的月份"),
    "no last month": (
        FUND | {"span": {"first": "2025-01", "last": "2025-13"}},
        "E_PERIOD",
        ["/span/last"],
        "「/span/last」的月份",
    ),
    "no quarter": (FUND | {"span": {"quarter": "2025-Q5"}}, "E_QUARTER", ["/span/quarter"], "/span/quarter 的写法"),
    "no year": (FUND | {"span": {"year": "25"}}, "E_SPAN_OPTION", ["/span/year"], "first 与 last"),
    "no position": (FUND | {"at": "x"}, "E_AT_OPTION", ["/at"], "/at 写序号"),
    "a day before": (
        FUND | {"kind": "recovery", "span": {"month": "2025-09"}, "as_of": "2025-08-31"},
        "E_AS_OF_SPAN",
        ["/as_of"],
        "as_of 2025-08-31",
    ),
}


@pytest.mark.parametrize("what", BODIES)
def test_what_is_wrong_in_a_body_is_pointed_at(house: House, what: str) -> None:
    body, code, pointers, words = BODIES[what]
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    found, problem = told(sent(house, WHO, "/v1/reports", content), code)
    assert found == pointers
    assert words in problem["detail"]
    assert words in problem["errors"][0]["detail"]
    assert "--" not in problem["detail"]


def test_broken_json_is_told_with_the_character_that_breaks_it(house: House) -> None:
    answer = sent(house, WHO, "/v1/reports", '{"金":资}'.encode())
    _, problem = told(answer, "E_REQUEST_FIELD")
    assert "第 6 个字起不是 JSON" in problem["detail"]
    assert problem["params"]["field"] == ""


QUESTIONS: dict[str, tuple[str, str, str, list[str]]] = {
    "a path that is no number": (WHO, "/v1/events/x", "E_REQUEST_FIELD", ["{position}"]),
    "a path that is no year": (WHO, "/v1/pledges/25", "E_REQUEST_FIELD", ["{year}"]),
    "a query that is no number": (WHO, "/v1/events?limit=x", "E_REQUEST_FIELD", ["?limit"]),
    "a day": (WHO, "/v1/pledges?as_of=2025-02-30", "E_DATE", ["?as_of"]),
    "a month": (WHO, "/v1/subsidies?month=2025-13", "E_PERIOD", ["?month"]),
    "a month under another name": (WHO, "/v1/summaries/M7?from=2025-13", "E_PERIOD", ["?from"]),
    "a position": (WHO, "/v1/lottery?at=x", "E_AT_OPTION", ["?at"]),
    "a quarter": (WHO, "/v1/summaries/M7?quarter=2025-Q5", "E_QUARTER", ["?quarter"]),
    "a purpose": (MAKER, f"/v1/people/donor?purpose={BIDI}", "E_TEXT_BIDI", ["?purpose"]),
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_what_is_wrong_in_an_address_is_told_by_its_name(house: House, what: str) -> None:
    officer, path, code, places = QUESTIONS[what]
    found, problem = told(house.call(officer, "GET", path), code)
    assert found == places
    assert problem["params"]["field"] == places[0]
    assert places[0] in problem["detail"]
    assert "--" not in problem["detail"]


def test_a_header_is_told_as_one(house: House) -> None:
    found, _ = told(house.call(WHO, "GET", "/v1/events/stream", last_event_id="x"), "E_REQUEST_FIELD")
    assert found == ["Last-Event-ID"]


def test_two_ways_of_naming_months_are_told_in_the_words_of_the_interface(house: House) -> None:
    asked = told(house.call(WHO, "GET", "/v1/summaries/M7?month=2025-09&year=2025"), "E_SPAN_OPTION")
    body = orjson.dumps(FUND | {"span": {"month": "2025-09", "year": "2025"}})
    ordered = told(sent(house, WHO, "/v1/reports", body), "E_SPAN_OPTION")
    assert "month、quarter、year,或 from 与 to" in asked[1]["detail"]
    assert "month、quarter、year,或 first 与 last" in ordered[1]["detail"]
    assert asked[0] == ordered[0] == [], "it is of no single place"


SIGNED: dict[str, tuple[Callable[[dict[str, Any]], Any], str, list[str]]] = {
    "no statement": (
        lambda body: body | {"envelope": body["envelope"] | {"payload": "e30="}},
        "E_FIELD_MISSING",
        ["/envelope/payload"],
    ),
    "no base64": (
        lambda body: body | {"envelope": body["envelope"] | {"payload": "A"}},
        "E_BASE64",
        ["/envelope/payload"],
    ),
    "a short signature": (
        lambda body: body | {"approvals": [body["envelope"] | {"signatures": [{"keyid": "k", "sig": "AAAA"}]}]},
        "E_ENVELOPE_SIGNATURE_LENGTH",
        ["/approvals/0/signatures/0/sig"],
    ),
    "a key of its own": (
        lambda body: body | {"envelope": body["envelope"] | {"a/b~c": 1}},
        "E_REQUEST_FIELD",
        ["/envelope/a~1b~0c"],
    ),
}


@pytest.mark.parametrize("what", SIGNED)
def test_what_is_wrong_in_what_was_signed_is_pointed_at(house: House, what: str) -> None:
    change, code, pointers = SIGNED[what]
    body = change(body_of(house.voucher(MAKER, "charity", donation())))
    assert told(house.call(MAKER, "POST", "/v1/vouchers", body), code)[0] == pointers


def test_an_event_that_has_not_its_form_is_pointed_at(house: House) -> None:
    sound = house.voucher(MAKER, "charity", donation(1), donation(2))
    events = sound.events[0], sound.events[1].replace(b'"amount_fen":5000', b'"amount_fen":-1')
    root = EventsRoot(2, root_of([leaf_hash(data) for data in events]))
    statement = replace(Statement.from_bytes(sound.envelope.payload), events=root)
    made = Submission(sign(VOUCHER_TYPE, statement.to_bytes(), house.county.keys[MAKER]), events)
    found, problem = told(house.call(MAKER, "POST", "/v1/vouchers", body_of(made)), "E_EVENT_FIELD")
    assert (found, problem["params"]["field"]) == (["/events/1"], "amount_fen")


KEYS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a label that turns round": ({"label": "核\u202e查"}, "E_TEXT_BIDI", "/label"),
    "a label of blanks": ({"label": "  "}, "E_FIELD_EMPTY", "/label"),
    "an entity that is none": ({"entities": ["nowhere"]}, "E_READ_KEY_WANTED", "/entities"),
    "an address that is none": ({"addresses": ["everywhere"]}, "E_READ_KEY_WANTED", "/addresses"),
}


@pytest.mark.parametrize("what", KEYS)
def test_a_field_of_a_read_only_key_is_pointed_at(house: House, what: str) -> None:
    change, code, place = KEYS[what]
    wanted = {"label": "监管局", "permissions": ["books"], "days": 9} | change
    found, problem = told(house.call("guan-1", "POST", "/v1/read-keys", wanted, idempotency_key="k"), code)
    assert found == [place]
    assert place in problem["detail"]


def test_a_choice_for_a_file_is_called_as_the_interface_calls_it(house: House) -> None:
    data = delimited(sample("dibao_roster")).encode()
    made = upload(house.program("acct-bureau"), "花名册.csv", data, {})
    assert made["error"]["code"] == "E_MONTH_NEEDED"
    assert "请用 month 指定" in made["error"]["detail"]
    found, _ = told(choose(house, "acct-bureau", made["id"], {"note": "九月\u200b"}), "E_TEXT_ZERO_WIDTH")
    assert found == ["/note"]
    found, _ = told(choose(house, "acct-bureau", made["id"], {"columns": {"~/" * 200: "姓名"}}), "E_REQUEST_FIELD")
    assert found == ["/columns/" + "~0~1" * 200]


def test_what_a_code_means_is_told_in_the_words_of_the_interface(house: House) -> None:
    told_of = house.get(None, "/v1/errors/E_MONTH_NEEDED")
    assert "请用 month 指定" in told_of["zh"]
    assert "Say it with month" in told_of["en"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_option_of_the_command_line_is_told_to_programs_but_with_its_command(language: str) -> None:
    """Those of the catalogues whose sentences the interface says too."""
    rooms = ("form", "http", "importing", "judging", "proposing", "summaries", "values")
    folder = resources.files("ledger.catalogue")
    found = [tomllib.loads((folder / f"{one}.toml").read_text(encoding="utf-8")) for one in rooms]
    said = {code: say(code, ToPrograms(language)) for one in found for code in one if code.startswith(("E_", "W_"))}
    commands = ("pending --again", "--check")
    for code, text in said.items():
        bare = text
        for command in commands:
            bare = bare.replace(command, "")
        assert not re.search(r"(?<![\w-])--[a-z]", bare), (code, text)


MEDIA: dict[str, str] = {
    "text": "text/plain",
    "a form": "application/x-www-form-urlencoded",
    "something else with JSON in its name": "text/json",
}


@pytest.mark.parametrize("what", MEDIA)
@pytest.mark.parametrize("path", ["/v1/vouchers", "/v1/reports"])
def test_a_body_of_another_type_is_refused_as_such(house: House, path: str, what: str) -> None:
    body = body_of(house.voucher(MAKER, "charity", donation()))
    officer, body = (WHO, FUND) if path == "/v1/reports" else (MAKER, body)
    before = house.county.size()
    answer = sent(house, officer, path, orjson.dumps(body), MEDIA[what])
    told(answer, "E_MEDIA_TYPE")
    assert (answer.status_code, answer.headers["accept"]) == (415, JSON)
    assert MEDIA[what] in answer.json()["detail"]
    assert house.county.size() == before
    stranger = house.client.post(path, content=orjson.dumps(body), headers={"content-type": "text/plain"})
    assert stranger.status_code == 401, "the door comes first"


def test_a_body_of_no_type_is_refused_as_such(house: House) -> None:
    answer = house.client.post("/v1/session", content=b'{"officer": "guan-1", "password": "x"}')
    told(answer, "E_MEDIA_TYPE")
    assert answer.status_code == 415
    assert "没有写明" in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/vnd.county+json"])
def test_json_by_another_name_is_read(house: House, media_type: str) -> None:
    body = body_of(house.voucher(MAKER, "charity", donation()))
    assert sent(house, MAKER, "/v1/vouchers", orjson.dumps(body), media_type).status_code == 201


@pytest.mark.parametrize("parts", [(), ("a/b~c", 0), ("~1",), ("",), ("m~n", "a/b", "")])
def test_a_pointer_leads_back_to_its_place(parts: tuple[str | int, ...]) -> None:
    read = [one.replace("~1", "/").replace("~0", "~") for one in pointer(parts).split("/")[1:]]
    assert read == [str(part) for part in parts]
