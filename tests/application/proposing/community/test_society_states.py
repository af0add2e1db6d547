"""What a society is, is told by the day of the sheet that says it, in whatever order the sheets are read."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from ledger_projections.charity.societies import Society, societies
from ledger_projections.registry import catch_up
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of

HEAD, FIRST, *_ = rows_of("mutual_aid.csv")
MEMBERS = {9: "62", 10: "70", 11: "66"}
STATES = {9: ("备案", ""), 10: ("备案", ""), 11: ("已登记", FIRST[5])}
NOW = date(2025, 12, 28)


def sheet(month: int, **cells: str) -> Grid:
    status, code = STATES[month]
    said = {"会员数": MEMBERS[month], "登记状态": status, "统一社会信用代码": code, "成立日期": "2024-08-01", **cells}
    return [HEAD, [said.get(column, cell) for column, cell in zip(HEAD, FIRST, strict=True)]]


def take(county: County, name: str, grid: Grid, month: int) -> Any:
    """A month's sheet, read at the end of the year and signed."""
    county.now = county.now.replace(month=12, day=28)
    report = county.one(county.write(name, grid), month=f"2025-{month:02d}", today=NOW)
    county.sign_off()
    return report


def told(county: County, day: date | None = None) -> list[tuple[int, str]]:
    return [(one.members, one.status) for one in listed(county, day)]


def listed(county: County, day: date | None = None) -> Sequence[Society]:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        return societies(connection, NOW, as_of=day).rows


@pytest.mark.parametrize("order", list(permutations(MEMBERS)), ids=str)
def test_the_newest_sheet_says_what_a_society_is(county: County, order: tuple[int, ...]) -> None:
    for month in order:
        assert codes(take(county, f"{month}月.csv", sheet(month), month)) == []
    assert told(county) == [(66, "registered")]
    for month in order:
        assert take(county, f"{month}月再.csv", sheet(month, 备注="再"), month).new == 0
    assert told(county) == [(66, "registered")]


@pytest.mark.parametrize("order", [one for one in permutations(MEMBERS) if one[0] == 9], ids=str)
def test_each_day_is_told_as_it_was(county: County, order: tuple[int, ...]) -> None:
    for month in order:
        take(county, f"{month}月.csv", sheet(month), month)
    days = [(date(2025, 9, 30), (62, "filed")), (date(2025, 10, 31), (70, "filed"))]
    for day, state in [*days, (date(2025, 11, 30), (66, "registered"))]:
        assert told(county, day) == [state], day


def test_an_older_sheet_that_comes_last_is_told_of_its_own_day(county: County) -> None:
    for month in (11, 9):
        take(county, f"{month}月.csv", sheet(month), month)
    assert [(one.members, one.on.month) for one in county.of_kind("mutual_aid.society_changed")] == [(62, 9), (66, 11)]
    newer = county.of_kind("mutual_aid.reviewed")[0]
    assert county.of_kind("mutual_aid.society_changed")[-1].place == newer.place, "as the newer sheet has it"


@pytest.mark.parametrize(
    "gone", [("统一社会信用代码",), ("账号", "开户行"), ("会员数",), ("登记状态",), ("乡镇", "成立日期")]
)
def test_what_a_sheet_leaves_out_is_as_it_was(county: County, gone: tuple[str, ...]) -> None:
    take(county, "9月.csv", sheet(11), 9)
    kept = [at for at, column in enumerate(HEAD) if column not in gone]
    money = {"县级补助(元)": "11000.00", "筹资合计(元)": "33000.00", "账户余额(元)": "30600.00"}
    poorer = [[row[at] for at in kept] for row in sheet(11, **money)]
    assert codes(take(county, "10月.csv", poorer, 10)) == []
    assert county.of_kind("mutual_aid.society_changed") == []
    given = county.of_kind("mutual_aid.contributed")
    assert len({one.account for one in given}) == 1, "new money lies where the other lies"
    assert listed(county)[0].raised_fen == 3_300_000


# ---- told back within a day


def test_what_was_told_on_a_day_may_be_told_back_on_it(county: County) -> None:
    """The registration, another state, and the first one again: the last that was told of the day stands."""
    take(county, "9月.csv", sheet(9), 9)
    for number, members in enumerate(("70", "62", "70", "62"), 1):
        found = take(county, f"9月-{number}.csv", sheet(9, 会员数=members, 备注=str(number)), 9)
        assert (found.new, codes(found)) == (1, [])
        assert told(county, date(2025, 9, 30)) == [(int(members), "filed")]
    assert [one.members for one in county.of_kind("mutual_aid.society_changed")] == [70, 62, 70, 62]
    assert take(county, "9月-同.csv", sheet(9, 备注="同"), 9).new == 0


@pytest.mark.parametrize("times", [1, 2])
def test_the_very_sheet_that_was_read_before_tells_nothing_back(county: County, times: int) -> None:
    take(county, "9月.csv", sheet(9), 9)
    take(county, "9月-2.csv", sheet(9, 会员数="70"), 9)
    for _ in range(times):
        again = take(county, "9月又.csv", sheet(9), 9)
        assert (again.new, [note.code for note in again.notes]) == (0, ["W_ROWS_OLDER"])
    assert told(county) == [(70, "filed")]


# ---- an account of its own

THIRD = rows_of("mutual_aid.csv")[3]
OWN = {"开户行": "示例农商行", "账号": "82010500000098803"}
GRANTED = {"本年救助户次": "1", "本年救助金额(元)": "500.00", "账户余额(元)": "29500.00"}


def third(**cells: str) -> Grid:
    return [HEAD, [cells.get(column, cell) for column, cell in zip(HEAD, THIRD, strict=True)]]


def held(county: County) -> dict[str, int]:
    return {key[5]: fen for key, fen in county.balances().items() if key[4] == "bank" and key[1].startswith("society-")}


def test_money_in_the_villages_account_goes_to_the_societys_own(county: County) -> None:
    take(county, "9月.csv", third(), 9)
    assert held(county) == {"village-account": 3_000_000}
    sheet = third(**OWN, **GRANTED)
    assert codes(take(county, "10月.csv", sheet, 10)) == []
    (account,) = held(county)
    assert (account != "village-account", held(county)[account]) == (True, 2_950_000)
    assert "W_ACCOUNT_SHORT" not in county.findings()
    assert take(county, "10月再.csv", third(**OWN, **GRANTED, 备注="再"), 10).new == 0
    assert len(county.of_kind("bank.transferred")) == 1


@pytest.mark.parametrize(
    ("what", "cells", "month"),
    [
        ("an account that does not hold it all", {**OWN, **GRANTED, "账户余额(元)": "1000.00"}, 10),
        ("an older sheet", {**OWN}, 8),
        ("no account", {**GRANTED}, 10),
    ],
)
def test_nobody_moves_money_that_the_sheet_does_not_say_was_moved(
    county: County, what: str, cells: dict[str, str], month: int
) -> None:
    take(county, "9月.csv", third(), 9)
    take(county, "再.csv", third(**cells), month)
    assert county.of_kind("bank.transferred") == [], what


@pytest.mark.parametrize(("month", "told_less"), [(10, ["会员"]), (8, [])], ids=["newer", "older"])
def test_a_total_below_the_book_is_told_and_takes_nothing_back(
    county: County, month: int, told_less: list[str]
) -> None:
    """A member left and took his share; an older sheet simply knew of less."""
    take(county, "9月.csv", sheet(9), 9)
    less = {"会员互助金(元)": "3000.00", "筹资合计(元)": "31000.00", "账户余额(元)": "28600.00"}
    found = take(county, "再.csv", sheet(9, **less), month)
    assert [one.params["source"] for one in found.notes if one.code == "W_SOCIETY_LESS"] == told_less
    assert listed(county)[0].member_fen == 400_000
