"""System, security and audit are three people, named by two administrators; none of them keeps the books."""

from typing import Any

import pytest

from ledger.application.outcomes import Receipt
from ledger_api.access.duties import DUTIES
from ledger_api.http.callers import Caller, Permission
from tests.api.http.browsers import Browser, newcomer, signed_in
from tests.api.http.house import House, body_of, donation
from tests.application.proposing.county import TODAY

PEOPLE = {"system": "guan-1", "security": "guan-2", "audit": "auditor-1"}
PERMISSION = {"system": Permission.SYSTEM, "security": Permission.ACCESS, "audit": Permission.TRAIL}


def say(house: House, who: str, duty: str, officer: str, key: str | None = None) -> Any:
    body = {"duty": duty, "officer": officer}
    seen = house.call(who, "GET", "/v1/duties").headers["etag"]
    key = key or f"{who}-{duty}-{officer}"
    return house.call(who, "POST", "/v1/duties", body, idempotency_key=key, if_match=seen)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def caller(house: House, officer: str) -> Caller:
    return Caller(officer, "session", officer, house.service.authority(), duties=house.service.access.duties.held())


def named(house: House) -> None:
    for duty, officer in PEOPLE.items():
        assert say(house, "guan-1", duty, officer).json()["agreed"] is False
        assert say(house, "guan-3", duty, officer).json()["agreed"] is True


def test_two_administrators_name_a_person_and_one_does_not(house: House) -> None:
    assert say(house, "guan-1", "security", "guan-2").json()["agreed"] is False
    assert say(house, "guan-1", "security", "guan-2", "again").json()["agreed"] is False
    assert say(house, "guan-3", "security", "guan-3").json()["agreed"] is False, "another person is another proposal"
    assert say(house, "guan-2", "security", "guan-3").json()["agreed"] is True
    (held,) = house.get("acct-charity", "/v1/duties")["duties"]
    assert (held["duty"], held["officer"], held["by"]) == ("security", "guan-3", "guan-3, guan-2")


def test_three_duties_are_three_people_who_keep_no_books(house: House) -> None:
    named(house)
    for officer in PEOPLE.values():
        for duty in DUTIES:
            if PEOPLE[duty] != officer:
                assert refusal(say(house, "guan-1", duty, officer)) == (409, "E_DUTIES_MEET")
    assert refusal(say(house, "guan-1", "audit", "acct-charity")) == (409, "E_DUTY_BOOKKEEPING")
    assert refusal(say(house, "guan-1", "audit", "nobody")) == (422, "E_OFFICER_UNKNOWN")
    assert refusal(say(house, "guan-1", "money", "guan-3")) == (422, "E_DUTY_UNKNOWN")
    assert refusal(say(house, "auditor-1", "audit", "supervisor-1")) == (409, "E_DUTY_ADMINISTRATORS")
    assert {one["officer"] for one in house.get("guan-1", "/v1/duties")["duties"]} == set(PEOPLE.values())


def test_each_duty_opens_its_own_door_and_the_roles_alone_open_none_of_them(house: House) -> None:
    named(house)
    for officer in ("guan-1", "guan-2", "guan-3", "auditor-1", "acct-charity", "supervisor-1"):
        for duty, permission in PERMISSION.items():
            assert (caller(house, officer).where(permission) is None) == (PEOPLE[duty] == officer), (officer, duty)
    assert house.call("guan-2", "GET", "/v1/read-keys").status_code == 200
    for other in ("guan-1", "guan-3", "auditor-1"):
        assert refusal(house.call(other, "GET", "/v1/read-keys")) == (403, "E_NOT_ALLOWED")
        assert refusal(signed_in(house, other).call("GET", "/v1/read-keys")) == (403, "E_NOT_ALLOWED")


def test_whoever_watches_the_access_log_writes_no_business_and_the_other_way_round(house: House) -> None:
    body = body_of(house.voucher("auditor-1", "charity", donation()))
    named(house)
    for permission in (Permission.POST, Permission.IMPORT):
        assert caller(house, "auditor-1").where(permission) == frozenset()
    assert refusal(house.call("auditor-1", "POST", "/v1/vouchers", body)) == (403, "E_NOT_ALLOWED")
    assert refusal(signed_in(house, "auditor-1").call("POST", "/v1/vouchers", body)) == (403, "E_NOT_ALLOWED")
    for officer in ("acct-charity", "check-charity", "acct-bureau"):
        for permission in PERMISSION.values():
            assert caller(house, officer).where(permission) == frozenset()


def test_a_duty_does_not_count_once_its_holder_keeps_books(house: House) -> None:
    named(house)
    assert caller(house, "guan-2").where(Permission.ACCESS) is None
    grant = ("role.granted", {"officer": "guan-2", "role": "approver", "entity": "charity"})
    assert isinstance(house.county.post("guan-1", "book", [grant], "guan-3", day=TODAY), Receipt)
    assert refusal(house.call("guan-2", "GET", "/v1/read-keys")) == (403, "E_NOT_ALLOWED")


@pytest.mark.parametrize("duty", DUTIES)
def test_the_operator_names_on_the_machine_itself_by_the_same_rules(house: House, duty: str) -> None:
    access, now = house.service.access, int(house.seconds())
    authority = house.service.authority()
    assert access.duties.name(authority, duty, PEOPLE[duty], now).by == "operator"
    other = next(one for one in DUTIES if one != duty)
    with pytest.raises(Exception, match="E_DUTIES_MEET"):
        access.duties.name(authority, other, PEOPLE[duty], now)


def test_the_security_administrator_locks_a_login_and_its_sessions_end(house: House) -> None:
    named(house)
    house.service.access.logins.give("acct-charity", "operator", int(house.seconds()))
    browser = signed_in(house, "acct-charity")
    assert house.call("guan-1", "PUT", "/v1/logins/acct-charity/lock", {"locked": True}).status_code == 403
    locked = house.call("guan-2", "PUT", "/v1/logins/acct-charity/lock", {"locked": True})
    assert (locked.status_code, locked.json()["locked"]) == (200, True)
    assert refusal(browser.call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")
    (listed,) = house.get("guan-2", "/v1/logins")["logins"]
    assert (listed["officer"], listed["locked"]) == ("acct-charity", True)
    assert house.call("guan-2", "PUT", "/v1/logins/nobody/lock", {"locked": True}).status_code == 404
    told = house.get("auditor-1", "/v1/access-log")["rows"]
    assert [one["action"] for one in told] == ["duty.named"] * 3 + ["login.given", "login.locked"]


def test_a_password_alone_names_nobody(house: House) -> None:
    """A session without its second factor looks after itself and does nothing else, whoever's it is."""
    now = int(house.seconds())
    assert say(house, "guan-1", "security", "guan-2").json()["agreed"] is False
    for stage in ("enrolling", "changing"):
        with house.service.store.write() as connection:
            token, session = house.service.access.sessions.open(connection, "guan-3", stage, "testclient", now)
        browser = Browser(house, token, house.service.access.sessions.form_token(session))
        body = {"duty": "security", "officer": "guan-2"}
        assert refusal(browser.call("POST", "/v1/duties", body, idempotency_key=stage)) == (403, "E_SIGN_IN_UNFINISHED")
        assert refusal(browser.call("GET", "/v1/duties")) == (403, "E_SIGN_IN_UNFINISHED")
        assert browser.call("GET", "/v1/session").json()["permissions"] == ["self"]
    assert house.service.access.duties.held() == {}


def test_a_session_names_nobody_for_its_login_may_be_somebody_elses_gift(house: House) -> None:
    """The security administrator gave out guan-1's login, kept it, and would be two administrators alone."""
    now, duties = int(house.seconds()), house.service.access.duties
    duties.name(house.service.authority(), "security", "guan-2", now)
    duties.name(house.service.authority(), "audit", "auditor-1", now)
    seen = house.call("guan-2", "GET", "/v1/duties").headers["etag"]
    body = {"duty": "audit", "officer": "guan-1"}
    first = signed_in(house, "guan-1").call("POST", "/v1/duties", body, idempotency_key="first", if_match=seen)
    assert refusal(first) == (409, "E_DUTY_SIGNATURE")
    assert say(house, "guan-2", "audit", "guan-1").json()["agreed"] is False
    seen = house.call("guan-2", "GET", "/v1/duties").headers["etag"]
    second = signed_in(house, "guan-1").call("POST", "/v1/duties", body, idempotency_key="second", if_match=seen)
    assert refusal(second) == (409, "E_DUTY_SIGNATURE")
    assert duties.held() == {"security": "guan-2", "audit": "auditor-1"}
    assert say(house, "guan-1", "audit", "guan-1").json()["agreed"] is True, "the own key is what counts"


def test_who_is_no_administrator_learns_of_nobody_by_proposing(house: House) -> None:
    for officer in ("acct-charity", "nobody", "guan-2"):
        assert refusal(say(house, "auditor-1", "audit", officer)) == (409, "E_DUTY_ADMINISTRATORS")


def test_whoever_holds_an_administration_and_no_role_can_sign_in(house: House) -> None:
    """The office that looks after the logins needs a login of its own, with a second factor like the others."""
    county = house.county
    named_ = {"officer": "safe-1", "name": "安全员", "entity": "charity", "post": "other", "title": "安全管理员"}
    fact = ("officer.named", {**named_, "valid_from": "2025-01-01"})
    assert isinstance(county.post("guan-1", "book", [fact], "guan-2", day=TODAY), Receipt)
    with house.service.store.write() as connection:
        token, session = house.service.access.sessions.open(
            connection, "safe-1", "enrolling", "testclient", int(house.seconds())
        )
    browser = Browser(house, token, house.service.access.sessions.form_token(session))
    assert refusal(browser.call("GET", "/v1/session")) == (403, "E_NOT_ALLOWED")
    house.service.access.duties.name(house.service.authority(), "security", "safe-1", int(house.seconds()))
    assert browser.call("GET", "/v1/session").json()["permissions"] == ["self"]
    safe = newcomer(house, "safe-1")
    assert safe.call("GET", "/v1/read-keys").status_code == 200
    assert refusal(safe.call("GET", "/v1/balances")) == (403, "E_NOT_ALLOWED")
