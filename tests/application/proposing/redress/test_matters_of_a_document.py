"""Several recoveries of one person under one document, or under none: each is a matter of its own, by its months."""

from typing import Any

import pytest

from ledger.application.proposing.context import Context
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.redress.test_check_sheets import doubted, numbers
from tests.application.proposing.redress.test_matching_lists import C, paid
from tests.application.proposing.redress.test_recoveries_of_findings import HEAD, ROW, confirmed

__all__ = ["confirmed", "doubted", "paid"]
OWN = {**ROW, "姓名": "示例甲", "身份证号": "431099194803120016"}
SPRING = {"违规起月": "2025-03", "违规止月": "2025-05"}
SUMMER = {"违规起月": "2025-06", "违规止月": "2025-07"}
LONGER = {"违规起月": "2025-03", "违规止月": "2025-06"}


def due(yuan: int, collected: int = 0, /, **more: str) -> dict[str, str]:
    paid_on = "2025-09-30" if collected else ""
    left = {"已追缴金额(元)": f"{collected}.00", "未追缴金额(元)": f"{yuan - collected}.00", "最近到账日期": paid_on}
    return {"应追缴金额(元)": f"{yuan}.00", **left, **more}


def take(county: County, name: str, *rows: dict[str, str]) -> Any:
    grid: Grid = [HEAD, *([{**OWN, **row}.get(column, "") for column in HEAD] for row in rows)]
    report = county.one(county.write(f"{name}.csv", grid))
    county.sign_off()
    return report


def counts(report: Any) -> tuple[int, int, list[tuple[int, str]]]:
    return report.new, report.duplicate, codes(report)


def matters(county: County) -> list[tuple[int, int]]:
    """Ordered and collected fen of each recovery."""
    sums = {one.recovery: [one.amount_fen, 0] for one in county.of_kind("recovery.ordered")}
    for one in county.of_kind("recovery.collected"):
        sums[one.recovery][1] += one.amount_fen
    return sorted((ordered, collected) for ordered, collected in sums.values())


@pytest.mark.parametrize("document", ["示民核〔2025〕31号", ""])
@pytest.mark.parametrize("files", [1, 2])
def test_two_periods_are_two_matters_in_one_file_or_in_two(county: County, document: str, files: int) -> None:
    rows = [due(500, 500, **SPRING, 认定文书号=document), due(300, 200, **SUMMER, 认定文书号=document)]
    for number, part in enumerate([rows] if files == 1 else [[row] for row in rows]):
        assert counts(take(county, f"{number}", *part)) == (len(part), 0, [])
    assert matters(county) == [(30_000, 20_000), (50_000, 50_000)]
    assert len(county.of_kind("finding.confirmed")) == 2
    assert county.fen(BUREAU, "relief", "recoverable") == 10_000
    size = county.size()
    assert counts(take(county, "再", *rows)) == (0, 2, [])
    assert county.size() == size
    more = [rows[0], due(300, 300, **SUMMER, 认定文书号=document)]
    assert counts(take(county, "后", *more)) == (1, 1, [])
    assert matters(county) == [(30_000, 30_000), (50_000, 50_000)]


def test_corrected_months_are_told_as_a_change_and_no_second_claim(county: County) -> None:
    take(county, "九月", due(500, **SPRING))
    assert counts(take(county, "改", due(500, **LONGER))) == (0, 0, [(2, "E_ROW_CHANGED")])
    assert counts(take(county, "缺", due(500))) == (0, 0, [(2, "E_ROW_CHANGED")])
    assert matters(county) == [(50_000, 0)]


def test_months_that_meet_are_two_matters_where_the_file_names_both(county: County) -> None:
    take(county, "九月", due(500, **SPRING))
    assert counts(take(county, "十月", due(500, **SPRING), due(90, **LONGER))) == (1, 1, [])
    assert matters(county) == [(9_000, 0), (50_000, 0)]


def older(context: Context, what: str, *natural: object) -> str:
    """Recoveries and findings of registers were numbered without their months."""
    kept = natural[:3] if what in ("recovery", "finding") and len(natural) == 5 else natural
    return REFERENCE(context, what, *kept)


REFERENCE = Context.reference


@pytest.mark.parametrize("found_by", ["register", "sheet"])
def test_a_register_that_an_older_release_recorded_adds_nothing(
    confirmed: County, monkeypatch: pytest.MonkeyPatch, found_by: str
) -> None:
    """And what comes in later, or beside it, is booked where it belongs."""
    county, of_sheet = confirmed, found_by == "sheet"
    who = {"姓名": C[0], "身份证号": C[1]} if of_sheet else {}
    first, second = due(500, 100, **SPRING, **who), due(60, **SUMMER, **who, 追缴方式="现金")
    with monkeypatch.context() as patch:
        patch.setattr(Context, "reference", older)
        for module in ("recoveries", "matters"):
            patch.setattr(f"ledger.application.proposing.redress.{module}.meet", lambda _one, _other: True)
        assert counts(take(county, "旧", first)) == (1, 0, [])
    before = county.of_kind("recovery.ordered")
    assert (before[0].finding == numbers(county)[C[0]]) is of_sheet
    assert counts(take(county, "再", first)) == (0, 1, [])
    assert county.of_kind("recovery.ordered") == before
    assert counts(take(county, "后", due(500, 250, **SPRING, **who), second)) == (2, 0, [])
    assert matters(county) == [(6_000, 0), (50_000, 25_000)]
    assert counts(take(county, "三", due(500, 250, **SPRING, **who), second)) == (0, 2, [])
    assert "W_RECOVERY_OVER_FINDING" not in county.findings()
    assert codes(take(county, "改", due(450, 250, **SPRING, **who), second)) == [(2, "E_ROW_CHANGED")]


def test_a_sheets_finding_of_other_months_is_not_this_matter(confirmed: County) -> None:
    (found,) = confirmed.of_kind("finding.confirmed")
    assert (found.period_from, found.period_to) == ("2025-09", "2025-09"), "the sheet names its month"
    who = {"姓名": C[0], "身份证号": C[1]}
    assert counts(take(confirmed, "追缴", due(580, 违规起月="2025-09", 违规止月="2025-09", **who))) == (1, 0, [])
    assert counts(take(confirmed, "又", due(300, 违规起月="2024-03", 违规止月="2024-05", **who))) == (1, 0, [])
    ours, other = confirmed.of_kind("recovery.ordered")
    assert (ours.finding == found.finding, other.finding == found.finding) == (True, False)
