"""A year of a hamlet, played once for all who look at it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from ledger_api.demo.year.play import Year, play, prepared
from ledger_projections.registry import catch_up


@pytest.fixture(scope="session")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """A year in which every third row is untidy; for looking only."""
    folder = tmp_path_factory.mktemp("year") / "county"
    year = prepared(folder, Decimal("0.005"), 8, 3)
    play(year, lambda _told: None, lambda _done, _all: None)
    catch_up(year.county.book.store)
    yield year
    year.county.book.close()
