"""Canonical JSON: the same bytes as an independent encoder, and one accepted spelling of each value."""

import json
import tracemalloc
from collections.abc import Callable
from datetime import date
from enum import IntEnum
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.signing.canonical import MAX_DEPTH, MAX_INTEGER, JsonValue, canonical, parse_canonical

texts = st.text(st.characters(codec="utf-8"), max_size=8)
# Keys on both sides of the surrogates, where the order of UTF-16 units and of code points differ.
keys = st.one_of(texts, st.text("a\u00e9\ud7ff\ue000\uff5e\U00010000\U0001f600", max_size=3))
scalars = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))


@given(values)
def test_the_bytes_are_those_of_another_encoder(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_what_is_written_is_read_back(value: JsonValue) -> None:
    assert parse_canonical(canonical(value)) == value


@given(
    values, st.sampled_from([{"ensure_ascii": True}, {"indent": 1}, {"sort_keys": True}, {"separators": (", ", ":")}])
)
def test_any_other_spelling_is_refused(value: JsonValue, style: dict[str, Any]) -> None:
    other = json.dumps(value, **style).encode()
    if other == canonical(value):
        assert parse_canonical(other) == value
    else:
        with pytest.raises(InputError, match="E_NOT_CANONICAL"):
            parse_canonical(other)


@given(values, st.data())
def test_one_changed_byte_never_gives_the_same_value(value: JsonValue, data: st.DataObject) -> None:
    original = canonical(value)
    at = data.draw(st.integers(0, len(original) - 1))
    changed = bytearray(original)
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        found = parse_canonical(bytes(changed))
    except InputError:
        return
    assert canonical(found) == bytes(changed) != original


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # RFC 8785 section 3.2.3: the order of keys, and section 3.2.2.2: escapes.
        pytest.param(
            {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7},
            '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
            id="keys in UTF-16 order",
        ),
        pytest.param('€$\x0f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"', id="escapes of the RFC"),
        pytest.param(
            "\b\t\n\f\r\x00\x1f\x7f\u2028", '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028"', id="control characters"
        ),
        pytest.param(
            {"b": [{}, []], "a": {"d": None, "c": True}}, '{"a":{"c":true,"d":null},"b":[{},[]]}', id="structures"
        ),
        pytest.param((1, (2, "x")), '[1,[2,"x"]]', id="tuples are lists"),
        pytest.param(
            [MAX_INTEGER, -MAX_INTEGER, 0], "[9007199254740991,-9007199254740991,0]", id="the largest integers"
        ),
        pytest.param({"": ""}, '{"":""}', id="an empty key"),
        pytest.param("e\u0301", '"e\u0301"', id="text is never normalised"),
    ],
)
def test_known_bytes(value: Any, text: str) -> None:
    assert canonical(value) == text.encode()


class Sample(IntEnum):
    """A number that is more than a number."""

    ONE = 1


class Text(str):
    """A text that is more than a text."""

    __slots__ = ()


def nested(depth: int) -> JsonValue:
    value: JsonValue = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "reason", "path"),
    [
        pytest.param({"a": [1, {"b": 1.0}]}, "float", "$.a[1].b", id="a float"),
        pytest.param(float("nan"), "float", "$", id="not a number"),
        pytest.param([float("inf")], "float", "$[0]", id="infinity"),
        pytest.param({"n": 2**53}, "integer", "$.n", id="2^53"),
        pytest.param([-(2**53)], "integer", "$[0]", id="-2^53"),
        pytest.param([2**70], "integer", "$[0]", id="beyond 64 bits"),
        pytest.param({1: "a"}, "key", "$", id="a number as key"),
        pytest.param({None: "a"}, "key", "$", id="null as key"),
        pytest.param({Text("a"): 1}, "key", "$", id="a key that is more than text"),
        pytest.param({"a": Text("a")}, "type", "$.a", id="a value that is more than text"),
        pytest.param([Sample.ONE], "type", "$[0]", id="an enumeration"),
        pytest.param(date(2025, 9, 5), "type", "$", id="a date"),
        pytest.param(UUID(int=0), "type", "$", id="a UUID"),
        pytest.param({"a": b"x"}, "type", "$.a", id="bytes"),
        pytest.param({"a": {1}}, "type", "$.a", id="a set"),
        pytest.param({"a": "\ud800"}, "surrogate", "$.a", id="a lone surrogate"),
        pytest.param({"\udfff": 1}, "surrogate", "$", id="a lone surrogate as key"),
        pytest.param({"é": "\ud800"}, "surrogate", "$.é", id="a lone surrogate on the slow road"),
        pytest.param(nested(MAX_DEPTH + 1), "depth", "$" + "[0]" * MAX_DEPTH, id="too deep"),
        pytest.param([nested(MAX_DEPTH), "é"], "depth", "$" + "[0]" * MAX_DEPTH, id="too deep within"),
    ],
)
def test_what_may_not_be_written_is_refused_where_it_stands(value: Any, reason: str, path: str) -> None:
    with pytest.raises(InputError) as refused:
        canonical(value)
    assert (refused.value.code, refused.value.params) == ("E_NOT_CANONICAL", {"reason": reason, "path": path})


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: {"é": value}], ids=["fast road", "slow road"])
def test_both_roads_go_equally_deep(wrap: Callable[[JsonValue], JsonValue]) -> None:
    spare = 0 if wrap(0) == 0 else 1
    deepest = wrap(nested(MAX_DEPTH - spare))
    assert parse_canonical(canonical(deepest)) == deepest
    with pytest.raises(InputError, match="E_NOT_CANONICAL"):
        canonical(wrap(nested(MAX_DEPTH - spare + 1)))


def test_a_ring_of_values_ends() -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(InputError, match="E_NOT_CANONICAL"):
        canonical(ring)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b'{"a":1,"a":1}', "E_JSON_DUPLICATE_KEY", id="a key twice"),
        pytest.param(b'{"a":{"b":1,"b":2}}', "E_JSON_DUPLICATE_KEY", id="an inner key twice"),
        pytest.param(b'{"a":1,"\\u0061":1}', "E_JSON_DUPLICATE_KEY", id="a key twice in disguise"),
        pytest.param(b'{"b":1,"a":1}', "E_NOT_CANONICAL", id="unsorted"),
        pytest.param('{"\U00010000":1,"\uffff":1}'.encode(), "OK", id="sorted by UTF-16"),
        pytest.param('{"\uffff":1,"\U00010000":1}'.encode(), "E_NOT_CANONICAL", id="sorted by code point"),
        pytest.param(b'{"a":1} ', "E_NOT_CANONICAL", id="a trailing space"),
        pytest.param(b' {"a":1}', "E_NOT_CANONICAL", id="a leading space"),
        pytest.param(b'{"a": 1}', "E_NOT_CANONICAL", id="a space inside"),
        pytest.param(b'{"a":1}\n', "E_NOT_CANONICAL", id="a line feed"),
        pytest.param(b"1.0", "E_NOT_CANONICAL", id="a float"),
        pytest.param(b"1e2", "E_NOT_CANONICAL", id="an exponent"),
        pytest.param(b"-0", "E_NOT_CANONICAL", id="minus nought"),
        pytest.param(b"01", "E_JSON_SYNTAX", id="a leading nought"),
        pytest.param(b"9007199254740992", "E_NOT_CANONICAL", id="2^53"),
        pytest.param(b"99999999999999999999999999", "E_NOT_CANONICAL", id="a huge integer"),
        pytest.param(b'"\\u00e9"', "E_NOT_CANONICAL", id="a needless escape"),
        pytest.param(b'"\\/"', "E_NOT_CANONICAL", id="an escaped slash"),
        pytest.param(b'"\\u000A"', "E_NOT_CANONICAL", id="an escape in capitals"),
        pytest.param(b'"\\ud800"', "E_JSON_SYNTAX", id="half a surrogate pair"),
        pytest.param(b'"\xed\xa0\x80"', "E_JSON_SYNTAX", id="a surrogate in UTF-8"),
        pytest.param(b'"\xff"', "E_JSON_SYNTAX", id="no UTF-8"),
        pytest.param(b'"\xc0\x80"', "E_JSON_SYNTAX", id="an overlong encoding"),
        pytest.param(b"\xef\xbb\xbf1", "E_JSON_SYNTAX", id="a byte order mark"),
        pytest.param('"a"'.encode("utf-16"), "E_JSON_SYNTAX", id="UTF-16"),
        pytest.param(b"", "E_JSON_SYNTAX", id="nothing"),
        pytest.param(b"NaN", "E_JSON_SYNTAX", id="NaN"),
        pytest.param(b"[1,]", "E_JSON_SYNTAX", id="a trailing comma"),
        pytest.param(b"1 2", "E_JSON_SYNTAX", id="two values"),
        pytest.param(b"'a'", "E_JSON_SYNTAX", id="other quotes"),
        pytest.param(b"[" * 5000 + b"]" * 5000, "E_JSON_SYNTAX", id="an abyss"),
        pytest.param(b"[" * 100 + b"]" * 100, "E_NOT_CANONICAL", id="deeper than we write"),
        pytest.param(b'"' + b"a" * (1 << 20) + b'"', "E_JSON_SIZE", id="too big"),
    ],
)
def test_table_of_bad_documents(data: bytes, code: str) -> None:
    if code == "OK":
        parse_canonical(data)
        return
    with pytest.raises(InputError) as refused:
        parse_canonical(data)
    assert refused.value.code == code
    assert len(str(refused.value)) < 500


def test_the_limit_is_the_callers() -> None:
    assert parse_canonical(b"[1]", limit=3) == [1]
    with pytest.raises(InputError, match="E_JSON_SIZE"):
        parse_canonical(b"[1]", limit=2)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_exactly_or_refused(data: bytes) -> None:
    try:
        value = parse_canonical(data)
    except InputError:
        return
    assert canonical(value) == data


def test_bytes_that_are_kept_take_the_room_that_they_need() -> None:
    """A roster's import holds tens of thousands of events; the encoder would leave each in a buffer of 8 KB."""
    tracemalloc.start()
    try:
        kept = [canonical({"number": number, "text": "x" * 900}) for number in range(500)]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * sum(map(len, kept))
