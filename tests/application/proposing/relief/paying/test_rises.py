"""A rise of the standard that is paid afterwards is held against the standards; what is paid beside the month has a
reason.
"""

from typing import Any

import pytest

from ledger.application.importing.rows import Note
from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import OCTOBER
from tests.application.proposing.relief.paying.bank import arrears, at, listed, result, results, roster, row_of, send

CODE = "W_UPLIFT_AMOUNT"
NUMBER, PERSONS = 5, 3
NOVEMBER = "2025-11"


def told(report: FileReport) -> list[Note]:
    return [note for note in report.notes if note.code == CODE]


def raised(county: County, **more: Any) -> None:
    """From September on 20 yuan more a head, decided in November."""
    fields = {"programme": "rural-dibao", "category": "农村B类", "amount_fen_per_month": 52_000, "tiers_fen": []}
    rest = {"effective_from": "2025-09", "decided_on": "2025-11-05", "document": "示民发〔2025〕9号", **more}
    county.decide(BUREAU, ("standard.set", {**fields, **rest, "origin": "decision"}), day=county.now.date())


def at_the_new_standard(number: int, more: int, remark: str, **cells: str) -> list[str]:
    persons = 1 + number % 3
    base = (520 - (100 + 10 * number)) * persons
    new = {"保障标准(元/人月)": "520", "月人均补差(元)": str(base // persons), "基本保障金(元)": str(base)}
    return row_of(number, more, 0, remark, **{**new, **cells})


@pytest.fixture
def decided(enrolled: County) -> County:
    """September and October at the old standard, and a rise since September decided in November."""
    enrolled.sign_off()
    at(enrolled, 10, 8)
    assert roster(enrolled, OCTOBER, listed()).wrong == []
    at(enrolled, 11, 8)
    raised(enrolled)
    return enrolled


@pytest.mark.parametrize("dry_run", [True, False], ids=["looked at", "posted"])
@pytest.mark.parametrize(("yuan", "is_told"), [(20 * PERSONS * 2, False), (240, True), (20, True)])
def test_an_amount_that_the_standards_do_not_make_is_told(
    decided: County, yuan: int, *, is_told: bool, dry_run: bool
) -> None:
    grid = listed(at_the_new_standard(NUMBER, yuan, "提标补差9-10月"))
    path = decided.write("花名册11月.csv", grid)
    report = decided.one(path, month=NOVEMBER, today=decided.now.date(), dry_run=dry_run)
    assert report.wrong == [], "and it is taken in: the county may know why"
    notes = told(report)
    assert len(notes) == is_told
    for note in notes:
        assert note.place.row == 1 + NUMBER
        for word in (f"{yuan}.00", "120.00", "500.00", "520.00", "3 人", "2025-09", "2025-10"):
            assert word in note.message("zh")


def test_what_the_book_cannot_work_out_is_not_told(decided: County) -> None:
    """Months before the book, and a remark without months."""
    rows = [at_the_new_standard(NUMBER, 999, "提标补差8-10月"), at_the_new_standard(2, 999, "提标补差")]
    assert told(roster(decided, NOVEMBER, listed(*rows))) == []


def test_a_rise_that_no_decision_of_the_book_made_is_not_told(enrolled: County) -> None:
    enrolled.sign_off()
    at(enrolled, 10, 8)
    assert told(roster(enrolled, OCTOBER, listed(row_of(NUMBER, 60, 0, "提标补差9月")))) == []


def test_what_comes_beside_the_month_has_a_reason(decided: County) -> None:
    report = roster(decided, NOVEMBER, listed(row_of(NUMBER, 120)))
    assert codes(report) == [(1 + NUMBER, "E_ARREARS_REASON")]
    assert (report.wrong[0].column, report.new, arrears(decided)) == ("备注", 11, [])
    assert "120.00" in report.wrong[0].message()


def test_what_came_back_is_a_reason_by_itself(enrolled: County) -> None:
    """It names the payment that failed."""
    enrolled.sign_off()
    send(enrolled)
    yuan = PERSONS * (500 - 150)
    assert results(enrolled, result(NUMBER, yuan, "失败", "20250920")).wrong == []
    at(enrolled, 10, 8)
    assert roster(enrolled, OCTOBER, listed(row_of(NUMBER, yuan))).wrong == []
    (again,) = arrears(enrolled)
    assert again.reference.payment
