"""Identifiers as text: one spelling each, so that equal ids are equal bytes. Source: RFC 9562 section 5.7 (UUIDv7).

Nothing here makes an id, because fresh bits need a random source: see `ledger.signing.ids`.
"""

import re

from ledger.errors import InputError

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


def is_uuid7(text: str) -> bool:
    """Whether the text is a UUIDv7 in its only accepted spelling: lower case, with hyphens, 36 characters."""
    return _UUID7.fullmatch(text) is not None


def check_uuid7(text: object, field: str = "id") -> str:
    """The text itself when it is a UUIDv7 in its one spelling; otherwise InputError E_UUID7."""
    if not isinstance(text, str) or _UUID7.fullmatch(text) is None:
        raise InputError("E_UUID7", field=field, value=str(text)[:64])
    return text


def uuid7_milliseconds(text: str) -> int:
    """The POSIX time in milliseconds that the id carries; InputError E_UUID7 when it is not a UUIDv7."""
    checked = check_uuid7(text)
    return int(checked[:8] + checked[9:13], 16)
