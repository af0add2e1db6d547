"""Tables, sentences and checked reports over the network: those of the command line, and files that are no trap."""

import csv
import io
import shlex
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pydantic import TypeAdapter

from ledger.values.money import fen_to_yuan
from ledger_api.http.reading.negotiating import CSV, JSON, TEXT, XLSX, NotAcceptableError, form_of
from ledger_api.http.reading.summary_models import CheckedModel, ParagraphModel, TableModel
from ledger_api.http.routes.summaries import DOCX
from ledger_api.tables.delimited import as_text, write_csv
from ledger_api.tables.wording import Wording
from ledger_api.tables.workbook import write_workbook
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.sentences_catalogue import TEMPLATES
from ledger_projections.summaries.table import Column, Row, Said, Table
from tests.api.http.browsers import read_key
from tests.api.http.house import House
from tests.api.http.september import asked

MAKER = "acct-charity"
OPENERS = "=+-@\t\r\n\x00"


def test_the_list_is_that_of_the_command_line(september: House) -> None:
    for language in ("zh", "en"):
        told = september.call(MAKER, "GET", "/v1/summaries", accept_language=language).json()
        assert told == asked(september, ["summary"], language)


@pytest.mark.parametrize("name", [*TABLES, *TEMPLATES])
def test_a_summary_is_that_of_the_command_line(september: House, name: str) -> None:
    answer = september.call("auditor-1", "GET", f"/v1/summaries/{name}")
    assert answer.status_code == 200, answer.text
    assert answer.json() == asked(september, ["summary", name])
    TypeAdapter[Any](TableModel if name in TABLES else ParagraphModel).validate_json(answer.content, strict=True)


SPANS: dict[str, tuple[str, tuple[str, ...]]] = {
    "month": ("M1?month=2025-09", ("M1", "--month", "2025-09")),
    "quarter": ("Q4?quarter=2025-Q3", ("Q4", "--quarter", "2025-Q3")),
    "year": ("m7?year=2025", ("M7", "--year", "2025")),
    "from and to": ("M2?from=2025-08&to=2025-09&entity=bureau", ("M2", "--from", "2025-08", "--to", "2025-09")),
    "two clocks": ("Y5?as_of=2025-09-10&at=90", ("Y5", "--as-of", "2025-09-10", "--at", "90")),
    "sentences": ("year?to=2025-09", ("year", "--to", "2025-09")),
    "sentences of one entity": ("year?to=2025-09&entity=bureau", ("year", "--to", "2025-09")),
    "the list of one entity's sentences": ("Y12?year=2025&entity=bureau", ("Y12", "--year", "2025")),
    "sentences of a quarter": ("quarter?quarter=2025-Q3&at=120", ("quarter", "--quarter", "2025-Q3", "--at", "120")),
}


@pytest.mark.parametrize("how", SPANS)
def test_months_and_clocks_are_asked_as_at_the_command_line(september: House, how: str) -> None:
    path, words = SPANS[how]
    extra = ("--entity", "bureau") if "entity" in path else ()
    answer = september.call("auditor-1", "GET", f"/v1/summaries/{path}", accept_language="en")
    assert answer.json() == asked(september, ["summary", *words, *extra], "en")


def test_sentences_are_read_as_text(september: House) -> None:
    answer = september.call("auditor-1", "GET", "/v1/summaries/year", accept=TEXT)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    told = september.get("auditor-1", "/v1/summaries/year")
    assert [one["zh"] in answer.text for one in told["sentences"]] == [True] * len(told["sentences"])


@pytest.mark.parametrize("name", TEMPLATES)
def test_sentences_are_read_as_a_workbook(september: House, name: str) -> None:
    told = september.get("auditor-1", f"/v1/summaries/{name}")
    answer = september.call("auditor-1", "GET", f"/v1/summaries/{name}", accept=XLSX)
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.xlsx"'
    book = load_workbook(io.BytesIO(answer.content))
    written = [row[1] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True) if row[1]]
    assert written == [one["zh"] for one in told["sentences"]]
    assert book.worksheets[1].max_row == 1 + sum(len(one["slots"]) for one in told["sentences"])


@pytest.mark.parametrize("name", TABLES)
def test_the_files_hold_the_figures_of_the_answer(september: House, name: str) -> None:
    told = september.get("auditor-1", f"/v1/summaries/{name}")
    answer = september.call("auditor-1", "GET", f"/v1/summaries/{name}", accept=CSV)
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][: len(told["columns"])] == [one["title"] for one in told["columns"]]
    assert lines[len(told["rows"]) + 1] == []
    for line, row in zip(lines[1:], told["rows"], strict=False):
        for cell, column in zip(line, told["columns"], strict=False):
            value = row["cells"][column["key"]]
            if column["unit"] == "fen" and isinstance(value, int):
                assert cell == fen_to_yuan(value)
    workbook = september.call("auditor-1", "GET", f"/v1/summaries/{name}?format=xlsx")
    assert workbook.headers["content-type"] == XLSX
    assert workbook.headers["etag"].startswith('W/"')
    assert load_workbook(io.BytesIO(workbook.content)).sheetnames[0] == name
    kept = {"if_none_match": workbook.headers["etag"]}
    assert september.call("auditor-1", "GET", f"/v1/summaries/{name}?format=xlsx", **kept).status_code == 304


def test_who_keeps_one_entitys_books_gets_its_tables(september: House) -> None:
    for name in (*TABLES, *TEMPLATES):
        own = september.get(MAKER, f"/v1/summaries/{name}")
        assert own == september.get("auditor-1", f"/v1/summaries/{name}?entity=charity")
        assert september.call(MAKER, "GET", f"/v1/summaries/{name}?entity=bureau").status_code == 403


def test_the_query_of_an_entitys_figure_gives_the_very_number(september: House) -> None:
    """Its scope names the entity, and what a reader of all entities is told beside it has another."""
    told = september.get("auditor-1", "/v1/summaries/year?month=2025-09&entity=bureau")
    asked_again = set()
    for slot in (slot for sentence in told["sentences"] for slot in sentence["slots"]):
        fact = slot["fact"]
        if fact["value"] is None:
            continue
        assert (fact["entities"], fact["names"]) == (["bureau"], told["names"]), slot["name"]
        assert told["names"][0] in slot["scope"]
        assert " --entity bureau" in fact["query"]
        if fact["query"].startswith("figures"):
            asked_again.add(fact["key"])
            answer = asked(september, shlex.split(fact["query"]))
            assert (answer["entity"], answer["figures"][fact["key"]]) == ("bureau", fact["value"])
            assert answer["entities"][fact["key"]] == ["bureau"]
            assert told["names"][0] in answer["scopes"][fact["key"]]
    assert asked_again


def test_who_keeps_one_entitys_books_gets_its_figures(september: House) -> None:
    own = september.get(MAKER, "/v1/figures")
    assert own == september.get("auditor-1", "/v1/figures?entity=charity")
    assert (own["entity"], own["figures"]["relief_total_fen"]) == ("charity", 0)
    assert september.call(MAKER, "GET", "/v1/figures?entity=bureau").status_code == 403
    assert september.get("auditor-1", "/v1/figures?entity=bureau")["figures"]["relief_total_fen"] > 0


REFUSED: dict[str, tuple[str, int, str]] = {
    "no such table": ("M99", 404, "E_TABLE_NAME"),
    "two ways": ("M7?month=2025-09&year=2025", 422, "E_SPAN_OPTION"),
    "backwards": ("M7?from=2025-09&to=2025-08", 422, "E_SPAN_OPTION"),
    "a crooked quarter": ("M7?quarter=2025-Q5", 422, "E_QUARTER"),
    "nobody's sentences": ("year?entity=nobody", 422, "E_ENTITY_UNKNOWN"),
    "nobody's list of sentences": ("Y12?entity=nobody", 422, "E_ENTITY_UNKNOWN"),
    "sentences as a table": ("year?format=csv", 406, "E_FORM"),
    "a form that none is": ("M7?format=pdf", 406, "E_FORM"),
    "nobody's table": ("M7?entity=nobody", 422, "E_ENTITY_UNKNOWN"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_told_is_refused_by_name(september: House, what: str) -> None:
    path, status, code = REFUSED[what]
    answer = september.call("auditor-1", "GET", f"/v1/summaries/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


ACCEPTED: dict[str, tuple[str | None, str | None]] = {
    "nothing said": (None, JSON),
    "anything": ("*/*", JSON),
    "csv": ("text/csv", CSV),
    "csv rather": ("application/json;q=0.5, text/csv", CSV),
    "a family": ("text/*", CSV),
    "not json": ("application/json;q=0, */*;q=0.1", CSV),
    "only what is not there": ("image/png", None),
    "crooked": ("text/csv;q=x", None),
    "a digit of another script": ("text/csv;q=0.²", None),
    "a small two before": ("text/csv;q=²", None),
}


@pytest.mark.parametrize("how", ACCEPTED)
def test_the_asker_chooses_the_form(how: str) -> None:
    accept, form = ACCEPTED[how]
    forms = {"json": JSON, "csv": CSV}
    if form is None:
        with pytest.raises(NotAcceptableError):
            form_of(accept, None, forms)
    else:
        assert form_of(accept, None, forms) == form


REPORT = "2025年1至9月,全县共发放救助资金1.00万元。追缴资金99999.99万元。"


def check(house: House, officer: str, body: bytes, content_type: str, query: str = "") -> Any:
    sent = {"content-type": content_type}
    signed = house.signed(officer, "POST", f"/v1/summaries/check{query}", body, sent)
    return house.client.post(f"/v1/summaries/check{query}", content=body, headers=sent | signed)


def test_a_report_is_checked_as_at_the_command_line(september: House) -> None:
    file = september.county.folder / "report.txt"
    file.write_text(REPORT, encoding="utf-8")
    own = ("--entity", "bureau")
    for query, words in {
        "": (),
        "?entity=bureau": own,
        "?month=2025-09": ("--month", "2025-09"),
        "?at=100": ("--at", "100"),
    }.items():
        answer = check(september, "auditor-1", REPORT.encode(), TEXT, query)
        assert answer.status_code == 200, answer.text
        same = asked(september, ["summary", "--check", str(file), *words])
        assert answer.json() == {name: value for name, value in same.items() if name != "file"}
        TypeAdapter(CheckedModel).validate_json(answer.content, strict=True)
    assert answer.json()["counts"]


def test_a_read_only_key_of_the_books_may_have_a_report_checked(september: House) -> None:
    """It is asked with a body, and changes nothing."""
    sent = {"content-type": TEXT}
    path, before = "/v1/summaries/check", september.county.size()
    charity, bureau = "?entity=charity", "?entity=bureau"
    cases = {
        ("books", (), ""): 200,
        ("books", ("charity",), ""): 200,
        ("books", ("charity",), bureau): 403,
        ("export", (), ""): 403,
    }
    for (permission, entities, query), status in cases.items():
        key = read_key(september, permission, entities=entities)
        headers = sent | {"authorization": f"Bearer {key}"}
        answer = september.client.post(path + query, content=REPORT.encode(), headers=headers)
        assert answer.status_code == status, answer.text
    own = check(september, "auditor-1", REPORT.encode(), TEXT, charity).json()
    assert own["entity"] == "charity"
    headers = sent | {"authorization": f"Bearer {read_key(september, 'books', entities=('charity',))}"}
    assert september.client.post(path, content=REPORT.encode(), headers=headers).json() == own
    assert september.county.size() == before


UNREAD: dict[str, tuple[bytes, str, int, str]] = {
    "another type": (b"{}", "application/json", 415, "E_REPORT_MEDIA_TYPE"),
    "no type": (b"{}", "", 415, "E_REPORT_MEDIA_TYPE"),
    "nothing": (b" ", TEXT, 422, "E_FILE_EMPTY"),
    "a PDF": (b"%PDF-1.7 and so on", TEXT, 422, "E_REPORT_FORM"),
    "half a document": (b"PK\x03\x04" + bytes(40), DOCX, 422, "E_REPORT_SPOILT"),
}


@pytest.mark.parametrize("what", UNREAD)
def test_what_is_no_report_is_refused_by_name(september: House, what: str) -> None:
    body, content_type, status, code = UNREAD[what]
    answer = check(september, "auditor-1", body, content_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


COLUMNS = (Column("programme", "text"), Column("paid_fen", "fen"), Column("rate", "per_mille"), Column("day", "day"))
TEXTS = st.one_of(st.text(max_size=12), st.builds(str.__add__, st.sampled_from(OPENERS), st.text(max_size=12)))


@given(texts=st.lists(TEXTS, min_size=1, max_size=6), fen=st.integers(-(10**15), 10**15))
def test_no_cell_of_a_file_is_a_formula(texts: list[str], fen: int) -> None:
    """Whatever names donors have: a text stays a text in CSV and XLSX, and a number a number."""
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    rows = tuple(Row("row", (text, fen, 5, date(2025, 9, 30)), (f"fund:{text}",)) for text in texts)
    table = Table("M1", "2025-09", "2025-09", None, None, 9, (Said("table.note.empty"),), COLUMNS, rows, ())
    wording = Wording(table, "charity-ledger summary M1", "zh")
    lines = list(csv.reader(io.StringIO(write_csv(wording).decode("utf-8-sig"), newline="")))
    for line, text in zip(lines[1:], texts, strict=False):
        assert line[0][:1] not in set(OPENERS) or not line[0]
        assert line[0] in {text.replace("\x00", ""), "'" + text.replace("\x00", "")}
        assert line[1:3] == [fen_to_yuan(fen), "0.5%"]
    made = io.BytesIO()
    write_workbook(wording, made)
    for sheet in load_workbook(io.BytesIO(made.getvalue())).worksheets:
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d", "inlineStr"}


@given(TEXTS)
def test_text_is_only_marked_where_it_might_be_a_formula(text: str) -> None:
    told = as_text(text)
    assert told[:1] not in set(OPENERS)
    if text[:1] not in set(OPENERS) and "\x00" not in text:
        assert told == text
