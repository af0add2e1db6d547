"""The served county, as the tests of the interface have it, and the office at the command line."""

from tests.api.http.conftest import county, first_county, first_pg_county, house, pg_county, sqlite_county

__all__ = ["county", "first_county", "first_pg_county", "house", "pg_county", "sqlite_county"]
