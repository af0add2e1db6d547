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
