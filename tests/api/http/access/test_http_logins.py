"""Logins over the network: given out, reset and locked by the security administrator, each secret shown once."""

from typing import Any

import pytest
from sqlalchemy import select

from ledger.log.side_tables import access_log, requests
from tests.api.http.browsers import PASSWORD, Browser, newcomer, signed_in, wait
from tests.api.http.house import House, on_both

GUARD, PERSON = "guan-1", "check-charity"


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def give(house: House, officer: str, key: str = "k-1", who: str = GUARD) -> Any:
    return house.call(who, "POST", "/v1/logins", {"officer": officer}, idempotency_key=key)


def reset(house: House, officer: str, key: str = "r-1", who: str = GUARD) -> Any:
    return house.call(who, "POST", f"/v1/logins/{officer}/reset", None, idempotency_key=key)


def enrolled(house: House, officer: str, first: str) -> Browser:
    """From the first password to a full session."""
    browser = Browser(house)
    assert browser.sign_in(officer, first).json()["stage"] == "enrolling"
    browser.seed = browser.call("POST", "/v1/session/second-factor").json()["seed"]
    assert browser.call("PUT", "/v1/session/second-factor", {"code": browser.code()}).status_code == 200
    changed = browser.call("PUT", "/v1/session/password", {"old": first, "new": PASSWORD})
    assert changed.json()["stage"] == "full", changed.text
    return browser


@on_both
def test_a_login_is_given_out_once_whatever_happens_to_the_answer(house: House) -> None:
    first = give(house, PERSON)
    again = give(house, PERSON)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert refusal(give(house, PERSON, "k-2")) == (409, "E_LOGIN_EXISTS")
    browser = enrolled(house, PERSON, first.json()["password"])
    assert browser.call("GET", "/v1/balances?entity=charity").status_code == 200
    with house.service.store.read() as connection:
        rows = connection.execute(select(access_log).where(access_log.c.action == "login.given")).all()
        kept = b"".join(bytes(row.answer) for row in connection.execute(select(requests)))
    assert [(row.actor, row.subject) for row in rows] == [(GUARD, PERSON)]
    assert first.json()["password"].encode() not in kept


def test_a_reset_ends_every_session_and_takes_the_telephone_away(house: House) -> None:
    browser = newcomer(house, PERSON)
    answer = reset(house, PERSON)
    assert answer.status_code == 201
    assert refusal(browser.call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")
    wait(house, 30)
    assert refusal(browser.sign_in(PERSON, PASSWORD, browser.code())) == (401, "E_SIGN_IN_FAILED")
    assert reset(house, PERSON).json() == answer.json(), "sent again it is the same answer and no second reset"
    enrolled(house, PERSON, answer.json()["password"])


def test_who_is_unknown_gets_no_login_and_none_is_reset_that_is_not_there(house: House) -> None:
    assert refusal(give(house, "nobody")) == (422, "E_OFFICER_UNKNOWN")
    assert refusal(reset(house, PERSON)) == (404, "E_LOGIN_UNKNOWN")
    assert refusal(reset(house, "nobody", "r-2")) == (404, "E_LOGIN_UNKNOWN")
    assert refusal(house.call(GUARD, "POST", "/v1/logins", {"officer": PERSON})) == (400, "E_IDEMPOTENCY_KEY")
    assert house.get(GUARD, "/v1/logins")["logins"] == []


@pytest.mark.parametrize("officer", ["acct-charity", "auditor-1", "supervisor-1", "machine-1"])
def test_whoever_does_not_look_after_security_gives_nothing_out(house: House, officer: str) -> None:
    assert refusal(give(house, PERSON, who=officer)) == (403, "E_NOT_ALLOWED")
    assert refusal(reset(house, PERSON, who=officer)) == (403, "E_NOT_ALLOWED")
    assert house.get(GUARD, "/v1/logins")["logins"] == []


def test_a_stolen_session_of_the_administrator_does_not_become_the_administrators_login(house: House) -> None:
    newcomer(house, GUARD)
    stolen = signed_in(house, GUARD)
    answer = stolen.call("POST", f"/v1/logins/{GUARD}/reset", idempotency_key="k")
    assert refusal(answer) == (409, "E_LOGIN_OWN")
    given = stolen.call("POST", "/v1/logins", {"officer": GUARD}, idempotency_key="k")
    assert refusal(given) == (409, "E_LOGIN_OWN")
    assert house.get(GUARD, "/v1/logins")["logins"][0]["second_factor"] is True


def test_the_security_administrator_does_not_become_the_auditor(house: House) -> None:
    """Three administrations in three hands stay three, whoever gives out the logins."""
    now, duties = int(house.seconds()), house.service.access.duties
    for duty, officer in (("security", GUARD), ("audit", "auditor-1"), ("system", "guan-2")):
        duties.name(house.service.authority(), duty, officer, now)
    for officer in ("auditor-1", "guan-2"):
        assert refusal(give(house, officer, f"k-{officer}")) == (409, "E_LOGIN_DUTY")
        house.service.access.logins.give(officer, "operator", now)
        assert refusal(reset(house, officer, f"r-{officer}")) == (409, "E_LOGIN_DUTY")
    assert refusal(give(house, PERSON, who="guan-3")) == (403, "E_NOT_ALLOWED")
    assert give(house, PERSON, "k-2").status_code == 201


@pytest.mark.parametrize("locked", [True, False])
def test_nobody_is_kept_out_by_whom_they_watch(house: House, locked: bool) -> None:  # noqa: FBT001 - pytest's way
    """The security administrator locks neither the auditor, nor an administrator, nor the own login."""
    now, access = int(house.seconds()), house.service.access
    whose = {"auditor-1": "E_LOGIN_DUTY", "guan-2": "E_LOGIN_ADMINISTRATOR", GUARD: "E_LOGIN_OWN", PERSON: None}
    for officer in whose:
        access.logins.give(officer, "operator", now)
        access.logins.lock(officer, "operator", now, locked=not locked)
    before = {one.officer: one.locked for one in access.logins.states()}
    assert refusal(_lock(house, GUARD, locked=locked)) == (409, "E_LOGIN_OWN"), "before there are duties as well"
    for duty, officer in (("security", GUARD), ("audit", "auditor-1")):
        access.duties.name(house.service.authority(), duty, officer, now)
    for officer, code in whose.items():
        answer = _lock(house, officer, locked=locked)
        assert (answer.status_code, answer.json().get("code")) == (200 if code is None else 409, code), officer
    after = {one.officer: one.locked for one in access.logins.states()}
    assert after == {**before, PERSON: locked}


def _lock(house: House, officer: str, *, locked: bool) -> Any:
    return house.call(GUARD, "PUT", f"/v1/logins/{officer}/lock", {"locked": locked})


def test_the_security_administrator_does_not_become_another_administrator(house: House) -> None:
    """Two administrators name whoever watches; one who gives out the login of the other would be both."""
    now, access = int(house.seconds()), house.service.access
    access.duties.name(house.service.authority(), "security", GUARD, now)
    assert refusal(give(house, "guan-3")) == (409, "E_LOGIN_ADMINISTRATOR")
    assert house.get(GUARD, "/v1/logins")["logins"] == []
    access.logins.give("guan-3", "operator", now)
    assert refusal(reset(house, "guan-3")) == (409, "E_LOGIN_ADMINISTRATOR")
