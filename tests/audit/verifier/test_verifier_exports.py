"""Exported events before the stranger: whole under the operator's signature, or told where not."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.merkle import leaf_hash, root_of
from ledger.signing.notes import sign_note
from ledger.signing.vkeys import NoteSigner
from ledger_audit.events_export import FORMAT, export_events
from ledger_audit.notes import newest_note
from ledger_audit.verifier.__main__ import main as stranger
from tests.projections.opened_book import ORIGIN, OpenedBook

Lines = list[bytes]


def operator(book: OpenedBook) -> NoteSigner:
    return NoteSigner(ORIGIN, book.operator)


def exported(book: OpenedBook, first: int = 1, *, signed: bool = True) -> Lines:
    file = io.BytesIO()
    with book.store.read() as connection:
        export_events(connection, file, operator(book) if signed else None, first=first)
    return file.getvalue().splitlines()


def asked(capsys: pytest.CaptureFixture[str], file: Path, lines: Lines, *words: str) -> tuple[int, Any]:
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    code = stranger([str(file), *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def codes(found: Any, which: str = "integrity") -> set[str]:
    return {one["code"] for one in found[which]["findings"]}


def changed(line: bytes, **values: Any) -> bytes:
    return json.dumps(json.loads(line) | values, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def remade(lines: Lines, signer: NoteSigner | None = None, **other: Any) -> Lines:
    """The trailer made again for these lines, and signed by whoever is given."""
    trailer = json.loads(lines[-1])["trailer"]
    root = root_of([leaf_hash(line) for line in lines[:-1]])
    under = open_checkpoint(trailer["checkpoint"], None)
    trailer |= {"count": len(lines) - 1, "digest": f"sha256:{root.hex()}"}
    if signer is not None:
        first = json.loads(lines[0])["position"]
        told = {"format": FORMAT, "origin": under.origin, "first": first, "count": trailer["count"]}
        told |= {"digest": root.hex(), "size": under.size, "root": base64_text.encode(under.root)} | other
        trailer["signature"] = sign_note("".join(f"{one}\n" for one in told.values()), [signer])
    return [
        *lines[:-1],
        json.dumps({"trailer": trailer}, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(),
    ]


@pytest.mark.parametrize("first", [1, 7])
def test_a_whole_export_holds_and_says_what_it_cannot_show(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str], first: int
) -> None:
    lines = exported(book, first)
    code, found = asked(capsys, tmp_path / "e.jsonl", lines, "--key", operator(book).vkey)
    assert (code, found["integrity"]["count"]) == (0, 0), found
    checked = found["integrity"]["checked"]
    assert (checked["events"], checked["signatures"]) == (book.head - first + 1, 1)
    assert checked["vouchers"] == len({json.loads(line)["number"] for line in lines[:-1]})
    assert codes(found, "completeness") == {"C_EXPORT_ALONE"} | ({"C_EXPORT_FROM"} if first > 1 else set())
    assert found["completeness"]["ok"]
    assert set(checked) == {"vouchers", "events", "signatures", "checkpoints"}, (
        "nothing is claimed of what is not in it"
    )
    for words, signatures in ((("--key", operator(book).vkey), 1), ((), 0)):
        stranger([str(tmp_path / "e.jsonl"), *words])
        text = capsys.readouterr().out
        told = (checked["events"], checked["vouchers"], signatures)
        assert "已核对 {} 笔事项(出自 {} 张凭证)、1 个整份校验值和检查点、{} 个经办单位签名\n".format(*told) in text
        assert "制单人" not in text
        assert "0 行分录" not in text
    code, found = asked(capsys, tmp_path / "e.jsonl", lines)
    assert (code, found["self_consistent_only"]) == (1, True)


def test_an_export_of_nothing_is_whole_too(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = asked(capsys, tmp_path / "e.jsonl", exported(book, book.head + 1), "--key", operator(book).vkey)
    assert (code, found["integrity"]["checked"]["events"]) == (0, 0), found


BY_ANYBODY: dict[str, tuple[Callable[[Lines], Lines], set[str]]] = {
    "a line changed": (lambda a: [a[0].replace(b'"number":1', b'"number":2'), *a[1:]], {"V_EXPORT_DIGEST"}),
    "a line left out": (lambda a: [*a[:3], *a[4:]], {"V_EXPORT_DIGEST", "V_EXPORT_COUNT", "V_EXPORT_POSITION"}),
    "two exchanged": (lambda a: [a[1], a[0], *a[2:]], {"V_EXPORT_DIGEST", "V_EXPORT_POSITION", "V_EXPORT_NOTE"}),
    "cut": (lambda a: a[:-1], {"V_EXPORT_CUT"}),
    "cut and counted anew": (lambda a: remade([*a[:9], a[-1]]), {"V_EXPORT_NOTE", "V_EXPORT_END"}),
    "begun later": (lambda a: remade(a[3:]), {"V_EXPORT_NOTE"}),
    "a line behind the last": (lambda a: [*a, a[-2]], {"V_EXPORT_CUT", "V_FIELDS", "V_EXPORT_POSITION"}),
    "no signature": (
        lambda a: [*a[:-1], json.dumps({"trailer": json.loads(a[-1])["trailer"] | {"signature": None}}).encode()],
        {"V_CANONICAL"},
    ),
    "a line that is none": (lambda a: [*a[:2], b"{}", *a[2:]], {"V_FIELDS", "V_EXPORT_DIGEST", "V_EXPORT_COUNT"}),
    "an older trailer's fields": (lambda a: [*a[:-1], b'{"trailer":{}}'], {"V_FIELDS"}),
    "a trailer that is none": (lambda a: [*a[:-1], b'{"trailer":[]}'], {"V_FIELDS"}),
    "signed by another": (
        lambda a: remade(a, NoteSigner(ORIGIN, SigningKey.generate())),
        {"V_EXPORT_SIGNATURE"},
    ),
}


@pytest.mark.parametrize("how", BY_ANYBODY)
def test_a_changed_export_is_found(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    change, wanted = BY_ANYBODY[how]
    code, found = asked(capsys, tmp_path / "e.jsonl", change(exported(book)), "--key", operator(book).vkey)
    assert code == 1
    assert wanted <= codes(found), found


BY_THE_OPERATOR: dict[str, tuple[Callable[[Lines], Lines], dict[str, Any], str]] = {
    "the end left out": (lambda a: [*a[:9], a[-1]], {}, "V_EXPORT_END"),
    "one left out": (lambda a: [*a[:3], *a[4:]], {}, "V_EXPORT_POSITION"),
    "a number that goes back": (
        lambda a: [*a[:5], changed(a[5], number=1), changed(a[6], number=1), *a[7:]],
        {},
        "V_EXPORT_ORDER",
    ),
    "a time that goes back": (
        lambda a: [*a[:5], changed(a[5], posted_at="2024-01-01T00:00:00+08:00"), *a[6:]],
        {},
        "V_EXPORT_ORDER",
    ),
    "another size": (lambda a: a, {"size": 1}, "V_EXPORT_NOTE"),
    "another root": (lambda a: a, {"root": base64_text.encode(bytes(32))}, "V_EXPORT_NOTE"),
    "another beginning": (lambda a: a, {"first": 2}, "V_EXPORT_NOTE"),
    "another count": (lambda a: a, {"count": 2}, "V_EXPORT_NOTE"),
    "another book": (lambda a: a, {"origin": "elsewhere.example.org/x"}, "V_EXPORT_NOTE"),
    "another format": (lambda a: a, {"format": "charity-ledger/package@v1"}, "V_EXPORT_NOTE"),
    "a beginning that is no number": (lambda a: a, {"first": "x"}, "V_EXPORT_NOTE"),
    "a line more": (lambda a: a, {"more": "x"}, "V_EXPORT_NOTE"),
    "a size that is none": (lambda a: a, {"size": "x"}, "V_CHECKPOINT_FORM"),
}


@pytest.mark.parametrize("how", BY_THE_OPERATOR)
def test_what_the_operator_signs_must_fit_the_file(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    change, other, wanted = BY_THE_OPERATOR[how]
    lines = remade(change(exported(book)), operator(book), **other)
    code, found = asked(capsys, tmp_path / "e.jsonl", lines, "--key", operator(book).vkey)
    assert code == 1
    assert wanted in codes(found), found


def test_an_export_without_a_signature_proves_nothing(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = exported(book, signed=False)
    trailer = json.loads(lines[-1])["trailer"]
    del trailer["signature"]
    older = [*lines[:-1], json.dumps({"trailer": trailer}, ensure_ascii=False, separators=(",", ":")).encode()]
    for one in (lines, older):
        code, found = asked(capsys, tmp_path / "e.jsonl", one, "--key", operator(book).vkey)
        assert (code, codes(found)) == (1, {"V_EXPORT_UNSIGNED"}), found


def test_another_books_key_is_told(book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = NoteSigner("elsewhere.example.org/x", SigningKey.generate())
    code, found = asked(capsys, tmp_path / "e.jsonl", exported(book), "--key", other.vkey)
    assert (code, codes(found)) == (1, {"V_NOT_THIS_KEY"})


def test_checkpoints_from_elsewhere_are_compared_where_they_can_be(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with book.store.read() as connection:
        size, note = newest_note(connection)
    signer, other = operator(book), NoteSigner(ORIGIN, SigningKey.generate())
    elsewhere = NoteSigner("elsewhere.example.org/x", SigningKey.generate())
    shown = {
        note: (0, set()),
        sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), signer): (1, {"V_FORK"}),
        sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), other): (1, {"V_KNOWN_SIGNATURE"}),
        sign_checkpoint(Checkpoint(elsewhere.name, size, bytes(32)), elsewhere): (1, {"V_KNOWN_ORIGIN"}),
    }
    lines, known, key = exported(book), tmp_path / "known", operator(book).vkey
    for text, (wanted, told) in shown.items():
        known.write_text(text, encoding="utf-8")
        code, found = asked(capsys, tmp_path / "e.jsonl", lines, "--key", key, "--known", str(known))
        assert (code, codes(found)) == (wanted, told), text
    known.write_text(sign_checkpoint(Checkpoint(ORIGIN, size - 1, bytes(32)), signer), encoding="utf-8")
    code, found = asked(capsys, tmp_path / "e.jsonl", lines, "--key", key, "--known", str(known))
    assert (code, "C_NOT_COMPARED" in codes(found, "completeness")) == (0, True)
