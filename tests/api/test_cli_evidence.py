"""What leaves the house and what is checked inside: proofs, checkpoints, exports, verification, read models."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import EvidenceError
from ledger_api.asking import stopped
from ledger_api.books import Book
from ledger_audit.verifier.__main__ import main as stranger
from ledger_projections.charity.pledges import PLEDGES
from ledger_projections.keeping.folding import states
from tests.api.county import ORIGIN, Office, approve, fee, voucher


def test_the_checkpoint_is_a_signed_note(first_office: Office) -> None:
    note = first_office.done("checkpoint")
    found = first_office.asked("checkpoint")
    assert found == {"note": note, "vkey": found["vkey"]}
    assert note.startswith(ORIGIN + "\n")
    assert "\n— " + ORIGIN in note


def test_a_proof_verifies_without_the_book(
    first_office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gift.ledger-proof"
    said = first_office.asked("proof", first_office.position(), "-o", file)
    assert said["bytes"] == file.stat().st_size < 5_000
    assert set(json.loads(file.read_text())) == {"event", "line", "voucher_path", "leaf", "log_proof"}
    assert json.loads(first_office.done("proof", first_office.position())) == json.loads(file.read_text())
    key = first_office.asked("checkpoint")["vkey"]
    assert stranger([str(file), "--key", key]) == 0
    capsys.readouterr()
    again = first_office.run("proof", 1, "-o", file)
    assert (again.exit_code, "E_TARGET_EXISTS" in again.stderr) == (2, True)
    assert first_office.run("proof", 9_999).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("proof", "1", "-o", "FILE"),
        ("export", "events", "FILE"),
        ("export", "journal", "FILE"),
        ("export", "package", "FILE"),
        ("template", "roster", "FILE"),
        ("backup", "FILE"),
        ("summary", "M1", "-o", "FILE"),
    ],
    ids=" ".join,
)
def test_a_file_that_cannot_be_written_is_told_with_its_reason(
    first_office: Office, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Not as something that nobody foresaw: where a folder belongs there is a file."""
    (tmp_path / "taken").write_text("no folder")
    file = tmp_path / "taken" / "x.xlsx"
    ran = first_office.run(*(file if word == "FILE" else word for word in words))
    assert ran.exit_code == 2
    assert ran.stderr.startswith("E_FILE_UNUSABLE: ")
    assert str(tmp_path / "taken") in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("subsidies", "--month", "2025-09", "--until", "2025-08"),
        ("subsidies", "--rosters", "--month", "2025-09", "--until", "2025-08"),
        ("figures", "--from", "2025-09", "--to", "2025-08"),
    ],
    ids=" ".join,
)
def test_months_that_run_backwards_are_refused(first_office: Office, words: tuple[str, ...]) -> None:
    assert first_office.asked(*words, code=2)["error"]["code"] == "E_MONTHS_BACKWARDS"


def test_a_proof_that_does_not_hold_is_not_written(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "gift.ledger-proof"
    with closing(sqlite3.connect(office.book / "book.db")) as there:
        there.execute("DROP TRIGGER vouchers_refuse_update")
        there.execute("UPDATE vouchers SET leaf = CAST(leaf || x'20' AS BLOB)")
        there.commit()
    error = office.asked("proof", office.position(), "-o", file, code=1)["error"]
    assert error["code"] == "E_LOG_PROOF_FAILS"
    assert not file.exists()


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_the_package_is_accepted_by_the_stranger(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    office.submit(voucher("charity", fee("M1", 300)))
    approve(office)
    target = tmp_path / name
    found = office.asked("export", "package", target)
    assert (found["origin"], found["position"]) == (ORIGIN, office.position())
    assert stranger([str(target), "--key", found["vkey"]]) == 0
    assert stranger([str(target)]) == 1
    capsys.readouterr()
    assert "ledger-verify" in office.done("export", "package", tmp_path / "again")
    assert office.run("export", "package", target).exit_code == 2


def test_exports_are_written_down(office: Office, tmp_path: Path) -> None:
    office.done("export", "package", tmp_path / "p")
    office.done("export", "events", tmp_path / "e.jsonl")
    office.done("export", "journal", tmp_path / "j.beancount")
    with closing(sqlite3.connect(office.book / "book.db")) as there:
        rows = there.execute("SELECT action, subject FROM access_log ORDER BY id").fetchall()
    assert [action for action, _ in rows] == ["export.package", "export.events", "export.journal"]
    assert rows[1][1] == str(tmp_path / "e.jsonl")


def test_events_and_journal_are_files_that_do_not_exist_yet(office: Office, tmp_path: Path) -> None:
    events = tmp_path / "e.jsonl"
    assert office.asked("export", "events", events)["count"] == office.position()
    assert office.asked("export", "events", tmp_path / "late.jsonl", "--from", 3)["count"] == office.position() - 2
    for kind in ("beancount", "hledger"):
        file = tmp_path / f"j.{kind}"
        assert office.asked("export", "journal", file, "--format", kind)["transactions"] == 1
        assert ORIGIN in file.read_text(encoding="utf-8")
        for clock in (("--as-of", "2000-01-01"), ("--at", "1")):
            early = tmp_path / f"{clock[0]}.{kind}"
            assert office.asked("export", "journal", early, "--format", kind, *clock)["transactions"] == 0
    assert office.asked("export", "journal", events, code=2)["error"]["code"] == "E_TARGET_EXISTS"
    error = office.asked("export", "journal", tmp_path / "x", "--format", "abacus", code=2)["error"]
    assert error["code"] == "E_JOURNAL_FORMAT"
    assert not (tmp_path / "x").exists()


def test_exported_events_are_signed_and_the_stranger_takes_them(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vkey = office.asked("export", "package", tmp_path / "package")["vkey"]
    file, bare = tmp_path / "e.jsonl", tmp_path / "bare.jsonl"
    office.done("export", "events", file)
    office.done("export", "events", bare, "--unsigned")
    assert stranger([str(file), "--key", vkey]) == 0
    assert stranger([str(bare), "--key", vkey]) == 1
    assert "V_EXPORT_UNSIGNED" in capsys.readouterr().out
    assert bare.read_bytes().splitlines()[:-1] == file.read_bytes().splitlines()[:-1]


def test_the_full_verification_holds(first_office: Office) -> None:
    found = first_office.asked("verify")
    assert found["integrity"]["ok"]
    assert found["integrity"]["checked"]["events"] == first_office.position()
    told = first_office.done("verify")
    assert "完整性" in told
    assert "齐全性" in told
    assert "Integrity" in first_office.done("verify", "--lang", "en")


def test_the_full_verification_names_the_first_bad_place(office: Office) -> None:
    position = office.position()
    with closing(sqlite3.connect(office.book / "book.db")) as there:
        there.execute("DROP TRIGGER postings_refuse_update")
        there.execute("UPDATE postings SET amount_fen = amount_fen + 1 WHERE position = ? AND line = 1", (position,))
        there.commit()
    found = office.asked("verify", code=1)
    assert (found["integrity"]["ok"], found["integrity"]["first_bad"]) == (False, position)
    assert found["integrity"]["findings"][0]["params"]["table"] == "postings"
    told = office.done("verify", code=1)
    assert f"第一处:序号 {position} 起的凭证" in told
    assert "不成立" in told


def test_read_models_are_rebuilt_and_checked(office: Office) -> None:
    names = [row["name"] for row in office.asked("rebuild")["models"]]
    assert "pledges" in names
    found = office.asked("check")["models"]
    assert [(row["ok"], row["position"]) for row in found] == [(True, office.position())] * len(names)
    assert "相符" in office.done("check", "pledges")
    with closing(sqlite3.connect(office.book / "book.db")) as there:
        there.execute("DELETE FROM rm_pledge_arrivals")
        there.commit()
    wrong = office.asked("check", "pledges", code=1)["models"][0]
    assert (wrong["ok"], wrong["difference"]["table"]) == (False, "rm_pledge_arrivals")
    assert "不符" in office.done("check", code=1)
    assert f"至序号 {office.position()}" in office.done("rebuild", "pledges")
    assert office.asked("check")["models"][0]["ok"]
    assert office.run("check", "nosuch").exit_code == 2


def test_what_stopped_a_read_model_is_said_in_one_language_at_a_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is told at once, and as it is kept for those who only read."""
    cause = EvidenceError("E_LOG_GAP", what="position", expected=2, found=3)

    def broken(_: object) -> None:
        raise cause

    monkeypatch.setattr(PLEDGES, "_lines", dict.fromkeys(PLEDGES.kinds, broken))
    told = office.run("rebuild", "pledges").stderr.splitlines()
    with Book.open(office.book) as book, book.store.read() as connection:
        (kept,) = states(connection, [PLEDGES])
    again = stopped(kept)
    for said in (told, [again.message("zh"), again.message("en")]):
        assert [cause.message("zh").rstrip("。") in one for one in said] == [True, False]
        assert [cause.message("en").rstrip(".") in one for one in said] == [False, True]


def test_a_read_model_that_stopped_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    office.done("rebuild")
    monkeypatch.setattr(PLEDGES, "_lines", dict.fromkeys(PLEDGES.kinds, broken))
    told = office.run("rebuild", "pledges")
    assert told.exit_code == 1
    assert "E_MODEL_STOPPED" in told.stderr
    assert "ZeroDivisionError" in told.stderr
    assert office.run("pledges").exit_code == 1
    assert office.run("balances").exit_code == 0
