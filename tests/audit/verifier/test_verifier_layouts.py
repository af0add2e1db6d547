"""Recognising a line gives what reading it strictly gives: the same events, the same refusals."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_audit.verifier.formats.canonical import FaultError, read_canonical, write_canonical
from ledger_audit.verifier.formats.layouts import Layouts, shaped
from ledger_audit.verifier.formats.lines import Lines
from ledger_audit.verifier.once import Once
from ledger_audit.verifier.pairing import EVENTS as EVENTS_FILE
from tests.audit import mini_books as books
from tests.audit.mini_acts import act, codes, verdict_on
from tests.audit.mini_writer import MiniBook, Pen

ID = "01a20106-a167-7206-9774-3bc200d2d3ff"
NEEDED = frozenset({"key.enrolled"})

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc\ue000é"), inner, max_size=3),
    max_leaves=8,
)
events = st.dictionaries(
    st.sampled_from(["amount_fen", "donor", "note", "parts", "with space"]), values, max_size=4
).map(lambda given: {**given, "id": ID, "kind": "donation.received", "version": 1})


def line_of(event: dict[str, Any], number: int = 0) -> bytes:
    return write_canonical({**event, "id": f"{ID[:-6]}{number:06x}"})


def strictly(line: bytes) -> tuple[Any, ...]:
    try:
        value, own = shaped(read_canonical(line))
    except FaultError as fault:
        return fault.code, fault.params
    return value["kind"], value["version"], own


def quickly(layouts: Layouts, line: bytes) -> tuple[Any, ...]:
    try:
        value, own = layouts.read(line)
    except FaultError as fault:
        return fault.code, fault.params
    return value["kind"], value["version"], own


@given(events, events, st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3))
def test_any_changed_line_is_judged_as_if_it_were_read_strictly(
    known: dict[str, Any], other: dict[str, Any], at: int, new: bytes, cut: int
) -> None:
    layouts = Layouts(NEEDED, learn_after=1)
    for number in range(3):
        line = line_of(known, number)
        assert quickly(layouts, line) == strictly(line)
    place = at % len(line)
    for changed in (line[:place] + new + line[place + cut :], line_of(other), line + b"\n", line_of(known, 9)):
        assert quickly(layouts, changed) == strictly(changed)
        assert quickly(layouts, line) == strictly(line)


EVENT = {
    "amount_fen": 5,
    "id": ID,
    "kind": "donation.received",
    "note": "善款",
    "on": None,
    "tags": ["a"],
    "version": 1,
}
BAD = {
    "a float": (b'"amount_fen":5', b'"amount_fen":5.0'),
    "an exponent": (b'"amount_fen":5', b'"amount_fen":5e0'),
    "a leading zero": (b'"amount_fen":5', b'"amount_fen":05'),
    "minus zero": (b'"amount_fen":5', b'"amount_fen":-0'),
    "2^53": (b'"amount_fen":5', b'"amount_fen":9007199254740992'),
    "a blank": (b'"amount_fen":5', b'"amount_fen": 5'),
    "a key twice": (b'"amount_fen":5', b'"amount_fen":5,"amount_fen":5'),
    "an escape": ("善".encode(), b"\\u5584"),
    "a line feed": ("善".encode(), b"\n"),
    "no UTF-8": ("善".encode(), b"\xff"),
    "another order": (b'"note":"\xe5\x96\x84\xe6\xac\xbe","on":null', b'"on":null,"note":"\xe5\x96\x84\xe6\xac\xbe"'),
    "a version as text": (b'"version":1', b'"version":"1"'),
    "a UUID of version 4": (b"-7206-", b"-4206-"),
    "a UUID in capitals": (b"01a20106", b"01A20106"),
    "a comma at the end of a list": (b'["a"]', b'["a",]'),
    "a blank after the end": (b"1}", b"1} "),
}


@pytest.mark.parametrize("name", BAD)
def test_a_line_that_only_looks_alike_is_refused(name: str) -> None:
    layouts = Layouts(NEEDED, learn_after=1)
    line = write_canonical(EVENT)
    assert layouts.read(line)[0] == EVENT
    assert layouts.read(line) == ({"kind": "donation.received", "version": 1}, ID.encode())
    bad = line.replace(*BAD[name], 1)
    assert bad != line
    with pytest.raises(FaultError):
        layouts.read(bad)
    assert layouts.read(line)[1] == ID.encode()
    assert layouts.alike([line, bad, line]) is None
    assert layouts.alike([line, line]) == [ID.encode()] * 2


def test_a_kind_that_needs_escapes_passes_for_no_other() -> None:
    """Written plainly into a pattern it would match the line of a revocation, which nobody would then take in."""
    layouts = Layouts(frozenset({"key.revoked"}), learn_after=1)
    own = {"compromised_at": None, "id": ID, "keyid": "00ff", "reason": "lost", "version": 1}
    odd = write_canonical({**own, "kind": 'key.revoked","officer":"boss'})
    real = write_canonical({**own, "kind": "key.revoked", "officer": "boss"})
    for _ in range(3):
        layouts.read(odd)
    assert layouts.alike([real]) is None
    assert layouts.read(real)[0] == {**own, "kind": "key.revoked", "officer": "boss"}
    with pytest.raises(FaultError):
        layouts.read(odd.replace(b'\\"', b'"').replace(b'"officer"', b"officer"))


@pytest.mark.parametrize("deep", [40, 600])
def test_lists_within_lists_make_no_pattern(deep: int) -> None:
    """A pattern would double with each; a thousand would be more than Python climbs."""
    layouts = Layouts(NEEDED, learn_after=1)
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        line = write_canonical(EVENT).replace(b'["a"]', opening * deep + b"1" + closing * deep)
        for _ in range(3):
            assert layouts.read(line)[1] == ID.encode()


@pytest.mark.parametrize(
    "parts",
    [
        {f"f{n}": n for n in range(2_000)},
        {f"f{n}": {f"g{m}": [{f"h{k}": k for k in range(40)}] for m in range(40)} for n in range(40)},
    ],
    ids=["many fields", "many within many"],
)
def test_what_is_large_makes_no_pattern(parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling the pattern of one large object takes longer than reading a whole log."""
    made: list[object] = []
    monkeypatch.setattr(re, "compile", lambda *of: made.append(of))
    layouts = Layouts(NEEDED, learn_after=1)
    line = write_canonical({**EVENT, "parts": parts})
    for _ in range(3):
        assert layouts.read(line)[0]["note"] == "善款"
    assert not made


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(0, 12), st.sampled_from([b"", b"\n"]))
def test_lines_end_where_one_is_too_long(lengths: list[int], take: int, end: bytes) -> None:
    """As when each line is asked for: so many bytes at most with its line feed, and nothing after a longer one."""
    lines = [b"x" * length for length in lengths]
    data = b"\n".join(lines) + end
    file, expected = io.BytesIO(data), []
    while (line := file.readline(20)).endswith(b"\n"):
        expected.append(line[:-1])
    found, reader = [], Lines(io.BytesIO(data), 20)
    while part := reader.take(max(1, take)):
        found += part
    assert found == expected
    assert reader.left() == (len(b"".join(one + b"\n" for one in expected)) < len(data))


def test_lines_of_another_kind_are_never_alike() -> None:
    layouts = Layouts(NEEDED, learn_after=1)
    other = write_canonical({**EVENT, "kind": "donation.returned"})
    needed = write_canonical({**EVENT, "kind": "key.enrolled"})
    for line in (other, other, needed):
        layouts.read(line)
    assert layouts.alike([other, other]) is None, "the line before was of a kind that is read whole"
    assert layouts.read(other)[0]["kind"] == "donation.returned"
    assert layouts.alike([needed]) is None
    assert layouts.read(needed)[0]["note"] == "善款"


@given(st.lists(st.integers(0, 40), max_size=120), st.integers(2, 9), st.integers(1, 7))
def test_repetitions_are_found_in_any_amount_of_memory(numbers: list[int], held: int, stride: int) -> None:
    once = Once(held)
    expected, seen = set(), set()
    ids = [f"{ID[:-2]}{number:02x}" for number in numbers]
    for first in range(0, len(ids), stride):
        part = ids[first : first + stride]
        for place, own in enumerate(part, first):
            if own in seen:
                expected.add((own, place))
            seen.add(own)
        once.take_all([own.encode() for own in part], first)
    assert {(raw.hex(), place) for raw, place in once.again()} == {(o.replace("-", ""), p) for o, p in expected}


# ---- whole packages with a voucher of many lines alike, which a machine may record


MANY = 200


def paid(book: MiniBook, number: int) -> dict[str, Any]:
    return book.event("subsidy.paid", payment=f"y{number}", amount_fen=number + 1)


def with_many(**strange: Callable[[MiniBook], dict[str, Any]]) -> MiniBook:
    """The event at line MANY / 2 of the voucher is another one when it is given."""
    book = books.staffed()
    act(lambda b: books.enrolment(b, "robot", Pen(60), machine_kinds=["subsidy.paid"]))(book)
    events = [paid(book, number) for number in range(MANY)]
    for make in strange.values():
        events[MANY // 2] = make(book)
    book.voucher("robot", "e1", events, pen=Pen(60))
    book.anchor()
    return book


def judged(book: MiniBook, folder: Path, old: bytes = b"", new: bytes = b"") -> set[str]:
    files = book.files()
    if old:
        assert files[EVENTS_FILE].count(old) == 1
        files[EVENTS_FILE] = files[EVENTS_FILE].replace(old, new)
    return codes(verdict_on(book.sealed(files), folder).integrity)


def test_many_lines_alike_hold(tmp_path: Path) -> None:
    verdict = verdict_on(with_many().sealed(), tmp_path)
    assert (verdict.integrity.kept, verdict.counts.events) == ([], 1 + 7 + 1 + MANY)


def test_among_many_alike_another_kind_is_seen(tmp_path: Path) -> None:
    assert judged(with_many(one=lambda b: b.event("subsidy.returned", payment="y")), tmp_path) == {"V_MACHINE_KIND"}
    enrolled = with_many(one=lambda b: books.enrolment(b, "mei", Pen(61)))
    assert "V_TWO_ADMINISTRATORS" in judged(enrolled, tmp_path / "key")


def test_among_many_alike_a_repetition_is_seen(tmp_path: Path) -> None:
    first = paid(books.staffed(), 0)["id"]
    book = with_many(one=lambda b: {**paid(b, 7), "id": first})
    finding = next(one for one in verdict_on(book.sealed(), tmp_path).integrity.kept if one.code == "V_EVENT_TWICE")
    assert (finding.event, finding.params["id"]) == (1 + 7 + 1 + 1 + MANY // 2, first)


@pytest.mark.parametrize("new", [b'"amount_fen": 101', b'"amount_fen":101,"amount_fen":101', b'"amount_fen":1.01'])
def test_among_many_alike_another_spelling_is_seen(new: bytes, tmp_path: Path) -> None:
    assert judged(with_many(), tmp_path, b'"amount_fen":101', new) >= {"V_CANONICAL", "V_ROOT"}
