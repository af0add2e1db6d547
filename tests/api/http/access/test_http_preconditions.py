"""A change that says what it was decided on is not made on anything else."""

from typing import Any

from tests.api.http.house import House
from tests.api.http.uploads import MAKER, put, roster
from tests.application.importing.offices import delimited, sample
from tests.application.proposing.county import MONTH


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_two_windows_do_not_choose_past_each_other(house: House) -> None:
    path = f"/v1/imports/{roster(house)['id']}"
    seen = house.call(MAKER, "GET", path).headers["etag"]
    assert house.call(MAKER, "GET", path).headers["etag"] == seen, "looking changes nothing"
    first = house.call(MAKER, "PATCH", path, {"note": "一"}, if_match=seen)
    assert first.status_code == 200
    assert refusal(house.call(MAKER, "PATCH", path, {"note": "二"}, if_match=seen)) == (412, "E_STATE_CHANGED")
    assert refusal(house.call(MAKER, "DELETE", path, if_match=seen)) == (412, "E_STATE_CHANGED")
    now = first.headers["etag"]
    assert house.call(MAKER, "PATCH", path, {"note": "二"}, if_match=f'"other", {now}').status_code == 200
    assert house.get(MAKER, path)["chosen"]["note"] == "二"
    assert house.call(MAKER, "PATCH", path, {"note": "三"}, if_match="*").status_code == 200


def test_who_does_not_say_what_was_looked_at_changes_nothing(house: House) -> None:
    path = f"/v1/imports/{roster(house)['id']}"
    before = house.get(MAKER, path)
    for method, body in (("PATCH", {"note": "四"}), ("DELETE", None)):
        assert refusal(house.call(MAKER, method, path, body)) == (428, "E_STATE_NEEDED")
        assert refusal(house.call(MAKER, method, path, body, if_match=" ")) == (428, "E_STATE_NEEDED")
    assert house.get(MAKER, path) == before
    assert house.call(MAKER, "DELETE", path, if_match="*").status_code == 204


def test_an_uploads_first_answer_says_its_state_and_a_repeated_one_does_not(house: House) -> None:
    """What was kept of the first may be another state by then."""
    data = delimited(sample("dibao_roster")).encode()
    first, again = (put(house, data, officer=MAKER, month=MONTH) for _ in range(2))
    assert first.json() == again.json()
    assert "etag" not in again.headers
    path = f"/v1/imports/{first.json()['id']}"
    assert house.call(MAKER, "GET", path).headers["etag"] == first.headers["etag"]
    assert house.call(MAKER, "PATCH", path, {"note": "一"}, if_match=first.headers["etag"]).status_code == 200


def test_a_round_that_was_handed_out_meanwhile_is_not_thrown_away(house: House) -> None:
    path = f"/v1/imports/{roster(house)['id']}"
    seen = house.call(MAKER, "GET", path).headers["etag"]
    assert house.call(MAKER, "POST", f"{path}/proposals").status_code == 200
    assert refusal(house.call(MAKER, "PATCH", path, {"batch": "02"}, if_match=seen)) == (412, "E_STATE_CHANGED")


def test_an_administrator_agrees_to_what_was_seen(house: House) -> None:
    def say(who: str, officer: str, key: str, **more: str) -> Any:
        return house.call(who, "POST", "/v1/duties", {"duty": "audit", "officer": officer}, idempotency_key=key, **more)

    seen = house.call("guan-3", "GET", "/v1/duties").headers["etag"]
    assert refusal(say("guan-1", "auditor-1", "a")) == (428, "E_STATE_NEEDED")
    assert house.call("guan-3", "GET", "/v1/duties").headers["etag"] == seen
    assert say("guan-1", "auditor-1", "a", if_match=seen).status_code == 201
    assert refusal(say("guan-3", "auditor-1", "b", if_match=seen)) == (412, "E_STATE_CHANGED")
    assert house.service.access.duties.held() == {}
    now = house.call("guan-3", "GET", "/v1/duties").headers["etag"]
    assert say("guan-3", "auditor-1", "b", if_match=now).json()["agreed"] is True
    replayed = say("guan-3", "auditor-1", "b", if_match=now)
    assert (replayed.status_code, replayed.headers["idempotency-replayed"]) == (201, "true"), (
        "it was done on that state"
    )
