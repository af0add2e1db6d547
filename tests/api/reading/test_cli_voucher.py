"""`voucher`: one posted voucher whole, by its number, its id or a part of it, in words and in JSON."""

import json
from typing import Any

import pytest

from tests.api.county import CHECKER, MAKER, Office, approve, fee, gift, voucher


@pytest.fixture
def paid(office: Office) -> dict[str, Any]:
    """A fee that a checker signed, with a gift beside it."""
    sent = voucher("charity", fee("F1", 2_500), gift("D2", 700), note="手续费和一笔捐赠", attachments=2)
    made: dict[str, Any] = office.submit(sent)
    (done,) = approve(office)
    assert (made["state"], done["state"]) == ("pending", "posted")
    return dict(done)


def test_all_of_it_is_told(office: Office, paid: dict[str, Any]) -> None:
    told = office.asked("voucher", paid["number"])
    assert told["position"] == office.position()
    assert [told[name] for name in ("voucher", "number", "positions", "voucher_no", "posted_at")] == [
        paid[name] for name in ("voucher", "number", "positions", "voucher_no", "posted_at")
    ]
    assert (told["entity"], told["note"], told["attachments"]) == ("charity", "手续费和一笔捐赠", 2)
    signed = [told["maker"], *told["approvals"]]
    assert [(one["officer"], one["capacity"]) for one in signed] == [(MAKER, "maker"), (CHECKER, "checker")]
    keys = [[office.asked("key", "show", office.key(one))["keyid"]] for one in (MAKER, CHECKER)]
    assert [one["keyids"] for one in signed] == keys
    assert [(one["told"]["kind"], one["data"]["kind"]) for one in told["events"]] == [
        ("bank.fee", "bank.fee"),
        ("donation.received", "donation.received"),
    ]
    first, last = told["positions"]
    assert [one["told"]["position"] for one in told["events"]] == [first, last]
    sums = dict.fromkeys((first, last), 0)
    for leg in told["entries"]:
        sums[leg["position"]] += leg["amount_fen"]
    assert sums == {first: 0, last: 0}
    assert sorted(leg["amount_fen"] for leg in told["entries"] if leg["book"] == "main") == [-2_500, -700, 700, 2_500]
    assert all(leg["name"] and leg["name"] != leg["code"] for leg in told["entries"] if leg["book"] == "main")


def test_it_goes_by_number_by_id_and_by_a_part(office: Office, paid: dict[str, Any]) -> None:
    whole = office.asked("voucher", paid["number"])
    for name in (paid["voucher"], paid["voucher"][-8:]):
        assert office.asked("voucher", name) == whole


def test_a_reversal_is_marked_on_both(office: Office, paid: dict[str, Any]) -> None:
    first, _ = paid["positions"]
    office.asked("reverse", first, "--reason", "记错", officer=MAKER)
    (back,) = approve(office)
    assert office.asked("voucher", paid["number"])["events"][0]["told"]["reversed_at"] == back["positions"][0]
    assert office.asked("voucher", back["number"])["events"][0]["told"]["reverses"] == first
    assert f"冲销序号 {first}" in office.done("voucher", back["number"])
    assert f"已由序号 {back['positions'][0]} 冲销" in office.done("voucher", paid["number"])


WORDS = {"zh": ("凭证字号", "签名", "借方", "25.00"), "en": ("voucher no.", "Signatures", "debit", "25.00")}


@pytest.mark.parametrize("language", WORDS)
def test_it_is_told_in_words(office: Office, paid: dict[str, Any], language: str) -> None:
    told = office.done("voucher", paid["number"], "--lang", language)
    for word in (*WORDS[language], MAKER, CHECKER, paid["voucher"], "手续费和一笔捐赠"):
        assert word in told
    whole = office.asked("voucher", paid["number"])
    signed = {name: value for one in whole["events"] for name, value in one["data"].items()}
    shown = [f"{name}={json.dumps(value)}" for name, value in signed.items() if isinstance(value, bool | list)]
    assert shown, "values that are not texts"
    for one in shown:
        assert one in told, "as it was signed, and not as a programming language writes it"


def test_what_books_nothing_says_so(office: Office) -> None:
    assert "没有分录" in office.done("voucher", "1")


BAD = {
    "999": "E_VOUCHER_NOT_POSTED",
    "0": "E_VOUCHER_NOT_POSTED",
    "abc": "E_VOUCHER_NOT_POSTED",
    "%": "E_VOUCHER_NOT_POSTED",
}
BAD |= {"9" * 40: "E_VOUCHER_NOT_POSTED", "%%%%%%%%": "E_VOUCHER_NOT_POSTED", "": "E_VOUCHER_NOT_POSTED"}


@pytest.mark.parametrize("name", BAD)
def test_what_was_never_posted_is_refused(office: Office, name: str) -> None:
    assert office.asked("voucher", name, code=2)["error"]["code"] == BAD[name]


def test_what_only_waits_is_not_posted_and_a_part_of_two_is_no_name(office: Office, paid: dict[str, Any]) -> None:
    waits = office.submit(voucher("charity", fee("F9", 900)))
    assert office.asked("voucher", waits["voucher"], code=2)["error"]["code"] == "E_VOUCHER_NOT_POSTED"
    shared, last = paid["voucher"][:-1], paid["voucher"][-1]
    twin = shared + ("0" if last != "0" else "1")  # an id begins with the clock, so that no two need share a beginning
    office.submit(voucher("charity", fee("F8", 800), voucher=twin))
    approve(office)
    assert office.asked("voucher", shared, code=2)["error"]["code"] == "E_VOUCHER_PART_POSTED"
    assert office.asked("voucher", twin)["voucher"] == twin
