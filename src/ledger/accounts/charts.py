"""The charts of accounts in force: 民间非营利组织会计制度 of 2004, of 2024, and the bureaus' control ledger.

`chart_for(family, day)` says which version a voucher of that day is posted in; `chart_of(version)` reads an old
posting. A chart never changes: a new edition is a new version with its own first day.
"""

from datetime import date
from typing import Final

from ledger.accounts.chart import Account, AccountClass, Chart, Family, Side
from ledger.accounts.control_table import CONTROL_1
from ledger.accounts.npo_2004_table import NPO_2004
from ledger.accounts.npo_2024_table import NPO_2024
from ledger.errors import InputError

__all__ = ["CHARTS", "Account", "AccountClass", "Chart", "Family", "Side", "chart_for", "chart_of"]

CHARTS: Final = (
    Chart("npo-2004", "npo", date(2005, 1, 1), date(2025, 12, 31), NPO_2004),
    Chart("npo-2024", "npo", date(2026, 1, 1), None, NPO_2024),
    Chart("control-1", "control", date(2005, 1, 1), None, CONTROL_1),
)
"""Every version. Sources: 财会〔2004〕7号, in force 2005-01-01; 财会〔2024〕25号, in force 2026-01-01."""

_BY_VERSION: Final = {chart.version: chart for chart in CHARTS}


def chart_for(family: Family, day: date) -> Chart:
    """The version of a family's chart that a voucher of that day is posted in; InputError E_CHART_DAY if none is."""
    for chart in CHARTS:
        if chart.family == family and chart.covers(day):
            return chart
    raise InputError("E_CHART_DAY", family=family, date=day.isoformat())


def chart_of(version: str) -> Chart:
    """The chart of a version that a posting names; InputError E_CHART_VERSION when there is none."""
    found = _BY_VERSION.get(version)
    if found is None:
        raise InputError("E_CHART_VERSION", version=version)
    return found
