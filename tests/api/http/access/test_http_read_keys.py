"""Read-only keys: made once, shown once, bound to what they were made for, gone at once."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.values.dates import TZ, parse_timestamp
from ledger_api.access import reading_keys
from ledger_api.http.safeguards.idempotency import REPLAYED
from tests.api.http.browsers import counted, read_key, wait, with_key
from tests.api.http.house import House

GUARD = "guan-1"
WANTED: dict[str, Any] = {"label": "监管局", "permissions": ["books"], "entities": [], "addresses": [], "days": 30}
DAY_S = 86_400


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def made(house: House, body: Any = None, key: str = "k-1") -> Any:
    return house.call(GUARD, "POST", "/v1/read-keys", WANTED if body is None else body, idempotency_key=key)


def test_a_key_is_shown_once_and_reads(house: House) -> None:
    answer = made(house)
    assert answer.status_code == 201, answer.text
    shown = answer.json()["key"]
    again = made(house)
    assert (again.text, again.headers[REPLAYED]) == (answer.text, "true")
    assert with_key(house, shown, "GET", "/v1/balances").status_code == 200
    (listed,) = house.get(GUARD, "/v1/read-keys")["keys"]
    assert listed["key"] is None
    assert (listed["made_by"], listed["used_at"]) == (GUARD, house.service.now())
    raw = b"".join(one.read_bytes() for one in house.county.folder.glob("*") if one.is_file())
    assert shown.encode() not in raw
    assert shown.split("_", 2)[2].encode() not in raw


SPOILT: dict[str, dict[str, Any]] = {
    "a permission to write": {"permissions": ["post"]},
    "a permission to see people": {"permissions": ["books", "people"]},
    "no permission": {"permissions": []},
    "an unknown entity": {"entities": ["nowhere"]},
    "the whole log of one entity": {"entities": ["charity"], "permissions": ["mirror"]},
    "for ever": {"days": 401},
    "not at all": {"days": 0},
    "no address": {"addresses": ["everywhere"]},
    "half a network": {"addresses": ["192.0.2.7/24"]},
    "a name of two lines": {"label": "a\r\nb"},
    "a name of blanks": {"label": " \u3000"},
    "a name with a phone number": {"label": "监管局 13807350001"},
    "one field more": {"role": "administrator"},
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_a_key_may_not_be(house: House, how: str) -> None:
    answer = made(house, WANTED | SPOILT[how])
    assert answer.status_code == 422, answer.text
    assert house.get(GUARD, "/v1/read-keys")["keys"] == []


def test_only_the_security_administrator_makes_one_and_a_key_is_needed(house: House) -> None:
    answer = house.call("auditor-1", "POST", "/v1/read-keys", WANTED, idempotency_key="k-1")
    assert refusal(answer) == (403, "E_NOT_ALLOWED")
    assert refusal(house.call(GUARD, "POST", "/v1/read-keys", WANTED)) == (400, "E_IDEMPOTENCY_KEY")
    assert made(house).status_code == 201
    assert refusal(made(house, WANTED | {"days": 31})) == (422, "E_IDEMPOTENCY_BODY")


def test_a_refusal_says_where_the_key_would_open(house: House) -> None:
    """A key that has the permission, but for another entity, is not told that it has none."""
    one = read_key(house, "books", "export", entities=("charity",))
    two = read_key(house, "books")
    cases = [
        (one, "GET", "/v1/balances?entity=bureau", "books", "bureau", "charity"),
        (one, "GET", "/v1/trails/fund:general", "books", "*", "charity"),
        (one, "GET", "/v1/export/events.jsonl", "export", "*", "charity"),
        (two, "GET", "/v1/export/events.jsonl", "export", "*", "-"),
        (one, "POST", "/v1/vouchers", "post", "*", "-"),
    ]
    for key, method, path, permission, entity, within in cases:
        answer = with_key(house, key, method, path, {} if method == "POST" else None)
        assert refusal(answer) == (403, "E_NOT_ALLOWED"), path
        params = answer.json()["params"]
        assert (params["permission"], params["entity"], params["within"]) == (permission, entity, within), path
    said = with_key(house, one, "GET", "/v1/balances?entity=bureau").json()["detail"]
    assert "对 bureau 没有 books 权限" in said
    assert "范围:charity" in said
    none = with_key(house, two, "GET", "/v1/export/events.jsonl").json()["detail"]
    assert "对 全账 没有 export 权限(此权限现有范围:无)" in none


def test_a_key_counts_to_the_end_of_its_last_day_in_china(house: House) -> None:
    shown = read_key(house, "books", days=1)
    (key,) = house.get(GUARD, "/v1/read-keys")["keys"]
    tomorrow = (house.county.now + timedelta(days=1)).astimezone(TZ).date()
    assert key["expires_at"] == f"{tomorrow.isoformat()}T23:59:59+08:00"
    wait(house, int((parse_timestamp(key["expires_at"]) - house.county.now).total_seconds()))
    assert with_key(house, shown, "GET", "/v1/balances").status_code == 200
    wait(house, 1)
    assert refusal(with_key(house, shown, "GET", "/v1/balances")) == (401, "E_READ_KEY")


def test_a_key_that_is_over_revoked_spoilt_or_elsewhere_is_one_answer(house: House) -> None:
    good, elsewhere = read_key(house, "books"), read_key(house, "books", addresses=("192.0.2.0/24",))
    short, gone = read_key(house, "books", days=1), read_key(house, "books")
    revoked = house.call(GUARD, "DELETE", f"/v1/read-keys/{gone.split('_')[1]}")
    assert revoked.json()["revoked_at"] == house.service.now()
    wait(house, 2 * DAY_S)
    head, name, secret = good.split("_", 2)
    other = read_key(house, "books").split("_", 2)
    bad = [elsewhere, short, gone, "", "x" * 500, "clk_", f"{head}_{name}_{secret[:-1]}", f"{head}_{name}_{other[2]}"]
    bad += [
        f"{head}_{'0' * 16}_{secret}",
        good.upper(),
        f"{good}\u00a0".strip("\u00a0") + "x",
        f"{head}_{other[1]}_{secret}",
    ]
    answers = {refusal(with_key(house, one, "GET", "/v1/balances")) for one in bad}
    assert answers == {(401, "E_READ_KEY")}
    assert refusal(house.call(None, "GET", "/v1/balances", authorization=f"Basic {good}")) == (401, "E_READ_KEY")
    assert with_key(house, good, "GET", "/v1/balances").status_code == 200
    assert refusal(house.call(GUARD, "DELETE", f"/v1/read-keys/{'0' * 16}")) == (404, "E_READ_KEY_UNKNOWN")


def test_a_wrong_key_costs_the_same_look_ups_and_digests_whatever_is_wrong(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = read_key(house, "books")
    work: list[str] = []
    counted(monkeypatch, work, reading_keys, "digest_of")
    counted(monkeypatch, work, reading_keys, "sodium_memcmp")
    counted(monkeypatch, work, house.service.store, "read")
    head, name, secret = good.split("_", 2)
    seen = set()
    for one in ("nonsense", f"{head}_{'0' * 16}_{secret}", f"{head}_{name}_{'A' * 43}"):
        work.clear()
        assert house.service.access.reading_keys.find(one, "192.0.2.1", int(house.seconds())) is None
        seen.add(tuple(work))
    assert seen == {("read", "digest_of", "sodium_memcmp")}


def test_a_key_of_one_entity_has_nothing_that_is_not_entity_by_entity(house: House) -> None:
    whole = read_key(house, "books")
    assert {row["entity"] for row in with_key(house, whole, "GET", "/v1/balances").json()["rows"]} > {"charity"}
    assert with_key(house, whole, "GET", "/v1/trails/fund:general").status_code == 200
    assert refusal(with_key(house, whole, "GET", "/v1/session")) == (403, "E_NOT_ALLOWED")
