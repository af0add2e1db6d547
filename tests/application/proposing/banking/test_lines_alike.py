"""A line without a serial number comes again in other words (no time, no name, another layout): it is one line, and
what only may be the same is asked about. Equal lines of one file are as many as the file says.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import CHARITY

ICBC = rows_of("bank_icbc.csv")[0]
NUMBER = "1911020109200009991"
BANK, SCHOOL = "中国工商银行示例县支行", "示例县第一中学"
OTHER = ["账号", "交易日期", "收入金额", "支出金额", "余额", "摘要"]
NUMBERED = [*OTHER, "对方户名", "流水号"]


def icbc(*lines: tuple[str, str, str], name: str = "", summary: str = "结息", remark: str = "") -> Grid:
    """A file of the bank's own layout: (moment, signed amount, balance) of each line."""
    grid: Grid = [ICBC]
    for moment, amount, balance in lines:
        out = amount.startswith("-")
        cells = {
            "凭证号": "0",
            "本方账号": NUMBER,
            "交易时间": moment,
            "借/贷": "借" if out else "贷",
            "借方发生额": amount.lstrip("-") if out else "0.00",
            "贷方发生额": "0.00" if out else amount,
            "摘要": summary,
            "对方单位名称": name,
            "余额": balance,
            "个性化信息": remark,
        }
        grid.append([cells.get(title, "") for title in ICBC])
    return grid


INTEREST = ("2025-09-21 02:11:05", "312.50", "1000312.50")
DAY_ONLY = ("2025-09-21", *INTEREST[1:])

AGAIN = {
    "a date only": icbc(DAY_ONLY),
    "a time without seconds": icbc(("2025-09-21 02:11", *INTEREST[1:])),
    "the bank's own name": icbc(INTEREST, name=BANK),
    "a date and the name": icbc(DAY_ONLY, name=BANK),
    "the plain layout": [OTHER, [NUMBER, "2025-09-21", "312.50", "", "1000312.50", "结息"]],
    "a layout with a serial": [NUMBERED, [NUMBER, "2025-09-21", "312.50", "", "1000312.50", "结息", "", "S2025092101"]],
    "without the account": [OTHER[1:], ["2025-09-21", "312.50", "", "1000312.50", "结息"]],
}


def lines(county: County) -> list[Any]:
    return county.of_kind("bank.line_recorded")


def counts(county: County) -> tuple[int, int]:
    """How many lines and how many entries of interest there are."""
    return len(lines(county)), len(county.of_kind("bank.interest"))


@pytest.mark.parametrize("case", AGAIN)
@pytest.mark.parametrize("order", [1, -1])
def test_interest_is_booked_once_however_it_is_exported(county: County, case: str, order: int) -> None:
    files = [("first.csv", icbc(INTEREST)), ("again.csv", AGAIN[case])]
    first, again = files[::order]
    assert county.one(county.write(*first), account="icbc-9991").new == 1
    county.sign_off()
    report = county.one(county.write(*again), account="icbc-9991")
    assert (report.new, report.duplicate, report.wrong) == (0, 1, [])
    assert report.duplicates[0]["of_position"] > 0
    assert county.sign_off() == 0
    assert counts(county) == (1, 1)
    assert county.one(county.write(*again), account="icbc-9991").new == 0
    assert ("W_LINES_SAME" in [note.code for note in report.notes]) == (case != "a time without seconds")


def test_a_gift_s_line_is_one_whatever_is_told_of_the_giver(county: County) -> None:
    """A person's name stands in the vault, and with another account number under another reference."""
    gift = ("2025-09-06 10:00:00", "100.00", "1000100.00")
    county.one(county.write("a.csv", icbc(gift, name="张三", summary="捐款")))
    for moment, name in ((gift[0], ""), (gift[0], "张"), ("2025-09-06", "张三"), ("2025-09-06", "")):
        report = county.one(county.write("b.csv", icbc((moment, *gift[1:]), name=name, summary="捐款")))
        assert (report.new, report.duplicate, report.wrong) == (0, 1, [])
    assert counts(county) == (1, 0)


ALIKE = {
    "another time": (icbc(("2025-09-21 09:30:00", *INTEREST[1:]), name=SCHOOL), "交易时间", "2025-09-21 09:30:00"),
    "another name": (icbc(INTEREST, name="湖南示例矿业有限公司"), "对方单位名称", "湖南示例矿业有限公司"),
}


@pytest.mark.parametrize("case", ALIKE)
def test_a_line_that_may_be_the_recorded_one_is_asked_about(county: County, case: str) -> None:
    grid, column, value = ALIKE[case]
    county.one(county.write("a.csv", icbc(INTEREST, name=SCHOOL)))
    position = next(
        one["of_position"] for one in county.one(county.write("a.csv", icbc(INTEREST, name=SCHOOL))).duplicates
    )
    report = county.one(county.write("b.csv", grid))
    assert codes(report) == [(2, "E_LINE_ALIKE")]
    (cell,) = report.wrong
    assert (cell.column, cell.value, cell.params["position"]) == (column, value, position)
    assert "另一笔" in cell.message()
    assert len(lines(county)) == 1
    another = [[*row] for row in grid]
    another[1][ICBC.index("个性化信息")] = "另一笔"
    assert county.one(county.write("c.csv", another)).new == 1
    assert county.one(county.write("b.csv", grid)).new == 0, "said once, it is known"
    assert len(lines(county)) == 2


ROUND = [
    ("2025-09-06 09:00:00", "100.00", "1000100.00"),
    ("2025-09-06 10:00:00", "-100.00", "1000000.00"),
    ("2025-09-06 11:00:00", "100.00", "1000100.00"),
]


def days_only(told: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [(moment[:10], amount, balance) for moment, amount, balance in told]


@pytest.mark.parametrize("first", [ROUND[:1], ROUND[:2], ROUND, days_only(ROUND)[:1], days_only(ROUND)], ids=str)
@pytest.mark.parametrize("again", [ROUND, days_only(ROUND)], ids=str)
def test_equal_lines_of_one_file_are_as_many_as_the_file_says(
    county: County, first: list[tuple[str, str, str]], again: list[tuple[str, str, str]]
) -> None:
    county.one(county.write("a.csv", icbc(*first, summary="来款")))
    report = county.one(county.write("b.csv", icbc(*again, summary="来款")))
    assert (report.new, report.duplicate, report.wrong) == (3 - len(first), len(first), [])
    assert sorted(one.amount_fen for one in lines(county)) == [-10_000, 10_000, 10_000]


def test_a_line_pasted_twice_is_no_second_line(county: County) -> None:
    county.one(county.write("a.csv", icbc(INTEREST)))
    report = county.one(county.write("b.csv", icbc(DAY_ONLY, DAY_ONLY)))
    assert (report.new, report.wrong, len(lines(county))) == (0, [], 1)


def test_two_serial_numbers_are_two_lines(county: County) -> None:
    row = [NUMBER, "2025-09-06", "100.00", "", "1000100.00", "来款", SCHOOL]
    county.one(county.write("a.csv", [NUMBERED, [*row, "S1"]]))
    assert county.one(county.write("b.csv", [NUMBERED, [*row, "S2"]])).new == 1
    without = [cell for cell in row if cell != NUMBER]
    assert county.one(county.write("c.csv", [NUMBERED[1:], [*without, "S1"]]), account="icbc-9991").new == 0


def test_a_line_of_an_earlier_file_of_the_rehearsal_is_known_too(county: County) -> None:
    """A rehearsal records nothing, and the next file is compared with what this one would bring."""
    first = county.take_in(county.write("a.csv", icbc(INTEREST)), dry_run=True).files[0]
    assert first.new == 1
    both = county.take_in(county.write("a.csv", icbc(INTEREST)), county.write("b.csv", icbc(DAY_ONLY)), dry_run=True)
    assert [(one.new, one.duplicate) for one in both.files] == [(1, 0), (0, 1)]


def test_what_was_taken_for_the_same_books_nothing_more(county: County) -> None:
    """A layout that leaves the payer out would make the payer's money the bank's interest."""
    county.one(county.write("a.csv", icbc(INTEREST, name=SCHOOL)))
    assert county.one(county.write("b.csv", icbc(DAY_ONLY))).new == 0
    assert counts(county) == (1, 0)
    assert county.fen(CHARITY, "general", "bank_interest") == 0


def test_a_line_that_was_edited_is_told_at_its_row(county: County) -> None:
    """An overlapping file in which one amount, and the balances after it, are other than those that are recorded."""
    before = ("2025-09-05 09:00:00", "10.00", "10.00")
    honest = [before, ("2025-09-06 09:14:22", "20.00", "30.00"), ("2025-09-07 09:14:22", "40.00", "70.00")]
    edited = [before, ("2025-09-06 09:14:22", "25.00", "35.00"), ("2025-09-07 09:14:22", "40.00", "75.00")]
    first = county.one(county.write("a.csv", icbc(*honest, name=SCHOOL, summary="捐款")))
    assert (first.new, first.notes) == (3, [])
    report = county.one(county.write("b.csv", icbc(*edited, name=SCHOOL, summary="捐款")))
    told = [(note.place.row, note.params) for note in report.notes if note.code == "W_LINE_RESTATED"]
    assert [(row, params["known_fen"], params["said_fen"]) for row, params in told] == [
        (3, 2_000, 2_500),
        (4, 4_000, 4_000),
    ]


def test_another_line_of_the_same_second_is_none_of_those_that_the_file_has(county: County) -> None:
    one, two = ("2025-09-06 09:14:22", "20.00", "30.00"), ("2025-09-06 09:14:22", "25.00", "55.00")
    county.one(county.write("a.csv", icbc(one, name=SCHOOL, summary="捐款")))
    report = county.one(county.write("b.csv", icbc(one, two, name=SCHOOL, summary="捐款")))
    assert "W_LINE_RESTATED" not in [note.code for note in report.notes]
