"""A row that is wrong by form blocks nobody: its line is taken out of the batch, which is signed without it.

As it was mended the row is paid by a batch beside it.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import Receipt
from ledger.application.proposing.relief import roster_lines
from tests.application.importing.offices import Grid
from tests.application.proposing.county import BATCH, County, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, household, with_quota

BESIDE = BATCH.replace("-01", "-02")
MORE_THAN_LIVE_THERE: dict[str, str] = {"分类施保人数": "5", "分类施保金(元)": "50", "本月实发(元)": "420"}
"""Household 3 is one person: a supplement for five is no sum of anything."""
MENDED: dict[str, str] = {"分类施保人数": "1", "分类施保金(元)": "30", "本月实发(元)": "400"}


@pytest.fixture
def funded(county: County) -> County:
    return with_quota(county)


def listed(**third: str) -> Grid:
    return [HEAD, household(1), household(2), household(3, **third)]


def written(county: County, name: str, grid: Grid) -> Path:
    return county.write(f"{name}.csv", grid)


def approved(county: County, batch: str) -> Any:
    """签批 of what the lines say."""
    lines = county.events(f"batch:{batch}", "subsidy.authorised")
    fields = {"batch": batch, "count": len(lines), "total_fen": sum(one.amount_fen for one in lines)}
    day = date(2025, 9, 5)
    return county.decide(BUREAU, ("batch.approved", {**fields, "on": str(day), "origin": "decision"}), day=day)


def test_its_batch_is_signed_without_it(funded: County) -> None:
    report = funded.one(written(funded, "九月", listed(**MORE_THAN_LIVE_THERE)))
    assert (report.new, codes(report)) == (2, [(4, "E_MONTHLY_SUM")])
    (out,) = funded.of_kind("batch.line_excluded")
    assert (out.batch, out.amount_fen, out.rule_code, out.payment) == (BATCH, 42_000, "MONTHLY_SUM", None)
    assert isinstance(approved(funded, BATCH), Receipt)


def test_of_a_household_that_stands_already_too(funded: County) -> None:
    funded.one(written(funded, "九月", listed()))
    october = listed(**MORE_THAN_LIVE_THERE)
    funded.now = funded.now.replace(month=10, day=8)
    report = funded.one(written(funded, "十月", october), month="2025-10", today=date(2025, 10, 8))
    assert (report.new, codes(report)) == (2, [(4, "E_MONTHLY_SUM")])
    assert [one.batch[-10:] for one in funded.of_kind("batch.line_excluded")] == ["2025-10-01"]
    assert funded.of_kind("enrolment.changed") == []


def test_the_same_list_again_says_no_more_than_that(funded: County) -> None:
    path = written(funded, "九月", listed(**MORE_THAN_LIVE_THERE))
    funded.one(path)
    size = funded.size()
    again = funded.one(path)
    assert (again.new, again.duplicate, codes(again)) == (0, 2, [(4, "E_MONTHLY_SUM")])
    assert funded.size() == size


@pytest.mark.parametrize("through_the_list", [True, False])
def test_as_it_was_mended_it_is_paid_by_a_batch_beside(funded: County, *, through_the_list: bool) -> None:
    """Whether the whole list is read again, which says how, or the row alone is at once."""
    funded.one(written(funded, "九月", listed(**MORE_THAN_LIVE_THERE)))
    if through_the_list:
        whole = funded.one(written(funded, "改正", listed(**MENDED)))
        assert codes(whole) == []
        (told,) = [note for note in whole.notes if note.code == "W_LINE_TAKEN_OUT"]
        assert (told.place.row, told.params["rule"], "--batch 02" in told.message()) == (4, "E_MONTHLY_SUM", True)
    alone = funded.one(written(funded, "另存", [HEAD, household(3, **MENDED)]), batch_no="02")
    assert (alone.new, codes(alone)) == (1, [])
    funded.sign_off()
    assert [isinstance(approved(funded, batch), Receipt) for batch in (BATCH, BESIDE)] == [True, True]
    paid = [one.amount_fen for one in funded.events(f"batch:{BESIDE}", "subsidy.authorised")]
    assert (paid, [one.monthly.total_fen for one in funded.of_kind("enrolment.confirmed")][2:]) == ([40_000], [40_000])


def test_a_batch_that_counted_it_before_has_a_road_out(funded: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier release counted it and took nothing out; the list of then, read again, does."""
    path = written(funded, "九月", listed(**MORE_THAN_LIVE_THERE))
    with monkeypatch.context() as earlier:
        earlier.setattr(roster_lines, "_TAKES_OUT", frozenset[str]())
        funded.one(path)
    assert funded.of_kind("batch.line_excluded") == []
    mended = written(funded, "改正", listed(**MENDED))
    (wrong,) = funded.one(mended).wrong
    assert (wrong.place.row, wrong.code, wrong.params["left_fen"]) == (4, "E_ROSTER_LACKS", 42_000)
    assert "420.00" in wrong.message()
    funded.one(path)
    assert [one.amount_fen for one in funded.of_kind("batch.line_excluded")] == [42_000]
    assert isinstance(approved(funded, BATCH), Receipt)
    assert codes(funded.one(mended)) == []
