"""Rates as a terminal shows them."""

import pytest

from ledger_api.cli.readers.answers import rate_text


@pytest.mark.parametrize(
    ("per_mille", "shown"), [(None, ""), (0, "0.0%"), (125, "12.5%"), (-75, "-7.5%"), (-5, "-0.5%")]
)
def test_a_rate_is_shown_with_its_sign(per_mille: int | None, shown: str) -> None:
    assert rate_text(per_mille) == shown
