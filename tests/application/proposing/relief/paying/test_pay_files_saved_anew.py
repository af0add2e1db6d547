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
    assert (again.new, again.duplicate, again.noted, again.wrong) == (0, 3, 0, [])
    assert len({one["row"] for one in again.duplicates}) == 3, "each row is known, and as which it is known"
    (position,) = {one["of_position"] for one in again.duplicates}
    assert position > 0
    assert [(one.code, one.place.row, one.params["rows"]) for one in again.notes] == [("W_PAY_FILE_SAME", 0, 3)]
    assert taken_in.size() == before


def test_a_list_that_may_be_another_one_is_never_taken_for_it_without_a_word(taken_in: County) -> None:
    """The book knows no accounts of a pay file, so whoever changed one is told to look."""
    head, first, *rows = rows_of("payfile.csv")
    account = head.index("账号")
    changed = [head, [*first[:account], "6230000000000000009", *first[account + 1 :]], *rows]
    before = taken_in.size()
    report = taken_in.one(taken_in.write("更正.csv", changed))
    assert (report.new, report.duplicate, [one.code for one in report.notes]) == (0, 3, ["W_PAY_FILE_SAME"])
    assert "账号" in report.notes[0].message()
    assert taken_in.size() == before
