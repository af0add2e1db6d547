"""The served county, as the tests of the interface have it."""

from tests.api.http.conftest import first_county, house

__all__ = ["first_county", "house"]
