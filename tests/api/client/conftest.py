"""The served county, as the tests of the interface have it."""

from tests.api.http.conftest import county, first_county, house, sqlite_county

__all__ = ["county", "first_county", "house", "sqlite_county"]
