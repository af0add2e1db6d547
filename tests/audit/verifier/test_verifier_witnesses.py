"""Witnesses before the stranger: only a line counts that verifies under a key which the user gave, in its time."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger_audit.verifier.__main__ import main
from tests.audit import evidence_example, mini_writer
from tests.audit import mini_books as books
from tests.audit.mini_writer import MiniBook, Pen

NAME = "witness.example.net/w"
PEN = Pen(102)
KEY = PEN.witness_vkey(NAME)
NOW = "2025-09-12T09:00:00+08:00"
TIME = 1_757_638_800
"""The same in POSIX seconds."""
POSTED = TIME - 2 * 86_400
"""When the book's last voucher was posted, 2025-09-10T09:00:00+08:00."""

Cosign = Callable[[str], str]


def told(capsys: pytest.CaptureFixture[str], path: Path, *more: str) -> tuple[int, dict[str, Any], set[str]]:
    """Exit code, everything that was said, and the codes of C_…WITNESS…, C_ANCHOR… and V_WITNESS…."""
    code = main([str(path), "--key", Pen(100).vkey(), "--now", NOW, "--jobs", "1", "--json", *more])
    found = json.loads(capsys.readouterr().out)
    said = {one["code"] for part in ("completeness", "integrity") for one in found[part]["findings"]}
    return code, found, {one for one in said if "WITNESS" in one or "ANCHOR" in one}


def cosigned_package(cosign: Cosign, folder: Path, book: MiniBook | None = None) -> Path:
    book = books.working() if book is None else book
    files = book.files()
    files["checkpoint"] = cosign(files["checkpoint"].decode()).encode()
    return mini_writer.write(book.sealed(files), folder / "package")


def forged(name: str = NAME, key_id: bytes = b"abcd", signed: bytes = bytes(64), time: int = TIME) -> Cosign:
    line = base64.b64encode(key_id + time.to_bytes(8, "big") + signed).decode()
    return lambda note: f"{note}\u2014 {name} {line}\n"


def honest(time: int = TIME, pen: Pen = PEN) -> Cosign:
    return lambda note: pen.cosigned(note, NAME, time)


ALONE = {"C_NO_WITNESS", "C_WITNESS_UNPROVEN"}
LINES: dict[str, tuple[Cosign, int, set[str]]] = {
    "its own": (honest(), 0, set()),
    "none": (lambda note: note, 0, {"C_NO_WITNESS"}),
    "of a key that nobody gave": (forged(), 0, ALONE),
    "of another key under the name": (honest(pen=Pen(103)), 0, ALONE),
    "of zeros under the key's ID": (
        forged(key_id=PEN.key_id(NAME, b"\x04")),
        1,
        {"C_NO_WITNESS", "V_WITNESS_SIGNATURE"},
    ),
    "moved to another time": (
        lambda note: forged(
            key_id=PEN.key_id(NAME, b"\x04"), signed=PEN.sign(mini_writer.cosigned_text(note, TIME - 9).encode())
        )(note),
        1,
        {"C_NO_WITNESS", "V_WITNESS_SIGNATURE"},
    ),
    "of another note": (
        lambda note: note + PEN.cosigned(books.working().checkpoint(3), NAME, TIME).splitlines()[-1] + "\n",
        1,
        {"C_NO_WITNESS", "V_WITNESS_SIGNATURE"},
    ),
    "of a time to come": (honest(TIME + 301), 0, {"C_NO_WITNESS", "C_WITNESS_AHEAD"}),
    "of a clock that is a little ahead": (honest(TIME + 300), 0, set()),
    "of a time that is none": (honest(2**63 - 1), 0, {"C_NO_WITNESS", "C_WITNESS_AHEAD"}),
    "of before its vouchers": (honest(POSTED - 301), 0, {"C_NO_WITNESS", "C_WITNESS_BEFORE"}),
    "of 1970": (honest(0), 0, {"C_NO_WITNESS", "C_WITNESS_BEFORE"}),
    "of a clock that is a little behind": (honest(POSTED - 300), 0, set()),
    "of yesterday and of a time to come": (
        lambda note: honest(TIME + 9_999)(honest(TIME - 86_400)(note)),
        0,
        {"C_WITNESS_AHEAD"},
    ),
}


@pytest.mark.parametrize("which", LINES)
def test_only_a_line_that_verifies_counts(which: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cosign, code, codes = LINES[which]
    found = told(capsys, cosigned_package(cosign, tmp_path), "--witness", KEY)
    assert (found[0], found[2]) == (code, codes)


@pytest.mark.parametrize("cosign", [honest(), forged()], ids=["honest", "forged"])
def test_without_the_witnesss_key_no_line_counts(
    cosign: Cosign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, codes = told(capsys, cosigned_package(cosign, tmp_path))
    assert (code, codes) == (0, ALONE)
    params = next(one for one in found["completeness"]["findings"] if one["code"] == "C_WITNESS_UNPROVEN")["params"]
    assert params == {"count": 1, "names": NAME}


def test_the_operator_is_no_witness_of_his_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = Pen(100)
    package = cosigned_package(honest(pen=own), tmp_path)
    assert told(capsys, package, "--witness", own.witness_vkey(NAME))[2] == ALONE


def test_one_of_several_witnesses_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = cosigned_package(honest(), tmp_path)
    other = Pen(104).witness_vkey("another.example/w")
    assert told(capsys, package, "--witness", other, "--witness", KEY)[2] == set()
    assert told(capsys, package, "--witness", other)[2] == ALONE


def test_an_earlier_checkpoint_may_be_the_witnessed_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = books.working()
    book.checkpoints[2]["note"] = honest()(book.checkpoints[2]["note"])
    package = cosigned_package(lambda note: note, tmp_path, book)
    assert told(capsys, package, "--witness", KEY)[2] == set()


@pytest.mark.parametrize(
    ("cosign", "more", "codes"),
    [
        pytest.param(honest(), ["--witness", KEY], set(), id="its own"),
        pytest.param(forged(), ["--witness", KEY], ALONE, id="forged"),
        pytest.param(lambda note: note, ["--witness", KEY], {"C_NO_WITNESS"}, id="none"),
        pytest.param(lambda note: note, [], set(), id="nobody asked"),
    ],
)
def test_a_proof_is_asked_for_its_witness_too(
    cosign: Cosign, more: list[str], codes: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = evidence_example.proof(evidence_example.book())
    head, gap, note = proof["log_proof"].partition("\n\n")
    file = tmp_path / "four.ledger-proof"
    file.write_text(json.dumps({**proof, "log_proof": head + gap + cosign(note)}), encoding="utf-8")
    code, _, found = told(capsys, file, *more)
    assert (code, found) == (0, codes)
