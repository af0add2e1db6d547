"""The year's number of helped households grows with the sheets and is never added up from them."""

from datetime import date

import pytest

from tests.application.proposing.county import County, rows_of

HEAD, FIRST, *_ = rows_of("mutual_aid.csv")
MONTHS = {10: ("4", "3400.00"), 11: ("6", "5000.00"), 12: ("6", "5300.00")}


def take(county: County, name: str, month: int, times: str, fen: str, year: int = 2025) -> None:
    """A month's sheet of one society, signed."""
    county.now = county.now.replace(year=year, month=month, day=28)
    said = {"本年救助户次": times, "本年救助金额(元)": fen}
    grid = [HEAD, [said.get(column, cell) for column, cell in zip(HEAD, FIRST, strict=True)]]
    report = county.one(county.write(name, grid), month=f"{year}-{month:02d}", today=date(year, month, 28))
    assert report.wrong == []
    county.sign_off()


def helped(county: County) -> list[int]:
    return [one.households for one in county.of_kind("mutual_aid.granted")]


@pytest.fixture
def year_in(county: County) -> County:
    """September to December."""
    county.take_in("mutual_aid.csv")
    county.sign_off()
    for month, (times, fen) in MONTHS.items():
        take(county, f"{month}月.csv", month, times, fen)
    return county


def test_each_sheet_adds_what_is_new(year_in: County) -> None:
    first, _, *more = helped(year_in)
    assert (first, more) == (3, [1, 2, 0])


def test_a_sheet_again_adds_nothing(year_in: County) -> None:
    size = year_in.size()
    take(year_in, "12月再.csv", 12, *MONTHS[12])
    assert year_in.size() == size


def test_a_new_year_counts_from_nothing(year_in: County) -> None:
    take(year_in, "2026.csv", 1, "2", "900.00", year=2026)
    assert helped(year_in)[-1] == 2


def test_fewer_households_than_are_booked_add_none(year_in: County) -> None:
    take(year_in, "12月改.csv", 12, "4", "5600.00")
    assert helped(year_in)[-1] == 0


@pytest.mark.parametrize(
    ("times", "fen", "wrong"),
    [
        ("0", "3400.00", [("E_HELPED_NOBODY", "本年救助户次", "0")]),
        ("0", "0.00", []),
        ("", "3400.00", []),
        ("1", "3400.00", []),
    ],
)
def test_money_that_helped_nobody_is_wrong_and_says_what_to_do(
    county: County, times: str, fen: str, wrong: list[tuple[str, str, str]]
) -> None:
    said = {"本年救助户次": times, "本年救助金额(元)": fen}
    grid = [HEAD, [said.get(column, cell) for column, cell in zip(HEAD, FIRST, strict=True)]]
    report = county.one(county.write("互助社.csv", grid), month="2025-09")
    assert [(one.code, one.column, one.value) for one in report.wrong] == wrong
    assert all("3,400.00 元" in one.message() for one in report.wrong)
