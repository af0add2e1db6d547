"""Reports over the network: asked once, made in the background, the figures of the command line, and nobody else's."""

import csv
import errno
import io
import json
import shlex
import stat
import time
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nacl.bindings import crypto_hash_sha256
from openpyxl import load_workbook
from sqlalchemy import select

from ledger.application.outcomes import Receipt
from ledger.errors import EvidenceError, LedgerError
from ledger.log.side_tables import access_log
from ledger.signing import base64_text
from ledger_api.http.service import Service
from ledger_api.reports import jobs
from ledger_api.reports.kinds import KINDS
from ledger_api.reports.shelf import Shelf
from ledger_audit.verifier.__main__ import main as ledger_verify
from ledger_projections.summaries.registry import TABLES
from tests.api.http.house import House
from tests.api.http.september import asked
from tests.application.proposing.county import TODAY

WHO = "supervisor-1"
SEPTEMBER = {"month": "2025-09"}


def order(house: House, body: dict[str, Any], key: str, officer: str = WHO) -> Any:
    return house.call(officer, "POST", "/v1/reports", body, Idempotency_Key=key)


def finished(house: House, name: str, officer: str = WHO) -> Any:
    """The report once it is done or failed, looked at as a client looks."""
    while (told := house.get(officer, f"/v1/reports/{name}"))["state"] in {"queued", "running"}:
        time.sleep(0.01)
    return told


def made(house: House, body: dict[str, Any], key: str) -> tuple[Any, bytes]:
    """A report that is done, and its file."""
    answer = order(house, body, key)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/reports/{answer.json()['id']}"
    told = finished(house, answer.json()["id"])
    assert told["state"] == "done", told
    file = house.call(WHO, "GET", f"/v1/reports/{told['id']}/file")
    digest = crypto_hash_sha256(file.content)
    assert (told["file"]["digest"], told["file"]["bytes"]) == (digest.hex(), len(file.content))
    assert file.headers["content-digest"] == f"sha-256=:{base64_text.encode(digest)}:"
    assert file.headers["repr-digest"] == file.headers["content-digest"]
    assert file.headers["etag"] == f'"{digest.hex()}"'
    newest = house.call(WHO, "GET", "/v1/checkpoint").headers["ledger-checkpoint"]
    assert (file.headers["ledger-position"], file.headers["ledger-checkpoint"]) == (str(told["position"]), newest)
    assert file.headers["content-type"] == told["file"]["media_type"]
    return told, file.content


def test_every_table_is_in_one_report() -> None:
    told = Counter(table for kind in KINDS.values() for table in kind.tables)
    assert told == Counter(TABLES.keys())


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_is_what_its_query_gives(september: House, kind: str) -> None:
    told, data = made(september, {"kind": kind, "format": "json", "span": SEPTEMBER, "entity": None}, f"json-{kind}")
    report = json.loads(data)
    assert (report["position"], told["done"], told["total"]) == (told["position"], told["total"], told["total"])
    assert [one["table"] for one in report["tables"]] == list(KINDS[kind].tables)
    for one in report["tables"]:
        assert one == asked(september, shlex.split(one["query"]["command"])[1:])
        assert one["position"] == report["position"]
    for one in report["readers"]:
        same = asked(september, shlex.split(one["query"])[1:])
        rows = same.get("batches") if one["name"] == "batches" else None
        if rows is not None:
            assert one["answer"]["rows"] == rows
        else:
            names = {"balances": "funds", "accounts": "accounts"}
            renamed = {
                names.get(one["name"], "") if name == "rows" and one["name"] in names else name: value
                for name, value in one["answer"].items()
            }
            assert renamed == same


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_hold_what_the_json_holds(september: House, kind: str) -> None:
    asking = {"kind": kind, "span": {"first": "2025-01", "last": "2025-09"}, "entity": "charity", "at": "150"}
    _, data = made(september, asking | {"format": "json"}, f"f-json-{kind}")
    report = json.loads(data)
    _, packed = made(september, asking | {"format": "csv"}, f"f-csv-{kind}")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = set(archive.namelist())
        assert {"about.csv", *(f"{one['table']}.csv" for one in report["tables"])} <= names
        for one in report["tables"]:
            lines = list(csv.reader(io.StringIO(archive.read(f"{one['table']}.csv").decode("utf-8-sig"))))
            assert lines.index([]) == len(one["rows"]) + 1
        for one in report["readers"]:
            for name, rows in one["answer"].items():
                if isinstance(rows, list):
                    text = archive.read(f"{one['name']}-{name}.csv").decode("utf-8-sig")
                    assert len(list(csv.reader(io.StringIO(text)))) == len(rows) + 1
        about = archive.read("about.csv").decode("utf-8-sig")
        assert "150" in about
        assert all(one["query"] in about for one in report["readers"])
    _, workbook = made(september, asking | {"format": "xlsx"}, f"f-xlsx-{kind}")
    sheets = load_workbook(io.BytesIO(workbook)).sheetnames
    assert sheets[0] == "报告说明"
    assert {one["table"] for one in report["tables"]} <= set(sheets)


def test_a_package_is_checked_by_the_stranger(house: House, tmp_path: Path) -> None:
    _, data = made(house, {"kind": "package", "format": "zip"}, "package")
    file = tmp_path / "package.zip"
    file.write_bytes(data)
    assert ledger_verify([str(file), "--key", house.get(None, "/v1/checkpoint")["vkey"]]) == 0


def test_every_table_of_a_report_of_one_entity_is_of_it(september: House) -> None:
    """The list of the county's sentences, too."""
    _, data = made(september, {"kind": "programme", "format": "json", "entity": "bureau"}, "one-entity")
    tables = json.loads(data)["tables"]
    assert [one["table"] for one in tables] == list(KINDS["programme"].tables)
    assert {(one["entity"], "--entity bureau" in one["query"]["command"]) for one in tables} == {("bureau", True)}


def test_a_report_is_asked_for_once(house: House) -> None:
    body = {"kind": "lottery", "format": "json"}
    first = order(house, body, "once")
    again = order(house, body, "once")
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (202, first.json(), "true")
    assert again.headers["location"] == first.headers["location"]
    assert len(house.get(WHO, "/v1/reports")["reports"]) == 1
    other = order(house, body | {"format": "csv"}, "once")
    assert (other.status_code, other.json()["code"]) == (422, "E_IDEMPOTENCY_BODY")
    bare = house.call(WHO, "POST", "/v1/reports", body)
    assert (bare.status_code, bare.json()["code"]) == (400, "E_IDEMPOTENCY_KEY")
    finished(house, first.json()["id"])


WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "no such kind": ({"kind": "gossip", "format": "json"}, 422, "E_REQUEST_FIELD"),
    "a package as a table": ({"kind": "package", "format": "csv"}, 422, "E_REPORT_OPTIONS"),
    "a part of a package": ({"kind": "package", "format": "zip", "entity": "charity"}, 422, "E_REPORT_OPTIONS"),
    "a report as a zip": ({"kind": "fund", "format": "zip"}, 422, "E_REPORT_OPTIONS"),
    "two spans": (
        {"kind": "fund", "format": "json", "span": {"month": "2025-09", "year": "2025"}},
        422,
        "E_SPAN_OPTION",
    ),
    "no month": ({"kind": "fund", "format": "json", "span": {"month": "2025-13"}}, 422, "E_PERIOD"),
    "nobody's": ({"kind": "fund", "format": "json", "entity": "nobody"}, 422, "E_ENTITY_UNKNOWN"),
    "a position ahead": ({"kind": "fund", "format": "json", "at": "99999999"}, 404, "E_POSITION_AHEAD"),
    "a day before the months": (
        {"kind": "recovery", "format": "json", "span": SEPTEMBER, "as_of": "2025-08-31"},
        422,
        "E_AS_OF_SPAN",
    ),
    "a day that is none": ({"kind": "fund", "format": "json", "as_of": "2025-02-30"}, 422, "E_DATE"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_made_is_refused_at_once_and_leaves_nothing(house: House, what: str) -> None:
    body, status, code = WRONG[what]
    answer = order(house, body, what)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert house.get(WHO, "/v1/reports")["reports"] == []
    assert not list(house.service.book.settings.directory.glob("reports/*"))


def test_what_cannot_be_made_after_all_says_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_asked: object) -> None:
        raise EvidenceError("E_MODEL_STOPPED", name="recoveries", position=1, reason="test")

    monkeypatch.setattr(jobs, "assemble", refused)
    told = finished(house, order(house, {"kind": "recovery", "format": "json"}, "late").json()["id"])
    assert (told["state"], told["failure"]["code"], told["file"]) == ("failed", "E_MODEL_STOPPED", None)
    answer = house.call(WHO, "GET", f"/v1/reports/{told['id']}/file")
    assert (answer.status_code, answer.json()["code"]) == (409, "E_REPORT_NOT_DONE")


def test_every_step_out_of_the_house_is_written_down(house: House) -> None:
    told, _ = made(house, {"kind": "societies", "format": "csv", "entity": "charity"}, "noted")
    for kept in (f'"{told["file"]["digest"]}"', "*"):
        held = house.call(WHO, "GET", f"/v1/reports/{told['id']}/file", if_none_match=kept)
        assert (held.status_code, held.content) == (304, b"")
    with house.service.store.read() as connection:
        chosen = select(access_log.c.actor, access_log.c.action, access_log.c.subject, access_log.c.detail)
        rows = [tuple(row) for row in connection.execute(chosen.order_by(access_log.c.id))]
    assert [row[:3] for row in rows[-2:]] == [
        (WHO, "report.asked", told["id"]),
        (WHO, "report.taken", told["id"]),
    ]
    scope = {"kind": "societies", "format": "csv", "entity": "charity"}
    assert json.loads(rows[-2][3]) == scope
    assert json.loads(rows[-1][3]) == scope | {"at": told["position"]}


def test_a_report_is_for_those_who_may_export_those_books(house: House) -> None:
    granted = ("role.granted", {"officer": "witness-1", "role": "supervisor", "entity": "charity"})
    assert isinstance(house.county.post("guan-1", "book", [granted], "guan-2", day=TODAY), Receipt)
    whole = order(house, {"kind": "lottery", "format": "json"}, "whole").json()["id"]
    bureau = order(house, {"kind": "lottery", "format": "json", "entity": "bureau"}, "bureau").json()["id"]
    charity = order(house, {"kind": "lottery", "format": "json", "entity": "charity"}, "charity").json()["id"]
    assert finished(house, charity, "witness-1")["entity"] == "charity"
    assert house.call("witness-1", "GET", f"/v1/reports/{charity}/file").status_code == 200
    for name in (whole, bureau):
        finished(house, name)
        for path in (f"/v1/reports/{name}", f"/v1/reports/{name}/file"):
            answer = house.call("witness-1", "GET", path)
            assert (answer.status_code, answer.json()["code"]) == (404, "E_REPORT_UNKNOWN")
    assert [one["id"] for one in house.get("witness-1", "/v1/reports")["reports"]] == [charity]
    assert {one["id"] for one in house.get("auditor-1", "/v1/reports")["reports"]} == {whole, bureau, charity}
    own = order(house, {"kind": "fund", "format": "json"}, "own", "witness-1")
    assert own.json()["entity"] == "charity", "the only entity that the caller may export"
    for body in ({"kind": "fund", "format": "json", "entity": "bureau"}, {"kind": "package", "format": "zip"}):
        assert order(house, body, "other", "witness-1").status_code == 403
    finished(house, own.json()["id"])


NAMES = ("..", "../book.toml", "..%2F..%2Fbook.toml", "0" * 31, "0" * 32, "A" * 32, "order.json", "%00", "x" * 64)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_shelf(house: House, name: str) -> None:
    for path in (f"/v1/reports/{name}", f"/v1/reports/{name}/file"):
        assert house.call(WHO, "GET", path).status_code in {400, 404, 422}
    with pytest.raises(LedgerError):
        house.service.reports.shelf.find(name, "")


def test_reports_lie_for_their_owner_alone_and_expire(house: House) -> None:
    told, _ = made(house, {"kind": "lottery", "format": "xlsx"}, "private")
    folder = house.service.book.settings.directory / "reports"
    assert {stat.S_IMODE(one.stat().st_mode) for one in (folder, folder / told["id"])} == {0o700}
    assert {stat.S_IMODE(one.stat().st_mode) for one in (folder / told["id"]).iterdir()} == {0o600}
    assert sorted(one.name for one in (folder / told["id"]).iterdir()) == ["file", "lock", "order.json"]
    house.county.now += jobs.KEPT - timedelta(seconds=60)
    assert house.call(WHO, "GET", f"/v1/reports/{told['id']}").status_code == 200
    house.county.now += timedelta(seconds=120)
    answer = house.call(WHO, "GET", f"/v1/reports/{told['id']}/file")
    assert (answer.status_code, answer.json()["code"]) == (404, "E_REPORT_UNKNOWN")
    house.service.reports.tidy()
    assert list(folder.iterdir()) == []


def test_what_its_process_did_not_finish_is_lost_by_name(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends before the report is begun: its locks go with it."""
    with monkeypatch.context() as patch:
        patch.setattr(jobs.Jobs, "start", lambda *_: None)
        name = order(house, {"kind": "fund", "format": "json"}, "lost").json()["id"]
    assert house.get(WHO, f"/v1/reports/{name}")["state"] == "queued"
    held = house.service.reports
    held.tidy()
    assert house.get(WHO, f"/v1/reports/{name}")["state"] == "queued", "its process lives"
    held.shelf.release_all()
    folder = held.shelf.file_of(name).parent
    half = folder / ".package-x1" / "data"
    half.mkdir(parents=True)
    for left in (half / "entries.json", folder / "file.zip", folder / "order.json.new"):
        left.write_bytes(b"half of it")
    service = Service(house.service.book, house.service.operator)
    assert {one.name for one in folder.iterdir()} == {"order.json", "lock"}, "a killed package leaves nothing half-made"
    told = service.reports.find(name)
    assert (told.state, told.code) == ("failed", "E_JOB_LOST")
    assert told.reason
    assert house.get(WHO, f"/v1/reports/{name}")["failure"]["code"] == "E_JOB_LOST"


def test_another_process_sees_whose_report_is_being_made(house: House) -> None:
    """Whoever else looks finds it held, and lost once it was let go."""
    shelf = house.service.reports.shelf
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.Jobs, "start", lambda *_: None)
        name = order(house, {"kind": "fund", "format": "json"}, "held").json()["id"]
    directory = house.service.book.settings.directory
    assert Shelf(directory).lost() == [], "held by a descriptor of somebody else's"
    shelf.release(name)
    assert [one.id for one in Shelf(directory).lost()] == [name]


def test_too_many_wait_for_their_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.Jobs, "start", lambda *_: None)
    for number in range(jobs.WAITING_MAX):
        assert order(house, {"kind": "fund", "format": "json"}, f"n{number}").status_code == 202
    answer = order(house, {"kind": "fund", "format": "json"}, "one more")
    assert (answer.status_code, answer.json()["code"]) == (429, "E_REPORTS_WAITING")
    assert answer.headers["retry-after"]


def test_one_caller_leaves_places_to_the_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.Jobs, "start", lambda *_: None)
    monkeypatch.setattr(jobs, "WAITING_MAX", 2)
    monkeypatch.setattr(jobs, "ALL_MAX", 3)
    body = {"kind": "fund", "format": "json"}
    assert [order(house, body, f"n{number}").status_code for number in range(3)] == [202, 202, 429]
    assert order(house, body, "other", "auditor-1").status_code == 202
    assert order(house, body, "another", "auditor-1").json()["code"] == "E_REPORTS_WAITING", (
        "places for all have an end"
    )


def test_reports_and_exports_are_not_begun_on_a_disk_that_is_nearly_full(house: House) -> None:
    house.service.disk_bytes_min = 2**60
    for answer in (order(house, {"kind": "fund", "format": "json"}, "k"), house.call(WHO, "GET", "/v1/export/journal")):
        assert (answer.status_code, answer.json()["code"]) == (503, "E_DISK_LOW")
    assert house.service.reports.listed() == []


def queued(house: House, monkeypatch: pytest.MonkeyPatch, key: str) -> str:
    """A report that nobody makes."""
    with monkeypatch.context() as patch:
        patch.setattr(jobs.Jobs, "start", lambda *_: None)
        return str(order(house, {"kind": "fund", "format": "json"}, key).json()["id"])


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"id": "x"}', b"{}", b'{"asking": 1}'])
def test_an_order_that_was_cut_off_hides_no_other_and_stops_no_start(
    house: House, monkeypatch: pytest.MonkeyPatch, kept: bytes
) -> None:
    torn, sound = (queued(house, monkeypatch, key) for key in ("torn", "sound"))
    directory = house.service.book.settings.directory
    (directory / "reports" / torn / "order.json").write_bytes(kept)
    assert [one["id"] for one in house.get(WHO, "/v1/reports")["reports"]] == [sound]
    assert house.call(WHO, "GET", f"/v1/reports/{torn}").status_code == 404
    again = Service(house.service.book, house.service.operator)
    assert [one.id for one in again.reports.listed()] == [sound]


def test_two_processes_that_start_at_once_do_not_write_the_same_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would write it beside and move it over, and the second would find nothing to move."""
    name = queued(house, monkeypatch, "lost")
    house.service.reports.shelf.release_all()
    directory = house.service.book.settings.directory
    first, second = Shelf(directory), Shelf(directory)
    assert [one.id for one in first.lost()] == [name]
    assert second.lost() == []
    first.release(name)
    assert [one.id for one in second.lost()] == [name]
    second.release(name)


def test_a_full_disk_does_not_keep_the_service_from_starting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    name = queued(house, monkeypatch, "lost")
    house.service.reports.shelf.release_all()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "keep", full)
        service = Service(house.service.book, house.service.operator)
        refused = order(house, {"kind": "fund", "format": "json"}, "more")
        assert (refused.status_code, refused.json()["code"]) == (503, "E_DISK_FULL")
        assert refused.headers["retry-after"] == "60"
    service.reports.tidy()
    assert service.reports.find(name).code == "E_JOB_LOST"


def test_one_report_that_breaks_everything_does_not_stop_those_after_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = jobs.Jobs._fail  # noqa: SLF001 - what is called when nothing else helps

    def breaks(self: jobs.Jobs, order_: Any, code: str, reason: str) -> None:
        if code == "E_UNFORESEEN":
            raise RuntimeError("even this")
        real(self, order_, code, reason)

    with monkeypatch.context() as patch:
        patch.setattr(jobs.Jobs, "_fail", breaks)
        patch.setattr(jobs.Jobs, "_make", lambda *_: 1 // 0)
        broken = order(house, {"kind": "fund", "format": "json"}, "broken").json()["id"]
        while broken in house.service.reports.shelf._locks:  # noqa: SLF001 - let go is all that is seen of it
            time.sleep(0.01)
    after = order(house, {"kind": "fund", "format": "json"}, "after").json()["id"]
    assert finished(house, after)["state"] == "done"
    assert finished(house, broken)["failure"]["code"] == "E_JOB_LOST"
