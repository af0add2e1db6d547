"""A book with one fund, for the tests of the bank's side of the books."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.projections.opened_book import CHARITY, OpenedBook, fund, opened
from tests.projections.plain_log import folder


@pytest.fixture(scope="module")
def book() -> Iterator[OpenedBook]:
    with folder() as here:
        made = opened(here)
        made.post(CHARITY, fund("general"), on=date(2025, 1, 2))
        yield made
        made.close()
