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


RECEIVED = "实收(元)"


def with_received(*, left: bool = False) -> Grid:
    """The register with a column of what was received in fact, beside the amount of the register's own."""
    grid = sample(REGISTER)
    place = 0 if left else len(grid[0])
    return [[*row[:place], f"{number}.07" if number else RECEIVED, *row[place:]] for number, row in enumerate(grid)]


def amounts(grid: Grid, columns: dict[str, str], kind: str | None = "donation-register") -> set[object]:
    parsed = parse_file(delimited(grid).encode(), kind, name="a.csv", month=MONTH, columns=columns)
    return {row.values[field_of(AMOUNT)] for row in parsed.rows} | {cell.code for cell in parsed.wrong}


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize(
    "columns",
    [
        {RECEIVED: AMOUNT},
        {RECEIVED: "捐赠金额"},
        {RECEIVED: field_of(AMOUNT)},
        {RECEIVED: AMOUNT, AMOUNT: "备注"},
    ],
)
def test_what_was_said_goes_before_the_files_own_title(columns: dict[str, str], *, left: bool) -> None:
    grid = with_received(left=left)
    assert amounts(grid, columns) == {100 * number + 7 for number in range(1, len(grid))}
    parsed = parse_file(delimited(grid).encode(), "donation-register", name="a.csv", month=MONTH, columns=columns)
    (header,) = (sheet.header for sheet in parsed.sheets)
    assert RECEIVED not in header.unknown
    assert (AMOUNT in header.unknown) == (AMOUNT not in columns), "the column that gave way is told by its own title"


def test_a_wrong_cell_is_told_under_the_title_that_the_file_has() -> None:
    grid = renamed(amount="善款数")
    grid[1][sample(REGISTER)[0].index(AMOUNT)] = "1o2"
    parsed = parse_file(delimited(grid).encode(), name="a.csv", month=MONTH, columns={"善款数": AMOUNT})
    assert [cell.column for cell in parsed.wrong] == ["善款数"]


def test_a_header_that_comes_again_at_a_page_break_is_known_by_the_files_own_titles() -> None:
    grid = renamed(amount="善款数", donor="爱心人士")
    twice = [*grid[:2], grid[0], *grid[2:]]
    columns = {"善款数": AMOUNT, "爱心人士": DONOR}
    assert values(twice, columns) == values(grid, columns)


REFUSED = {
    "two titles and one header": ({RECEIVED: AMOUNT, "备注": AMOUNT}, "donation-register", "E_COLUMN_TWICE"),
    "a header and a field": ({RECEIVED: AMOUNT, "备注": field_of(AMOUNT)}, "donation-register", "E_COLUMN_TWICE"),
    "two, and the kind told by the headers": ({RECEIVED: AMOUNT, "备注": "捐赠金额"}, None, "E_COLUMN_TWICE"),
    "a title that the file lacks": ({"没有这列": AMOUNT}, "donation-register", "E_COLUMN_NAME"),
    "one that it has and one that it lacks": (
        {RECEIVED: AMOUNT, "没有这列": DONOR},
        "donation-register",
        "E_COLUMN_NAME",
    ),
    "a header of another kind": ({RECEIVED: "认养人"}, "donation-register", "E_COLUMN_NAME"),
    "a field without a kind": ({RECEIVED: field_of(AMOUNT)}, None, "E_KIND_NEEDED"),
}


@pytest.mark.parametrize(("columns", "kind", "code"), REFUSED.values(), ids=REFUSED)
def test_what_was_said_is_never_passed_over(columns: dict[str, str], kind: str | None, code: str) -> None:
    with pytest.raises(InputError) as raised:
        amounts(with_received(), columns, kind)
    assert raised.value.code == code
    assert "{" not in raised.value.message("zh") + raised.value.message("en")


def test_a_two_line_header_is_named_by_its_lower_line() -> None:
    head, *body = renamed(amount="善款数")
    grid = [["捐赠登记", *[""] * (len(head) - 1)], head, *body]
    assert values(grid, {"善款数": AMOUNT}) == values(sample(REGISTER))


@pytest.mark.parametrize("name", ["", "no_such_field", "不存在的列"])
def test_a_name_that_no_column_has_is_refused(name: str) -> None:
    with pytest.raises(InputError) as raised:
        values(renamed(donor="爱心人士"), {"爱心人士": name})
    assert raised.value.code == "E_COLUMN_NAME"
    assert "{" not in raised.value.message("zh") + raised.value.message("en")
