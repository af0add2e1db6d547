"""Uploads: what is refused before it is opened, what every row is told, what is chosen, whose they are."""

import io
import stat
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger.application.importing.readers.limits import Limits
from ledger.application.importing.readers.opening import read_tables
from ledger.errors import InputError
from ledger_api.client.imports import upload
from ledger_api.http.imports.rows import STATES
from ledger_api.http.imports.spool import KEPT_DAYS
from tests.api.http.house import House
from tests.api.http.uploads import MAKER, OTHER, choose, put, roster, signed_off
from tests.application.importing.offices import delimited, sample, workbook, zipped
from tests.application.proposing.county import MONTH

REGISTER = "donation_register.csv"


def with_macros() -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook({"a": [["b"]]}))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**members, "xl/vbaProject.bin": b"program"})


CSV = delimited(sample("deaths")).encode()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "E_FILE_EMPTY"),
    "a ratio of thousands": (lambda: zipped({"a.csv": bytes(3_000_000)}), "E_FILE_ZIP_BOMB"),
    "too many files": (lambda: zipped({f"{number}.csv": CSV for number in range(201)}), "E_FILE_ZIP_BOMB"),
    "too much unpacked": (
        lambda: zipped({f"{number}.csv": CSV + bytes(3_000_000) for number in range(130)}),
        "E_FILE_ZIP_BOMB",
    ),
    "a workbook of too many parts": (
        lambda: zipped({"[Content_Types].xml": b"x", **{f"xl/{number}.xml": b"" for number in range(2001)}}),
        "E_FILE_ZIP_BOMB",
    ),
    "a zip in a zip": (lambda: zipped({"a.zip": zipped({"a.csv": CSV})}), "E_FILE_NESTED_ZIP"),
    "a path upwards": (lambda: zipped({"../../book.toml": CSV}), "E_FILE_MEMBER_NAME"),
    "a path upwards as Windows writes it": (lambda: zipped({"a\\..\\..\\b.csv": CSV}), "E_FILE_MEMBER_NAME"),
    "a path from the root": (lambda: zipped({"/etc/cron.d/x.csv": CSV}), "E_FILE_MEMBER_NAME"),
    "a drive": (lambda: zipped({"C:\\a.csv": CSV}), "E_FILE_MEMBER_NAME"),
    "a name that moves the cursor": (lambda: zipped({"a\x1b[2J.csv": CSV}), "E_FILE_MEMBER_NAME"),
    "a locked workbook": (lambda: OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le"), "E_FILE_PASSWORD"),
    "programs in a workbook": (with_macros, "E_FILE_MACROS"),
    "programs in an old workbook": (
        lambda: OLE + bytes(500) + "_VBA_PROJECT_CUR".encode("utf-16-le") + bytes(500),
        "E_FILE_MACROS",
    ),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n", "E_FILE_NOT_A_TABLE"),
    "other bytes": (lambda: b"\x7fELF\x02\x01\x01" + bytes(201), "E_FILE_UNREADABLE"),
    "no encoding": (lambda: b"\xff\xfa\x80\x81" * 40, "E_FILE_ENCODING"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_and_not_kept(house: House, case: str) -> None:
    make, code = REFUSED[case]
    answer = put(house, make())
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "{" not in answer.json()["detail"]
    assert house.get(OTHER, "/v1/imports")["imports"] == []


def test_bombs_are_refused_by_their_directory_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of them is unpacked: reading a member would break this test."""

    def unpacked(*_: object, **__: object) -> None:
        raise AssertionError("a member was opened")

    cases = [REFUSED[case] for case in REFUSED if case.startswith(("a ratio", "too ", "a path", "a drive"))]
    made = [(make(), code) for make, code in cases]
    assert len(made) == 7
    monkeypatch.setattr(zipfile.ZipFile, "open", unpacked)
    for data, code in made:
        with pytest.raises(InputError) as raised:
            read_tables("a.zip", data, Limits())
        assert raised.value.code == code


def test_a_body_of_a_hundred_megabytes_is_refused(house: House) -> None:
    """The route takes more than the others, and not more than that."""
    answer = put(house, bytes(100 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "E_BODY_TOO_LARGE")
    blanks = put(house, bytes(40 * 1024 * 1024))
    assert (blanks.status_code, blanks.json()["code"]) == (422, "E_FILE_EMPTY")
    headers = {"content-type": "application/json"}
    other = house.program(OTHER).post("/v1/vouchers", content=bytes(40 * 1024 * 1024), headers=headers)
    assert (other.status_code, other.json()["code"]) == (413, "E_BODY_TOO_LARGE")


def test_an_upload_is_recognised_and_counted(house: House) -> None:
    made = roster(house)
    assert (made["kind"], made["state"], made["judged"], made["error"]) == ("roster", "ready", False, None)
    assert made["counts"] == {**dict.fromkeys(STATES, 0), "new": 3}
    (sheet,) = made["sheets"]
    columns = {one["field"]: (one["letter"], one["title"], one["unit_fen"]) for one in sheet["columns"]}
    assert columns["household_no"] == ("E", "家庭编号", None)
    assert ("N", "基本保障金(元)", 100) in columns.values()
    before = house.county.size()
    assert house.get(MAKER, f"/v1/imports/{made['id']}?judged=true")["judged"]
    assert house.county.size() == before
    results = signed_off(house, made["id"])
    assert {one["state"] for one in results} == {"posted"}
    rows = house.get(MAKER, f"/v1/imports/{made['id']}/rows")["rows"]
    assert [(one["row"], one["state"]) for one in rows] == [(2, "posted"), (3, "posted"), (4, "posted")]
    for one in rows:
        event = house.get(MAKER, f"/v1/events/{one['position']}")
        assert f'"row":{one["row"]}' in event["data"]
    again = roster(house)
    told = house.get(MAKER, f"/v1/imports/{again['id']}/rows?state=duplicate")
    assert told["counts"]["duplicate"] == 3
    assert {one["repeats"] for one in told["rows"]} <= set(range(1, house.county.size()[0] + 1))


def test_the_same_request_again_is_one_upload(house: House) -> None:
    first = put(house, CSV, key="k-9")
    again = put(house, CSV, key="k-9")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(house.get(OTHER, "/v1/imports")["imports"]) == 1
    assert put(house, CSV + b"\r\n", key="k-9").json()["code"] == "E_IDEMPOTENCY_BODY"
    assert put(house, CSV, key="k-9", month="2025-08").json()["code"] == "E_IDEMPOTENCY_BODY"
    assert put(house, CSV, key="").json()["code"] == "E_IDEMPOTENCY_KEY"


def test_unknown_headers_are_given_a_name(house: House) -> None:
    grid = sample("donation_register")
    titles = {"捐赠人": "爱心人士", "金额(元)": "善款(元)"}
    known = next(title for title in grid[0] if "金额" in title)
    grid[0] = [titles.get(title, "善款(元)" if title == known else title) for title in grid[0]]
    made = upload(house.program(OTHER), "登记.csv", delimited(grid).encode(), {"month": MONTH})
    assert made["state"] == "unread"
    assert made["error"]["code"].startswith(("E_HEADER", "E_KIND"))
    path = f"/v1/imports/{made['id']}"
    refused = house.call(OTHER, "POST", f"{path}/proposals")
    assert (refused.status_code, refused.json()["code"]) == (409, "E_IMPORT_NOT_READ")
    assert made["error"]["code"] not in refused.json()["detail"]
    wrong = choose(house, OTHER, made["id"], {"kind": "donation-register", "columns": {"善款(元)": "no_such_field"}})
    assert wrong.json()["error"]["code"] == "E_COLUMN_NAME"
    columns = {"善款(元)": "捐赠金额", **({"爱心人士": "捐赠人"} if "爱心人士" in grid[0] else {})}
    mended = choose(house, OTHER, made["id"], {"kind": "donation-register", "columns": columns})
    assert mended.status_code == 200, mended.text
    assert mended.json()["state"] == "ready", mended.json()["error"]
    assert mended.json()["counts"]["wrong"] == 0
    assert house.get(OTHER, path)["chosen"]["columns"] == columns
    signed_off(house, made["id"], OTHER)
    given = {one.amount_fen for one in house.county.of_kind("donation.received")}
    assert given == {one.amount_fen for one in _registered(house)}


def _registered(house: House) -> list[Any]:
    """What the register says when its headers are left alone: known already, so nothing is added."""
    before = house.county.size()[0]
    assert house.county.one(REGISTER).new == 0
    assert house.county.size()[0] == before
    return house.county.of_kind("donation.received")


def planted(count: int) -> tuple[list[list[str]], dict[int, str]]:
    """A roster of so many rows, and twelve faults of six sorts: row -> code."""
    head, first = sample("dibao_roster")[:2]
    place = {title: at for at, title in enumerate(head)}
    rows: list[list[str]] = []
    for number in range(count):
        row = list(first)
        day = f"19{30 + number // 300 % 60:02d}{number // 25 % 12 + 1:02d}{number % 25 + 1:02d}"
        body = f"431099{day}{number // 18_000 % 9 + 1:01d}{number % 89 + 10:02d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        identity = body + "10X98765432"[sum(int(sign) * by for sign, by in zip(body, weights, strict=True)) % 11]
        texts = {
            "序号": str(number + 1),
            "村(社区)": f"第{number // 400 + 1}村",
            "家庭编号": f"431099S{number + 1000:05d}",
            "低保证号": f"NC2019-{number + 1000:05d}",
            "户主姓名": f"示例{number % 97}",
            "领款人姓名": f"示例{number % 97}",
            "户主身份证号": identity,
            "领款人身份证号": identity,
            "银行账号": f"8201053{number + 1:010d}",
        }
        for title, text in texts.items():
            row[place[title]] = text
        rows.append(row)
    faults: dict[int, str] = {}
    plans = [
        ("户主身份证号", "431099194803120017", "E_ID_CHECK"),
        ("户主身份证号", "4.31099E+17", "E_ID_DESTROYED"),
        ("本月实发(元)", "六百九", "E_CELL_MONEY"),
        ("保障标准(元/人月)", "500.005", "E_MONEY_PRECISION"),
        ("户主姓名", "", "E_CELL_MISSING"),
        ("户主姓名", "#REF!", "E_CELL_FORMULA_ERROR"),
    ]
    for at, (title, text, code) in enumerate(plans * 2):
        number = count // 13 * (at + 1)
        rows[number][place[title]] = text
        faults[number + 2] = code
    return [head, *rows], faults


def test_twelve_planted_faults_among_ten_thousand_rows_are_these_twelve(house: House) -> None:
    grid, faults = planted(10_000)
    before = house.county.size()
    made = roster(house, grid)
    assert (made["counts"]["new"], made["counts"]["wrong"]) == (9_988, 12)
    path = f"/v1/imports/{made['id']}/rows?state=wrong&limit=5"
    found: list[Any] = []
    cursor = ""
    while True:
        page = house.get(MAKER, path + cursor)
        found += page["rows"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [one["row"] for one in found] == list(faults)
    for one in found:
        assert [fault["code"] for fault in one["faults"]] == [faults[one["row"]]]
        assert all(fault["column"] and fault["letter"] and fault["detail"] for fault in one["faults"])
    answer = house.program(MAKER).get(f"/v1/imports/{made['id']}/errors.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cells = list(sheet.iter_rows(values_only=True))
    assert list(cells[0][: len(grid[0])]) == grid[0]
    assert [int(str(row[-2])) for row in cells[1:]] == list(faults)
    assert all(row[-1] for row in cells[1:])
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    refused = choose(house, MAKER, made["id"], {"mode": "atomic"})
    assert refused.status_code == 200
    whole = house.call(MAKER, "POST", f"/v1/imports/{made['id']}/proposals")
    assert (whole.status_code, whole.json()["code"]) == (409, "E_IMPORT_WRONG_ROWS")
    assert house.county.size() == before, "nobody is kept for rows that are not handed out"


def test_wrong_rows_are_mended_in_their_workbook_and_uploaded_again(house: House) -> None:
    grid = sample("dibao_roster")
    place = grid[0].index("户主姓名")
    name, grid[2][place] = grid[2][place], '=HYPERLINK("http://x")#'
    grid[2][grid[0].index("本月实发(元)")] = "很多"
    made = roster(house, grid)
    assert (made["counts"]["new"], made["counts"]["wrong"]) == (2, 1)
    signed_off(house, made["id"])
    book = load_workbook(io.BytesIO(house.program(MAKER).get(f"/v1/imports/{made['id']}/errors.xlsx").content))
    sheet = book.worksheets[0]
    assert sheet.cell(2, place + 1).data_type == "s"
    assert sheet.cell(2, len(grid[0]) + 1).value == "3"
    sheet.cell(2, place + 1).value = name
    sheet.cell(2, grid[0].index("本月实发(元)") + 1).value = "760"
    stream = io.BytesIO()
    book.save(stream)
    again = upload(house.program(MAKER), "改正.xlsx", stream.getvalue(), {"month": MONTH, "batch": "02"})
    assert again["error"] is None, again["error"]
    assert (again["kind"], again["counts"]["wrong"]) == ("roster", 0), house.get(
        MAKER, f"/v1/imports/{again['id']}/rows"
    )["rows"][0]["faults"]
    assert again["counts"]["new"] == 1


def test_an_upload_is_its_senders_alone_and_sealed(house: House) -> None:
    made = roster(house)
    path = f"/v1/imports/{made['id']}"
    for method, where in (
        ("GET", ""),
        ("GET", "/rows"),
        ("POST", "/proposals"),
        ("DELETE", ""),
        ("GET", "/errors.xlsx"),
    ):
        answer = house.call(OTHER, method, path + where)
        assert (answer.status_code, answer.json()["code"]) == (404, "E_IMPORT_UNKNOWN")
    folder = house.county.folder / "imports"
    kept = sorted(folder.iterdir())
    assert len(kept) == 2
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in kept:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "示例甲".encode() not in file.read_bytes()
        assert b"431099194803120016" not in file.read_bytes()
    assert house.call(MAKER, "DELETE", path, if_match="*").status_code == 204
    assert list(folder.iterdir()) == []
    assert house.call(MAKER, "GET", path).json()["code"] == "E_IMPORT_UNKNOWN"


@pytest.mark.parametrize("name", ["..%2Fbook", "%2e%2e", "0" * 36, "book.toml"])
def test_an_id_is_no_path(house: House, name: str) -> None:
    assert house.call(MAKER, "GET", f"/v1/imports/{name}").status_code == 404


@pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "Multipart/Mixed"])
def test_a_form_is_not_taken_for_a_file(house: House, media_type: str) -> None:
    """The lines around the file would be read as rows of it."""
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + CSV + b"\r\n--x--\r\n"
    headers = {"content-type": media_type, "idempotency-key": "k-1"}
    answer = house.program(MAKER).post("/v1/imports?name=a.csv", content=form, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "E_IMPORT_FORM")
    assert house.get(MAKER, "/v1/imports")["imports"] == []


@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8", "application/ld+json"])
def test_what_is_called_no_file_is_not_taken_for_one(house: House, media_type: str) -> None:
    headers = {"content-type": media_type, "idempotency-key": "k-1"}
    answer = house.program(MAKER).post("/v1/imports?name=a.csv", content=CSV, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "E_IMPORT_MEDIA_TYPE")
    assert "application/octet-stream" in answer.json()["detail"], "what is taken"
    assert house.get(MAKER, "/v1/imports")["imports"] == []


def test_a_file_may_be_called_what_it_is(house: House) -> None:
    """Or nothing at all, as many programs send it."""
    called = ("application/octet-stream", "text/csv", "Text/Plain; charset=gb18030", "text/html", "application/zip", "")
    for number, media_type in enumerate(called):
        headers = {"content-type": media_type, "idempotency-key": f"k-{number}"}
        answer = house.program(MAKER).post("/v1/imports?name=a.csv", content=CSV, headers=headers)
        assert answer.status_code == 201, answer.text


def test_an_upload_is_destroyed_after_its_days(house: House) -> None:
    made = roster(house)
    house.county.now += timedelta(days=KEPT_DAYS, seconds=1)
    assert house.call(MAKER, "GET", f"/v1/imports/{made['id']}").json()["code"] == "E_IMPORT_UNKNOWN"
    roster(house)
    assert len(house.get(MAKER, "/v1/imports")["imports"]) == 1
    assert len(list((house.county.folder / "imports").iterdir())) == 2


def test_another_entitys_books_are_neither_compared_nor_told(house: House) -> None:
    """The charity's accountant uploads the bureau's roster with a household less: nothing of the bureau's is told."""
    house.county.take_in("dibao_roster.csv")
    grid = sample("dibao_roster")
    changed = [grid[0], [*grid[1]]]
    changed[1][grid[0].index("户主姓名")] = "别人"
    named = house.call(OTHER, "POST", "/v1/imports?name=a.csv&entity=bureau", {}, idempotency_key="k")
    assert (named.status_code, named.json()["code"]) == (403, "E_NOT_ALLOWED")
    made = upload(house.program(OTHER), "花名册.csv", delimited(changed).encode(), {"month": MONTH})
    assert (made["state"], made["error"]["code"]) == ("refused", "E_ROLE")
    text = str(made) + str(house.get(OTHER, f"/v1/imports/{made['id']}/rows?judged=true"))
    for secret in ("示例乙", "示例丙", "E_ROW_CHANGED", "W_ROSTER"):
        assert secret not in text
    asked = house.call(OTHER, "POST", f"/v1/imports/{made['id']}/proposals")
    assert (asked.status_code, asked.json()["code"]) == (409, "E_ROLE")
    assert asked.json()["detail"] == made["error"]["detail"], "the file's own refusal, and how it is mended"
