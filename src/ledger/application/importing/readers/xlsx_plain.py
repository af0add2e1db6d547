"""Worksheets as programs write them: row after row of cells with their references, and nothing in between.

Of such a sheet only its reach is left to be known, and two searches tell it some ten times sooner than a parser that
calls for every cell. The whole of the sheet's data is matched against the strict form first; whatever stands there that
the form does not know (a formula, a hidden row, an error, a long number, a prefix, a comment) makes the sheet one for
the parser. Source: ECMA-376 part 1, 18.3.1.
"""

import re
from typing import Final, NamedTuple

_OPENS, _CLOSES = b"<sheetData>", b"</sheetData>"

_LEGAL: Final = rb"[^<&\x00-\x08\x0b\x0c\x0e-\x1f]"
"""A byte of text; what XML 1.0 forbids is none. Source: XML 1.0, 2.2."""
_TEXT: Final = _LEGAL + rb"*(?:&(?:amp|lt|gt|quot|apos);" + _LEGAL + rb"*)*"
_VALUE: Final = rb"[-+.0-9A-Za-z:]{0,40}"
_CELL: Final = (
    rb'<c r="[A-Z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,6}")?(?: t="(?:s|n|b|d|inlineStr)")?'
    rb"(?: ?/>|>(?:<v>" + _VALUE + rb'</v>|<v ?/>|<is><t(?: xml:space="preserve")?>' + _TEXT + rb"</t></is>)?</c>)"
)
_ATTRIBUTE: Final = rb' (?!hidden|r=|xmlns)(?:x14ac:dyDescent|[A-Za-z]+)="[-A-Za-z0-9.:, ]*"'
_EXCEL: Final = b"x14ac:"
"""The one prefix that stands at rows, in what Excel writes. Source: [MS-XLSX] 2.3.2."""
_ROW: Final = re.compile(
    rb'\s*<row r="[1-9][0-9]{0,6}"(?:' + _ATTRIBUTE + rb")* ?(?:/>|>(?:" + _CELL + rb")*</row>)\s*"
)
_LONG_NUMBER: Final = re.compile(rb"<v>[-+]?[0-9]{16}")
_LETTERS: Final = re.compile(rb'<c r="([A-Z]{1,3})')
_NUMBERS: Final = re.compile(rb'<(?:c r="[A-Z]{1,3}|row r=")([0-9]{1,7})"')


class Plain(NamedTuple):
    """What stands around the data of a plain sheet, and how far its cells reach: the last row, from 1, and the letters
    of every column that has a cell.
    """

    around: bytes
    last_row: int
    columns: frozenset[bytes]


def plain_sheet(document: bytes) -> Plain | None:
    """A worksheet's part, taken apart; None when it is not of the plain form."""
    start = document.find(_OPENS)
    if start < 0 or b"<!" in document[:start]:
        return None
    start += len(_OPENS)
    end = _end_of_rows(document, start)
    if end is None or not _is_utf8(document):
        return None
    data = document[start:end]
    if _LONG_NUMBER.search(data) or (_EXCEL in data and b"xmlns:" + _EXCEL[:-1] + b"=" not in document[:start]):
        return None
    last_row = max(map(int, set(_NUMBERS.findall(data))), default=0)
    return Plain(document[:start] + document[end:], last_row, frozenset(_LETTERS.findall(data)))


def _end_of_rows(document: bytes, start: int) -> int | None:
    """Where the rows end and the data with them; None when anything else stands between."""
    match, place = _ROW.match, start
    while (row := match(document, place)) is not None:
        place = row.end()
    return place if document.startswith(_CLOSES, place) else None


def _is_utf8(document: bytes) -> bool:
    """Whether a parser would read it as UTF-8, too: it names no other encoding."""
    declared = re.match(rb"""<\?xml[^>]*encoding=["']([^"']*)["']""", document)
    if declared is not None and declared[1].upper() != b"UTF-8":
        return False
    try:
        document.decode()
    except UnicodeDecodeError:
        return False
    return True
