"""Identifiers as text: one spelling each, so that equal ids are equal bytes. Source: RFC 9562 section 5.7 (UUIDv7).

Nothing here makes an id, because fresh bits need a random source: see `ledger.signing.ids`.
"""

import re

from ledger.errors import InputError

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


def check_uuid7(text: object, field: str = "id") -> str:
    """The text itself when it is a UUIDv7 in its one spelling; otherwise InputError E_UUID7."""
    if not isinstance(text, str) or _UUID7.fullmatch(text) is None:
        raise InputError("E_UUID7", field=field, value=str(text)[:64])
    return text
