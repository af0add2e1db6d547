"""The book of goods as the template gives it: what came in, what left and what was counted, of one lot in one file."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from ledger.application.importing.parse import parse_file
from ledger.application.importing.templates import write_template
from ledger.application.proposing.context import Context
from ledger.application.proposing.importer import FileReport
from ledger.application.proposing.planning import Maker, Plan
from ledger.catalogue import say
from tests.application.proposing.county import MONTH, ORIGIN, County, codes
from tests.application.proposing.county_facts import CHARITY

IN = [
    "批次号",
    "入库日期",
    "捐赠人",
    "品名",
    "单位",
    "数量",
    "单价",
    "价值依据",
    "金额",
    "验收人一",
    "验收人二",
    "仓库",
]
OUT = ["出库日期", "批次号", "领用单位/人", "数量", "用途", "签收人"]
COUNTED = ["批次号", "盘点日期", "账面数", "实盘数", "差异", "原因", "处理", "批准文件", "盘点人一", "盘点人二"]
LOT = dict(zip(IN, ["L1", "2025-09-02", "湖南样板粮油有限公司", "大米", "袋", "10", "10", "发票", "100"], strict=False))
ACCEPTED = {"验收人一": "示例申", "验收人二": "示例酉", "仓库": "一号库"}
DELIVERY = dict(zip(OUT, ["2025-09-03", "L1", "石岭镇敬老院", "4", "助老", "示例壬"], strict=True))
COUNT = dict(zip(COUNTED, ["L1", "2025-09-28", "6", "5", "1", "霉变", "报损"], strict=False))
DECIDED = {"批准文件": "示慈〔2025〕1号", "盘点人一": "acct-charity", "盘点人二": "示例申"}


def book(
    county: County,
    lots: list[dict[str, str]],
    deliveries: list[dict[str, str]],
    counts: list[dict[str, str]],
    name: str = "物资.xlsx",
) -> Path:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, head, rows in (("入库", IN, lots), ("出库", OUT, deliveries), ("盘点", COUNTED, counts)):
        sheet = made.create_sheet(title)
        sheet.append(head)
        for row in rows:
            sheet.append([row.get(column, "") for column in head])
    path = county.folder / name
    made.save(path)
    return path


def notes(report: FileReport) -> list[tuple[str | None, int, str, str]]:
    """What is told of rows that were not recorded: sheet, row, code, and what the row calls its lot."""
    resting = [note for note in report.notes if note.code.startswith("W_ROW_")]
    return [(one.place.sheet, one.place.row, one.code, str(one.params["name"])) for one in resting]


def test_a_template_filled_in_goes_in_at_once(county: County) -> None:
    report = county.one(book(county, [{**LOT, **ACCEPTED}], [DELIVERY], [{**COUNT, **DECIDED}]))
    assert (report.new, report.wrong, report.findings, len(report.held)) == (3, [], [], 0)
    assert (county.waiting(), county.findings()) == ([], [])
    (lot,) = county.of_kind("in_kind.received")
    (out,) = county.of_kind("in_kind.delivered")
    (count,) = county.of_kind("in_kind.counted")
    assert (lot.valuation, lot.evidence) == ("invoice", lot.place.file_digest)
    assert (out.payee_label, out.signed_list, out.persons) == ("石岭镇敬老院", out.place.file_digest, 0)
    assert "示例壬" in str(Context(county.store, county.vault, county.options("x")).opened([out.payee])[out.payee])
    assert (count.approval, count.reason) == ("示慈〔2025〕1号", "霉变；处理：报损")
    first, second = count.counted_by
    assert (first, "示例" in second) == ("acct-charity", False)
    assert county.fen(CHARITY, "general", "inventory", lot.lot) == 5_000
    again = county.one(book(county, [{**LOT, **ACCEPTED}], [DELIVERY], [{**COUNT, **DECIDED}], "再.xlsx"))
    assert (again.new, again.duplicate, again.wrong) == (0, 3, [])


def test_the_template_offers_what_is_read(tmp_path: Path) -> None:
    heads = load_workbook(write_template("in-kind", tmp_path / "t.xlsx"))["盘点"][1]
    assert [cell.value for cell in heads][-3:] == ["批准文件", "盘点人一", "盘点人二"]


@pytest.mark.parametrize(
    ("treatment", "approval"),
    [
        ("经理事会纪要〔2025〕3号批准报损", "经理事会纪要〔2025〕3号批准报损"),
        ("盘亏批复1号", "盘亏批复1号"),
        ("报批核销", None),
        ("待理事会批准", None),
        ("理事会未批准", None),
        ("报损", None),
        ("", None),
    ],
)
def test_a_treatment_is_a_decision_where_somebody_decided(county: County, treatment: str, approval: str | None) -> None:
    report = county.one(book(county, [{**LOT, **ACCEPTED}], [DELIVERY], [{**COUNT, "处理": treatment}]))
    assert report.wrong == []
    assert [note.code for note in report.findings] == ([] if approval else ["W_UNAPPROVED_DIFFERENCE"])
    county.sign_off()
    (count,) = county.of_kind("in_kind.counted")
    done = f"；处理：{treatment}" if treatment and approval is None else ""
    assert (count.approval, count.reason) == (approval, "霉变" + done)


def test_what_is_not_stated_is_still_missed(county: County) -> None:
    bare = {**LOT, **ACCEPTED, "价值依据": ""}
    report = county.one(book(county, [bare], [], []))
    assert [(note.code, note.params["lot"]) for note in report.findings] == [("W_NO_VALUATION", "L1")]
    assert "计价方式 市场价" in report.findings[0].message()
    county.sign_off()
    county.one(book(county, [], [{**DELIVERY, "签收人": ""}], []))
    assert "W_NO_SIGNATURE_LIST" in county.findings()
    (out,) = county.of_kind("in_kind.delivered")
    assert (out.payee, out.signed_list) == (None, None)


ONE_TOOK_IT = {**LOT, **ACCEPTED, "验收人二": ""}
RESTING = [("出库", 2, "W_ROW_WAITS", "L1"), ("盘点", 2, "W_ROW_WAITS", "L1")]


@pytest.mark.parametrize("dry_run", [False, True])
def test_rows_of_a_lot_that_waits_wait_with_it(county: County, *, dry_run: bool) -> None:
    path = book(county, [ONE_TOOK_IT], [DELIVERY], [{**COUNT, **DECIDED}])
    first = county.one(path, dry_run=dry_run)
    assert (first.new, first.wrong, len(first.held), notes(first)) == (1, [], 2, RESTING)
    if dry_run:
        return
    assert len(county.waiting()) == 1
    again = county.one(path)
    assert (again.new, again.duplicate, again.wrong, len(again.held), notes(again)) == (0, 1, [], 2, RESTING)
    apart = county.one(book(county, [], [DELIVERY], [], "出库.xlsx"))
    assert (apart.new, apart.wrong, notes(apart)) == (0, [], RESTING[:1])
    county.sign_off()
    last = county.one(path)
    assert (last.new, last.duplicate, last.wrong, len(last.held), notes(last)) == (2, 1, [], 0, [])


def test_rows_of_two_files_of_one_import_wait_too(county: County) -> None:
    came, left = book(county, [ONE_TOOK_IT], [], [], "入.xlsx"), book(county, [], [DELIVERY], [], "出.xlsx")
    first, second = county.take_in(came, left).files
    assert (first.new, second.new, second.wrong, notes(second)) == (1, 0, [], RESTING[:1])
    rehearsed = county.take_in(came, left, dry_run=True).files[1]
    assert (rehearsed.new, notes(rehearsed)) == (0, RESTING[:1])


def test_a_dry_run_of_two_files_says_what_the_real_run_will(county: County) -> None:
    came, left = book(county, [{**LOT, **ACCEPTED}], [], [], "入.xlsx"), book(county, [], [DELIVERY], [], "出.xlsx")
    for dry_run in (True, False):
        files = county.take_in(came, left, dry_run=dry_run).files
        assert [(one.new, one.wrong, one.held) for one in files] == [(1, [], set()), (1, [], set())]


BROKEN: dict[str, dict[str, str]] = {
    "no quantity": {"数量": ""},
    "a quantity of nothing": {"数量": "0", "金额": "0"},
    "a day to come": {"入库日期": "2025-12-02"},
}


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_a_fault_of_the_lot_is_told_once_and_not_of_what_rests_on_it(county: County, fault: dict[str, str]) -> None:
    path = book(county, [{**LOT, **ACCEPTED, **fault}], [DELIVERY], [{**COUNT, **DECIDED}])
    report = county.one(path)
    assert {row for row, _ in codes(report)} == {2}
    assert {cell.place.sheet for cell in report.wrong} == {"入库"}
    assert [(sheet, name) for sheet, _, _, name in notes(report)] == [("出库", "L1"), ("盘点", "L1")]
    assert (report.new, len(report.held)) == (0, 2)


def plan_of(county: County, path: Path) -> Plan:
    officer = "acct-charity"
    context = Context(county.store, county.vault, county.options(officer))
    maker = Maker(officer, county.keys[officer].public.keyid, ORIGIN)
    parsed = parse_file(path, month=MONTH)
    return Plan(parsed, context, county.store, county.writer.authority, maker, {})


def kinds(plan: Plan, county: County, **more: Any) -> list[str]:
    planned = plan.next_round(county.now, None, **more)
    return [event.kind for one in planned for item in one.items for event in item.events]


def test_a_plan_for_who_signs_elsewhere_holds_them_until_the_lot_is_signed(county: County) -> None:
    path = book(county, [ONE_TOOK_IT], [DELIVERY], [{**COUNT, **DECIDED}])
    plan = plan_of(county, path)
    assert plan.rehearse(county.now) == 1
    assert (plan.found.wrong, len(plan.found.held), notes(plan.found)) == ([], 2, RESTING)
    county.one(path)
    late = plan_of(county, path)
    late.rehearse(county.now)
    assert notes(late.found) == RESTING
    county.sign_off()
    assert kinds(late, county) == ["in_kind.delivered", "in_kind.counted"]
    assert (late.found.wrong, late.found.held, notes(late.found)) == ([], set(), [])


def test_what_an_older_release_recorded_is_known(county: County) -> None:
    """The list and who signed it were left out: the same rows are no other rows today."""
    path = book(county, [{**LOT, **ACCEPTED}], [DELIVERY], [])
    plan = plan_of(county, path)
    for item in plan.items:
        (event,) = item.events
        fields = {**event.model_dump(mode="json", exclude={"id", "kind", "version"})}
        old = {"signed_list": None, "payee": None} if event.kind == "in_kind.delivered" else {}
        county.decide(CHARITY, (event.kind, {**fields, **old}), day=date(2025, 9, 3))
    again = county.one(path)
    assert (again.new, again.duplicate, again.wrong) == (0, 2, [])


def test_a_reader_is_told_codes_by_their_words() -> None:
    for code, told in {"invoice": "发票", "nominal": "名义金额"}.items():
        assert told in say("W_NO_VALUATION", lot="L1", valuation=code)
    assert "以 作废 方式" in say("W_RECEIPT_RED_MISSING", receipt="1", mode="voided")


@pytest.mark.parametrize("title", ["捐赠日期", "收到日期", "日期"])
def test_the_day_of_a_gift_has_several_names(county: County, title: str) -> None:
    row = [{**LOT, **ACCEPTED}.get(one, "") for one in IN]
    path = sheet_of(county, [title if one == "入库日期" else one for one in IN], row)
    assert county.one(path).notes == []
    assert [event.occurred_on for event in county.of_kind("in_kind.received")] == [date(2025, 9, 2)]


def test_a_day_that_nobody_wrote_is_told(county: County) -> None:
    """By the month that was named or the day of the import; once for each sheet, and not again when it is known."""
    head = [one for one in IN if one != "入库日期"]
    path = sheet_of(county, head, *([f"L{n}", *list(LOT.values())[2:]] for n in (1, 2)))
    (note,) = county.one(path).notes
    assert (note.code, note.place.row, note.params) == ("W_DAY_TAKEN", 0, {"rows": 2, "row": 2, "on": "2025-09-30"})
    assert "没有写日期" in note.message("zh")
    assert county.one(path).notes == []


def sheet_of(county: County, head: list[str], *rows: list[str]) -> Path:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "入库"
    for row in (head, *rows):
        sheet.append(row)
    path = county.folder / "入库.xlsx"
    made.save(path)
    return path
