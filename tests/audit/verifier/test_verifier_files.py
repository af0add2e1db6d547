"""Every file of a package, changed and sealed anew or not, is found out, and the right line is named."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger_audit.verifier.findings import Place
from ledger_audit.verifier.whole import verify_package
from tests.audit import mini_books as books
from tests.audit import mini_writer as mini
from tests.audit.mini_acts import NOW, TRUST, codes, verdict_on
from tests.audit.mini_writer import Files, Pen


def test_an_honest_package_holds(tmp_path: Path) -> None:
    verdict = verdict_on(books.working().sealed(), tmp_path)
    assert verdict.integrity.kept == []
    assert verdict.holds
    assert verdict.to_json()["integrity"]["checked"] == {
        "vouchers": 7,
        "events": 20,
        "signatures": 10,
        "approvals": 3,
        "one_signature": 4,
        "checkpoints": 8,
        "postings": 20,
        "balances": 3,
    }
    assert verdict.checkpoint is not None
    assert verdict.checkpoint["size"] == 7


def test_two_processes_find_the_same(tmp_path: Path) -> None:
    book = books.working()
    book.postings[4]["amount_fen"] += 1
    folder = mini.write(book.sealed(), tmp_path)
    one, two = (verify_package(folder, TRUST, NOW, jobs=jobs).to_json() for jobs in (1, 2))
    assert one == two
    assert not one["integrity"]["ok"]


def changed_line(name: str, line: int, change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    def change_file(files: Files) -> Files:
        rows = files[name].split(b"\n")[:-1]
        rows[line - 1 : line] = [row for row in change(rows[line - 1]).split(b"\n") if row]
        return {**files, name: mini.lines(rows)}

    return change_file


def with_file(name: str, change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    return lambda files: {**files, name: change(files.get(name, b""))}


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {key: data for key, data in files.items() if key != name}


def posting(row_no: int, /, **changes: Any) -> Callable[[Files], Files]:
    return changed_line("data/postings.jsonl", row_no, lambda row: mini.canonical({**json.loads(row), **changes}))


def balance(line: int, **changes: Any) -> Callable[[Files], Files]:
    return changed_line("data/balances.jsonl", line, lambda row: mini.canonical({**json.loads(row), **changes}))


def twice(row: bytes) -> bytes:
    return row + b"\n" + row


def url_safe(row: bytes) -> bytes:
    leaf = json.loads(row)
    signature = leaf["envelope"]["signatures"][0]
    signature["sig"] = signature["sig"].replace("+", "-").replace("/", "_")
    return mini.canonical(leaf)


def misstated(size: int, origin: str = mini.ORIGIN) -> Callable[[bytes], bytes]:
    """A line of a checkpoint that the operator signed over a root of nothing."""
    note = Pen(100).note(f"{origin}\n{size}\n{mini.b64(bytes(32))}\n", origin)
    return lambda _: mini.canonical({"size": size, "note": note})


def both_rows(one: int, **changes: Any) -> Callable[[Files], Files]:
    """A posting and the one after it, changed alike."""
    return lambda files: posting(one, **changes)(posting(one + 1, **changes)(files))


LEAVES, EVENTS, POSTINGS = "data/leaves.jsonl", "data/events.jsonl", "data/postings.jsonl"
BALANCES, CHECKPOINTS = "data/balances.jsonl", "data/checkpoints.jsonl"
# (change, code, the place that must be first: a voucher's number, or a file and line)
FILES: dict[str, tuple[Callable[[Files], Files], str, Any]] = {
    "an event changed": (changed_line(EVENTS, 10, lambda row: row.replace(b":200,", b":900,")), "V_ROOT", 3),
    "an event deleted": (changed_line(EVENTS, 13, lambda _: b""), "V_ROOT", 4),
    "an event doubled": (changed_line(EVENTS, 13, twice), "V_EVENT_TWICE", 4),
    "an event not canonical": (changed_line(EVENTS, 10, lambda row: row.replace(b":", b": ", 1)), "V_CANONICAL", 3),
    "an event with a key twice": (
        changed_line(EVENTS, 10, lambda row: row.replace(b"{", b'{"amount_fen":1,', 1)),
        "V_CANONICAL",
        3,
    ),
    "an event with a float": (
        changed_line(EVENTS, 10, lambda row: row.replace(b":200,", b":200.0,")),
        "V_CANONICAL",
        3,
    ),
    "an event with 2^53": (
        changed_line(EVENTS, 10, lambda row: row.replace(b":200,", b":9007199254740992,")),
        "V_CANONICAL",
        3,
    ),
    "an event that is a list": (changed_line(EVENTS, 10, lambda _: b"[]"), "V_FIELD", 3),
    "an event without a kind": (changed_line(EVENTS, 10, lambda _: b"{}"), "V_FIELD", 3),
    "an event that is no UTF-8": (changed_line(EVENTS, 10, lambda _: b'"\xff"'), "V_CANONICAL", 3),
    "an event left over": (with_file(EVENTS, lambda data: data + b"{}\n"), "V_EVENTS_LEFT", (EVENTS, 21)),
    "the last event cut": (with_file(EVENTS, lambda data: data[:-1]), "V_EVENTS_END", 7),
    "an empty log": (with_file(LEAVES, lambda _: b""), "V_EMPTY", None),
    "a leaf not canonical": (changed_line(LEAVES, 4, lambda row: row.replace(b":", b": ", 1)), "V_CANONICAL", 4),
    "a leaf without end": (with_file(LEAVES, lambda data: data[:-1]), "V_LINE", 7),
    "a leaf deleted": (changed_line(LEAVES, 4, lambda _: b""), "V_NUMBER", 4),
    "a leaf doubled": (changed_line(LEAVES, 4, twice), "V_NUMBER", 5),
    "a leaf of URL-safe base64": (changed_line(LEAVES, 4, url_safe), "V_BASE64", 4),
    "a posting changed": (posting(3, amount_fen=999), "V_POSTING_SUM", 3),
    "a posting of another fund": (posting(7, fund="f2"), "V_POSTING_SUM", 4),
    "a posting of another book": (posting(7, book="commitment"), "V_POSTING_SUM", 4),
    "a posting deleted": (changed_line(POSTINGS, 20, lambda _: b""), "V_POSTING_SUM", 6),
    "a posting of another entity": (both_rows(1, entity="e2"), "V_POSTING_ENTITY", 3),
    "a position of two entities": (posting(2, entity="e2"), "V_POSTING_ORDER", (POSTINGS, 2)),
    "a posting nowhere": (both_rows(19, position=99), "V_POSTING_NOWHERE", (POSTINGS, 19)),
    "postings out of order": (both_rows(1, position=12), "V_POSTING_ORDER", (POSTINGS, 3)),
    "a posting line twice": (posting(2, line=0), "V_POSTING_ORDER", (POSTINGS, 2)),
    "a posting with text for money": (posting(3, amount_fen="1"), "V_FIELD", None),
    "a posting with a list": (posting(3, party=[]), "V_FIELD", None),
    "a posting with an unknown field": (posting(3, extra=1), "V_FIELDS", None),
    "a posting on no day": (posting(3, occurred_on="2025-9-1"), "V_FIELD", None),
    "a posting longer than a line may be": (posting(3, party="x" * 70_000), "V_LINE", None),
    "postings without end": (with_file(POSTINGS, lambda data: data[:-1]), "V_LINE", None),
    "a balance changed": (balance(1, amount_fen=5), "V_BALANCE", (BALANCES, 1)),
    "a balance of nothing": (balance(1, code="nothing"), "V_BALANCE", (BALANCES, 1)),
    "a balance deleted": (changed_line(BALANCES, 2, lambda _: b""), "V_BALANCE_MISSING", (BALANCES, None)),
    "a balance doubled": (changed_line(BALANCES, 2, twice), "V_BALANCE", (BALANCES, 3)),
    "no postings": (without(POSTINGS), "V_FILE_MISSING", (POSTINGS, None)),
    "no leaves": (without(LEAVES), "V_FILE_MISSING", (LEAVES, None)),
    "no checkpoints": (without(CHECKPOINTS), "V_FILE_MISSING", (CHECKPOINTS, None)),
    "no last checkpoint": (without("checkpoint"), "V_FILE_MISSING", ("checkpoint", None)),
    "a checkpoint of another log": (
        changed_line(CHECKPOINTS, 2, misstated(2, "o")),
        "V_KNOWN_ORIGIN",
        (CHECKPOINTS, 2),
    ),
    "a checkpoint with another root": (
        changed_line(CHECKPOINTS, 2, misstated(2)),
        "V_CHECKPOINT_ROOT",
        (CHECKPOINTS, 2),
    ),
    "a checkpoint beyond the log": (
        changed_line(CHECKPOINTS, 7, misstated(8)),
        "V_CHECKPOINT_ROOT",
        (CHECKPOINTS, 7),
    ),
    "a checkpoint with a broken signature": (
        changed_line(CHECKPOINTS, 2, lambda row: row.replace(b"/mini ", b"/mini AAAAAAAA")),
        "V_CHECKPOINT_SIGNATURE",
        (CHECKPOINTS, 2),
    ),
    "a checkpoint of another size than stated": (
        changed_line(CHECKPOINTS, 2, lambda row: row.replace(b'"size":2', b'"size":3')),
        "V_CHECKPOINT_ORDER",
        (CHECKPOINTS, 2),
    ),
    "a checkpoint twice": (changed_line(CHECKPOINTS, 2, twice), "V_CHECKPOINT_ORDER", (CHECKPOINTS, 3)),
    "a checkpoint that is none": (
        changed_line(CHECKPOINTS, 2, lambda _: b'{"note":"x","size":2}'),
        "V_NOTE",
        (CHECKPOINTS, 2),
    ),
    "a checkpoint cut": (with_file(CHECKPOINTS, lambda data: data[:-1]), "V_LINE", (CHECKPOINTS, 7)),
    "a last checkpoint that is none": (
        with_file("checkpoint", lambda _: Pen(100).note("x\n").encode()),
        "V_CHECKPOINT_FORM",
        ("checkpoint", None),
    ),
    "a root that is none": (
        with_file("checkpoint", lambda _: Pen(100).note(f"{mini.ORIGIN}\n7\nAAAA\n").encode()),
        "V_CHECKPOINT_FORM",
        ("checkpoint", None),
    ),
    "a last checkpoint that is not the last": (
        with_file("checkpoint", lambda _: books.working().checkpoint(6).encode()),
        "V_CHECKPOINT_SIZE",
        ("checkpoint", None),
    ),
    "another declaration": (
        with_file("bagit.txt", lambda _: b"BagIt-Version: 0.97\n"),
        "V_BAG_DECLARATION",
        ("bagit.txt", None),
    ),
}


@pytest.mark.parametrize(("change", "code", "place"), FILES.values(), ids=FILES.keys())
def test_table_of_changed_files(change: Callable[[Files], Files], code: str, place: Any, tmp_path: Path) -> None:
    book = books.working()
    verdict = verdict_on(book.sealed(change(book.files())), tmp_path)
    assert code in codes(verdict.integrity)
    assert not verdict.holds
    first = verdict.integrity.first_bad()
    assert first is not None
    if isinstance(place, int):
        assert first.number == place
        assert first.position == {1: 1, 2: 2, 3: 9, 4: 12, 5: 15, 6: 18, 7: 19}[place]
    elif place is not None:
        assert place in {(found.place.file, found.place.line) for found in verdict.integrity.kept if found.code == code}


@pytest.mark.parametrize(("kept", "named"), [((1, 2, 3, 4, 5, 6, 7), 4), ((1, 2, 3, 5, 6, 7), 4), ((1, 2, 7), 3)])
def test_a_leaf_changed_where_only_the_tree_holds_it_is_placed_by_the_checkpoints(
    kept: tuple[int, ...], named: int, tmp_path: Path
) -> None:
    """The first voucher after the last root that agrees: exact when each voucher has its checkpoint."""
    book = books.working()
    book.checkpoints = [entry for entry in book.checkpoints if entry["size"] in kept]
    later = changed_line(LEAVES, 4, lambda row: row.replace(b"T09:00:00+08:00", b"T09:00:01+08:00"))
    verdict = verdict_on(book.sealed(later(book.files())), tmp_path)
    assert {"V_CHECKPOINT_ROOT", "V_SEEN"} <= codes(verdict.integrity)
    first = verdict.integrity.first_bad()
    assert first is not None
    assert first.number == named


# ---- the seal itself: what is changed after the operator signed the package

SEALS: dict[str, tuple[Callable[[Files], Files], str, str]] = {
    "a payload file changed": (with_file("data/keys.json", lambda data: data + b" "), "V_BAG_DIGEST", "data/keys.json"),
    "a tag file changed": (with_file("bag-info.txt", lambda data: data + b"x"), "V_BAG_DIGEST", "bag-info.txt"),
    "a manifest changed": (
        with_file("manifest-sha256.txt", lambda data: data[64:]),
        "V_BAG_DIGEST",
        "manifest-sha256.txt",
    ),
    "a manifest line that is none": (
        with_file("manifest-sha256.txt", lambda data: data + b"x\n"),
        "V_BAG_MANIFEST",
        "manifest-sha256.txt",
    ),
    "a manifest line cut": (
        with_file("tagmanifest-sha256.txt", lambda data: data[:-1]),
        "V_BAG_MANIFEST",
        "tagmanifest-sha256.txt",
    ),
    "a manifest that leads outside": (
        with_file("tagmanifest-sha256.txt", lambda data: data + b"0" * 64 + b"  ../x\n"),
        "V_BAG_MANIFEST",
        "tagmanifest-sha256.txt",
    ),
    "a payload file among the tags": (
        with_file("tagmanifest-sha256.txt", lambda data: data + b"0" * 64 + b"  data/x\n"),
        "V_BAG_MANIFEST",
        "tagmanifest-sha256.txt",
    ),
    "a tag manifest changed": (
        with_file("tagmanifest-sha256.txt", lambda data: data[70:]),
        "V_PACKAGE_NOTE",
        "signature.note",
    ),
    "a file that is listed and missing": (without("data/keys.json"), "V_FILE_MISSING", "data/keys.json"),
    "a payload file not listed": (with_file("data/more.txt", lambda _: b"x"), "V_BAG_UNLISTED", "data/more.txt"),
    "a tag file not listed": (with_file("more.txt", lambda _: b"x"), "V_BAG_UNLISTED", "more.txt"),
    "no payload manifest": (without("manifest-sha256.txt"), "V_FILE_MISSING", "manifest-sha256.txt"),
    "no tag manifest": (without("tagmanifest-sha256.txt"), "V_FILE_MISSING", "tagmanifest-sha256.txt"),
    "no signature": (without("signature.note"), "V_FILE_MISSING", "signature.note"),
    "a signature that is none": (with_file("signature.note", lambda _: b"x\n\nx\n"), "V_NOTE", "signature.note"),
    "a signature of another": (
        with_file("signature.note", lambda data: Pen(9).note(data.decode().partition("\n\n")[0] + "\n").encode()),
        "V_PACKAGE_SIGNATURE",
        "signature.note",
    ),
    "a signature over something else": (
        with_file("signature.note", lambda _: Pen(100).note("a\nb\nc\nd\nAAAA\n").encode()),
        "V_PACKAGE_NOTE",
        "signature.note",
    ),
    "a signature line twice": (
        with_file("signature.note", lambda data: data + data.splitlines(keepends=True)[-1]),
        "V_PACKAGE_NOTE",
        "signature.note",
    ),
    "a huge tag file": (with_file("checkpoint", lambda _: b"x" * (1 << 21)), "V_FILE_SIZE", "checkpoint"),
}


@pytest.mark.parametrize(("change", "code", "file"), SEALS.values(), ids=SEALS.keys())
def test_table_of_broken_seals(change: Callable[[Files], Files], code: str, file: str, tmp_path: Path) -> None:
    verdict = verdict_on(change(books.working().sealed()), tmp_path)
    assert (code, file) in {(finding.code, finding.place.file) for finding in verdict.integrity.kept}
    assert not verdict.holds


def test_what_the_tag_manifest_leaves_out_is_found(tmp_path: Path) -> None:
    book = books.working()
    files = book.sealed()
    rows = [row for row in files["tagmanifest-sha256.txt"].split(b"\n") if not row.endswith(b"bag-info.txt")]
    verdict = verdict_on({**files, "tagmanifest-sha256.txt": b"\n".join(rows)}, tmp_path)
    assert {"V_BAG_NOT_COVERED", "V_BAG_UNLISTED"} <= codes(verdict.integrity)


@pytest.mark.parametrize("name", sorted(books.working().sealed()))
def test_a_file_that_was_deleted_is_the_first_bad_place(name: str, tmp_path: Path) -> None:
    """Whichever it is; what follows from its absence is not told before it, and what cannot be compared not at all."""
    verdict = verdict_on(without(name)(books.working().sealed()), tmp_path)
    assert not verdict.holds
    assert verdict.integrity.first_bad() == Place(file=name)
    missed = [found.place.file for found in verdict.integrity.kept if found.code == "V_FILE_MISSING"]
    assert (verdict.integrity.sorted()[0].code, missed) == ("V_FILE_MISSING", [name]), "once, whoever misses it"
    assert verdict.integrity.total == len(verdict.integrity.kept)
    if name in {LEAVES, EVENTS, POSTINGS}:
        assert codes(verdict.integrity) == {"V_FILE_MISSING"}


def test_a_package_without_its_declaration_is_one_in_a_zip_too(tmp_path: Path) -> None:
    folder = mini.write(without("bagit.txt")(books.working().sealed()), tmp_path / "package")
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, file.relative_to(tmp_path))
    verdict = verify_package(archive, TRUST, NOW, jobs=1)
    assert verdict.integrity.first_bad() == Place(file="bagit.txt")


def test_a_link_is_no_file(tmp_path: Path) -> None:
    folder = mini.write(books.working().sealed(), tmp_path / "package")
    outside = tmp_path / "outside"
    (folder / "data/keys.json").rename(outside)
    (folder / "data/keys.json").symlink_to(outside)
    verdict = verify_package(folder, TRUST, NOW, jobs=1)
    assert "V_FILE_MISSING" in codes(verdict.integrity)
