"""A household of one that was paid after the death is in doubt in the same way, wherever the list of the dead comes:
before the roster, which takes its line out; before the bank's result; or after it.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ledger_projections.public_money.batches import Batch, batches
from ledger_projections.public_money.doubts import Doubt, doubts
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.registry import catch_up
from tests.application.proposing.county import County
from tests.application.proposing.relief.bereaved.test_dead_payees import reported
from tests.application.proposing.relief.october import OCTOBER, OCTOBER_BATCH, with_quota, with_september
from tests.application.proposing.relief.paying.bank import at, at_the_bank, base_of, listed, result, results, roster

DEAD = (3, 6)
"""Households of one."""
ORDERS = ("after the result", "before the result", "before the roster")
ALL_YUAN = sum(base_of(number) for number in range(1, 13))


def played(county: County, when: str) -> County:
    """September's roster, and October paid in full to all twelve."""
    county.sign_off()
    at(county, 10, 9)

    def deaths(now: str) -> None:
        if now == when:
            reported(county, *DEAD)

    deaths("before the roster")
    roster(county, OCTOBER, listed())
    deaths("before the result")
    report = results(county, *(paid(number) for number in range(1, 13)))
    assert (report.new, report.wrong) == (12, [])
    deaths("after the result")
    return county


def paid(number: int, more: int = 0) -> list[str]:
    return result(number, base_of(number) + more, "成功", "20251009", OCTOBER_BATCH)


def about_the_dead(county: County) -> Mapping[tuple[Any, ...], int]:
    """The doubts that say that the dead were paid: of whom, since when, for which month and payment, once each."""
    names = ("person", "died_month", "month", "payment")
    return Counter(tuple(one.detail[name] for name in names) for one in in_doubt(county, "W_PAYEE_DEAD"))


def in_doubt(county: County, code: str) -> list[Doubt]:
    with county.store.read() as connection:
        return [row for row in doubts(connection, code=code).rows if row.reversed_at is None]


def batch(county: County) -> Batch:
    with county.store.read() as connection:
        (found,) = batches(connection, first=OCTOBER, last=OCTOBER).rows
    return found


@pytest.fixture
def after(new_county: Callable[[], County]) -> County:
    """All is paid before the deaths are known."""
    return played(with_september(with_quota(new_county())), ORDERS[0])


def test_both_payments_are_in_doubt_when_the_deaths_come_last(after: County) -> None:
    found = about_the_dead(after)
    assert (len(found), set(found.values())) == (len(DEAD), {1})


@pytest.mark.parametrize("when", ORDERS)
def test_the_dead_are_in_doubt_once_a_payment_in_every_order(enrolled: County, when: str) -> None:
    county = played(enrolled, when)
    found = about_the_dead(county)
    assert (len(found), set(found.values())) == (len(DEAD), {1})
    assert {one[1:3] for one in found} == {("2025-09", OCTOBER)}
    withheld = len(in_doubt(county, "W_NOT_AUTHORISED"))
    assert withheld == (len(DEAD) if when == "before the roster" else 0), "that it was withheld is a fact of its own"
    reported(county, *DEAD, source="殡仪馆")
    assert about_the_dead(county) == found, "a second office shows nothing new"


@pytest.mark.parametrize("when", ORDERS)
def test_what_was_paid_is_the_same_in_every_order(enrolled: County, when: str) -> None:
    """In money, households and persons; what is still promised is less by what was withheld, which nobody is to order
    again.
    """
    county = played(enrolled, when)
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        (row,) = subsidies(connection, OCTOBER, OCTOBER, programme="rural-dibao").rows
    assert (row.household_times, row.person_times, row.paid_fen) == (12, 24, ALL_YUAN * 100)
    assert county.fen("bureau", "relief", "relief_cost") == ALL_YUAN * 100
    found = batch(county)
    assert (found.prepared_fen, found.paid_fen) == (ALL_YUAN * 100, ALL_YUAN * 100)
    withheld = sum(base_of(number) for number in DEAD) * 100 if when == "before the roster" else 0
    assert (found.pending_fen, found.failed_fen, found.pending_count, found.cancelled_count) == (0, 0, 0, 0)
    assert (found.cancelled_fen, found.beyond_fen) == (withheld, withheld), "withheld, and paid all the same"
    assert found.complete


@pytest.mark.parametrize("when", ORDERS[1:])
def test_money_in_every_account_is_the_same(enrolled: County, after: County, when: str) -> None:
    """But for what is promised to the batch, of which a line that is withheld asks nothing more."""
    county = played(enrolled, when)
    withheld = sum(base_of(number) for number in DEAD) * 100 if when == "before the roster" else 0
    some, others = (one.balances() for one in (county, after))
    apart = {key: abs(fen - some.get(key, 0)) for key, fen in others.items() if fen != some.get(key, 0)}
    assert some.keys() == others.keys()
    assert set(apart.values()) == ({withheld} if withheld else set())
    assert {key[4] for key in apart} == ({"committed", "committed_contra"} if withheld else set())


def test_an_amount_that_was_not_authorised_names_the_dead_too(enrolled: County) -> None:
    """The bank paid a yuan more than was due: whom it was for is known all the same."""
    at_the_bank(enrolled)
    results(enrolled, paid(3, more=1))
    reported(enrolled, 3)
    assert sum(about_the_dead(enrolled).values()) == 1
    assert len(in_doubt(enrolled, "W_PAYMENT_AMOUNT")) == 1


def test_the_same_result_again_is_known(enrolled: County) -> None:
    county = played(enrolled, "before the roster")
    again = results(county, *(paid(number) for number in range(1, 13)))
    assert (again.new, again.duplicate, again.wrong) == (0, 12, [])


def test_the_same_roster_again_says_which_lines_are_still_out(enrolled: County) -> None:
    """They are known, and nothing else says that nobody is paid by them; a list of those rows alone pays them."""
    enrolled.sign_off()
    at(enrolled, 10, 9)
    reported(enrolled, *DEAD)
    first = roster(enrolled, OCTOBER, listed())
    assert sorted(cell.code for cell in first.wrong) == ["E_PAYEE_DEAD"] * len(DEAD)
    again = roster(enrolled, OCTOBER, listed())
    assert (again.new, again.wrong) == (0, [])
    told = [note for note in again.notes if note.code == "W_LINE_TAKEN_OUT"]
    assert [note.place.row for note in told] == [1 + number for number in DEAD]
    for word in ("E_PAYEE_DEAD", OCTOBER_BATCH, f"{base_of(DEAD[0])}.00", "--batch 02"):
        assert word in told[0].message("zh")
    for death in enrolled.of_kind("death.reported"):
        enrolled.reverse(death, "bureau")
    only = [listed()[0], *(listed()[number] for number in DEAD)]
    mended = roster(enrolled, OCTOBER, only, batch_no="02")
    assert (mended.new, mended.wrong) == (len(DEAD), [])
    paid_for = {one.batch for one in enrolled.of_kind("subsidy.authorised")}
    assert OCTOBER_BATCH.replace("-01", "-02") in paid_for
