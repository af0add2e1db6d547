"""Two lines of one household that come to the same: each is of a payment of its own, on whatever days and in whichever
order the files tell of them, and the same files again tell nothing new.
"""

from itertools import permutations
from typing import Any

import pytest

from tests.application.proposing.county import County
from tests.application.proposing.relief.october import OCTOBER_BATCH
from tests.application.proposing.relief.paying.bank import (
    RESULT_HEAD,
    at,
    at_the_bank,
    base_of,
    result,
    results,
    row_of,
)

YUAN = base_of(12)
FEN = YUAN * 100
Files = list[list[list[str]]]


def line(outcome: str, day: int, seq: int = 7, yuan: int = YUAN) -> list[str]:
    """A line of household 12."""
    found = result(12, yuan, outcome, f"202510{day:02}", OCTOBER_BATCH)
    found[RESULT_HEAD.index("序号")] = str(seq)
    return found


def october(county: County, more: int = YUAN) -> County:
    """October's list, on which household 12 is paid as much again, or another amount, beside its month."""
    at_the_bank(county, row_of(12, more=more, remark="补发8月"))
    at(county, 10, 28)
    return county


def told(county: County) -> list[Any]:
    """What the book has of household 12's results."""
    return county.of_kind("subsidy.paid") + county.of_kind("subsidy.returned") + county.of_kind("subsidy.returned_late")


def standing(county: County) -> dict[str, int]:
    """Payment -> what stands paid of it."""
    found: dict[str, int] = {}
    for one in told(county):
        back = one.kind == "subsidy.returned_late" or (one.kind == "subsidy.returned" and one.was_paid)
        sign = 1 if one.kind == "subsidy.paid" else -1 if back else 0
        found[one.payment] = found.get(one.payment, 0) + sign * one.amount_fen
    return found


def read(county: County, files: Files) -> None:
    """The files, one after another, and then all of them again in both orders."""
    for number, lines in enumerate(files):
        assert results(county, *lines, name=f"回盘{number}.csv").wrong == []
    count = len(told(county))
    for number, lines in enumerate([*files, *reversed(files)]):
        report = results(county, *lines, name=f"再来{number}.csv")
        assert (report.new, report.duplicate, report.wrong) == (0, len(lines), [])
    assert len(told(county)) == count


OK, BAD = "成功", "失败"
PAID_LATER: dict[str, Files] = {
    "one of two failed": [[line(OK, 9), line(BAD, 9, 8)], [line(OK, 14)]],
    "both failed": [[line(BAD, 9), line(BAD, 9, 8)], [line(OK, 14)], [line(OK, 15)]],
    "both came back": [
        [line(OK, 9), line(OK, 9, 8)],
        [line(BAD, 14)],
        [line(BAD, 15)],
        [line(OK, 20)],
        [line(OK, 21)],
    ],
}


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("files", PAID_LATER.values(), ids=PAID_LATER.keys())
def test_what_failed_is_what_is_paid_later(enrolled: County, files: Files, *, backward: bool) -> None:
    county = october(enrolled)
    read(county, files[::-1] if backward else files)
    assert sorted(standing(county).values()) == [FEN, FEN]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_that_came_back_are_two(enrolled: County, order: tuple[int, ...]) -> None:
    county = october(enrolled)
    files = [[line(OK, 9), line(OK, 9, 8)], [line(BAD, 20)], [line(BAD, 25)]]
    read(county, [files[number] for number in order])
    assert list(standing(county).values()) == [0, 0]


def test_what_is_paid_a_third_time_is_paid_twice(enrolled: County) -> None:
    county = october(enrolled)
    assert results(county, line(OK, 9), line(OK, 9, 8)).wrong == []
    report = results(county, line(OK, 14), name="回盘2.csv")
    assert [one.code for one in report.wrong] == ["E_PAID_TWICE"]


def test_the_rest_of_one_is_not_the_other_that_comes_to_it(enrolled: County) -> None:
    rest = 30
    county = october(enrolled, rest)
    files = [[line(OK, 9, yuan=YUAN - rest), line(OK, 9, 8, yuan=rest)], [line(OK, 16, yuan=rest)]]
    read(county, files)
    assert sorted(standing(county).values()) == [rest * 100, FEN]


def test_the_rest_of_what_is_beside_the_month_is_paid(enrolled: County) -> None:
    county = october(enrolled, 300)
    assert results(county, line(OK, 9), line(OK, 9, 8, yuan=300)).wrong == []
    report = results(county, line(OK, 14, yuan=300), name="回盘2.csv")
    assert [one.code for one in report.wrong] == ["E_PAID_TWICE"], "and is no part of the month"


def test_a_line_that_stands_in_a_file_twice_is_one(enrolled: County) -> None:
    county = october(enrolled)
    serial = line(OK, 9)
    serial[RESULT_HEAD.index("银行流水号")] = "S202510090001"
    report = results(county, serial, serial)
    assert (report.new, report.duplicate, report.wrong) == (1, 1, [])
    assert list(standing(county).values()) == [FEN]


def test_a_failure_that_may_be_of_either_is_told(enrolled: County) -> None:
    """One stands and the other failed: whether that was sent again and failed once more, the line does not say."""
    county = october(enrolled)
    assert results(county, line(OK, 9), line(BAD, 9, 8)).notes == []
    report = results(county, line(BAD, 14), name="回盘2.csv")
    (told_of,) = [one for one in report.notes if one.code == "W_RETURN_EITHER"]
    assert dict(told_of.params) == {"batch": OCTOBER_BATCH, "on": "2025-10-14", "amount_fen": FEN}
    assert told_of.place.row == 2
    again = results(county, line(BAD, 14), name="再来.csv")
    assert [one.code for one in again.notes] == []


@pytest.mark.parametrize("first", [BAD, OK])
def test_a_failure_that_can_be_of_one_only_is_not(enrolled: County, first: str) -> None:
    """Both stood paid, or what failed was paid since."""
    county = october(enrolled)
    results(county, line(OK, 9), line(first, 9, 8))
    if first == BAD:
        results(county, line(OK, 12), name="回盘2.csv")
    report = results(county, line(BAD, 14), name="回盘3.csv")
    assert (report.wrong, [one.code for one in report.notes]) == ([], [])
