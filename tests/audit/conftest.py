"""The full book, made once for the session; a test that changes it takes a copy."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.full_book import full_book
from tests.projections.opened_book import OpenedBook


@pytest.fixture(scope="session")
def book() -> Iterator[OpenedBook]:
    with tempfile.TemporaryDirectory(prefix="ledger-audit-") as folder:
        made = full_book(Path(folder))
        yield made
        made.close()
