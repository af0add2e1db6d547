"""Where a policy wants a leader's signature on everything: endings wait too, once, and are told truly."""

import datetime as dt
from typing import Any

import pytest

from tests.api.county import CHECKER, MAKER, Office, approve, fee, refuse, voucher
from tests.api.guides.test_guide_approvals import enrolled, policy

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


def test_a_lapse_that_waits_is_not_recorded_twice(led: Office) -> None:
    """Each run would leave one more to approve, of which only the first can be posted."""
    lapsed_late(led)
    led.done("pending", "--lapse", officer=MAKER)
    before = set(waiting(led))
    told = led.run("pending", "--lapse", officer=MAKER)
    assert (told.exit_code, told.stdout) == (0, "")
    assert "没有需要登记失效的凭证,1 张的失效登记正待审核" in told.stderr
    assert set(waiting(led)) == before
    led.now += dt.timedelta(days=200)
    (again,) = led.asked("pending", "--lapse", officer=MAKER)
    assert again["voucher"] not in before, "the lapse that nobody approved is over too: both are recorded now"
    led.done("approve", again["voucher"], "--yes", officer=LEADER)
    assert waiting(led) == {}


@pytest.mark.parametrize(("officer", "capacity"), [(CHECKER, "checker"), (LEADER, "approver")])
def test_a_lapse_that_was_rejected_stands_in_no_others_way(led: Office, officer: str, capacity: str) -> None:
    """Nothing revives it: what has lapsed is recorded by another voucher, and is not said to wait."""
    late = lapsed_late(led)
    (ends,) = led.asked("pending", "--lapse", officer=MAKER)
    refuse(led, ends["voucher"], officer, capacity)
    assert set(waiting(led)) == {late}
    (again,) = led.asked("pending", "--lapse", officer=MAKER)
    assert set(waiting(led)) == {late, again["voucher"]}
    assert "1 张的失效登记正待审核" in led.run("pending", "--lapse", officer=MAKER).stderr
    led.done("approve", again["voucher"], "--yes", officer=LEADER)
    assert waiting(led) == {}


def test_nothing_to_do_is_said(office: Office) -> None:
    for option, zh, en in (
        ("--lapse", "没有需要登记失效的凭证", "nothing to record as lapsed"),
        ("--again", "没有待审核的凭证", "nothing waits"),
    ):
        told = office.run("pending", option, officer=MAKER)
        assert (told.exit_code, told.stdout, zh in told.stderr) == (0, "", True)
        assert en in office.run("pending", option, "--lang", "en", officer=MAKER).stderr
        assert office.asked("pending", option, officer=MAKER) == []


def test_both_options_do_both(office: Office) -> None:
    """What is late is recorded as such and not judged again; what a policy no longer holds back is posted."""
    office.submit(voucher("book", policy({**EVERYTHING, "kinds": ["bank.fee"]})), officer="guan-yi")
    approve(office, "guan-er")
    late = office.submit(voucher("charity", fee("M1", 300)))["voucher"]
    office.now += dt.timedelta(days=200)
    fresh = office.submit(voucher("charity", fee("M2", 400)))["voucher"]
    office.asked("approve", "--all", "--yes", officer=CHECKER, code=1)
    office.submit(voucher("book", policy()), officer="guan-yi")
    office.asked("approve", "--all", "--yes", officer="guan-er", code=1)
    answers = office.asked("pending", "--again", "--lapse", officer=MAKER)
    assert [one["state"] for one in answers] == ["posted", "posted"]
    assert fresh in {one["voucher"] for one in answers}
    assert late not in {one["voucher"] for one in answers}
    assert waiting(office) == {}


def test_what_wants_nobody_any_more_says_how_it_is_posted(led: Office) -> None:
    """The policy was relaxed meanwhile: no gap in the sentence, and the cure."""
    found = led.submit(voucher("charity", fee("M1", 300)))["voucher"]
    approve(led)
    led.submit(voucher("book", policy()), officer="guan-yi")
    approve(led, "guan-er")
    assert "已签齐,请运行 pending --again" in led.done("pending")
    refused = led.run("approve", found, "--yes", officer=LEADER)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("E_NONE_WANTED: ")
    assert "pending --again" in refused.stderr
    every = led.run("approve", "--all", "--yes", officer=LEADER)
    assert (every.exit_code, every.stdout) == (0, "")
    assert f"{found}  已签齐,请运行 pending --again" in every.stderr
    assert led.asked("pending", "--again", officer=LEADER)[0]["state"] == "posted"
