"""Text that may be signed: nothing invisible, one normal form, and no person's number."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.values.text import check_free_text, check_text, has_personal_pattern, text_faults, without_personal

BAD_TEXTS = [
    pytest.param("a\x00b", "E_TEXT_CONTROL", 2, id="NUL"),
    pytest.param("a\nb", "E_TEXT_CONTROL", 2, id="a line feed"),
    pytest.param("a\tb", "E_TEXT_CONTROL", 2, id="a tab"),
    pytest.param("\x7f", "E_TEXT_CONTROL", 1, id="DEL"),
    pytest.param("\x85", "E_TEXT_CONTROL", 1, id="a C1 control"),
    pytest.param("a\u2028", "E_TEXT_CONTROL", 2, id="a line separator"),
    pytest.param("收\u202e款", "E_TEXT_BIDI", 2, id="a right-to-left override"),
    pytest.param("收\u2066款", "E_TEXT_BIDI", 2, id="an isolate"),
    pytest.param("\u200f", "E_TEXT_BIDI", 1, id="a right-to-left mark"),
    pytest.param("\u061c", "E_TEXT_BIDI", 1, id="an Arabic letter mark"),
    pytest.param("张\u200b三", "E_TEXT_ZERO_WIDTH", 2, id="a zero-width space"),
    pytest.param("张\u200d三", "E_TEXT_ZERO_WIDTH", 2, id="a joiner"),
    pytest.param("\ufeff张", "E_TEXT_ZERO_WIDTH", 1, id="a byte order mark"),
    pytest.param("\u2060", "E_TEXT_ZERO_WIDTH", 1, id="a word joiner"),
    pytest.param("\u00ad", "E_TEXT_ZERO_WIDTH", 1, id="a soft hyphen"),
    pytest.param("字\ufe00", "E_TEXT_ZERO_WIDTH", 2, id="a variation selector"),
    pytest.param("字\U000e0100", "E_TEXT_ZERO_WIDTH", 2, id="an ideographic variation selector"),
    pytest.param("\U000e0041", "E_TEXT_ZERO_WIDTH", 1, id="a tag"),
    pytest.param("\u3164", "E_TEXT_ZERO_WIDTH", 1, id="a Hangul filler"),
    pytest.param("\ud800", "E_TEXT_SURROGATE", 1, id="a lone surrogate"),
    pytest.param("\ue000", "E_TEXT_PRIVATE", 1, id="a private character"),
    pytest.param("\U0010fffd", "E_TEXT_PRIVATE", 1, id="the last private character"),
    pytest.param("\ufdd0", "E_TEXT_NONCHARACTER", 1, id="a noncharacter"),
    pytest.param("\U0001fffe", "E_TEXT_NONCHARACTER", 1, id="a noncharacter of plane 1"),
    pytest.param("\uffff", "E_TEXT_NONCHARACTER", 1, id="the last of plane 0"),
    pytest.param("cafe\u0301", "E_TEXT_NOT_NFC", 4, id="a letter and its accent apart"),
    pytest.param("\u212b", "E_TEXT_NOT_NFC", 1, id="a compatibility letter with a canonical form"),
    pytest.param("\uf900", "E_TEXT_NOT_NFC", 1, id="a compatibility ideograph"),
    pytest.param("长" * 11, "E_TEXT_LONG", 11, id="too long"),
]


@pytest.mark.parametrize(("text", "code", "at"), BAD_TEXTS)
def test_bad_text_is_refused_where_it_is_bad(text: str, code: str, at: int) -> None:
    with pytest.raises(InputError) as refused:
        check_text(text, 10, field="note")
    assert refused.value.code == code
    assert refused.value.params["at"] == at
    assert refused.value.params["field"] == "note"


def test_all_faults_are_named_and_not_the_first_alone() -> None:
    codes = [fault.code for fault in text_faults("\x00\u202e\u200b", 10)]
    assert codes == ["E_TEXT_CONTROL", "E_TEXT_BIDI", "E_TEXT_ZERO_WIDTH"]
    with pytest.raises(InputError) as refused:
        check_text("\x00\u202e\u200b" + "长" * 10, 10)
    assert refused.value.params["findings"] == ["E_TEXT_BIDI", "E_TEXT_CONTROL", "E_TEXT_LONG", "E_TEXT_ZERO_WIDTH"]


@pytest.mark.parametrize("value", [None, 1, b"x"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="E_TEXT_TYPE"):
        check_text(value, 10)


@pytest.mark.parametrize(
    "text", ["", "张三", "Ñandú", "〇", "䶮", "𠮷", "\U00031350", "全角\u3000空格", "😀", "①③", "(甲)—「乙」·丙"]
)
def test_good_text_passes_unchanged(text: str) -> None:
    assert check_text(text, 10) == text


def test_line_feeds_pass_only_where_lines_are_wanted() -> None:
    assert check_text("一\n二", 10, multiline=True) == "一\n二"
    with pytest.raises(InputError, match="E_TEXT_CONTROL"):
        check_text("一\r\n二", 10, multiline=True)


@given(st.text(max_size=20))
def test_what_passes_is_normal_visible_and_encodable(text: str) -> None:
    if text_faults(text, 100):
        return
    assert unicodedata.is_normalized("NFC", text)
    assert text.encode().decode() == text
    assert not {unicodedata.category(c) for c in text} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20))
def test_visible_text_in_normal_form_passes(text: str) -> None:
    # Fillers are letters to Unicode and draw nothing.
    faults = {fault.code for fault in text_faults(unicodedata.normalize("NFC", text), 100)}
    assert faults <= {"E_TEXT_ZERO_WIDTH"}


PERSONAL = [
    "身份证431099194803120016",
    "431099194803120016",
    "43109919480312001X",
    "43109919480312001x",
    "431099480312001",
    "电话13800000000",
    "13800000000。",
    "+8613800000000",
    "138 0000 0000",
    "138-0000-0000",
    "６２１７９９００００００",
    "卡号6217990000000099930",
    "6217 9900 0000 0099 930",
    "6217-9900-0000-0099",
    "账号820105300000",
    "431099 19480312 0016",
]
IMPERSONAL = [
    "",
    "2025-09-05至2025-09-30",
    "2025-09-05 2025-09-30",
    "第12345678901号",
    "23800000000",
    "1380000000",
    "财社〔2025〕12号",
    "记-0001",
    "1,234,567.89元",
    "2025年9月低保690元",
    "10:20:30",
    "湘财综指〔2017〕30号",
]


@pytest.mark.parametrize("text", PERSONAL)
def test_a_persons_number_is_found(text: str) -> None:
    assert has_personal_pattern(text)
    with pytest.raises(InputError, match="E_TEXT_PERSONAL") as refused:
        check_free_text(text, 100, field="note")
    assert text not in str(refused.value)


@pytest.mark.parametrize("text", IMPERSONAL)
def test_other_numbers_are_let_through(text: str) -> None:
    assert not has_personal_pattern(text)
    assert check_free_text(text, 100) == text


@given(
    st.from_regex(r"1[3-9][0-9]{9}|[1-9][0-9]{16}[0-9X]|6[0-9]{15,18}", fullmatch=True), st.text("汉字 ,。", max_size=5)
)
def test_a_number_is_found_within_any_sentence(number: str, around: str) -> None:
    assert has_personal_pattern(around + number + around)


@pytest.mark.parametrize("text", PERSONAL)
def test_a_number_is_hidden_but_for_its_end(text: str) -> None:
    hidden = without_personal(text)
    assert not has_personal_pattern(hidden)
    assert "*" in hidden
    assert without_personal(hidden) == hidden


@given(st.lists(st.sampled_from([*PERSONAL, *IMPERSONAL, "转账", " ", "-", "1", "X"]), max_size=6).map("".join))
def test_whatever_stands_beside_it_no_number_is_left(text: str) -> None:
    assert not has_personal_pattern(without_personal(text))


@pytest.mark.parametrize("text", IMPERSONAL)
def test_what_holds_no_number_stays_as_it_is(text: str) -> None:
    assert without_personal(text) == text
