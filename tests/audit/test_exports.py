"""What leaves the house: the package as the stranger's verifier reads it, events with their trailer, single proofs."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from ledger.errors import InputError, NotFoundError
from ledger.log import reading
from ledger.signing.digests import digest_text
from ledger.signing.merkle import leaf_hash, root_of
from ledger.signing.vkeys import NoteSigner
from ledger_audit.event_proofs import check_event_proof, event_proof
from ledger_audit.events_export import export_events
from ledger_audit.packages import export_package
from ledger_audit.verifier.__main__ import main as stranger
from tests.projections.opened_book import ORIGIN, OpenedBook

NOW = "2025-10-01T09:00:00+08:00"


def operator(book: OpenedBook) -> NoteSigner:
    return NoteSigner(ORIGIN, book.operator)


def exported(book: OpenedBook, target: Path) -> Path:
    with book.store.read() as connection:
        made = export_package(connection, operator(book), target, NOW)
    assert (made.size, made.position) == (made.lines["leaves.jsonl"], book.head)
    return target


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = stranger([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_the_stranger_accepts_the_package(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    target = exported(book, tmp_path / name)
    code, found = asked(capsys, str(target), "--key", operator(book).vkey)
    assert code == 0, found
    assert found["checkpoint"]["origin"] == ORIGIN
    checked = found["integrity"]["checked"]
    assert checked["events"] == book.head
    assert checked["postings"] > 20


def test_both_verifiers_miss_the_same_things(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = exported(book, tmp_path / "package")
    _, found = asked(capsys, str(target), "--key", operator(book).vkey)
    codes = {finding["code"] for finding in found["completeness"]["findings"]}
    assert {"C_BANK_LINES", "C_RECEIPT_GAP", "C_PLEDGES"} <= codes


def test_a_changed_package_is_refused(book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = exported(book, tmp_path / "package")
    balances = target / "data" / "balances.jsonl"
    balances.write_bytes(balances.read_bytes().replace(b'"amount_fen":1', b'"amount_fen":2', 1))
    code, _ = asked(capsys, str(target), "--key", operator(book).vkey)
    assert code == 1


def test_nothing_is_overwritten_and_nothing_half_made_is_left(book: OpenedBook, tmp_path: Path) -> None:
    target = exported(book, tmp_path / "package")
    with book.store.read() as connection, pytest.raises(InputError, match="E_TARGET_EXISTS"):
        export_package(connection, operator(book), target, NOW)
    stopped = tmp_path / "stopped"

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with book.store.read() as connection, pytest.raises(KeyboardInterrupt):
        export_package(connection, operator(book), stopped, NOW, stop)
    assert not stopped.exists()


def test_a_packed_package_stands_beside_a_folder_of_its_name(book: OpenedBook, tmp_path: Path) -> None:
    """A folder first and its archive after it; a packing that is stopped leaves neither archive nor work behind."""
    exported(book, tmp_path / "package")
    packed = exported(book, tmp_path / "package.zip")
    with zipfile.ZipFile(packed) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"package"}

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with book.store.read() as connection, pytest.raises(KeyboardInterrupt):
        export_package(connection, operator(book), tmp_path / "stopped.zip", NOW, stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package", "package.zip"]


def test_equal_books_give_equal_packages(book: OpenedBook, tmp_path: Path) -> None:
    one, two = exported(book, tmp_path / "one"), exported(book, tmp_path / "two")
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(files) == 12
    for file in files:
        assert (one / file).read_bytes() == (two / file).read_bytes(), file


def test_the_zip_holds_one_folder(book: OpenedBook, tmp_path: Path) -> None:
    target = exported(book, tmp_path / "package.zip")
    with zipfile.ZipFile(target) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"package"}
    assert [path.name for path in tmp_path.iterdir()] == ["package.zip"]


def test_events_come_with_a_trailer_that_tells_a_whole_file_from_a_cut_one(book: OpenedBook) -> None:
    file = io.BytesIO()
    with book.store.read() as connection:
        trailer = export_events(connection, file, operator(book))
        stored = list(reading.events_between(connection, 1, book.head))
    *lines, last = file.getvalue().splitlines()
    assert orjson.loads(last) == {"trailer": trailer}
    assert trailer["count"] == len(lines) == book.head
    assert trailer["digest"] == digest_text(root_of([leaf_hash(line) for line in lines]))
    for line, row in zip(lines, stored, strict=True):
        found = orjson.loads(line)
        assert found["position"] == row.position
        assert found["number"] == row.voucher_number
        assert bytes(row.data) in line


def test_events_may_be_taken_from_a_position_on(book: OpenedBook) -> None:
    file, steps = io.BytesIO(), []
    with book.store.read() as connection:
        trailer = export_events(connection, file, None, first=book.head, step=lambda *step: steps.append(step))
    assert (trailer["count"], trailer["signature"]) == (1, None)
    assert orjson.loads(file.getvalue().splitlines()[0])["position"] == book.head


@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_a_single_proof_verifies_for_a_stranger(
    book: OpenedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    position = {"first": 1, "middle": book.head // 2, "last": book.head}[where]
    with book.store.read() as connection:
        proof, newest = event_proof(connection, position), reading.checkpoint(connection)
    assert newest is not None
    assert check_event_proof(proof, lambda _: operator(book).verifier).size == newest.size
    file = tmp_path / f"{position}.ledger-proof"
    file.write_bytes(orjson.dumps(proof))
    assert len(file.read_bytes()) < 8_000
    code, _ = asked(capsys, str(file), "--key", operator(book).vkey)
    assert code == 0


def test_there_is_no_proof_of_what_is_not_there(book: OpenedBook) -> None:
    with book.store.read() as connection, pytest.raises(NotFoundError, match="E_POSITION"):
        event_proof(connection, book.head + 1)
