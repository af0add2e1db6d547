"""A book that older code made is read as it is, says what it needs, and goes on after an upgrade."""

import json
import sqlite3
import tarfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from ledger.log.engines import open_engine
from ledger.log.keeping.life import newest
from ledger.log.tables import SCHEMA_STEP
from ledger_api.books import Book, read_settings
from tests.api.county import NOW, Office
from tests.api.keeping.books import give, refused, said

SINCE = [
    *("ac_attempts", "ac_duties", "ac_logins", "ac_proposals", "ac_reading_keys", "ac_sessions"),
    *("book_life", "hook_lease", "hooks", "im_mappings", "vault_check"),
]
"""The side tables that the oldest release did not make."""

KEPT = sorted((Path(__file__).parents[2] / "assets").glob("kept_book_*.tar.xz"))


def unpacked(file: Path, folder: Path) -> Office:
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    return Office(folder, NOW + timedelta(days=1))


def faults(office: Office) -> dict[str, str]:
    """What the doctor finds wrong: name -> code; how the machine and its roles are kept is not asked here."""
    found = json.loads(office.run("doctor", "--json").stdout)["checks"]
    codes = {"E_DOCTOR_SCHEMA", "E_DOCTOR_TRIGGER"}
    return {one["name"]: one["code"] for one in found if not one["ok"] and one["code"] in codes}


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_an_older_book_is_read_then_upgraded_then_written(file: Path, tmp_path: Path) -> None:
    assert file.stat().st_size < 300_000
    office = unpacked(file, tmp_path / "old")
    assert office.position() == 16
    assert office.asked("verify")["integrity"]["ok"]
    assert refused(office, "D90") == "E_BOOK_UPGRADE"
    assert faults(office) == {"schema": "E_DOCTOR_SCHEMA"}
    assert office.asked("upgrade")["added"] == SINCE
    assert office.asked("upgrade")["added"] == []
    with Book.open(office.book) as book, book.store.read() as connection:
        assert newest(connection).schema_step == SCHEMA_STEP
    assert give(office, "D90")["state"] == "posted"
    assert office.asked("verify")["integrity"]["ok"]


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_an_altered_head_of_an_older_book_keeps_nobody_from_verifying(file: Path, tmp_path: Path) -> None:
    """It has no table of its life yet that would say of which release it is."""
    office = unpacked(file, tmp_path / "old")
    with closing(sqlite3.connect(office.book / "book.db")) as there:
        there.execute("UPDATE head SET format = 9")
        there.commit()
    found = office.asked("verify", code=1)["integrity"]
    assert (found["ok"], found["findings"][0]["params"]["table"]) == (False, "head")


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_an_older_book_is_backed_up_before_it_is_upgraded(file: Path, tmp_path: Path) -> None:
    office = unpacked(file, tmp_path / "old")
    office.done("backup", tmp_path / "copy")
    office.done("restore", tmp_path / "copy", tmp_path / "again")
    assert said(tmp_path / "again") == said(office.book)


def test_a_book_on_postgresql_is_backed_up_before_it_is_upgraded(office: Office, pg_url: str) -> None:
    """What the release before this one had no table for is nothing to copy."""
    office.done("move", "--to", pg_url)
    before = said(office.book)
    with psycopg.connect(pg_url, autocommit=True) as connection:
        connection.execute("DROP TABLE hooks, hook_lease")
    office.done("backup", office.folder / "copy")
    office.done("restore", office.folder / "copy", office.folder / "again")
    assert said(office.folder / "again") == said(office.book) == before
    assert office.asked("upgrade")["added"] == ["hook_lease", "hooks"]


# What is not there -> what the doctor finds: an older release knew nothing of it, or somebody took it away.
GONE = {
    "what an upgrade adds": (("vault_check", "book_life"), {"schema": "E_DOCTOR_SCHEMA"}),
    "one of today's": (("vault_check",), {"vault_check": "E_DOCTOR_TRIGGER"}),
    "one that every release made": (
        ("cosignatures", "book_life"),
        {"cosignatures": "E_DOCTOR_TRIGGER", "schema": "E_DOCTOR_SCHEMA"},
    ),
}


@pytest.mark.parametrize(("gone", "found"), GONE.values(), ids=GONE)
def test_a_table_is_missed_where_the_book_should_have_it(
    gone: tuple[str, ...], found: dict[str, str], placed: Office
) -> None:
    assert faults(placed) == {}
    engine = open_engine(read_settings(placed.book).database)
    with engine.begin() as connection:
        for name in gone:
            connection.exec_driver_sql(f"DROP TABLE {name}")
    engine.dispose()
    assert faults(placed) == found


def test_there_is_a_kept_book() -> None:
    assert KEPT
