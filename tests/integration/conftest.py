"""Years of a hamlet and of a village, each played once for all who look at it."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from ledger_api.demo.year.play import Year, play, prepared
from ledger_projections.registry import catch_up
from tests.api.conftest import quick_stretching

__all__ = ["hamlet", "played", "quick_stretching", "village"]


def played(
    folder: Path, scale: str, seed: int, dirt: int, spoil: Callable[[Year], None] = lambda _year: None
) -> Iterator[Year]:
    """A year in which every so many rows are untidy (0: none); `spoil` may change its files before anybody reads them.
    It is for looking only.
    """
    year = prepared(folder, Decimal(scale), seed, dirt)
    spoil(year)
    play(year, lambda _told: None, lambda _done, _all: None)
    catch_up(year.county.book.store)
    yield year
    year.county.book.close()


@pytest.fixture(scope="session")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """The smallest year, in which every third row is untidy."""
    yield from played(tmp_path_factory.mktemp("year") / "county", "0.005", 8, 3)


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """Another size, another seed and other untidy rows than the hamlet's."""
    yield from played(tmp_path_factory.mktemp("village") / "county", "0.008", 77, 4)
