"""A book of one's own, and the writers of earlier editions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.earlier.editions import OPENED, by_edition
from tests.projections.opened_book import BUREAU, OpenedBook, event, fund


@pytest.fixture
def mine(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    """A copy of the full book."""
    copy = book.copy(tmp_path / "b.db")
    yield copy
    copy.close()


@pytest.fixture
def relief(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    """A bureau with a fund, an account and a box for cash."""
    copy = book.copy(tmp_path / "b.db")
    held = {"default_fund": "relief", "aliases": [], "opened_on": "2025-01-01"}
    named = {"bank": "示例农商行", **held}
    copy.post(
        BUREAU,
        fund("relief", "fiscal"),
        event("bank.account_registered", account="rcc", holding="bank", **named),
        event("bank.account_registered", account="box", holding="cash", **held),
        event("programme.opened", **OPENED, name="农村低保", function_code="20819", on="2025-09-01", origin="decision"),
    )
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
