"""A county for each test, copied from one that is made once a session."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.application.proposing.county import County, copied, made
from tests.application.proposing.relief.october import with_quota, with_september


@pytest.fixture(scope="session")
def new_county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], County]]:
    """Makes counties that know nothing of each other; all are closed in the end."""
    source = tmp_path_factory.mktemp("county")
    keys, operator = made(source)
    counties: list[County] = []

    def make() -> County:
        counties.append(copied(tmp_path_factory.mktemp("copy"), source, keys, operator))
        return counties[-1]

    yield make
    for county in counties:
        county.close()


@pytest.fixture
def county(new_county: Callable[[], County]) -> Iterator[County]:
    """A county in which no file has arrived yet."""
    one = new_county()
    yield one
    one.close()


@pytest.fixture(scope="session")
def september(new_county: Callable[[], County]) -> County:
    """The county after the seventeen samples and every signature; for looking only."""
    one = new_county()
    one.standard()
    return one


@pytest.fixture(scope="module")
def taken_in(new_county: Callable[[], County]) -> County:
    """The same county, for importing the same files and corrected ones once more."""
    one = new_county()
    one.standard()
    return one


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A folder for files."""
    return tmp_path


@pytest.fixture
def funded(county: County) -> County:
    """A county whose quota pays twelve households for months."""
    return with_quota(county)


@pytest.fixture
def enrolled(funded: County) -> County:
    """The county after September's roster."""
    return with_september(funded)
