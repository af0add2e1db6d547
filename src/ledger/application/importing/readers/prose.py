"""A written report as paragraphs: plain text in any of the offices' encodings, or a Word document (.docx).

Of a document only the body's text is read (ECMA-376 part 1, 17.3): what was deleted or is hidden, fields, notes and
pictures are no text of the report; each cell of a table is a paragraph. What a style hides (styles are another part of
the document) is read.
"""

import io
import zipfile
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from ledger.application.importing.readers.archive import ZIP_FAULTS, check_ratio
from ledger.application.importing.readers.encodings import decode
from ledger.application.importing.readers.limits import Limits, check_size
from ledger.application.importing.readers.markup import markup_parser
from ledger.errors import InputError

PROSE_LIMITS: Final = Limits(bytes_max=4 * 1024 * 1024, unpacked_bytes_max=32 * 1024 * 1024, ratio_max=100)
"""A long report is a few hundred kilobytes; pictures in it take no part, for they are never unpacked."""

_ZIP: Final = b"PK\x03\x04"
_BODY: Final = "word/document.xml"
_WORDS: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT_WORDS: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
# An older program's copy of what stands beside it, what is shown as deleted or moved away, and what holds no text: the
# looks that a run had before, and those of a paragraph's end mark.
_LEFT_OUT: Final = frozenset({"Fallback", "del", "moveFrom", "rPrChange", "pPr"})
_OFF: Final = frozenset({"0", "false", "off"})
_ENCRYPTED: Final = 0x1
_CHUNK_BYTES: Final = 1 << 16


def read_prose(name: str, data: bytes, limits: Limits = PROSE_LIMITS) -> list[str]:
    """The paragraphs that hold text. Refuses with `E_FILE_…` codes, and with E_REPORT_FORM what is no text at all,
    E_REPORT_SPOILT a document that does not open.
    """
    check_size(name, len(data), limits)
    if not data.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise InputError("E_FILE_EMPTY", file=name)
    if data.startswith(_ZIP):
        paragraphs = _document(name, data, limits)
    else:
        text, _ = decode(name, data)
        if "\x00" in text or text.startswith("%PDF") or data.startswith(b"\xd0\xcf\x11\xe0"):
            raise InputError("E_REPORT_FORM", file=name)
        paragraphs = text.splitlines()
    found = [paragraph.strip() for paragraph in paragraphs if paragraph.strip()]
    if not found:
        raise InputError("E_FILE_EMPTY", file=name)
    return found


def _document(name: str, data: bytes, limits: Limits) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _BODY not in archive.namelist():
                raise InputError("E_REPORT_FORM", file=name)
            info = archive.getinfo(_BODY)
            if info.flag_bits & _ENCRYPTED:
                raise InputError("E_FILE_PASSWORD", file=name)
            check_ratio(name, info.compress_size, info.file_size, limits)
            return _paragraphs(name, archive, info, limits)
    except (*ZIP_FAULTS, expat.ExpatError):
        raise InputError("E_REPORT_SPOILT", file=name) from None


def _paragraphs(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> list[str]:
    """The directory's size is a claim, so the count is kept while reading."""
    body, size, is_last = _Body(), 0, True
    parser = markup_parser(body.start, body.end, body.text)
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            check_ratio(name, info.compress_size, size, limits)
            parser.Parse(chunk)
    parser.Parse(b"", is_last)
    return body.paragraphs


@dataclass(slots=True)
class _Body:
    """Collects the text of paragraphs; one may stand inside another, in a text box."""

    paragraphs: list[str] = field(default_factory=list)
    open_ones: list[list[str]] = field(default_factory=list)
    left_out: int = 0
    hidden_runs: list[bool] = field(default_factory=list)
    """Of every open run, whether it is hidden (17.3.2.41); one may stand inside another, in a text box."""
    in_text: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        space, _, word = tag.rpartition(" ")
        if self.left_out or word in _LEFT_OUT:
            self.left_out += 1
        elif space in {_WORDS, _STRICT_WORDS}:
            self.in_text = word == "t"
            if word == "p":
                self.open_ones.append([])
            elif word == "r":
                self.hidden_runs.append(any(self.hidden_runs))
            elif word == "vanish" and self.hidden_runs:
                self.hidden_runs[-1] = attributes.get(f"{space} val", "1") not in _OFF
            elif word in {"tab", "br", "cr"} and self.open_ones:
                self.open_ones[-1].append(" ")

    def end(self, tag: str) -> None:
        """An element closes."""
        space, _, word = tag.rpartition(" ")
        self.in_text = False
        if self.left_out:
            self.left_out -= 1
        elif space in {_WORDS, _STRICT_WORDS} and word == "p" and self.open_ones:
            self.paragraphs.append("".join(self.open_ones.pop()))
        elif space in {_WORDS, _STRICT_WORDS} and word == "r" and self.hidden_runs:
            self.hidden_runs.pop()

    def text(self, data: str) -> None:
        """Text between tags; only that of a run counts."""
        is_hidden = bool(self.hidden_runs) and self.hidden_runs[-1]
        if self.in_text and not self.left_out and not is_hidden and self.open_ones:
            self.open_ones[-1].append(data)
