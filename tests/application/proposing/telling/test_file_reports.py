"""What a file's report says of its rows as a whole."""

import pytest

from ledger.application.importing.rows import Place
from ledger.application.proposing.reports import FileReport

HELD = [
    ([("a.csv", None)], ("a.csv", None)),
    ([("a.xlsx", "一"), ("a.xlsx", "二")], ("a.xlsx", None)),
    ([("石岭.csv", None), ("大冲.csv", None)], ("名册.zip", None)),
    ([("石岭.xlsx", "一"), ("大冲.xlsx", "一")], ("名册.zip", None)),
]


@pytest.mark.parametrize(("sheets", "where"), HELD, ids=["a sheet", "a file", "an archive", "sheets of one name"])
def test_rows_that_are_held_are_told_where_all_of_them_stand(
    sheets: list[tuple[str, str | None]], where: tuple[str, str | None]
) -> None:
    """Never at the one of them that happens to come first out of a set."""
    report = FileReport("名册.zip", "roster")
    for number in range(2, 40):
        report.tell_held("B-1", "W_ROWS_HELD", {Place(file, sheet, number) for file, sheet in sheets})
    (note,) = report.notes
    assert (note.place, note.params["rows"]) == (Place(*where, 0), 38 * len(sheets))
