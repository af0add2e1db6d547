"""What was decided of a household is held against its next row: a stop that is not made, a deduction without cause."""

from typing import Any

import pytest
from sqlalchemy.event import listen

from ledger.application.closing import open_matters
from ledger.application.proposing.reports import FileReport
from ledger.log.appending import read_head
from ledger_projections.public_money.doubts import doubts
from ledger_projections.registry import catch_up
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.table import Asked
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.redress.test_found_dead import FOUNDED, REFUTED, answered
from tests.application.proposing.redress.test_matching_lists import HEAD as LIST_HEAD
from tests.application.proposing.relief.october import OCTOBER, id_number
from tests.application.proposing.relief.paying.bank import at, listed, roster, row_of

STILL, KEPT = "W_STOP_STILL_PAID", "W_OFFSET_NO_RECOVERY"
HOME = 2


def told(report: FileReport, code: str) -> list[int]:
    return [note.place.row for note in report.notes if note.code == code]


def in_doubt(county: County, code: str) -> list[str]:
    with county.store.read() as connection:
        return [str(one.detail["month"]) for one in doubts(connection, code=code).rows if one.reversed_at is None]


def kept_back(county: County, month: str) -> list[str]:
    """The households that the close list of a month names for a deduction without a recovery."""
    with county.store.read() as connection:
        matters = open_matters(connection, BUREAU, month, read_head(connection).position)
    return [name for one in matters if one.what == "offsets" for name in one.names]


def enrolment_of(county: County) -> str:
    (offset,) = county.of_kind("subsidy.offset")
    return str(offset.enrolment)


@pytest.fixture
def october(enrolled: County) -> County:
    enrolled.sign_off()
    at(enrolled, 10, 9)
    row = ["1", "车辆", f"示例户{HOME}", id_number(HOME), "小型客车", "2025-08-01", "2025-10-08", "示例县某局", ""]
    assert enrolled.one(enrolled.write("车辆.csv", [LIST_HEAD, row]), today=enrolled.now.date()).new == 1
    return enrolled


def test_a_row_that_is_still_paid_after_the_stop_is_told(october: County) -> None:
    answered(october, {HOME: FOUNDED})
    report = roster(october, OCTOBER, listed())
    assert (report.wrong, told(report, STILL)) == ([], [1 + HOME])
    (note,) = [one for one in report.notes if one.code == STILL]
    assert all("2025-10" in note.message(language) for language in ("zh", "en"))
    assert in_doubt(october, STILL) == [OCTOBER]


@pytest.mark.parametrize(
    "cells",
    [
        REFUTED,
        {**FOUNDED, "停发月份": ""},
        {**FOUNDED, "停发月份": "2025-11"},
        {**FOUNDED, "处理措施": "减员并抵扣"},
        {**FOUNDED, "处理措施": "调整保障档次"},
    ],
    ids=["refuted", "none", "later", "a member less", "paid less"],
)
def test_what_stops_nothing_is_not_told(october: County, cells: dict[str, str]) -> None:
    answered(october, {HOME: cells})
    assert told(roster(october, OCTOBER, listed()), STILL) == []
    assert in_doubt(october, STILL) == []


def test_a_stop_that_says_how_is_told(october: County) -> None:
    answered(october, {HOME: {**FOUNDED, "处理措施": "取消并追缴"}})
    assert told(roster(october, OCTOBER, listed()), STILL) == [1 + HOME]


def test_the_months_table_says_what_was_decided_and_what_is_paid_all_the_same(october: County) -> None:
    """停发 is a decision; who is still on the list is counted beside it."""
    answered(october, {HOME: FOUNDED})
    assert stops(october) == (1, 0)
    roster(october, OCTOBER, listed())
    assert stops(october) == (1, 1)


def stops(county: County) -> tuple[Any, Any]:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        found = TABLES["M6"].make(connection, Asked(OCTOBER, OCTOBER, county.now.date()))
    return found.column("stopped_persons")[0], found.column("still_paid_persons")[0]


def test_what_is_decided_after_the_list_is_in_doubt_too(october: County) -> None:
    roster(october, OCTOBER, listed())
    assert in_doubt(october, STILL) == []
    answered(october, {HOME: FOUNDED})
    assert in_doubt(october, STILL) == [OCTOBER]


def test_a_line_that_two_decisions_stop_is_in_doubt_once(october: County) -> None:
    """Both of them count in the table of what was compared, each under its own source."""
    row = ["1", "工商登记", f"示例户{HOME}", id_number(HOME), "小型超市", "2025-08-01", "2025-10-08", "示例县某局", ""]
    assert october.one(october.write("工商.csv", [LIST_HEAD, row]), today=october.now.date()).new == 1
    answered(october, {HOME: FOUNDED})
    assert len(october.of_kind("clue.verified")) == 2
    roster(october, OCTOBER, listed())
    assert in_doubt(october, STILL) == [OCTOBER]
    with october.store.read() as connection:
        found = TABLES["M6"].make(connection, Asked(OCTOBER, OCTOBER, october.now.date()))
    assert found.column("still_paid_persons")[:2] == [1, 1]


def asked_of(county: County, month: str) -> tuple[int, int]:
    """How many households a month's close list names for a deduction, and with how many queries."""
    texts: list[str] = []
    with county.store.read() as connection:
        listen(connection, "before_cursor_execute", lambda _one, _cursor, text, *_more: texts.append(text))
        matters = open_matters(connection, BUREAU, month, read_head(connection).position)
    return sum(one.count for one in matters if one.what == "offsets"), len(texts)


def test_the_close_list_asks_no_more_of_many_households_than_of_one(october: County) -> None:
    roster(october, OCTOBER, listed(row_of(HOME, less=20)))
    one, asked = asked_of(october, OCTOBER)
    at(october, 11, 9)
    roster(october, "2025-11", listed(*(row_of(home, less=20) for home in (3, 4, 5))))
    assert (one, asked_of(october, "2025-11")) == (1, (4, asked))


def test_a_deduction_without_a_recovery_is_told_until_one_is_ordered(october: County) -> None:
    report = roster(october, OCTOBER, listed(row_of(HOME, less=20)))
    assert (report.wrong, told(report, KEPT)) == ([], [1 + HOME])
    assert in_doubt(october, KEPT) == [OCTOBER]
    assert (kept_back(october, "2025-09"), kept_back(october, OCTOBER)) == ([], [enrolment_of(october)])
    (term,) = [
        one
        for one in october.of_kind("enrolment.confirmed")
        if one.person == october.vault.reference("person", id_number(HOME))
    ]
    facts = {"finding": "f-1", "person": term.person, "enrolment": term.enrolment, "programme": term.programme}
    found = {**facts, "clues": [], "found_by": "self_check", "authority": "测试民政局", "category": "T05车辆"}
    found |= {
        "confirmed_by": ["示例申", "示例酉"],
        "summary": "多领",
        "persons": 1,
        "amount_fen": 2000,
        "on": "2025-10-09",
    }
    found |= {"reply_waived": False, "origin": "history"}
    order = {**facts, "recovery": "r-1", "fund": "relief", "amount_fen": 2000, "destination": "programme"}
    order |= {"on": "2025-10-09", "origin": "history"}
    served = {"finding": "f-1", "how": "in_person", "on": "2025-10-09"}
    acts = (("finding.confirmed", found), ("notice.served", served), ("recovery.ordered", order))
    october.decide("bureau", *acts, day=october.now.date())
    october.sign_off()
    assert october.of_kind("recovery.ordered") != []
    assert kept_back(october, OCTOBER) == []
    assert in_doubt(october, KEPT) == []
