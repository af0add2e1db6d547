"""A book of one's own, and the writers of earlier editions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.earlier.editions import by_edition
from tests.projections.opened_book import OpenedBook


@pytest.fixture
def mine(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    """A copy of the full book."""
    copy = book.copy(tmp_path / "b.db")
    yield copy
    copy.close()


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer is one of the first edition."""
    by_edition(monkeypatch, 1)


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer is one of the second edition."""
    by_edition(monkeypatch, 2)


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer is one of the third edition."""
    by_edition(monkeypatch, 3)
