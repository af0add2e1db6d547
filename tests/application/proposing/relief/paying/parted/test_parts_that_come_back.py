"""A line that was paid comes back in parts, on several days: each return takes what is as large as itself, else what
stands, in any order of the files, and what came back is all paid again.
"""

from collections.abc import Sequence
from itertools import permutations

import pytest

from ledger.application.outcomes import Receipt
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import OCTOBER_BATCH
from tests.application.proposing.relief.paying.bank import (
    arrears,
    at,
    at_the_bank,
    base_of,
    listed,
    result,
    results,
    roster,
    row_of,
)

YUAN = base_of(12)
PART = 30
REST = YUAN - PART
OK, BAD = "成功", "失败"
Line = tuple[str, int, int]
"""Outcome, day of October, yuan."""


def october(county: County) -> County:
    """October's list at the bank."""
    at_the_bank(county)
    at(county, 10, 28)
    return county


def read(county: County, lines: Sequence[Line], name: str = "回盘") -> list[str]:
    """Files of one line of household 12 each, one after another; answers the codes of what was wrong."""
    wrong = []
    for number, (outcome, day, yuan) in enumerate(lines):
        line = result(12, yuan, outcome, f"202510{day:02}", OCTOBER_BATCH)
        wrong += [one.code for one in results(county, line, name=f"{name}{number}.csv").wrong]
    return wrong


def told(county: County) -> list[tuple[str, int, int]]:
    """What the book has of household 12's line: kind, day, yuan; below 0 what came back, and 0 what never left."""
    found = []
    for kind in ("subsidy.paid", "subsidy.returned", "subsidy.returned_late"):
        for one in county.of_kind(kind):
            back = kind == "subsidy.returned_late" or getattr(one, "was_paid", False)
            sign = 1 if kind == "subsidy.paid" else -1 if back else 0
            found.append((kind, one.occurred_on.day, sign * one.amount_fen // 100))
    return found


def stands(county: County) -> int:
    return sum(yuan for _, _, yuan in told(county))


BACK: dict[str, tuple[list[Line], int]] = {
    "a part and then the rest": ([(OK, 9, YUAN), (BAD, 20, PART), (BAD, 21, REST)], 0),
    "the two that were paid apart": ([(OK, 9, REST), (OK, 16, PART), (BAD, 20, PART), (BAD, 21, REST)], 0),
    "one of two, paid again, and both": (
        [(OK, 9, REST), (OK, 12, PART), (BAD, 14, PART), (OK, 16, PART), (BAD, 21, YUAN)],
        0,
    ),
    "a part that is paid again": ([(OK, 9, YUAN), (BAD, 14, PART), (OK, 20, PART)], YUAN),
    "a part that is paid again before the rest comes back": (
        [(OK, 9, YUAN), (BAD, 14, PART), (OK, 16, PART), (BAD, 21, REST)],
        PART,
    ),
    "half of it, twice": ([(OK, 9, YUAN), (BAD, 14, YUAN // 2), (BAD, 21, YUAN // 2)], 0),
}


@pytest.mark.parametrize(("lines", "left"), BACK.values(), ids=BACK.keys())
def test_each_part_that_comes_back_is_booked(enrolled: County, lines: list[Line], left: int) -> None:
    county = october(enrolled)
    assert read(county, lines) == []
    assert stands(county) == left
    assert all(yuan for _, _, yuan in told(county)), "every failure was of money that had left"
    assert [code for code in county.doubts() if code == "W_RETURN_STATE"] == []
    count = len(told(county))
    assert read(county, [*lines, *reversed(lines)], "再来") == []
    assert len(told(county)) == count


FIRST = BACK["a part and then the rest"][0]
APART = BACK["the two that were paid apart"][0]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_part_and_then_the_rest_in_any_order(enrolled: County, order: tuple[int, ...]) -> None:
    county = october(enrolled)
    assert read(county, [FIRST[number] for number in order]) == []
    assert stands(county) == 0


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2), (2, 3, 0, 1), (0, 3, 2, 1)])
def test_two_that_were_paid_apart_in_any_order(enrolled: County, order: tuple[int, ...]) -> None:
    county = october(enrolled)
    assert read(county, [APART[number] for number in order]) == []
    assert stands(county) == 0


def test_what_was_booked_as_all_of_it_is_not_booked_again_in_parts(enrolled: County) -> None:
    """The line was tried again after both parts had come back, and its failure is read before they are."""
    county = october(enrolled)
    assert read(county, [(BAD, 24, YUAN), *FIRST]) == []
    assert stands(county) == 0


def test_a_rest_that_fails_never_left(enrolled: County) -> None:
    """What stands of the line stays where it is, and the rest may be paid."""
    county = october(enrolled)
    assert read(county, [(OK, 9, REST), (BAD, 14, PART)]) == []
    assert stands(county) == REST
    assert read(county, [(OK, 20, PART)], "余款") == []
    assert stands(county) == YUAN


def test_slices_that_failed_on_several_days_are_paid_together(enrolled: County) -> None:
    county = october(enrolled)
    assert read(county, [(BAD, 9, REST), (BAD, 14, PART)]) == []
    at(county, 11, 7)
    report = roster(county, "2025-11", listed(row_of(12, more=YUAN, remark=f"补发10月退票{YUAN}元")))
    assert report.wrong == []
    assert [one.amount_fen for one in arrears(county)] == [YUAN * 100]


WAITS = listed(row_of(12, more=PART, remark=f"补发10月退票{PART}元"))


def test_a_rest_that_failed_waits_in_its_own_batch(enrolled: County) -> None:
    """The next list cannot pay it as money that came back."""
    county = october(enrolled)
    read(county, [(OK, 9, REST), (BAD, 14, PART)])
    at(county, 11, 7)
    (wrong,) = roster(county, "2025-11", WAITS).wrong
    assert (wrong.code, wrong.column) == ("E_REISSUE_REST", "补发(元)")
    assert OCTOBER_BATCH in wrong.message()
    assert "30.00" in wrong.message()
    assert arrears(county) == []


def test_a_rest_that_failed_and_was_taken_out_is_arrears_like_others(enrolled: County) -> None:
    county = october(enrolled)
    read(county, [(OK, 9, REST), (BAD, 14, PART)])
    at(county, 11, 7)
    (paid,) = (one for one in county.of_kind("subsidy.paid") if one.batch == OCTOBER_BATCH)
    of = {"batch": OCTOBER_BATCH, "fund": "relief", "enrolment": paid.enrolment, "payment": paid.payment}
    why = {"rule_code": None, "reason": "未付成的余款转入下月", "moved_to": OCTOBER_BATCH.replace("2025-10", "2025-11")}
    fields = {**of, **why, "amount_fen": PART * 100, "on": "2025-11-07", "origin": "decision"}
    assert isinstance(county.decide(BUREAU, ("batch.line_excluded", fields), day=county.now.date()), Receipt)
    assert roster(county, "2025-11", WAITS).wrong == []
    (made_up,) = arrears(county)
    assert (made_up.batch, made_up.amount_fen, made_up.period_from) == (why["moved_to"], PART * 100, "2025-10")


@pytest.mark.parametrize("lines", [FIRST, APART], ids=["in two", "apart"])
def test_all_that_came_back_is_paid_in_a_later_batch(enrolled: County, lines: list[Line]) -> None:
    county = october(enrolled)
    read(county, lines)
    at(county, 11, 7)
    report = roster(county, "2025-11", listed(row_of(12, more=YUAN, remark=f"补发10月退票{YUAN}元")))
    assert report.wrong == []
    (made_up,) = arrears(county)
    (line,) = {one.payment for one in county.of_kind("subsidy.returned_late")}
    assert (made_up.amount_fen, made_up.reference.payment) == (YUAN * 100, line)


def test_more_than_what_stands_beside_is_paid_twice(enrolled: County) -> None:
    county = october(enrolled)
    lines = [(OK, 9, YUAN), (BAD, 14, PART), (OK, 20, YUAN)]
    assert read(county, lines) == ["E_PAID_TWICE"]
    assert stands(county) == REST


def test_what_failed_of_a_line_beside_what_came_back_is_paid_with_it(enrolled: County) -> None:
    county = october(enrolled)
    read(county, [(OK, 9, REST), (BAD, 14, PART), (BAD, 21, REST)])
    at(county, 11, 7)
    report = roster(county, "2025-11", listed(row_of(12, more=YUAN, remark=f"补发10月退票{YUAN}元")))
    assert report.wrong == []
    assert [one.amount_fen for one in arrears(county)] == [YUAN * 100]


def test_what_came_back_after_a_part_was_authorised_anew_is_the_rest(enrolled: County) -> None:
    county = october(enrolled)
    read(county, FIRST[:2])
    at(county, 11, 7)
    roster(county, "2025-11", listed(row_of(12, more=PART, remark=f"补发10月退票{PART}元")))
    read(county, FIRST[2:], "其余")
    at(county, 12, 7)
    report = roster(county, "2025-12", listed(row_of(12, more=REST, remark=f"补发10月退票{REST}元")))
    assert report.wrong == []
    assert [one.amount_fen // 100 for one in arrears(county)] == [PART, REST]
