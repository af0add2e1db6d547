"""Other lists whose lines were sent back: aid that is given once, and a month that is not the book's first."""

import pytest

from tests.application.proposing.county import County, asks_for_signatures
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, OCTOBER, household
from tests.application.proposing.relief.sent_back.ending import ended, listed, prepared
from tests.application.proposing.relief.test_aid_lists import BATCH as AID_BATCH
from tests.application.proposing.relief.test_aid_lists import TEMPORARY_AID, helped
from tests.application.proposing.relief.test_aid_lists import listed as aided
from tests.application.proposing.test_imports_cut_off import Death, dying_after


@pytest.mark.parametrize("yuan", ["1200.00", "900.00"])
def test_a_list_of_aid_goes_out_again(funded: County, yuan: str) -> None:
    """As it was, or with the amount mended."""
    funded.decide(BUREAU, ("programme.opened", TEMPORARY_AID))
    asks_for_signatures(funded)
    aided(funded, helped(1), helped(2))
    assert (prepared(funded, AID_BATCH), ended(funded)) == ([240_000], 1)
    report = aided(funded, helped(1), helped(2, **{"救助金额(元)": yuan}))
    assert (report.new, report.wrong) == (2, [])
    funded.sign_off()
    fen = 120_000 + int(float(yuan)) * 100
    assert prepared(funded, AID_BATCH) == [fen]
    funded.road(AID_BATCH)
    assert funded.events(f"batch:{AID_BATCH}", "batch.approved")[-1].total_fen == fen


def october(county: County) -> list[list[str]]:
    """October's list, with a household that is new."""
    county.now = county.now.replace(month=10, day=8)
    return [HEAD, *(household(number) for number in range(1, 14))]


def reason_of_the_new_one(county: County) -> str:
    county.sign_off()
    return str(county.of_kind("enrolment.confirmed")[-1].reason)


def test_a_new_household_of_a_later_month_is_not_taken_over_when_its_list_goes_on(enrolled: County) -> None:
    """The import of October was cut off behind the batch."""
    enrolled.sign_off()
    grid = october(enrolled)
    for _ in range(20):
        with dying_after(enrolled, 1):
            try:
                listed(enrolled, grid, month=OCTOBER)
            except Death:
                if len(enrolled.of_kind("batch.prepared")) == 2:
                    break
    assert len(enrolled.of_kind("enrolment.confirmed")) == 12
    assert listed(enrolled, grid, month=OCTOBER).new == 13
    assert reason_of_the_new_one(enrolled) == "pending"


def test_nor_when_it_was_mended(enrolled: County) -> None:
    enrolled.sign_off()
    asks_for_signatures(enrolled)
    grid = october(enrolled)
    wrong = [*grid[:-1], household(13, **{"家庭月人均收入(元)": "20"})]
    listed(enrolled, wrong, month=OCTOBER)
    assert ended(enrolled)
    assert listed(enrolled, grid, month=OCTOBER).new == 13
    assert reason_of_the_new_one(enrolled) == "pending"
