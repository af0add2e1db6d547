"""What is read without the library says what the library says, and what is not plainly written is left to it."""

from typing import Any

import http_sf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger_api.http.safeguards.signature_fields import as_the_library_reads, bytes_of, described, plainly

TAG = "charity-ledger"
_PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), max_size=12)
_KEYS = st.from_regex(r"\A[a-z*][a-z0-9_.*-]{0,8}\Z")
_PIECES = st.sampled_from(
    [
        *'()";=,: \\\t',
        "ledger",
        "a",
        "*b",
        "tag",
        TAG,
        '"tag"',
        '"@method"',
        "0",
        "007",
        "-1",
        "1.5",
        "?1",
        ":YQ==:",
        "é",
    ]
)


@given(
    label=_KEYS,
    names=st.lists(_PLAIN.filter(lambda one: one and " " not in one), min_size=1, max_size=8),
    parameters=st.dictionaries(_KEYS, st.integers(0, 10**15 - 1) | _PLAIN, max_size=6),
)
def test_what_programs_write_is_read_without_the_library(
    label: str, names: list[str], parameters: dict[str, int | str]
) -> None:
    covered: Any = ([(name, {}) for name in names], {**parameters, "tag": TAG})
    text = http_sf.ser({label: covered})
    found = plainly(text, TAG)
    assert found == as_the_library_reads(text, TAG)
    assert found is not None
    assert (found.label, found.components, f"{label}={found.said}") == (label, names, text)


@given(st.lists(_PIECES, max_size=24).map("".join))
@example('ledger=("a");tag="charity-ledger";tag="charity-ledger"')
@example('ledger=("a");tag="other";tag="charity-ledger"')
@example('ledger=("a");created=00;tag="charity-ledger"')
@example('ledger=("a" );tag="charity-ledger"')
@example('ledger=("a""b");tag="charity-ledger"')
@example('ledger=("a";req);tag="charity-ledger"')
@example('ledger=();tag="charity-ledger"')
@example('a=("x");tag="charity-ledger", b=("y")')
def test_whatever_is_read_at_once_the_library_reads_alike(text: str) -> None:
    found = plainly(text, TAG)
    if found is not None:
        assert found == as_the_library_reads(text, TAG)
    assert described(text, TAG) == as_the_library_reads(text, TAG)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('ledger=( "a"  "b" );created=1;tag="charity-ledger"', '("a" "b");created=1;tag="charity-ledger"'),
        ('ledger=("a");created=007;tag="charity-ledger"', '("a");created=7;tag="charity-ledger"'),
        ('ledger=("a");keyid="a\\"b";tag="charity-ledger"', '("a");keyid="a\\"b";tag="charity-ledger"'),
        ('other=("z");tag="x", ledger=("a");tag="charity-ledger"', '("a");tag="charity-ledger"'),
    ],
)
def test_what_is_written_otherwise_is_signed_as_the_library_serialises_it(written: str, said: str) -> None:
    assert plainly(written, TAG) is None
    found = described(written, TAG)
    assert found is not None
    assert found.said == said


@pytest.mark.parametrize(
    "text", ["", "ledger", 'ledger=("a")', 'ledger=("a");tag="x"', "ledger=:YQ==:", "é", "x" * 5000]
)
def test_nothing_is_read_of_what_is_no_signature_of_ours(text: str) -> None:
    assert described(text, TAG) is None


@given(st.binary(max_size=80), _KEYS, _KEYS)
@example(b"", "a", "b")
def test_bytes_are_read_of_their_own_member_only(data: bytes, member: str, other: str) -> None:
    text = http_sf.ser({member: (data, {})})
    assert bytes_of(text, member) == data
    assert bytes_of(text, other) == (data if other == member else None)


@pytest.mark.parametrize(
    ("text", "found"),
    [("a=:YWJj:, b=:ZGVm:", b"abc"), ("a=:YWJ:", b"ab"), ("a=:Y===:", None), ("a=1", None), ('a="YWJj"', None)],
)
def test_bytes_that_are_written_otherwise_are_the_librarys(text: str, found: bytes | None) -> None:
    assert bytes_of(text, "a") == found
