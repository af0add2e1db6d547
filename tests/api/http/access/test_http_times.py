"""Times of access and of web hooks are written as everywhere else: ISO 8601 with China's zone, never a bare number."""

import json
from collections.abc import Iterator
from typing import Any

from ledger.values.dates import TZ, parse_timestamp
from ledger_api.http.document import document_text
from tests.api.http.browsers import newcomer, read_key, with_key
from tests.api.http.house import House

GUARD = "guan-1"
POSITIONS = {"/DoubtTold/reversed_at", "/TrailRow/reversed_at"}
"""Where something stands in the log: these are counted, not timed."""


def instant(house: House, written: str) -> bool:
    """Whether it is the county's present moment, to the second."""
    return parse_timestamp(written) == house.county.now.astimezone(TZ).replace(microsecond=0)


def test_a_session_tells_when_it_began_was_used_and_ends(house: House) -> None:
    browser = newcomer(house, GUARD)
    (told,) = browser.call("GET", "/v1/sessions").json()["sessions"]
    assert instant(house, told["made_at"])
    assert instant(house, told["seen_at"])
    assert browser.call("GET", "/v1/session").json()["ends_at"] == told["ends_at"]
    assert parse_timestamp(told["ends_at"]) > parse_timestamp(told["made_at"])
    assert house.get(GUARD, "/v1/session")["ends_at"] is None, "who signs each request has no session that ends"


def test_a_login_a_key_and_a_duty_tell_when(house: House) -> None:
    newcomer(house, GUARD)
    (login,) = house.get(GUARD, "/v1/logins")["logins"]
    assert instant(house, login["changed_at"])
    shown = read_key(house, "books", days=30)
    with_key(house, shown, "GET", "/v1/balances")
    (key,) = house.get(GUARD, "/v1/read-keys")["keys"]
    assert instant(house, key["made_at"])
    assert instant(house, key["used_at"])
    assert (parse_timestamp(key["expires_at"]) - parse_timestamp(key["made_at"])).days == 30
    assert key["revoked_at"] is None
    seen = house.call(GUARD, "GET", "/v1/duties").headers["etag"]
    wanted = {"duty": "audit", "officer": "auditor-1"}
    proposed = house.call(GUARD, "POST", "/v1/duties", wanted, idempotency_key="d-1", if_match=seen).json()
    assert instant(house, proposed["at"])
    (duty,) = house.get(GUARD, "/v1/duties")["duties"]
    assert instant(house, duty["at"])


def test_a_hook_tells_when_it_was_made_tried_and_is_tried_again(house: House) -> None:
    made = house.service.hooks.add(
        "https://hooks.test/", (), (), sorted(house.service.authority().entities), "operator", house.service.unix_now()
    )
    told = house.get(GUARD, f"/v1/hooks/{made.id}")
    assert instant(house, told["made_at"])
    assert (told["failing_since"], told["next_at"], told["tried_at"]) == (None, None, None)


def numbers(found: Any) -> Iterator[str]:
    """The paths of fields that are whole numbers and are named as times are."""
    for schema, one in found["components"]["schemas"].items():
        for name, field in one.get("properties", {}).items():
            kinds = [field, *field.get("anyOf", [])]
            timed = name == "at" or name.endswith(("_at", "_since", "_until"))
            if timed and any(kind.get("type") in ("integer", "number") for kind in kinds):
                yield f"/{schema}/{name}"


def test_no_answer_gives_a_time_as_a_number() -> None:
    assert set(numbers(json.loads(document_text()))) == POSITIONS
