"""An office whose book lies on SQLite, then on PostgreSQL: tests that ask for `placed` run on both."""

import pytest

from tests.api.county import Office


@pytest.fixture(params=["sqlite", "postgresql"])
def placed(request: pytest.FixtureRequest, office: Office) -> Office:
    if request.param == "postgresql":
        office.done("move", "--to", request.getfixturevalue("pg_url"))
    return office
