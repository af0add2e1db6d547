"""The year's papers: receipts, and what the book says of them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_api.demo.year.control import controls
from ledger_api.demo.year.giving.gifts import charity_of
from ledger_api.demo.year.papers.receipts import RED_ON, Receipts, receipts_of
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.play import Year
from ledger_api.demo.year.roll import TOWNSHIPS
from ledger_api.demo.year.targets import MONTHS


def receipts(scale: str, seed: int) -> Receipts:
    return receipts_of(charity_of(Decimal(scale), Dice(seed), len(TOWNSHIPS)).gifts, Dice(seed + 1))


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_a_whole_county_makes_out_a_receipt_for_every_gift_but_what_lay_in_boxes(seed: int) -> None:
    made = receipts("1", seed)
    standing = made.standing()
    appeal = [one for one in standing if not one.gifts[0].pledge]
    assert len(appeal) == 1318
    assert sum(len(one.gifts) for one in standing if one.gifts[0].pledge) == 25
    assert sorted(len(one.gifts) for one in standing)[-3:] == [1, 2, 2], "two pledges came in two instalments"
    assert len(made.all) - len(standing) == 1
    assert [one.in_advance for one in made.all].count(True) == 1
    assert sum(one.fen for one in standing) == 260_000_000 + 238_461_236 - 640_000


@given(st.integers(5, 120), st.integers(0, 2**64))
def test_numbers_run_without_a_gap_and_a_dropped_one_leaves_one(thousandths: int, seed: int) -> None:
    made = receipts(f"0.{thousandths:03d}", seed)
    numbers = sorted(int(number) for one in made.all for number in (one.number, one.red) if number)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    in_order = sorted(made.all, key=lambda one: one.number)
    assert [one.on for one in in_order] == sorted(one.on for one in made.all)
    (wrong,) = [one for one in made.all if one.red]
    (again,) = [one for one in made.standing() if one.gifts == wrong.gifts]
    assert wrong.on < RED_ON < again.on
    gone = in_order[len(in_order) // 2]
    left = made.drop_numbers([gone.number])
    assert {one.number for one in made.all} - {one.number for one in left.all} == {gone.number}


@given(st.integers(5, 40), st.integers(0, 2**64))
def test_the_registers_of_all_months_name_every_receipt_once_for_each_gift(thousandths: int, seed: int) -> None:
    gifts = charity_of(Decimal(thousandths) / 1000, Dice(seed), len(TOWNSHIPS)).gifts
    made = receipts_of(gifts, Dice(seed))
    rows = [row for month in MONTHS for row in made.of_register(gifts, month)]
    named = sorted((gift.serial, one.number) for gift, one in rows if one is not None)
    assert named == sorted((gift.serial, one.number) for one in made.all for gift in one.gifts)
    assert {gift.serial for gift, _ in rows} == {gift.serial for gift in gifts}


def test_controls_of_receipts_can_fail(hamlet: Year) -> None:
    made = hamlet.made
    with hamlet.county.book.store.read() as connection:
        dropped = made.receipts.drop_numbers([made.receipts.standing()[-1].number])
        found = [one.what for one in controls(connection, replace(made, receipts=dropped)) if not one.holds]
    assert found == ["开票张数", "有效票据(元)", "已对应捐赠(元)", "已开票捐赠笔数"]
