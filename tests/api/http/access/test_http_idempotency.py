"""A request sent again: one effect, one answer, in every order that programs send it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, func, insert, select

from ledger.errors import InputError, LedgerError, RefusedError
from ledger.log.side_tables import drafts, requests
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.access.former import hand_over, own_secrets
from ledger_api.http.app import create_app
from ledger_api.http.callers import Caller
from ledger_api.http.models import Strict
from ledger_api.http.safeguards.idempotency import REPLAYED, once
from ledger_api.http.service import Service
from tests.api.http.browsers import signed_in
from tests.api.http.house import HOST, House, on_both


class Made(Strict):
    """What the work under test answers."""

    draft: str
    secret: str


class Effect:
    """Work with an effect in the database, that counts itself."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, connection: Connection) -> tuple[int, Made]:
        self.done += 1
        name = f"draft-{self.done}"
        row = {"draft_id": name, "owner": "o", "entity": "e", "title": "t", "body": b"", "changed_at": ""}
        connection.execute(insert(drafts), row)
        return 201, Made(draft=name, secret="shown-once")


def caller(house: House, name: str = "acct-charity") -> Caller:
    return Caller(name, "signature", name, house.service.authority())


def kept(house: House) -> tuple[int, int]:
    with house.service.store.read() as connection:
        counts = [connection.scalar(select(func.count()).select_from(one)) for one in (drafts, requests)]
    return counts[0] or 0, counts[1] or 0


@contextmanager
def other_process(house: House) -> Iterator[TestClient]:
    """A client of another process that serves the same book, or of the same one started again."""
    service = Service(house.service.book, house.service.operator)
    yield TestClient(create_app(service), base_url=f"http://{HOST}")


def test_the_same_request_has_one_effect_and_one_answer(house: House) -> None:
    work = Effect()
    first = once(house.service, caller(house), "k", b'{"a": 1, "b": 2}', work)
    again = once(house.service, caller(house), "k", b'{"b":2,"a":1}', work)
    assert (first.status_code, first.body) == (again.status_code, again.body) == (201, first.body)
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert (work.done, kept(house)) == (1, (1, 1))


def test_a_key_is_one_callers_for_one_address(house: House) -> None:
    work = Effect()
    for who, key in [("acct-charity", "k"), ("check-charity", "k"), ("acct-charity", "POST /v1/x\nk")]:
        assert REPLAYED not in once(house.service, caller(house, who), key, b"", work).headers
    assert work.done == 3


def test_an_answer_is_known_after_the_operators_key_was_changed_twice(house: House) -> None:
    work, said = Effect(), caller(house)
    first = once(house.service, said, "k", b"1", work)
    before = house.service.operator
    for count in (2, 3):
        after = NoteSigner(before.name, SigningKey.generate())
        hand_over(house.service.store, before, after, house.service.now())
        later, before = Service(house.service.book, after), after
        again = once(later, said, "k", b"1", work)
        assert (again.body, again.headers.get(REPLAYED), work.done) == (first.body, "true", count - 1)
        with pytest.raises(InputError, match="E_IDEMPOTENCY_BODY"):
            once(later, said, "k", b"2", work)
        assert REPLAYED not in once(later, caller(house, "check-charity"), f"k{count}", b"1", work).headers
    stranger = Service(house.service.book, NoteSigner(before.name, SigningKey.generate()))
    assert stranger.answers() == [own_secrets(stranger.operator)], "nothing was left for a key that took no place"


def test_the_answer_of_before_is_not_given_to_another_caller(house: House) -> None:
    work = Effect()
    once(house.service, caller(house), "k", b"1", work)
    after = NoteSigner(house.service.operator.name, SigningKey.generate())
    hand_over(house.service.store, house.service.operator, after, house.service.now())
    later = Service(house.service.book, after)
    assert REPLAYED not in once(later, caller(house, "check-charity"), "k", b"1", work).headers
    assert work.done == 2


def test_another_body_or_no_key_is_refused_and_does_nothing(house: House) -> None:
    work = Effect()
    once(house.service, caller(house), "k", b"1", work)
    with pytest.raises(InputError) as other:
        once(house.service, caller(house), "k", b"2", work)
    assert (other.value.code, other.value.http_status) == ("E_IDEMPOTENCY_BODY", 422)
    for key in ("", "POST /v1/x\n", "x" * 201, "POST /v1/x\n\t"):
        with pytest.raises(InputError) as missing:
            once(house.service, caller(house), key, b"1", work)
        assert (missing.value.code, missing.value.http_status) == ("E_IDEMPOTENCY_KEY", 400)
    assert (work.done, kept(house)) == (1, (1, 1))


def test_what_fails_leaves_neither_effect_nor_answer_and_may_be_tried_again(house: House) -> None:
    work = Effect()

    def broken(connection: Connection) -> tuple[int, Made]:
        work(connection)
        raise RefusedError("E_REFUSED")

    with pytest.raises(LedgerError):
        once(house.service, caller(house), "k", b"", broken)
    assert kept(house) == (0, 0)
    assert once(house.service, caller(house), "k", b"", work).status_code == 201
    assert kept(house) == (1, 1)


def test_the_same_request_twice_at_once_is_told_to_wait(house: House) -> None:
    inside, leave, work = threading.Event(), threading.Event(), Effect()

    def slow(connection: Connection) -> tuple[int, Made]:
        inside.set()
        leave.wait()
        return work(connection)

    answers: list[int] = []
    first = threading.Thread(
        target=lambda: answers.append(once(house.service, caller(house), "k", b"", slow).status_code)
    )
    first.start()
    inside.wait()
    with pytest.raises(RefusedError) as running:
        once(house.service, caller(house), "k", b"", work)
    leave.set()
    first.join()
    assert (running.value.code, answers, work.done) == ("E_REQUEST_RUNNING", [201], 1)
    assert once(house.service, caller(house), "k", b"", work).headers[REPLAYED] == "true"


def test_what_is_kept_shows_neither_key_nor_answer(house: House) -> None:
    once(house.service, caller(house), "POST /v1/x\nmy-own-key", b"", Effect())
    with house.service.store.read() as connection:
        (row,) = connection.execute(select(requests)).all()
    told = repr(tuple(row))
    assert "my-own-key" not in told
    assert "shown-once" not in told


@on_both
def test_a_signed_change_counts_once_whichever_process_takes_it(house: House) -> None:
    """A lock that was opened and shut again is not opened by the first request, at a process that never saw it."""
    house.service.access.logins.give("check-charity", "operator", int(house.seconds()))
    path, sent = "/v1/logins/check-charity/lock", {"content-type": "application/json"}
    with other_process(house) as other:
        bodies = [b'{"locked": false}', b'{"locked": true}']
        signed = [{**sent, **house.signed("guan-1", "PUT", path, body, sent)} for body in bodies]
        for body, headers in zip(bodies, signed, strict=True):
            assert house.client.put(path, content=body, headers=headers).status_code == 200
        for client in (house.client, other, other):
            again = client.put(path, content=bodies[0], headers=signed[0])
            assert (again.status_code, again.json()["code"]) == (403, "E_REQUEST_REPLAYED")
    assert [one.locked for one in house.service.access.logins.states()] == [True]


def test_every_change_that_is_signed_is_kept_and_nothing_else_is(house: House) -> None:
    document = house.client.get("/v1/openapi.json").json()["paths"]
    changes = {(m.upper(), path) for path, one in document.items() for m in one if m in {"put", "patch", "delete"}}
    assert len(changes) >= 8
    with other_process(house) as other:
        for method, path in sorted(changes):
            path_here, sent = path.replace("{", "").replace("}", ""), {"content-type": "application/json"}
            headers = {**sent, **house.signed("guan-1", method, path_here, b"{}", sent)}
            first = house.client.request(method, path_here, content=b"{}", headers=headers)
            assert first.json().get("code") != "E_REQUEST_REPLAYED", path
            again = other.request(method, path_here, content=b"{}", headers=headers)
            assert (again.status_code, again.json()["code"]) == (403, "E_REQUEST_REPLAYED"), path
    before = kept(house)
    assert before[1] == len(changes)
    spoilt = house.signed("guan-1", "DELETE", "/v1/read-keys/x", b"", {}) | {"signature": "sig=:AA==:"}
    assert house.client.delete("/v1/read-keys/x", headers=spoilt).status_code == 403
    house.get("auditor-1", "/v1/pending")
    assert house.call("guan-1", "POST", "/v1/vouchers", {}).status_code == 422
    assert signed_in(house, "guan-1").call("DELETE", "/v1/read-keys/x").status_code == 404
    assert kept(house) == before
