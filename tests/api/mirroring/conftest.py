"""The served county, and a few towns for tests that spoil one of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.http.conftest import county, first_county, house, sqlite_county
from tests.api.mirroring.towns import Towns

__all__ = ["county", "first_county", "house", "sqlite_county", "towns"]


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[Towns]:
    found = Towns(tmp_path / "towns")
    yield found
    found.end()
