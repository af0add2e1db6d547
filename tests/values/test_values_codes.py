"""Ids, quantities, social credit codes and identity numbers: check characters and one spelling each."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.values import idno, uscc
from ledger.values.ids import check_uuid7
from ledger.values.quantities import MAX_PARTS, Quantity

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


quantities = st.builds(Quantity, st.integers(-MAX_PARTS, MAX_PARTS), st.integers(0, 6))


@given(quantities)
def test_a_quantity_is_read_back(quantity: Quantity) -> None:
    assert Quantity.parse(str(quantity), quantity.scale) == quantity
    assert Decimal(str(quantity)) == Decimal(quantity.parts).scaleb(-quantity.scale)


def test_quantities_add_within_one_scale() -> None:
    assert Quantity(12_500, 3) + Quantity.parse("0.5", 3) == Quantity(13_000, 3)
    assert Quantity(1, 1) - Quantity(2, 1) == Quantity(-1, 1)
    with pytest.raises(InputError, match="E_QUANTITY_SCALE"):
        Quantity(1, 1) + Quantity(1, 2)


@pytest.mark.parametrize(
    ("text", "scale", "code"),
    [
        ("", 0, "E_QUANTITY_FORM"),
        ("1.", 1, "E_QUANTITY_FORM"),
        ("1e3", 0, "E_QUANTITY_FORM"),
        ("１", 0, "E_QUANTITY_FORM"),
        (1.5, 1, "E_QUANTITY_FORM"),
        ("1.05", 1, "E_QUANTITY_SCALE"),
        ("1", 7, "E_QUANTITY_SCALE"),
        ("1", -1, "E_QUANTITY_SCALE"),
        ("9999999999999999", 3, "E_QUANTITY_RANGE"),
    ],
)
def test_what_is_no_quantity_is_refused(text: object, scale: int, code: str) -> None:
    with pytest.raises(InputError, match=code):
        Quantity.parse(text, scale)


def test_a_quantity_is_whole_parts() -> None:
    assert str(Quantity.parse("12.5000", 2)) == "12.50"
    with pytest.raises(InputError, match="E_QUANTITY_RANGE"):
        Quantity(True)  # noqa: FBT003 - a boolean is no count
    with pytest.raises(InputError, match="E_QUANTITY_SCALE"):
        Quantity(1, 7)


def made_uscc(first8: str, organisation8: str) -> str:
    first17 = first8 + organisation8 + uscc.organisation_check_character(organisation8)
    return first17 + uscc.uscc_check_character(first17)


@given(st.from_regex(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}", fullmatch=True), st.text(uscc.ALPHABET, min_size=8, max_size=8))
def test_one_wrong_character_is_always_found(first8: str, organisation8: str) -> None:
    code = made_uscc(first8, organisation8)
    assert uscc.check_uscc(code) == code
    for at in range(18):
        wrong = code[:at] + ("0" if code[at] != "0" else "1") + code[at + 1 :]
        assert not uscc.uscc_last_holds(wrong)


def test_the_published_example_of_a_credit_code() -> None:
    assert uscc.uscc_check_character("91350100M000100Y4") == "3"  # GB 32100-2015, the example of its text
    assert uscc.uscc_last_holds("91350100M000100Y43")


def test_an_old_inner_code_passes_only_the_lenient_check() -> None:
    first17 = "53430000" + "50000000" + "0"
    assert uscc.organisation_check_character("50000000") != "0"
    code = first17 + uscc.uscc_check_character(first17)
    assert uscc.check_uscc(code, full=False) == code
    with pytest.raises(InputError, match="E_USCC"):
        uscc.check_uscc(code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "91350100m000100y43",
        "91350100M000100Y4",
        "91350100I000100Y43",
        "9135010OM000100Y43",
        None,
        "91350100M000100Y43\n",
    ],
    ids=repr,
)
def test_what_is_no_credit_code_is_refused(text: object) -> None:
    with pytest.raises(InputError, match="E_USCC"):
        uscc.check_uscc(text, full=False)


births = st.dates(date(1850, 1, 1), date(2030, 12, 31))


def made_id(born: date, order: int) -> str:
    first17 = f"431099{born:%Y%m%d}{order:03d}"
    return first17 + idno.id_check_character(first17)


@given(births, st.integers(0, 999))
def test_an_identity_number_tells_birth_and_sex(born: date, order: int) -> None:
    number = made_id(born, order)
    assert idno.check_resident_id(number) == number
    assert idno.birth_date(number) == born
    assert idno.sex(number) == ("male" if order % 2 else "female")


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
        None,
    ],
    ids=repr,
)
def test_what_is_no_identity_number_is_refused_without_repeating_it(text: object) -> None:
    with pytest.raises(InputError, match="E_ID_NUMBER") as refused:
        idno.check_resident_id(text)
    assert not text or str(text) not in str(refused.value)


@pytest.mark.parametrize("text", ["", "110105491331002", "11010519491231002X", None], ids=repr)
def test_what_is_no_old_number_is_refused(text: object) -> None:
    with pytest.raises(InputError, match="E_ID_NUMBER"):
        idno.id15_to_18(text)


def test_masks() -> None:
    assert idno.mask_id("11010519491231002X") == "110105********002X"
    assert idno.is_masked_id("110105********002X")
    assert idno.mask_id("12345") == "*****"
    for text in ("430***********0129", "****0129", "431099XXXXXXXX0016"):
        assert idno.is_masked_id(text)
    assert not idno.is_masked_id("11010519491231002X")
