"""What is refused before it is looked at: names, proxies, floods, bodies; how the service tells that it is unwell."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import Request
from sqlalchemy import text

from ledger.errors import BusyError
from ledger.log.keeping.life import MOVED, enter
from ledger_api.http.models import VoucherIn
from ledger_api.http.problems import TooManyError
from ledger_api.http.running.bodies import BODY_BYTES_MAX, LARGE, SMALL_BYTES, UPLOAD_BYTES_MAX, Bodies, Body
from ledger_api.http.running.guard import Guard, Limits
from ledger_api.http.running.limits import BURST_S, Rates
from ledger_api.http.running.process import limits_of
from ledger_api.http.running.settings import ServeSettings
from tests.api.http.browsers import counted, read_key, with_key
from tests.api.http.house import HOST, House, body_of, donation, guarded, on_both

MAKER = "acct-charity"


def test_another_name_is_not_answered(house: House) -> None:
    client = guarded(house, limits_of(ServeSettings(names=(HOST,))))
    for name, status in [(HOST, 200), (f"{HOST}:8443", 200), ("LEDGER.test", 200), ("[::1]:8443", 200)]:
        assert client.get("/v1/health", headers={"host": name}).status_code == status, name
    for name in ("evil.test", "", "ledger.test.evil.test", "[::2]"):
        answer = client.get("/v1/health", headers={"host": name})
        assert (answer.status_code, answer.json()["code"]) == (400, "E_HOST"), name


def test_a_caller_who_asks_too_often_waits_and_others_do_not(house: House) -> None:
    client = guarded(house, Limits(rates=Rates(30)))
    signed = [house.signed(MAKER, "GET", "/v1/pending", b"", {}) for _ in range(8)]
    answers = [client.get("/v1/pending", headers=sent) for sent in signed]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    refused = answers[-1]
    assert (refused.json()["code"], int(refused.headers["retry-after"]) >= 1) == ("E_TOO_MANY", True)
    assert client.get("/v1/pending", headers=house.signed("auditor-1", "GET", "/v1/pending", b"", {})).is_success


def test_a_bucket_fills_again_with_time() -> None:
    time = [0.0]
    rates = Rates(60, lambda: time[0])

    def taken() -> int:
        """How many drops there are."""
        for count in range(1000):
            try:
                rates.take("somebody")
            except TooManyError:
                return count
        return 1000

    assert taken() == BURST_S
    assert taken() == 0
    time[0] += 3
    assert taken() == 3
    time[0] += 1000
    assert taken() == BURST_S
    rates = Rates(0)
    assert taken() == 1000, "0 is no limit"


FORGED = {"signature-input": "a=()", "signature": "a=:AA==:"}
"""Whoever sends this says who it is, and is found not to be."""


def test_a_body_is_refused_by_its_size_before_it_is_read(house: House) -> None:
    client = guarded(house, Limits())
    for headers in ({"content-length": str(BODY_BYTES_MAX + 1)}, {"content-length": "9" * 40}):
        answer = client.post("/v1/vouchers", content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "E_BODY_TOO_LARGE")
    chunked = client.post("/v1/vouchers", content=(bytes(2**20) for _ in range(33)), headers=FORGED)
    assert (chunked.status_code, chunked.json()["code"]) == (413, "E_BODY_TOO_LARGE")


def test_what_is_in_hand_is_counted_by_what_came_and_refused_holds_nothing(house: House) -> None:
    client = guarded(house, Limits(body_bytes=100_000))
    for body in (bytes(100_001), (bytes(1_000) for _ in range(101))):
        answer = client.post("/v1/vouchers", content=body, headers=FORGED)
        assert (answer.status_code, answer.json()["code"]) == (503, "E_BODIES_AT_ONCE")
        assert answer.headers["retry-after"] == "2"
    for _ in range(3):
        assert client.post("/v1/vouchers", content=bytes(99_999), headers=FORGED).status_code == 403, (
            "what was refused holds nothing"
        )


def test_whoever_announces_much_and_sends_little_keeps_nobody_out() -> None:
    """Four connections to the upload's route, each with as much as a file may have in its header, and one byte."""

    async def app(_scope: Any, receive: Callable[[], Any], send: Any) -> None:
        await send({"type": "http.response.start", "status": 200 + len((await receive())["body"])})

    async def run() -> list[int]:
        guard, answers = Guard(app, Limits(body_bytes=UPLOAD_BYTES_MAX)), list[int]()

        async def idle() -> Any:
            if not sent:
                await asyncio.Event().wait()
            return sent.pop()

        async def whole() -> Any:
            return {"type": "http.request", "body": b"{}"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answers.append(message["status"])

        def scope(path: str, length: int) -> Any:
            headers = [(b"content-length", str(length).encode()), (b"signature-input", b"a=()")]
            return {"type": "http", "method": "POST", "path": path, "headers": headers, "client": ("192.0.2.1", 1)}

        sent = [{"type": "http.request", "body": b"x", "more_body": True} for _ in range(4)]
        stuck = [
            asyncio.create_task(guard(scope("/v1/imports", UPLOAD_BYTES_MAX), idle, send)) for _ in range(len(sent))
        ]
        await asyncio.sleep(0.01)
        assert sent == []
        for path in ("/v1/session", "/v1/vouchers", "/v1/imports"):
            await guard(scope(path, 2), whole, send)
        for task in stuck:
            task.cancel()
        return answers

    assert asyncio.run(run()) == [202, 202, 202]


def held(bodies: Bodies, address: str) -> Body:
    return bodies.of(address, 2 * UPLOAD_BYTES_MAX, known=True)


def test_one_address_has_its_share_and_a_network_of_one_subscriber_is_one() -> None:
    bodies = Bodies(8 * UPLOAD_BYTES_MAX)
    first = [held(bodies, "192.0.2.1") for _ in range(3)]
    for one in first[:2]:
        one.announce(UPLOAD_BYTES_MAX)
        one.has(UPLOAD_BYTES_MAX)
    for act in (first[2].announce, first[2].has):
        with pytest.raises(BusyError, match="E_BODIES_AT_ONCE"):
            act(SMALL_BYTES + 1)
        act(SMALL_BYTES)
    first[0].let_go()
    first[0].let_go()
    first[2].has(SMALL_BYTES + 1)
    held(bodies, "192.0.2.2").has(2 * UPLOAD_BYTES_MAX)
    held(bodies, "2001:db8::1").has(2 * UPLOAD_BYTES_MAX)
    with pytest.raises(BusyError):
        held(bodies, "2001:db8::ffff:1").has(SMALL_BYTES + 1)
    held(bodies, "2001:db8:0:1::1").has(UPLOAD_BYTES_MAX)
    with pytest.raises(BusyError):
        held(bodies, "192.0.2.3").has(2 * UPLOAD_BYTES_MAX)
    last = held(bodies, "192.0.2.3")
    for length in range(0, UPLOAD_BYTES_MAX, UPLOAD_BYTES_MAX // 8):
        last.has(length)
    small = Bodies(SMALL_BYTES + 1)
    held(small, "192.0.2.1").has(SMALL_BYTES + 1)
    held(small, "192.0.2.1").has(SMALL_BYTES)


def test_each_route_takes_what_it_is_for(house: House) -> None:
    """Every route that takes a body takes a small one, or is in the table of those that take more."""
    document = house.client.get("/v1/openapi.json").json()["paths"]
    taking = {
        (method.upper(), path) for path in document for method, one in document[path].items() if "requestBody" in one
    }
    assert LARGE.keys() < taking
    client = guarded(house, Limits())
    for method, path in sorted(taking):
        most = LARGE.get((method, path), SMALL_BYTES)
        address = path.replace("{", "").replace("}", "")
        sent = {**FORGED, "content-type": "application/json"}
        answer = client.request(method, address, headers={**sent, "content-length": str(most + 1)}, content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (413, "E_BODY_TOO_LARGE"), path
        answer = client.request(method, address, headers={**sent, "content-length": str(most)}, content=b"{}")
        assert answer.status_code in {401, 403, 422}, path


JSON_LARGE = sorted(route for route in LARGE if route not in {("POST", "/v1/imports"), ("POST", "/v1/summaries/check")})


@pytest.mark.parametrize(("method", "path"), JSON_LARGE)
def test_what_a_stranger_sends_is_not_read_as_json(
    house: House, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    read: list[str] = []
    counted(monkeypatch, read, Request, "json")
    monkeypatch.setattr(VoucherIn, "model_validate_json", lambda _: read.append("model"))
    body = b"[" + b"{}," * 30_000 + b"{}]"
    strangers: dict[str, dict[str, str]] = {
        "E_REQUEST_SIGNATURE": FORGED,
        "E_READ_KEY": {"authorization": "Bearer x"},
        "E_SIGN_IN": {},
    }
    for code, sent in strangers.items():
        headers = {"content-type": "application/json", **sent}
        answer = house.client.request(method, path, content=body, headers=headers)
        assert (answer.status_code in {401, 403}, answer.json()["code"]) == (True, code)
        assert answer.headers.get("connection") == (None if sent else "close")
    assert read == []
    with monkeypatch.context() as nobody:
        nobody.setattr(Guard, "_whole", None)  # nor is it waited for
        assert house.client.request(method, path, content=body).status_code == 401
    key = read_key(house, "books")
    assert with_key(house, key, method, path, []).json()["code"] == "E_NOT_ALLOWED"
    assert read == []


def test_a_body_that_comes_too_slowly_is_given_up() -> None:
    """The guard alone, with a client that sends half of what it announced and then nothing."""
    sent: list[Any] = []
    served: list[bytes] = []

    async def app(_scope: Any, receive: Callable[[], Any], _send: Any) -> None:
        served.append((await receive())["body"])

    def request(messages: list[Any]) -> Any:
        async def receive() -> Any:
            if not messages:
                await asyncio.Event().wait()
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", b"4")]}
        return Guard(app, Limits(body_seconds=0.05))(scope, receive, send)

    half, rest = {"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.request", "body": b"cd"}
    asyncio.run(request([half]))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    sent.clear()
    asyncio.run(request([half, {"type": "http.disconnect"}]))
    assert (sent, served) == ([], []), "nobody is there to be answered"
    asyncio.run(request([half, rest]))
    assert served == [b"abcd"]


def test_the_figures_tell_what_was_asked_and_nothing_of_anybody(house: House) -> None:
    assert house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())))
    assert house.call(MAKER, "GET", "/v1/metrics").status_code == 403
    answer = house.call("guan-1", "GET", "/v1/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    told = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    with house.county.store.read() as connection:
        number, position = connection.execute(text("select number, position from head")).one()
    assert (float(told["ledger_size"]), float(told["ledger_position"])) == (number, position)
    assert float(told["ledger_commit_vouchers_count"]) == 1
    assert float(told['http_refused_total{code="E_NOT_ALLOWED"}']) == 1
    assert told['http_request_seconds_count{method="POST",route="/v1/vouchers",status="201"}'] == "1.0"
    assert 'ledger_projection_lag{model="pledges"}' in told
    assert not [name for name in house.county.keys if name in answer.text]


def test_a_full_disk_is_not_ready(house: House) -> None:
    assert house.get(None, "/v1/ready")["status"] == "ready"
    house.service.disk_bytes_min = 2**60
    answer = house.call(None, "GET", "/v1/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "E_DISK_LOW")
    assert answer.headers["retry-after"]
    assert house.get(None, "/v1/health")["status"] == "alive"


@on_both
def test_a_copy_that_was_moved_away_is_not_ready(house: House) -> None:
    """Whoever asks may be anybody: where it went is not told here."""
    with house.county.store.write(beside=True) as connection:
        enter(connection, MOVED, "2025-09-30T12:00:00+08:00", where="postgresql://ledger@db.internal/book")
    answer = house.call(None, "GET", "/v1/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "E_READY_MOVED")
    assert "db.internal" not in answer.text
    assert house.get(None, "/v1/health")["status"] == "alive"


@pytest.mark.parametrize("county", ["postgresql"], indirect=True)
def test_connections_that_were_cut_are_made_anew(house: House) -> None:
    assert house.get(MAKER, "/v1/balances")
    with house.county.store.engine.connect() as connection:
        others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        connection.execute(text(f"{others} and datname = current_database()"))
    answers = [house.call(MAKER, "GET", path) for path in ("/v1/balances", "/v1/rosters", "/v1/checkpoint")]
    assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]


@pytest.mark.parametrize("county", ["postgresql"], indirect=True)
def test_a_voucher_that_comes_after_all_connections_were_cut_is_posted_once(house: House) -> None:
    """At the latest when it is sent again, as every client does that is answered 503."""
    body = body_of(house.voucher(MAKER, "charity", donation()))
    house.call(MAKER, "GET", "/v1/balances")
    before = house.county.size()[0]
    with house.county.store.engine.connect() as connection:
        others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        connection.execute(text(f"{others} and datname = current_database()"))
    answers = [house.call(MAKER, "POST", "/v1/vouchers", body) for _ in range(4)]
    assert {answer.status_code for answer in answers} <= {200, 201, 503}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 503} <= {"E_DATABASE_AWAY"}
    assert answers[-1].status_code in {200, 201}
    assert house.county.size()[0] == before + 1


@on_both
def test_readiness_stands_for_the_head(house: House) -> None:
    ready = house.get(None, "/v1/ready")
    assert (ready["status"], ready["position"]) == ("ready", house.county.size()[0])


@on_both
@pytest.mark.parametrize("path", ["/v1/trails/fund:%00", "/v1/balances?entity=%00", "/v1/events?tag=a%00b"])
def test_the_character_that_no_text_has_is_refused_in_an_address(house: House, path: str) -> None:
    answer = house.call("auditor-1", "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (400, "E_REQUEST")


@pytest.mark.parametrize("media", ["application/json", "application/problem+json; charset=utf-8", "APPLICATION/X+JSON"])
def test_the_character_that_no_text_has_is_refused_in_a_body(house: House, media: str) -> None:
    body = {"envelope": {"payload": "", "payloadType": "\x00", "signatures": []}, "events": ["{}"]}
    answer = house.call("acct-charity", "POST", "/v1/vouchers", body, content_type=media)
    assert (answer.status_code, answer.json()["code"]) == (400, "E_REQUEST")


@pytest.mark.parametrize(
    "name", ["Host", "Content-Type", "Content-Length", "Authorization", "Origin", "Idempotency-Key"]
)
def test_of_two_headers_of_a_name_nobody_chooses_one(house: House, name: str) -> None:
    """The guard looks at one and the framework at another: a body could pass as text and be read as JSON."""
    values = {"Host": HOST, "Content-Type": "application/json", "Content-Length": "17"}
    said = values.get(name, "x")
    body = b'{"officer": "\\u0000"}'
    for other in (said, "text/plain"):
        headers = [(name, said), (name.lower(), other)]
        answer = house.client.post("/v1/session", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "E_REQUEST"), other
        assert name in answer.json()["detail"]
    several = [("Accept-Language", "en"), ("Accept-Language", "zh"), ("Cookie", "a=1"), ("Cookie", "b=2")]
    assert house.client.get("/v1/health", headers=several).status_code == 200
