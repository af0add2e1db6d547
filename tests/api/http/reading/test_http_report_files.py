"""A report's file says which ledger it is of, and stands on what that ledger signed."""

import csv
import io
import json
import zipfile

import pytest
from openpyxl import load_workbook

from ledger.log import reading
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.vkeys import parse_vkey
from ledger_api.reports.assembling import Asking, Making, Report
from ledger_api.reports.kinds import KINDS
from ledger_audit.notes import notes
from tests.api.http.house import House
from tests.api.http.test_http_reports import SEPTEMBER, made
from tests.application.proposing.county import ORIGIN, TODAY


@pytest.mark.parametrize("at", [None, "150"])
def test_a_report_names_its_ledger_and_the_checkpoint_that_it_stands_on(september: House, at: str | None) -> None:
    asking = {"kind": "fund", "span": SEPTEMBER, "entity": "charity"} | ({} if at is None else {"at": at})
    told, data = made(september, asking | {"format": "json"}, f"named-json-{at}")
    report = json.loads(data)
    note, vkey = report["checkpoint"]["note"], september.get(None, "/v1/checkpoint")["vkey"]
    signed = open_checkpoint(note, parse_vkey(vkey))
    assert (report["origin"], signed.origin) == (ORIGIN, ORIGIN)
    with september.service.store.read() as connection:
        voucher = reading.voucher_of_position(connection, told["position"])
        sizes = [size for size, _ in notes(connection)]
    assert voucher is not None
    assert report["checkpoint"]["size"] == signed.size == min(size for size in sizes if size >= voucher.number)
    _, packed = made(september, asking | {"format": "csv"}, f"named-csv-{at}")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        lines = list(csv.reader(io.StringIO(archive.read("about.csv").decode("utf-8-sig"), newline="")))
    _, workbook = made(september, asking | {"format": "xlsx"}, f"named-xlsx-{at}")
    sheet = load_workbook(io.BytesIO(workbook)).worksheets[0]
    for told_lines in (lines, list(sheet.iter_rows(values_only=True))):
        about = {str(name): text for name, text, *_ in told_lines}
        assert (about["账套"], about["检查点(签名原文)"]) == (ORIGIN, note)


def test_a_report_of_an_empty_log_says_that_no_checkpoint_covers_it() -> None:
    asking = Asking("fund", None, None, None, "zh")
    report = Report(asking, 0, Making(ORIGIN, TODAY, "10:00"), None, (), ())
    assert report.to_json()["checkpoint"] is None
    assert ("检查点(签名原文)", "尚无检查点覆盖这一序号") in report.about()


def test_a_doubt_in_a_report_is_told_as_the_route_tells_it(september: House) -> None:
    asking = {"kind": "campaign", "span": SEPTEMBER, "entity": None, "at": "200"}
    _, data = made(september, asking | {"format": "json"}, "doubts-json")
    (answer,) = (one["answer"] for one in json.loads(data)["readers"] if one["name"] == "doubts")
    same = september.get("supervisor-1", "/v1/doubts?as_of=2025-09-30&at=200")
    assert answer == same
    sentences = [row["message"] for row in same["rows"]]
    assert len(sentences) > 1
    _, packed = made(september, asking | {"format": "csv"}, "doubts-csv")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        listed, counts = (
            list(csv.DictReader(io.StringIO(archive.read(f"doubts-{part}.csv").decode("utf-8-sig"))))
            for part in ("rows", "counts")
        )
    _, workbook = made(september, asking | {"format": "xlsx"}, "doubts-xlsx")
    heads, *rows = load_workbook(io.BytesIO(workbook))["疑点·明细"].iter_rows(values_only=True)
    for found in (listed, [dict(zip(heads, row, strict=True)) for row in rows]):
        assert [row["说明"] for row in found] == sentences
        assert [cell for row in found for cell in row.values() if str(cell).startswith("{")] == []
    assert {row["代码"]: int(row["条数"]) for row in counts} == same["counts"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_sheets_of_a_workbook_bear_names_that_people_know(september: House, kind: str) -> None:
    _, workbook = made(september, {"kind": kind, "span": SEPTEMBER, "entity": None, "format": "xlsx"}, f"names-{kind}")
    names = load_workbook(io.BytesIO(workbook)).sheetnames
    others = [name for name in names if name.split()[0] not in KINDS[kind].tables]
    assert len(others) > len(KINDS[kind].readers)
    assert [name for name in others if not "\u4e00" <= name[0] <= "\u9fff" or len(name) > 31] == []
