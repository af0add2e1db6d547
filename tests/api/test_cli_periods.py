"""Months: locked at once, closed against their trial balance by two people."""

import pytest

from tests.api.county import MAKER, Office, approve, gift, voucher


def test_a_month_is_locked_and_closed_against_its_trial_balance(office: Office) -> None:
    locked = office.asked("period", "lock", "charity", "2025-09", officer=MAKER)
    assert locked["state"] == "posted"
    told = office.submit(voucher("charity", gift("D2", 5)), code=2)["error"]
    assert "E_PERIOD_CLOSED" in told["message"]
    root = office.asked("trial-balance", "--period", "2025-09", "--entity", "charity")["entities"][0]["root"]
    assert office.asked("period", "close", "charity", "2025-09", officer=MAKER)["missing"] == ["checker"]
    assert approve(office)[0]["state"] == "posted"
    assert office.asked("verify")["integrity"]["ok"]
    rows = office.asked("trail", "period:charity:2025-09")["rows"]
    assert [row["kind"] for row in rows] == ["period.locked", "period.closed"]
    after = office.asked("trial-balance", "--period", "2025-09", "--entity", "charity")["entities"][0]["root"]
    assert after == root


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("close", "charity", "2025-09"), "E_NOT_LOCKED"),
        (("close", "nowhere", "2025-09"), "E_NOT_LOCKED"),
        (("lock", "charity", "2025-9"), "E_PERIOD"),
        (("lock", "nowhere", "2025-09"), "E_REFUSED"),
    ],
)
def test_what_cannot_be_locked_or_closed(office: Office, words: tuple[str, ...], code: str) -> None:
    assert office.asked("period", *words, officer=MAKER, code=2)["error"]["code"] == code


def test_a_month_is_locked_once(office: Office) -> None:
    office.asked("period", "lock", "charity", "2025-08", officer=MAKER)
    error = office.asked("period", "lock", "charity", "2025-08", officer=MAKER, code=2)["error"]
    assert "E_PERIOD_STATE" in error["message"]
