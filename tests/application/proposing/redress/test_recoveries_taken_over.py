"""A recovery that was ordered before the book began stands in its opening; the bureau's register goes on from there."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger_projections.public_money.recoveries import RecoveryReport, recoveries
from ledger_projections.registry import catch_up
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU, Fact

HEAD, _, IN_PARTS, _ = rows_of("recoveries.csv")
OCTOBER = date(2025, 10, 31)
LISTS = ("pledges", "lots", "receivables", "bank_items", "receipt_ranges", "assets")


def line(role: str, party: str, fen: int) -> dict[str, Any]:
    side = {"year_start_fen": fen, "debit_fen": 0, "credit_fen": 0, "balance_fen": fen}
    return {"fund": "relief", "role": role, "party": party, **side}


def opening(county: County, **more: Any) -> Fact:
    """The bureau's opening with one recovery of 9,600 yuan, of which 3,000 came in."""
    person = county.vault.reference("person", IN_PARTS[HEAD.index("身份证号")])
    of = {"recovery": "ZJ-1", "finding": "RD-1", "programme": "urban-dibao", "destination": "treasury"}
    sums = {"fund": "relief", "person": person, "ordered_fen": 960_000, "collected_fen": 300_000}
    rows = [{**of, **sums, "ordered_on": "2025-06-25", **one} for one in more.pop("rows", ({},))]
    left = sum(one["ordered_fen"] - one["collected_fen"] for one in rows)
    lines = [line("recoverable", "ZJ-1", left), line("due_to_treasury", "ZJ-1", -left)]
    paper = {"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-08-31"}
    fields = {"entity": BUREAU, "period": "2025-09", "on": "2025-09-01", "lines": lines, "papers": [paper]}
    nets = {"net_unrestricted_fen": 0, "net_restricted_fen": 0, "roster": None}
    return "opening.recorded", {**fields, **nets, "recoveries": rows, **{name: [] for name in LISTS}}


@pytest.fixture
def opened(county: County) -> County:
    assert isinstance(county.decide(BUREAU, opening(county), day=date(2025, 9, 1)), Receipt)
    return county


def register(county: County, name: str, *rows: dict[str, str], month: str | None = "2025-10") -> Any:
    """Import a register of this person's matter, with other cells, and have it signed."""
    county.now = county.now.replace(year=2025, month=10, day=31)
    grid = [HEAD, *([row.get(column, was) for column, was in zip(HEAD, IN_PARTS, strict=True)] for row in rows)]
    found = county.one(county.write(name, grid), month=month, today=OCTOBER)
    county.sign_off()
    return found


def report(county: County) -> RecoveryReport:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        return recoveries(connection, on=OCTOBER)


def test_the_registers_row_is_the_recovery_of_the_opening(opened: County) -> None:
    county = opened
    found = register(county, "追缴.csv", {})
    assert (found.new, found.wrong) == (1, [])
    told = report(county)
    assert (told.total.ordered_fen, told.total.collected_fen, told.total.open_fen) == (960_000, 600_000, 360_000)
    assert [(one.recovery, one.finding, one.state) for one in told.recoveries] == [("ZJ-1", "RD-1", "partly")]
    (matter,) = told.matters
    assert (matter.finding, matter.document) == ("RD-1", "示审决〔2025〕3号")
    assert county.fen(BUREAU, "relief", "recoverable") == 360_000
    assert county.of_kind("recovery.ordered") == []
    again = register(county, "再.csv", {})
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])


def test_the_next_sheet_adds_what_came_since_and_ends_it(opened: County) -> None:
    county = opened
    register(county, "追缴.csv", {})
    last = {"已追缴金额(元)": "9600.00", "未追缴金额(元)": "0.00", "未追缴原因": "", "最近到账日期": "2025-10-20"}
    assert register(county, "下月.csv", {**last, "销号日期": "2025-10-30"}).wrong == []
    assert [one.amount_fen for one in county.of_kind("recovery.collected")] == [300_000, 360_000]
    told = report(county)
    assert (told.total.open_fen, [one.state for one in told.matters]) == (0, ["closed"])
    assert county.fen(BUREAU, "relief", "recoverable") == 0


SAME = "the recovery of the opening"
ROWS: list[tuple[str, dict[str, str], str]] = [
    ("no day at all", {"认定日期": "", "告知送达日期": ""}, SAME),
    ("decided since the book began", {"认定日期": "2025-09-20", "告知送达日期": "2025-09-21"}, "its own"),
    ("another programme", {"救助类别": "农村低保", "认定日期": "2025-09-20"}, "its own"),
    ("came before the book began", {"最近到账日期": "2025-08-31"}, "E_RECOVERY_BEFORE_BOOK"),
    ("another sum", {"应追缴金额(元)": "9000.00", "未追缴金额(元)": "3000.00"}, "E_RECOVERY_TAKEN_OVER"),
    ("less than came before", {"已追缴金额(元)": "2000.00", "未追缴金额(元)": "7600.00"}, "E_RECOVERY_LESS"),
]


@pytest.mark.parametrize(("what", "cells", "meant"), ROWS, ids=[one[0] for one in ROWS])
def test_which_rows_are_of_the_opening(opened: County, what: str, cells: dict[str, str], meant: str) -> None:
    county = opened
    found = register(county, "追缴.csv", cells)
    ordered, collected = county.of_kind("recovery.ordered"), county.of_kind("recovery.collected")
    if meant.startswith("E_"):
        assert (codes(found), ordered, collected) == ([(2, meant)], [], [])
        assert all("{" not in found.wrong[0].message(language) for language in ("zh", "en"))
        return
    assert (found.new, found.wrong) == (1, [])
    assert {one.recovery for one in collected} == ({"ZJ-1"} if meant == SAME else {one.recovery for one in ordered})
    assert len(ordered) == (0 if meant == SAME else 1)


def test_another_matter_beside_the_opened_one_stands_alone(opened: County) -> None:
    """Where a row of the file tells of the recovery that was taken over, another document is another matter."""
    other = {"认定文书号": "示民核〔2025〕8号", "应追缴金额(元)": "700.00", "已追缴金额(元)": "0.00"}
    early = {**other, "未追缴金额(元)": "700.00", "最近到账日期": "", "缴款凭证号": ""}
    assert "E_RECOVERY_TAKEN_OVER" not in [code for _, code in codes(register(opened, "前.csv", {}, early))]
    found = register(opened, "追缴.csv", {}, {**early, "认定文书号": "示民核〔2025〕88号", "认定日期": "2025-09-20"})
    assert (found.new, found.duplicate, found.wrong) == (1, 1, [])
    assert [one.sums.collected_fen for one in report(opened).recoveries if one.recovery == "ZJ-1"] == [600_000]


def test_two_of_one_sum_are_told_apart_by_their_day(county: County) -> None:
    two: tuple[dict[str, Any], ...] = ({}, {"recovery": "ZJ-2", "finding": "RD-2", "ordered_on": "2025-03-02"})
    assert isinstance(county.decide(BUREAU, opening(county, rows=two), day=date(2025, 9, 1)), Receipt)
    days = {"认定日期": "", "告知送达日期": ""}
    assert codes(register(county, "无日.csv", days)) == [(2, "E_RECOVERY_CHOICE")]
    assert register(county, "有日.csv", {**days, "认定日期": "2025-03-02"}).wrong == []
    assert {one.recovery for one in county.of_kind("recovery.collected")} == {"ZJ-2"}


def test_a_finding_taken_over_is_closed_like_any_other(opened: County) -> None:
    """Nothing but the opening tells of it, and its steps need no second confirmation."""
    county, on = opened, "2025-09-25"
    of = {"recovery": "ZJ-1", "finding": "RD-1", "fund": "relief"}
    given_up = {"amount_fen": 660_000, "reason": "deceased", "authority": "局党组", "document": "纪要1号", "on": on}
    done = {"progress": "核销", "rectified_fen": 0, "money_means": "none", "systems": [], "disciplined": 0}
    told = {**done, "evidence": [], "evidence_note": "纪要1号", "reporter": "甲", "on": on}
    day = date(2025, 9, 25)
    county.decide(BUREAU, ("recovery.written_off", {**of, **given_up, "origin": "decision"}), day=day)
    county.decide(BUREAU, ("rectification.reported", {"finding": "RD-1", **told}), day=day)
    accepted = {"finding": "RD-1", "accepted_by": "乙", "on": on, "origin": "decision"}
    county.decide(BUREAU, ("rectification.accepted", accepted), day=day)
    closed = {"finding": "RD-1", "closed_by": "乙", "on": on, "origin": "decision"}
    assert isinstance(county.decide(BUREAU, ("finding.closed", closed), day=day), Receipt)


def test_nothing_more_is_ordered_on_it_than_it_says(opened: County) -> None:
    order = {"recovery": "ZJ-9", "finding": "RD-1", "fund": "relief", "programme": "urban-dibao", "amount_fen": 1}
    more = {"destination": "treasury", "on": "2025-09-20", "origin": "decision"}
    notice = {"finding": "RD-1", "how": "post", "on": "2025-09-19"}
    facts = (("notice.served", notice), ("recovery.ordered", {**order, **more}))
    with pytest.raises(VoucherRefusedError) as caught:
        opened.decide(BUREAU, *facts, day=date(2025, 9, 20))
    assert [one.code for one in caught.value.findings] == ["E_RECOVERY_OVER_FINDING"]


def voucher_days(county: County, kind: str) -> list[date]:
    """The days of the vouchers that hold events of a kind."""
    of = "select v.voucher_date from events e, vouchers v where e.kind = :kind"
    inside = "e.position between v.first_position and v.first_position + v.count - 1"
    with county.store.read() as connection:
        found = connection.execute(text(f"{of} and {inside}"), {"kind": kind}).scalars()
        return [date.fromisoformat(str(one)) for one in found]


@pytest.mark.parametrize("days", [{}, {"认定日期": "", "告知送达日期": ""}], ids=["its own days", "the opening's"])
def test_a_row_without_new_money_is_dated_by_the_matter(opened: County, days: dict[str, str]) -> None:
    """It tells of a matter that is older than the book: no voucher of today, and no finding of today."""
    as_taken_over = {"已追缴金额(元)": "3000.00", "未追缴金额(元)": "6600.00", "最近到账日期": "2025-08-20"}
    found = register(opened, "追缴.csv", {**as_taken_over, **days}, month=None)
    assert (found.new, found.wrong) == (1, [])
    (finding,) = opened.of_kind("finding.confirmed")
    (plan,) = opened.of_kind("recovery.planned")
    begun = date(2025, 9, 1)
    assert finding.on == (date(2025, 6, 25) if days else date.fromisoformat(IN_PARTS[HEAD.index("认定日期")]))
    assert (plan.on, voucher_days(opened, "finding.confirmed")) == (begun, [begun])
    assert opened.of_kind("recovery.collected") == []
    again = register(opened, "再.csv", {**as_taken_over, **days}, month=None)
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])
