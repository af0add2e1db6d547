"""Who is called alike is not one for that: a number tells them apart, and one that shows too little joins nobody."""

from typing import Any

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, codes
from tests.application.proposing.relief.october import HEAD, household, id_number, import_october, number_like
from tests.application.proposing.relief.test_rosters_masked import BLIND, masked, rest, told

HIDDEN = {"户主身份证号": "4310" + "*" * 14, "领款人身份证号": ""}
NAMESAKE = {"户主姓名": "示例户3", "领款人姓名": "示例户3"}
UNPAID = {"银行账号": ""}


def changed(county: County) -> list[Any]:
    county.sign_off()
    return county.of_kind("enrolment.changed")


def september(county: County, **cells: str) -> County:
    """Household 3 with other cells than the rest."""
    report = county.one(county.write("9月.csv", [HEAD, *rest(3), household(3, **cells)]))
    assert (report.new, report.wrong) == (12, [])
    county.sign_off()
    return county


def in_any_order(county: County, rows: list[list[str]], *, turned: bool) -> FileReport:
    return import_october(county, [HEAD, *rest(3), *(reversed(rows) if turned else rows)])


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "cells", [{}, {**UNPAID, "乡镇": "大冲乡", "村(社区)": "冲尾村"}], ids=["elsewhere", "in the village"]
)
def test_a_whole_number_is_not_that_of_a_listed_namesake_who_hides_hers(
    funded: County, cells: dict[str, str], *, turned: bool
) -> None:
    september(funded, **HIDDEN, **UNPAID)
    rows = [household(3, **HIDDEN, **UNPAID), household(13, **NAMESAKE, **cells)]
    report = in_any_order(funded, rows, turned=turned)
    assert (report.new, report.wrong) == (13, [])
    assert changed(funded) == []


def test_a_whole_number_does_not_take_the_place_of_a_namesake_who_is_missing(funded: County) -> None:
    september(funded, **HIDDEN)
    report = import_october(funded, [HEAD, *rest(3), household(13, **NAMESAKE)])
    assert (report.new, report.wrong) == (12, [])
    assert [note.code for note in report.notes].count("W_ROSTER_ABSENT") == 1
    assert changed(funded) == []


@pytest.mark.parametrize("cells", [{}, UNPAID], ids=["the account", "the village"])
def test_who_hid_an_id_is_known_by_the_account_or_the_village_once_it_is_whole(
    funded: County, cells: dict[str, str]
) -> None:
    september(funded, **HIDDEN, **cells)
    row = household(3, **cells, 家庭编号="431099S03333", 低保证号="")
    report = import_october(funded, [HEAD, *rest(3), row])
    assert (report.wrong, told(report)) == ([], [])
    assert [one.reasons for one in changed(funded)] == [("correction",)]
    assert len(funded.of_kind("enrolment.confirmed")) == 12


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("cells", [BLIND, {"低保证号": ""}], ids=["without numbers", "with numbers"])
def test_two_whole_numbers_under_one_mask_are_two(funded: County, cells: dict[str, str], *, turned: bool) -> None:
    """The one whose account it is was there before, the other is new."""
    own, other = id_number(3), number_like(id_number(3))
    september(funded, **BLIND, 户主身份证号=masked(own))
    cells = {**NAMESAKE, **cells}
    rows = [household(3, **cells, 户主身份证号=own), household(13, **cells, 户主身份证号=other)]
    report = in_any_order(funded, rows, turned=turned)
    assert (report.new, report.wrong) == (13, [])
    assert [one.reasons for one in changed(funded)] == [("correction",)]
    assert len(funded.of_kind("enrolment.confirmed")) == 13


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "numbers", [{"家庭编号": "431099S09913", "低保证号": "NC2020-9913"}, BLIND], ids=["numbered", "without numbers"]
)
def test_a_person_of_two_households_is_told_and_not_refused(
    enrolled: County, numbers: dict[str, str], *, turned: bool
) -> None:
    """Household 3 has another number now. A row of the same person is another household if it has a number too, and
    the same household once more if it has none.
    """
    known = household(3, 家庭编号="431099S03333", 低保证号="")
    report = in_any_order(enrolled, [known, household(3, **numbers, 银行账号="82010530000099913")], turned=turned)
    twice = numbers == BLIND
    assert [code for _, code in codes(report)] == ["E_ROSTER_TWICE"] * twice
    enrolled.sign_off()
    assert len(enrolled.of_kind("enrolment.confirmed")) == 13 - twice
    assert ("W_ENROLLED_TWICE" in enrolled.findings()) is not twice
