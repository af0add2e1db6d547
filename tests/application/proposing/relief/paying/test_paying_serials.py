"""A line of the bank's results that stands in a file twice, by its serial number, is counted once."""

import pytest

from tests.application.proposing.county import County, rows_of

RESULT = rows_of("payresult.csv")


@pytest.mark.parametrize("twice", [1, 2], ids=["paid", "failed"])
def test_a_line_twice_is_counted_once(county: County, twice: int) -> None:
    county.take_in("dibao_roster.csv")
    county.road()
    county.take_in("payfile.csv")
    county.sign_off()
    grid = [list(row) for row in RESULT]
    grid[2][RESULT[0].index("银行流水号")] = "8501D0000002"
    report = county.one(county.write("回盘.csv", [*grid, grid[twice]]))
    county.sign_off()
    assert (report.new, report.duplicate, report.wrong) == (3, 1, [])
    (told,) = county.of_kind("batch.result_imported")
    assert (told.paid_count, told.paid_fen, told.failed_count, told.failed_fen) == (2, 127_000, 1, 76_000)
    assert len(county.of_kind("subsidy.paid")) == 2
    assert sum(one.amount_fen for one in county.of_kinds("subsidy.returned")) == 76_000
