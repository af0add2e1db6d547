"""Rounds: what is handed out to be signed, all or none, what comes again, and what is not taken."""

from collections import Counter
from typing import Any

import pytest

from ledger.application.proposing.planning import TRIES
from ledger_api.client.imports import ImportRefusedError, import_file, proposed_of, sign_all
from ledger_api.http.imports import sessions
from tests.api.http.house import House, body_of, donation
from tests.api.http.uploads import MAKER, OTHER, plain_body, put, roster, signed_off
from tests.application.importing.offices import SAMPLES, delimited, sample
from tests.application.proposing.county import MONTH

CSV = delimited(sample("deaths")).encode()


def test_all_or_none_is_one_transaction(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The book moves between signing and handing in: a row is recorded by somebody else. Nothing of the lot is."""
    made = roster(house, mode="atomic")
    path, county = f"/v1/imports/{made['id']}", house.county
    before = house.county.size()
    asked = house.post(MAKER, f"{path}/proposals", None, 200)
    assert len(asked["vouchers"]) > 1
    part = sample("dibao_roster")[:2]
    # The vault keeps whom a round names; the log has nothing of it yet.
    assert county.size()[0] == before[0]
    assert county.one(county.write("一户.csv", part)).new == 1
    moved = county.size()
    with pytest.raises(ImportRefusedError) as raised:
        signed_off(house, made["id"])
    assert raised.value.code == "E_REFUSED"
    assert county.size() == moved
    told = house.get(MAKER, path)
    assert (told["counts"]["duplicate"], told["counts"]["wrong"]) >= (1, 0)


def test_all_or_none_posts_all(house: House) -> None:
    made = roster(house, mode="atomic")
    results = signed_off(house, made["id"])
    assert {one["state"] for one in results} == {"posted"}
    assert house.get(MAKER, f"/v1/imports/{made['id']}")["counts"]["posted"] == 3
    sizes = {one["checkpoint"].splitlines()[1] for one in results}
    assert len(sizes) == 1, "one transaction, one checkpoint"


def test_a_part_of_an_all_or_none_round_is_not_taken(house: House) -> None:
    made = roster(house, mode="atomic")
    seen: list[int] = []

    def first_only(_proposed: Any) -> bool:
        seen.append(1)
        return len(seen) == 1

    before = house.county.size()[0]
    with pytest.raises(ImportRefusedError) as raised:
        signed_off(house, made["id"], accept=first_only)
    assert raised.value.code == "E_IMPORT_INCOMPLETE"
    assert house.county.size()[0] == before


def test_what_was_refused_after_all_comes_again_sorted(house: House) -> None:
    """A row is recorded by somebody else between the signing of a round and its handing in."""
    county, client = house.county, house.program(MAKER)
    made = roster(house)
    asked = house.post(MAKER, f"/v1/imports/{made['id']}/proposals", None, 200)
    assert house.post(MAKER, f"/v1/imports/{made['id']}/proposals", None, 200) == asked
    assert county.one(county.write("一户.csv", sample("dibao_roster")[:2])).new == 1
    results = list(sign_all(client, made["id"], lambda: county.signer(MAKER), lambda: county.now))
    assert "refused" in {one["state"] for one in results}
    assert len(results) < TRIES * len(asked["vouchers"]) + 3
    lines = Counter((one.enrolment, one.component) for one in county.of_kind("subsidy.authorised"))
    assert set(lines.values()) == {1}
    assert len({enrolment for enrolment, _ in lines}) == 3
    told = house.get(MAKER, f"/v1/imports/{made['id']}")
    assert (told["state"], told["counts"]["new"]) == ("done", 0)
    assert told["counts"]["posted"] == 2


def test_vouchers_that_were_handed_in_as_any_other_close_their_round(house: House) -> None:
    county = house.county
    made = roster(house)
    path = f"/v1/imports/{made['id']}/proposals"
    posted = 0
    while not (asked := house.post(MAKER, path, None, 200))["done"]:
        for one in map(proposed_of, asked["vouchers"]):
            facts = house.program(MAKER)
            body = plain_body(house, one)
            answer = facts.post("/v1/vouchers", json=body)
            assert answer.status_code == 201, answer.text
            posted += 1
    assert posted > 1
    assert county.one("dibao_roster.csv").duplicate == 3
    assert house.get(MAKER, f"/v1/imports/{made['id']}")["counts"]["posted"] == 3


def test_somebody_elses_voucher_or_another_events_voucher_is_not_taken(house: House) -> None:
    made = roster(house)
    house.post(MAKER, f"/v1/imports/{made['id']}/proposals", None, 200)
    for officer, status, code in ((OTHER, 403, "E_IMPORT_SIGNER"), (MAKER, 409, "E_IMPORT_ROUND")):
        body = body_of(house.voucher(officer, "bureau", donation()))
        given = {"vouchers": [{"envelope": body["envelope"]}]}
        answer = house.call(MAKER, "POST", f"/v1/imports/{made['id']}/vouchers", given)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        if code == "E_IMPORT_SIGNER":
            assert answer.json()["params"] == {"officer": MAKER, "maker": OTHER}


def test_a_signature_that_does_not_hold_leaves_the_round_open(house: House) -> None:
    made = roster(house)
    path = f"/v1/imports/{made['id']}"
    asked = house.post(MAKER, f"{path}/proposals", None, 200)
    one = proposed_of(asked["vouchers"][0])
    envelope = plain_body(house, one)["envelope"]
    envelope["signatures"][0]["sig"] = "A" * 86 + "=="
    answer = house.post(MAKER, f"{path}/vouchers", {"vouchers": [{"envelope": envelope}]}, 200)
    assert answer["results"][0]["code"] == "E_SIGNATURE"
    assert answer["left"] == len(asked["vouchers"])
    assert house.post(MAKER, f"{path}/proposals", None, 200) == asked


def test_facts_that_break_rules_are_shown_before_they_are_signed(house: House) -> None:
    """Results of a batch whose payment nobody ordered: facts, so they are recorded, explained and doubted."""
    county, client = house.county, house.program(MAKER)
    county.take_in("dibao_roster.csv")
    seen: list[Any] = []

    def looked_at(one: Any) -> bool:
        seen.append(one)
        return True

    done = import_file(
        client,
        SAMPLES / "payresult.csv",
        lambda: county.signer(MAKER),
        lambda: county.now,
        chosen={"month": MONTH},
        accept=looked_at,
    )
    desk_codes = {code for one in seen for code in one.explains}
    assert {w["code"] for one in seen for w in one.warnings} >= desk_codes
    for one in seen:
        assert all(code in one.note for code in one.explains)
    assert all(one["state"] in {"posted", "pending"} for one in done.results)
    assert len(seen) == len(done.results)


def test_all_or_none_has_a_limit_and_so_have_uploads(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = roster(house, mode="atomic")
    monkeypatch.setattr(sessions, "MAX_BATCH_EVENTS", 2)
    answer = house.call(MAKER, "POST", f"/v1/imports/{made['id']}/proposals")
    assert (answer.status_code, answer.json()["code"]) == (409, "E_TOGETHER_TOO_LARGE")
    monkeypatch.setattr(sessions, "KEPT_MOST", 1)
    answer = put(house, CSV, officer=MAKER)
    assert (answer.status_code, answer.json()["code"]) == (409, "E_IMPORT_TOO_MANY")
    assert put(house, CSV, officer=OTHER).status_code == 201
