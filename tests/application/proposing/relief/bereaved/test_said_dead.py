"""Who is said to be dead by a finding or a register of recoveries, and was never reported, is paid and in doubt."""

from typing import Any

import pytest

from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.bereaved.test_dead_payees import reported
from tests.application.proposing.relief.october import OCTOBER, id_number
from tests.application.proposing.relief.paying.bank import at, listed, roster
from tests.application.proposing.relief.paying.test_redressed import in_doubt, told

SAID = "W_SAID_DEAD"
HOME = 3
"""A household of one."""


@pytest.fixture
def october(enrolled: County) -> County:
    enrolled.sign_off()
    at(enrolled, 10, 9)
    return enrolled


def found(county: County, *, reason: str | None = None, **more: Any) -> None:
    """A matter of the householder, entered by hand, with its recovery where `reason` says why that is open."""
    person = county.vault.reference("person", id_number(HOME))
    (term,) = (one for one in county.of_kind("enrolment.confirmed") if one.person == person)
    about = {"finding": "f-1", "person": person, "enrolment": term.enrolment, "programme": term.programme}
    fields = {**about, "clues": [], "found_by": "self_check", "authority": "测试民政局", "category": "多领"}
    fields |= {"confirmed_by": ["示例申", "示例酉"], "summary": "多领", "persons": 1, "amount_fen": 2000}
    fields |= {"reply_waived": False, "on": "2025-09-28", "origin": "history", **more}
    acts: list[tuple[str, Any]] = [("finding.confirmed", fields)]
    if reason is not None:
        order = {**about, "recovery": "r-1", "fund": "relief", "amount_fen": 2000, "destination": "programme"}
        plan: dict[str, Any] = {"recovery": "r-1", "finding": "f-1", "fund": "relief", "reason": reason}
        plan |= {"on": "2025-09-29", "instalments": [{"due_on": None, "fen": 2000}], "origin": "history"}
        acts.append(("notice.served", {"finding": "f-1", "how": "in_person", "on": "2025-09-28"}))
        acts.append(("recovery.ordered", {**order, "on": "2025-09-28", "origin": "history"}))
        acts.append(("recovery.planned", plan))
    county.decide(BUREAU, *acts, day=county.now.date())
    county.sign_off()
    assert len(county.of_kind("recovery.planned")) == (reason is not None)


@pytest.mark.parametrize(
    "matter",
    [{"category": "T01死亡后领取", "period_from": "2025-10"}, {"category": "去世后多发"}, {"reason": "deceased"}],
    ids=["a finding of a month", "a finding", "a recovery"],
)
def test_who_is_said_to_be_dead_is_paid_and_in_doubt(october: County, matter: dict[str, Any]) -> None:
    found(october, **matter)
    report = roster(october, OCTOBER, listed())
    assert (report.wrong, told(report, SAID)) == ([], [1 + HOME])
    assert in_doubt(october, SAID) == [OCTOBER]
    assert october.of_kind("death.reported") == [], "nobody signed for a death"


@pytest.mark.parametrize(
    "matter",
    [
        {"category": "T05车辆"},
        {"category": "死亡后多发(户内成员)"},
        {"category": "T01死亡后领取", "period_from": "2025-11"},
        {"reason": "hardship"},
    ],
    ids=["another matter", "of the family", "later", "another reason"],
)
def test_what_says_of_nobody_that_he_is_dead_is_not_told(october: County, matter: dict[str, Any]) -> None:
    found(october, **matter)
    report = roster(october, OCTOBER, listed())
    assert (told(report, SAID), in_doubt(october, SAID)) == ([], [])


def test_what_is_said_after_the_list_is_in_doubt_until_the_death_is_reported(october: County) -> None:
    roster(october, OCTOBER, listed())
    assert in_doubt(october, SAID) == []
    found(october, category="死亡后领取", period_from="2025-10")
    assert in_doubt(october, SAID) == [OCTOBER]
    reported(october, HOME)
    assert in_doubt(october, SAID) == []
