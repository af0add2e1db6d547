"""Several results of one day for one line: slices that the bank pays or sends back on the same day are each booked, and
what tells one of them again is not, in whatever order and by whichever file.
"""

from itertools import permutations
from typing import NamedTuple

import pytest

from ledger.application.open_items import open_items
from ledger_projections.public_money.batches import batches
from ledger_projections.public_money.failures import failures
from ledger_projections.registry import catch_up
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import OCTOBER, OCTOBER_BATCH
from tests.application.proposing.relief.paying.bank import RESULT_HEAD, base_of, result, results
from tests.application.proposing.relief.paying.parted.test_parts_that_come_back import october, stands, told

YUAN = base_of(12)
PART = 30
REST = YUAN - PART
HALF = YUAN // 2
OK, BAD = "成功", "失败"
_AGAIN = "E_RETURN_TWICE"


class Line(NamedTuple):
    """A line of household 12."""

    outcome: str
    day: int
    yuan: int
    serial: str = ""
    seq: int = 7


def row(line: Line) -> list[str]:
    found = result(12, line.yuan, line.outcome, f"202510{line.day:02}", OCTOBER_BATCH)
    found[RESULT_HEAD.index("银行流水号")] = line.serial
    found[RESULT_HEAD.index("序号")] = str(line.seq)
    return found


def read(county: County, *files: list[Line], name: str = "回盘") -> list[str]:
    """The files one after another; answers the codes of what was wrong."""
    wrong = []
    for number, lines in enumerate(files):
        report = results(county, *map(row, lines), name=f"{name}{number}.csv")
        wrong += [one.code for one in report.wrong]
    return wrong


PAID = [[Line(OK, 9, REST)], [Line(OK, 12, PART)]]
APART = {
    "by their sums": [*PAID, [Line(BAD, 20, REST)], [Line(BAD, 20, PART)]],
    "by their numbers": [
        [Line(OK, 9, HALF)],
        [Line(OK, 12, HALF)],
        [Line(BAD, 20, HALF, "S1")],
        [Line(BAD, 20, HALF, "S2")],
    ],
    "of what was paid at once": [[Line(OK, 9, YUAN)], [Line(BAD, 20, REST)], [Line(BAD, 20, PART)]],
    "in one file": [*PAID, [Line(BAD, 20, REST, seq=7), Line(BAD, 20, PART, seq=8)]],
    "paid on one day": [[Line(OK, 9, REST), Line(OK, 9, PART, seq=8)], [Line(BAD, 20, REST)], [Line(BAD, 20, PART)]],
}


@pytest.mark.parametrize("files", APART.values(), ids=APART)
def test_each_return_of_a_day_is_booked(enrolled: County, files: list[list[Line]]) -> None:
    county = october(enrolled)
    assert read(county, *files) == []
    assert stands(county) == 0
    lines = [line for lines in files for line in lines]
    assert len(told(county)) == len(lines)
    assert [code for code in county.doubts() if code == "W_RETURN_STATE"] == []
    assert read(county, *files, *reversed(files), name="再来") == []
    assert len(told(county)) == len(lines)
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        (batch,) = batches(connection, first=OCTOBER, last=OCTOBER).rows
        found = failures(connection, month=OCTOBER)
    assert batch.failed_fen == found.open_fen == YUAN * 100


HALVES = [Line(OK, 9, HALF, seq=7), Line(BAD, 9, HALF, seq=8)]


@pytest.mark.parametrize(
    "files",
    [[HALVES], [HALVES[::-1]], [[HALVES[0]], [HALVES[1]]], [[HALVES[1]], [HALVES[0]]]],
    ids=["paid first", "failed first", "apart", "apart, failed first"],
)
def test_one_half_is_paid_and_the_other_fails(enrolled: County, files: list[list[Line]]) -> None:
    """Of two equal halves of one day the one that failed never left, whichever the file tells first."""
    county = october(enrolled)
    assert read(county, *files) == []
    assert stands(county) == HALF
    assert sorted(told(county)) == [("subsidy.paid", 9, HALF), ("subsidy.returned", 9, 0)]
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        (batch,) = batches(connection, first=OCTOBER, last=OCTOBER).rows
        assert batch.failed_fen == failures(connection, month=OCTOBER).open_fen == HALF * 100
    assert read(county, *files, *reversed(files), name="再来") == []
    assert len(told(county)) == 2


def test_the_half_that_was_paid_comes_back_by_its_number(enrolled: County) -> None:
    county = october(enrolled)
    assert read(county, [Line(OK, 9, HALF, "S2025100900017")], [Line(BAD, 9, HALF, "S2025100900017")]) == []
    assert stands(county) == 0


@pytest.mark.parametrize("order", list(permutations(range(4)))[1::3])
@pytest.mark.parametrize("name", ["by their sums", "by their numbers"])
def test_in_any_order(enrolled: County, name: str, order: tuple[int, ...]) -> None:
    county = october(enrolled)
    files = [APART[name][number] for number in order]
    assert read(county, *files) == []
    assert stands(county) == 0
    count = len(told(county))
    assert read(county, *reversed(files), name="再来") == []
    assert len(told(county)) == count


@pytest.mark.parametrize(
    ("serials", "stand"),
    [(("S202510200001", ""), HALF), (("", "S202510200001"), HALF), (("0081-D0000001", "81d0000001"), HALF)],
)
def test_the_same_return_of_another_file_is_one(enrolled: County, serials: tuple[str, str], stand: int) -> None:
    """Its number is missing there, or spelled otherwise."""
    county = october(enrolled)
    first, second = ([Line(BAD, 20, HALF, serial)] for serial in serials)
    assert read(county, [Line(OK, 9, YUAN)], first) == []
    report = results(county, *map(row, second), name="另一份.csv")
    assert (report.new, report.duplicate, report.wrong) == (0, 1, [])
    assert stands(county) == stand


@pytest.mark.parametrize("outcome", [OK, BAD])
def test_two_of_one_sum_in_one_file_without_numbers_are_told(enrolled: County, outcome: str) -> None:
    """Whether it is another one or the same once more nobody can know: neither is booked, and the cure is said."""
    county = october(enrolled)
    read(county, *([[Line(OK, 9, YUAN)]] if outcome == BAD else []))
    both = [Line(outcome, 20, HALF, seq=7), Line(outcome, 20, HALF, seq=8)]
    report = results(county, *map(row, both), name="两笔.csv")
    before = YUAN if outcome == BAD else 0
    code = "E_RETURN_TWICE" if outcome == BAD else "E_PAID_TWICE"
    assert [(one.place.row, one.code) for one in report.wrong] == [(2, code), (3, code)]
    assert "流水号" in report.wrong[0].message()
    assert "serial" in report.wrong[0].message("en")
    assert (report.new, stands(county)) == (0, before)
    numbered = [line._replace(serial=f"S20251020000{line.seq}") for line in both]
    again = results(county, *map(row, numbered), name="两笔有号.csv")
    assert (again.new, again.duplicate, again.wrong) == (2, 0, [])
    assert stands(county) == YUAN - before


def test_a_row_that_stands_in_the_file_again_is_not_booked_where_its_twin_is_refused(enrolled: County) -> None:
    county = october(enrolled)
    read(county, [Line(OK, 9, YUAN)])
    alike = [Line(BAD, 20, HALF, seq=number) for number in (7, 7, 8)]
    report = results(county, *map(row, alike), name="三行.csv")
    assert {(one.place.row, one.code) for one in report.wrong} == {(2, _AGAIN), (3, _AGAIN), (4, _AGAIN)}
    assert (report.new, stands(county)) == (0, YUAN)
    assert [note.code for note in report.notes if note.code == "W_RETURN_EITHER"] == []


@pytest.mark.parametrize("yuan", [(REST, PART), (PART, REST)])
def test_two_slices_paid_on_one_day_are_both_booked(enrolled: County, yuan: tuple[int, int]) -> None:
    county = october(enrolled)
    first, second = yuan
    assert read(county, [Line(OK, 9, first)], [Line(OK, 9, second)]) == []
    assert stands(county) == YUAN
    assert sum(one.households for one in county.of_kind("subsidy.paid")) == 1
    assert read(county, [Line(OK, 9, second)], [Line(OK, 9, first)], name="再来") == []
    assert len(told(county)) == 2
    assert "W_PAYMENT_AMOUNT" in county.doubts(), "the first was less than was due"


def test_all_of_it_told_again_under_another_number_is_told(enrolled: County) -> None:
    county = october(enrolled)
    assert read(county, [Line(OK, 9, YUAN)], [Line(BAD, 20, YUAN, "S1")]) == []
    report = results(county, row(Line(BAD, 20, YUAN, "S2")), name="另一份.csv")
    assert (report.new, len(report.wrong)) == (0, 1)
    assert stands(county) == 0


def test_a_rest_that_failed_stays_an_open_item_beside_what_came_back_that_day(enrolled: County) -> None:
    """The bank shows it going out and coming back; what had been paid and came back is no proof that it was too."""
    county = october(enrolled)
    assert read(county, [Line(OK, 9, REST)], [Line(BAD, 20, PART, seq=7), Line(BAD, 20, REST, seq=8)]) == []
    assert stands(county) == 0
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        _, found = open_items(connection, BUREAU, "rcc-transit")
        report = failures(connection, month=OCTOBER)
    assert sorted(one.fen for one in found if one.failed) == [-PART * 100, PART * 100]
    assert report.open_fen == YUAN * 100


@pytest.mark.parametrize(("serials", "wrong"), [(("", ""), 0), (("S1", "S2"), 1)])
def test_both_told_as_one_sum_by_another_file_are_no_third(
    enrolled: County, serials: tuple[str, str], wrong: int
) -> None:
    county = october(enrolled)
    first, second = serials
    assert read(county, [Line(OK, 9, YUAN)], [Line(BAD, 20, REST, first)], [Line(BAD, 20, PART, second)]) == []
    report = results(county, row(Line(BAD, 20, YUAN)), name="合并.csv")
    assert (report.new, len(report.wrong)) == (0, wrong)
    assert stands(county) == 0


def test_parts_of_what_came_back_at_once_are_no_others(enrolled: County) -> None:
    county = october(enrolled)
    assert read(county, [Line(OK, 9, YUAN)], [Line(BAD, 20, YUAN)]) == []
    report = results(county, row(Line(BAD, 20, REST)), row(Line(BAD, 20, PART, seq=8)), name="分开.csv")
    assert (report.new, len(report.wrong)) == (0, 2)
    assert stands(county) == 0
