"""The triggers' function is made beside the log only: one among the read models is made by no command, and goes."""

from collections.abc import Iterator

import psycopg
import pytest

from ledger.log.keeping.postgresql_checks import postgresql_checks
from ledger.log.keeping.roles import Roles, apply_roles
from ledger.log.store import LogStore
from tests.api.county import Office
from tests.api.keeping.test_roles import OF_THE_ROLE, as_role, dropped, role_codes, switched, words

ASTRAY = "ledger_read.ledger_refuse_change()"
MADE = f"""
    CREATE FUNCTION {ASTRAY} RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    ALTER FUNCTION {ASTRAY} OWNER TO """
USED = f"""
    CREATE TABLE ledger_read.rm_other ();
    CREATE TRIGGER other BEFORE DELETE ON ledger_read.rm_other FOR EACH STATEMENT EXECUTE FUNCTION {ASTRAY}"""


@pytest.fixture
def apart(pg_book_url: str) -> Iterator[tuple[str, Roles]]:
    """An empty book with roles."""
    with dropped(pg_book_url) as names:
        again(pg_book_url, names)
        yield pg_book_url, names


def again(url: str, names: Roles) -> None:
    """`roles --apply`, by the superuser."""
    store = LogStore.open(url)
    with store.write() as connection:
        apply_roles(connection, names)
    store.close()


def found(url: str) -> list[tuple[str, str]]:
    store = LogStore.open(url)
    with store.engine.connect() as connection:
        told = [(one.code, one.found) for one in postgresql_checks(connection) if not one.holds]
    store.close()
    return [one for one in told if one[0] in OF_THE_ROLE]


def test_an_upgrade_with_nothing_to_add_makes_nothing(office: Office, pg_url: str) -> None:
    """Whatever role runs it: every role is as sound afterwards as before."""
    office.done("move", "--to", pg_url)
    with dropped(pg_url) as names:
        office.done("roles", *words(names), "--apply")
        before = pg_url
        for role in (names.application, names.owner):
            switched(office, before := as_role(before, role))
            assert office.asked("upgrade")["added"] == []
        assert role_codes(as_role(pg_url, names.application)) == set()
        with psycopg.connect(pg_url) as connection:
            rows = connection.execute("SELECT pronamespace::regnamespace::text FROM pg_proc WHERE proname ~ '^ledger_'")
            assert rows.fetchall() == [("public",)]


def test_one_astray_is_named_with_its_schema_and_the_roles_command_mends_it(apart: tuple[str, Roles]) -> None:
    url, names = apart
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(MADE + names.application)
    assert found(as_role(url, names.application)) == [("E_DOCTOR_OWNER", ASTRAY)]
    again(url, names)
    assert found(as_role(url, names.application)) == []


def test_one_that_a_trigger_stands_on_stays_and_is_told(apart: tuple[str, Roles]) -> None:
    """Nothing that might refuse a change is taken away unseen: the command neither fails nor drops it."""
    url, names = apart
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(MADE + names.application)
        connection.execute(USED)
    again(url, names)
    assert found(as_role(url, names.application)) == [("E_DOCTOR_OWNER", ASTRAY)]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE ledger_read.rm_other")
    again(url, names)
    assert found(as_role(url, names.application)) == []
