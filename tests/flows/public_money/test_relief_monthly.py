"""The monthly amount against an independent reckoning: exact fractions, and the rows of the roster sample."""

import csv
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.flows.public_money.entitlement.monthly import Monthly, Rounding, Supplement
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
