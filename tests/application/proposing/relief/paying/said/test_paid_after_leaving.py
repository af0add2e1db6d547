"""Who has left, or died, and is paid afterwards for months before that, is not taken in again by it."""

import pytest

from tests.application.proposing.county import County, codes
from tests.application.proposing.relief.october import HEAD
from tests.application.proposing.relief.paying.bank import arrears, at, base_of, listed, roster, row_of
from tests.application.proposing.relief.paying.test_batches_beside import paid_again, with_failures
from tests.application.proposing.relief.test_exits import exits, leaving

OCTOBER, NOVEMBER = "2025-10", "2025-11"


def without(number: int, *more: list[str]) -> list[list[str]]:
    rows = [row for row in listed() if row[HEAD.index("家庭编号")] != f"431099S{number:05d}"]
    return [*rows, *more]


def left(county: County, number: int) -> None:
    """A household that left in October, and is not on its list."""
    at(county, 10, 8)
    assert exits(county, leaving(number)).wrong == []
    county.sign_off()


def test_what_came_back_is_paid_to_who_left_in_the_months_own_list(funded: County) -> None:
    with_failures(funded, 5)
    left(funded, 5)
    report = roster(funded, OCTOBER, without(5, paid_again(5)))
    assert (report.new, codes(report)) == (12, [])
    assert len(funded.of_kind("enrolment.confirmed")) == 12, "nobody is taken in again"
    assert funded.of_kind("enrolment.changed") == []
    (again,) = arrears(funded)
    assert (again.period_from, again.reference.payment is not None) == ("2025-09", True)


@pytest.mark.parametrize(("remark", "readmitted"), [("提标补差9月", 0), ("补发11月", 1)])
def test_arrears_of_months_before_the_exit_readmit_nobody(funded: County, remark: str, readmitted: int) -> None:
    """Money of the month itself is another matter: it says that the household is back."""
    roster(funded, "2025-09", listed())
    left(funded, 5)
    assert roster(funded, OCTOBER, without(5)).wrong == []
    at(funded, 11, 8)
    nothing = {"基本保障金(元)": "0", "本月实发(元)": str(base_of(5))}
    row = row_of(5, base_of(5), 0, remark, **nothing)
    roster(funded, NOVEMBER, without(5, row))
    assert len(funded.of_kind("enrolment.confirmed")) == 12 + readmitted
    if not readmitted:
        assert [(one.component, one.period_to) for one in arrears(funded)] == [("uplift", "2025-09")]


@pytest.mark.parametrize(("remark", "came"), [("补发9月", 0), ("补发11月", 1)])
def test_who_is_paid_for_months_before_only_is_no_household_of_this_list(
    funded: County, remark: str, came: int
) -> None:
    """It left: the control line counts it neither as new, with nothing, nor as one of this list, and names it."""
    roster(funded, "2025-09", listed())
    left(funded, 5)
    assert roster(funded, OCTOBER, without(5)).wrong == []
    at(funded, 11, 8)
    nothing = {"基本保障金(元)": "0", "本月实发(元)": str(base_of(5))}
    report = roster(funded, NOVEMBER, without(5, row_of(5, base_of(5), 0, remark, **nothing)))
    told = {note.code: note for note in report.notes}
    control, kinds = told["W_ROSTER_CONTROL"], told["W_ROSTER_KINDS"].params
    assert [control.params[f"{name}_households"] for name in ("last", "came", "this")] == [11, came, 11 + came]
    assert (kinds["readmitted"], kinds["same"]) == (came, 11)
    aside = f"；另有 1 户 3 人已退出，只付以前月份的 {base_of(5):,}.00 元，不计入本次。"
    assert (control.message().endswith(aside), "earlier months only" in control.message("en")) == (not came, not came)
