"""A row that cannot be used takes nothing with it: bad rows, gates that refuse one row, facts that break a rule."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.application.importing.rows import Place, WrongCell
from ledger.application.proposing.context import Context
from ledger.application.proposing.filing import with_a_role
from ledger.application.proposing.importer import Importer
from ledger.application.proposing.proposal import Proposed
from ledger.application.proposing.reports import FileReport
from ledger.decisions import judging
from ledger.decisions.model import World
from ledger.decisions.prepared import Prepared
from ledger.flows.knowledge import Need
from ledger.signing.statements import Statement
from tests.application.importing.offices import SAMPLES, Grid, changed, workbook
from tests.application.proposing.county import BATCH, TODAY, County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU, CHARITY
from tests.flows.public_money import samples_relief as relief

ROSTER = ("家庭编号", "低保证号", "户主身份证号")
BAD_ROWS: list[tuple[str, str, dict[str, str], str]] = [
    # file, what is wrong, cells of its first row (one of them is the column at fault), code
    ("donation_register.csv", "no day", {"到账日期": ""}, "E_CELL_MISSING"),
    ("donation_register.csv", "an account nobody registered", {"收款账户": "农行1234"}, "E_ACCOUNT_CHOICE"),
    ("donation_register.csv", "a fund nobody opened", {"指定项目或受益人": "爱心助老"}, "E_FUND_CHOICE"),
    ("donation_register.csv", "a pledge nobody made", {"认捐编号": "RJ2025-999"}, "E_PLEDGE_UNKNOWN"),
    ("donation_register.csv", "in the future", {"到账日期": "2025-10-05"}, "E_FACT_IN_FUTURE"),
    ("donation_register.csv", "a refund as a gift", {"捐赠金额(元)": "-5.00"}, "E_DONATION_NEGATIVE"),
    (
        "donation_register.csv",
        "by a channel without its order",
        {"收款账户": "支付宝", "银行流水号或支付单号": ""},
        "E_ORDER_MISSING",
    ),
    ("wechat_trade.csv", "another merchant", {"商户号": "`1900001111"}, "E_CHANNEL_CHOICE"),
    ("wechat_fund.csv", "an unknown movement", {"业务类型": "`理财", "业务名称": "`理财"}, "E_CHANNEL_BUSINESS"),
    ("bank_ccb.csv", "an account nobody registered", {"账号": "43050199990800000000"}, "E_ACCOUNT_CHOICE"),
    ("dibao_roster.csv", "no programme", {"保障类别": "临时"}, "E_PROGRAMME_CHOICE"),
    ("dibao_roster.csv", "nobody's household", dict.fromkeys(ROSTER, ""), "E_CELL_MISSING"),
    ("dibao_roster.csv", "a sum that is none", {"本月实发(元)": "700"}, "E_ROSTER_SUM"),
    ("deaths.csv", "in the future", {"死亡日期": "2025-10-19"}, "E_FACT_IN_FUTURE"),
    ("lottery.csv", "more now than in all", {"支付金额(万元)": "11.50", "累计支付(万元)": "10.50"}, "E_LOTTERY_TOTAL"),
    ("recoveries.csv", "an unknown programme", {"救助类别": "住房"}, "E_PROGRAMME_CHOICE"),
    ("mutual_aid.csv", "no society", {"互助社名称": ""}, "E_CELL_MISSING"),
    ("rectification.csv", "no document", {"文书名称及文号": ""}, "E_CELL_MISSING"),
    ("doubts.csv", "an unknown answer", {"核查结果": "也许"}, "E_CELL_CHOICE"),
]


def with_cells(grid: Grid, row: int, cells: dict[str, str]) -> Grid:
    for column, value in cells.items():
        grid = changed(grid, row, column, value)
    return grid


@pytest.mark.parametrize(("name", "what", "cells", "code"), BAD_ROWS, ids=[f"{b[0]}-{b[1]}" for b in BAD_ROWS])
def test_a_bad_row_is_named_and_its_neighbours_are_booked(
    county: County, name: str, what: str, cells: dict[str, str], code: str
) -> None:
    if name == "recoveries.csv":
        county.take_in("dibao_roster.csv")
    path = county.write(name, with_cells(rows_of(name), 1, cells))
    report = county.one(path)
    wrong: WrongCell = report.wrong[0]
    assert [cell.column for cell in report.wrong if cell.code == code and cell.column in cells]
    assert {(cell.place.file, cell.place.sheet, cell.place.row) for cell in report.wrong} == {(name, None, 2)}
    assert all(f"{name} {row}" in wrong.message(language) for language, row in (("zh", "第2行"), ("en", "row 2")))
    assert report.new + report.noted == 2


@pytest.mark.parametrize("name", ["payfile.csv", "payresult.csv"])
def test_a_row_of_no_batch_is_named(county: County, name: str) -> None:
    county.take_in("dibao_roster.csv")
    county.road()
    column = "摘要" if name == "payfile.csv" else "批次号"
    report = county.one(county.write(name, changed(rows_of(name), 1, column, "慰问")))
    assert codes(report) == [(2, "E_PROGRAMME_CHOICE")]
    assert report.wrong[0].column == column


def test_the_sheet_is_named_too(county: County) -> None:
    head, *rows = rows_of("dibao_roster.csv")
    bad = with_cells([head, rows[2]], 1, {"保障类别": "临时"})
    path = county.folder / "两表.xlsx"
    path.write_bytes(
        workbook({"上坪村": [list(row) for row in (head, *rows[:2])], "下坪村": [list(row) for row in bad]})
    )
    report = county.one(path)
    assert [(cell.place.sheet, cell.place.row, cell.column) for cell in report.wrong] == [("下坪村", 2, "保障类别")]
    assert "[下坪村] 第2行" in report.wrong[0].message()
    assert report.new == 2


def test_a_file_that_cannot_be_read_stops_no_other(county: County, scratch: Path) -> None:
    broken = scratch / "broken.csv"
    broken.write_text("这不是表格", encoding="utf-8")
    report = county.take_in("wechat_trade.csv", broken)
    assert [(one.file, one.refused is None) for one in report.files] == [
        ("wechat_trade.csv", True),
        ("broken.csv", False),
    ]
    assert report.files[0].new == 3


def test_without_its_entity_a_file_is_refused_whole(county: County) -> None:
    report = county.one("lottery.csv", entity="nobody")
    assert report.new == 0
    assert report.refused is not None or {code for _, code in codes(report)} <= {"E_FUND_CHOICE", "E_ENTITY_UNKNOWN"}


def test_a_number_in_a_banks_memo_refuses_nothing_and_is_not_kept(county: County) -> None:
    """Nobody can edit a bank's file: the line is recorded, the memo without the digits of the number."""
    report = county.one(county.write("bank_icbc.csv", changed(rows_of("bank_icbc.csv"), 1, "用途", "电话13812345678")))
    assert (report.refused, report.wrong) == (None, [])
    assert "电话*******5678" in {one.memo.split()[-1] for one in county.of_kind("bank.line_recorded")}


UNSEEN: list[tuple[str, dict[str, str], str, str]] = [
    ("rectification.csv", {"问题描述": "联系人13812345678"}, "E_TEXT_PERSONAL", "问题描述"),
    ("doubts.csv", {"疑点编号": "_YD_"}, "E_EVENT_FIELD", "疑点编号"),
    ("donation_register.csv", {"票据号码": "湖南示例矿业有限公司"}, "E_RECEIPT_NUMBER", "票据号码"),
]


@pytest.mark.parametrize(("name", "cells", "code", "column"), UNSEEN)
def test_a_fault_that_only_the_event_shows_is_told_at_its_cell(
    county: County, name: str, cells: dict[str, str], code: str, column: str
) -> None:
    report = county.one(county.write(name, with_cells(rows_of(name), 1, cells)))
    assert report.refused is None
    assert [(one.place.row, one.code, one.column) for one in report.wrong] == [(2, code, column)]
    assert f"“{column}”" in report.wrong[0].message()
    assert report.new == 2


def test_a_chain_that_stands_twice_in_a_file_is_a_duplicate(county: County) -> None:
    grid = rows_of("rectification.csv")
    report = county.one(county.write("rectification.csv", [*grid, grid[1]]))
    assert (report.new, report.duplicate, report.wrong) == (3, 1, [])


# ---- gates


def test_a_pay_file_that_asks_for_another_amount_is_not_sent(county: County) -> None:
    county.take_in("dibao_roster.csv")
    county.road()
    report = county.one(county.write("payfile.csv", changed(rows_of("payfile.csv"), 2, "金额", "1760.00")))
    assert codes(report) == [(3, "E_PAY_FILE_DIFFERS")]
    assert report.wrong[0].params == {"said_fen": 176_000, "known_fen": 76_000}
    assert (report.new, report.noted, len(report.held)) == (0, 0, 2), "the others are right, and wait for it"
    assert county.of_kind("batch.instructed") == []
    assert county.one("payfile.csv").new == 3


def test_a_pay_file_with_a_row_that_cannot_be_read_is_not_sent_in_part(county: County) -> None:
    county.take_in("dibao_roster.csv")
    county.road()
    report = county.one(county.write("payfile.csv", changed(rows_of("payfile.csv"), 2, "金额", "七百六")))
    assert [cell.place.row for cell in report.wrong] == [3]
    assert (report.new, report.noted, len(report.held)) == (0, 0, 2)
    told = [(note.code, note.params["rows"]) for note in report.notes]
    assert ("W_PAY_FILE_HELD", 2) in told
    assert county.of_kind("batch.instructed") == []
    assert county.one("payfile.csv").new == 3


def test_a_refused_line_leaves_its_batch_and_the_rest_goes_on(county: County) -> None:
    """剔除清单: the household was paid for the month already; its line is taken out and the total restated."""
    county.take_in("dibao_roster.csv")
    (first,) = county.of_kind("batch.prepared")
    assert (first.count, first.total_fen) == (3, 203_000)
    report = county.one("dibao_roster.csv", batch_no="02")
    due = [(row, "E_DUE_TWICE") for row in (2, 3, 4)]
    assert codes(report) == [*due[:2], (3, "E_ARREARS_TWICE"), *due[2:]], "and what row 3 makes up for is made up for"
    excluded = county.of_kind("batch.line_excluded")
    assert sorted(one.amount_fen for one in excluded) == [58_000, 69_000, 76_000]
    assert {(one.rule_code, one.batch) for one in excluded} == {("DUE_TWICE", "rural-dibao-2025-09-02")}
    assert county.fen(BUREAU, "relief", "committed", "rural-dibao-2025-09-02") == 0
    again = county.one("dibao_roster.csv", batch_no="02")
    assert (again.new, again.duplicate, again.wrong) == (0, 3, [])


def test_one_line_above_the_standard_is_taken_out_alone(county: County) -> None:
    grid = with_cells(rows_of("dibao_roster.csv"), 2, {"基本保障金(元)": "600", "本月实发(元)": "980"})
    report = county.one(county.write("roster.csv", grid))
    assert (codes(report), report.new) == ([(3, "E_PAID_ABOVE_STANDARD")], 2)
    county.sign_off()
    (out,) = county.of_kind("batch.line_excluded")
    assert (out.amount_fen, out.rule_code) == (98_000, "PAID_ABOVE_STANDARD")
    assert len(county.of_kind("enrolment.confirmed")) == 3, "who was refused a payment is still on the roster"
    county.road()
    (approved,) = county.of_kind("batch.approved")
    assert (approved.count, approved.total_fen) == (2, 69_000 + 58_000)


def test_without_quota_nothing_of_the_batch_is_authorised(county: County) -> None:
    (given,) = county.of_kind("appropriation.received")
    county.reverse(given, BUREAU)
    report = county.one("dibao_roster.csv")
    found = {code for _, code in codes(report)}
    assert found == {"E_QUOTA_SHORT"}
    assert county.of_kind("subsidy.authorised") == []
    assert len(county.of_kind("enrolment.confirmed")) == 3


# ---- facts that break a rule


def test_facts_that_break_a_rule_wait_in_vouchers_of_their_own(county: County) -> None:
    """The channel settles what no bill has brought yet: recorded as it is, with a note, once a second person signs."""
    report = county.take_in("wechat_fund.csv")
    assert (report.files[0].new, report.files[0].wrong) == (2, [])
    assert [len(one.missing) for one in report.pending] == [1, 1]
    notes = [Statement.from_bytes(one.submission.envelope.payload).note for one in county.waiting()]
    told = [one.message() for one in report.files[0].findings if one.code == "W_CHANNEL_SHORT"]
    assert ["渠道 微信支付 中" in one for one in told] == [True, True], "by its name, not by its id"
    assert all("列为疑点" in note and "W_CHANNEL_SHORT" in note for note in notes)
    county.take_in("wechat_trade.csv")
    county.sign_off()
    assert county.fen(CHARITY, "general", "channel", "wechat") == 0
    assert "W_CHANNEL_SHORT" not in county.findings(), "what was missing has come before the signature"


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_note_that_cannot_be_signed_is_told_with_the_rows(county: County, *, dry_run: bool) -> None:
    """The note is the user's; the report of the file is not lost over it."""
    report = county.take_in("lottery.csv", note="电话13800138000", dry_run=dry_run)
    assert {cell.code for cell in report.files[0].wrong} == {"E_TEXT_PERSONAL"}
    assert report.files[0].new == 0
    assert county.take_in("lottery.csv").files[0].wrong == []


def test_rows_without_a_fault_are_judged_once(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a voucher that was refused, or wants an explanation, is looked at again."""
    judged: list[int] = []
    plain = judging.judge

    def counted(world: World, voucher: Prepared, *rest: Any) -> judging.Judgement:
        judged.append(len(voucher.events))
        return plain(world, voucher, *rest)

    monkeypatch.setattr("ledger.application.batches.judge", counted)
    before = len(county.all_events())
    county.take_in("dibao_roster.csv")
    assert sum(judged) == len(county.all_events()) - before > 0


def test_sound_rows_do_not_wait_for_odd_ones(county: County) -> None:
    grid = rows_of("dibao_roster.csv")
    grid = with_cells(grid, 1, {"家庭月人均收入(元)": "190"})
    report = county.take_in(county.write("roster.csv", grid))
    assert report.files[0].new == 3
    assert [[one.monthly.income_per_head_fen for one in county.of_kind("enrolment.confirmed")]] == [[12_000, 26_000]]
    (waits,) = county.waiting()
    assert "W_MONTHLY_FORMULA" in waits.submission.envelope.payload.decode()
    assert county.sign_off() == 1
    assert "W_MONTHLY_FORMULA" in county.findings()
    lines = county.events(f"batch:{BATCH}", "subsidy.authorised", "subsidy.offset")
    assert len(lines) == 5, "the odd row brought its line with it"


def test_results_without_their_roster_wait_for_it(county: County) -> None:
    report = county.one("payresult.csv")
    assert codes(report) == [(row, "E_RESULT_BEFORE_ROSTER") for row in (2, 3, 4)]
    assert county.of_kind("subsidy.paid") == []
    county.take_in("dibao_roster.csv")
    assert county.one("payresult.csv").new == 3


def test_results_of_a_batch_that_never_had_a_roster_are_recorded_as_they_are(county: County) -> None:
    report = county.take_in("payresult.csv", without_roster=True)
    assert (report.files[0].new, report.files[0].wrong) == (3, [])
    county.sign_off()
    assert sorted(one.amount_fen for one in county.of_kind("subsidy.paid")) == [58_000, 69_000]
    assert "W_NOT_AUTHORISED" in county.findings()


def test_money_that_comes_back_weeks_later_is_a_late_return(county: County) -> None:
    for name in ("dibao_roster.csv", "road", "payresult.csv"):
        county.road() if name == "road" else county.take_in(name)
    county.sign_off()
    cells = {"处理结果": "失败", "失败代码": "E005", "失败原因": "已销户", "处理日期": "20250929"}
    late = [rows_of("payresult.csv")[0], with_cells(rows_of("payresult.csv"), 1, cells)[1]]
    path = county.write("late.csv", late)
    assert county.one(path).new == 1
    county.sign_off()
    (back,) = county.of_kind("subsidy.returned_late")
    assert (back.amount_fen, back.code) == (69_000, "CLOSED")
    assert county.fen(BUREAU, "relief", "transit", BATCH) == 76_000 + 69_000
    assert county.one(path).new == 0
    assert county.one("payresult.csv").new == 0


def test_what_comes_after_its_month_was_closed_is_dated_in_an_open_one(county: County) -> None:
    county.take_in("wechat_trade.csv")
    county.now = county.now.replace(month=10, day=9)
    county.decide(CHARITY, ("period.locked", {"entity": CHARITY, "period": "2025-09"}))
    report = county.take_in("alipay_trade.csv", today=date(2025, 10, 9))
    assert (report.files[0].new, report.files[0].wrong) == (3, [])
    numbers = [str(one.voucher_no.period) for one in report.vouchers if one.voucher_no is not None]
    assert numbers == ["2025-10"] * len(numbers) != []
    (moved,) = [note for note in report.files[0].notes if note.code == "W_MONTH_CLOSED"]
    assert (moved.params["rows"], moved.params["month"], moved.params["day"]) == (3, "2025-09", "2025-10-09")
    assert (moved.params["first"], moved.params["last"]) == ("2025-09-05", "2025-09-06")
    assert "2025-09-05 至 2025-09-06 的 3 行" in moved.message()
    told = [note["code"] for note in report.to_json()["files"][0]["notes"]]
    assert told.count("W_MONTH_CLOSED") == 1
    again = county.one("alipay_trade.csv", today=date(2025, 10, 9))
    assert "W_MONTH_CLOSED" not in {note.code for note in again.notes}, "nothing is moved of what is known"


def test_what_is_moved_out_of_a_closed_month_is_told_with_its_own_days(county: County) -> None:
    """A statement is one voucher of its last day; its lines have days of their own."""
    county.now = county.now.replace(month=10, day=9)
    county.decide(CHARITY, ("period.locked", {"entity": CHARITY, "period": "2025-09"}))
    report = county.one("bank_ccb.csv", today=date(2025, 10, 9))
    assert (report.new, report.wrong) == (3, [])
    (moved,) = [note for note in report.notes if note.code == "W_MONTH_CLOSED"]
    assert (moved.params["first"], moved.params["last"]) == ("2025-09-10", "2025-09-26")
    named = next(one.name for one in county.of_kind("entity.registered") if one.entity == CHARITY)
    assert f"{named} 的 2025-09" in moved.message()
    assert f"closed for {named}" in moved.message("en")


def test_whoever_may_not_record_a_file_is_told_once_and_keeps_nobody(county: County) -> None:
    """A checker is no accountant: one sentence for the file, not one for each row; nothing is kept of it, nobody."""
    before = county.size()
    officer = f"check-{BUREAU}"
    context = Context(county.store, county.vault, county.options(officer))
    for dry_run in (True, False):
        importer = Importer(county.writer, context, lambda: county.signer(officer), dry_run=dry_run)
        report = importer.add_all([SAMPLES / "dibao_roster.csv"]).files[0]
        assert report.refused is not None
        assert "测试民政局" in report.refused.message()
        assert (report.refused.code, report.refused.params["officer"], report.wrong, report.new) == (
            "E_ROLE",
            officer,
            [],
            0,
        )
    assert county.size() == before


def test_rows_that_no_role_of_the_signer_allows_are_wrong_and_the_others_are_left(county: County) -> None:
    """An accountant of one entity imports a file that speaks of two."""
    officer = f"acct-{CHARITY}"
    event = relief.standard_set()
    places = [Place("f", None, row) for row in (2, 3, 3, 4)]
    entities = (CHARITY, BUREAU, BUREAU, BUREAU)
    items = [Proposed(p, Need("x"), (event,), e, TODAY) for p, e in zip(places, entities, strict=True)]
    found = FileReport("f", "k")
    keyid = county.keys[officer].public.keyid
    left = with_a_role(county.writer.authority, officer, keyid, items, found)
    assert left == items[:1]
    assert [(cell.place.row, cell.code, cell.params["entity"]) for cell in found.wrong] == [
        (3, "E_ROLE", BUREAU),
        (4, "E_ROLE", BUREAU),
    ]
    assert " 在 测试民政局 没有记录 " in found.wrong[0].message()


IMPOSSIBLE: list[tuple[str, str, str, str]] = [
    ("dibao_roster.csv", "保障人口", "999999999", "E_COUNT_RANGE"),
    ("dibao_roster.csv", "家庭月人均收入(元)", "-1", "E_MONEY_NEGATIVE"),
    ("dibao_roster.csv", "保障标准(元/人月)", "-500", "E_MONEY_NEGATIVE"),
    ("dibao_roster.csv", "扣回(元)", "-10", "E_MONEY_NEGATIVE"),
    ("donation_register.csv", "捐赠金额(元)", "0.00", "E_MONEY_ZERO"),
    ("donation_register.csv", "人数", "13812345678", "E_COUNT_RANGE"),
    ("lottery.csv", "年度", "25", "E_YEAR"),
    ("mutual_aid.csv", "账户余额(元)", "-1", "E_MONEY_NEGATIVE"),
    ("rectification.csv", "涉及金额(万元)", "-4.13", "E_MONEY_NEGATIVE"),
    ("doubts.csv", "疑点金额(元)", "-1", "E_MONEY_NEGATIVE"),
    ("payresult.csv", "金额", "0", "E_MONEY_ZERO"),
    ("payfile.csv", "金额", "-690.00", "E_MONEY_NEGATIVE"),
]


@pytest.mark.parametrize(("name", "column", "value", "code"), IMPOSSIBLE)
def test_a_figure_that_cannot_be_is_told_at_its_cell(
    county: County, name: str, column: str, value: str, code: str
) -> None:
    if name.startswith("pay"):
        county.take_in("dibao_roster.csv")
        county.road()
    report = county.one(county.write(name, changed(rows_of(name), 1, column, value)))
    (wrong,) = report.wrong
    assert (wrong.place.row, wrong.code, wrong.column, wrong.value) == (2, code, column, value)


def test_a_lottery_row_without_its_year_is_of_the_year_in_which_it_was_allotted(county: County) -> None:
    report = county.one(county.write("lottery.csv", changed(rows_of("lottery.csv"), 1, "年度", "")))
    assert (report.new, report.wrong) == (3, [])
    assert county.one("lottery.csv").new == 0, "the same with its year"
