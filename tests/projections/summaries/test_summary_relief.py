"""The tables of relief money against what was put into a real book, counted by hand."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.values.dates import TZ
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.table import Said
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import KEPT_FEN, checks, codes, home, paid_again, rows, september, table

MONTH = "2025-09"
LINE = relief.LINE_FEN
PAID_FEN = 2 * LINE - KEPT_FEN


@pytest.fixture(scope="module")
def county() -> Iterator[OpenedBook]:
    with folder() as here:
        book = opened(here)
        september(book)
        yield book
        book.close()


def test_the_month_by_programme(county: OpenedBook) -> None:
    found = table(county, "M1", MONTH)
    (row,) = rows(found)
    roster = {"opening_households": 4, "opening_persons": 8, "in_households": 0, "in_persons": 0}
    left = {"out_households": 1, "out_persons": 2, "out_deaths": 2, "out_transferred": 0}
    closing = {"closing_households": 3, "closing_persons": 6}
    paid = {"household_times": 2, "person_times": 4, "authorised_fen": 3 * LINE, "paid_fen": PAID_FEN}
    failed = {"failed_lines": 1, "failed_fen": LINE, "unpaid_fen": LINE, "offset_fen": KEPT_FEN, "late_fen": 0}
    for key, value in {**roster, **left, **closing, **paid, **failed}.items():
        assert (key, row[key]) == (key, value)
    assert row["level_fen"] == 34_500  # two households of two persons, 690 yuan each, the deduction not taken off
    assert (row["level_before_fen"], row["level_last_year_fen"]) == (None, None)
    (total,) = rows(found, "total")
    assert total["programme"] == Said("table.total.relief", {"programmes": (row["programme"],)})
    assert (total["paid_fen"], total["level_fen"]) == (PAID_FEN, "")
    assert checks(found) == []
    assert {"table.note.no_comparison", "table.note.no_programme", "table.note.not_in_book"} <= codes(found)
    assert found.rows[0].tags == (f"programme:{relief.DIBAO}",)


@pytest.mark.parametrize("code", ["M1", "M2", "M5", "Y1", "M6", "M7", "Q5"])
def test_months_beyond_the_book_are_told(county: OpenedBook, code: str) -> None:
    """No roster carried on and no zero passes for what was recorded."""
    edges = {"table.note.after_paid", "table.note.after_posted"}
    assert codes(table(county, code, MONTH)) & edges == set()
    of_payments = code in {"M1", "M2", "M5", "Y1"}
    assert codes(table(county, code, "2030-01")) & edges == (edges if of_payments else {"table.note.after_posted"})


def test_the_townships_sum_to_the_county(county: OpenedBook) -> None:
    whole, found = table(county, "M1", MONTH), table(county, "M2", MONTH)
    each = {row["township"]: row for row in rows(found)}
    assert {one: row["paid_fen"] for one, row in each.items()} == {"石岭镇": LINE, "城关镇": LINE - KEPT_FEN}
    assert {one: row["closing_persons"] for one, row in each.items()} == {"石岭镇": 4, "城关镇": 2}
    assert each["石岭镇"]["out_deaths"] == 2
    (mine,), (total,) = rows(found, "total"), rows(whole, "total")
    assert {key: mine[key] for key in mine if key in total and key != "programme"} == {
        key: total[key] for key in mine if key in total and key != "programme"
    }
    assert checks(found) == []


def test_a_household_that_moves_leaves_one_township_and_comes_into_the_other(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    moved = relief.changed(
        enrolment="E3",
        household="HE3",
        person="PE3",
        members=relief.members("PE3", "QE3"),
        township="石岭镇",
        village="上坪村",
        from_month="2025-10",
        reasons=("township",),
    )
    book.post(BUREAU, moved, note="转乡镇")
    each = {row["township"]: row for row in rows(table(book, "M2", "2025-10"))}
    assert (each["城关镇"]["out_persons"], each["石岭镇"]["in_persons"]) == (2, 2)
    (whole,) = rows(table(book, "M1", "2025-10"))
    assert (whole["in_persons"], whole["out_persons"], whole["closing_persons"]) == (0, 0, 6)
    changes = [row for row in rows(table(book, "M5", "2025-10"), "part") if row["way"] == Said("table_way.changed")]
    assert [(row["reason"].code, row["households"]) for row in changes] == [("table_reason.township", 1)]
    book.close()


def test_failures_until_they_are_paid_again(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    (row,) = rows(table(book, "M3", MONTH))
    assert (row["enrolment"], row["township"], row["village"]) == ("E2", "石岭镇", "上坪村")
    assert (row["failure_code"], row["waited"], row["unpaid_fen"]) == (Said("table_failure.NAME_MISMATCH"), 21, LINE)
    assert (row["payee_name"], row["correction"]) == (None, None)
    (later,) = rows(table(book, "M3", "2025-10"))
    assert (later["month"], later["unpaid_fen"]) == (MONTH, LINE)
    assert "table.note.older" in codes(table(book, "M3", "2025-10"))
    paid_again(book)
    (row,) = rows(table(book, "M3", MONTH))
    assert (row["state"], row["reissue_batch"], row["unpaid_fen"]) == (Said("table_failure.paid"), "B2", 0)
    assert table(book, "M3", "2025-10").rows == ()
    (october,) = rows(table(book, "M1", "2025-10"))
    assert (october["paid_fen"], october["late_fen"]) == (LINE, LINE)
    assert (october["year_paid_fen"], october["level_fen"]) == (PAID_FEN + LINE, None)
    (both,) = rows(table(book, "M1", MONTH, "2025-10"))
    assert (both["paid_fen"], both["unpaid_fen"], both["out_deaths"]) == (PAID_FEN + LINE, 0, 2)
    book.close()


def test_roster_bank_and_finance_side_by_side(county: OpenedBook) -> None:
    found = table(county, "M4", MONTH)
    (row,) = rows(found)
    assert (row["roster_households"], row["roster_persons"], row["roster_fen"]) == (3, 6, 3 * LINE)
    assert (row["prepared_household_times"], row["prepared_fen"]) == (3, 3 * LINE - KEPT_FEN)
    counted = {column.unit for column in found.columns if column.key.endswith("_times")}
    assert counted == {"times"}, "of a list or the bank, nobody is counted once"
    assert (row["bank_household_times"], row["bank_fen"], row["uncredited_fen"]) == (2, PAID_FEN, LINE)
    assert (row["funded_fen"], row["difference_fen"]) == (3 * LINE - KEPT_FEN, LINE)
    pairs = {one["programme"].code: one["explanation"].params["parts"] for one in rows(found, "part")}
    failed = Said("table_gap.failed", {"households": 1, "persons": 2, "part_fen": LINE})
    kept = Said("table_gap.kept_back", {"households": 0, "persons": 0, "part_fen": KEPT_FEN})
    assert pairs["table_between.finance_bank"] == (failed,)
    assert pairs["table_between.roster_bank"] == (kept, failed)
    assert pairs["table_between.roster_finance"] == (kept,)
    assert [one.code for one in row["explanation"].params["sentences"]] == ["table.explain.pair"] * 2
    assert (row["province_households"], row["province_fen"]) == (None, None)
    assert checks(found) == []
    assert found.rows[0].tags == (f"programme:{relief.DIBAO}", "batch:B1")


def test_a_month_paid_beside_what_came_back_is_one_time_of_its_batch(tmp_path: Path) -> None:
    """M1 counts both months of the two persons, M4 the household and its persons once for the line of the batch."""
    book = opened(tmp_path)
    september(book)
    of_two = {"batch": "B2", "enrolment": "E2", "subjects": ("PE2",), "reason": "退票重发"}
    again = {"payment": "L9", "component": "arrears", "reference": relief.reference(payment="LE2")}
    month = {"payment": "L10", "period_from": "2025-10", "period_to": "2025-10"}
    on, fen = date(2025, 9, 29), 2 * LINE
    lines = [relief.authorised(**of_two, **again), relief.authorised(**of_two, **month)]
    list_of = relief.prepared(batch="B2", month="2025-10", persons=2, total_fen=fen, on=on)
    book.post(BUREAU, list_of, *lines, note="制表")
    book.post(
        BUREAU, relief.reviewed(batch="B2", on=on), relief.approved(batch="B2", total_fen=fen, on=on), note="签批"
    )
    for one in lines:
        said = {name: getattr(one, name) for name in ("payment", "component", "period_from", "period_to", "subjects")}
        credit = relief.paid(**said, batch="B2", enrolment="E2", occurred_on=on)
        book.post(BUREAU, credit, on=on, note="回盘")
    (row,) = rows(table(book, "M4", "2025-10"))
    assert [row[f"prepared_{one}_times"] for one in ("household", "person")] == [1, 2]
    assert [row[f"bank_{one}_times"] for one in ("household", "person")] == [1, 2]
    (told,) = rows(table(book, "M1", "2025-10"))
    assert (told["household_times"], told["person_times"], told["paid_fen"]) == (2, 4, fen)
    book.close()


def counted(book: OpenedBook, households: int, remark: str | None = None, **over: Any) -> None:
    """The province counts September's households of two persons each."""
    numbers = {"households": households, "persons": 2 * households, "amount_fen": households * LINE}
    event = relief.counted(**{**numbers, "explanation": remark, **over})
    book.post(BUREAU, event, on=date(2025, 9, 5), note="省系统")


def test_the_province_beside_the_roster_and_why_they_differ(county: OpenedBook, tmp_path: Path) -> None:
    book = county.copy(tmp_path / "p.db")
    counted(book, 2)
    counted(book, 1, township="城关镇")
    (row,) = rows(table(book, "M4", MONTH))
    assert (row["province_households"], row["province_persons"], row["province_fen"]) == (3, 6, 3 * LINE)
    assert (row["gap_households"], row["gap_persons"], row["gap_fen"], row["province_note"]) == (0, 0, 0, "")
    assert checks(table(book, "M4", MONTH)) == []
    counted(book, 3, counted_on=date(2025, 9, 6))
    found = table(book, "M4", MONTH)
    (row,) = rows(found)
    assert (row["province_households"], row["gap_households"], row["gap_persons"], row["gap_fen"]) == (4, 1, 2, LINE)
    assert checks(found) == ["check.province"], "a later export counts, and nobody says why it differs"
    counted(book, 3, counted_on=date(2025, 9, 7), remark="1户待更新")
    found = table(book, "M4", MONTH)
    assert (checks(found), rows(found)[0]["province_note"]) == ([], "石岭镇:1户待更新")
    (then,) = rows(table(book, "M4", MONTH, as_of=date(2025, 9, 5)))
    assert then["province_households"] == 3, "as it was known on that day"
    (after,) = rows(table(book, "M4", "2025-10"))
    assert after["province_households"] is None
    book.close()


def test_a_total_compares_only_what_the_province_counted(county: OpenedBook, tmp_path: Path) -> None:
    """The province counts the rural households, and nobody destitute: no total says 6, 7 and a difference of 0."""
    book = county.copy(tmp_path / "t.db")
    lone = relief.destitute(enrolment="E9", person="PE9", from_month="2025-02", reason="new")
    book.post(BUREAU, lone, on=date(2025, 1, 12), note="特困")
    counted(book, 3)
    found = table(book, "M4", MONTH)
    keys = ("province_persons", "roster_persons", "gap_persons", "difference_fen")
    compared, whole = (tuple(one[key] for key in keys) for one in rows(found, "total"))
    assert (compared, whole) == ((6, 6, 0, LINE), ("", 7, "", LINE))
    assert "table.note.uncounted" in codes(found)
    assert [one["programme"].code for one in rows(found, "total")] == ["table.total.compared", "table.total.set"]
    book.close()


def test_a_payment_outside_the_batches_is_told(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    loose = {"payment": "LX", "enrolment": "E2", "batch": "BX", "component": "price"}
    book.post(BUREAU, relief.paid(**loose, amount_fen=2_000, subjects=("PE2",), origin="history"), note="批次外")
    found = table(book, "M4", MONTH)
    assert checks(found) == ["check.bank"]
    assert found.notes[0].params["paid_fen"] - found.notes[0].params["batches_fen"] == 2_000
    book.close()


def test_more_than_a_batch_was_prepared_for_is_told(tmp_path: Path) -> None:
    """What waits is what the others leave of a batch, and agrees always; what they come to beyond it does not."""
    book = opened(tmp_path)
    september(book)
    unasked = {"payment": "LX", "enrolment": "E1", "component": "price"}
    book.post(BUREAU, relief.paid(**unasked, amount_fen=2_000, subjects=("PE1",)), note="多付")
    found = table(book, "M4", MONTH)
    (over,) = [one for one in found.notes if one.code == "check.road"]
    assert over.params["road_fen"] - over.params["told_fen"] == 2_000
    book.close()


def test_who_came_and_who_left_by_reason(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    new = home("E5", "城关镇", from_month=MONTH, reason="discovered", decided_on=date(2025, 8, 25))
    opening = home("E6", "城关镇", from_month=MONTH, reason="opening", origin="history", decided_on=None)
    book.post(BUREAU, new, opening, on=date(2025, 8, 25), note="新增")
    found = table(book, "M5", MONTH)
    told = [(row["way"].code, row["reason"].code, row["households"], row["persons"]) for row in rows(found)]
    assert told == [
        ("table_way.in", "table_reason.discovered", 1, 2),
        ("table_way.out", "table_reason.death", 1, 2),
    ]
    assert [(row["way"].code, row["persons"]) for row in rows(found, "total")] == [
        ("table_total.in", 2),
        ("table_total.out", 2),
    ]
    assert "table.note.taken_over" in codes(found)
    (month,) = rows(table(book, "M1", MONTH))
    # Whoever was taken over with the book stands in the opening.
    assert (month["opening_persons"], month["in_persons"], month["closing_persons"]) == (10, 2, 10)
    (year,) = rows(table(book, "Y1", "2025-01", "2025-12"))
    assert (year["opening_persons"], year["in_persons"], year["out_persons"], year["closing_persons"]) == (2, 10, 2, 10)
    (late,) = rows(table(book, "Y1", "2025-08", "2025-12"))
    # In the year a decision counts in its own month: what takes effect in September was decided in August.
    assert (late["opening_persons"], late["in_persons"], late["out_persons"]) == (10, 2, 2)
    (said,) = [one.params for one in table(book, "Y1", "2025-08", "2025-12").scopes if "year_roster" in one.code]
    assert said == {"first": "2025-09", "last": "2026-01"}, "the rosters that are told"
    (none,) = rows(table(book, "Y1", "2025-09", "2025-12"))
    assert (none["opening_persons"], none["in_persons"], none["out_persons"]) == (10, 0, 0)
    book.close()


def test_the_documents_and_what_was_paid_from_them(county: OpenedBook) -> None:
    found = table(county, "Q1", "2025-07", MONTH)
    (row,) = rows(found)
    spent = 3 * LINE - KEPT_FEN
    assert (row["allocated_fen"], row["spent_fen"], row["left_fen"]) == (1_000_000, spent, 1_000_000 - spent)
    assert row["rate"] == (1000 * spent + 500_000) // 1_000_000
    assert (row["document"], row["level"], row["carried_over_fen"]) == (
        relief.DOCUMENT,
        Said("table_level.province"),
        0,
    )
    assert checks(found) == []
    before = rows(table(county, "Q1", "2025-07", "2025-08"))
    assert [row["spent_fen"] for row in before] == [0]
    (level,) = rows(table(county, "Y3", "2025-01", "2025-12"))
    assert (level["documents"], level["spent_fen"]) == (1, spent)
    assert table(county, "Q1", "2024-07", "2024-09").rows == ()


FUNDED = ("carried_over_fen", "allocated_fen", "spent_fen", "left_fen")


def funded(book: OpenedBook, code: str, year: int, document: str = relief.DOCUMENT) -> list[tuple[int, ...]]:
    """The money of a document's rows in a year; of a table by level, of all rows."""
    found = table(book, code, f"{year}-01", f"{year}-12", today=date(2027, 1, 5))
    assert checks(found) == []
    return [tuple(row[name] for name in FUNDED) for row in rows(found) if row.get("document") in (None, document)]


def test_the_second_year_begins_with_what_the_first_left(county: OpenedBook, tmp_path: Path) -> None:
    book = county.copy(tmp_path / "b.db")
    spent = 3 * LINE - KEPT_FEN
    left = 1_000_000 - spent
    for code in ("Q1", "Y3"):
        assert funded(book, code, 2025) == [(0, 1_000_000, spent, left)]
        assert funded(book, code, 2026) == [(left, 0, 0, left)]
    book.now = datetime(2026, 3, 2, 10, tzinfo=TZ)
    again = relief.appropriation(fiscal_year=2026, amount_fen=70_000, occurred_on=date(2026, 2, 1))
    book.post(BUREAU, again, on=date(2026, 2, 1), note="同一文号又下达")
    on = date(2026, 3, 1)
    line = relief.authorised(batch="B8", payment="L8", period_from="2026-03", period_to="2026-03")
    book.post(BUREAU, relief.prepared(batch="B8", month="2026-03", on=on), line, on=on, note="制表")
    book.post(BUREAU, relief.reviewed(batch="B8", on=on), relief.approved(batch="B8", on=on), on=on, note="签批")
    order = relief.funded(batch="B8", movement="order-8", account="transit", occurred_on=on)
    book.post(BUREAU, order, on=on, note="支付令")
    assert funded(book, "Q1", 2026) == [(left, 0, LINE, left - LINE), (0, 70_000, 0, 70_000)]
    assert funded(book, "Y3", 2026) == [(left, 70_000, LINE, left - LINE + 70_000)]
    years = [row["fiscal_year"] for row in rows(table(book, "Q1", "2026-01", "2026-12"))]
    assert years == ["2025", "2026"]
    assert funded(book, "Q1", 2025) == [(0, 1_000_000, spent, left)]
    assert funded(book, "Q1", 2027) == [(left - LINE, 0, 0, left - LINE), (70_000, 0, 0, 70_000)]
    book.close()


def test_money_of_two_years_under_one_number_is_spent_from_the_older_and_given_back_to_the_newer(
    tmp_path: Path,
) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), home("E1", "石岭镇"), on=date(2025, 1, 2))
    older = relief.appropriation(document="旧文", fiscal_year=2024, amount_fen=20_000, carried_over=True)
    newer = relief.appropriation(document="旧文", fiscal_year=2025, amount_fen=80_000)
    book.post(BUREAU, older, newer, on=date(2025, 3, 18), note="指标")
    sources = ({"document": "旧文", "fen": LINE},)
    order = relief.funded(account="transit", sources=sources)
    line = relief.authorised(subjects=("PE1",))
    book.post(BUREAU, relief.prepared(), line, relief.reviewed(), relief.approved(), note="签批")
    book.post(BUREAU, order, note="支付令")
    rest = LINE - 20_000
    assert funded(book, "Q1", 2025, "旧文") == [(20_000, 0, 20_000, 0), (0, 80_000, rest, 80_000 - rest)]
    assert funded(book, "Q1", 2026, "旧文") == [(80_000 - rest, 0, 0, 80_000 - rest)], "nothing left, nothing moved"
    back = relief.unspent(amount_fen=rest + 5_000, sources=({"document": "旧文", "fen": rest + 5_000},))
    book.post(BUREAU, back, note="退回")
    assert funded(book, "Q1", 2025, "旧文") == [(20_000, 0, 15_000, 5_000), (0, 80_000, 0, 80_000)]
    book.close()


def test_an_order_that_was_taken_back_later_still_stood_before(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    more = relief.appropriation(document="湘财社指〔2025〕×2号", amount_fen=70_000, occurred_on=date(2025, 6, 1))
    position = book.post(BUREAU, more, on=date(2025, 6, 1), note="指标").first_position
    book.reverse(BUREAU, more, position, on=date(2025, 9, 20))
    for last, given in {"2025-08": [1_000_000, 70_000], "2025-09": [1_000_000]}.items():
        found = table(book, "Q1", "2025-07", last)
        assert ([row["allocated_fen"] for row in rows(found)], checks(found)) == (given, [])
    book.close()


def test_another_entity_and_an_earlier_day_see_nothing(county: OpenedBook) -> None:
    for code in ("M1", "M2", "M3", "M4", "Q1"):
        assert rows(table(county, code, MONTH, entity=CHARITY)) == []
    (row,) = rows(table(county, "M1", MONTH, as_of=date(2025, 9, 5)))
    assert (row["authorised_fen"], row["paid_fen"], row["failed_lines"]) == (3 * LINE, 0, 0)


def test_the_destitute_are_shown_by_how_they_are_cared_for(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    standard = {"programme": relief.DESTITUTE, "category": "集中", "amount_fen_per_month": 95_000}
    book.post(BUREAU, relief.standard_set(**standard), on=date(2025, 1, 3), note="标准")
    apart = relief.destitute()
    together = relief.destitute(enrolment="E8", person="P8", category="集中", from_month=MONTH)
    book.post(BUREAU, apart, together, on=date(2025, 1, 10), note="认定")
    place = {"programme": relief.DESTITUTE, "batch": "B7", "enrolment": "E8", "payment": "L8", "amount_fen": 95_000}
    said = {"batch": "B7", "programme": relief.DESTITUTE, "persons": 1, "total_fen": 95_000}
    line = relief.authorised(**place, persons=1, subjects=("P8",))
    book.post(BUREAU, relief.prepared(**said), line, note="制表")
    signed = relief.approved(batch="B7", total_fen=95_000)
    book.post(BUREAU, relief.reviewed(batch="B7"), signed, note="签批")
    order = relief.funded(batch="B7", movement="order-7", amount_fen=95_000, account="transit")
    book.post(BUREAU, order, relief.paid(**place, persons=1, subjects=("P8",)), note="发放")
    found = table(book, "M1", MONTH)
    (whole,) = rows(found)
    assert (whole["opening_persons"], whole["in_persons"], whole["paid_fen"], whole["level_fen"]) == (
        1,
        1,
        95_000,
        95_000,
    )
    parts = {row["programme"]: row for row in rows(found, "part")}
    assert {name: row["closing_persons"] for name, row in parts.items()} == {"分散": 1, "集中": 1}
    assert {name: row["paid_fen"] for name, row in parts.items()} == {"分散": 0, "集中": 95_000}
    assert {name: row["in_persons"] for name, row in parts.items()} == {"分散": 0, "集中": 1}
    assert rows(found, "total")[0]["closing_persons"] == 2, "parts are in no total"
    assert checks(found) == []
    book.close()


def test_every_table_is_the_same_on_postgresql(county: OpenedBook, pg_url: str) -> None:
    book = OpenedBook.create(pg_url)
    september(book)
    for code in TABLES:
        assert table(book, code, MONTH) == table(county, code, MONTH)
    book.close()
