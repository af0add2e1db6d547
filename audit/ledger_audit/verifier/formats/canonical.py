"""Canonical JSON and small spellings, read strictly. Source: RFC 8785 narrowed to integers within ±(2^53 - 1).

A document is canonical when writing its value again gives the same text; a duplicate key, a blank, an escape or
another order would not survive that. Keys sort by UTF-16 code units, which is code point order below U+E000.
"""

import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

MAX_INTEGER: Final = 2**53 - 1
_SHORT: Final = 15
_LONG: Final = 17
DAY: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_INSTANT = re.compile(rf"{DAY.pattern}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\+08:00", re.ASCII)
UUID7: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_KEY_BEYOND = re.compile('[\ue000-\U0010ffff][^"\ue000-\U0010ffff]*":')
"""The last such character of a text that a colon follows; each character is looked at once, however many there are."""
_DIGIT, _HIGH, _OTHER = b"0", b"H", b" "
_CLASSES: Final = b"".join(
    _DIGIT if chr(byte).isdigit() and byte < 0x80 else _HIGH if byte >= 0xEE else _OTHER for byte in range(256)
)
"""Each byte as a digit, a lead byte from U+E000 on, or something else: one search then finds the rare cases."""
_LONG_NUMBER: Final = _DIGIT * 16


class FaultError(Exception):
    """A format does not hold: a code of `sentences.py` and what fills its sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code} {params}")


def _refuse(_: str) -> NoReturn:
    raise FaultError("V_CANONICAL", reason="float")


def _integer(text: str) -> int:
    if len(text) > _SHORT and (len(text) > _LONG or abs(int(text)) > MAX_INTEGER):
        raise FaultError("V_CANONICAL", reason="integer")
    return int(text)


def _writer() -> Callable[[Any], str]:
    """Compact JSON with sorted keys. The standard library's encoder in C is made once and not for every event."""
    slow = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    escape: Any = getattr(json.encoder, "c_encode_basestring", None)
    if make is None or escape is None:
        return slow.encode
    pieces = make(None, slow.default, escape, None, ":", ",", True, False, False)  # noqa: FBT003 - as C has it
    return lambda value: "".join(pieces(value, 0))


_decoder: Any = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)
_bounding: Any = json.JSONDecoder(parse_float=_refuse, parse_int=_integer, parse_constant=_refuse)
_scan, _scan_bounding = _decoder.scan_once, _bounding.scan_once
_write = _writer()


def read_canonical(data: bytes) -> Any:
    """The value of canonical bytes; FaultError V_CANONICAL with `reason` for anything else."""
    try:
        text = data.decode("utf-8")
        classes = data.translate(_CLASSES)
        value, end = (_scan_bounding if _LONG_NUMBER in classes else _scan)(text, 0)
        # Keys beyond the surrogates sort differently by UTF-16: then, and only then, the slow writer decides.
        if _HIGH in classes and _KEY_BEYOND.search(text) is not None:
            same = end == len(text) and write_canonical(value) == data
        else:
            same = end == len(text) and _write(value) == text
    except UnicodeDecodeError as error:
        raise FaultError("V_CANONICAL", reason="utf-8") from error
    except (ValueError, StopIteration, RecursionError) as error:
        raise FaultError("V_CANONICAL", reason="json") from error
    if not same:
        raise FaultError("V_CANONICAL", reason="spelling")
    return value


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8."""
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return True


def whole_line(line: bytes) -> bytes:
    """The line without its line feed; FaultError V_LINE when it has none."""
    if not line.endswith(b"\n"):
        raise FaultError("V_LINE")
    return line[:-1]


def write_canonical(value: Any) -> bytes:
    """The canonical bytes of a value that was read; used to compare, never to make what is signed."""
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def fields(value: Any, names: tuple[str, ...], where: str) -> Mapping[str, Any]:
    """The object itself when it has exactly these fields; FaultError V_FIELDS."""
    if not isinstance(value, dict) or value.keys() != set(names):
        found = sorted(value) if isinstance(value, dict) else type(value).__name__
        raise FaultError("V_FIELDS", field=where, found=str(found)[:200])
    return value


def text_at(value: Mapping[str, Any], name: str) -> str:
    """A text that is not empty; FaultError V_FIELD."""
    found = value.get(name)
    if not isinstance(found, str) or not found:
        raise FaultError("V_FIELD", field=name, value=str(found)[:80])
    return found


def count_at(value: Mapping[str, Any], name: str, least: int = 1) -> int:
    """A whole number not below `least`; FaultError V_FIELD."""
    found = value.get(name)
    if type(found) is not int or found < least:
        raise FaultError("V_FIELD", field=name, value=str(found)[:80])
    return found


def fen_at(value: Mapping[str, Any], name: str) -> int:
    """A whole number of fen of either sign; FaultError V_FIELD."""
    return count_at(value, name, -MAX_INTEGER)


def instant_at(value: Mapping[str, Any], name: str) -> str:
    """`YYYY-MM-DDTHH:MM:SS+08:00`, which sorts as time does; FaultError V_FIELD."""
    return _matching(value, name, _INSTANT)


def day_at(value: Mapping[str, Any], name: str) -> str:
    """`YYYY-MM-DD`, which sorts as time does; FaultError V_FIELD."""
    return _matching(value, name, DAY)


def uuid_at(value: Mapping[str, Any], name: str) -> bytes:
    """The 16 bytes of a UUIDv7 in its one spelling; FaultError V_FIELD."""
    return bytes.fromhex(_matching(value, name, UUID7).replace("-", ""))


def uuid_text(raw: bytes) -> str:
    """The one spelling of a UUID's 16 bytes."""
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def digest_at(value: Mapping[str, Any], name: str) -> bytes:
    """The 32 bytes of `sha256:<hex>`; FaultError V_FIELD."""
    return bytes.fromhex(_matching(value, name, _DIGEST)[7:])


def base64_of(text: Any, where: str) -> bytes:
    """Bytes of standard base64 in its one spelling; FaultError V_BASE64."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except (ValueError, TypeError) as error:
        raise FaultError("V_BASE64", field=where) from error
    if binascii.b2a_base64(data, newline=False).decode() != text:
        raise FaultError("V_BASE64", field=where)
    return data


def _matching(value: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    found = value.get(name)
    if not isinstance(found, str) or pattern.fullmatch(found) is None:
        raise FaultError("V_FIELD", field=name, value=str(found)[:80])
    return found
