"""A county that has not said what excludes what is told so: by the rosters' import, and by what looks for doubts."""

from ledger.flows.public_money.entitlement.usual_exclusions import unset
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import BUREAU

ROSTER = rows_of("dibao_roster.csv")
HEAD = ROSTER[0]
RULE = {"programme": "rural-dibao", "other": "urban-dibao", "effective_from": "2025-01", "decided_on": "2025-01-01"}


def told(county: County, *categories: str) -> list[str]:
    """What the import of a roster of these categories says of it."""
    rows = [dict(zip(HEAD, row, strict=True)) for row in ROSTER[1:3]]
    rows = [{**row, "保障类别": category} for row, category in zip(rows, categories, strict=False)]
    found = county.one(county.write("花名册.csv", [HEAD, *([row[title] for title in HEAD] for row in rows)]))
    return [one.message() for one in found.notes if one.code == "W_EXCLUSIONS_UNSET"]


def test_two_lists_that_usually_exclude_each_other_are_told_of(county: County) -> None:
    (said,) = told(county, "农村低保", "城镇低保")
    assert "城镇低保与农村低保" in said
    assert "template exclusions" in said


def test_one_list_alone_excludes_nothing(county: County) -> None:
    assert told(county, "农村低保") == []


def test_what_is_set_is_not_asked_for_again_even_where_it_is_allowed(county: County) -> None:
    county.decide(BUREAU, ("exclusion.set", {**RULE, "effect": "allowed", "origin": "history"}))
    assert told(county, "农村低保", "城镇低保") == []


def test_the_usual_rules_are_of_the_programmes_that_stand_open(county: County) -> None:
    pairs = {(one.programme, other.programme, effect) for one, other, effect in unset(county.all_events())}
    assert pairs == {
        ("urban-dibao", "destitute", "forbidden"),
        ("rural-dibao", "destitute", "forbidden"),
        ("urban-dibao", "rural-dibao", "forbidden"),
    }
