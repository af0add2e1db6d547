"""Money: yuan as text and fen as integers are two spellings of one amount, and sums in capitals are a third."""

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.values.money import MAX_FEN, capitals, capitals_to_fen, check_fen, fen_to_yuan

amounts = st.integers(-MAX_FEN, MAX_FEN)
small_amounts = st.one_of(st.integers(0, 10_000_000), st.integers(0, 10**18 - 1), amounts)


@given(amounts)
def test_yuan_are_what_decimal_says(fen: int) -> None:
    assert Decimal(fen_to_yuan(fen)) == Decimal(fen) / 100
    assert fen_to_yuan(fen, grouped=True) == f"{Decimal(fen) / 100:,.2f}"


@pytest.mark.parametrize(("value", "code"), [(True, "E_FEN_TYPE"), (1.0, "E_FEN_TYPE"), (2**53, "E_FEN_RANGE")])
def test_fen_are_whole_and_bounded(value: int, code: str) -> None:
    with pytest.raises(InputError, match=code):
        check_fen(value)


# The examples of the rule itself (art. 52) stand first; where it allows 零 or none, ours writes it.
@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元零叁角贰分"),
        (10_700_053, "壹拾万柒仟元零伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (55, "伍角伍分"),
        (100, "壹元整"),
        (1000, "壹拾元整"),
        (1_000_000, "壹万元整"),
        (1_000_100, "壹万零壹元整"),
        (10_010_000_00, "壹仟零壹万元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (10_000_100_000, "壹亿零壹仟元整"),
        (10_100_000_000_00, "壹佰零壹亿元整"),
        (100_010_000_000_000, "壹万零壹亿元整"),
        (100_000_000_000_000, "壹万亿元整"),
        (100_000_000_010_000, "壹万亿零壹佰元整"),
        (-123_450, "负壹仟贰佰叁拾肆元伍角整"),
    ],
)
def test_sums_in_capitals_as_the_rule_writes_them(fen: int, text: str) -> None:
    assert capitals(fen) == text
    assert capitals_to_fen(text) == fen


@given(small_amounts)
@example(10**18 - 1)
def test_capitals_are_read_back_as_the_same_amount(fen: int) -> None:
    assert capitals_to_fen(capitals(fen)) == fen


def value_by_weights(text: str) -> int:
    """The value read as a child reads it, sign by sign and without our sections: an independent reading of capitals."""
    digits = {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
    total = section = digit = 0
    for c in text.removeprefix("负").removesuffix("整"):
        if c in digits:
            digit = digits[c]
        elif c in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[c]
            digit = 0
        elif c in "万亿":
            total = (total + section + digit) * 10**8 if c == "亿" else total + (section + digit) * 10_000
            section = digit = 0
        elif c == "元":
            total = (total + section + digit) * 100
            section = digit = 0
        else:
            total += digit * {"角": 10, "分": 1}[c]
            digit = 0
    return -total if text.startswith("负") else total


@given(small_amounts)
def test_capitals_say_the_amount_to_an_independent_reader(fen: int) -> None:
    assert value_by_weights(capitals(fen)) == fen


@given(small_amounts)
def test_capitals_keep_the_form_of_the_rule(fen: int) -> None:
    text = capitals(fen)
    assert "零零" not in text
    assert not re.search("零[元万亿拾佰仟]", text.replace("零元整", ""))
    assert text.endswith("分") == (fen % 10 != 0)
    assert text.endswith("整") == (fen % 10 == 0)


@pytest.mark.parametrize(
    ("text", "fen"), [("人民币壹佰圆正", 10_000), ("壹仟陆佰捌拾元叁角贰分", 168_032), ("伍角", 50)]
)
def test_allowed_other_spellings_of_capitals(text: str, fen: int) -> None:
    assert capitals_to_fen(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "元",
        "整",
        "壹贰元整",
        "拾元整",
        "壹佰",
        "壹佰元零",
        "壹元壹元整",
        "壹万万元整",
        "一百元整",
        "壹佰零零壹元整",
        "壹拾分",
    ],
)
def test_what_is_no_sum_in_capitals_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="E_CAPITALS"):
        capitals_to_fen(text)


@given(st.text("零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整负圆", max_size=12))
def test_any_run_of_signs_is_refused_or_says_its_amount(text: str) -> None:
    try:
        fen = capitals_to_fen(text)
    except InputError as refused:
        assert refused.code == "E_CAPITALS"  # noqa: PT017 - both outcomes are right, each is checked
    else:
        assert value_by_weights(text.replace("圆", "元")) == fen


@pytest.mark.parametrize(("fen", "code"), [(10**18, "E_FEN_RANGE"), (True, "E_FEN_TYPE"), (1.5, "E_FEN_TYPE")])
def test_capitals_refuse_what_is_no_amount(fen: int, code: str) -> None:
    with pytest.raises(InputError, match=code):
        capitals(fen)
