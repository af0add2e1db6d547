"""Fixtures of the log: a store on both databases."""

from collections.abc import Iterator

import pytest

from ledger.log.store import LogStore


@pytest.fixture
def store(book_url: str) -> Iterator[LogStore]:
    """An empty log, on SQLite and on PostgreSQL."""
    made = LogStore.open(book_url)
    yield made
    made.close()
