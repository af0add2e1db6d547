"""Where and when the money of a recovery register came: into which of several boxes and accounts, and how early."""

from typing import Any

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import BUREAU, account_fact
from tests.application.proposing.redress.test_recovery_register import cells, take

HEAD, _, _, IN_CASH = rows_of("recoveries.csv")
PAID_IN: Grid = cells([HEAD, IN_CASH], {"追缴方式": "转账"})


def second(county: County, account: str, holding: str, *aliases: str) -> None:
    """One more box or account of the bureau."""
    county.decide(BUREAU, account_fact(account, holding, "relief", aliases=list(aliases)))


def lay_in(county: County) -> list[str]:
    return [one.account for one in county.of_kind("recovery.collected")]


def refused(found: Any) -> Any:
    (one,) = found.wrong
    assert (one.place.row, one.column) == (2, "追缴方式")
    return one


def test_the_named_box_takes_the_cash(county: County) -> None:
    second(county, "box-2", "cash", "二号代收现金")
    assert take(county, "追缴.csv", [HEAD, IN_CASH], account="box-2").wrong == []
    assert lay_in(county) == ["box-2"]


def test_the_named_account_takes_the_transfer(county: County) -> None:
    second(county, "return-2", "bank", "二号专户")
    assert take(county, "追缴.csv", PAID_IN, account="return-2").wrong == []
    assert lay_in(county) == ["return-2"]


@pytest.mark.parametrize("alias", ["大冲乡", "大冲", "大冲乡代收现金", "大冲乡(代收)"])
def test_the_box_of_the_rows_township_takes_its_cash(county: County, alias: str) -> None:
    second(county, "box-2", "cash", alias)
    second(county, "box-3", "cash", "石岭镇代收现金")
    assert take(county, "追缴.csv", [HEAD, IN_CASH]).wrong == []
    assert lay_in(county) == ["box-2"]


def test_a_box_of_just_this_word_comes_before_one_that_begins_with_it(county: County) -> None:
    second(county, "box-2", "cash", "大冲乡二所")
    second(county, "box-3", "cash", "大冲乡")
    assert take(county, "追缴.csv", [HEAD, IN_CASH]).wrong == []
    assert lay_in(county) == ["box-3"]


def test_what_the_user_says_goes_before_the_township(county: County) -> None:
    second(county, "box-2", "cash", "大冲乡")
    assert take(county, "追缴.csv", [HEAD, IN_CASH], account="bureau-cash").wrong == []
    assert lay_in(county) == ["bureau-cash"]


def test_the_box_that_is_named_takes_no_transfer(county: County) -> None:
    """A register has both: the option is for the rows of its kind, and the only bank account takes the others."""
    second(county, "box-2", "cash")
    assert take(county, "追缴.csv", PAID_IN, account="box-2").wrong == []
    assert lay_in(county) == ["bureau-return"]


@pytest.mark.parametrize(
    ("boxes", "more", "listed"),
    [
        ({"box-2": "二号"}, {}, ["bureau-cash（乡镇代收现金）", "box-2（二号）"]),
        ({"box-2": "二号"}, {"account": "bureau-return"}, ["bureau-cash（乡镇代收现金）", "box-2（二号）"]),
        ({"box-2": "大冲乡一所", "box-3": "大冲乡二所"}, {}, ["box-2（大冲乡一所）", "box-3（大冲乡二所）"]),
    ],
    ids=["of no township", "the option names no box", "two of the township"],
)
def test_several_boxes_are_listed_with_what_works(
    county: County, boxes: dict[str, str], more: dict[str, Any], listed: list[str]
) -> None:
    for box, alias in boxes.items():
        second(county, box, "cash", alias)
    one = refused(take(county, "追缴.csv", [HEAD, IN_CASH], **more))
    assert one.code == "E_RECOVERY_ACCOUNT"
    assert "现金" in one.message()
    assert "cash" in one.message("en")
    for language in ("zh", "en"):
        assert "、".join(listed) in one.message(language)
        assert "--account" in one.message(language)


def test_an_account_that_nobody_registered_is_told(county: County) -> None:
    one = refused(take(county, "追缴.csv", [HEAD, IN_CASH], account="box-9"))
    assert (one.code, one.params["name"]) == ("E_ACCOUNT_CHOICE", "box-9")


def test_the_account_of_another_entity_takes_nothing(county: County) -> None:
    """One import may bring a charity's statement and a bureau's register: the option is the statement's then."""
    assert take(county, "追缴.csv", [HEAD, IN_CASH], account="cash").wrong == []
    assert lay_in(county) == ["bureau-cash"]


def test_what_is_booked_stays_where_it_lies(county: County) -> None:
    second(county, "box-2", "cash")
    assert take(county, "追缴.csv", [HEAD, IN_CASH], account="box-2").wrong == []
    again = take(county, "追缴.csv", [HEAD, IN_CASH], account="bureau-cash")
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])


@pytest.mark.parametrize(
    ("paid_on", "told"), [("2025-06-20", True), ("2025-07-01", True), ("2025-07-02", False), ("2025-07-15", False)]
)
def test_money_that_came_before_it_was_asked_for_is_told(county: County, paid_on: str, *, told: bool) -> None:
    """Whoever gives back by himself does so early, and a day that was mistyped looks alike: booked, and told once."""
    grid = cells([HEAD, IN_CASH], {"最近到账日期": paid_on})
    found = take(county, "追缴.csv", grid)
    assert (found.new, found.wrong) == (1, [])
    said = [one for one in found.notes if one.code == "W_RECOVERY_EARLY"]
    assert [one.params for one in said] == ([{"paid_on": paid_on, "ordered_on": "2025-07-02"}] if told else [])
    again = take(county, "追缴.csv", grid)
    assert [one.code for one in again.notes if one.code == "W_RECOVERY_EARLY"] == []
