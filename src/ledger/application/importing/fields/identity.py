"""Identity numbers, accounts, order numbers and names: what spreadsheets destroy most.

A spreadsheet keeps 15 digits of a number. An 18-digit ID or a 19-digit account typed as a number therefore comes back
as `4.31099E+17` or with zeros at its end; such a value is refused, because nobody can know what stood there.
"""

import re
import unicodedata
from decimal import Decimal

from ledger.application.importing.fields.plain import CellContext, CellFault, filled, half_width
from ledger.application.importing.tables import CellValue
from ledger.errors import InputError
from ledger.values.cards import card_check_digit
from ledger.values.idno import id15_to_18, id_check_character, is_resident_id
from ledger.values.uscc import uscc_last_holds

_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{1,3}$", re.IGNORECASE)
_ID = re.compile(r"[1-9]\d{16}[\dX]$", re.ASCII)
_OLD_SIGNS, _CODE_SIGNS = 15, 18
_PASSPORT = re.compile(r"[A-Z]{1,2}\d{7,10}$")
_ID_MASKED = re.compile(r"[\dX*]{15,18}$")
_SHOWN_MIN, _LAST_SIGNS = 8, 4
_NUMBER_DIGITS_MAX = 15
# Six zeros and more behind the fifteen digits that a spreadsheet keeps are no chance.
_ROUNDED_DIGITS_MIN = 21
_CARD_DIGITS = 19
_DOTS = re.compile(
    r"(?<=[\u3400-\u9fff\U00020000-\U0003ffff])\s*[•·．.・‧∙⋅●]\s*(?=[\u3400-\u9fff\U00020000-\U0003ffff])"
)
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff\U00020000-\U0003ffff])\s+(?=[\u3400-\u9fff\U00020000-\U0003ffff])")
_PUNCTUATION = re.compile(r"[\W_]+")
_NO_CODE = re.compile(
    r"0*|X+|NA|NULL|NONE|NIL"
    r"|(?:无|没|暂|缺|空|未|尚未|待|不详|不明|不清|不知|办理|在办|正在|补办|新办)[^\dA-Z]*"
)
"""A cell, without its punctuation, that says that there is no code: nothing, noughts, or words that begin so."""
_SERIAL = re.compile(r"(?=(?:.*\d){4})[0-9A-Za-z._/-]{6,}")
_DIGIT_GAPS = re.compile(r"[\s-]+")


def parse_id_number(value: CellValue, context: CellContext) -> str | None:
    """A resident ID of 18 signs with its check digit right; a masked one is `E_ID_MASKED`."""
    text = parse_id_or_mask(value, context)
    if text and "*" in text:
        raise CellFault("E_ID_MASKED", value=text)
    return text


def parse_id_or_mask(value: CellValue, _context: CellContext) -> str | None:
    """A resident ID, or its masked form where the provincial system masks digits (`4310**********0016`).

    A 15-digit ID from before 1999 is returned as its 18-digit form (GB 11643). Codes: `E_ID_DESTROYED`, `E_ID_LENGTH`,
    `E_ID_CHECK`, `E_ID_BIRTH`.
    """
    text = _intact(value, "E_ID_DESTROYED").upper().replace(" ", "")
    if not text:
        return None
    if "*" in text and _ID_MASKED.match(text):
        return text
    try:
        if len(text) == _OLD_SIGNS:
            return id15_to_18(text)
    except InputError:
        raise CellFault("E_ID_LENGTH", value=text) from None
    if not _ID.match(text):
        raise CellFault("E_ID_LENGTH", value=text)
    if text.endswith("0000") or (text.endswith("000") and id_check_character(text[:17]) != text[17]):
        # Nobody has the sequence number 000; three zeros and a wrong check digit are a rounded number too.
        raise CellFault("E_ID_DESTROYED", value=text)
    if id_check_character(text[:17]) != text[17]:
        raise CellFault("E_ID_CHECK", value=text)
    if not is_resident_id(text):
        raise CellFault("E_ID_BIRTH", value=text)
    return text


def mask_names(masked: str) -> bool:
    """Whether a masked number shows enough to tell people of one name apart: eight signs, the last four among them.

    A number that is masked whole, or but for its last signs, fits every namesake.
    """
    return len(masked) - masked.count("*") >= _SHOWN_MIN and "*" not in masked[-_LAST_SIGNS:]


def parse_party_number(value: CellValue, context: CellContext) -> str | None:
    """A person's ID or an organisation's unified credit code, whichever the length and letters show; or a passport.

    Of a credit code only the last digit is checked (GB 32100): codes with an unusual prefix are in use. Passports and
    travel permits, a letter or two and digits, have no check digit.
    """
    text = _intact(value, "E_ID_DESTROYED").upper().replace(" ", "")
    if not text:
        return None
    if _PASSPORT.match(text):
        return text
    if (not text[:17].isdigit() and "*" not in text) or uscc_last_holds(text):
        # A public institution's 12… code may be all digits; its last sign then decides.
        return _credit_code(text)
    return parse_id_number(text, context)


def parse_credit_code(value: CellValue, _context: CellContext) -> str | None:
    """A unified social credit code of 18 signs; `E_USCC_LENGTH`, `E_USCC_CHECK`."""
    text = _intact(value, "E_ID_DESTROYED").upper().replace(" ", "")
    return _credit_code(text) if text else None


def parse_code(value: CellValue, _context: CellContext) -> str | None:
    """An account, order, serial or document number as text, no sign lost; `E_NUMBER_DESTROYED`."""
    text = _intact(value, "E_NUMBER_DESTROYED")
    if len(text) >= _ROUNDED_DIGITS_MIN and text.isdigit() and set(text[_NUMBER_DIGITS_MAX:]) == {"0"}:
        raise CellFault("E_NUMBER_DESTROYED", value=text)
    return text or None


def is_serial(value: object) -> bool:
    """Whether a code numbers one transaction of a bank or a platform, and is no word such as 现金 or 无."""
    return _SERIAL.fullmatch(str(value or "")) is not None


def parse_own_code(value: CellValue, context: CellContext) -> str | None:
    """A code by which one household is known, as its certificate's: None for the words and zeros that offices write
    where it has none (无, 待办, 0), for they stand in the rows of many.
    """
    text = parse_code(value, context)
    signs = _PUNCTUATION.sub("", half_width(text or "")).upper()
    return None if _NO_CODE.fullmatch(signs) else text


def parse_account(value: CellValue, context: CellContext) -> str | None:
    """A bank account: a code without the blanks and dashes that group its digits."""
    text = parse_code(value, context)
    digits = _DIGIT_GAPS.sub("", text or "")
    if not digits.isdigit():
        return text
    if (
        len(digits) == _CARD_DIGITS
        and digits.startswith("62")
        and digits.endswith("0000")
        and digits[-1] != card_check_digit(digits[:-1])
    ):
        # A card whose last four digits are zeros against its own check digit was rounded by a spreadsheet.
        raise CellFault("E_NUMBER_DESTROYED", value=digits)
    return digits


def parse_name(value: CellValue, _context: CellContext) -> str | None:
    """A person's or a firm's name: half-width signs, one middle dot, no blanks between Han characters."""
    text = filled(value)
    if not text:
        return None
    text = unicodedata.normalize("NFKC", text)
    return _HAN_GAP.sub("", _DOTS.sub("·", text)).strip()


def _credit_code(text: str) -> str:
    if len(text) != _CODE_SIGNS:
        raise CellFault("E_USCC_LENGTH", value=text)
    if not uscc_last_holds(text):
        raise CellFault("E_USCC_CHECK", value=text)
    return text


def _intact(value: CellValue, code: str) -> str:
    """The sign string of a number-like cell; refuses what a spreadsheet has rounded or shows in powers of ten."""
    if isinstance(value, int | Decimal):
        text = format(Decimal(value), "f")
        whole = text.split(".")[0]
        if "." in text or (len(whole) > _NUMBER_DIGITS_MAX and set(whole[_NUMBER_DIGITS_MAX:]) == {"0"}):
            raise CellFault(code, value=str(value))
        return text
    text = half_width(filled(value))
    if _SCIENTIFIC.match(text):
        raise CellFault(code, value=text)
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text
