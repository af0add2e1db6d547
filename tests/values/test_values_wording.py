"""Figures as reports write them, and back: every style holds for its own value and for no neighbour."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.values.quantities import consistent, plain_digits, quantities, quantity
from ledger.values.wording import (
    approx,
    average_yuan,
    count_worded,
    counted,
    counted_approx,
    counted_wan,
    exact_wan,
    exact_yuan,
    money_worded,
    percent,
)

YUAN, WAN = 100, 1_000_000
MONEY = st.integers(0, 10**13)
COUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("style", "fen", "text"),
    [
        (exact_yuan, 82_999 * YUAN, "82999元"),
        (exact_yuan, 238_461_236, "2384612.36元"),
        (exact_yuan, 5, "0.05元"),
        (exact_yuan, 0, "0元"),
        (exact_wan, 142_500 * YUAN, "14.25万元"),
        (exact_wan, 15_525_000 * YUAN, "1552.5万元"),
        (exact_wan, 53_000 * YUAN, "5.3万元"),
        (exact_wan, 409 * WAN, "409万元"),
        (exact_wan, 100 * WAN, "100万元"),
        (exact_wan, 50_100 * YUAN, "5.01万元"),
        (approx, 8_176_388_000, "8176余万元"),
        (approx, 238_461_236, "238余万元"),
        (approx, 164_750 * YUAN, "16余万元"),
        (approx, 406_850 * YUAN, "40余万元"),
        (approx, 83_460 * YUAN, "8万余元"),
        (approx, 102_380 * YUAN, "10万余元"),
        (approx, 110_001 * YUAN, "11余万元"),
        (approx, 409 * WAN, "409万元"),
    ],
)
def test_money_in_the_published_words(style: Callable[[int], str], fen: int, text: str) -> None:
    assert style(fen) == text
    assert consistent(text, fen)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (counted(1786, "人"), 1786),
        (counted_wan(43_700, "人次"), 43_700),
        (counted_wan(52_500, "人次"), 52_500),
        (counted_approx(214, "人次"), 214),
        (counted_approx(210, "人次"), 210),
        (percent(Fraction(8346, 9124)), Fraction(8346, 9124)),
        (percent(Fraction(9996, 10_000)), Fraction(9996, 10_000)),
        (percent(Fraction(1)), Fraction(1)),
    ],
)
def test_counts_and_percentages_read_back(text: str, value: Fraction | int) -> None:
    assert consistent(text, value)


def test_the_words_of_counts_and_percentages() -> None:
    assert [counted_wan(43_700, "人次"), counted_wan(52_500, "人次")] == ["4.37万人次", "5.25万人次"]
    assert [counted_approx(value, "人次") for value in (214, 210, 167)] == ["210余人次", "210人次", "160余人次"]
    ratios = {"83.6%": Fraction(836, 1000), "99.96%": Fraction(9996, 10_000), "100%": Fraction(1), "0%": Fraction()}
    assert {percent(ratio): ratio for ratio in ratios.values()} == ratios
    assert percent(Fraction(1_000_001, 1_000_000)) == "100.0001%"
    assert average_yuan(Fraction(401_123_000, 12_857)) == "311.99元"


def test_less_than_ten_thousand_stands_in_yuan() -> None:
    styles = ["exact_wan", "approx"]
    told = {yuan: money_worded(yuan * YUAN, styles)[0] for yuan in (0, 100, 7_200, 9_900, 10_000, 14_500)}
    assert told == {0: "0元", 100: "100元", 7_200: "7200元", 9_900: "9900元", 10_000: "1万元", 14_500: "1.45万元"}


@given(MONEY)
def test_money_holds_in_every_style(fen: int) -> None:
    assert consistent(exact_yuan(fen), fen)
    assert not consistent(exact_yuan(fen), fen + 1)
    for style in ("exact_wan", "approx"):
        text, used = money_worded(fen, [style])
        assert consistent(text, fen)
        assert used in {style, "exact_yuan"}
    if fen % 10_000 == 0:
        assert exact_wan(fen).endswith("万元")
        assert not consistent(exact_wan(fen), fen + 1)
        assert not consistent(exact_wan(fen), fen - 1)


@given(st.integers(WAN, 10**13))
def test_an_approximation_holds_for_its_ten_thousand_and_no_neighbour(fen: int) -> None:
    text, low = approx(fen), fen - fen % WAN
    if fen % WAN:
        assert "余" in text
        assert all(consistent(text, value) for value in (low, fen, low + WAN - 1))
    assert not consistent(text, low - 1)
    assert not consistent(text, low + WAN)


@given(st.integers(1, 9_999), st.integers(0, 9_999))
def test_ten_thousands_and_the_rest_are_one_number(wan: int, rest: int) -> None:
    assert consistent(f"{wan}万{rest:04d}元", (wan * 10_000 + rest) * YUAN)
    assert not consistent(f"{wan}万{rest:04d}元", (wan * 10_000 + rest) * YUAN + 1)


@given(COUNTS)
def test_counts_hold_in_every_style(value: int) -> None:
    for styles in ([], ["counted_wan"], ["counted_approx"], ["counted_wan", "counted_approx"]):
        text, _ = count_worded(value, "人次", styles)
        assert consistent(text, value)
    if value >= 10 and value % 10:
        text, low = counted_approx(value, "人次"), value - value % 10
        assert consistent(text, low)
        assert not consistent(text, low - 1)
        assert not consistent(text, low + 10)


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_percentages_hold_and_only_the_whole_is_a_hundred(part: int, whole: int) -> None:
    text = percent(Fraction(part, whole))
    assert consistent(text, Fraction(part, whole))
    assert (text == "100%") == (part == whole)


@given(st.fractions(0, 10**6))
def test_an_average_is_its_nearest_fen(fen: Fraction) -> None:
    rounded = quantity(average_yuan(fen)).readings[0].low
    assert abs(rounded - fen) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("８１７６余万元", "fen", 8_176 * WAN, 8_177 * WAN),
        ("8176 多 万元", "fen", 8_176 * WAN, 8_177 * WAN),
        ("10余万元", "fen", 10 * WAN, 11 * WAN),
        ("10万余元", "fen", 10 * WAN, 11 * WAN),
        ("1.2亿元", "fen", 12_000 * WAN, 12_000 * WAN),
        ("82,999元", "fen", 8_299_900, 8_299_900),
        ("1,234,567.89元", "fen", 123_456_789, 123_456_789),
        ("1000余元", "fen", 100_000, 200_000),
        ("4.37万人次", "人次", 43_700, 43_700),
        ("210余人次", "人次", 210, 220),
        ("700余户次", "户次", 700, 710),
        ("47名", "人", 47, 47),
        ("约30万元", "fen", 2_950_000 * 10, 3_050_000 * 10),
        ("逾30万元", "fen", 30 * WAN, None),
        ("30万元以上", "fen", 30 * WAN, None),
        ("不足30万元", "fen", 0, 30 * WAN),
        ("83.6%", "percent", Fraction(8355, 10_000), Fraction(8365, 10_000)),
        ("83.6％", "percent", Fraction(8355, 10_000), Fraction(8365, 10_000)),
        ("100%", "percent", 1, 1),
        ("44万8047元", "fen", 44_804_700, 44_804_700),
        ("44万0047.50元", "fen", 44_004_750, 44_004_750),
        ("1亿3万元", "fen", 10_003 * WAN, 10_003 * WAN),
        ("3万5千元", "fen", 3_500_000, 3_500_000),
        ("3亿5千万元", "fen", 35_000 * WAN, 35_000 * WAN),
        ("4万3700人次", "人次", 43_700, 43_700),
        ("超过1亿3万元", "fen", 10_003 * WAN, None),
    ],
)
def test_what_is_printed_is_read(text: str, unit: str, low: Fraction | int, high: Fraction | int | None) -> None:
    found = quantity(text)
    assert (found.unit, found.readings[0].low, found.readings[0].high) == (unit, low, high)


def test_the_wide_reading_stands_apart() -> None:
    strict, wide = quantity("40余万元").readings
    assert [strict.high, wide.high] == [41 * WAN, 50 * WAN]
    assert [strict.wide, wide.wide] == [False, True]
    assert [reading.high for reading in quantity("700余人次").readings] == [710, 800]
    assert len(quantity("40万余元").readings) == len(quantity("8176余万元").readings) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("83.6%", Fraction(836, 1000)),
        ("约83%", Fraction(83, 100)),
        ("100%", 1),
        ("0%", 0),
        ("0.5%", Fraction(5, 1000)),
        ("不足1%", None),
        ("超过90%", None),
        ("90多%", None),
        ("40余万元", None),
        ("82999元", 8_299_900),
    ],
)
def test_the_number_that_is_written_is_known_where_it_stands_for_itself(text: str, number: Fraction | None) -> None:
    assert quantity(text).printed == number


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("9" * 19 + "元", "long"),
        ("82，999元", "grouped"),
        ("1,2345元", "grouped"),
        ("1063,57人", "grouped"),
        ("1552.5万", "unit"),
        ("625元/月", "rate"),
        ("近300万元", "near"),
        ("1785余人", "odd"),
        ("3万5元", "grouped"),
        ("3千5万元", "grouped"),
        ("44万8047余元", "grouped"),
        ("1亿3.5万元", "grouped"),
        (".3万元", "grouped"),
        ("1.2.3万元", "grouped"),
        ("2万元至4万元", "range"),
        ("2万至4万元", "range"),
        ("3人-5人", "range"),
        ("2万元～4万元", "range"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, trouble: str) -> None:
    found = list(quantities(text))
    assert found
    assert {one.trouble for one in found} == {trouble}
    with pytest.raises(InputError) as caught:
        quantity(text)
    assert caught.value.code == "E_QUANTITY"


@pytest.mark.parametrize("text", ["", "元", "八万元", "8万元整", "2024年", "12月31日", "第3批", "-5元", "〔2024〕10号"])
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        consistent(text, 1)


def test_figures_are_found_where_they_stand() -> None:
    text = plain_digits("2024年1-9月新增低保１７８６人，退出1863人;第3批发放8176余万元(到位率83.6％),历时6个月。")
    found = [(one.text, one.unit, text[one.start : one.end].strip()) for one in quantities(text)]
    assert found == [
        ("1786人", "人", "1786人"),
        ("1863人", "人", "1863人"),
        ("8176余万元", "fen", "8176余万元"),
        ("83.6%", "percent", "83.6%"),
    ]


def test_off_by_says_how_far_and_which_way() -> None:
    strict = quantity("8176余万元").readings[0]
    assert [strict.off_by(value * YUAN) for value in (81_763_880, 81_759_999, 81_770_001)] == [0, 100, -100]
    assert not strict.holds(8_177 * WAN)
    assert quantity("1786人").readings[0].off_by(1787) == -1


def test_millions_of_digits_are_found_in_no_time() -> None:
    (one,) = quantities("9" * 2_000_000 + "元")
    assert (one.trouble, one.readings) == ("long", ())


REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "a negative amount": (lambda: exact_yuan(-1), "E_WORDING_NEGATIVE"),
    "one fen in 万": (lambda: exact_wan(1), "E_WORDING_NOT_WHOLE"),
    "less than one 万": (lambda: approx(999_999), "E_WORDING_SMALL"),
    "fewer than none": (lambda: counted(-1, "人"), "E_WORDING_COUNT"),
    "no number": (lambda: counted("7", "人"), "E_WORDING_COUNT"),  # type: ignore[arg-type]  # what a caller may slip in
    "one person more than hundreds": (lambda: counted_wan(43_701, "人次"), "E_WORDING_NOT_WHOLE"),
    "fewer than ten": (lambda: counted_approx(9, "人次"), "E_WORDING_SMALL"),
    "a negative ratio": (lambda: percent(Fraction(-1, 2)), "E_WORDING_NEGATIVE"),
    "a style nobody knows": (lambda: money_worded(1, ["rounded"]), "E_WORDING_STYLE"),
    "a style of money for people": (lambda: count_worded(1, "人", ["approx"]), "E_WORDING_STYLE"),
    "more than can be counted": (lambda: exact_yuan(2**53), "E_FEN_RANGE"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_style_refuses_what_it_cannot_say(name: str) -> None:
    call, code = REFUSALS[name]
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.code == code
