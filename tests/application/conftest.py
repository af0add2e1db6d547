"""Offices that are closed again when a test ends."""

from collections.abc import Iterator

import pytest

from tests.application.office import Office


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    """An opened book on SQLite."""
    made = Office(sqlite_url).open()
    yield made
    made.store.close()


@pytest.fixture
def any_office(db_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An opened book on SQLite and, in a second run of the test, on PostgreSQL, where the events of every
    voucher are taken in while it is judged.
    """
    monkeypatch.setattr("ledger.log.appending.WORTH_IT", 1)
    made = Office(db_url).open()
    yield made
    made.store.close()


@pytest.fixture
def empty_office(sqlite_url: str) -> Iterator[Office]:
    """People with keys before a book that nobody has opened."""
    made = Office(sqlite_url)
    yield made
    made.store.close()
