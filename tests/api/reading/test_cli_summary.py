"""`summary`: the list, every table in words, JSON and Excel, the months that options name, and text that stays text."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from openpyxl import load_workbook

from ledger.catalogue import say
from ledger.flows.public_money.entitlement.programmes import Scheme
from ledger_api.tables.wording import Wording
from ledger_api.tables.workbook import write_workbook
from ledger_projections.figures import Figures
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.sentences_catalogue import TEMPLATES
from ledger_projections.summaries.table import Column, Row, RowKind, Said, Table, Value
from tests.api.county import Office, fund, gift, voucher


def test_the_list_names_every_table(first_office: Office) -> None:
    listed = first_office.done("summary")
    assert [code for code in TABLES if code not in listed] == []
    assert {one["name"] for one in first_office.asked("summary")["templates"]} == set(TABLES) | set(TEMPLATES)
    assert say("table_title.M1", "en") in first_office.done("summary", "--lang", "en")


@pytest.mark.parametrize("code", TABLES)
def test_every_table_says_its_scope_its_grounds_and_the_line_that_gives_it_again(
    first_office: Office, code: str
) -> None:
    head = first_office.position()
    told = first_office.done("summary", code.lower(), "--month", "2025-09")
    line = f"charity-ledger summary {code} --month 2025-09 --at {head}"
    for part in ("口径", f"依据:序号 1 至 {head}", f"查询:{line}", "单位:元"):
        assert part in told
    english = first_office.done("summary", code, "--month", "2025-09", "--lang", "en")
    assert f"Stands for positions 1 to {head}" in english
    found = first_office.asked(*line.split()[1:])
    assert (found["table"], found["position"], found["query"]["command"]) == (code, head, line)
    assert all(set(row["cells"]) == {one["key"] for one in found["columns"]} for row in found["rows"])
    assert all(one["title"] != f"table_column.{one['key']}" for one in found["columns"])


SPANS: dict[str, tuple[tuple[str, ...], tuple[str, str]]] = {
    "a month": (("--month", "2025-09"), ("2025-09", "2025-09")),
    "a quarter": (("--quarter", "2025-Q3"), ("2025-07", "2025-09")),
    "a year": (("--year", "2025"), ("2025-01", "2025-12")),
    "from and to": (("--from", "2025-02", "--to", "2025-04"), ("2025-02", "2025-04")),
    "from alone": (("--from", "2025-02"), ("2025-02", "2025-02")),
    "nothing": ((), ("2025-09", "2025-09")),
}


@pytest.mark.parametrize("name", SPANS)
def test_months_are_named_in_one_way(first_office: Office, name: str) -> None:
    words, span = SPANS[name]
    found = first_office.asked("summary", "M7", *words)
    assert (found["first"], found["last"]) == span


def test_the_usual_span_is_that_of_the_table(first_office: Office) -> None:
    quarter, year = first_office.asked("summary", "Q5"), first_office.asked("summary", "Y9")
    assert (quarter["first"], quarter["last"]) == ("2025-07", "2025-09")
    assert (year["first"], year["last"]) == ("2025-01", "2025-12")


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "no such table": (("M99",), "E_TABLE_NAME"),
    "two ways": (("M7", "--month", "2025-09", "--year", "2025"), "E_SPAN_OPTION"),
    "backwards": (("M7", "--from", "2025-09", "--to", "2025-08"), "E_SPAN_OPTION"),
    "a crooked year": (("M7", "--year", "25"), "E_SPAN_OPTION"),
    "a crooked quarter": (("M7", "--quarter", "2025-Q5"), "E_QUARTER"),
    "a crooked month": (("M7", "--month", "2025-13"), "E_PERIOD"),
    "sentences of a name that is no entity's": (("year", "--entity", "nobody"), "E_ENTITY_UNKNOWN"),
    "the list of sentences of a name that is no entity's": (("y12", "--entity", "nobody"), "E_ENTITY_UNKNOWN"),
    "a checked report for Excel": (("--check", "x.txt", "-o", "x.xlsx"), "E_SUMMARY_OPTION"),
    "sentences in another kind of file": (("month", "-o", "month.docx"), "E_SHEET_NAME"),
    "a report checked beside a table": (("M1", "--check", "x.txt"), "E_SUMMARY_OPTION"),
    "a name that is no entity's": (("M2", "--entity", "nobody"), "E_ENTITY_UNKNOWN"),
    "another kind of file": (("M7", "-o", "m7.csv"), "E_SHEET_NAME"),
    "a day before the months": (("M7", "--month", "2025-09", "--as-of", "2025-08-31"), "E_AS_OF_SPAN"),
    "a day before the year": (("Y5", "--year", "2025", "--as-of", "2024-12-31"), "E_AS_OF_SPAN"),
    "beyond the end": (("M7", "--at", "99999"), "E_POSITION_AHEAD"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_answered_is_refused(first_office: Office, name: str) -> None:
    words, code = REFUSED[name]
    told = first_office.run("summary", *words)
    assert (told.exit_code, code in told.stderr) == (2, True)


TOLD: dict[str, tuple[tuple[str, ...], str]] = {
    "two ways": (("--month", "2025-09", "--year", "2025"), "--month、--quarter、--year,或 --from 与 --to"),
    "a crooked first month": (("--from", "2025-13"), "「--from」的月份「2025-13」"),
    "a crooked last month": (("--from", "2025-01", "--to", "2025-13"), "「--to」的月份「2025-13」"),
    "a crooked month": (("--month", "2025-13"), "「--month」的月份「2025-13」"),
    "a crooked quarter": (("--quarter", "2025-Q5"), "--quarter 的写法如 2025-Q3,这里是 2025-Q5"),
    "a day before the months": (("--month", "2025-09", "--as-of", "2025-08-31"), "--as-of 2025-08-31 早于"),
    "no position": (("--at", "x"), "--at 写序号"),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_answered_is_told_by_the_names_of_the_options(first_office: Office, name: str) -> None:
    words, told = TOLD[name]
    assert told in first_office.run("summary", "M7", *words).stderr


def test_a_quarter_may_be_named_for_sentences_too(first_office: Office) -> None:
    found = first_office.asked("summary", "quarter", "--quarter", "2025-Q3")
    assert (found["first"], found["last"]) == ("2025-07", "2025-09")


@pytest.mark.parametrize("name", TEMPLATES)
def test_sentences_are_a_workbook_with_their_figures_on_the_second_sheet(office: Office, name: str) -> None:
    office.submit(voucher("charity", fund("plan")), voucher("charity", gift("D2", 123_456_789, to="plan")))
    file = office.folder / f"{name}.xlsx"
    told = office.asked("summary", name, "--to", "2025-09", "-o", file)
    book = load_workbook(file)
    assert book.sheetnames == ["段落", "各数依据"]
    sentences = [row[1] for row in book["段落"].iter_rows(min_row=2, values_only=True) if row[1]]
    assert sentences == [one["zh"] for one in told["sentences"]]
    grounds = [row[0] for row in book["段落"].iter_rows(min_row=2, values_only=True) if isinstance(row[0], str)]
    assert f"依据:序号 1 至 {told['position']}" in grounds
    (line,) = [one for one in grounds if one.startswith("查询:")]
    assert office.asked(*line.removeprefix("查询:charity-ledger ").split()) == told, "the command gives it again"
    heads, *figures = book["各数依据"].iter_rows(values_only=True)
    rows = [dict(zip(heads, one, strict=True)) for one in figures]
    slots = [slot for one in told["sentences"] for slot in one["slots"]]
    assert [row["写作"] for row in rows] == [slot["text"] for slot in slots]
    for row, slot in zip(rows, slots, strict=True):
        fact = slot["fact"]
        assert (row["口径"] or "", row["缺数原因"] or "") == (slot["scope"], slot["told"])
        assert row["依据序号"] == f"1 – {told['position']}"
        assert (row["查询"] or "") == (f"charity-ledger {fact['query']}" if fact["query"] else "")
        if fact["value"] is None:
            assert row["准确值"] is None
        elif fact["of"] is None:
            assert Decimal(str(row["准确值"])) * (100 if fact["unit"] == "fen" else 1) == fact["value"]


def test_an_empty_table_is_a_workbook_too(office: Office) -> None:
    file = office.folder / "m3.xlsx"
    office.done("summary", "M3", "--month", "2025-09", "-o", file)
    cells = [str(cell) for sheet in load_workbook(file) for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any("没有可列的内容" in cell for cell in cells)


def test_a_workbook_holds_numbers_and_leads_to_the_events(office: Office) -> None:
    named = {**fund("plan"), "name": "=HYPERLINK(1)"}
    office.submit(voucher("charity", named), voucher("charity", gift("D2", 123_456_789, to="plan")))
    file = office.folder / "m7.xlsx"
    office.done("summary", "M7", "--month", "2025-09", "-o", file)
    book = load_workbook(file)
    sheet = book["M7"]
    cells = {str(cell.value): cell for line in sheet.iter_rows() for cell in line if cell.value is not None}
    assert cells["=HYPERLINK(1)"].data_type == "s"
    assert cells["=HYPERLINK(1)"].quotePrefix
    amount = cells["1234567.89"]
    assert (amount.data_type, amount.number_format) == ("n", "#,##0.00")
    assert Decimal(str(amount.value)) == Decimal(123_456_789) / 100
    assert sheet["A1"].value == "M7 慈善资金收支月报(2025-09)"
    assert any(str(text).startswith("口径") for text in cells)
    assert f"查询:charity-ledger summary M7 --month 2025-09 --at {office.position()}" in cells
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape",
        1,
        0,
    )
    assert sheet.print_title_rows == f"${cells['期初'].row}:${cells['期初'].row}"
    trails = list(book["查证"].iter_rows(min_row=2, values_only=True))
    assert f"charity-ledger trail fund:plan --at {office.position()}" in [line[2] for line in trails]
    assert sheet.cell(trails[0][0], 2).value == trails[0][1] or sheet.cell(trails[0][0], 1).value == trails[0][1]
    assert office.run("summary", "M7", "-o", file).exit_code == 2, "nothing is written over"


NASTY = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\x00=1", "a\x00b", "平安")


def test_no_text_becomes_a_formula_or_breaks_the_file(tmp_path: Path) -> None:
    columns = (
        Column("programme", "text"),
        Column("paid_fen", "fen"),
        Column("rate", "per_mille"),
        Column("day", "day"),
    )
    rows = tuple(Row("row", (text, -5, 125, date(2025, 9, 1)), ()) for text in NASTY)
    blank = Row("total", (Said("table_word.total"), None, "", ""), ())
    made = Table("M1", "2025-09", "2025-09", None, None, 7, (), columns, (*rows, blank), ())
    file = tmp_path / "t.xlsx"
    with file.open("wb") as target:
        write_workbook(Wording(made, "charity-ledger summary M1", "zh"), target)
    sheet: Any = load_workbook(file)["M1"]
    body = [line for line in sheet.iter_rows() if line[1].number_format == "#,##0.00"]
    assert [line[0].value for line in body] == ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=1", "ab", "平安"]
    assert {line[0].data_type for line in body} == {"s"}
    assert [line[0].quotePrefix for line in body] == [True] * 6 + [False] * 2
    assert {(line[1].value, line[2].value, line[2].number_format) for line in body} == {(-0.05, 0.125, "0.0%")}
    assert {line[3].number_format for line in body} == {"yyyy-mm-dd"}
    total = next(line for line in sheet.iter_rows() if line[0].value == "合计")
    assert (total[1].value, total[1].fill.fgColor.rgb) == (None, "00EDEDED")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_row_is_called_the_same_in_the_workbook_the_text_and_json(language: str, tmp_path: Path) -> None:
    """Two sides that differ stand below their programme as 其中; the total's stand by themselves."""
    columns = (Column("programme", "text"), Column("difference_fen", "fen"))
    part, total = Said("table_between.province_roster"), Said("table_word.total")
    cells: tuple[tuple[RowKind, Value], ...] = (("row", "农村低保"), ("part", part), ("total", total), ("part", part))
    rows = tuple(Row(kind, (value, 1), ()) for kind, value in cells)
    made = Wording(Table("M4", "2025-09", "2025-09", None, None, 7, (), columns, rows, ()), "-", language)
    file = tmp_path / "t.xlsx"
    with file.open("wb") as target:
        write_workbook(made, target)
    names = [line[0].value for line in load_workbook(file).worksheets[0].iter_rows()]
    found = made.to_json()
    labels = [row["label"] for row in found["rows"]]
    place = names.index(labels[0])
    assert labels == names[place : place + 4] == [line[0] for line in made.rows()]
    assert labels[1] != labels[3], "of which"
    assert [one["title"] for one in found["columns"]] == made.heads


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_scheme_has_a_name_in_a_cell(language: str) -> None:
    """The name that the sentences use; a key is no name."""
    schemes = get_args(Scheme)
    empty = Table("M1", "2025-09", "2025-09", None, None, 7, (), (), (), ())
    said = Wording(empty, "charity-ledger summary M1", language).said(Said("table.cell.schemes", {"schemes": schemes}))
    assert "scheme." not in said
    assert all(say(f"scheme.{one}", language) in said for one in schemes)


def test_figures_of_months_before_the_relief_say_from_when_on_relief_was_paid(
    first_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words as in JSON, also where another entity's books were taken over within the months."""
    begun = {"charity": date(2024, 1, 1)}
    told = Figures(1, None, "2023-01", "2023-12", None, (), {}, begun, "2024-01")
    monkeypatch.setattr("ledger_projections.figures.figures", lambda *_args, **_more: told)
    words = ("figures", "--from", "2023-01", "--to", "2023-12")
    assert first_office.asked(*words)["paid_since"] == "2024-01"
    said = first_office.done(*words)
    assert say("table.note.before_paid", "zh", month="2024-01") in said
    assert say("table.note.begun", "zh", entities="charity", on=begun["charity"]) in said
