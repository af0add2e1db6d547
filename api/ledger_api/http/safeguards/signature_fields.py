"""Signature-Input and Signature as they stand in a request: two dictionaries of structured fields. Source: RFC 9421
section 4, RFC 8941.

Taking such a field apart and putting it together again takes as long as all else that is done for a short request.
Programs write it plainly: one signature, plain names, whole numbers, strings without escapes. Such a text is its own
serialisation, and is read here; whatever is written otherwise is left to the library.
"""

import re
from base64 import b64decode
from typing import Any, Final, NamedTuple

import http_sf

LONGEST: Final = 4096
"""Of a field that is longer nothing is read."""

_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_NUMBER: Final = r"0|[1-9]\d{0,14}"
_TEXT: Final = r"[ !#-\[\]-~]*"
_NAME: Final = r'"[!#-\[\]-~]+"'
_PARAMETER: Final = re.compile(rf';({_KEY})=(?:({_NUMBER})|"({_TEXT})")', re.ASCII)
_INPUT: Final = re.compile(rf'({_KEY})=(\(({_NAME}(?: {_NAME})*)\)((?:;{_KEY}=(?:{_NUMBER}|"{_TEXT}"))*))', re.ASCII)
_BYTES: Final = re.compile(rf"({_KEY})=:([A-Za-z0-9+/]{{4,128}}={{0,2}}):", re.ASCII)


class Described(NamedTuple):
    """One signature of Signature-Input."""

    label: str
    components: list[str]
    parameters: dict[str, Any]
    said: str
    """Components and parameters as they are signed."""


def described(text: str, tag: str) -> Described | None:
    """The one signature that has a tag; None where there is none, or are several, or components with flags."""
    return plainly(text, tag) or as_the_library_reads(text, tag)


def plainly(text: str, tag: str) -> Described | None:
    """The same where the field holds only this signature, and is its own serialisation; else None."""
    whole = _INPUT.fullmatch(text) if len(text) <= LONGEST else None
    if whole is None:
        return None
    label, said, names, rest = whole.group(1, 2, 3, 4)
    pairs = _PARAMETER.findall(rest)
    parameters = {name: int(number) if number else value for name, number, value in pairs}
    if len(parameters) < len(pairs) or parameters.get("tag") != tag:
        return None
    return Described(label, names[1:-1].split('" "'), parameters, said)


def as_the_library_reads(text: str, tag: str) -> Described | None:
    """The same, however it is written."""
    ours = []
    for label, member in (_dictionary(text) or {}).items():
        items, parameters = member if isinstance(member, tuple) and isinstance(member[0], list) else ([], {})
        if parameters.get("tag") == tag:
            ours.append((label, items, parameters))
    if len(ours) != 1:
        return None
    label, items, parameters = ours[0]
    names = [name for name, flags in items if isinstance(name, str) and not flags]
    if len(names) != len(items):
        return None
    return Described(label, names, parameters, http_sf.ser([(items, parameters)]))


def bytes_of(text: str, member: str) -> bytes | None:
    """The bytes of one member of a dictionary; None where there are none."""
    plain = _BYTES.fullmatch(text)
    if plain is not None and len(plain.group(2)) % 4 == 0:
        return b64decode(plain.group(2)) if plain.group(1) == member else None
    found = (_dictionary(text) or {}).get(member)
    value = found[0] if isinstance(found, tuple) else None
    return value if isinstance(value, bytes) else None


def _dictionary(text: str) -> dict[str, Any] | None:
    try:
        found = http_sf.parse(text.encode("ascii"), tltype="dictionary") if len(text) <= LONGEST else None
    except (ValueError, UnicodeEncodeError):
        return None
    return found if isinstance(found, dict) else None
