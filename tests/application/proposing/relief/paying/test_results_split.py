"""How a line of the bank splits over what a household was to be paid: the parts are always what the bank paid."""

import pytest

from ledger.application.drafting import approve, draft, draft_event
from ledger.application.outcomes import Receipt
from ledger.decisions.prepared import Submission
from tests.application.proposing.county import BATCH, TODAY, County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.paying.bank import at, base_of, listed, result, results, roster, row_of, send

DEDUCTIONS = {
    "part of the month": (0, 100, {"normal": base_of(4) - 100}),
    "part of the month beside arrears": (300, 100, {"normal": base_of(4) - 100, "arrears": 300}),
    "the whole month beside arrears": (300, base_of(4), {"arrears": 300}),
    "more than the month": (300, base_of(4) + 100, {"arrears": 200}),
    "all of it": (300, base_of(4) + 300, {}),
}
"""补发, 扣回, and what of each component reaches the household, in yuan."""


@pytest.mark.parametrize(("more", "less", "paid"), DEDUCTIONS.values(), ids=DEDUCTIONS.keys())
def test_what_is_kept_back_is_of_the_month_first_and_then_of_what_is_beside_it(
    funded: County, more: int, less: int, paid: dict[str, int]
) -> None:
    grid = listed(row_of(4, more, less, "补发8月,扣回6月多发"))
    assert roster(funded, "2025-09", grid).wrong == []
    kept = funded.of_kind("subsidy.offset")
    assert sum(one.amount_fen for one in kept) == less * 100
    assert "W_OFFSET_OVER_PAYMENT" not in funded.findings()
    fen = send(funded)
    yuan = base_of(4) + more - less
    rows = [result(n, base_of(n), "成功", "20250908") for n in range(1, 13) if n != 4]
    rows += [result(4, yuan, "成功", "20250908")] if yuan else []
    report = results(funded, *rows)
    assert (report.new, report.wrong) == (len(rows), [])
    assert sum(one.amount_fen for one in funded.of_kind("subsidy.paid")) == fen
    assert funded.fen(BUREAU, "relief", "transit", BATCH) == 0
    told = [one for one in funded.of_kind("subsidy.paid") if one.enrolment == kept[0].enrolment]
    assert {one.component: one.amount_fen for one in told} == {name: yuan * 100 for name, yuan in paid.items()}
    again = roster(funded, "2025-09", grid)
    assert (again.new, again.duplicate, again.wrong) == (0, 12, [])


def test_a_deduction_that_stands_on_the_month_alone_is_borne_by_what_is_beside_it(funded: County) -> None:
    """Older books hold deductions larger than the payment that they stand on: what the bank paid is booked."""
    grid = listed(row_of(4, 300, 0, "补发8月"))
    roster(funded, "2025-09", grid)
    (more,) = [one for one in funded.of_kind("subsidy.authorised") if one.component == "arrears"]
    mine = [one for one in funded.of_kind("subsidy.authorised") if one.enrolment == more.enrolment]
    normal = next(one for one in mine if one.component == "normal")
    stated = {name: getattr(normal, name) for name in ("payment", "enrolment", "programme", "batch")}
    less = (base_of(4) + 100) * 100
    kept = {**stated, "movement": "old", "fund": "relief", "recovery": None, "amount_fen": less, "reason": "扣回多发"}
    event = draft_event("subsidy.offset", {**kept, "on": "2025-09-01", "origin": "history"})
    submission = draft(funded.signer("acct-bureau"), BUREAU, TODAY, [event], funded.now, note="旧账如此")
    signed = approve(funded.signer("check-bureau"), submission, "checker", funded.now)
    assert isinstance(funded.writer.submit(Submission(submission.envelope, submission.events, (signed,))), Receipt)
    at(funded, 9, 30)
    report = results(funded, result(4, 200, "成功", "20250908"))
    assert (report.new, report.wrong) == (1, [])
    (paid,) = funded.of_kind("subsidy.paid")
    assert (paid.component, paid.amount_fen) == ("arrears", 20_000)


OUTCOMES = [("成功", "失败"), ("失败", "成功"), ("失败", "失败"), ("成功", "成功")]


@pytest.mark.parametrize(("of_month", "of_arrears"), OUTCOMES)
def test_components_that_the_bank_tells_apart_are_booked_apart(funded: County, of_month: str, of_arrears: str) -> None:
    """What failed is the component whose amount the line says, and can be paid again."""
    roster(funded, "2025-09", listed(row_of(4, 100, 0, "补发8月")))
    send(funded)
    at(funded, 9, 30)
    lines = [result(4, base_of(4), of_month, "20250908"), result(4, 100, of_arrears, "20250908")]
    report = results(funded, *lines)
    assert (report.new, report.wrong) == (2, [])
    component = {one.payment: one.component for one in funded.of_kind("subsidy.authorised")}
    told = [*funded.of_kind("subsidy.paid"), *funded.of_kind("subsidy.returned")]
    assert {(component[one.payment], one.kind[8:], one.amount_fen) for one in told} == {
        ("normal", "paid" if of_month == "成功" else "returned", base_of(4) * 100),
        ("arrears", "paid" if of_arrears == "成功" else "returned", 10_000),
    }
    assert [code for code in funded.doubts() if code.startswith("W_RETURN")] == []
    assert sum(one.households for one in funded.of_kind("subsidy.paid")) == int(of_month == "成功")
    again = results(funded, *lines, name="再来.csv")
    assert (again.new, again.duplicate, again.wrong) == (0, 2, [])


def test_a_line_that_several_components_would_explain_is_of_the_month(funded: County) -> None:
    roster(funded, "2025-09", listed(row_of(4, base_of(4), 0, "补发8月")))
    send(funded)
    at(funded, 9, 30)
    assert results(funded, result(4, base_of(4), "成功", "20250908")).wrong == []
    (paid,) = funded.of_kind("subsidy.paid")
    assert (paid.component, paid.amount_fen) == ("normal", base_of(4) * 100)
