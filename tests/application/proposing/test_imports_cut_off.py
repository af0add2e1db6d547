"""An import that dies between two vouchers and is begun again gives the books of one that was left alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ledger.application.outcomes import Outcome
from ledger.decisions.prepared import Submission
from tests.application.proposing.county import FILES, County
from tests.application.proposing.redress.test_matching_lists import CARS
from tests.application.proposing.relief.october import SEPTEMBER


class Death(BaseException):
    """What no handler expects: the end of the process."""


@contextmanager
def dying_after(county: County, vouchers: int) -> Iterator[list[int]]:
    """The writer posts so many vouchers, and then the process ends; yields how many."""
    submit, posted = county.writer.submit, [0]

    def once_more(submission: Submission) -> Outcome:
        if posted[0] == vouchers:
            raise Death
        outcome = submit(submission)
        posted[0] += 1
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(county.writer, "submit", once_more)
        yield posted


def begun_again(county: County, file: Any) -> int:
    """Import a file that dies after every voucher; how often it had to be begun."""
    for life in range(100):
        with dying_after(county, 1) as posted:
            try:
                report = county.one(file)
            except Death:
                continue
        assert report.wrong == []
        assert posted[0] <= 1
        return life + 1
    raise AssertionError(file)


def ready(county: County, name: str) -> County:
    if name not in ("dibao_roster.csv", "roster"):
        county.take_in("dibao_roster.csv")
        county.road()
    return county


@pytest.mark.parametrize("name", FILES)
def test_a_sample_that_dies_after_every_voucher_is_the_same_in_the_end(
    new_county: Callable[[], County], name: str
) -> None:
    alone, killed = ready(new_county(), name), ready(new_county(), name)
    report = alone.one(name)
    assert report.wrong == []
    begun_again(killed, name)
    for county in (alone, killed):
        county.sign_off()
    assert killed.balances() == alone.balances()
    assert killed.findings() == alone.findings()
    assert sorted(one.kind for one in killed.all_events()) == sorted(one.kind for one in alone.all_events())


def test_a_roster_that_dies_after_its_promise_goes_on(county: County) -> None:
    """The batch is added up before its lines; whoever comes later than its total allows is refused all the same."""
    assert begun_again(county, "dibao_roster.csv") > 2
    assert len(county.of_kind("batch.prepared")) == 1
    assert county.one("dibao_roster.csv").duplicate == 3


def test_another_roster_does_not_fill_a_promise(funded: County) -> None:
    """What is missing must be what the promise lacks, to the fen."""
    whole = funded.write("九月.csv", SEPTEMBER)
    for _ in range(20):
        with dying_after(funded, 1):
            try:
                funded.one(whole)
            except Death:
                if funded.of_kind("batch.prepared"):
                    break
    assert funded.of_kind("subsidy.authorised") == []
    part = funded.write("部分.csv", SEPTEMBER[:-1])
    assert {cell.code for cell in funded.one(part).wrong} == {"E_ROSTER_LACKS"}
    again = funded.one(whole)
    assert (again.new, again.wrong) == (12, [])


def test_a_comparison_that_dies_after_its_run_still_raises_its_doubts(county: County) -> None:
    ready(county, "matching")
    file = county.write("车辆.csv", CARS)
    assert begun_again(county, file) > 1
    assert len(county.of_kind("matching.performed")) == 1
    assert len(county.of_kind("clue.raised")) == 2
