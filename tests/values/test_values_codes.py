"""Ids, social credit codes and identity numbers: check characters and one spelling each."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.values import idno, uscc
from ledger.values.ids import check_uuid7

UUID = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"  # the example of RFC 9562, appendix A.6


def test_the_uuid_of_the_rfc() -> None:
    assert check_uuid7(UUID) == UUID


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(UUID.upper(), id="upper case"),
        pytest.param(UUID.replace("-", ""), id="no hyphens"),
        pytest.param("{" + UUID + "}", id="braces"),
        pytest.param("urn:uuid:" + UUID, id="a urn"),
        pytest.param(UUID.replace("-7", "-4"), id="version 4"),
        pytest.param(UUID.replace("-9", "-c"), id="another variant"),
        pytest.param(UUID + "\n", id="a line feed"),
        pytest.param(UUID[:-1], id="too short"),
        pytest.param(UUID[:-1] + "g", id="no hex digit"),
        pytest.param(UUID[:-1] + "８", id="a full-width digit"),
        pytest.param(None, id="nothing"),
    ],
)
def test_other_spellings_of_a_uuid_are_refused(text: object) -> None:
    with pytest.raises(InputError, match="E_UUID7"):
        check_uuid7(text, "voucher")


@given(st.from_regex(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}", fullmatch=True), st.text(uscc.ALPHABET, min_size=9, max_size=9))
def test_one_wrong_character_is_always_found(first8: str, organisation: str) -> None:
    code = first8 + organisation + uscc.uscc_check_character(first8 + organisation)
    assert uscc.uscc_last_holds(code)
    for at in range(18):
        wrong = code[:at] + ("0" if code[at] != "0" else "1") + code[at + 1 :]
        assert not uscc.uscc_last_holds(wrong)


def test_the_published_example_of_a_credit_code() -> None:
    assert uscc.uscc_check_character("91350100M000100Y4") == "3"  # GB 32100-2015, the example of its text
    assert uscc.uscc_last_holds("91350100M000100Y43")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "91350100m000100y43",
        "91350100M000100Y4",
        "91350100I000100Y43",
        "9135010OM000100Y43",
        "91350100M000100Y43\n",
    ],
    ids=repr,
)
def test_what_is_no_credit_code_does_not_hold(text: str) -> None:
    assert not uscc.uscc_last_holds(text)


births = st.dates(date(1850, 1, 1), date(2030, 12, 31))


def made_id(born: date, order: int) -> str:
    first17 = f"431099{born:%Y%m%d}{order:03d}"
    return first17 + idno.id_check_character(first17)


@given(births, st.integers(0, 999))
def test_a_made_identity_number_holds(born: date, order: int) -> None:
    assert idno.is_resident_id(made_id(born, order))


@given(births, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_an_identity_number_is_always_found(born: date, order: int, at: int, by: int) -> None:
    number = made_id(born, order)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert not idno.is_resident_id(wrong)


def test_the_published_example_of_an_identity_number() -> None:
    assert idno.is_resident_id("11010519491231002X")  # GB 11643-1999, example
    assert idno.id15_to_18("110105491231002") == "11010519491231002X"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "11010519491231002x",
        "110105194912310021",
        "110105194902310025",
        "010105194912310023",
        "11010519491231002X ",
        "430***********0129",
    ],
    ids=repr,
)
def test_what_is_no_identity_number_does_not_hold(text: str) -> None:
    assert not idno.is_resident_id(text)


@pytest.mark.parametrize("text", ["", "110105491331002", "11010519491231002X", None], ids=repr)
def test_what_is_no_old_number_is_refused_without_repeating_it(text: object) -> None:
    with pytest.raises(InputError, match="E_ID_NUMBER") as refused:
        idno.id15_to_18(text)
    assert not text or str(text) not in str(refused.value)
