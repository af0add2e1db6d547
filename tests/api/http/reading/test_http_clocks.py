"""Both clocks on every list that has a history: what was known at a position, and what is dated by a day."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.application.outcomes import Receipt
from ledger.decisions.judging import business_day
from ledger.flows.registry import read_event
from ledger.values.dates import timestamp_text
from tests.api.http.house import House, body_of, donation, on_both
from tests.api.http.september import asked
from tests.application.proposing.county import TODAY
from tests.application.proposing.county_facts import Fields

MAKER = "acct-charity"
AUDITOR = "auditor-1"
PEOPLE = {"/v1/entities": "entities", "/v1/officers": "officers", "/v1/keys": "keys", "/v1/policies": "policies"}


def every(house: House, path: str, name: str) -> list[Any]:
    """All rows of a list that is read in small pages."""
    found: list[Any] = []
    more = ""
    while True:
        page = house.get(AUDITOR, f"{path}{more}")
        found += page[name]
        if page["next"] is None:
            return found
        more = f"&cursor={page['next']}"


@on_both
def test_events_and_vouchers_are_listed_as_the_log_stood(house: House) -> None:
    before = house.get(AUDITOR, "/v1/ready")["position"]
    known = {name: every(house, f"/v1/{name}?limit=1000", name) for name in ("events", "vouchers")}
    house.county.now += timedelta(hours=1)
    house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())))
    earlier = timestamp_text(house.county.now - timedelta(minutes=30)).replace("+", "%2B")
    for name, rows in known.items():
        assert len(every(house, f"/v1/{name}?limit=1000", name)) == len(rows) + 1
        for at in (before, earlier):
            for limit in (7, 1000):
                assert every(house, f"/v1/{name}?at={at}&limit={limit}", name) == rows
        first = house.call(AUDITOR, "GET", f"/v1/{name}?at={before}&limit=2")
        assert (first.headers["ledger-position"], first.json()["position"]) == (str(before), before)
        other = house.call(AUDITOR, "GET", f"/v1/{name}?at={before - 1}&limit=2&cursor={first.json()['next']}")
        assert other.json()["code"] == "E_CURSOR", "one list is of one moment"
        assert house.call(AUDITOR, "GET", f"/v1/{name}?at={before + 5}").json()["code"] == "E_POSITION_AHEAD"


@on_both
def test_events_and_vouchers_are_listed_up_to_a_day(house: House) -> None:
    days = [TODAY - timedelta(days=back) for back in (0, 20, 0)]
    for number, day in enumerate(days):
        kind, fields = donation(number)
        body = body_of(house.voucher(MAKER, "charity", (kind, fields | {"occurred_on": day.isoformat()}), day=day))
        house.post(MAKER, "/v1/vouchers", body)
    until = (TODAY - timedelta(days=20)).isoformat()
    gifts = "/v1/events?tag=fund:general&kind=donation.received"
    for limit in (1, 100):
        (only,) = every(house, f"{gifts}&as_of={until}&limit={limit}", "events")
        assert only in every(house, f"{gifts}&limit={limit}", "events")[1:2]
        listed = every(house, f"/v1/vouchers?entity=charity&as_of={until}&limit={limit}", "vouchers")
        assert {row["voucher_date"] <= until for row in listed} == {True}
        assert only["number"] in {row["number"] for row in listed}
    assert len(every(house, f"{gifts}&as_of={TODAY}", "events")) == 3
    wrong = house.call(AUDITOR, "GET", "/v1/vouchers?as_of=yesterday")
    assert (wrong.status_code, wrong.json()["params"]["field"]) == (422, "?as_of")


def test_a_list_of_an_entity_that_nobody_registered_is_no_empty_list(house: House) -> None:
    for path in ("/v1/vouchers", "/v1/pending"):
        assert house.get(AUDITOR, f"{path}?entity=nobody", 422)["code"] == "E_ENTITY_UNKNOWN"


def test_what_waits_has_no_history_and_says_so(house: House) -> None:
    for clock in ("at=5", "as_of=2025-09-30"):
        assert house.get(AUDITOR, f"/v1/pending?{clock}", 422)["code"] == "E_QUERY_UNKNOWN"
    document = house.client.get("/v1/openapi.json").json()
    assert "neither of the two clocks" in document["paths"]["/v1/pending"]["get"]["description"]


@on_both
def test_who_may_act_is_told_as_the_log_stood(house: House) -> None:
    before = house.get(AUDITOR, "/v1/ready")["position"]
    told = {path: house.get(AUDITOR, path)[name] for path, name in PEOPLE.items()}
    later = TODAY + timedelta(days=20)
    own: dict[str, Any] = {"entity": "charity", "duty_profile": None, "free_control_accounts": False, "document": None}
    new = {"officer": "xin-lai", "name": "新来", "entity": "charity", "post": "other", "title": "测试"}
    lost = {"officer": "machine-1", "reason": "lost", "note": "丢失", "compromised_at": None}
    facts: list[tuple[str, Fields]] = [
        ("policy.set", {**own, "policies": []}),
        ("officer.named", {**new, "valid_from": "2025-01-01"}),
        ("role.granted", {"officer": "xin-lai", "role": "accountant", "entity": "charity"}),
        ("key.revoked", {**lost, "keyid": house.county.keys["machine-1"].public.keyid}),
    ]
    house.county.now += timedelta(days=20)
    assert isinstance(house.county.post("guan-1", "book", facts, "guan-2", day=later), Receipt)
    for path, name in PEOPLE.items():
        now = house.get(AUDITOR, path)[name]
        assert (now == told[path]) is (path == "/v1/entities")
        for clock in (f"at={before}", f"as_of={later - timedelta(days=1)}"):
            assert house.get(AUDITOR, f"{path}?{clock}")[name] == told[path], clock
        assert house.get(AUDITOR, f"{path}?as_of={later}&at={before + len(facts)}")[name] == now
        assert house.get(AUDITOR, f"{path}?as_of=1999-12-31")[name] == []
        answer = house.call(AUDITOR, "GET", f"{path}?at={before}")
        assert answer.headers["ledger-position"] == str(before)
        assert house.get(AUDITOR, f"{path}?at={before + 100}", 404)["code"] == "E_POSITION_AHEAD"


def test_a_bank_is_looked_at_up_to_a_day_by_either_name(september: House) -> None:
    for path in ("/v1/reconciliations", "/v1/reconciliations/icbc-9991"):
        on = september.get(AUDITOR, f"{path}?entity=charity&on=2025-08-31")
        assert on["on"] == "2025-08-31"
        for same in ("as_of=2025-08-31", "as_of=2025-08-31&on=2025-09-30", "as_of=2025-09-30&on=2025-08-31"):
            assert september.get(AUDITOR, f"{path}?entity=charity&{same}") == on, same
    words = ["reconcile", "--entity", "charity"]
    for more in (["--as-of", "2025-08-31"], ["--as-of", "2025-08-31", "--on", "2025-09-30"]):
        assert asked(september, [*words, *more]) == asked(september, [*words, "--on", "2025-08-31"])


def dated(house: House, doubt: dict[str, Any]) -> str:
    """The business day of what a doubt is of."""
    event = read_event(house.get(AUDITOR, f"/v1/events/{doubt['position']}")["data"].encode())
    return business_day(event, date.fromisoformat(doubt["voucher_date"])).isoformat()


@pytest.mark.parametrize("day", ["2020-01-01", "2025-09-08", "2025-09-20", "2026-12-31"])
def test_doubts_of_a_day_are_those_of_what_is_dated_by_it(september: House, day: str) -> None:
    whole, told = september.get(AUDITOR, "/v1/doubts"), september.get(AUDITOR, f"/v1/doubts?as_of={day}")
    assert told["as_of"] == day
    assert whole["rows"]
    assert [row for row in whole["rows"] if dated(september, row) <= day] == told["rows"]
    assert told == asked(september, ["doubts", "--as-of", day])
