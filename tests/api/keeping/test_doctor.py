"""The doctor finds each unsafe setting, on both databases; where all is well it says so."""

import re
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from ledger.errors import EvidenceError
from ledger.log.engines import SQLITE_SETTINGS
from ledger.log.keeping import checks
from ledger.log.keeping.checks import Check
from ledger.log.keeping.postgresql_checks import SETTINGS, postgresql_checks
from ledger.log.keeping.sqlite_checks import sqlite_checks
from ledger.log.store import LogStore
from ledger.vault.keystore import KeyStore
from ledger_api.books import Book
from ledger_api.cli.output import PIPE_COLUMNS
from ledger_api.keeping import doctor
from tests.api.county import Office

UNSAFE_SQLITE = {
    "busy_timeout": "PRAGMA busy_timeout = 0",
    "journal_mode": "PRAGMA journal_mode = DELETE",
    "synchronous": "PRAGMA synchronous = NORMAL",
    "foreign_keys": "PRAGMA foreign_keys = OFF",
    "recursive_triggers": "PRAGMA recursive_triggers = OFF",
    "secure_delete": "PRAGMA secure_delete = OFF",
    "trusted_schema": "PRAGMA trusted_schema = ON",
    "cell_size_check": "PRAGMA cell_size_check = OFF",
}
UNSAFE_TRIGGERS = {
    "dropped": ("events", "DROP TRIGGER events_refuse_update"),
    "the check of an existing key is dropped": ("vouchers", "DROP TRIGGER vouchers_refuse_insert1"),
    "empty": (
        "postings",
        (
            "DROP TRIGGER postings_refuse_delete;"
            "CREATE TRIGGER postings_refuse_delete BEFORE DELETE ON postings BEGIN SELECT 1; END"
        ),
    ),
    "on some rows only": (
        "tree",
        (
            "DROP TRIGGER tree_refuse_update;"
            "CREATE TRIGGER tree_refuse_update BEFORE UPDATE ON tree WHEN NEW.level > 3 "
            "BEGIN SELECT RAISE(ABORT, 'E_IMMUTABLE: UPDATE on tree'); END"
        ),
    ),
}
UNSAFE_POSTGRESQL = {
    "synchronous_commit": ("E_DOCTOR_POSTGRESQL", "SET synchronous_commit = off"),
    "transaction_isolation": ("E_DOCTOR_POSTGRESQL", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"),
    "standard_conforming_strings": ("E_DOCTOR_POSTGRESQL", "SET standard_conforming_strings = off"),
    "events": ("E_DOCTOR_TRIGGER", "ALTER TABLE events DISABLE TRIGGER events_refuse_change"),
    "tree": ("E_DOCTOR_TRIGGER", "ALTER TABLE tree ENABLE TRIGGER tree_refuse_change"),
    "postings": ("E_DOCTOR_TRIGGER", "DROP TRIGGER postings_refuse_change ON postings"),
    "checkpoints": (
        "E_DOCTOR_TRIGGER",
        (
            "CREATE OR REPLACE TRIGGER checkpoints_refuse_change BEFORE UPDATE OR DELETE ON checkpoints "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
        ),
    ),
    "vouchers": (
        "E_DOCTOR_TRIGGER",
        (
            "CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RETURN NULL; END$$"
        ),
    ),
}


def failing(found: list[Check]) -> dict[str, str]:
    """Name -> code of what does not hold."""
    return {one.name: one.code for one in found if not one.holds}


def changed(url: str, statements: str, look: Callable[[Connection], Any]) -> dict[str, str]:
    """What fails on a connection after statements that are rolled back or forgotten with it."""
    store = LogStore.open(url)
    with store.engine.connect() as connection:
        if url.startswith("sqlite"):
            raw: Any = connection.connection.driver_connection
            raw.executescript(statements)
        else:
            connection.exec_driver_sql(statements)
        found = failing(list(look(connection)))
    store.close()
    return found


@pytest.mark.parametrize(("name", "statement"), UNSAFE_SQLITE.items(), ids=UNSAFE_SQLITE)
def test_each_unsafe_setting_of_sqlite_is_found(name: str, statement: str, sqlite_book_url: str) -> None:
    assert changed(sqlite_book_url, statement, sqlite_checks) == {name: "E_DOCTOR_SQLITE"}


@pytest.mark.parametrize(("table", "statement"), UNSAFE_TRIGGERS.values(), ids=UNSAFE_TRIGGERS)
def test_each_missing_or_altered_trigger_of_sqlite_is_found(table: str, statement: str, sqlite_book_url: str) -> None:
    assert changed(sqlite_book_url, statement, sqlite_checks) == {table: "E_DOCTOR_TRIGGER"}


def test_a_damaged_page_is_found(sqlite_book_url: str) -> None:
    file = Path(sqlite_book_url.removeprefix("sqlite:///"))
    data = bytearray(file.read_bytes())
    data[4096 * 3 : 4096 * 3 + 64] = bytes(64)
    file.write_bytes(data)
    assert failing_quick(sqlite_book_url) == {"quick_check": "E_DOCTOR_PAGES"}


def failing_quick(url: str) -> dict[str, str]:
    return changed(url, "", sqlite_checks)


@pytest.mark.parametrize(("name", "wrong"), UNSAFE_POSTGRESQL.items(), ids=UNSAFE_POSTGRESQL)
def test_each_unsafe_setting_of_postgresql_is_found(name: str, wrong: tuple[str, str], pg_book_url: str) -> None:
    code, statement = wrong
    before = changed(pg_book_url, "SELECT 1", postgresql_checks)
    after = changed(pg_book_url, statement, postgresql_checks)
    assert name not in before
    assert after[name] == code
    assert before.items() <= after.items()


@pytest.mark.parametrize("kept", ["off", "local", "remote_write", "on", "remote_apply"])
@pytest.mark.parametrize("whose", ["DATABASE {0}", "ROLE postgres IN DATABASE {0}"])
def test_how_the_server_would_commit_without_us_is_found(kept: str, whose: str, pg_book_url: str) -> None:
    statement = f"ALTER {whose} SET synchronous_commit = {kept}".format(make_url(pg_book_url).database)
    with psycopg.connect(pg_book_url, autocommit=True) as connection:
        connection.execute(statement)
    found = changed(pg_book_url, "SELECT 1", postgresql_checks)
    assert found.get("synchronous_commit (reset_val)") == (None if kept in {"on", "remote_apply"} else "E_DOCTOR_LAZY")
    assert "synchronous_commit" not in found, "this connection is safe all the same"


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "server_encoding"])
def test_what_a_session_cannot_change_is_compared_all_the_same(
    name: str, pg_book_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SETTINGS, name, ("something else",))
    assert changed(pg_book_url, "SELECT 1", postgresql_checks)[name] == "E_DOCTOR_POSTGRESQL"


def test_an_old_server_is_found(pg_book_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.log.keeping.postgresql_checks.POSTGRESQL_OLDEST", 990_000)
    assert changed(pg_book_url, "SELECT 1", postgresql_checks)["server_version_num"] == "E_DOCTOR_VERSION"


def test_a_superuser_who_owns_everything_is_found(pg_book_url: str) -> None:
    found = changed(pg_book_url, "SELECT 1", postgresql_checks)
    assert {"E_DOCTOR_DDL"} <= set(found.values()), "the last of four findings on one role"
    store = LogStore.open(pg_book_url)
    with store.engine.connect() as connection:
        codes = {one.code for one in postgresql_checks(connection) if not one.holds}
    store.close()
    assert {"E_DOCTOR_SUPERUSER", "E_DOCTOR_OWNER", "E_DOCTOR_RIGHTS", "E_DOCTOR_DDL"} <= codes


def opened(office: Office) -> Book:
    office.book.chmod(0o700)
    (office.folder / "operator.word").chmod(0o600)
    return Book.open(office.book, lambda: office.now)


def test_a_sound_book_passes_and_a_server_may_start(office: Office) -> None:
    with opened(office) as book:
        found = doctor.examine(book)
        assert failing(found) == {}
        assert len(found) > 20
        doctor.refuse_unsafe(book)


def damaged(office: Office, case: str) -> None:
    match case:
        case "book directory":
            office.book.chmod(0o750)
        case "operator's key":
            (office.book / "operator.clkey").chmod(0o640)
        case "passphrase file":
            (office.folder / "operator.word").chmod(0o604)
        case "vault keys":
            KeyStore.create(office.book / "vault.keys")
            (office.book / "vault.keys").chmod(0o644)
        case "clock":
            office.now -= timedelta(days=2)


CASES = {
    "book directory": "E_DOCTOR_MODE",
    "operator's key": "E_DOCTOR_MODE",
    "passphrase file": "E_DOCTOR_MODE",
    "vault keys": "E_DOCTOR_MODE",
    "clock": "E_DOCTOR_CLOCK",
}


@pytest.mark.parametrize(("case", "code"), CASES.items(), ids=CASES)
def test_each_unsafe_file_and_a_clock_that_is_behind_are_found(office: Office, case: str, code: str) -> None:
    opened(office).close()
    damaged(office, case)
    with Book.open(office.book, lambda: office.now) as book:
        assert set(failing(doctor.examine(book)).values()) == {code}
        with pytest.raises(EvidenceError, match="E_UNSAFE_BOOK") as caught:
            doctor.refuse_unsafe(book)
    assert [one["code"] for one in caught.value.params["checks"]] == [code]
    assert all(f"{code}: " in caught.value.message(language) for language in ("zh", "en")), "what --accept is to name"


def test_a_database_that_others_can_reach_is_found(office: Office, tmp_path: Path) -> None:
    """Within a directory that is closed to others a file's own mode opens nothing; elsewhere it does."""
    inside = office.book / "book.db"
    inside.chmod(0o644)
    with opened(office) as book:
        assert failing(doctor.examine(book)) == {}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    office.done("move", "--to", f"sqlite:///{elsewhere / 'new.db'}")
    with opened(office) as book:
        files = sorted(elsewhere.iterdir())
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}, files
        assert failing(doctor.examine(book)) == {}
        for mode in (0o604, 0o640, 0o666):
            (elsewhere / "new.db").chmod(mode)
            assert failing(doctor.examine(book)) == {str(elsewhere / "new.db"): "E_DOCTOR_MODE"}
        elsewhere.chmod(0o700)
        assert failing(doctor.examine(book)) == {}


def test_a_full_disk_is_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FREE_BYTES_MIN", 1 << 60)
    with opened(office) as book:
        assert failing(doctor.examine(book)) == {str(office.book): "E_DOCTOR_SPACE"}


def test_every_unsafe_setting_is_named_in_one_refusal() -> None:
    found = [Check("E_DOCTOR_SQLITE", name, "0", "1", holds=name == "good") for name in ("one", "good", "two")]
    with pytest.raises(EvidenceError, match="E_UNSAFE_BOOK") as caught:
        checks.require_safe(found)
    assert caught.value.params["count"] == 2
    assert "E_DOCTOR_SQLITE: one = 0 (1), E_DOCTOR_SQLITE: two = 0 (1)" in str(caught.value)


def test_the_command_says_what_was_found_and_ends_accordingly(office: Office) -> None:
    office.book.chmod(0o700)
    (office.folder / "operator.word").chmod(0o600)
    good = office.asked("doctor")
    assert good["ok"]
    assert "不安全 0 项" in office.done("doctor")
    office.book.chmod(0o755)
    bad = office.asked("doctor", code=1)
    wrong = [one for one in bad["checks"] if not one["ok"]]
    assert [(one["found"], one["wanted"]) for one in wrong] == [("0755", "0700")]
    assert f"chmod 0700 {office.book}" in wrong[0]["message"]
    assert "E_DOCTOR_MODE" in office.done("doctor", code=1)
    assert stat.S_IMODE(office.book.stat().st_mode) == 0o755, "the doctor changes nothing"


def test_what_was_found_is_shown_whole_beside_the_verdict(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much was found: a superuser owns every table."""
    found = ", ".join(f"table_{number}" for number in range(60))
    checks = [Check("E_DOCTOR_OWNER", "x" * 250, found, "-", holds=False)]
    monkeypatch.setattr(doctor, "examine", lambda *_: checks)
    rows = office.done("doctor", code=1).split("[E_DOCTOR_OWNER]")[0].splitlines()
    assert max(map(len, rows)) <= PIPE_COLUMNS
    assert rows[0].split() == ["项目", "查到", "应为", "结果"]
    assert rows[1].split()[-1] == "不安全"
    cells = "".join("".join(rows[1:]).split())
    assert "…" not in cells
    assert cells.count("x") == 250
    assert all(f"table_{number}" in cells for number in range(60))


def test_what_is_looked_at_of_a_role_is_told_apart() -> None:
    codes = ["SUPERUSER", "OWNER", "RIGHTS", "BECOMES", "WRITERS", "DDL", "BESIDE", "HOME", "TWIN"]
    for language in ("zh", "en"):
        told = [Check(f"E_DOCTOR_{code}", "county_app", "-", "-", holds=True).what(language) for code in codes]
        assert len(set(told)) == len(codes)
        assert all("county_app" in one and one != "county_app" for one in told)
    assert Check("E_DOCTOR_SPACE", "/book", "1", "2", holds=True).what() == "/book"


def test_a_database_that_cannot_be_made_safe_is_one_more_finding(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(office) as book:
        book.store.engine.dispose()
        monkeypatch.setitem(SQLITE_SETTINGS, "synchronous", ("FULL", 9))
        found = failing(list(doctor._database(book)))  # noqa: SLF001 - the rest needs a connection as well
    assert found == {"synchronous": "E_DOCTOR_CONNECTION"}


@pytest.mark.parametrize("state", ["restored", "moved", "arriving", "forked"])
def test_a_copy_that_takes_no_vouchers_says_its_state_in_words(state: str) -> None:
    check = Check("E_DOCTOR_STATE", "state", state, "open", holds=False)
    assert not re.search(r"\b(state|open|restored|moved|arriving|forked)\b", check.message())
    assert [check.to_json()[key] for key in ("name", "found", "wanted")] == ["state", state, "open"]


@pytest.mark.parametrize("found", ["missing", "other", "damaged"])
def test_what_is_wrong_with_the_keys_of_people_is_said_in_words(found: str) -> None:
    said = Check("E_DOCTOR_VAULT", "vault.keys", found, "own", holds=False).message()
    assert not re.search(r"\b(missing|other|damaged|own)\b", said)


SERVED = {
    "all well": (0o600, 0o644, {}),
    "the key of the certificate": (0o644, 0o600, {"tls.key": "E_DOCTOR_MODE"}),
    "settings that anybody writes": (0o600, 0o666, {"serve.toml": "E_DOCTOR_WRITABLE"}),
    "settings that the group writes": (0o400, 0o664, {"serve.toml": "E_DOCTOR_WRITABLE"}),
}


@pytest.mark.parametrize("case", SERVED)
def test_the_files_by_which_a_book_is_served_are_looked_at(office: Office, case: str) -> None:
    key_mode, settings_mode, wrong = SERVED[case]
    key, settings = office.book / "tls.key", office.book / "serve.toml"
    key.write_text("key", encoding="utf-8")
    settings.write_text('[serve]\ncertificate = "tls.crt"\ncertificate_key = "tls.key"\n', encoding="utf-8")
    key.chmod(key_mode)
    settings.chmod(settings_mode)
    with opened(office) as book:
        serving = doctor.Serving(settings, key)
        assert failing(doctor.examine(book, serving)) == {str(office.book / name): code for name, code in wrong.items()}
        if wrong:
            with pytest.raises(EvidenceError) as caught:
                doctor.refuse_unsafe(book, (), serving)
            assert caught.value.code == "E_UNSAFE_BOOK"
            assert len(doctor.refuse_unsafe(book, wrong.values(), serving)) == 1
    told = office.asked("doctor", code=1 if wrong else 0)
    assert {Path(one["name"]).name: one["code"] for one in told["checks"] if not one["ok"]} == wrong
    assert {str(key), str(settings)} <= {one["name"] for one in told["checks"]}
