"""Free text: which characters may be signed, and which patterns look like a person's number.

What is refused is written as fixed ranges instead of being asked of the interpreter's Unicode tables, because two
verifiers with different tables must agree; a rare surname that Unicode assigned last year is therefore accepted.
"""

import re
import unicodedata
from dataclasses import dataclass

from ledger.errors import InputError

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(17)
)
# Default_Ignorable_Code_Point of Unicode (DerivedCoreProperties.txt), less the bidi marks, plus the interlinear
# annotations: they draw nothing, so two texts that look the same would have different digests.
_ZERO_WIDTH = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_REFUSED = {
    "E_TEXT_CONTROL": "\x00-\x1f\x7f-\x9f\u2028\u2029",
    "E_TEXT_BIDI": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    "E_TEXT_ZERO_WIDTH": _ZERO_WIDTH,
    "E_TEXT_SURROGATE": "\ud800-\udfff",
    "E_TEXT_PRIVATE": "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd",
    "E_TEXT_NONCHARACTER": _NONCHARACTERS,
}
_EACH = {code: re.compile(f"[{ranges}]") for code, ranges in _REFUSED.items()}
_ANY = re.compile(f"[{''.join(_REFUSED.values())}]")

# Runs of twelve digits or more cover identity numbers (15 or 18), bank cards and accounts; groups of digits divided by
# blanks or hyphens are looked for by their usual shapes only, because two dates side by side are no account.
_PERSONAL = re.compile(
    r"\d{12}|\d{17}[Xx]"
    r"|(?<!\d)1[3-9]\d{9}(?!\d)"
    r"|(?<!\d)1[3-9]\d[ -]\d{4}[ -]\d{4}(?!\d)"
    r"|(?<!\d)\d{4}[ -]\d{4}[ -]\d{4}(?!\d{5})"
    r"|(?<!\d)\d{6}[ -]\d{8}[ -]\d{3}[\dXx]",
    re.ASCII,
)

_WHOLE_NUMBER = re.compile(rf"(?:{_PERSONAL.pattern})[\dXx]*", re.ASCII)
_SHOWN_AT_END = 4


@dataclass(frozen=True, slots=True)
class TextFault:
    """One reason to refuse a text: a stable code and where (`at` is the index of the character, from 0)."""

    code: str
    at: int
    found: str


def text_faults(text: str, max_chars: int, *, multiline: bool = False) -> list[TextFault]:
    """Every reason to refuse the text, an empty list when there is none. `multiline` allows line feeds (U+000A)."""
    if text.isascii() and text.isprintable() and len(text) <= max_chars:
        return []
    faults: list[TextFault] = []
    if len(text) > max_chars:
        faults.append(TextFault("E_TEXT_LONG", max_chars, str(len(text))))
    if not unicodedata.is_normalized("NFC", text):
        faults.append(_first_not_nfc(text))
    searched = text.replace("\n", " ") if multiline else text
    if _ANY.search(searched) is not None:
        for code, pattern in _EACH.items():
            faults.extend(TextFault(code, m.start(), f"U+{ord(m[0]):04X}") for m in pattern.finditer(searched))
    return faults


def check_text(text: object, max_chars: int, *, field: str = "text", multiline: bool = False) -> str:
    """The text itself when it may be signed: NFC, at most `max_chars` characters, nothing invisible.

    Raises InputError with the code of the first fault (`E_TEXT_…`); `findings` in its params holds the codes of all.
    """
    if not isinstance(text, str):
        raise InputError("E_TEXT_TYPE", field=field, found=type(text).__name__)
    faults = text_faults(text, max_chars, multiline=multiline)
    if faults:
        first = faults[0]
        codes = sorted({fault.code for fault in faults})
        raise InputError(first.code, field=field, at=first.at + 1, found=first.found, max=max_chars, findings=codes)
    return text


def says_nothing(text: str) -> bool:
    """Whether no character of a text prints but blanks."""
    return not any(one.isprintable() and not one.isspace() for one in text)


def has_personal_pattern(text: str) -> bool:
    """Whether the text seems to hold an identity number, a mobile number, or a card or account number.

    Full-width and other compatibility digits count as digits.
    """
    return _PERSONAL.search(text if text.isascii() else unicodedata.normalize("NFKC", text)) is not None


def without_personal(text: str) -> str:
    """The text with the digits of persons' numbers hidden but for the last four of each: what a bank writes into its
    memo is evidence, and is kept without them. A text that holds none is answered as it is.
    """
    while has_personal_pattern(text):  # what is left of two numbers side by side may look like one
        text = _WHOLE_NUMBER.sub(_hidden, unicodedata.normalize("NFKC", text))
    return text


def _hidden(found: re.Match[str]) -> str:
    head, tail = found[0][:-_SHOWN_AT_END], found[0][-_SHOWN_AT_END:]
    return re.sub(r"\d", "*", head) + tail


def check_free_text(text: object, max_chars: int, *, field: str = "text", multiline: bool = False) -> str:
    """`check_text`, and InputError E_TEXT_PERSONAL when the text seems to hold a person's number."""
    checked = check_text(text, max_chars, field=field, multiline=multiline)
    if has_personal_pattern(checked):
        raise InputError("E_TEXT_PERSONAL", field=field)
    return checked


def _first_not_nfc(text: str) -> TextFault:
    """Where the text first departs from its own NFC form."""
    normal = unicodedata.normalize("NFC", text)
    pairs = enumerate(zip(text, normal, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(text), len(normal)))
    return TextFault("E_TEXT_NOT_NFC", at, f"U+{ord(text[at]):04X}" if at < len(text) else "")
