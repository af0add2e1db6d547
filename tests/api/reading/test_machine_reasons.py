"""Why a file cannot be read is said in the reader's language; in the machine's words only where nobody has others."""

import errno
import os
import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger_api.books import read_passphrase
from ledger_api.given_files import given_text, machine_reason
from ledger_api.http.running.settings import read_serve_settings
from ledger_api.voucher_files import read_voucher_file

USUAL = ("ENOENT", "EACCES", "EISDIR", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EIO", "ENOSPC")
READERS: dict[str, Callable[[Path], Any]] = {
    "given": given_text,
    "passphrase": read_passphrase,
    "voucher": read_voucher_file,
    "settings": lambda file: read_serve_settings(file, needed=True, given={}),
}


def at_fault(folder: Path, fault: str) -> Path:
    """A path that cannot be read, for one reason."""
    (folder / "file").write_text("x", encoding="utf-8")
    (folder / "circle").symlink_to("circle")
    names = {"ENOENT": "nowhere", "EISDIR": ".", "ENOTDIR": "file/below", "ELOOP": "circle", "ENAMETOOLONG": "长" * 300}
    return folder / names[fault]


@pytest.mark.parametrize("fault", ["ENOENT", "EISDIR", "ENOTDIR", "ELOOP", "ENAMETOOLONG"])
@pytest.mark.parametrize("reader", READERS)
def test_what_cannot_be_read_says_why_in_chinese_and_in_english(tmp_path: Path, reader: str, fault: str) -> None:
    file = at_fault(tmp_path, fault)
    with pytest.raises(LedgerError) as caught:
        READERS[reader](file)
    zh, en = (caught.value.message(language).replace(str(file), "") for language in ("zh", "en"))
    assert os.strerror(getattr(errno, fault)) not in zh + en
    assert re.search(r"(?<=[:：]).*[一-鿿]", zh)
    assert not re.search(r"[一-鿿]", en)


@pytest.mark.parametrize("name", USUAL)
def test_the_usual_reasons_have_words(name: str) -> None:
    number = getattr(errno, name)
    told = machine_reason(OSError(number, os.strerror(number)))
    assert re.search(r"[一-鿿]", told)
    assert os.strerror(number) not in told


def test_what_has_no_words_is_told_as_the_machine_tells_it() -> None:
    assert machine_reason(OSError(errno.EXDEV, os.strerror(errno.EXDEV))) == os.strerror(errno.EXDEV)
    assert machine_reason(ssl.SSLError(1, "[SSL] PEM lib")) == "[SSL] PEM lib", "its number is none of the machine's"
    assert machine_reason(OSError("gone")) == "gone"


def test_a_passphrase_file_of_nothing_or_of_other_bytes_says_so(tmp_path: Path) -> None:
    file = tmp_path / "word"
    for data, zh in ((b"", "第一行是空的"), (b"\xff\xfe", "UTF-8 编码")):
        file.write_bytes(data)
        with pytest.raises(LedgerError) as caught:
            read_passphrase(file)
        assert zh in caught.value.message()
