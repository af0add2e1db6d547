"""The operator's key changes: clients follow what the log proves, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.signing.vkeys import parse_vkey
from ledger_audit.verifier.__main__ import main as stranger
from tests.api.county import LIGHT, MAKER, ORIGIN, Office, approve, gift, voucher


def new_operator(office: Office, name: str) -> dict[str, Any]:
    file = office.folder / "book" / name
    words = ("key", "new", file, "--officer", "operator", "--name", "经办", "--origin", ORIGIN, *LIGHT)
    office.done(*words, "--passphrase-file", office.folder / "operator.word")
    return dict(json.loads(Path(f"{file}.request.json").read_text(encoding="utf-8")))


def install(office: Office, name: str) -> None:
    settings = office.book / "book.toml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("operator_key")]
    settings.write_text("\n".join([*lines, f'operator_key = "{name}"']) + "\n")


def rotate(office: Office, name: str) -> str:
    """Record another operator key and install it; answers the vkey of before."""
    before = str(office.asked("checkpoint")["vkey"])
    request = new_operator(office, name)
    values = {"previous": parse_vkey(before).public.text, "operator_key": request["key"], "reason": "换机"}
    event = {"kind": "operator_key.rotated", **values, "possession": request["possession"]}
    office.submit(voucher("book", event), officer="guan-yi")
    assert approve(office, "guan-er")[0]["state"] == "posted"
    install(office, name)
    return before


def test_clients_follow_a_recorded_change(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office.submit(voucher("charity", gift("D2", 500)))
    first = rotate(office, "second.clkey")
    # The newest checkpoint still bears the key before the change, and a proof under it holds.
    assert office.asked("proof", 1, "-o", tmp_path / "before.ledger-proof")["position"] == 1
    assert office.submit(voucher("charity", gift("D3", 500)))["state"] == "posted"
    rotate(office, "third.clkey")
    assert office.submit(voucher("charity", gift("D4", 500)))["state"] == "posted"
    now = office.asked("checkpoint")["vkey"]
    assert now != first
    assert office.asked("verify")["integrity"]["ok"]
    office.done("export", "package", tmp_path / "package")
    for key in (first, now):
        assert stranger([str(tmp_path / "package"), "--key", key]) == 0
    capsys.readouterr()


def test_a_client_that_slept_through_two_changes_follows_both(office: Office) -> None:
    office.submit(voucher("charity", gift("D2", 500)))
    rotate(office, "second.clkey")
    office.submit(voucher("book", _entity("a")), officer="guan-san")
    rotate(office, "third.clkey")
    assert office.submit(voucher("charity", gift("D3", 500)), officer=MAKER)["state"] == "posted"


def _entity(name: str) -> dict[str, Any]:
    kinds = {"entity_kind": "charity", "book_kind": "statutory", "chart_family": "npo", "public_fundraising": False}
    return {"kind": "entity.registered", "entity": name, "name": name, **kinds}


def test_a_key_that_the_log_does_not_name_signs_nothing(office: Office) -> None:
    office.submit(voucher("charity", gift("D2", 500)))
    new_operator(office, "other.clkey")
    install(office, "other.clkey")
    error = office.submit(voucher("charity", gift("D3", 500)), code=1)["error"]
    assert error["code"] in {"E_OPERATOR_CHANGED", "E_NOTE_UNVERIFIED"}
