"""A served county for each test, copied from one that is made once a session; on SQLite, or on both databases."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from ledger.signing.keys import SigningKey
from tests.api.http.house import House, served
from tests.application.proposing.county import County, copied, made

Made = tuple[Path, Mapping[str, SigningKey], SigningKey]
Copying = Callable[[str], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def first_county(tmp_path_factory: pytest.TempPathFactory) -> Made:
    source = tmp_path_factory.mktemp("county")
    return source, *made(source)


@pytest.fixture(scope="session")
def first_pg_county(tmp_path_factory: pytest.TempPathFactory, pg_database: Copying) -> Iterator[tuple[Made, str]]:
    source = tmp_path_factory.mktemp("pg-county")
    with pg_database("template1") as url:
        yield (source, *made(source, url)), str(make_url(url).database)


@pytest.fixture
def sqlite_county(first_county: Made, tmp_path: Path) -> Iterator[County]:
    county = copied(tmp_path, *first_county)
    yield county
    county.close()


@pytest.fixture
def pg_county(first_pg_county: tuple[Made, str], pg_database: Copying, tmp_path: Path) -> Iterator[County]:
    (source, keys, operator), name = first_pg_county
    shutil.copy(source / "vault.keys", tmp_path / "vault.keys")
    with pg_database(name) as url:
        county = County(tmp_path, keys, operator, url=url)
        yield county
        county.close()


@pytest.fixture
def county(request: pytest.FixtureRequest) -> County:
    """The county on SQLite; tests that are marked `on_both` have it on PostgreSQL as well."""
    kind = getattr(request, "param", "sqlite")
    found: County = request.getfixturevalue("sqlite_county" if kind == "sqlite" else "pg_county")
    return found


@pytest.fixture
def house(county: County) -> Iterator[House]:
    found = served(county)
    with found.client:
        yield found


@pytest.fixture(scope="session")
def september(
    first_county: tuple[Path, Mapping[str, SigningKey], SigningKey], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The county after its seventeen files and every signature; for looking only."""
    county = copied(tmp_path_factory.mktemp("september"), *first_county)
    county.standard()
    found = served(county)
    with found.client:
        yield found
    county.close()
