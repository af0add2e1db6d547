"""Base64 with one reading: alphabet, padding and unused bits are checked. Source: RFC 4648 sections 4 and 5."""

import binascii

from ledger.errors import InputError

_TO_STANDARD = str.maketrans("-_", "+/")


def encode(data: bytes) -> str:
    """Standard base64 with padding, on one line."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode(text: object, field: str = "base64", *, url_safe: bool = False) -> bytes:
    """Bytes of standard base64, or of either alphabet when `url_safe`; InputError E_BASE64 for any other text.

    Text that is not exactly what `encode` would give (white space, missing padding, stray bits) is refused, because
    two spellings of the same bytes would have two digests.
    """
    if isinstance(text, str):
        standard = text.translate(_TO_STANDARD) if url_safe and not ("+" in text or "/" in text) else text
        try:
            data = binascii.a2b_base64(standard, strict_mode=True)
        except ValueError:
            data = None
        if data is not None and encode(data) == standard:
            return data
    raise InputError("E_BASE64", field=field)
