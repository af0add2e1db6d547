"""The monthly amount against an independent reckoning: exact fractions, and the rows of the roster sample."""

import csv
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.flows.public_money.entitlement.monthly import Monthly, Rounding, Supplement, above_highest
from tests.flows.public_money.samples_relief import amount

_SAMPLE = Path(__file__).parents[3] / "api" / "ledger_api" / "demo" / "inputs" / "dibao_roster.csv"
_ROUNDINGS = st.sampled_from(["none", "head_yuan_up", "household_yuan_up"])
_FEN = st.integers(0, 500_000)


def _difference(standard: int, income: int, persons: int, rounding: Rounding) -> int:
    """The formula in whole yuan as fractions: another road to the same figure."""
    head = max(Fraction(0), Fraction(standard - income, 100))
    if rounding == "head_yuan_up":
        return ceil(head) * persons * 100
    if rounding == "household_yuan_up":
        return ceil(head * persons) * 100
    return int(head * persons * 100)


@given(standard=_FEN, income=_FEN, persons=st.integers(0, 12), rounding=_ROUNDINGS)
def test_by_difference(standard: int, income: int, persons: int, rounding: Rounding) -> None:
    made = amount(
        standard_fen=standard,
        income_per_head_fen=income,
        persons=persons,
        rounding=rounding,
        base_fen=_difference(standard, income, persons, rounding),
        supplements=(),
        total_fen=_difference(standard, income, persons, rounding),
    )
    assert list(made.departures()) == []
    assert made.sums_hold()
    assert made.total_fen <= made.ceiling_fen


@given(base=_FEN, standard=_FEN, income=_FEN, persons=st.integers(0, 12), rounding=_ROUNDINGS)
def test_any_other_base_departs(base: int, standard: int, income: int, persons: int, rounding: Rounding) -> None:
    expected = _difference(standard, income, persons, rounding)
    made = amount(standard_fen=standard, income_per_head_fen=income, persons=persons, rounding=rounding, base_fen=base)
    found = list(made.departures())
    assert (found == []) == (base == expected)
    assert all(one["expected_fen"] == expected for one in found)


@given(tier=st.integers(1, 500_000), persons=st.integers(0, 12))
def test_by_tiers_and_in_full(tier: int, persons: int) -> None:
    by_tier = amount(mode="tier", tier_fen=tier, persons=persons, base_fen=tier * persons)
    full = amount(mode="full", standard_fen=tier, persons=persons, base_fen=tier * persons)
    assert list(by_tier.departures()) == list(full.departures()) == []


@pytest.mark.parametrize("mode", ["single", "taper"])
@given(base=_FEN)
def test_what_is_decided_case_by_case_has_a_ceiling_only(mode: str, base: int) -> None:
    made = amount(mode=mode, persons=1, base_fen=base, supplements=(), total_fen=base)
    assert list(made.departures()) == []
    assert (made.total_fen > made.ceiling_fen) == (base > 50_000)


def test_a_single_cover_is_for_one_and_a_tier_is_named() -> None:
    assert [one["mode"] for one in amount(mode="single", persons=2).departures()] == ["single"]
    assert [one["mode"] for one in amount(mode="tier").departures()] == ["tier"]


@given(base=_FEN, fen=st.lists(st.integers(1, 50_000), max_size=4), off=st.integers(-3, 3))
def test_the_total_is_the_sum_of_its_parts(base: int, fen: list[int], off: int) -> None:
    parts = tuple(Supplement(supplement_class="other", persons=1, fen=one) for one in fen)
    total = max(0, base + sum(fen) + off)
    made = amount(base_fen=base, supplements=parts, total_fen=total)
    assert made.sums_hold() == (total == base + sum(fen))


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def _row(row: dict[str, str]) -> Monthly:
    extra = _fen(row["分类施保金(元)"])
    persons = int(row["分类施保人数"])
    parts = (Supplement(supplement_class="other", persons=persons, fen=extra),) if extra else ()
    base = _fen(row["基本保障金(元)"])
    return amount(
        income_per_head_fen=_fen(row["家庭月人均收入(元)"]),
        standard_fen=_fen(row["保障标准(元/人月)"]),
        persons=int(row["保障人口"]),
        base_fen=base,
        supplements=parts,
        total_fen=base + extra,
    )


def test_the_rows_of_the_roster_sample() -> None:
    rows = list(csv.DictReader(_SAMPLE.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 3
    for row in rows:
        made = _row(row)
        assert made.sums_hold()
        assert list(made.departures()) == []
        net = made.total_fen + _fen(row["补发(元)"]) - _fen(row["扣回(元)"])
        assert net == _fen(row["本月实发(元)"])


def _any_amount(mode: str, standard: int, income: int, persons: int, rounding: Rounding) -> Monthly:
    fields = {"mode": mode, "standard_fen": standard, "income_per_head_fen": income, "rounding": rounding}
    free = amount(**fields, persons=persons, tier_fen=income or None, base_fen=standard * persons)
    expected = free.expected_base_fen()
    return free if expected is None else amount(**fields, persons=persons, tier_fen=income or None, base_fen=expected)


_AMOUNTS = st.builds(
    _any_amount,
    st.sampled_from(["difference", "tier", "full", "single", "taper"]),
    st.integers(0, 900),
    st.integers(0, 900),
    st.integers(1, 4),
    _ROUNDINGS,
)


def _least_head(one: Monthly) -> Fraction:
    """The least a head that comes out as the base, tried fen by fen: of a formula the one figure it gives."""
    if one.mode == "difference":
        return Fraction(max(0, one.standard_fen - one.income_per_head_fen))
    if one.mode in {"tier", "full"}:
        return Fraction((one.tier_fen or one.base_fen) if one.mode == "tier" else one.standard_fen)
    if one.rounding == "head_yuan_up":
        whole = [head for head in range(1_000) if ceil(Fraction(head, 100)) * 100 * one.persons == one.base_fen]
        return Fraction(min(whole)) if whole else Fraction(one.base_fen, one.persons)
    if one.rounding == "household_yuan_up":
        whole = [home for home in range(4_000) if ceil(Fraction(home, 100)) * 100 == one.base_fen]
        return Fraction(min(whole) if whole else one.base_fen, one.persons)
    return Fraction(one.base_fen, one.persons)


@given(drawn=st.lists(_AMOUNTS, min_size=1, max_size=4))
def test_what_rounding_adds_is_no_more_than_the_difference(drawn: list[Monthly]) -> None:
    drawn = [one for one in drawn if one.mode != "tier" or one.tier_fen is not None] or [amount()]
    expected = sum(map(_least_head, drawn)) > max(one.standard_fen for one in drawn)
    assert above_highest(drawn) == expected


def test_a_fen_above_what_rounding_adds_exceeds() -> None:
    home = amount(standard_fen=70_000, income_per_head_fen=23_333, persons=3, rounding="head_yuan_up", base_fen=140_100)
    assert home.expected_base_fen() == home.base_fen
    rest = {"standard_fen": 70_000, "persons": 1, "rounding": "head_yuan_up", "supplements": ()}
    fits = amount(**rest, income_per_head_fen=46_667, base_fen=23_400, total_fen=23_400)
    assert fits.expected_base_fen() == fits.base_fen
    assert not above_highest([home, fits])
    assert above_highest([home, amount(**rest, income_per_head_fen=46_666, base_fen=23_400, total_fen=23_400)])
    assert above_highest([home, amount(**rest, mode="taper", base_fen=23_500, total_fen=23_500)])
    assert above_highest([home, amount(**{**rest, "rounding": "none"}, mode="taper", base_fen=23_400)])
