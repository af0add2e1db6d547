"""Numbers in Chinese characters: what is one number is read, and nothing that looks like one is passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.values.numerals import numeral, numerals

READ = {
    "三万": 30_000,
    "叁万": 30_000,
    "十": 10,
    "十二": 12,
    "二十": 20,
    "两百": 200,
    "一百零五": 105,
    "一千零五十": 1_050,
    "一万零三百": 10_300,
    "三万五千": 35_000,
    "四十四万八千零四十七": 448_047,
    "三亿五千万": 350_000_000,
    "一亿零三万": 100_030_000,
    "零": 0,
}
NOT_READ = (
    "百万",
    "一百五",
    "三万五",
    "一万三百",
    "二三十",
    "一百十",
    "三十五六",
    "一亿万",
    "数十",
    "万",
    "零零",
    "十十",
)


@pytest.mark.parametrize("text", READ)
def test_what_is_one_number_is_read(text: str) -> None:
    assert numeral(text) == READ[text]


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_no_exact_number_is_not(text: str) -> None:
    assert numeral(text) is None


def _written(value: int) -> str:
    """A number below ten thousand as it is written, place by place."""
    text, is_gap = "", False
    for place, scale in enumerate(("千", "百", "十", "")):
        digit = value // 10 ** (3 - place) % 10
        if digit:
            text += ("零" if is_gap and text else "") + "零一二三四五六七八九"[digit] + scale
            is_gap = False
        else:
            is_gap = True
    return text


@given(st.integers(0, 9_999), st.integers(0, 9_999))
def test_what_is_written_is_read_back(high: int, low: int) -> None:
    text = _written(high) + "万" if high else ""
    joint = "零" if high and 0 < low < 1_000 else ""
    assert numeral(text + joint + _written(low) or "零") == high * 10_000 + low


@pytest.mark.parametrize(
    ("text", "told", "trouble"),
    [
        ("发放三万元", "三万元", None),
        ("发放叁万元整", "叁万元", None),
        ("惠及十二户", "十二户", None),
        ("惠及三千人次", "三千人次", None),
        ("发放近百万元", "近百万元", "near"),
        ("发放百万元", "百万元", "numeral"),
        ("发放三万余元", "三万余元", "numeral"),
        ("惠及数十人", "数十人", "numeral"),
        ("发放超三万元", "超三万元", "numeral"),
    ],
)
def test_every_number_before_a_unit_is_found(text: str, told: str, trouble: str | None) -> None:
    (one,) = numerals(text)
    assert (one.text, one.trouble, bool(one.readings)) == (told, trouble, trouble is None)


@pytest.mark.parametrize(
    "text", ["3万元", "XX万元", "(单位:万元)", "第三人", "每一户", "8176余万元", "两项补贴", "一季度"]
)
def test_what_is_no_number_in_characters_is_left_alone(text: str) -> None:
    assert list(numerals(text)) == []
