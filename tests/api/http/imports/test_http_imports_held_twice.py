"""The same cash register uploaded twice before anybody signed: the second is told so, and one of them is booked."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.application.drafting import approve
from ledger.signing.dsse import APPROVAL_TYPE, sign
from ledger.signing.statements import Approval
from tests.api.http.house import House
from tests.api.http.imports.test_http_imports_mended import cash, register
from tests.api.http.imports.test_http_imports_twice import envelopes, told
from tests.api.http.uploads import OTHER, signed_off

ROWS = 3


def proposed(house: House, import_id: str) -> Any:
    return house.post(OTHER, f"/v1/imports/{import_id}/proposals", None, 200)


def handed(house: House, import_id: str, asked: Any, status: int = 200) -> Any:
    """The answers to a round that was signed whole."""
    return house.post(OTHER, f"/v1/imports/{import_id}/vouchers", envelopes(house, OTHER, asked), status)


def gifts(house: House) -> list[Any]:
    return [*house.county.of_kind("donation.received"), *house.county.of_kind("donation.collective")]


def test_the_second_is_told_that_the_first_waits(house: House) -> None:
    first, second = (register(house, cash(ROWS))["id"] for _ in range(2))
    rounds = [proposed(house, one) for one in (first, second)]
    waits = [one["voucher"] for one in handed(house, first, rounds[0])["results"] if one["state"] == "pending"]
    answers = handed(house, second, rounds[1])["results"]
    refused = [one for one in answers if one["state"] == "refused"]
    assert [one["params"]["findings"][0]["params"]["waiting"] for one in refused] == waits
    assert [one.voucher for one in house.county.waiting()] == waits
    assert "E_WAITS_TWICE" in refused[0]["detail"]
    assert proposed(house, second)["done"]
    assert [(one["state"], one["faults"]) for one in told(house, OTHER, second)] == [("duplicate", [])] * ROWS
    house.county.sign_off()
    assert len(gifts(house)) == ROWS
    assert signed_off(house, second, OTHER) == []


def test_all_or_nothing_is_nothing_while_the_same_waits(house: House) -> None:
    first = register(house, cash(ROWS))["id"]
    second = register(house, cash(ROWS), mode="atomic")["id"]
    rounds = [proposed(house, one) for one in (first, second)]
    handed(house, first, rounds[0])
    before = house.county.size()
    assert handed(house, second, rounds[1], 409)["errors"][0]["code"] == "E_WAITS_TWICE"
    assert house.county.size() == before
    assert proposed(house, second)["done"]
    assert [one["state"] for one in told(house, OTHER, second)] == ["duplicate"] * ROWS


def test_what_was_rejected_may_be_handed_in_again(house: House) -> None:
    first, second = (register(house, cash(ROWS))["id"] for _ in range(2))
    rounds = [proposed(house, one) for one in (first, second)]
    handed(house, first, rounds[0])
    (waits,) = house.county.waiting()
    signer = house.county.signer("check-charity")
    said = Approval.from_bytes(approve(signer, waits.submission, "checker", house.county.now).payload)
    reason = sign(APPROVAL_TYPE, replace(said, rejects=True, reason="重做").to_bytes(), signer.key).to_json_value()
    path = f"/v1/vouchers/{waits.voucher}/approvals"
    assert house.post("check-charity", path, {"envelope": reason}, 409)["errors"][0]["code"] == "E_REJECTED"
    states = {one["state"] for one in handed(house, second, rounds[1])["results"]}
    assert "refused" not in states
    assert [one["state"] for one in told(house, OTHER, second)] == ["pending"] * ROWS


@pytest.mark.parametrize("count", [1, 2])
def test_another_equal_gift_is_no_second_one(house: House, count: int) -> None:
    """A longer register says more than the one that waits: what is new of it comes."""
    first, second = register(house, cash(count))["id"], register(house, cash(ROWS))["id"]
    signed_off(house, first, OTHER)
    signed_off(house, second, OTHER)
    house.county.sign_off()
    assert len(gifts(house)) == ROWS


def test_at_the_command_line_the_second_has_nothing_new(house: House) -> None:
    """An importer of this machine compares with what waits."""
    file = house.county.write("现金登记.csv", cash(ROWS))
    assert (house.county.one(file).new, len(house.county.waiting())) == (ROWS, 1)
    assert house.county.one(file).duplicate == ROWS
    assert len(house.county.waiting()) == 1
