"""The book looks through its own rosters: a shared account becomes one doubt, in the holder's name, and only once."""

from typing import Any

import pytest

from ledger.application.importing.check_sheets import is_own_number
from ledger.application.proposing.context import Context
from ledger_api.self_checks import Hit, hits, raised
from ledger_projections.registry import catch_up
from tests.application.importing.offices import Grid
from tests.application.proposing.county import TODAY, County, rows_of
from tests.application.proposing.county_facts import BUREAU

ROSTER = rows_of("dibao_roster.csv")
HEAD = ROSTER[0]
OFFICER = "clerk-bureau"


def roster(**cells: str) -> Grid:
    """The September roster, in which all households are paid like the first one, but for what `cells` say."""
    first = dict(zip(HEAD, ROSTER[1], strict=True))
    same = {name: first[name] for name in ("领款人姓名", "领款人身份证号", "代发银行", "银行账号")}
    rows = [dict(zip(HEAD, row, strict=True)) for row in ROSTER[1:]]
    others = [{**row, **same, "与户主关系": "邻居", **cells} for row in rows[1:]]
    return [HEAD, *([row[title] for title in HEAD] for row in (rows[0], *others))]


def checked(county: County) -> tuple[list[Hit], list[tuple[Hit, Any]]]:
    """What is found, and what of it is new."""
    catch_up(county.store)
    context = Context(county.store, county.vault, county.options(OFFICER))
    with county.store.read() as connection:
        found = hits(connection, context)
    return found, list(raised(context, found))


@pytest.fixture
def shared(county: County) -> County:
    assert county.one(county.write("花名册.csv", roster()), month="2025-09").wrong == []
    county.sign_off()
    return county


def test_a_shared_account_is_one_doubt_in_its_holders_name(shared: County) -> None:
    (found,), ((hit, event),) = checked(shared)
    assert found == hit
    assert (event.kind, event.test, event.found_by) == ("clue.raised", "T07一户多领", "self_check")
    assert event.person == shared.vault.reference("person", dict(zip(HEAD, ROSTER[1], strict=True))["户主身份证号"])
    assert is_own_number(event.clue)
    assert (event.raised_on, event.data_as_of, event.township) == (TODAY, TODAY, "石岭镇")
    others = [one for one in shared.of_kind("enrolment.confirmed") if one.enrolment != event.enrolment]
    assert event.exposure_fen == sum(one.monthly.total_fen for one in others) > 0
    assert event.summary.startswith(f"一个账户代领{len(others) + 1}户")


def test_what_was_raised_once_is_not_raised_again(shared: County) -> None:
    _, ((_, event),) = checked(shared)
    stated = event.model_dump(mode="json", exclude={"kind", "id"})
    shared.decide(BUREAU, ("clue.raised", stated))
    shared.sign_off()
    assert [one.clue for one in shared.of_kind("clue.raised")] == [event.clue]
    found, new = checked(shared)
    assert (len(found), new) == (1, [])


@pytest.mark.parametrize(
    ("what", "cells"),
    [
        ("a care home receives", {"领款人姓名": "石岭镇敬老院", "领款人身份证号": "", "银行账号": "82010530000077777"}),
        ("a guardian receives", {"与户主关系": "监护人", "领款人姓名": "示例壬", "银行账号": "82010530000077777"}),
    ],
)
def test_an_account_that_is_shared_by_right_is_no_doubt(county: County, what: str, cells: dict[str, str]) -> None:
    assert county.one(county.write("花名册.csv", roster(**cells)), month="2025-09").wrong == [], what
    county.sign_off()
    assert checked(county) == ([], [])
