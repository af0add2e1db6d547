"""A pay file that was saved in another format is the file that was sent; lines that came back are sent again."""

from pathlib import Path

import pytest

from tests.application.importing.offices import FORMATS
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.test_wide_digits import DIGITS, widened


@pytest.mark.parametrize("form", [*FORMATS, "full width", "another order"])
def test_the_same_list_in_another_format_is_not_sent_twice(taken_in: County, scratch: Path, form: str) -> None:
    head, *rows = rows_of("payfile.csv")
    name, write = FORMATS.get(form, FORMATS["gb18030"])
    grid = [head, *(reversed(rows) if form == "another order" else rows)]
    path = scratch / f"另存-{name}"
    path.write_bytes(write(widened(grid, DIGITS) if form == "full width" else grid))
    before = taken_in.size()
    again = taken_in.one(path)
    assert (again.new, again.duplicate, again.noted, again.wrong) == (0, 1, 2, [])
    assert again.duplicates[0]["of_position"] > 0
    assert taken_in.size() == before
