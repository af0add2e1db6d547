"""Canonical JSON: one spelling for each value. Source: RFC 8785 (JCS), narrowed.

Narrowed, because what is signed must survive every reader: no floats at all, integers within ±(2^53 - 1), no lone
surrogates. A fast encoder with sorted keys gives the same bytes while every key is ASCII; other keys are first put
in the order of their UTF-16 code units (RFC 8785 section 3.2.3), which differs from code point order.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

import orjson

from ledger.errors import InputError

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""What may be signed. Reading gives dicts and lists; writing takes tuples too."""

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64
"""How many lists and objects may stand inside one another."""
MAX_BYTES = 1 << 20
_SCALARS = frozenset({str, int, bool, type(None)})
_PASSTHROUGH = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_AS_GIVEN = orjson.OPT_STRICT_INTEGER | _PASSTHROUGH
_SORTED = _AS_GIVEN | orjson.OPT_SORT_KEYS


def canonical(value: JsonValue) -> bytes:
    """The RFC 8785 bytes of null, booleans, integers, text, lists or tuples, and dicts with text keys.

    Raises InputError E_NOT_CANONICAL with `reason` (float, integer, type, key, surrogate, depth) and `path`.
    """
    if _is_plain(value, 0):
        try:
            return _fitted(orjson.dumps(value, option=_SORTED))
        except orjson.JSONEncodeError:
            pass
    return _fitted(orjson.dumps(_ordered(value, "$", 0), option=_AS_GIVEN))


def _fitted(data: bytes) -> bytes:
    """The same bytes in as much memory as they need: the encoder's own keep the room that it wrote into, 8 KB of it
    for an event of 1 KB, for as long as somebody holds them.
    """
    return bytes(memoryview(data))


def parse_canonical(data: bytes, *, limit: int = MAX_BYTES) -> JsonValue:
    """The value of bytes that are exactly `canonical(value)`; every other document is refused.

    Raises InputError: E_JSON_SIZE above `limit` bytes, E_JSON_SYNTAX when it is no JSON (BOM and bad UTF-8 too),
    E_JSON_DUPLICATE_KEY, and E_NOT_CANONICAL (white space, order, escapes, floats, …) otherwise.
    """
    if len(data) > limit:
        raise InputError("E_JSON_SIZE", size=len(data), max=limit)
    try:
        value: JsonValue = orjson.loads(data)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise InputError("E_JSON_SYNTAX", reason=_syntax_reason(data)) from error
    encoded = canonical(value)
    if encoded != data:
        _refuse_spelling(data, encoded)
    return value


def _is_plain(value: Any, depth: int) -> bool:
    """Whether only known types and ASCII keys occur, so that the fast encoder's order is the canonical one."""
    kind = type(value)
    if depth >= MAX_DEPTH:
        return kind in _SCALARS
    if kind is dict:
        try:
            if not "".join(value).isascii():
                return False
        except TypeError:
            return False
        value = value.values()
    elif kind is not list and kind is not tuple:
        return kind in _SCALARS
    if _SCALARS.issuperset(map(type, value)):
        return True
    for item in value:  # noqa: SIM110 - a generator costs as much as the rest of the check
        if type(item) not in _SCALARS and not _is_plain(item, depth + 1):
            return False
    return True


def _ordered(value: Any, path: str, depth: int) -> JsonValue:
    """The same value with keys in UTF-16 order; refuses with the path of the first thing that may not be written."""
    if depth >= MAX_DEPTH and type(value) in {dict, list, tuple}:
        _refuse("depth", path)
    if type(value) is dict:
        for key in value:
            if type(key) is not str:
                _refuse("key", path)
            _check_surrogates(key, path)
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _ordered(value[key], f"{path}.{key}", depth + 1) for key in keys}
    if type(value) is list or type(value) is tuple:
        return [_ordered(item, f"{path}[{at}]", depth + 1) for at, item in enumerate(value)]
    return _scalar(value, path)


def _scalar(value: Any, path: str) -> JsonValue:
    if type(value) is str:
        _check_surrogates(value, path)
        return value
    if type(value) is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            _refuse("integer", path)
        return value
    if value is not None and type(value) is not bool:
        _refuse("float" if isinstance(value, float) else "type", path)
    return value


def _check_surrogates(text: str, path: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        _refuse("surrogate", path)


def _refuse(reason: str, path: str) -> NoReturn:
    raise InputError("E_NOT_CANONICAL", reason=reason, path=path)


def _syntax_reason(data: bytes) -> str:
    """Why no JSON could be read, in one word."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "byte-order-mark"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8"
    return "syntax"


def _refuse_spelling(data: bytes, encoded: bytes) -> NoReturn:
    """The bytes are JSON, but not the canonical spelling of their value: say why."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [key for key, _ in pairs]
            raise InputError("E_JSON_DUPLICATE_KEY", key=next(key for key in names if names.count(key) > 1))
        return found

    json.loads(data, object_pairs_hook=unique)
    at = next((i for i, (a, b) in enumerate(zip(data, encoded, strict=False)) if a != b), min(len(data), len(encoded)))
    _refuse("spelling", f"byte {at}")
