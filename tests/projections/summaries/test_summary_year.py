"""The yearly tables and those of a campaign, against what was put into a real book."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import InputError
from ledger_projections import registry
from ledger_projections.summaries.registry import OF_DAYS, TABLES
from ledger_projections.summaries.table import Asked, Said
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, event, fund, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import KEPT_FEN, checks, codes, home, paid_again, rows, september, table
from tests.projections.summaries.test_summary_handling import of
from tests.projections.test_pledge_report import gift, pledge

YEAR = ("2025-01", "2025-12")
LINE = relief.LINE_FEN


@pytest.fixture(scope="module")
def county() -> Iterator[OpenedBook]:
    with folder() as here:
        book = opened(here)
        september(book)
        paid_again(book)
        yield book
        book.close()


@pytest.mark.parametrize("code", TABLES)
def test_a_table_of_days_is_none_as_of_a_day_before_them(county: OpenedBook, code: str) -> None:
    asked = Asked("2025-09", "2025-09", date(2025, 9, 30), None, date(2025, 8, 31), county.head)
    refused = pytest.raises(InputError, match="E_AS_OF_SPAN") if code in OF_DAYS else nullcontext()
    registry.catch_up(county.store)
    with county.store.read() as connection, refused:
        assert TABLES[code].make(connection, asked).code == code


def test_from_authorised_to_paid(county: OpenedBook) -> None:
    found = table(county, "Y4", *YEAR)
    told = {row.cells[0].code: row.cells[1] for row in found.rows if isinstance(row.cells[0], Said)}
    paid = 3 * LINE - KEPT_FEN
    assert told == {
        "table_item.authorised": 4 * LINE,
        "table_item.offset": KEPT_FEN,
        "table_item.failed": LINE,
        "table_item.retried": 0,
        "table_item.excluded": 0,
        "table_item.pending": 0,
        "table_item.credited": paid,
        "table_item.came_back": 0,
        "table_item.paid": paid,
        "table_item.normal": paid - LINE,
        "table_item.arrears": LINE,
        "table_item.reissued": LINE,
        "table_item.late": LINE,
        "table_item.recovered": 0,
        "table_item.net": paid,
        "table_item.without": paid,
        "table_item.everything": paid,
    }


STEPS = ("authorised", "offset", "failed", "retried", "excluded", "pending", "credited")


def steps(book: OpenedBook, *months: str) -> tuple[object, ...]:
    """The amounts of Y4 from what was authorised to what was credited."""
    found = table(book, "Y4", *months)
    told = {row.cells[0].code: row.cells[1] for row in found.rows if isinstance(row.cells[0], Said)}
    return tuple(told[f"table_item.{name}"] for name in STEPS)


def test_a_line_tried_again_under_its_authorisation_bridges_the_amounts(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    assert steps(book, "2025-09") == (3 * LINE, KEPT_FEN, LINE, 0, 0, 0, 2 * LINE - KEPT_FEN)
    failed = relief.returned(payment="LE2", enrolment="E2", code="NAME_MISMATCH", occurred_on=date(2025, 9, 10))
    book.post(BUREAU, failed, note="再次退票")
    assert steps(book, "2025-09") == (3 * LINE, KEPT_FEN, 2 * LINE, LINE, 0, 0, 2 * LINE - KEPT_FEN)
    book.post(BUREAU, relief.paid(payment="LE2", enrolment="E2", occurred_on=date(2025, 9, 12)), note="补付")
    assert steps(book, "2025-09") == (3 * LINE, KEPT_FEN, 2 * LINE, 2 * LINE, 0, 0, 3 * LINE - KEPT_FEN)
    found = table(book, "Y4", "2025-09")
    assert checks(found) == []
    (told,) = [one for one in found.notes if one.code == "table.note.booked"]
    assert (told.params["net_fen"], told.params["cost_fen"]) == (3 * LINE - KEPT_FEN, 3 * LINE)
    wrong = relief.paid(payment="LE7", enrolment="E1", component="price", amount_fen=700)
    book.post(BUREAU, wrong, note="未签批即付")
    assert beside(book, "2025-09") == {"unasked": 700}
    assert checks(table(book, "Y4", "2025-09")) == []
    book.close()


OWN_BATCH = {"payment": "LE2", "enrolment": "E2", "batch": "B10"}
OWN_LINE = {**OWN_BATCH, "period_from": "2025-09", "period_to": "2025-09"}


def test_a_payment_that_is_authorised_again_as_itself_is_tried_once_each_time(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    october = relief.prepared(batch="B10", month="2025-10", total_fen=LINE)
    book.post(BUREAU, october, relief.authorised(**OWN_LINE, subjects=("PE2", "QE2")), on=date(2025, 9, 28))
    months = ("2025-09", "2025-10")
    assert steps(book, *months) == (4 * LINE, KEPT_FEN, LINE, 0, 0, LINE, 2 * LINE - KEPT_FEN)
    assert steps(book, "2025-10") == (LINE, 0, 0, 0, 0, LINE, 0)
    book.post(
        BUREAU, relief.returned(**OWN_BATCH, occurred_on=date(2025, 9, 29)), note="再次退票", on=date(2025, 9, 29)
    )
    assert steps(book, *months) == (4 * LINE, KEPT_FEN, 2 * LINE, 0, 0, 0, 2 * LINE - KEPT_FEN)
    paid = relief.paid(**OWN_LINE, subjects=("PE2", "QE2"), occurred_on=date(2025, 9, 30))
    book.post(BUREAU, paid, note="补付", on=date(2025, 9, 30))
    assert steps(book, *months) == (4 * LINE, KEPT_FEN, 2 * LINE, LINE, 0, 0, 3 * LINE - KEPT_FEN)
    assert steps(book, "2025-10") == (LINE, 0, LINE, LINE, 0, 0, LINE)
    for asked in (months, ("2025-09",), ("2025-10",)):
        assert checks(table(book, "Y4", *asked)) == []
    book.close()


def test_what_is_taken_out_of_its_next_batch_untried_is_told_as_that(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    october = relief.prepared(batch="B10", month="2025-10", total_fen=LINE)
    book.post(BUREAU, october, relief.authorised(**OWN_LINE, subjects=("PE2", "QE2")), on=date(2025, 9, 28))
    out = {**OWN_BATCH, "fund": relief.FUND, "amount_fen": LINE}
    book.post(BUREAU, relief.excluded(**out), on=date(2025, 9, 29))
    assert steps(book, "2025-10") == (LINE, 0, 0, 0, LINE, 0, 0)
    assert checks(table(book, "Y4", "2025-09", "2025-10")) == []
    book.close()


def beside(book: OpenedBook, *months: str) -> dict[str, object]:
    """The steps of Y4 that no list asked for."""
    found = table(book, "Y4", *months)
    told = {row.cells[0].code: row.cells[1] for row in found.rows if isinstance(row.cells[0], Said)}
    named = {name: told.get(f"table_item.{name}") for name in ("unasked", "unlisted", "differing")}
    return {name: fen for name, fen in named.items() if fen is not None}


def _unasked_of(book: OpenedBook) -> int:
    """A line that was taken out before it was authorised, paid all the same, sent back and paid again."""
    book.post(BUREAU, relief.excluded(payment=None, enrolment="E9", amount_fen=900), note="剔除")
    out = {"payment": "LE9", "enrolment": "E9"}
    book.post(BUREAU, relief.paid(**out, amount_fen=900, occurred_on=date(2025, 9, 12)), note="剔除后仍付")
    back = relief.returned_late(**out, amount_fen=900, occurred_on=date(2025, 9, 13))
    book.post(BUREAU, back, note="退回")
    book.post(BUREAU, relief.paid(**out, amount_fen=900, occurred_on=date(2025, 9, 14)), note="又付")
    return 900


def _failed_unasked(book: OpenedBook) -> int:
    """The bank tried a line that nobody authorised, and no money left."""
    failed = relief.returned(payment="LE8", enrolment="E8", amount_fen=400, occurred_on=date(2025, 9, 12))
    book.post(BUREAU, failed, note="未签批的退票")
    return 400


def _proved_unasked(book: OpenedBook) -> int:
    """A line that nobody authorised: a failure that proves to be money that came back, whose payment comes last."""
    out = {"payment": "LE8", "enrolment": "E8", "amount_fen": 400}
    back = date(2025, 9, 13)
    book.post(BUREAU, relief.returned(**out, occurred_on=back), note="未签批的退票")
    book.post(BUREAU, relief.returned_late(**out, occurred_on=back), note="原来是退回")
    assert beside(book, "2025-09") == {}, "it is one return, of what is not known as paid"
    book.post(BUREAU, relief.paid(**out, occurred_on=date(2025, 9, 12)), note="未签批即付")
    return 400


@pytest.mark.parametrize("act", [_unasked_of, _failed_unasked, _proved_unasked], ids=lambda one: one.__name__)
def test_what_nobody_authorised_is_a_step_of_the_bridge(tmp_path: Path, act: Callable[[OpenedBook], int]) -> None:
    book = opened(tmp_path)
    september(book)
    assert beside(book, "2025-09") == {}
    fen = act(book)
    assert beside(book, "2025-09") == {"unasked": fen}
    assert checks(table(book, "Y4", "2025-09")) == []
    book.close()


@pytest.mark.parametrize("fen", [-100, 100])
def test_another_amount_than_was_due_is_a_step_of_the_bridge(tmp_path: Path, fen: int) -> None:
    """A line that failed is paid in another amount; and a line whose deduction the bank did not make."""
    book = _of_two(tmp_path)
    paid = [
        relief.paid(payment="LE1", enrolment="E1", amount_fen=LINE, occurred_on=date(2025, 9, 10)),
        relief.paid(payment="LE2", enrolment="E2", amount_fen=LINE + fen, occurred_on=date(2025, 9, 10)),
    ]
    book.post(BUREAU, *paid, on=date(2025, 9, 10), note="银行付的金额不同")
    assert steps(book, "2025-09")[-1] == 2 * LINE + fen
    assert beside(book, "2025-09") == {"differing": KEPT_FEN + fen}
    assert checks(table(book, "Y4", "2025-09")) == []
    book.close()


def test_a_line_that_was_taken_out_and_paid_all_the_same_is_both(tmp_path: Path) -> None:
    book = _of_two(tmp_path)
    out = relief.excluded(payment="LE2", enrolment="E2", amount_fen=LINE, on=date(2025, 9, 3))
    book.post(BUREAU, out, on=date(2025, 9, 3), note="剔除")
    paid = relief.paid(payment="LE2", enrolment="E2", occurred_on=date(2025, 9, 10))
    book.post(BUREAU, paid, on=date(2025, 9, 10), note="剔除后仍付")
    assert steps(book, "2025-09") == (2 * LINE, KEPT_FEN, 0, 0, LINE, LINE - KEPT_FEN, LINE)
    assert beside(book, "2025-09") == {"unasked": LINE}
    assert checks(table(book, "Y4", "2025-09")) == []
    book.close()


def test_payments_of_before_the_book_are_of_batches_without_a_list(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    august = {"payment": "LA1", "enrolment": "E1", "batch": "B0", "period_from": "2025-08", "period_to": "2025-08"}
    book.post(BUREAU, relief.paid(**august, origin="history", occurred_on=date(2025, 8, 10)), note="以前的发放")
    assert beside(book, "2025-08") == {"unlisted": LINE}
    assert checks(table(book, "Y4", "2025-08")) == []
    book.close()


def _of_two(tmp_path: Path) -> OpenedBook:
    """September's list of two households, of one of which something is kept back."""
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    book.post(BUREAU, *(home(one, "石岭镇") for one in ("E1", "E2")), on=date(2025, 1, 10))
    lines = [relief.authorised(payment=f"L{one}", enrolment=one, subjects=(f"P{one}",)) for one in ("E1", "E2")]
    kept = relief.offset(payment="LE1", enrolment="E1", on=date(2025, 9, 3), amount_fen=KEPT_FEN)
    total = 2 * LINE - KEPT_FEN
    prepared = relief.prepared(count=2, persons=4, total_fen=total, on=date(2025, 9, 2))
    book.post(BUREAU, prepared, *lines, kept, on=date(2025, 9, 2), note="制表")
    return book


def test_lines_taken_out_or_without_a_result_are_steps_of_the_bridge(tmp_path: Path) -> None:
    book, total = _of_two(tmp_path), 2 * LINE - KEPT_FEN
    assert steps(book, "2025-09") == (2 * LINE, KEPT_FEN, 0, 0, 0, total, 0)
    out = relief.excluded(payment="LE2", enrolment="E2", amount_fen=LINE, on=date(2025, 9, 3))
    book.post(BUREAU, out, on=date(2025, 9, 3), note="剔除")
    assert steps(book, "2025-09") == (2 * LINE, KEPT_FEN, 0, 0, LINE, total - LINE, 0)
    assert checks(table(book, "Y4", "2025-09")) == []
    book.close()


def test_what_came_before_the_book_began_is_not_recovered_in_its_days(tmp_path: Path) -> None:
    """A recovery that the book took over in mid-year: only what comes in later is netted."""
    book = opened(tmp_path)
    september(book, quota_on=date(2025, 9, 1))
    book.post(BUREAU, taken_over(), on=date(2025, 9, 1), note="期初")
    more = {"recovery": "R7", "finding": "F7", "movement": "in-7", "mode": "transfer", "account": "icbc-1"}
    book.post(BUREAU, redress.collected(**more, amount_fen=1_000), note="追回")
    found = table(book, "Y4", *YEAR)
    told = {row.cells[0].code: row.cells[1] for row in found.rows if isinstance(row.cells[0], Said)}
    assert told["table_item.recovered"] == 1_000
    (before,) = rows(table(book, "Q5", "2025-09"), "row")[-1:]
    assert (before["ordered_fen"], before["before_book_fen"], before["open_fen"]) == (9_000, 6_000, 2_000)
    book.close()


def taken_over() -> Any:
    """An opening with one recovery, of 90 yuan of which 60 came before."""
    line = {"fund": relief.FUND, "party": "R7", "debit_fen": 0, "credit_fen": 0}
    sides = (("recoverable", 3_000), ("relief_cost", -3_000))
    lines = [
        {**line, "role": role, "party": "R7" if fen > 0 else relief.DIBAO, "year_start_fen": fen, "balance_fen": fen}
        for role, fen in sides
    ]
    order = {"recovery": "R7", "finding": "F7", "programme": relief.DIBAO, "destination": "programme"}
    paid = {"fund": relief.FUND, "ordered_fen": 9_000, "collected_fen": 6_000, "ordered_on": "2025-06-20"}
    paper = {"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-08-31"}
    empty: dict[str, Any] = {
        name: [] for name in ("pledges", "lots", "receivables", "bank_items", "receipt_ranges", "assets")
    }
    sums = {"net_unrestricted_fen": 0, "net_restricted_fen": 0, "papers": [paper], "lines": lines}
    return event(
        "opening.recorded",
        entity=BUREAU,
        period="2025-09",
        on="2025-09-01",
        recoveries=[{**order, **paid, "person": None}],
        **sums,
        **empty,
    )


def test_the_lines_and_the_ledger_agree_and_say_why_they_differ(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    paid_again(book)
    book.post(BUREAU, redress.finding(), redress.notice(), note="认定")
    book.post(BUREAU, redress.ordered(amount_fen=5_000), note="责令")
    (row,) = rows(table(book, "Y11", "2025-09"))
    # October's batch was credited on the last day of September: the ledger has it, September's batches do not.
    assert of(row, "paid_fen", "offset_fen", "timing_fen") == (2 * LINE - KEPT_FEN, KEPT_FEN, LINE)
    assert of(row, "lessened_fen", "cost_fen", "unexplained_fen") == (-5_000, 3 * LINE - 5_000, 0)
    assert of(row, "statistics_fen", "final_accounts_fen") == (None, None)
    wrong = relief.paid(payment="LE7", enrolment="E1", component="price", amount_fen=700)
    position = book.post(BUREAU, wrong, note="误记").first_position
    book.reverse(BUREAU, wrong, position)
    (again,) = rows(table(book, "Y11", "2025-09"))
    assert again == row
    assert checks(table(book, "Y11", *YEAR)) == []
    emptied = {"fund": relief.FUND, "role": "relief_cost", "party": relief.DIBAO, "balance_fen": row["cost_fen"]}
    carried = event("period.carried_forward", entity=BUREAU, period="2025-09", lines=[emptied], on="2025-09-30")
    position = book.post(BUREAU, carried, note="结转").first_position
    assert rows(table(book, "Y11", "2025-09")) == [row]
    book.reverse(BUREAU, carried, position)
    assert rows(table(book, "Y11", "2025-09")) == [row]
    book.close()


def test_standards_and_the_ones_before_them(county: OpenedBook, tmp_path: Path) -> None:
    book = county.copy(tmp_path / "b.db")
    risen = relief.standard_set(
        amount_fen_per_month=53_000,
        effective_from="2025-10",
        decided_on=date(2025, 9, 20),
        document="示民发〔2025〕30号",
    )
    book.post(BUREAU, risen, note="提标")
    found = [row for row in rows(table(book, "Y2", *YEAR)) if row["category"] == "农村B类"]
    assert [of(row, "standard_fen", "effective_from", "before_fen", "risen_fen") for row in found] == [
        (50_000, "2025-01", None, None),
        (53_000, "2025-10", 50_000, 3_000),
    ]
    later = [row for row in rows(table(book, "Y2", "2025-11")) if row["category"] == "农村B类"]
    assert [row["standard_fen"] for row in later] == [53_000]
    earlier = [row for row in rows(table(book, "Y2", "2025-09")) if row["category"] == "农村B类"]
    assert [row["standard_fen"] for row in earlier] == [50_000]
    assert {of(row, "last_year_fen", "year_risen_fen") for row in found} == {(None, None)}, "before the book"
    (next_year,) = [row for row in rows(table(book, "Y2", "2026-01", "2026-12")) if row["category"] == "农村B类"]
    assert of(next_year, "standard_fen", "last_year_fen", "year_risen_fen", "before_fen") == (53_000, 53_000, 0, 50_000)
    tiers = relief.standard_set(category="农村C类", tiers_fen=(48_000, 32_000), effective_from="2026-07")
    orphans = {"programme": "orphan", "scheme": "orphan", "name": "孤儿基本生活费", "unit": "person", "categories": ()}
    book.post(BUREAU, tiers, relief.programme_opened(**orphans))
    told = table(book, "Y2", "2026-01", "2026-12")
    assert [row["tiers"] for row in rows(told) if row["category"] == "农村C类"] == ["", "480.00、320.00"]
    notes = {one.code: one.params for one in told.notes}
    assert notes["table.note.no_standard"] == {"programmes": ("孤儿基本生活费",)}
    assert "urban_dibao" in notes["table.note.no_programme"]["schemes"]
    book.close()


def test_pledges_of_a_year(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(CHARITY, fund("general"), on=date(2025, 1, 2))
    book.post(CHARITY, pledge("P1", 900_000, "2025-03-01"), note="认捐")
    book.post(CHARITY, gift("D1", 600_000, "2025-09-05", ("P1", 600_000)), gift("D2", 1_000, "2025-09-06"), note="到账")
    found = table(book, "Y6", *YEAR)
    (row,) = rows(found)
    assert of(row, "pledged_fen", "pledged_arrived_fen", "direct_fen", "outstanding_fen") == (
        900_000,
        600_000,
        1_000,
        300_000,
    )
    assert of(row, "rate", "entity") == (667, "示例县慈善总会")
    assert checks(found) == []
    book.close()


def test_a_campaign_by_category_and_its_look_backs(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    raised = redress.clue(raised_on=date(2025, 9, 1), summary="八月未减员", enrolment="E1")
    book.post(BUREAU, raised, note="线索")
    book.post(BUREAU, redress.refuted(on=date(2025, 9, 2)), note="排除")
    book.post(
        BUREAU, redress.verified(result="partly", confirmed_fen=900, measures="减员", on=date(2025, 9, 3)), note="核查"
    )
    one = redress.finding(category="发放不准", persons=3, amount_fen=900)
    other = redress.finding(finding="F2", category="公示不到位", persons=0, amount_fen=0, found_by="self_check")
    book.post(BUREAU, one, other, note="认定")
    book.post(BUREAU, redress.plan(finding="F2", pace="immediate"), note="方案")
    put_right = {"money_means": "returned_to_persons", "rectified_fen": 900, "systems": ("月度比对",), "disciplined": 2}
    book.post(BUREAU, redress.report(**put_right), note="整改")
    more = {"progress": "补报制度", "money_means": "recovered", "systems": ("月度比对", "销户报告"), "disciplined": 1}
    book.post(BUREAU, redress.report(rectified_fen=900, **more), note="再报")
    back = redress.look_back(sample=5, relapsed=1, on=date(2025, 9, 29), performed_by="督查组")
    book.post(BUREAU, back, note="回头看")
    found = table(book, "C1", "2025-07", "2025-09")
    of_notices, of_payments = rows(found)
    keys = ("concerned", "concerned_fen", "at_once", "given_back", "given_back_fen", "systems", "disciplined")
    assert of(of_payments, "category", *keys) == ("发放不准", 3, 900, 0, 1, 900, 2, 3)
    assert of(of_notices, "category", *keys) == ("公示不到位", 0, 0, 1, 0, 0, 0, 0)
    assert of(of_payments, "filed_cases", "published_cases") == (None, None)
    assert [of(row, "rectified", "rectifying", "unplanned") for row in rows(found)] == [(0, 1, 0), (0, 1, 0)]
    assert rows(found, "total")[0]["findings"] == 2
    (clue,) = rows(table(book, "C2", "2025-07", "2025-09"))
    assert of(clue, "summary", "accused", "result", "measures", "confirmed_fen", "verifiers") == (
        *("八月未减员", "E1", Said("table_clue.partly"), "减员"),
        *(900, 2),
    )
    looked = table(book, "C6", "2025-07", "2025-09")
    (row,) = rows(looked)
    assert of(row, "sampled", "relapsed", "looked_by", "category") == (5, 1, "督查组", "发放不准")
    assert table(book, "C6", "2025-07", "2025-08").rows == ()
    assert "table.note.empty" in codes(table(book, "C1", "2024-07", "2024-09"))
    book.close()
