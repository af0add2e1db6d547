"""Signing in: the front door, and those who try it from elsewhere, too often, too late, or with what they stole."""

import logging
from typing import Any

import pytest
from nacl import pwhash

from ledger.application.outcomes import Receipt
from ledger_api.access import limits, logins
from ledger_api.access.sessions import ABSOLUTE_S, IDLE_S, MOST
from ledger_api.http.access.ways import COOKIE
from tests.api.http.browsers import OTHER_PASSWORD, PASSWORD, SITE, Browser, counted, newcomer, signed_in, wait
from tests.api.http.house import House, body_of, donation
from tests.application.proposing.county import TODAY

MAKER = "acct-charity"


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_person_signs_in_and_hands_in_what_the_own_key_signed(house: House) -> None:
    browser = newcomer(house, MAKER)
    told = browser.call("GET", "/v1/session").json()
    assert (told["officer"], told["way"], told["stage"]) == (MAKER, "session", "full")
    assert {"post", "books", "self"} <= set(told["permissions"])
    assert browser.call("GET", "/v1/balances").status_code == 200
    handed_in = browser.call("POST", "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())))
    assert handed_in.status_code == 201, handed_in.text
    assert browser.call("DELETE", "/v1/session").json() == {"ended": 1}


def test_the_cookie_is_one_that_only_this_host_over_tls_gets(house: House) -> None:
    browser = Browser(house)
    first = house.service.access.logins.give(MAKER, "operator", int(house.seconds()))
    set_cookie = browser.sign_in(MAKER, first).headers["set-cookie"].lower()
    assert set_cookie.startswith(f"{COOKIE.lower()}=")
    for word in ("secure", "httponly", "samesite=strict", "path=/"):
        assert f"; {word}" in set_cookie
    assert "domain" not in set_cookie
    assert "max-age" not in set_cookie


def unfinished(browser: Browser) -> tuple[str, str]:
    """The step that is missing, and where it is taken: the cure is that, and no role."""
    for method, path in (("GET", "/v1/balances"), ("POST", "/v1/vouchers"), ("GET", "/v1/access-log")):
        answer = browser.call(method, path, {} if method == "POST" else None)
        assert refusal(answer) == (403, "E_SIGN_IN_UNFINISHED"), path
    told = answer.json()
    assert (told["params"]["where"] in told["detail"], "管理人员" in told["detail"]) == (True, False)
    return told["params"]["step"], told["params"]["where"]


def test_until_the_second_factor_and_an_own_password_stand_nothing_else_opens(house: House) -> None:
    browser = Browser(house)
    first = house.service.access.logins.give(MAKER, "operator", int(house.seconds()))
    assert browser.sign_in(MAKER, first).json()["stage"] == "enrolling"
    assert unfinished(browser) == ("second_factor", "/v1/session/second-factor")
    assert refusal(browser.call("PUT", "/v1/session/second-factor", {"code": "000000"})) == (401, "E_SIGN_IN_FAILED")
    browser.seed = browser.call("POST", "/v1/session/second-factor").json()["seed"]
    before = browser.cookie
    confirmed = browser.call("PUT", "/v1/session/second-factor", {"code": browser.code()})
    assert confirmed.json()["stage"] == "changing"
    assert browser.cookie != before, "a session that may do more is another one"
    assert unfinished(browser) == ("password", "/v1/session/password")
    assert refusal(browser.call("POST", "/v1/session/second-factor")) == (409, "E_SECOND_FACTOR_SET")
    changed = browser.call("PUT", "/v1/session/password", {"old": first, "new": PASSWORD})
    assert changed.json()["stage"] == "full"
    assert browser.call("GET", "/v1/balances").status_code == 200
    assert refusal(Browser(house, before).call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")


def test_what_a_new_session_is_told_it_may_do_is_what_it_may(house: House) -> None:
    """At each step of the front door, the answer that opens a session and the one that shows it are one."""
    browser = Browser(house)
    first = house.service.access.logins.give(MAKER, "operator", int(house.seconds()))
    told = [browser.sign_in(MAKER, first).json()]
    shown = [browser.call("GET", "/v1/session").json()]
    browser.seed = browser.call("POST", "/v1/session/second-factor").json()["seed"]
    told.append(browser.call("PUT", "/v1/session/second-factor", {"code": browser.code()}).json())
    shown.append(browser.call("GET", "/v1/session").json())
    told.append(browser.call("PUT", "/v1/session/password", {"old": first, "new": PASSWORD}).json())
    shown.append(browser.call("GET", "/v1/session").json())
    assert told == shown
    assert [one["stage"] for one in told] == ["enrolling", "changing", "full"]
    assert [one["permissions"] for one in told[:2]] == [["self"], ["self"]]
    assert {"post", "books", "import", "self"} <= set(told[2]["permissions"])


def test_whatever_is_wrong_the_answer_and_the_work_are_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = newcomer(house, MAKER)
    house.service.access.logins.give("check-charity", "operator", int(house.seconds()))
    house.service.access.logins.lock("check-charity", "operator", int(house.seconds()), locked=True)
    work: list[str] = []
    counted(monkeypatch, work, pwhash, "verify")
    counted(monkeypatch, work, logins, "step_of")
    code, seen = browser.next_code(), []
    for officer, password, shown in [
        (MAKER, "wrong password here", code),
        (MAKER, PASSWORD, "000000"),
        (MAKER, PASSWORD, ""),
        ("check-charity", "whatever it may be", "000000"),
        ("nobody-at-all", "whatever it may be", "000000"),
        ("nobody\r\nat all", "whatever it may be", "000000"),
    ]:
        work.clear()
        answer = Browser(house).sign_in(officer, password, shown)
        problem = answer.json()
        seen.append((answer.status_code, problem["code"], problem["detail"], problem["params"], tuple(work)))
    assert len({repr(one) for one in seen}) == 1
    assert seen[0][:2] == (401, "E_SIGN_IN_FAILED")
    assert seen[0][4] == ("verify", "step_of")


def test_a_code_counts_once(house: House) -> None:
    browser = newcomer(house, MAKER)
    code = browser.next_code()
    assert Browser(house).sign_in(MAKER, PASSWORD, code).status_code == 201
    assert refusal(Browser(house).sign_in(MAKER, PASSWORD, code)) == (401, "E_SIGN_IN_FAILED")
    wait(house, 30)
    late = browser.code()
    assert Browser(house).sign_in(MAKER, PASSWORD, late).status_code == 201
    wait(house, 30)
    assert refusal(Browser(house).sign_in(MAKER, PASSWORD, late)) == (401, "E_SIGN_IN_FAILED")
    old = browser.code()
    wait(house, 90)
    assert refusal(Browser(house).sign_in(MAKER, PASSWORD, old)) == (401, "E_SIGN_IN_FAILED")


@pytest.mark.parametrize("officer", [MAKER, "nobody-at-all"])
def test_guessing_waits_longer_and_longer_whether_or_not_there_is_an_account(house: House, officer: str) -> None:
    browser = newcomer(house, MAKER)
    guess = Browser(house)
    waits = []
    for _ in range(limits.FREE_ACCOUNT):
        assert refusal(guess.sign_in(officer, "not the password", "000000"))[0] == 401
    for _ in range(3):
        told = guess.sign_in(officer, "not the password", "000000")
        assert refusal(told) == (429, "E_SIGN_IN_WAIT")
        waits.append(int(told.headers["retry-after"]))
        wait(house, waits[-1])
        assert refusal(guess.sign_in(officer, "not the password", "000000"))[0] == 401
    assert waits == [limits.FIRST_WAIT_S, 2 * limits.FIRST_WAIT_S, 4 * limits.FIRST_WAIT_S]
    if officer == MAKER:
        assert refusal(browser.sign_in(MAKER, PASSWORD, browser.code())) == (429, "E_SIGN_IN_WAIT")
        wait(house, 8 * limits.FIRST_WAIT_S)
        assert browser.sign_in(MAKER, PASSWORD, browser.code()).status_code == 201
        assert guess.sign_in(MAKER, "not the password", "000000").status_code == 401, "counted from the beginning"


def trail(house: House) -> list[tuple[str, str, str, str]]:
    """What the access log tells of ways in: who did what to whose, from where."""
    rows = house.get("auditor-1", "/v1/access-log?limit=200")["rows"]
    return [(one["actor"], one["action"], one["subject"], one["detail"]) for one in rows]


def test_whoever_fails_to_sign_in_and_whoever_leaves_stands_in_the_access_log(house: House) -> None:
    browser = newcomer(house, MAKER)
    before, here = len(trail(house)), "testclient"
    guess = Browser(house)
    for _ in range(limits.FREE_ACCOUNT + 2):
        guess.sign_in(MAKER, "not the password", "000000")
    once = [("-", "session.refused", MAKER, here)]
    assert trail(house)[before:] == once * limits.FREE_ACCOUNT + [("-", "login.waits", MAKER, here)]
    before = len(trail(house))
    wait(house, limits.FIRST_WAIT_S)
    body = {"old": "not the old one", "new": OTHER_PASSWORD}
    assert refusal(browser.call("PUT", "/v1/session/password", body))[0] == 401
    assert browser.call("DELETE", "/v1/session").status_code == 200
    other = signed_in(house, MAKER)
    assert other.call("DELETE", "/v1/sessions").json() == {"ended": 1}
    house.service.access.logins.give(MAKER, "operator", int(house.seconds()))
    assert trail(house)[before:] == [
        (MAKER, "password.refused", MAKER, here),
        (MAKER, "login.waits", MAKER, here),
        (MAKER, "session.ended", MAKER, here),
        (MAKER, "sessions.ended", MAKER, here),
        ("operator", "login.reset", MAKER, ""),
    ]


def test_a_code_that_was_used_before_is_told_as_a_failure(house: House) -> None:
    browser = newcomer(house, MAKER)
    code = browser.next_code()
    assert Browser(house).sign_in(MAKER, PASSWORD, code).status_code == 201
    assert refusal(Browser(house).sign_in(MAKER, PASSWORD, code))[0] == 401
    assert [one[1] for one in trail(house)[-2:]] == ["session.opened", "session.refused"]


def test_one_address_that_tries_many_accounts_waits(house: House) -> None:
    for number in range(limits.FREE_ADDRESS):
        assert refusal(Browser(house).sign_in(f"nobody-{number}", "not the password", ""))[0] == 401
    assert refusal(Browser(house).sign_in("nobody-else", "not the password", "")) == (429, "E_SIGN_IN_WAIT")
    told = trail(house)
    assert [one[1] for one in told] == ["session.refused"] * limits.FREE_ADDRESS + ["address.waits"]
    assert not any("nobody" in one[2] for one in told), "what was typed for a name may be a password"
    assert len({one[2] for one in told[:-1]}) == limits.FREE_ADDRESS


CROSS_SITE: dict[str, dict[str, str | None]] = {
    "another site": {"sec_fetch_site": "cross-site"},
    "a sibling": {"sec_fetch_site": "same-site"},
    "typed by hand": {"sec_fetch_site": "none"},
    "another origin": {"origin": "https://elsewhere.test"},
    "another port": {"origin": f"{SITE}:444"},
    "a sandbox": {"origin": "null"},
    "no word of where from": {"sec_fetch_site": None, "origin": None},
    "another origin, old browser": {"sec_fetch_site": None, "origin": "https://elsewhere.test"},
}


@pytest.mark.parametrize("how", CROSS_SITE)
def test_another_sites_page_does_nothing_with_a_persons_cookie(house: House, how: str) -> None:
    browser, before = signed_in(house, MAKER), house.county.size()
    body = body_of(house.voucher(MAKER, "charity", donation()))
    for method, path in [("POST", "/v1/vouchers"), ("DELETE", "/v1/session"), ("DELETE", "/v1/sessions")]:
        sent = body if method == "POST" else None
        assert refusal(browser.call(method, path, sent, **CROSS_SITE[how])) == (403, "E_CROSS_SITE")
    login = {"officer": MAKER, "password": PASSWORD, "code": ""}
    assert refusal(Browser(house).call("POST", "/v1/session", login, **CROSS_SITE[how])) == (403, "E_CROSS_SITE")
    assert house.county.size() == before
    assert browser.call("GET", "/v1/session").status_code == 200


@pytest.mark.parametrize("token", [None, "", "0" * 64, "too short", "of another session"])
def test_without_the_sessions_own_token_nothing_changes(house: House, token: str | None) -> None:
    browser, before = signed_in(house, MAKER), house.county.size()
    if token == "of another session":
        token = signed_in(house, MAKER).form_token
    answer = browser.call(
        "POST", "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())), ledger_csrf=token
    )
    assert refusal(answer) == (403, "E_CSRF")
    assert house.county.size() == before


def test_an_old_browser_says_its_origin_only(house: House) -> None:
    browser = signed_in(house, MAKER)
    assert browser.call("DELETE", "/v1/session", sec_fetch_site=None).status_code == 200


def test_a_cookie_that_somebody_planted_or_stole_opens_nothing(house: House) -> None:
    planted = Browser(house, "A" * 43)
    assert refusal(planted.call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")
    browser = newcomer(house, MAKER)
    before = browser.cookie
    assert browser.sign_in(MAKER, PASSWORD, browser.next_code()).status_code == 201
    assert browser.cookie != before
    assert refusal(Browser(house, before).call("GET", "/v1/session")) == (401, "E_SESSION_ENDED"), "rotated"
    stolen = browser.cookie
    assert browser.call("DELETE", "/v1/session").status_code == 200
    assert refusal(Browser(house, stolen).call("GET", "/v1/balances")) == (401, "E_SESSION_ENDED")
    for nonsense in ("", "x" * 5000, "%00", "a;b"):
        assert refusal(Browser(house, nonsense or '""').call("GET", "/v1/balances")) == (401, "E_SESSION_ENDED")


def test_a_session_ends_idle_or_old(house: House) -> None:
    idle, busy = signed_in(house, MAKER), signed_in(house, "check-charity")
    for _ in range(ABSOLUTE_S // (IDLE_S - 60)):
        wait(house, IDLE_S - 60)
        assert busy.call("GET", "/v1/session").status_code == 200
    assert refusal(idle.call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")
    wait(house, IDLE_S - 60)
    assert refusal(busy.call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")


def test_all_of_ones_sessions_are_seen_and_ended_and_those_of_others_stay(house: House) -> None:
    mine = [signed_in(house, MAKER) for _ in range(3)]
    other = signed_in(house, "check-charity")
    listed = mine[0].call("GET", "/v1/sessions").json()["sessions"]
    assert len(listed) == 3
    assert all((one.cookie or "") not in str(listed) for one in mine)
    assert mine[0].call("DELETE", "/v1/sessions").json() == {"ended": 3}
    assert {refusal(one.call("GET", "/v1/session")) for one in mine} == {(401, "E_SESSION_ENDED")}
    assert other.call("GET", "/v1/session").status_code == 200
    many = [signed_in(house, MAKER) for _ in range(MOST + 2)]
    assert len(many[-1].call("GET", "/v1/sessions").json()["sessions"]) == MOST


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(house: House) -> None:
    browser, other = newcomer(house, MAKER), signed_in(house, MAKER)
    wrong = browser.call("PUT", "/v1/session/password", {"old": "not the old one", "new": OTHER_PASSWORD})
    assert refusal(wrong) == (401, "E_SIGN_IN_FAILED")
    for new, code in [
        ("short", "E_PASSWORD_LENGTH"),
        ("x" * 129, "E_PASSWORD_LENGTH"),
        ("password1234567", "E_PASSWORD_COMMON"),
        ("839201847562", "E_PASSWORD_COMMON"),
        ("aaaaaaaaaaaaaaa", "E_PASSWORD_COMMON"),
        ("acct-charity2025", "E_PASSWORD_COMMON"),
        ("qwertyuiopasdfgh", "E_PASSWORD_COMMON"),
        (PASSWORD, "E_PASSWORD_SAME"),
    ]:
        answer = browser.call("PUT", "/v1/session/password", {"old": PASSWORD, "new": new})
        assert refusal(answer) == (422, code), new
    before = browser.cookie
    changed = browser.call("PUT", "/v1/session/password", {"old": PASSWORD, "new": OTHER_PASSWORD})
    assert changed.status_code == 200
    assert refusal(other.call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")
    assert refusal(Browser(house, before).call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")
    assert refusal(Browser(house).sign_in(MAKER, PASSWORD, browser.next_code())) == (401, "E_SIGN_IN_FAILED")
    assert Browser(house).sign_in(MAKER, OTHER_PASSWORD, browser.code()).status_code == 201


def test_reset_and_lock_end_every_session_and_a_reset_asks_for_a_new_telephone(house: House) -> None:
    browser = newcomer(house, MAKER)
    house.service.access.logins.lock(MAKER, "operator", int(house.seconds()), locked=True)
    assert refusal(browser.call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")
    assert refusal(Browser(house).sign_in(MAKER, PASSWORD, browser.next_code())) == (401, "E_SIGN_IN_FAILED")
    house.service.access.logins.lock(MAKER, "operator", int(house.seconds()), locked=False)
    assert browser.sign_in(MAKER, PASSWORD, browser.next_code()).status_code == 201
    first = house.service.access.logins.give(MAKER, "operator", int(house.seconds()))
    assert refusal(browser.call("GET", "/v1/session")) == (401, "E_SESSION_ENDED")
    assert browser.sign_in(MAKER, first).json()["stage"] == "enrolling"


def test_a_role_that_is_withdrawn_leaves_the_session_nothing(house: House) -> None:
    browser = signed_in(house, "supervisor-1")
    assert browser.call("GET", "/v1/balances").status_code == 200
    fields = {"officer": "supervisor-1", "role": "supervisor", "entity": None}
    assert isinstance(house.county.post("guan-1", "book", [("role.withdrawn", fields)], "guan-2", day=TODAY), Receipt)
    assert refusal(browser.call("GET", "/v1/balances")) == (403, "E_NOT_ALLOWED")


def test_no_name_makes_a_line_of_the_servers_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="ledger.http.access"):
        Browser(house).sign_in('li"}\r\n{"caller": "guan-1', "not the password", "")
        house.call(None, "GET", "/v1/trails/a%0d%0a%7B%22caller%22")
    assert len(caplog.records) == 2
    for record in caplog.records:
        assert "\n" not in record.getMessage()
        assert "guan-1" not in record.getMessage()
        assert "not the password" not in record.getMessage()


def test_what_the_database_holds_opens_no_door(house: House) -> None:
    browser = newcomer(house, MAKER)
    raw = b"".join(one.read_bytes() for one in house.county.folder.glob("*") if one.is_file())
    assert (browser.cookie or "?").encode() not in raw
    assert (browser.form_token or "?").encode() not in raw
    assert browser.seed.encode() not in raw
    assert PASSWORD.encode() not in raw
