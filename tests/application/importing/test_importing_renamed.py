"""Headers that nobody knows, given a name: the same rows as under the usual header, and a unit is never lost."""

import pytest

from ledger.application.importing import parse_file
from ledger.application.importing.kinds.registry import KINDS
from ledger.errors import InputError
from tests.application.importing.offices import MONTH, Grid, delimited, sample

REGISTER = "donation_register"
AMOUNT, DONOR = "捐赠金额(元)", "捐赠人"


def renamed(**titles: str) -> Grid:
    """The register with other titles; `amount` and `donor` name the columns."""
    grid = sample(REGISTER)
    for column, title in ((AMOUNT, titles.get("amount")), (DONOR, titles.get("donor"))):
        if title is not None:
            grid[0][grid[0].index(column)] = title
    return grid


def field_of(header: str) -> str:
    (shape,) = KINDS["donation-register"].shapes[:1]
    return next(column.name for column in shape.columns if header in column.headers)


def values(grid: Grid, columns: dict[str, str] | None = None, kind: str | None = "donation-register") -> list[object]:
    parsed = parse_file(delimited(grid).encode(), kind, name="a.csv", month=MONTH, columns=columns)
    assert parsed.wrong == ()
    return [row.values for row in parsed.rows]


@pytest.mark.parametrize(
    ("grid", "columns"),
    [
        (renamed(amount="善款(元)"), {"善款(元)": "捐赠金额"}),
        (renamed(amount="善款"), {"善款": AMOUNT}),
        (renamed(donor="爱心人士"), {"爱心人士": DONOR}),
        (renamed(donor="爱心人士"), {"爱心人士": field_of(DONOR)}),
        (renamed(donor=" 爱心 人士\n"), {"爱心 人士": DONOR}),
        (renamed(amount="善款(元)", donor="爱心人士"), {"善款(元)": "捐赠金额", "爱心人士": DONOR}),
    ],
)
def test_a_named_header_reads_as_the_usual_one(grid: Grid, columns: dict[str, str]) -> None:
    assert values(grid, columns) == values(sample(REGISTER))


def test_titles_above_the_header_do_not_matter() -> None:
    grid = [["爱心人士登记表", *[""] * 22], *renamed(donor="爱心人士")]
    assert values(grid, {"爱心人士": DONOR}) == values(sample(REGISTER))


def test_the_unit_of_an_unknown_title_stays() -> None:
    """A column in 万元 is never read as yuan because somebody said what it is."""
    grid = renamed(amount="善款(万元)")
    place = sample(REGISTER)[0].index(AMOUNT)
    for row in grid[1:]:
        row[place] = "3.5"
    name = field_of(AMOUNT)
    read = parse_file(delimited(grid).encode(), name="a.csv", month=MONTH, columns={"善款(万元)": AMOUNT})
    assert {row.values[name] for row in read.rows} == {3_500_000}


@pytest.mark.parametrize("name", ["", "no_such_field", "不存在的列"])
def test_a_name_that_no_column_has_is_refused(name: str) -> None:
    with pytest.raises(InputError) as raised:
        values(renamed(donor="爱心人士"), {"爱心人士": name})
    assert raised.value.code == "E_COLUMN_NAME"
    assert "{" not in raised.value.message("zh") + raised.value.message("en")
