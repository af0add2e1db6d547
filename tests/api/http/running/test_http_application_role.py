"""Under the application's role everything is served: no route needs a right that this role has not.

Nothing was made under another role but what `init` and `roles` make; every route of the document is asked, and what is
written beside the log is written.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.python import asgi
from sqlalchemy import text
from sqlalchemy.engine import make_url

from ledger.errors import AuthorityError
from ledger.log.keeping.postgresql_checks import postgresql_checks
from ledger.log.keeping.roles import Roles, apply_roles
from ledger.log.keeping.upgrading import upgrade
from ledger.log.store import LogStore
from ledger_api.access.reading_keys import Wanted
from tests.api.http.house import House, body_of, donation, served
from tests.api.http.running.test_http_schema import tried
from tests.api.keeping.test_roles import OF_THE_ROLE, as_role
from tests.application.proposing.county import County

AT = "2025-10-01T00:00:00+08:00"


@pytest.fixture
def names(pg_county: County) -> Iterator[Roles]:
    """The three roles of the county's database."""
    url = pg_county.store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    stem = str(make_url(url).database)
    found = Roles(f"{stem}_owner", f"{stem}_app", f"{stem}_reader")
    with pg_county.store.write(beside=True) as connection:
        apply_roles(connection, found)
    yield found
    with psycopg.connect(url, autocommit=True) as connection:
        for role in (found.application, found.reader, found.owner):
            connection.execute(f"DROP OWNED BY {role} CASCADE")
            connection.execute(f"DROP ROLE {role}")


def url_of(county: County, role: str) -> str:
    url = county.store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return as_role(url, role)


@pytest.fixture
def worked(pg_county: County, names: Roles) -> Iterator[House]:
    """The county, whose program has the application's role and has never had another."""
    url = url_of(pg_county, names.application)
    county = County(pg_county.folder, pg_county.keys, pg_county.operator, url=url)
    house = served(county)
    with house.client:
        yield house
    county.close()


def test_every_route_is_served_under_the_application_role(worked: House) -> None:
    schema: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", worked.client.app, headers={"host": "ledger.test"})
    operations = [found.ok() for found in schema.get_all_operations()]
    made: Counter[str] = Counter()
    states: Counter[int] = Counter()
    checks = [CHECKS.get_one("not_a_server_error")]
    with asgi.get_client(worked.client.app) as session:  # type: ignore[arg-type]  # it is one
        for operation in operations:
            tried(worked, operation, GenerationMode.POSITIVE, 1, checks, session, made, states)
    assert set(made) == {operation.label for operation in operations}
    assert not [status for status in states if status >= 500]


def test_what_is_kept_beside_the_log_is_written(worked: House) -> None:
    access, now = worked.service.access, worked.service.unix_now()
    assert access.logins.give("acct-charity", "operator", now)
    with worked.service.store.write() as connection:
        shown, _ = access.reading_keys.make(connection, Wanted("label", ("books",), (), (), 2), "guan-1", now)
        access.sessions.open(connection, "acct-charity", "full", "127.0.0.1", now)
    read = worked.client.get("/v1/balances", headers={"Authorization": f"Bearer {shown}"})
    assert read.status_code == 200, read.text
    assert (
        worked.call(
            "acct-charity", "POST", "/v1/vouchers", body_of(worked.voucher("acct-charity", "charity", donation()))
        ).status_code
        == 201
    )
    assert worked.call("acct-charity", "GET", "/v1/pledges?entity=charity").status_code == 200
    with worked.service.store.engine.connect() as connection:
        assert {one.code for one in postgresql_checks(connection) if not one.holds} & OF_THE_ROLE == set()
        schemas = connection.execute(text("SELECT schemaname FROM pg_tables WHERE starts_with(tablename, 'ac_')"))
        assert set(schemas.scalars()) == {"public"}


def test_an_upgrade_is_the_owners_and_gives_the_others_their_rights(pg_county: County, names: Roles) -> None:
    gone = ("ac_sessions", "ac_duties", "seen")
    with pg_county.store.engine.begin() as connection:
        before = rights(connection, gone)
        for name in gone:
            connection.execute(text(f"DROP TABLE {name}"))
    application, owner = (LogStore.open(url_of(pg_county, one)) for one in (names.application, names.owner))
    with pytest.raises(AuthorityError, match="E_UPGRADE_OWNER"), application.write(beside=True) as connection:
        upgrade(connection, AT)
    with owner.write(beside=True) as connection:
        assert sorted(upgrade(connection, AT)) == sorted(gone)
    with pg_county.store.read() as connection:
        assert rights(connection, gone) == before
    application.close()
    owner.close()


def test_tables_that_an_earlier_release_left_among_the_read_models_are_brought_home(
    pg_county: County, names: Roles
) -> None:
    application = LogStore.open(url_of(pg_county, names.application))
    with application.engine.begin() as connection:
        connection.execute(text("CREATE TABLE ledger_read.ac_duties (LIKE public.ac_duties INCLUDING ALL)"))
        connection.execute(text("INSERT INTO ledger_read.ac_duties VALUES ('audit', 'guan-3', 'operator', 1)"))
        connection.execute(text("CREATE TABLE ledger_read.ac_proposals (LIKE public.ac_proposals INCLUDING ALL)"))
        connection.execute(text("INSERT INTO public.ac_proposals VALUES ('audit', 'guan-2', 'guan-1', 1)"))
    with pg_county.store.write(beside=True) as connection:
        apply_roles(connection, names)
    with application.engine.connect() as connection:
        assert connection.scalar(text("SELECT officer FROM ac_duties")) == "guan-3"
        assert connection.scalar(text("SELECT officer FROM ac_proposals")) == "guan-2"
        assert {one.code for one in postgresql_checks(connection) if not one.holds} & OF_THE_ROLE == set()
    application.close()


def rights(connection: Any, tables: tuple[str, ...]) -> set[tuple[str, str, str]]:
    """(table, role, right) of whoever is not the owner."""
    asked = (
        "SELECT g.table_name, g.grantee, g.privilege_type FROM information_schema.role_table_grants g "
        "JOIN pg_tables t ON t.tablename = g.table_name WHERE g.table_name = ANY(:names) AND g.grantee <> t.tableowner"
    )
    return {tuple(row) for row in connection.execute(text(asked), {"names": list(tables)})}
