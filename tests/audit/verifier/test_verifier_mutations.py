"""Two thousand random changes to a sealed package: every one of them is found, at the right voucher where it has one.

And the changes that a hostile operator can sign anew: whatever byte of an event or a leaf changes, the makers'
signatures and the roots still tell.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_audit.verifier.formats.notes import parse_vkey
from ledger_audit.verifier.whole import Trust, Verdict, verify_package
from tests.audit import mini_books as books
from tests.audit import mini_writer as mini
from tests.audit.mini_writer import Files, Pen

NOW = datetime.fromisoformat("2025-09-12T09:00:00+08:00")
BOOK = books.working()
SEALED = BOOK.sealed()
TRUST = Trust(key=parse_vkey(Pen(100).vkey()), known=[("kept.note", BOOK.checkpoint())])
NAMES = sorted(SEALED)
LEAVES, EVENTS = "data/leaves.jsonl", "data/events.jsonl"
COUNTS = [1, 7, 3, 3, 3, 1, 2]
VOUCHER_OF_EVENT = [number for number, count in enumerate(COUNTS, 1) for _ in range(count)]


@dataclass(frozen=True)
class Sandbox:
    """The package on disk; a change is written, verified and taken back."""

    folder: Path

    def verdict(self, changed: Files) -> Verdict:
        mini.write(changed, self.folder)
        try:
            return verify_package(self.folder, TRUST, NOW, jobs=1)
        finally:
            mini.write({name: SEALED[name] for name in changed if name in SEALED}, self.folder)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox(mini.write(SEALED, tmp_path_factory.mktemp("package")))


def flip(data: bytes, at: int, by: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= by
    return bytes(changed)


def delete_line(data: bytes, at: int, _: int) -> bytes:
    rows = data.splitlines(keepends=True)
    del rows[at % len(rows)]
    return b"".join(rows)


def swap_lines(data: bytes, at: int, by: int) -> bytes:
    rows = data.splitlines(keepends=True)
    one, two = at % len(rows), by % len(rows)
    rows[one], rows[two] = rows[two], rows[one]
    return b"".join(rows)


def double_line(data: bytes, at: int, _: int) -> bytes:
    rows = data.splitlines(keepends=True)
    rows.insert(at % len(rows), rows[at % len(rows)])
    return b"".join(rows)


def insert_byte(data: bytes, at: int, by: int) -> bytes:
    return data[:at] + bytes([by]) + data[at:]


def delete_byte(data: bytes, at: int, _: int) -> bytes:
    return data[:at] + data[at + 1 :]


def cut_off(data: bytes, at: int, _: int) -> bytes:
    return data[:at]


def append(data: bytes, at: int, by: int) -> bytes:
    return data + data[at : at + by]


CHANGES: list[Callable[[bytes, int, int], bytes]] = [
    flip,
    flip,
    flip,
    insert_byte,
    delete_byte,
    delete_line,
    swap_lines,
    double_line,
    cut_off,
    append,
]


def assert_placed(verdict: Verdict, name: str, data: bytes) -> None:
    """The first bad place is the voucher of the first byte that differs."""
    before = SEALED[name]
    shorter = min(len(before), len(data))
    at = next((i for i in range(shorter) if before[i] != data[i]), shorter)
    line = before.count(b"\n", 0, at)
    first = verdict.integrity.first_bad()
    assert first is not None
    whole = len(COUNTS) if name == LEAVES else sum(COUNTS)
    if line < whole:
        assert first.number == (line + 1 if name == LEAVES else VOUCHER_OF_EVENT[line])


@given(
    st.sampled_from(NAMES),
    st.sampled_from(CHANGES),
    st.integers(0, 1 << 20),
    st.integers(1, 255),
)
@settings(max_examples=2000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_every_random_change_is_found(
    sandbox: Sandbox, name: str, change: Callable[[bytes, int, int], bytes], at: int, by: int
) -> None:
    before = SEALED[name]
    data = change(before, at % len(before), by)
    if data == before:
        return
    verdict = sandbox.verdict({name: data})
    assert verdict.integrity.total, f"{change.__name__} at {at % len(before)} of {name}"
    assert not verdict.holds
    if name in {LEAVES, EVENTS}:
        assert_placed(verdict, name, data)


@given(st.sampled_from([LEAVES, EVENTS]), st.integers(0, 1 << 20), st.integers(1, 255))
@settings(max_examples=100)
def test_no_byte_of_the_log_is_changed_by_an_operator_who_signs_anew(
    sandbox: Sandbox, name: str, at: int, by: int
) -> None:
    """Everything that stands under no person's signature is made again to fit: tree, checkpoints, manifests, note."""
    files = BOOK.files()
    data = flip(files[name], at % len(files[name]), by)
    forged = books.working()
    rows = data.split(b"\n")[:-1]
    if name == LEAVES:
        forged.leaves = rows
    else:
        forged.events = rows
    forged.checkpoints = [{"note": forged.checkpoint(len(rows)), "size": len(rows)} for rows in [forged.leaves]]
    verdict = sandbox.verdict(forged.sealed({**forged.files(), name: data}))
    assert verdict.integrity.total
    assert {finding.code for finding in verdict.integrity.kept} & PROVEN_BY_PEOPLE


PROVEN_BY_PEOPLE = {
    # A leaf's own fields are the operator's words; they are held by tiling, by the clock, and by what others had seen.
    "V_FORK",
    "V_CUT_BACK",
    "V_SEEN",
    "V_ROOT",
    "V_SIGNATURE",
    "V_KEY_OF_OTHER",
    "V_CANONICAL",
    "V_FIELD",
    "V_FIELDS",
    "V_BASE64",
    "V_ENVELOPE",
    "V_LINE",
    "V_EVENTS_END",
    "V_EVENTS_LEFT",
}


def test_the_sandbox_is_clean_again(sandbox: Sandbox) -> None:
    assert sandbox.verdict({}).integrity.kept == []
    assert sum(COUNTS) == len(BOOK.events)
    assert [json.loads(leaf)["number"] for leaf in BOOK.leaves] == list(range(1, 8))
