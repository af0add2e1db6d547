"""Matching the samples' bank lines with what the samples booked, through the real writer."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ledger.application.matching import Matching, propose_allocations
from ledger.application.outcomes import Receipt
from tests.application.proposing.county import BATCH, TODAY, County
from tests.application.proposing.county_facts import BUREAU, CHARITY


@pytest.fixture
def matched(new_county: Callable[[], County]) -> County:
    """The county after September, for matching."""
    county = new_county()
    county.standard()
    return county


def look(county: County, entity: str, account: str) -> Matching:
    with county.store.read() as connection:
        return propose_allocations(connection, entity, account)


def allocate(county: County, entity: str, account: str) -> Receipt:
    events: list[Any] = list(look(county, entity, account).events(account))
    facts = [(one.kind, one.model_dump(mode="json", exclude={"kind", "id"})) for one in events]
    outcome = county.post(f"acct-{entity}", entity, facts, day=TODAY)
    assert isinstance(outcome, Receipt)
    return outcome


def test_the_charitys_lines_are_explained_by_gifts_and_a_settlement(matched: County) -> None:
    found = look(matched, CHARITY, "icbc-9991")
    reasons = {one.lines[0].fen: one.reason for one in found.matches}
    assert reasons == {2_865_000: "counterparty", 20_000_000: "counterparty", 19_880: "amount"}
    assert (found.ties, found.lines, found.moves) == ((), (), ())
    assert allocate(matched, CHARITY, "icbc-9991").warnings == ()
    assert look(matched, CHARITY, "icbc-9991").matches == ()


def test_interest_and_fees_explain_their_own_lines(matched: County) -> None:
    assert [one.fen for one in look(matched, CHARITY, "ccb-9992").lines] == [-30_000_000, 100_000]
    assert [one.fen for one in look(matched, CHARITY, "abc-zhuxue").lines] == [-1_800_000, 500_000]


def test_the_batchs_line_holds_what_was_paid_and_what_failed(matched: County) -> None:
    out, back = look(matched, BUREAU, "rcc-transit").matches
    assert (out.lines[0].fen, sorted(one.fen for one in out.moves)) == (-203_000, [-69_000, -58_000, -38_000, -38_000])
    assert (back.lines[0].fen, [one.fen for one in back.moves]) == (76_000, [38_000, 38_000])
    assert {one.event for one in back.moves} == {one.event for one in out.moves if one.failed}
    receipt = allocate(matched, BUREAU, "rcc-transit")
    assert {one.code for one in receipt.warnings} == {"W_MATCH_NO_MONEY"}, "a failed payment moved nothing in the book"
    left = look(matched, BUREAU, "rcc-transit")
    assert ([one.fen for one in left.lines], [one.fen for one in left.moves]) == ([-76_000], [203_000])


def test_the_second_payment_is_found_by_the_banks_number(matched: County) -> None:
    (line,) = [one for one in matched.of_kind("bank.line_recorded") if one.occurred_at.startswith("2025-09-24")]
    pay_again(matched, line.serial)
    found = look(matched, BUREAU, "rcc-transit").matches
    assert ("serial", -76_000) in [(one.reason, one.lines[0].fen) for one in found]
    assert len(found) == 3
    allocate(matched, BUREAU, "rcc-transit")
    assert look(matched, BUREAU, "rcc-transit").lines == ()


def pay_again(county: County, serial: str) -> None:
    failed = {one.payment for one in county.of_kind("subsidy.returned")}
    names = ("payment", "enrolment", "programme", "batch", "component", "period_from", "period_to", "persons")
    facts = []
    for one in county.events(f"batch:{BATCH}", "subsidy.authorised"):
        if one.payment in failed:
            same = {name: getattr(one, name) for name in (*names, "amount_fen")} | {"subjects": list(one.subjects)}
            rest = {"fund": "relief", "households": 0, "result_ref": serial, "occurred_on": "2025-09-24"}
            facts.append(("subsidy.paid", {**same, **rest, "origin": "decision"}))
    county.decide(BUREAU, *facts, day=TODAY)


def test_a_reversed_allocation_opens_the_line_again(matched: County) -> None:
    allocate(matched, CHARITY, "icbc-9991")
    undone = matched.of_kind("bank.allocated")[0]
    matched.reverse(undone, CHARITY)
    (again,) = look(matched, CHARITY, "icbc-9991").events("icbc-9991")
    assert again.model_dump(exclude={"id"}) == undone.model_dump(exclude={"id"})


def test_a_reversed_event_is_no_candidate(matched: County) -> None:
    (gift,) = matched.of_kind("donation.collective")
    for receipt in matched.of_kind("donation.receipt_issued"):
        if any(cover.donation == gift.donation for cover in receipt.covers):
            matched.reverse(receipt, CHARITY)
    matched.reverse(gift, CHARITY)
    found = look(matched, CHARITY, "icbc-9991")
    assert [one.lines[0].fen for one in found.matches] == [20_000_000, 19_880]
    assert [one.fen for one in found.lines] == [2_865_000]


def test_only_what_is_dated_by_the_day_is_looked_at(matched: County) -> None:
    with matched.store.read() as connection:
        found = propose_allocations(connection, CHARITY, "icbc-9991", until=date(2025, 9, 5))
    assert sorted(one.lines[0].fen for one in found.matches) == [2_865_000, 20_000_000]


def test_an_account_nobody_has_moved_has_nothing_open(matched: County) -> None:
    found = look(matched, CHARITY, "cash")
    assert (found.matches, found.lines, found.moves) == ((), (), ())
