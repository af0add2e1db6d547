"""Files that are broken, locked, huge or made to hurt: a code each, and never another error."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.application.importing import parse_file
from ledger.application.importing.checks.lines import safe_text
from ledger.application.importing.readers.encodings import decode
from ledger.application.importing.readers.limits import Limits
from ledger.application.importing.readers.opening import read_tables
from ledger.errors import InputError, LedgerError
from tests.application.importing.offices import (
    FORMATS,
    KINDS,
    MONTH,
    delimited,
    html,
    old_workbook,
    parse_grid,
    sample,
    workbook,
    zipped,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CSV = delimited(sample("deaths")).encode()


def nested(depth: int) -> bytes:
    data = zipped({"a.csv": CSV})
    for _ in range(depth):
        data = zipped({"a.zip": data})
    return data


def locked_zip() -> bytes:
    """A zip whose member carries the mark of encryption."""
    data = bytearray(zipped({"a.csv": CSV}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def newer_zip() -> bytes:
    """A zip that asks for a version which does not exist yet."""
    data = bytearray(zipped({"a.csv": CSV}))
    data[data.index(b"PK\x01\x02") + 6] = 200
    return bytes(data)


def with_entity() -> bytes:
    data = workbook({"Sheet1": [["a"]]})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]>'
    members["xl/worksheets/sheet1.xml"] = bomb + members["xl/worksheets/sheet1.xml"].partition(b"?>")[2]
    return zipped(members)


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "E_FILE_EMPTY"),
    "blanks": (b" \r\n\r\n\t", "E_FILE_EMPTY"),
    "only a mark": (b"\xff\xfe", "E_FILE_EMPTY"),
    "a pdf": (b"%PDF-1.7 ...", "E_FILE_NOT_A_TABLE"),
    "a photo": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "E_FILE_NOT_A_TABLE"),
    "a screenshot": (b"\x89PNG\r\n\x1a\n", "E_FILE_NOT_A_TABLE"),
    "a rar": (b"Rar!\x1a\x07\x00", "E_FILE_NOT_A_TABLE"),
    "a locked workbook": (OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le"), "E_FILE_PASSWORD"),
    "a broken xls": (OLE + bytes(5000), "E_FILE_UNREADABLE"),
    "a bare broken xls": (b"\x09\x08\x10\x00" + bytes(50), "E_FILE_UNREADABLE"),
    "a cut xlsx": (workbook({"a": [["b"]]})[:900], "E_FILE_UNREADABLE"),
    "a cut zip": (zipped({"a.csv": CSV})[:60], "E_FILE_UNREADABLE"),
    "a zip in a zip": (nested(1), "E_FILE_NESTED_ZIP"),
    "a locked zip": (locked_zip(), "E_FILE_PASSWORD"),
    "a zip of tomorrow": (newer_zip(), "E_FILE_UNREADABLE"),
    "a zip of nothing": (zipped({}), "E_FILE_UNREADABLE"),
    "a zip of empty files": (zipped({"a.csv": b""}), "E_FILE_EMPTY"),
    "a zip bomb": (zipped({"a.csv": bytes(3_000_000)}), "E_FILE_ZIP_BOMB"),
    "entities": (with_entity(), "E_FILE_UNREADABLE"),
    "a page of spans": (b"<table>" + b"<tr><td rowspan=1000 colspan=500>a" * 9, "E_FILE_UNREADABLE"),
    "a workbook of 2003 in XML": (b"<?xml version='1.0'?><Workbook xmlns='urn:x'/>", "E_FILE_UNREADABLE"),
    "a locked xls": (b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12) + b"\x2f\x00\x02\x00\x00\x00", "E_FILE_PASSWORD"),
    "a page without a table": (b"<html><body>502 Bad Gateway</body></html>", "E_FILE_EMPTY"),
    "other bytes": (b"\x7fELF\x02\x01\x01" + bytes(201), "E_FILE_UNREADABLE"),
    "no encoding": (b"\xff\xfa\x80\x81" * 40, "E_FILE_ENCODING"),
    "an open quotation mark": (b'a,b\r\n"1,2\r\n' + b"3,4\r\n" * 60, "E_FILE_QUOTE"),
    "an endless cell": (b'a,b\r\n"' + b"x" * 200_000, "E_FILE_QUOTE"),
    "a long cell": (b"a,b\r\n" + b"x" * 40_000, "E_CELL_TOO_LONG"),
    "too many columns": (b",".join([b"a"] * 300), "E_FILE_TOO_MANY_COLUMNS"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files_by_name(case: str) -> None:
    data, code = BAD_FILES[case]
    with pytest.raises(InputError) as raised:
        parse_file(data, name="文件.xls")
    assert raised.value.code == code
    assert "文件.xls" in raised.value.message() or case.startswith("a zip")
    assert "{" not in raised.value.message("zh") + raised.value.message("en")


def test_limits_have_codes() -> None:
    small = Limits(bytes_max=300, rows_max=2)
    with pytest.raises(InputError) as raised:
        read_tables("a.csv", CSV, small)
    assert raised.value.code == "E_FILE_TOO_LARGE"
    for data in (CSV, workbook({"a": [["b"]] * 5}), old_workbook({"a": [["b"]] * 5}), html([["b"]] * 5)):
        with pytest.raises(InputError) as raised:
            read_tables("a", data, Limits(rows_max=2))
        assert raised.value.code == "E_FILE_TOO_MANY_ROWS"


def test_archives_have_limits_of_their_own() -> None:
    data = zipped({f"{number}.csv": CSV for number in range(5)})
    for limits in (
        Limits(members_max=4),
        Limits(unpacked_bytes_max=5 * len(CSV) - 1),
        Limits(bytes_max=len(data), ratio_max=1),
    ):
        with pytest.raises(InputError) as raised:
            read_tables("a.zip", zipped({"a.csv": CSV * 20}) if limits.ratio_max == 1 else data, limits)
        assert raised.value.code == "E_FILE_ZIP_BOMB"
    assert len(read_tables("a.zip", data, Limits(members_max=5, unpacked_bytes_max=5 * len(CSV)))) == 5
    for book in (workbook({f"{n}": [["a"]] for n in range(3)}), old_workbook({f"{n}": [["a"]] for n in range(3)})):
        with pytest.raises(InputError) as raised:
            read_tables("a", book, Limits(sheets_max=2))
        assert raised.value.code == "E_FILE_TOO_MANY_SHEETS"


def test_folders_and_what_a_mac_adds_to_a_zip_are_passed_over() -> None:
    data = zipped({"账单/": b"", "账单/a.csv": CSV, "__MACOSX/账单/._a.csv": b"\x00\x05\x16\x07", "空.csv": b""})
    assert [table.file for table in read_tables("a.zip", data)] == ["账单/a.csv"]


def test_names_that_chinese_windows_wrote_are_mended() -> None:
    data = zipped({"aaaa.csv": CSV}).replace(b"aaaa.csv", "账单".encode("gb18030") + b".csv")
    assert [table.file for table in read_tables("a.zip", data)] == ["账单.csv"]


def test_a_file_on_disk_that_is_missing_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        parse_file(tmp_path / "无.csv")
    assert raised.value.code == "E_FILE_MISSING"
    (tmp_path / "a.csv").write_bytes(CSV)
    with pytest.raises(InputError) as raised:
        parse_file(tmp_path / "a.csv", limits=Limits(bytes_max=10))
    assert raised.value.code == "E_FILE_TOO_LARGE"


def test_sheets_formatted_to_the_last_row_are_no_large_sheets() -> None:
    rows: list[list[object]] = [list(row) for row in sample("deaths")]
    parsed = parse_file(workbook({"a": [*rows, *([[]] * 3000)]}), name="a.xlsx", limits=Limits(rows_max=10))
    assert len(parsed.rows) == 3


@given(st.binary(max_size=300))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", OLE, b"PK\x03\x04", b"\xff\xfe", b"<html><table><tr><td>", b"\x09\x08\x10\x00\x00\x06\x05\x00"):
        _read_or_refuse(start + data)


SOURCES = [(form, FORMATS[form][1](sample(name))) for form in FORMATS for name in ("bank_ccb", "dibao_roster")]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SOURCES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_mutated_files_are_read_or_refused(source: tuple[str, bytes], changes: list[tuple[float, int]]) -> None:
    data = bytearray(source[1])
    for share, value in changes:
        data[int(share * (len(data) - 1))] = value
    _read_or_refuse(bytes(data))


@given(st.sampled_from(SOURCES), st.floats(0, 1))
def test_files_cut_short_are_read_or_refused(source: tuple[str, bytes], share: float) -> None:
    _read_or_refuse(source[1][: int(share * len(source[1]))])


def _parts(form: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(FORMATS[form][1](sample("bank_ccb")))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = {form: _parts(form) for form in ("xlsx-of-text", "xlsx-of-numbers", "zip")}


@given(
    st.sampled_from(sorted(PARTS)), st.data(), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=6)
)
def test_workbooks_with_mutated_parts_are_read_or_refused(
    form: str, data: st.DataObject, changes: list[tuple[float, bytes]]
) -> None:
    """Inside the zip, so that its checksums hold and the damage reaches the readers."""
    members = dict(PARTS[form])
    part = data.draw(st.sampled_from(sorted(members)))
    content = members[part]
    for share, piece in changes:
        at = int(share * len(content))
        content = content[:at] + piece + content[at + len(piece) :]
    members[part] = content
    _read_or_refuse(zipped(members))


@given(st.lists(st.lists(st.text(max_size=6), max_size=6), max_size=6), st.sampled_from(sorted(KINDS)))
def test_any_rows_under_a_header_are_read_or_told(rows: list[list[str]], name: str) -> None:
    grid = [sample(name)[0], *rows]
    try:
        parsed = parse_grid(grid, month=MONTH)
    except LedgerError:
        return
    told = {row.place.row for row in parsed.rows}
    told |= {each.place.row for each in parsed.wrong} | {each.place.row for each in parsed.notes}
    holding = {number for number, row in enumerate(grid[1:], 2) if any(safe_text(cell) for cell in row)}
    assert holding <= told, "a row that holds something is read, refused or told of"


def _read_or_refuse(data: bytes) -> None:
    try:
        parsed = parse_file(data, name="a", month=MONTH)
    except LedgerError:
        return
    for cell in parsed.wrong:
        assert cell.message("zh") != cell.code


@given(st.text(min_size=1), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
def test_text_in_any_of_the_four_encodings_is_decoded(text: str, encoding: str) -> None:
    written = f"序号,姓名,备注\r\n1,示例甲,{text}".encode(encoding, "ignore")
    assert decode("a", written)[0] == written.decode(encoding)
