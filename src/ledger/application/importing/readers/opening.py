"""Opening a file by what its bytes are, never by what its name says."""

from pathlib import Path

from ledger.application.importing.readers.archive import read_archive
from ledger.application.importing.readers.delimited import read_delimited
from ledger.application.importing.readers.html import looks_like_html, read_html
from ledger.application.importing.readers.limits import DEFAULT_LIMITS, Limits, check_size
from ledger.application.importing.readers.xls import is_encrypted_package, looks_like_xls, read_xls
from ledger.application.importing.readers.xlsx import looks_like_xlsx, read_xlsx
from ledger.application.importing.tables import RawTable
from ledger.errors import InputError

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Files that people photograph, scan or print: named so that the sentence can say what to ask for instead.
_NOT_TABLES = {
    b"%PDF": "PDF",
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
}


def load(path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The bytes of a file on disk; `E_FILE_MISSING` when it is not there, `E_FILE_TOO_LARGE` before it is read."""
    try:
        check_size(path.name, path.stat().st_size, limits)
        return path.read_bytes()
    except OSError:
        raise InputError("E_FILE_MISSING", file=path.name) from None


def read_tables(name: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[RawTable]:
    """Every table in the file, in its order; refuses with `E_FILE_…` codes and with nothing else."""
    check_size(name, len(data), limits)
    if not data.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise InputError("E_FILE_EMPTY", file=name)
    if data.startswith(_ZIP):
        return read_xlsx(name, data, limits) if looks_like_xlsx(data) else read_archive(name, data, limits, _read_one)
    return _read_one(name, data, limits)


def _read_one(name: str, data: bytes, limits: Limits) -> list[RawTable]:
    """A file that is not an archive of files."""
    if data.startswith(_ZIP):
        if looks_like_xlsx(data):
            return read_xlsx(name, data, limits)
        raise InputError("E_FILE_NESTED_ZIP", file=name)
    if data.startswith(_OLE) and is_encrypted_package(data):
        raise InputError("E_FILE_PASSWORD", file=name)
    if looks_like_xls(data):
        return read_xls(name, data, limits)
    for magic, form in _NOT_TABLES.items():
        if data.startswith(magic):
            raise InputError("E_FILE_NOT_A_TABLE", file=name, form=form)
    if looks_like_html(data):
        return read_html(name, data, limits)
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        raise InputError("E_FILE_UNREADABLE", file=name)
    return [read_delimited(name, data, limits)]
