"""A file handed in by a person's program: every receipt is proven before it is believed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import EvidenceError
from ledger_api.client.imports import BASE
from tests.api.client.network import Network, client_of, lying
from tests.api.http.house import House, donation
from tests.application.importing.offices import SAMPLES
from tests.application.proposing.county import MONTH

OFFICER = "acct-charity"
FILE = SAMPLES / "donation_register.csv"
CHOSEN = {"month": MONTH}


def test_every_receipt_of_an_import_is_proven_and_kept(house: House, tmp_path: Path) -> None:
    with client_of(house, OFFICER, tmp_path) as client:
        told = client.import_file(FILE, chosen=CHOSEN)
        assert told.described["counts"]["posted"] > 0
        posted = [one for one in told.results if one["state"] == "posted"]
        kept = {file.stem for file in (tmp_path / "receipts").rglob("*.json")}
        assert kept == {one["voucher"] for one in posted}
        assert posted
        for one in posted:
            assert client.receipt(one["voucher"]).first_position == one["positions"][0]
        assert client.import_file(FILE, chosen=CHOSEN).results == []


def _leaf_of_another(house: House) -> Callable[[Any], Any]:
    kept = house.post(OFFICER, "/v1/vouchers", _body(house))

    def lie(told: Any) -> Any:
        for one in told.get("results", []):
            one["leaf"], one["path"] = kept["leaf"], kept["path"]
        return told

    return lie


def _body(house: House) -> dict[str, Any]:
    submission = house.voucher(OFFICER, "charity", donation(77))
    return {
        "envelope": submission.envelope.to_json_value(),
        "events": [data.decode() for data in submission.events],
    }


def _as(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[[House], Callable[[Any], Any]]:
    def made(_house: House) -> Callable[[Any], Any]:
        def lie(told: Any) -> Any:
            return {**told, "results": change(told["results"])} if "results" in told else told

        return lie

    return made


LIES = {
    "the leaf of another voucher": (_leaf_of_another, "E_RECEIPT"),
    "a position that is not the leaf's": (
        _as(lambda all_: [{**one, "positions": [7, 7 + one["positions"][1] - one["positions"][0]]} for one in all_]),
        "E_RECEIPT",
    ),
    "an answer left out": (_as(lambda all_: all_[:-1]), "E_ANSWER_OTHER"),
    "answers in another's place": (_as(lambda all_: all_[::-1]), "E_ANSWER_OTHER"),
    "a voucher that nobody handed in": (_as(lambda all_: [{**one, "voucher": "x"} for one in all_]), "E_ANSWER_OTHER"),
    "no proof at all": (
        _as(lambda all_: [{name: value for name, value in one.items() if name != "leaf"} for one in all_]),
        "E_ANSWER_FORM",
    ),
    "waits, under another statement": (
        _as(
            lambda all_: [
                {
                    "state": "pending",
                    "voucher": one["voucher"],
                    "statement": "sha256:" + "0" * 64,
                    "missing": ["checker"],
                    "amount_fen": 1,
                    "once_fen": 1,
                    "warnings": [],
                }
                for one in all_
            ]
        ),
        "E_ANSWER_OTHER",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_no_lie_about_an_import_is_believed(house: House, tmp_path: Path, name: str) -> None:
    made, code = LIES[name]
    network = Network(house, lying(BASE, made(house)))
    with client_of(house, OFFICER, tmp_path, network) as client, pytest.raises(EvidenceError) as caught:
        client.import_file(FILE, chosen=CHOSEN)
    assert caught.value.code == code
