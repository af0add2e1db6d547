"""A month's further batches (补充批次): new households, and what came back; the first list of the month stands."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County
from tests.application.proposing.relief.october import HEAD
from tests.application.proposing.relief.paying.bank import (
    arrears,
    at,
    base_of,
    listed,
    result,
    results,
    roster,
    row_of,
    send,
)
from tests.application.proposing.relief.test_exits import exits, leaving

SECOND = "rural-dibao-2025-09-02"


def paid_again(number: int, **cells: str) -> list[str]:
    """A household that the month owes nothing but what came back."""
    nothing = {"基本保障金(元)": "0", "备注": "补发9月退票"}
    return row_of(number, base_of(number), 0, "", **{**nothing, "本月实发(元)": str(base_of(number)), **cells})


def with_failures(county: County, *failed: int) -> None:
    """September paid, but for these households."""
    roster(county, "2025-09", listed())
    send(county)
    at(county, 9, 20)
    rows = [result(n, base_of(n), "失败" if n in failed else "成功", "20250908") for n in range(1, 13)]
    assert results(county, *rows).wrong == []


@pytest.mark.parametrize("cells", [{}, {"银行账号": "82010530000088888"}], ids=["as it was", "into another account"])
def test_paying_again_changes_no_entitlement(funded: County, cells: dict[str, str]) -> None:
    with_failures(funded, 5)
    before = len(funded.of_kind("enrolment.confirmed"))
    grid: Grid = [HEAD, row_of(13), paid_again(5, **cells)]
    report = roster(funded, "2025-09", grid, batch_no="02")
    assert (report.new, report.wrong) == (2, [])
    assert len(funded.of_kind("enrolment.confirmed")) == before + 1, "of the household that is new"
    assert funded.of_kind("enrolment.changed") == []
    (again,) = arrears(funded)
    (failed,) = funded.of_kind("subsidy.returned")
    assert (again.batch, again.reference.payment) == (SECOND, failed.payment)
    more = roster(funded, "2025-09", grid, batch_no="02")
    assert (more.new, more.duplicate, more.wrong) == (0, 2, [])
    at(funded, 10, 8)
    october = roster(funded, "2025-10", listed(row_of(13)))
    assert (october.new, october.wrong) == (13, [])
    assert funded.of_kind("enrolment.changed") == []


def test_paying_somebody_again_who_has_left_readmits_nobody(funded: County) -> None:
    with_failures(funded, 5)
    at(funded, 10, 8)
    assert exits(funded, leaving(5)).wrong == []
    funded.sign_off()
    rest = [row for row in listed() if row[HEAD.index("家庭编号")] != "431099S00005"]
    assert roster(funded, "2025-10", rest).wrong == []
    report = roster(funded, "2025-10", [HEAD, paid_again(5)], batch_no="02")
    assert (report.new, report.wrong) == (1, [])
    assert len(funded.of_kind("enrolment.confirmed")) == 12
    (again,) = arrears(funded)
    assert (again.period_from, again.reference.payment is not None) == ("2025-09", True)
