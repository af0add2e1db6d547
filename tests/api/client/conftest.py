"""A served county for each test, copied from one that is made once a session."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ledger.signing.keys import SigningKey
from tests.api.http.house import House, served
from tests.application.proposing.county import copied, made


@pytest.fixture(scope="session")
def first_county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, SigningKey], SigningKey]:
    source = tmp_path_factory.mktemp("county")
    return source, *made(source)


@pytest.fixture
def house(first_county: tuple[Path, Mapping[str, SigningKey], SigningKey], tmp_path: Path) -> Iterator[House]:
    county = copied(tmp_path, *first_county)
    found = served(county)
    with found.client:
        yield found
    county.close()
