"""The log over the network: events by tag, proofs that a stranger accepts, and one checkpoint extending another."""

import json
from pathlib import Path

import pytest

from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.merkle import verify_consistency
from ledger_audit.verifier.__main__ import main as ledger_verify
from tests.api.http.house import House, body_of, donation, on_both, unpacked

MAKER = "acct-charity"


@on_both
def test_an_events_proof_is_accepted_by_the_stranger(house: House, tmp_path: Path) -> None:
    receipt = house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())))
    file = tmp_path / "one.ledger-proof"
    proof = house.get(MAKER, f"/v1/events/{receipt['positions'][0]}/proof")
    file.write_text(json.dumps(proof), encoding="utf-8")
    vkey = house.get(None, "/v1/checkpoint")["vkey"]
    assert ledger_verify([str(file), "--key", vkey]) == 0
    file.write_text(json.dumps(proof | {"line": 1}), encoding="utf-8")
    assert ledger_verify([str(file), "--key", vkey]) != 0


@on_both
def test_a_later_checkpoint_extends_an_earlier_one(house: House) -> None:
    early = open_checkpoint(house.get(None, "/v1/checkpoint")["note"], house.service.operator.verifier)
    for number in range(3):
        house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(number))))
    late = open_checkpoint(house.get(None, "/v1/checkpoint")["note"], house.service.operator.verifier)
    assert late.size == early.size + 3
    proof = house.get(None, f"/v1/consistency?old={early.size}&new={late.size}")
    path = [unpacked(node) for node in proof["path"]]
    assert verify_consistency(early.size, late.size, early.root, late.root, path)
    assert house.get(None, f"/v1/checkpoints/{early.size}")["size"] == early.size
    for old, new in [(0, 1), (late.size, early.size), (1, late.size + 1)]:
        assert house.call(None, "GET", f"/v1/consistency?old={old}&new={new}").status_code in {404, 422}


def test_a_checkpoint_is_text_for_whoever_asks_for_text(house: House) -> None:
    told = house.get(None, "/v1/checkpoint")
    for path in ("/v1/checkpoint", f"/v1/checkpoints/{told['size']}"):
        answer = house.call(None, "GET", path, accept="text/plain")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert answer.text == told["note"]
        assert answer.headers["ledger-checkpoint"].startswith(f"{told['size']} ")
        assert answer.headers["vary"] == "Accept"
        for accepted in ("*/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8"):
            assert house.call(None, "GET", path, accept=accepted).json() == told
        assert house.call(None, "GET", path, accept="image/png").json()["code"] == "E_FORM"


@on_both
def test_a_tags_events_come_in_pages(house: House) -> None:
    for number in range(3):
        house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(number))))
    whole = house.get(MAKER, "/v1/events?tag=fund:general&kind=donation.received")["events"]
    assert [json.loads(one["data"])["donation"] for one in whole] == ["http-0", "http-1", "http-2"]
    page = house.get(MAKER, "/v1/events?tag=fund:general&kind=donation.received&limit=2")
    rest = house.get(MAKER, f"/v1/events?tag=fund:general&kind=donation.received&limit=2&cursor={page['next']}")
    assert page["events"] + rest["events"] == whole
    assert rest["next"] is None
    assert house.call(MAKER, "GET", "/v1/events?kind=donation.received").json()["code"] == "E_KIND_NEEDS_TAG"
    one = whole[1]
    assert house.get(MAKER, f"/v1/events/{one['position']}") == one
    assert house.call("acct-bureau", "GET", f"/v1/events/{one['position']}").status_code == 404


@pytest.mark.parametrize("asked", ["", "tag=standing:book&", "tag=fund:general&", "tag=entity:charity&"])
def test_pages_tell_nothing_of_entities_that_one_does_not_see(house: House, asked: str) -> None:
    """Neither by rows that are missing in a page, nor by a `next` that leads to none."""
    for number in range(4):
        house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(number))))
    entity_of = _entities(house)
    for limit in (1, 3, 1000):
        found: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            page = house.get("acct-bureau", f"/v1/events?{asked}limit={limit}{cursor and '&cursor=' + cursor}")
            cursor = page["next"]
            assert len(page["events"]) == limit or cursor is None
            found += [one["position"] for one in page["events"]]
        whole = house.get("auditor-1", f"/v1/events?{asked}limit=1000")["events"]
        assert found == [one["position"] for one in whole if entity_of[one["position"]] == "bureau"]


def _entities(house: House) -> dict[int, str]:
    """Whose each position is."""
    vouchers = house.get("auditor-1", "/v1/vouchers?limit=1000")["vouchers"]
    return {at: one["entity"] for one in vouchers for at in range(one["positions"][0], one["positions"][1] + 1)}


@on_both
def test_each_page_says_the_position_that_its_list_stands_for(house: House) -> None:
    for name in ("events", "vouchers"):
        first = house.call("auditor-1", "GET", f"/v1/{name}?limit=2")
        house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(name == "events"))))
        cursor = first.json()["next"]
        second = house.call("auditor-1", "GET", f"/v1/{name}?limit=2&cursor={cursor}")
        for answer in (first, second):
            assert answer.headers["ledger-position"] == str(answer.json()["position"])
        assert second.json()["position"] == first.json()["position"]


@on_both
def test_a_trail_tells_who_signed(house: House) -> None:
    house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())))
    told = house.get("auditor-1", "/v1/trails/donation:http-1")
    (row,) = told["rows"]
    assert (row["kind"], row["signatures"][0]["officer"]) == ("donation.received", MAKER)


@on_both
def test_balances_read_over_the_network_are_those_of_the_book(house: House) -> None:
    before = {row["fund"]: row["balance_fen"] for row in house.get(MAKER, "/v1/balances")["rows"]}
    house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(fen=12_345))))
    after = {row["fund"]: row["balance_fen"] for row in house.get(MAKER, "/v1/balances")["rows"]}
    assert after["general"] == before["general"] + 12_345
    trial = house.get(MAKER, "/v1/trial-balance?entity=charity&period=2025-09")
    assert trial["total"]["closing_debit_fen"] == trial["total"]["closing_credit_fen"] > 0
    assert house.get(MAKER, "/v1/accounts")["rows"]


def test_a_position_that_the_log_has_not_reached_is_told_so(house: House) -> None:
    """Of the log's own tables, and of read models, which would otherwise be waited for."""
    for path in ("/v1/balances", "/v1/societies", "/v1/pledges"):
        answer = house.call("auditor-1", "GET", f"{path}?at=100000")
        assert (answer.status_code, answer.json()["code"]) == (404, "E_POSITION_AHEAD"), path
