"""Whoever rejects, takes back or reverses says why, or nothing is signed; what was signed before still verifies."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.county import CHECKER, MAKER, Office, fee, gift, voucher


def words_that_undo(office: Office) -> dict[str, tuple[Any, ...]]:
    """Command -> how it is called, but for the reason, with something before it that it can undo."""
    gifts = office.submit(voucher("charity", gift("D2", 500)))
    waiting = office.submit(voucher("charity", fee("M1", 300)), voucher("charity", fee("M2", 300)))
    return {
        "reject": ("reject", waiting[0]["voucher"], CHECKER),
        "withdraw": ("withdraw", waiting[1]["voucher"], MAKER),
        "reverse": ("reverse", gifts["positions"][0], MAKER),
    }


@pytest.mark.parametrize("reason", ["", "  ", "\u3000\u00a0", "\u200b"])
@pytest.mark.parametrize("command", ["reject", "withdraw", "reverse"])
def test_whoever_undoes_something_says_why_before_anything_is_signed(office: Office, command: str, reason: str) -> None:
    name, target, officer = words_that_undo(office)[command]
    before, waits = office.position(), office.asked("pending")
    error = office.asked(name, target, "--reason", reason, officer=officer, code=2)["error"]
    assert error["code"] == "E_REASON_BLANK"
    assert (office.position(), office.asked("pending")) == (before, waits)
    assert office.asked(name, target, "--reason", "录错", officer=officer)["state"] in {"posted", "pending"}


def test_a_file_of_vouchers_undoes_nothing_without_a_word(office: Office) -> None:
    position = office.submit(voucher("charity", gift("D2", 500)))["positions"][0]
    (row,) = office.asked("trail", "donation:D2")["rows"]
    event = {"target": row["event"], "target_position": position, "target_tags": [], "reason": " ", "on": "2025-09-30"}
    file = written(office.folder, voucher("charity", {"kind": "event.reversed", **event}))
    assert office.asked("submit", file, officer=MAKER, code=2)["error"]["code"] == "E_REASON_BLANK"


def test_a_book_with_a_rejection_that_says_nothing_still_verifies(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As earlier releases, and other programs, wrote them: the log took them without a word."""
    name, target, officer = words_that_undo(office)["reject"]
    with monkeypatch.context() as earlier:
        earlier.setattr("ledger.application.drafting.require_reasons", lambda _events: None)
        earlier.setattr("ledger_api.cli.vouchers.require_reason", lambda _reason: None)
        assert office.asked(name, target, "--reason", "", officer=officer)["state"] == "posted"
    assert office.asked("verify")["integrity"]["ok"]


def written(folder: Path, value: Any) -> Path:
    file = folder / "v.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return file
