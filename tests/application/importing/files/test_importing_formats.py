"""One list is the same list in every format, every encoding and under every kind of dirt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.importing import parse_file
from tests.application.importing.offices import DIRT, FORMATS, KINDS, MONTH, facts, keys, parse_grid, sample


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", KINDS)
def test_every_format_gives_equal_rows_and_keys(name: str, form: str) -> None:
    file, write = FORMATS[form]
    plain = parse_grid(sample(name), month=MONTH)
    parsed = parse_file(write(sample(name)), name=file, month=MONTH)
    assert (parsed.kind, parsed.wrong) == (KINDS[name], ())
    assert facts(parsed) == facts(plain)
    assert keys(parsed) == keys(plain)
    assert [row.place.row for row in parsed.rows] == [2, 3, 4]


@pytest.mark.parametrize("dirt", DIRT)
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_dirt_gives_equal_rows_and_keys(name: str, dirt: str) -> None:
    plain = parse_grid(sample(name), month=MONTH)
    parsed = parse_grid(DIRT[dirt](sample(name)), month=MONTH)
    assert parsed.wrong == ()
    assert facts(parsed) == facts(plain)
    assert keys(parsed) == keys(plain)


def test_hidden_rows_of_a_page_and_spans_over_rows_and_columns() -> None:
    head, *rows = sample("dibao_roster")
    cells = "".join(f"<td>{cell}" for cell in rows[1])
    page = (
        "<table><tr><td colspan=26>示例县2025年9月花名册</table><table><tr>"
        + "".join(f"<th>{cell}</th>" for cell in head)
        + "<tr>"
        + "".join(f"<td{' rowspan=2' * (place == 2)}>{cell}" for place, cell in enumerate(rows[0]))
        + "<tr>"
        + "".join(f"<td>{cell}" for place, cell in enumerate(rows[1]) if place != 2)
        + f"<tr style='display: none'>{cells}</table>"
    )
    parsed = parse_file(page.encode(), name="a.xls")
    assert [row.values["village"] for row in parsed.rows] == ["上坪村", "上坪村"]
    assert [(cell.place.row, cell.code) for cell in parsed.wrong] == [(5, "E_ROW_HIDDEN")]
    assert parsed.month == MONTH


@given(
    name=st.sampled_from(sorted(KINDS)),
    form=st.sampled_from(sorted(FORMATS)),
    dirt=st.lists(st.sampled_from(sorted(set(DIRT) - {"two-line header", "repeated header"})), max_size=4, unique=True),
    order=st.permutations([1, 2, 3]),
)
def test_dirt_formats_and_order_of_rows_together_change_no_key(
    name: str, form: str, dirt: list[str], order: list[int]
) -> None:
    plain = parse_grid(sample(name), month=MONTH)
    grid = sample(name)
    grid = [grid[0], *(grid[position] for position in order)]
    for each in dirt:
        grid = DIRT[each](grid)
    file, write = FORMATS[form]
    parsed = parse_file(write(grid), name=file, month=MONTH)
    assert parsed.wrong == ()
    assert sorted(keys(parsed)) == sorted(keys(plain))
