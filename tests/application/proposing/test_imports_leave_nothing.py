"""When a file is imported, its rows and what was proposed for them are gone, without help of the cyclic collector."""

import gc
from pathlib import Path

import pytest

from ledger.application.collector import collector_at_rest
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.proposal import Proposed
from tests.application.importing.offices import SAMPLES
from tests.application.proposing.county import County

_NEEDS_ROSTER = ("payfile.csv", "payresult.csv")


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.csv")), ids=lambda file: file.name)
def test_rows_are_gone_when_they_are_recorded(county: County, file: Path) -> None:
    """Circles among them would pile up while the collector looks seldom: a year of rosters in memory at once."""
    if file.name in _NEEDS_ROSTER:
        county.take_in("dibao_roster.csv")
    gc.collect()
    with collector_at_rest():
        before = _rows()  # what tests of before still hold
        assert county.take_in(file.name).files[0].file == file.name
        known = set(map(id, before))
        left = [type(one).__name__ for one in _rows() if id(one) not in known]
    assert left == []


def _rows() -> list[object]:
    return [one for one in gc.get_objects() if type(one) in (CleanRow, Proposed)]
