"""A list waits for its checker, and others that are posted meanwhile leave two of its lines no ground to stand on."""

from datetime import date
from pathlib import Path

import pytest

from ledger.application.drafting import draft, draft_event
from ledger.application.importing.parse import parse_file
from ledger.application.outcomes import Receipt, VoucherRefusedError, refusing
from ledger.application.proposing.context import Context
from ledger.application.proposing.planning import Maker, Plan
from ledger.application.proposing.reports import FileReport
from ledger.decisions.prepared import Submission
from ledger.flows.knowledge import Finding
from ledger_api.pending import rows_of
from tests.application.proposing.county import ORIGIN, TODAY, County, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.depending.lists import child, destitute, dibao, sheet, with_rules
from tests.application.proposing.relief.october import HEAD, OCTOBER, import_october, with_quota
from tests.application.proposing.relief.test_exits import exits, leaving


def last_years(number: int) -> list[str]:
    """A row of Dibao by 480 where 500 is in force: it is a doubt, and waits."""
    return dibao(number, None, **{"保障标准(元/人月)": "480"})


@pytest.fixture
def ruled(county: County) -> County:
    return with_rules(with_quota(county))


def lists(county: County) -> list[Path]:
    """The lists of the month, of which that of Dibao waits."""
    rows = [HEAD, *(last_years(number) for number in (2, 3, 6, 9))]
    paths = [county.write("低保.csv", rows), county.write("儿童.csv", sheet(child(3, 1_200)))]
    return [*paths, county.write("特困.csv", sheet({**destitute(6), "姓名": "示例户6"}))]


def read(county: County) -> FileReport:
    """The list that waits, and then the others, in an import of their own; the report of the first."""
    paths = lists(county)
    report = county.one(paths[0])
    county.take_in(*paths[1:])
    return report


def ended(county: County) -> None:
    """The checker sends back what waits."""
    for one in county.waiting():
        stated = {"voucher": one.voucher, "statement": one.statement, "maker": one.maker}
        event = draft_event("voucher.rejected", {**stated, "amount_fen": one.amount_fen, "reason": "退回重导"})
        made = draft(county.signer(f"check-{BUREAU}"), BUREAU, TODAY, [event], county.now)
        assert isinstance(county.writer.submit(made), Receipt)


FAULTS = [(3, "E_DIFFERENCE_EXCEEDED"), (4, "E_EXCLUSIVE_BENEFIT")]


def test_the_lines_at_fault_and_the_cure_are_told(ruled: County) -> None:
    """When the file is read again."""
    report = read(ruled)
    (waits,) = ruled.waiting()
    assert codes(report) == []
    size = ruled.size()
    again = ruled.one(ruled.folder / "低保.csv")
    assert (again.new, again.duplicate, sorted(codes(again))) == (0, 2, FAULTS)
    (told,) = [note for note in again.notes if note.code == "W_WAITS_IN_VAIN"]
    assert told.params["voucher"] == waits.voucher
    assert [one for one in (waits.voucher, "撤回", "退回", "再把同一份文件导入") if one not in told.message()] == []
    assert ruled.size() == size, "only told"


def test_who_signs_elsewhere_is_told_too(ruled: County) -> None:
    """Each time that the upload is judged, and once."""
    read(ruled)
    officer = f"acct-{BUREAU}"
    maker = Maker(officer, ruled.keys[officer].public.keyid, ORIGIN)
    context = Context(ruled.store, ruled.vault, ruled.options(officer))
    parsed = parse_file(ruled.folder / "低保.csv", month="2025-09")
    plan = Plan(parsed, context, ruled.store, ruled.writer.authority, maker, {})
    assert [plan.rehearse(ruled.now) for _ in range(2)] == [0, 0]
    assert sorted((one.place.row, one.code) for one in plan.found.wrong) == FAULTS
    assert [note.code for note in plan.found.notes].count("W_WAITS_IN_VAIN") == 1
    assert (plan.found.duplicate, plan.new) == (2, set())


def test_who_is_to_sign_is_told_the_rows(ruled: County) -> None:
    """The event at fault is the line, which bears no row: that of the decision beside it does."""
    read(ruled)
    (waits,) = ruled.waiting()
    with pytest.raises(VoucherRefusedError) as refused:
        ruled.writer.preview(Submission(waits.submission.envelope, waits.submission.events))
    found = refusing(refused.value)
    assert sorted(zip(rows_of(waits, found), (one.code for one in found), strict=True)) == FAULTS
    assert rows_of(waits, [Finding("E_PERIOD_CLOSED", -1, ())]) == [None]


def test_the_cure_pays_the_others_and_nothing_twice(ruled: County) -> None:
    read(ruled)
    assert ruled.sign_off() == 0, "nobody can sign it"
    ended(ruled)
    report = ruled.one(ruled.folder / "低保.csv")
    assert (report.new, sorted(codes(report))) == (2, FAULTS)
    ruled.sign_off()
    batch = "rural-dibao-2025-09-01"
    lines = ruled.events(f"batch:{batch}", "subsidy.authorised", "batch.line_excluded")
    assert sorted(one.kind for one in lines) == ["batch.line_excluded"] * 2 + ["subsidy.authorised"] * 2
    (total,) = [one.total_fen for one in ruled.of_kind("batch.prepared") if one.batch == batch]
    assert sum(one.amount_fen for one in lines) == total
    again = ruled.one(ruled.folder / "低保.csv")
    assert (again.new, codes(again), ruled.waiting()) == (0, [], [])


def test_what_can_still_be_signed_is_not_told(ruled: County) -> None:
    ruled.one(ruled.write("低保.csv", [HEAD, last_years(2)]))
    again = ruled.one(ruled.folder / "低保.csv", today=date(2025, 9, 30))
    assert (again.duplicate, again.wrong) == (1, [])
    assert not [note for note in again.notes if note.code == "W_WAITS_IN_VAIN"]


def test_another_list_of_the_same_people_is_not_said_to_wait(enrolled: County) -> None:
    """An exit is known by the enrolment that the waiting voucher speaks of, and stands in none of its events."""
    enrolled.sign_off()
    rows = [HEAD, *(last_years(number) for number in range(1, 13))]
    assert import_october(enrolled, rows).new
    assert enrolled.waiting()
    enrolled.decide(BUREAU, ("period.locked", {"entity": BUREAU, "period": OCTOBER}))
    again = import_october(enrolled, rows)
    assert "W_WAITS_IN_VAIN" in [note.code for note in again.notes]
    report = exits(enrolled, leaving(5, 停发月份="2025-11"))
    assert (codes(report), [note.code for note in report.notes if note.code == "W_WAITS_IN_VAIN"]) == ([], [])
    assert report.new == 1
