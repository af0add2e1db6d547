"""The book works under a role that cannot undo it, and is read under one that cannot write."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from ledger.errors import AuthorityError, InputError
from ledger.log.keeping.postgresql_checks import postgresql_checks
from ledger.log.keeping.roles import PRIVATE, Roles, apply_roles
from ledger.log.store import LogStore
from ledger.signing.digests import blake2b_commit
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.access.desk import Access
from ledger_api.books import Book
from ledger_api.cli import app
from ledger_api.http.imports.mappings import Mappings, Sheets
from tests.api.county import LIGHT, Office, administrators, entity_registered, operator, voucher
from tests.api.keeping.books import give, refused

AS_SUPERUSER = {"E_DOCTOR_SUPERUSER", "E_DOCTOR_OWNER", "E_DOCTOR_RIGHTS", "E_DOCTOR_DDL"}
OF_THE_ROLE = AS_SUPERUSER | {
    "E_DOCTOR_TWIN",
    "E_DOCTOR_BECOMES",
    "E_DOCTOR_BESIDE",
    "E_DOCTOR_HOME",
    "E_DOCTOR_WRITERS",
    "E_DOCTOR_POSTGRESQL",
}
READER_MAY_NOT = ("INSERT INTO head SELECT * FROM head", "SELECT * FROM identities", "SELECT body FROM drafts")


def as_role(url: str, role: str) -> str:
    return make_url(url).set(username=role, password=None).render_as_string(hide_password=False)


@contextmanager
def dropped(url: str) -> Iterator[Roles]:
    """Names of roles of a database's own, dropped afterwards: roles are the whole server's."""
    stem = str(make_url(url).database)
    names = Roles(f"{stem}_owner", f"{stem}_app", f"{stem}_reader")
    yield names
    with psycopg.connect(url, autocommit=True) as connection:
        for role in (names.application, names.reader, names.owner):
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                connection.execute(f"DROP OWNED BY {role} CASCADE")
                connection.execute(f"DROP ROLE {role}")


@pytest.fixture
def names(pg_url: str) -> Iterator[Roles]:
    with dropped(pg_url) as found:
        yield found


def words(names: Roles) -> tuple[str, ...]:
    return "--owner", names.owner, "--application", names.application, "--reader", names.reader


def switched(office: Office, url: str) -> None:
    """Let `book.toml` name another address."""
    settings = office.book / "book.toml"
    old = Book.open(office.book)
    old.close()
    settings.write_text(settings.read_text().replace(json.dumps(old.settings.database), json.dumps(url)))


def role_codes(url: str) -> set[str]:
    store = LogStore.open(url)
    with store.engine.connect() as connection:
        found = {one.code for one in postgresql_checks(connection) if not one.holds}
    store.close()
    return found & OF_THE_ROLE


def test_everything_is_done_under_the_application_role(office: Office, pg_url: str, names: Roles) -> None:
    office.done("move", "--to", pg_url)
    office.done("balances")
    office.done("roles", *words(names), "--apply")
    switched(office, as_role(pg_url, names.application))
    assert role_codes(pg_url) == AS_SUPERUSER
    assert role_codes(as_role(pg_url, names.application)) == set()
    assert give(office, "D5")["state"] == "posted"
    office.submit(voucher("book", entity_registered("other")), officer="guan-yi")
    assert office.asked("approve", "--all", "--yes", officer="guan-er")
    assert office.asked("verify")["integrity"]["ok"]
    office.done("rebuild")
    assert all(model["ok"] for model in office.asked("check")["models"])
    office.done("export", "events", office.folder / "events.jsonl")
    office.done("backup", office.folder / "copy.tar")
    assert office.asked("restore", office.folder / "copy.tar", office.folder / "drill", "--drill")


def test_a_reader_reads_and_cannot_write(office: Office, pg_url: str, names: Roles) -> None:
    office.done("move", "--to", pg_url)
    office.done("roles", *words(names), "--apply")
    switched(office, as_role(pg_url, names.application))
    office.done("rebuild")
    position = office.position()
    switched(office, as_role(pg_url, names.reader))
    assert office.position() == position
    assert office.asked("verify")["integrity"]["ok"]
    assert all(model["ok"] for model in office.asked("check")["models"])
    assert refused(office, "D5") == "E_BOOK_READ_ONLY"
    for statement in READER_MAY_NOT:
        with psycopg.connect(as_role(pg_url, names.reader)) as connection:
            connection.execute("SET SESSION default_transaction_read_only = off")
            connection.commit()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def with_logins(url: str, giving: str) -> list[str]:
    """Who has a login, of ways in as the service keeps them under a role."""
    store = LogStore.open(url)
    access = Access(store, OPERATOR)
    if giving:
        access.logins.give(giving, "operator", NOW)
    Mappings(store, lambda purpose: blake2b_commit(bytes(32), purpose.encode())).find("charity", Sheets("a", b""))
    found = [one.officer for one in access.logins.states()]
    store.close()
    return found


OPERATOR = NoteSigner("ledger.example.org/a", SigningKey.generate())
NOW = 1_759_200_000


@pytest.mark.parametrize(
    ("before", "after"), [("li", ""), ("", "li")], ids=["made before the roles", "made under them"]
)
def test_no_reader_sees_by_what_people_come_in(pg_url: str, names: Roles, before: str, after: str) -> None:
    store = LogStore.create(pg_url)
    if before:
        with_logins(pg_url, before)
    with store.write() as connection:
        apply_roles(connection, names)
    store.close()
    assert with_logins(as_role(pg_url, names.application), after) == ["li"], "who had a login has it still"
    with psycopg.connect(as_role(pg_url, names.reader), autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM vouchers").fetchone() == (0,)
        for table in PRIVATE:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {table.name}")


def test_a_table_that_hides_the_logs_own_is_found(pg_url: str, names: Roles) -> None:
    store = LogStore.create(pg_url)
    with store.write() as connection:
        apply_roles(connection, names)
    store.close()
    url = as_role(pg_url, names.application)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE VIEW ledger_read.vouchers AS SELECT * FROM public.vouchers WHERE number > 1")
    assert {"E_DOCTOR_TWIN", "E_DOCTOR_DDL"} <= role_codes(url)


# What the application's role was given; what the doctor finds; what it still finds after `roles` was run again, which
# takes back what it knows of. {stray} is a role that `roles` does not know.
GIVEN = {
    "the owner, by SET ROLE only": ("GRANT {owner} TO {app} WITH INHERIT FALSE, SET TRUE", "BECOMES", ""),
    "the owner, by ADMIN OPTION only": (
        "GRANT {owner} TO {app} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE",
        "BECOMES",
        "",
    ),
    "the owner, inherited": ("GRANT {owner} TO {app}", "BECOMES OWNER RIGHTS DDL", ""),
    "the owner, through another": (
        "CREATE ROLE {stray}; GRANT {owner} TO {stray}; GRANT {stray} TO {app} WITH INHERIT FALSE",
        "BECOMES",
        "BECOMES",
    ),
    "a superuser": ("CREATE ROLE {stray} SUPERUSER; GRANT {stray} TO {app}", "BECOMES", "BECOMES"),
    "a role that may empty a table": (
        "CREATE ROLE {stray}; GRANT TRUNCATE ON tree TO {stray}; GRANT {stray} TO {app} WITH INHERIT FALSE",
        "BECOMES WRITERS",
        "BECOMES WRITERS",
    ),
    "a role that may change a column": (
        "CREATE ROLE {stray}; GRANT UPDATE (position) ON events TO {stray}; GRANT {stray} TO {app} WITH INHERIT FALSE",
        "BECOMES",
        "BECOMES",
    ),
    "the server's files": ("GRANT pg_write_server_files TO {app}", "BECOMES", "BECOMES"),
    "all rows of all tables": (
        "GRANT pg_write_all_data TO {app} WITH INHERIT FALSE",
        "BECOMES",
        "BECOMES",
    ),
    "making roles": ("ALTER ROLE {app} CREATEROLE", "BECOMES", ""),
    "a role that may do nothing here": ("CREATE ROLE {stray}; GRANT {stray}, pg_monitor TO {app}", "", ""),
    "the function of the triggers": ("ALTER FUNCTION ledger_refuse_change() OWNER TO {app}", "OWNER", ""),
    "temporary tables": ("GRANT TEMPORARY ON DATABASE {db} TO {app}", "BESIDE", ""),
    "temporary tables for all": ("GRANT TEMPORARY ON DATABASE {db} TO PUBLIC", "BESIDE", ""),
    "schemas": ("GRANT CREATE ON DATABASE {db} TO {app}", "BESIDE", ""),
    "another that may write": ("CREATE ROLE {stray}; GRANT INSERT ON events TO {stray}", "WRITERS", "WRITERS"),
    "another that may read": ("CREATE ROLE {stray}; GRANT SELECT ON events TO {stray}", "", ""),
    "all may write": ("GRANT UPDATE ON head TO PUBLIC", "WRITERS", ""),
    "no path": ("ALTER ROLE {app} IN DATABASE {db} RESET search_path", "HOME", ""),
    "a path to nowhere": ("ALTER ROLE {app} IN DATABASE {db} SET search_path = nowhere, public", "HOME", ""),
    "no right to its own schema": ("ALTER SCHEMA ledger_read OWNER TO {owner}", "HOME", ""),
}


@pytest.fixture(scope="module")
def apart(
    pg_empty_book: str, pg_database: Callable[[str], AbstractContextManager[str]]
) -> Iterator[tuple[str, LogStore, Roles]]:
    """A book with roles for many tests, each of which takes back what it gave."""
    with pg_database(pg_empty_book) as url, dropped(url) as names:
        store = LogStore.open(url)
        with store.write() as connection:
            apply_roles(connection, names)
        yield url, store, names
        store.close()


@pytest.mark.parametrize(("statements", "found", "left"), GIVEN.values(), ids=GIVEN)
def test_what_a_role_can_come_to_is_found(
    statements: str, found: str, left: str, apart: tuple[str, LogStore, Roles]
) -> None:
    url, store, names = apart
    application, reader = (as_role(url, one) for one in (names.application, names.reader))
    assert role_codes(application) == role_codes(reader) == set()
    database = str(make_url(url).database)
    said = {"owner": names.owner, "app": names.application, "stray": f"{database}_stray", "db": database}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.format_map(said))
        try:
            assert role_codes(application) == {f"E_DOCTOR_{one}" for one in found.split()}
            with store.write() as again:
                apply_roles(again, names)
            assert role_codes(application) == {f"E_DOCTOR_{one}" for one in left.split()}
        finally:
            if "{stray}" in statements:
                connection.execute(f"DROP OWNED BY {said['stray']}; DROP ROLE {said['stray']}")
            connection.execute(f"REVOKE pg_write_server_files, pg_write_all_data, pg_monitor FROM {said['app']}")
    assert role_codes(application) == role_codes(reader) == set()


def test_a_role_put_on_by_another_is_not_taken_for_its_own(apart: tuple[str, LogStore, Roles]) -> None:
    """Who connected can take it off again."""
    url, _, names = apart
    options = f"-c role={names.application} -c search_path=ledger_read,public"
    worn = make_url(as_role(url, names.owner)).update_query_dict({"options": options})
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"GRANT {names.application} TO {names.owner}")
        assert role_codes(worn.render_as_string(hide_password=False)) == {"E_DOCTOR_BECOMES"}
        connection.execute(f"REVOKE {names.application} FROM {names.owner}")


def test_only_the_reader_is_kept_from_writing(apart: tuple[str, LogStore, Roles]) -> None:
    url, _, names = apart
    with psycopg.connect(url, autocommit=True) as connection:
        for role, found in ((names.application, {"E_DOCTOR_POSTGRESQL"}), (names.reader, set[str]())):
            connection.execute(f"ALTER ROLE {role} SET default_transaction_read_only = on")
            try:
                assert role_codes(as_role(url, role)) == found
            finally:
                connection.execute(f"ALTER ROLE {role} RESET default_transaction_read_only")


def mays(url: str, role: str, *statements: str) -> str:
    """The address under a role of no rights but these."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
        for statement in statements:
            connection.execute(statement)
    return as_role(url, role)


@pytest.mark.parametrize("statement", ["", "REVOKE ALL ON SCHEMA public FROM PUBLIC"])
def test_who_may_make_no_tables_is_told_who_may(pg_url: str, names: Roles, statement: str) -> None:
    """There is no book yet that roles could be given for."""
    url = mays(pg_url, names.application, *filter(None, [statement]))
    with pytest.raises(AuthorityError, match="E_DATABASE_OWNER") as told:
        LogStore.create(url)
    assert "超级用户" in told.value.message("zh")
    assert "superuser" in told.value.message("en")


@pytest.mark.parametrize("way", ["move", "init"])
def test_the_commands_say_so_too(office: Office, pg_url: str, names: Roles, way: str, tmp_path: Path) -> None:
    url = mays(pg_url, names.application)
    if way == "move":
        assert office.asked("move", "--to", url, code=2)["error"]["code"] == "E_DATABASE_OWNER"
        assert give(office, "D9")["state"] == "posted"
        return
    words = ("--book", tmp_path / "other", "--origin", "ledger.example.org/other", "--database", url)
    told = office.asked("init", *words, *administrators(office), *operator(office), *LIGHT, code=2)
    assert told["error"]["code"] == "E_DATABASE_OWNER"


@pytest.mark.parametrize("role", ["application", "owner"])
def test_only_the_superuser_gives_roles(office: Office, pg_url: str, names: Roles, role: str) -> None:
    """Who works with the tables, and who owns them, may not give rights on the database."""
    office.done("move", "--to", pg_url)
    office.done("roles", *words(names), "--apply")
    switched(office, as_role(pg_url, getattr(names, role)))
    assert office.asked("roles", *words(names), "--apply", code=2)["error"]["code"] == "E_DATABASE_OWNER"


def test_the_statements_do_what_applying_does_and_can_be_repeated(office: Office, pg_url: str, names: Roles) -> None:
    office.done("move", "--to", pg_url)
    printed = office.done("roles", *words(names))
    for _ in range(2):
        with psycopg.connect(pg_url, autocommit=True) as connection:
            connection.execute(printed)
        assert role_codes(as_role(pg_url, names.application)) == set()
    assert office.asked("roles", *words(names))["applied"] is False


def test_whoever_had_the_applications_part_before_is_named(office: Office, pg_url: str, names: Roles) -> None:
    office.done("move", "--to", pg_url)
    assert office.asked("roles", *words(names), "--apply")["others"] == []
    former, renamed = names.application, f"{names.application}2"
    again = ("roles", *words(names)[:2], "--application", renamed, *words(names)[4:], "--apply")
    try:
        assert former in office.done(*again).splitlines()[-1]
        assert office.asked(*again)["others"] == [former]
        assert role_codes(as_role(pg_url, renamed)) == {"E_DOCTOR_WRITERS"}
        with psycopg.connect(pg_url, autocommit=True) as connection:
            connection.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {former}")
        assert role_codes(as_role(pg_url, renamed)) == set()
    finally:
        with psycopg.connect(pg_url, autocommit=True) as connection:
            connection.execute(f"DROP OWNED BY {renamed} CASCADE; DROP ROLE {renamed}")


def test_sqlite_has_no_roles(office: Office) -> None:
    told = office.run("roles", "--owner", "a", "--application", "b", "--reader", "c", "--apply")
    assert (told.exit_code, "E_ROLES_DATABASE" in told.stderr) == (2, True)


@pytest.mark.parametrize("name", ["", "A", "a b", 'a"; DROP', "1a", "a-b", "中", "a" * 64, "same"])
def test_role_names_need_no_quoting(name: str) -> None:
    with pytest.raises(InputError, match="E_ROLE_NAME"):
        Roles("same", name, "other")


def test_the_demonstrations_month_runs_under_the_application_role(
    tmp_path: Path, pg_url: str, names: Roles, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Book.create

    def create(directory: Path, *given: Any) -> Book:
        """On PostgreSQL, with roles; from then on the application role is all that the program has."""
        with made(directory, *given, database=pg_url) as book, book.store.write() as connection:
            apply_roles(connection, names)
        settings = directory / "book.toml"
        changed = as_role(pg_url, names.application)
        settings.write_text(settings.read_text().replace(json.dumps(pg_url), json.dumps(changed)))
        return Book.open(directory)

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(Book, "create", create)
    result = CliRunner().invoke(app, ["demo", str(tmp_path / "county")])
    assert result.exit_code == 0, result.output
    with Book.open(tmp_path / "county" / "book") as book:
        assert book.store.engine.url.username == names.application
    for command in ("verify", "check", "figures"):
        extra = ["--from", "2025-09", "--to", "2025-09"] if command == "figures" else []
        told = CliRunner().invoke(app, [command, *extra, "--book", str(tmp_path / "county" / "book"), "--json"])
        assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["figures"]["relief_total_fen"] == 203_000
