"""Who is said to be dead by a finding or a register of recoveries, and was never reported, is paid and in doubt."""

from typing import Any

import pytest

from ledger_projections.public_money.doubts import doubts
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.bereaved.test_dead_payees import reported
from tests.application.proposing.relief.october import OCTOBER, id_number
from tests.application.proposing.relief.paying.bank import at, base_of, listed, result, results, roster, row_of, send
from tests.application.proposing.relief.paying.test_redressed import in_doubt, told

SAID = "W_SAID_DEAD"
BATCH = "rural-dibao-2025-10-01"
HOME = 3
"""A household of one."""


@pytest.fixture
def october(enrolled: County) -> County:
    enrolled.sign_off()
    at(enrolled, 10, 9)
    return enrolled


def planned(reason: str, on: str) -> tuple[str, Any]:
    plan: dict[str, Any] = {"recovery": "r-1", "finding": "f-1", "fund": "relief", "reason": reason}
    return "recovery.planned", {**plan, "on": on, "instalments": [{"due_on": None, "fen": 2000}], "origin": "history"}


def taken_over(person: str) -> tuple[str, Any]:
    """An opening of the bureau's books with a recovery of somebody, and another's."""
    line = {"fund": "relief", "debit_fen": 0, "credit_fen": 0}
    sides = (("recoverable", "r-0", 500), ("recoverable", "r-1", 2000), ("relief_cost", "rural-dibao", -2500))
    lines = [
        {**line, "role": role, "party": party, "year_start_fen": fen, "balance_fen": fen} for role, party, fen in sides
    ]
    row: dict[str, Any] = {"programme": "rural-dibao", "destination": "programme", "fund": "relief"}
    row |= {"collected_fen": 0, "ordered_on": "2025-06-20"}
    owed = [
        {**row, "recovery": f"r-{n}", "finding": f"f-{n}", "person": who, "ordered_fen": fen}
        for n, who, fen in ((0, None, 500), (1, person, 2000))
    ]
    paper = {"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-08-31"}
    lists = ("pledges", "lots", "receivables", "bank_items", "receipt_ranges", "assets")
    fields: dict[str, Any] = {"entity": BUREAU, "period": "2025-09", "on": "2025-09-01", "lines": lines}
    fields |= {"papers": [paper], "net_unrestricted_fen": 0, "net_restricted_fen": 0, "recoveries": owed}
    return "opening.recorded", fields | {name: [] for name in lists}


def found(county: County, *, reason: str | None = None, **more: Any) -> None:
    """A matter of the householder, entered by hand, with its recovery where `reason` says why that is open."""
    person = county.vault.reference("person", id_number(HOME))
    term = next(one for one in county.of_kind("enrolment.confirmed") if one.person == person)
    about = {"finding": "f-1", "person": person, "enrolment": term.enrolment, "programme": term.programme}
    fields = {**about, "clues": [], "found_by": "self_check", "authority": "测试民政局", "category": "多领"}
    fields |= {"confirmed_by": ["示例申", "示例酉"], "summary": "多领", "persons": 1, "amount_fen": 2000}
    fields |= {"reply_waived": False, "on": "2025-09-28", "origin": "history", **more}
    acts: list[tuple[str, Any]] = [("finding.confirmed", fields)]
    if reason is not None:
        order = {**about, "recovery": "r-1", "fund": "relief", "amount_fen": 2000, "destination": "programme"}
        acts.append(("notice.served", {"finding": "f-1", "how": "in_person", "on": "2025-09-28"}))
        acts.append(("recovery.ordered", {**order, "on": "2025-09-28", "origin": "history"}))
        acts.append(planned(reason, "2025-09-29"))
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


def test_a_recovery_that_an_opening_took_over_says_it_of_its_person(october: County) -> None:
    person = october.vault.reference("person", id_number(HOME))
    october.decide(BUREAU, taken_over(person), planned("deceased", "2025-09-29"), day=october.now.date())
    october.sign_off()
    assert len(october.of_kind("recovery.planned")) == 1
    report = roster(october, OCTOBER, listed())
    assert (report.wrong, told(report, SAID)) == ([], [1 + HOME])
    assert in_doubt(october, SAID) == [OCTOBER]


@pytest.mark.parametrize(("reason", "months"), [("hardship", []), ("deceased", [OCTOBER])])
def test_a_newer_plan_says_otherwise(october: County, reason: str, months: list[str]) -> None:
    found(october, reason="deceased")
    october.decide(BUREAU, planned(reason, "2025-10-09"), day=october.now.date())
    october.sign_off()
    assert len(october.of_kind("recovery.planned")) == 2
    report = roster(october, OCTOBER, listed())
    assert (told(report, SAID), in_doubt(october, SAID)) == ([1 + HOME] * len(months), months)


@pytest.mark.parametrize(("findings", "months"), [(1, []), (2, [OCTOBER])])
def test_who_was_taken_in_again_may_be_said_to_be_dead_again(october: County, findings: int, months: list[str]) -> None:
    found(october, category="死亡后领取", period_from="2025-09")
    person = october.vault.reference("person", id_number(HOME))
    term = next(one for one in october.of_kind("enrolment.confirmed") if one.person == person)
    ended: dict[str, Any] = {name: getattr(term, name) for name in ("enrolment", "programme", "household")}
    ended |= {"persons": list(term.covered()), "from_month": OCTOBER, "reason": "income", "origin": "history"}
    again = term.model_dump(mode="json", include=set(type(term).model_fields) - {"id", "kind", "version", "place"})
    again |= {"from_month": OCTOBER, "reason": "new", "origin": "history"}
    october.decide(BUREAU, ("enrolment.ended", ended), ("enrolment.confirmed", again), day=october.now.date())
    october.sign_off()
    if findings > 1:
        found(october, finding="f-2", category="去世后多发", period_from="2025-10")
    report = roster(october, OCTOBER, listed())
    assert (report.wrong, told(report, SAID)) == ([], [1 + HOME] * len(months))
    assert [one for one in in_doubt(october, SAID) if one >= OCTOBER] == months


def test_what_two_matters_say_of_one_row_is_told_once(october: County) -> None:
    found(october, category="死亡后领取", period_from="2025-10")
    found(october, finding="f-2", category="去世后多发", period_from="2025-10")
    report = roster(october, OCTOBER, listed())
    assert (told(report, SAID), in_doubt(october, SAID)) == ([1 + HOME], [OCTOBER])


def test_the_rest_of_a_line_that_is_taken_out_leaves_what_was_paid_in_doubt(october: County) -> None:
    """Who was paid a part was paid; only a line that is out whole pays nobody."""
    roster(october, OCTOBER, listed())
    send(october, BATCH)
    assert results(october, result(HOME, base_of(HOME) - 10, "成功", "20251009", BATCH)).wrong == []
    found(october, category="死亡后领取", period_from="2025-10")
    (line,) = (one for one in october.of_kind("subsidy.paid") if one.batch == BATCH)
    taken = {"batch": BATCH, "fund": line.fund, "enrolment": line.enrolment, "payment": line.payment}
    taken |= {"amount_fen": 1_000, "reason": "少付的不再补", "on": "2025-10-09", "origin": "decision"}
    october.decide(BUREAU, ("batch.line_excluded", taken), day=october.now.date())
    october.sign_off()
    assert len(october.of_kind("batch.line_excluded")) == 1
    assert amounts(october) == [line.amount_fen]


def amounts(county: County) -> list[Any]:
    with county.store.read() as connection:
        return [one.detail["amount_fen"] for one in doubts(connection, code=SAID).rows if one.reversed_at is None]


def test_aid_that_is_paid_because_somebody_died_is_no_doubt(october: County) -> None:
    """Neither at its row nor among the doubts: a list of funeral aid is of the dead."""
    aid: dict[str, Any] = {"programme": "funeral-aid", "name": "殡葬救助", "scheme": "funeral", "unit": "household"}
    aid |= {"categories": [], "fund": "relief", "function_code": "20819", "on": "2025-09-01", "origin": "history"}
    standard: dict[str, Any] = {"programme": "funeral-aid", "amount_fen_per_month": 50_000, "tiers_fen": []}
    standard |= {"effective_from": "2025-01", "document": "示民发〔2024〕30号", "decided_on": "2024-12-20"}
    standard |= {"origin": "history"}
    kinds = [("standard.set", {**standard, "category": f"农村{one}类"}) for one in "ABC"]
    october.decide(BUREAU, ("programme.opened", aid), *kinds, day=october.now.date())
    october.sign_off()
    roster(october, "2025-09", aided := [*listed()[:1], row_of(HOME)], programme="funeral-aid")
    found(october, category="死亡后领取", period_from="2025-10")
    report = roster(october, OCTOBER, aided, programme="funeral-aid")
    paid = [one.period_to for one in october.of_kind("subsidy.authorised") if one.programme == "funeral-aid"]
    assert (report.wrong, paid) == ([], ["2025-09", OCTOBER])
    assert (told(report, SAID), in_doubt(october, SAID)) == ([], [])
