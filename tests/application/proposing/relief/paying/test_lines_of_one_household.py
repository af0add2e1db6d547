"""笔 are lines of the bank: two lines of one household that fail alike are two, one line of two parts is one."""

import pytest

from ledger_projections.public_money.failures import FailureList, failures
from ledger_projections.registry import catch_up
from tests.application.proposing.county import County
from tests.application.proposing.relief.october import OCTOBER, OCTOBER_BATCH
from tests.application.proposing.relief.paying.bank import (
    RESULT_HEAD,
    at_the_bank,
    base_of,
    result,
    results,
    row_of,
)

MORE = 60


def failed(yuan: int, seq: int, account: int = 12) -> list[str]:
    """A line of household 12 that failed, of a file that numbers its lines."""
    line = result(12, yuan, "失败", "20251009", OCTOBER_BATCH)
    line[RESULT_HEAD.index("序号")] = str(seq)
    line[RESULT_HEAD.index("账号")] = f"820105300000{account:05d}"
    return line


def october(county: County, more: int) -> County:
    """October's list, on which household 12 has something beside its month."""
    at_the_bank(county, row_of(12, more=more, remark="补发8月"))
    assert len([one for one in county.of_kind("subsidy.authorised") if one.batch == OCTOBER_BATCH]) == 13
    return county


def found(county: County) -> FailureList:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        return failures(connection, month=OCTOBER)


@pytest.mark.parametrize("more", [MORE, base_of(12)])
def test_two_lines_that_fail_alike_are_two(enrolled: County, more: int) -> None:
    county = october(enrolled, more)
    both = [failed(base_of(12), 7), failed(more, 9, account=13)]
    assert results(county, *both).wrong == []
    rows = found(county)
    assert (len(rows.rows), rows.lines, rows.open_fen) == (2, 2, (base_of(12) + more) * 100)
    before = len(county.of_kind("subsidy.returned"))
    assert results(county, *reversed(both), name="回盘再来.csv").wrong == []
    assert len(county.of_kind("subsidy.returned")) == before == 2, "nothing is told twice"
    assert found(county).lines == 2


def test_one_line_of_two_parts_is_one(enrolled: County) -> None:
    county = october(enrolled, MORE)
    assert results(county, failed(base_of(12) + MORE, 7)).wrong == []
    rows = found(county)
    assert (len(rows.rows), rows.lines, rows.open_fen) == (2, 1, (base_of(12) + MORE) * 100)
