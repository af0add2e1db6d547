"""A statement that lacks a line is taken as it is; once the line comes, from whichever file, nothing is broken."""

from datetime import date

import pytest

from ledger_projections.books.bank_lines import BANK
from ledger_projections.books.reconciliation import reconciliation
from ledger_projections.keeping.folding import catch_up
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import CHARITY

HEAD, *ROWS = rows_of("bank_icbc.csv")


def breaks(county: County) -> int:
    catch_up(county.store, [BANK])
    with county.store.read() as connection:
        return reconciliation(connection, CHARITY, "icbc-9991", date(2025, 9, 30)).breaks


@pytest.mark.parametrize("later", [[HEAD, ROWS[1]], [HEAD, *ROWS]], ids=["the missing line", "the whole file"])
def test_a_break_is_closed_by_the_line_that_was_missing(county: County, later: Grid) -> None:
    first = county.one(county.write("工行缺一行.csv", [HEAD, ROWS[0], ROWS[2]]))
    assert (first.new, [note.code for note in first.notes]) == (2, ["W_BALANCE_CHAIN"])
    assert breaks(county) == 1
    second = county.one(county.write("工行补.csv", later))
    assert (second.new, second.wrong) == (1, [])
    assert breaks(county) == 0


def test_a_line_that_does_not_fit_closes_nothing(county: County) -> None:
    county.one(county.write("工行缺一行.csv", [HEAD, ROWS[0], ROWS[2]]))
    odd = [*ROWS[1]]
    odd[HEAD.index("贷方发生额")] = "1.00"
    county.one(county.write("工行补.csv", [HEAD, odd]))
    assert breaks(county) == 1
