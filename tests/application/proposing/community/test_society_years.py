"""Of which year a sheet of societies is that does not say so: this one, unless it may as well be the one before."""

from datetime import date

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.importing.offices import changed
from tests.application.proposing.county import County, rows_of

_YEAR_TAKEN = "W_YEAR_TAKEN"


def _on(county: County, day: date, name: str = "互助社.csv", **cells: str) -> FileReport:
    grid = rows_of("mutual_aid.csv")
    for header, value in cells.items():
        grid = changed(grid, 1, header, value)
    county.now = county.now.replace(year=day.year, month=day.month, day=day.day)
    return county.one(county.write(name, grid), month=None, today=day)


def _taken(found: FileReport) -> list[int]:
    return [note.params["year"] for note in found.notes if note.code == _YEAR_TAKEN]


def test_a_first_sheet_of_no_year_is_this_years_and_says_so(county: County) -> None:
    found = _on(county, date(2025, 9, 30))
    assert (found.refused, found.new, _taken(found)) == (None, 3, [2025])
    county.sign_off()
    again = _on(county, date(2025, 9, 30), "再来.csv")
    assert (again.refused, again.new, again.duplicate, _taken(again)) == (None, 0, 3, [])


@pytest.mark.parametrize(
    ("granted_yuan", "asked"),
    [("3000.00", True), ("500.00", False)],
    ids=["as much as last year and more", "less than last year"],
)
def test_next_years_sheet_is_asked_only_where_it_may_be_last_years(
    county: County, granted_yuan: str, *, asked: bool
) -> None:
    _on(county, date(2025, 9, 30))
    county.sign_off()
    found = _on(county, date(2026, 3, 5), "三月.csv", **{"本年救助金额(元)": granted_yuan})
    assert (found.refused is not None) == asked
    assert _taken(found) == ([] if asked else [2026])


def test_a_sheet_after_one_of_this_year_is_this_years(county: County) -> None:
    _on(county, date(2025, 9, 30))
    county.sign_off()
    found = _on(county, date(2025, 10, 31), "十月.csv", **{"本年救助金额(元)": "3000.00"})
    assert (found.refused, _taken(found)) == (None, [2025])
    county.sign_off()
    assert county.of_kind("mutual_aid.granted")[-1].amount_fen == 60_000


def test_the_files_name_tells_the_month(county: County) -> None:
    found = _on(county, date(2026, 1, 12), "互助社台账2025年12月.csv")
    assert (found.refused, _taken(found)) == (None, [])
    county.sign_off()
    assert {one.as_of for one in county.of_kind("mutual_aid.reviewed")} == {date(2025, 12, 31)}
