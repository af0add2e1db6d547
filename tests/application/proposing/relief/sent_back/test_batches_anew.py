"""Lines that wait are sent back for one wrong amount: the mended list goes its whole way, and says what it does."""

from typing import Any

import pytest

from ledger.application.importing.parse import parse_file
from ledger.application.outcomes import VoucherRefusedError
from ledger.application.proposing.context import Context
from ledger.application.proposing.importer import Importer
from ledger.application.proposing.planning import Maker, Plan
from ledger.application.proposing.reports import FileReport
from tests.application.importing.offices import Grid
from tests.application.proposing.county import BATCH, ORIGIN, County, asks_for_signatures, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.depending.test_lists_in_any_order import signed
from tests.application.proposing.relief.october import HEAD, SEPTEMBER, household
from tests.application.proposing.relief.sent_back.ending import (
    WAYS,
    WHOLE_FEN,
    ended,
    fen_of,
    income,
    lines_fen,
    listed,
    prepared,
    to_its_end,
)

LESS, MORE = income(60), income(200)
"""The list with household 4 by 60 yuan a head, whose draft is too much, and by 200, which is too little."""


@pytest.fixture
def signing(funded: County) -> County:
    asks_for_signatures(funded)
    return funded


def remarks(report: FileReport) -> dict[str, Any]:
    return {note.code: dict(note.params) for note in report.notes if note.code.startswith("W_BATCH_ANEW")}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("grid", [LESS, MORE], ids=["too much", "too little"])
def test_the_mended_list_goes_out_again_and_its_batch_is_closed(signing: County, grid: Grid, way: str) -> None:
    listed(signing, grid)
    assert prepared(signing) == [fen_of(grid)]
    assert ended(signing, way) == 1
    size = signing.size()
    rehearsed = listed(signing, SEPTEMBER, dry_run=True)
    assert signing.size() == size
    report = listed(signing, SEPTEMBER)
    assert (report.new, report.duplicate, report.wrong, len(report.held)) == (12, 0, [], 0)
    told = {"batch": BATCH, "was_fen": fen_of(grid), "total_fen": WHOLE_FEN, "count": 12}
    assert remarks(report) == remarks(rehearsed) == {"W_BATCH_ANEW": told}
    assert (rehearsed.new, rehearsed.wrong) == (12, [])
    assert listed(signing, SEPTEMBER).duplicate == 12
    assert len(signing.waiting()) == signing.sign_off() == 2
    assert (prepared(signing), lines_fen(signing)) == ([WHOLE_FEN], WHOLE_FEN)
    again = listed(signing, SEPTEMBER)
    assert (again.new, again.duplicate, remarks(again), signing.waiting()) == (0, 12, {}, [])
    to_its_end(signing, SEPTEMBER)


def test_who_mends_the_list_too_early_is_told_what_ends_the_voucher(signing: County) -> None:
    listed(signing, LESS)
    report = listed(signing, SEPTEMBER)
    assert (report.new, report.duplicate, codes(report)) == (0, 11, [(5, "E_ROW_CHANGED_WAITING")])
    told = report.wrong[0].message()
    assert [word for word in ("withdraw", "reject", "再导入一次") if word not in told] == []
    ended(signing)
    assert listed(signing, SEPTEMBER).new == 12


def test_the_same_list_again_needs_no_other_total(signing: County) -> None:
    listed(signing, SEPTEMBER)
    ended(signing)
    report = listed(signing, SEPTEMBER)
    assert (report.new, report.wrong, remarks(report)) == (12, [], {})
    assert signing.sign_off() == 1
    assert signing.of_kind("event.reversed") == []
    to_its_end(signing, SEPTEMBER)


def test_nobody_approves_the_old_total_meanwhile(signing: County) -> None:
    """Only the lines are signed: what the batch promises is not theirs yet."""
    listed(signing, LESS)
    ended(signing)
    listed(signing, SEPTEMBER)
    ended(signing, kind="event.reversed")
    signing.sign_off()
    sums = {"batch": BATCH, "count": 12, "total_fen": WHOLE_FEN, "on": "2025-09-30", "origin": "decision"}
    with pytest.raises(VoucherRefusedError) as refused:
        signing.decide(BUREAU, ("batch.approved", sums))
    (told,) = [one.message() for one in refused.value.findings if one.code == "E_BATCH_TOTAL"]
    assert "重新制表" in told
    report = listed(signing, SEPTEMBER)
    assert (report.new, report.duplicate, list(remarks(report))) == (0, 12, ["W_BATCH_ANEW"]), "that alone is news"
    assert signing.sign_off() == 1
    to_its_end(signing, SEPTEMBER)


def test_mended_twice_before_anybody_signs(signing: County) -> None:
    listed(signing, LESS)
    ended(signing)
    listed(signing, MORE)
    ended(signing)
    report = listed(signing, SEPTEMBER)
    (voucher,) = [one.voucher for one in signing.waiting() if b"event.reversed" in b"".join(one.submission.events)]
    told = {"batch": BATCH, "was_fen": fen_of(MORE), "total_fen": WHOLE_FEN, "voucher": voucher}
    assert (report.new, remarks(report)) == (12, {"W_BATCH_ANEW_WAITS": told})
    assert ended(signing, kind="event.reversed") == 1
    report = listed(signing, SEPTEMBER)
    assert (report.new, report.duplicate) == (0, 12)
    assert remarks(report)["W_BATCH_ANEW"]["was_fen"] == fen_of(LESS)
    assert signing.sign_off() == 2
    to_its_end(signing, SEPTEMBER)


def test_mended_again_after_the_batch_was_made_anew(signing: County) -> None:
    """The preparation is signed and the lines are not: they may be sent back once more."""
    listed(signing, LESS)
    ended(signing)
    listed(signing, MORE)
    ended(signing)
    signing.sign_off()
    assert prepared(signing) == [fen_of(MORE)]
    report = listed(signing, SEPTEMBER)
    assert remarks(report)["W_BATCH_ANEW"]["was_fen"] == fen_of(MORE)
    signing.sign_off()
    to_its_end(signing, SEPTEMBER)


def test_what_was_taken_out_stays_out(signing: County) -> None:
    """Household 7's own sums do not hold, and it is out at once; the others wait, and are sent back."""
    out = household(7, **{"分类施保人数": "5", "分类施保金(元)": "50", "本月实发(元)": "710"})
    lists = [[*grid[:7], out, *grid[8:]] for grid in (LESS, SEPTEMBER)]
    assert codes(listed(signing, lists[0])) == [(8, "E_MONTHLY_SUM")]
    assert ended(signing) == 1
    (before,) = signing.events(f"batch:{BATCH}", "batch.line_excluded")
    report = listed(signing, lists[1])
    assert (report.new, codes(report)) == (11, [(8, "E_MONTHLY_SUM")])
    assert remarks(report)["W_BATCH_ANEW"]["total_fen"] == fen_of(lists[1])
    assert signing.sign_off() == 2
    (after,) = signing.events(f"batch:{BATCH}", "batch.line_excluded")
    assert (after.enrolment, after.amount_fen, after.rule_code) == (before.enrolment, 71_000, "MONTHLY_SUM")
    assert (prepared(signing), lines_fen(signing)) == ([fen_of(lists[1])], fen_of(lists[1]))
    again = listed(signing, lists[1])
    assert (again.new, again.duplicate, signing.waiting()) == (0, 11, [])
    to_its_end(signing, lists[1], 7)


@pytest.mark.parametrize("above_fen", [None, 0])
def test_lines_that_stand_are_counted_with_those_that_were_sent_back(funded: County, above_fen: int | None) -> None:
    """Two rows are doubts and wait for that; the other ten are posted at once, or wait too."""
    if above_fen is not None:
        asks_for_signatures(funded, above_fen)
    old = {"保障标准(元/人月)": "480"}
    doubtful = [HEAD, *(household(n, **(old if n in (4, 5) else {})) for n in range(1, 13))]
    listed(funded, doubtful)
    assert ended(funded) == (1 if above_fen is None else 2)
    stands = len(funded.of_kind("subsidy.authorised"))
    mended = income(200)
    report = listed(funded, mended)
    assert (report.new, report.duplicate, report.wrong) == (12 - stands, stands, [])
    assert remarks(report)["W_BATCH_ANEW"]["total_fen"] == fen_of(mended)
    funded.sign_off()
    assert (prepared(funded), lines_fen(funded)) == ([fen_of(mended)], fen_of(mended))
    to_its_end(funded, mended)


def test_a_line_that_was_reversed_comes_with_the_right_amount(funded: County) -> None:
    listed(funded, LESS)
    (line,) = [one for one in funded.of_kind("subsidy.authorised") if one.amount_fen == 88_000]
    (decision,) = [one for one in funded.of_kind("enrolment.confirmed") if one.enrolment == line.enrolment]
    funded.reverse(line, BUREAU)
    funded.reverse(decision, BUREAU)
    report = listed(funded, SEPTEMBER)
    assert (report.new, report.duplicate, report.wrong) == (1, 11, [])
    assert remarks(report)["W_BATCH_ANEW"]["total_fen"] == WHOLE_FEN
    funded.sign_off()
    to_its_end(funded, SEPTEMBER)


def test_a_preparation_that_was_reversed_by_hand_is_made_again(funded: County) -> None:
    """All lines stand; without their batch they are nothing that can be paid."""
    listed(funded, SEPTEMBER)
    (batch,) = funded.of_kind("batch.prepared")
    funded.reverse(batch, BUREAU)
    report = listed(funded, SEPTEMBER)
    assert (report.new, report.duplicate, report.wrong) == (0, 12, [])
    assert prepared(funded) == [WHOLE_FEN]
    to_its_end(funded, SEPTEMBER)


def test_the_old_promise_makes_room_for_the_new_one(county: County) -> None:
    """The quota pays for one of the two and not for both."""
    asks_for_signatures(county)
    (given,) = county.of_kind("appropriation.received")
    stated = {name: value for name, value in given.model_dump(mode="json").items() if name not in ("id", "kind")}
    more = {"document": "湘财社指〔2025〕9号", "amount_fen": WHOLE_FEN - given.amount_fen}
    county.decide(BUREAU, ("appropriation.received", {**stated, **more}))
    assert listed(county, MORE).wrong == []
    ended(county)
    report = listed(county, SEPTEMBER)
    assert (report.new, report.wrong) == (12, [])
    county.sign_off()
    assert prepared(county) == [WHOLE_FEN]
    to_its_end(county, SEPTEMBER)


def test_a_quota_that_does_not_pay_the_mended_list_is_told_once(county: County) -> None:
    asks_for_signatures(county)
    (given,) = county.of_kind("appropriation.received")
    stated = {name: value for name, value in given.model_dump(mode="json").items() if name not in ("id", "kind")}
    more = {"document": "湘财社指〔2025〕9号", "amount_fen": fen_of(MORE) - given.amount_fen}
    county.decide(BUREAU, ("appropriation.received", {**stated, **more}))
    listed(county, MORE)
    ended(county)
    report = listed(county, SEPTEMBER)
    assert [(cell.place.row, cell.code) for cell in report.wrong] == [(0, "E_QUOTA_SHORT")]
    assert [note.params["rows"] for note in report.notes if note.code == "W_ROWS_HELD"] == [12]
    assert remarks(report) == {}, "nothing was prepared anew"


def test_who_may_not_record_the_list_is_not_told_that_its_batch_is_made_anew(signing: County) -> None:
    listed(signing, LESS)
    ended(signing)
    path = signing.write("花名册9月.csv", SEPTEMBER)
    checker = signing.signer(f"check-{BUREAU}")
    for dry_run in (True, False):
        context = Context(signing.store, signing.vault, signing.options(checker.officer))
        importer = Importer(signing.writer, context, lambda: checker, dry_run=dry_run)
        (report,) = importer.add_all([path]).files
        assert report.refused is not None
        assert (report.refused.code, remarks(report)) == ("E_ROLE", {})


def test_what_rests_on_the_old_preparation_goes_first(signing: County) -> None:
    """The batch was reviewed before its lines were sent back."""
    listed(signing, LESS)
    reviewed = {"batch": BATCH, "on": "2025-09-05", "note": None, "origin": "decision"}
    signing.decide(BUREAU, ("batch.reviewed", reviewed))
    ended(signing)
    report = listed(signing, SEPTEMBER)
    assert ([(cell.place.row, cell.code) for cell in report.wrong], remarks(report)) == ([(0, "E_REVERSAL_RESTS")], {})
    (review,) = signing.of_kind("batch.reviewed")
    signing.reverse(review, BUREAU)
    report = listed(signing, SEPTEMBER)
    assert (report.wrong, list(remarks(report))) == ([], ["W_BATCH_ANEW"])
    signing.sign_off()
    to_its_end(signing, SEPTEMBER)


def test_a_month_that_was_locked_meanwhile_keeps_its_days(signing: County) -> None:
    listed(signing, LESS)
    ended(signing)
    signing.now = signing.now.replace(month=10, day=8)
    signing.decide(BUREAU, ("period.locked", {"entity": BUREAU, "period": "2025-09"}))
    report = listed(signing, SEPTEMBER)
    assert (report.new, report.wrong, list(remarks(report))) == (12, [], ["W_BATCH_ANEW"])
    assert signing.sign_off() == 2
    assert prepared(signing) == [WHOLE_FEN]
    again = listed(signing, SEPTEMBER)
    assert (again.new, again.duplicate, signing.waiting()) == (0, 12, [])


def test_what_has_lapsed_and_was_not_ended_is_told(signing: County) -> None:
    listed(signing, LESS)
    signing.now = signing.now.replace(year=2026, month=1, day=5)
    report = listed(signing, LESS)
    (told,) = [note.message() for note in report.notes if note.code == "W_WAITS_IN_VAIN"]
    assert "E_" in told
    assert report.duplicate == 12


@pytest.mark.parametrize("rehearsed", [True, False])
def test_who_signs_elsewhere_hands_the_batch_in_anew(signing: County, *, rehearsed: bool) -> None:
    listed(signing, LESS)
    ended(signing)
    officer = f"acct-{BUREAU}"
    maker = Maker(officer, signing.keys[officer].public.keyid, ORIGIN)
    context = Context(signing.store, signing.vault, signing.options(officer))
    path = signing.write("花名册9月.csv", SEPTEMBER)
    plan = Plan(parse_file(path, month="2025-09"), context, signing.store, signing.writer.authority, maker, {})
    assert remarks(plan.found) == {}, "nothing is certain yet"
    if rehearsed:
        plan.rehearse(signing.now)
        assert list(remarks(plan.found)) == ["W_BATCH_ANEW"]
    kinds = []
    while planned := plan.next_round(signing.now, None, rehearsed=rehearsed):
        kinds += [one.items[0].events[0].kind for one in planned]
        for one in planned:
            plan.record(one, signed(signing, one))
    assert kinds[-2:] == ["event.reversed", "enrolment.confirmed"]
    assert (plan.found.wrong, plan.new, len(plan.results)) == ([], set(), 12)
    assert [note.code for note in plan.found.notes if note.code.startswith("W_BATCH_ANEW")] == ["W_BATCH_ANEW"]
    assert signing.sign_off() == 2
    to_its_end(signing, SEPTEMBER)
