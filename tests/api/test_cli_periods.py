"""Months: locked at once, closed against their trial balance by two people, carried forward as they ended."""

import datetime as dt
from typing import Any

import pytest

from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.log.store import LogStore
from ledger.values.dates import TZ
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
        (("check", "nowhere", "2025-09"), "E_ENTITY_UNKNOWN"),
        (("check", "charity", "2025-9"), "E_PERIOD"),
        (("lock", "charity", "2025-9"), "E_PERIOD"),
        (("carry", "charity", "2025-9"), "E_PERIOD"),
        (("carry", "charity", "25"), "E_PERIOD"),
        (("carry", "nowhere", "2025"), "E_ENTITY_UNKNOWN"),
        (("lock", "nowhere", "2025-09"), "E_REFUSED"),
    ],
)
def test_what_cannot_be_locked_or_closed(office: Office, words: tuple[str, ...], code: str) -> None:
    assert office.asked("period", *words, officer=MAKER, code=2)["error"]["code"] == code


def test_a_month_is_locked_once(office: Office) -> None:
    office.asked("period", "lock", "charity", "2025-08", officer=MAKER)
    error = office.asked("period", "lock", "charity", "2025-08", officer=MAKER, code=2)["error"]
    assert "E_PERIOD_STATE" in error["message"]


def closed(office: Office) -> Any:
    """The close that the book holds."""
    store = LogStore.open(f"sqlite:///{office.book / 'book.db'}")
    with store.read() as connection:
        (place,) = reading.tag_positions(connection, "period:charity:2025-09", ["period.closed"])
        (row,) = reading.events_at(connection, [place])
    store.close()
    return read_event(row.data)


def nameless() -> dict[str, Any]:
    told = {"suspense": "S1", "fund": "general", "amount_fen": 700, "means": "bank", "account": "icbc"}
    return {"kind": "suspense.received", **told, "occurred_on": "2025-09-12"}


def test_what_is_open_is_listed_and_let_stand_with_its_reason(office: Office) -> None:
    assert office.asked("period", "check", "charity", "2025-09")["open"] == []
    assert "没有未办事项" in office.done("period", "check", "charity", "2025-09")
    office.submit(voucher("charity", nameless()))
    told = office.asked("period", "check", "charity", "2025-09")
    assert told["open"] == [{"what": "suspense", "count": 1, "names": ["S1"]}]
    assert "1 笔待查款没有查清（S1）" in office.done("period", "check", "charity", "2025-09")
    office.asked("period", "lock", "charity", "2025-09", officer=MAKER)
    closing = ("period", "close", "charity", "2025-09")
    assert "E_CLOSE_SUSPENSE" in office.asked(*closing, officer=MAKER, code=2)["error"]["message"]
    for odd in ("suspense", "suspense=", "suspence=等来函", "=等来函"):
        error = office.asked(*closing, "--unsettled", odd, officer=MAKER, code=2)["error"]
        assert (error["code"], error["params"]["value"]) == ("E_CLOSE_WHAT", odd)
    stands = ("--unsettled", "suspense=等捐赠人来函；会办2号", "--unsettled", "waiting=没有")
    assert office.asked(*closing, *stands, officer=MAKER)["missing"] == ["checker"]
    assert approve(office)[0]["state"] == "posted"
    stood = {"what": "suspense", "count": 1, "explanation": "等捐赠人来函", "document": "会办2号"}
    assert [part.model_dump() for part in closed(office).unsettled] == [stood]
    assert office.asked("verify")["integrity"]["ok"]


def test_a_month_is_opened_again_by_two(office: Office) -> None:
    office.asked("period", "lock", "charity", "2025-09", officer=MAKER)
    again = ("period", "reopen", "charity", "2025-09", "--reason", "补记", "--document", "会办3号")
    blank = ("period", "reopen", "charity", "2025-09", "--reason", " ")
    assert office.asked(*blank, officer=MAKER, code=2)["error"]["code"] == "E_REASON_BLANK"
    assert office.asked(*again, officer=MAKER)["missing"] == ["checker"]
    assert approve(office)[0]["state"] == "posted"
    assert office.submit(voucher("charity", gift("D2", 5)))["state"] == "posted"
    assert "E_PERIOD_STATE" in office.asked(*again, officer=MAKER, code=2)["error"]["message"]


INCOME, NET = "Donation income: unrestricted", "Unrestricted net assets"


def carried(office: Office, span: str, *words: str, code: int = 0) -> Any:
    return office.asked("period", "carry", "charity", span, *words, officer=MAKER, code=code)


def results(office: Office, period: str) -> dict[str, int]:
    """Account of income or of net assets -> what stands on it at the end of a month, credit below zero."""
    lines = office.asked("trial-balance", "--period", period, "--entity", "charity")["entities"][0]["accounts"]
    sums = {one["name_en"]: one["sums"]["closing_debit_fen"] - one["sums"]["closing_credit_fen"] for one in lines}
    return {name: fen for name, fen in sums.items() if fen and name != "Bank deposits"}


def test_what_a_month_came_to_goes_to_net_assets_and_what_came_late_after_it(office: Office) -> None:
    before = office.position()
    assert results(office, "2025-09") == {INCOME: -100_000}
    shown = carried(office, "2025-09", "--dry-run")
    assert (shown["missing"], office.position()) == (["checker"], before)
    assert [(one["role"], one["amount_fen"]) for one in shown["entries"]] == [
        ("donation_unrestricted", 100_000),
        ("net_unrestricted", -100_000),
    ]
    assert "1,000.00" in office.done("period", "carry", "charity", "2025-09", "--dry-run", officer=MAKER)
    assert office.asked("pending")["pending"] == [], "nothing was written"
    assert carried(office, "2025-09")["missing"] == ["checker"]
    assert approve(office)[0]["state"] == "posted"
    assert results(office, "2025-09") == {NET: -100_000}
    assert carried(office, "2025-09")["lines"] == []
    assert "没有收入、费用余额" in office.done("period", "carry", "charity", "2025-09", officer=MAKER)
    office.submit(voucher("charity", gift("D2", 5)))
    carried(office, "2025-09")
    assert [(one["state"], one["warnings"]) for one in approve(office)] == [("posted", [])]
    assert results(office, "2025-09") == {NET: -100_005}
    assert office.asked("verify")["integrity"]["ok"]


def test_a_year_is_carried_forward_when_it_is_over_and_without_what_the_next_one_brought(office: Office) -> None:
    assert "E_DATE_FUTURE" in carried(office, "2025", code=2)["error"]["message"]
    office.now = dt.datetime(2026, 1, 5, 9, tzinfo=TZ)
    office.submit({**voucher("charity", gift("D2", 7, "2026-01-03")), "voucher_date": "2026-01-04"})
    carried(office, "2025")
    assert [(one["state"], one["warnings"]) for one in approve(office)] == [("posted", [])]
    assert results(office, "2025-12") == {NET: -100_000}
    assert sorted(results(office, "2026-01").values()) == [-100_000, -7]
    assert office.asked("verify")["integrity"]["ok"]


def test_detail_accounts_come_to_zero_too(office: Office) -> None:
    named = {
        "entity": "charity",
        "chart": "npo-2004",
        "code": "520101",
        "parent": "5201",
        "name": "办公费",
        "aux": None,
    }
    leg = {"fund": "general", "party": ""}
    legs = [
        {**leg, "role": "management_cost", "code": "520101", "amount_fen": 400},
        {**leg, "role": "management_cost", "code": None, "amount_fen": 30},
        {**leg, "role": "bank", "party": "icbc", "code": None, "amount_fen": -430},
    ]
    said = {"entity": "charity", "summary": "办公用品", "on": "2025-09-10", "origin": "decision", "approval": None}
    office.submit(voucher("charity", {"kind": "account.opened", **named}))
    office.submit(voucher("charity", {"kind": "journal.posted", **said, "legs": legs}))
    approve(office)
    assert results(office, "2025-09") == {INCOME: -100_000, "办公费": 400, "Management cost": 30}
    carried(office, "2025-09")
    assert [(one["state"], one["warnings"]) for one in approve(office)] == [("posted", [])]
    assert results(office, "2025-09") == {NET: -99_570}
    assert office.asked("verify")["integrity"]["ok"]


def test_a_locked_month_is_carried_forward_no_more(office: Office) -> None:
    office.asked("period", "lock", "charity", "2025-09", officer=MAKER)
    assert "E_PERIOD_CLOSED" in carried(office, "2025-09", code=2)["error"]["message"]
