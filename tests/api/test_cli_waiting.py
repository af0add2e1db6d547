"""What waits, where a policy asks for a leader's signature on everything: endings wait too, once, and are told truly."""

import datetime as dt
from typing import Any

import pytest

from tests.api.county import CHECKER, MAKER, Office, approve, fee, voucher
from tests.api.test_cli_papers import enrolled, policy

EVERYTHING = {"kinds": [], "above_fen": 0, "capacities": ["approver"], "paper": True}
LEADER = "liu"


@pytest.fixture(name="led")
def _led(office: Office) -> Office:
    """Everything in the charity needs the leader's signature besides."""
    office.submit(voucher("book", policy(EVERYTHING)), officer="guan-yi")
    approve(office, "guan-er")
    enrolled(office, LEADER, "approver")
    return office


def waiting(office: Office) -> dict[str, Any]:
    return {one["voucher"]: one for one in office.asked("pending")["pending"]}


@pytest.mark.parametrize(
    ("ending", "officer"), [("withdraw", MAKER), ("reject", CHECKER)], ids=["withdrawal", "rejection"]
)
def test_an_ending_that_waits_is_no_refused_one(led: Office, ending: str, officer: str) -> None:
    """The leader sees what it needs, and signs it."""
    target = led.submit(voucher("charity", fee("M1", 300)))["voucher"]
    ends = led.asked(ending, target, "--reason", "重复", officer=officer)
    assert ends["missing"] == ["approver"]
    assert waiting(led)[ends["voucher"]]["refused"] == []
    assert waiting(led)[ends["voucher"]]["missing"] == ["approver"]
    assert "不能入账" not in led.done("pending")
    led.done("approve", ends["voucher"], "--yes", officer=LEADER)
    assert waiting(led) == {}


def lapsed_late(led: Office) -> str:
    """A fee whose time is over before anybody has approved it."""
    found = led.submit(voucher("charity", fee("M1", 300)))
    led.now += dt.timedelta(days=200)
    return str(found["voucher"])


def test_a_lapse_that_waits_is_no_refused_one(led: Office) -> None:
    late = lapsed_late(led)
    (ends,) = led.asked("pending", "--lapse", officer=MAKER)
    assert waiting(led)[ends["voucher"]]["missing"] == ["approver"]
    assert waiting(led)[ends["voucher"]]["refused"] == []
    assert waiting(led)[late]["refused"] != []
    led.done("approve", ends["voucher"], "--yes", officer=LEADER)
    assert waiting(led) == {}
