"""A batch counts the households that it pays, and their persons: none of whom all is kept, each of the others once."""

from typing import Any

from tests.application.proposing.county import BATCH, County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, SEPTEMBER
from tests.application.proposing.relief.paying.bank import base_of, row_of
from tests.application.proposing.relief.paying.bank import listed as grid_of
from tests.application.proposing.relief.sent_back.ending import listed

PERSONS = {row[HEAD.index("家庭编号")]: int(row[HEAD.index("保障人口")]) for row in SEPTEMBER[1:]}
ALL = sum(PERSONS.values())


def prepared(county: County) -> Any:
    (found,) = county.events(f"batch:{BATCH}", "batch.prepared")
    return found


def persons_of(number: int) -> int:
    return PERSONS[SEPTEMBER[number][HEAD.index("家庭编号")]]


def test_a_household_of_which_all_is_kept_back_is_not_counted(funded: County) -> None:
    report = listed(funded, grid_of(row_of(12, less=base_of(12), remark="扣回多领")))
    assert report.wrong == []
    found = prepared(funded)
    assert (found.count, found.persons) == (11, ALL - persons_of(12))


def test_a_household_that_is_no_longer_named_is_counted_once(funded: County) -> None:
    """Its line has two components, of which each tells its persons."""
    whole = grid_of(row_of(4, more=base_of(4), remark="补发7月退票"))
    assert listed(funded, whole).wrong == []
    two = [one.persons for one in funded.of_kind("subsidy.authorised") if one.amount_fen == base_of(4) * 100][-2:]
    assert two == [persons_of(4)] * 2
    funded.reverse(prepared(funded), BUREAU)
    listed(funded, [*whole[:4], *whole[5:]])
    found = prepared(funded)
    assert (found.count, found.persons) == (12, ALL)
