"""Telling the lines of a table apart: data, blank, comment, total, carry-over, title, signature, repeated header."""

import re
from enum import Enum

from ledger.application.importing.fields.plain import CellFault, half_width, plain
from ledger.application.importing.fields.types import CODE, NAME, TEXT, YES_NO
from ledger.application.importing.recognising.headers import Header, repeats_header
from ledger.application.importing.tables import CellValue, RawRow

_TOTAL = re.compile(
    r"^(?P<who>.{0,20}?)(?P<word>小计|合计|总计|共计|累计|总和|汇总)(?:\(.{0,8}\)|[::].{0,12}|金额|数|行)?$"
)
_GRAND = frozenset(("总计", "合计", "共计", "累计", "总和", "汇总"))
_PART = re.compile(r"^(本|当|上|下|第)?[\d一二三四五六七八九十]{0,3}[年月日页旬季周]")
_CARRIED = re.compile(r"^(承前页|承上页|过次页|上页结转|期初余额|上期余额|上年结转|期末余额)")
_SIGNATURE = re.compile(
    r"^(制\s*表|填\s*表|审\s*核|复\s*核|负\s*责\s*人|经\s*办|分管|局\s*长|主管|出纳|会计|单位负责人|单位\(|盖章|填报|打印|"
    r"制单|日\s*期|时\s*间|备\s*注|说\s*明|注|监\s*交|报送|联系人|联系电话|第\s*\d+\s*页|共\s*\d+\s*[页条笔行])"
)
_SIGNED = re.compile(r"(人|员|章|签字|签名|日期|时间|单位)?\)?\s*[::]|^第\s*\d+\s*页|^共\s*\d+\s*[页条笔行]|盖章|签章")
_WORDS = (TEXT, NAME, CODE, YES_NO)
_DIGIT = re.compile(r"\d")
_TITLE = re.compile(
    r"^(账\s*号|户\s*名|账户|账户名称|查询账号|本方账号|起止日期|起始日期|查询日期|查询时间|开户行|开户网点|币种|单位名称|交易期间)\s*[::]"
)
_SUMMARY_HEADS = ("总交易单数", "资金流水总笔数")
_COMMENT_CELLS_MAX = 3


class Line(Enum):
    """What a line of a table is."""

    DATA = "data"
    BLANK = "blank"
    COMMENT = "comment"
    TOTAL = "total"
    CARRIED = "carried"
    SIGNATURE = "signature"
    HEADER = "header"
    SUMMARY = "summary"
    NUMBERED = "numbered"
    TITLE = "title"


def texts_of(row: RawRow) -> list[str]:
    """The clean texts of a row's cells."""
    return [safe_text(cell) for cell in row.cells]


def line_of(row: RawRow, texts: list[str], header: Header) -> Line:
    """What the row is, with its clean `texts`. Anything that is not surely something else is data, so that nothing is
    dropped in silence.
    """
    filled = [text for text in texts if text]
    if not filled:
        return Line.BLANK
    if filled[0].startswith("#") and len(filled) <= _COMMENT_CELLS_MAX:
        return Line.COMMENT
    if header_of_summary(filled[0]):
        return Line.SUMMARY
    if repeats_header(row.cells, header):
        return Line.HEADER
    given, needed = _groups_filled(texts, header)
    lead = _lead(texts, filled[0], header)
    if lead is not None and (not lead[0] or given < needed):
        return Line.TOTAL
    if _CARRIED.match(filled[0]):
        return Line.CARRIED
    if given < needed and (told := _told(filled[:1])):
        return told
    # A row that has most of what it needs is data, even when a remark in it says 合计 or 备注：; what it lacks is told.
    return Line.DATA if given * 2 > needed else _partial(texts, filled, header)


def _partial(texts: list[str], filled: list[str], header: Header) -> Line:
    """A row that lacks most of what it needs."""
    if total_word(texts) is not None:
        return Line.TOTAL
    if any(_CARRIED.match(text) for text in filled):
        return Line.CARRIED
    if told := _told(filled):
        return told
    if _only_number(texts, header):
        return Line.NUMBERED
    return Line.DATA


def _told(filled: list[str]) -> Line | None:
    """Whether one of the texts belongs to a title line or to a line of signatures."""
    compact = [half_width(text).replace(" ", "") for text in filled]
    if any(_TITLE.match(text) for text in compact):
        return Line.TITLE
    if any(_SIGNATURE.match(text) and _SIGNED.search(text) for text in compact):
        return Line.SIGNATURE
    return None


def _lead(texts: list[str], first: str, header: Header) -> tuple[str, str] | None:
    """The total's word with which the row begins, or that stands where a name belongs."""
    named = [texts[each.index] for each in header.columns if each.column.type is NAME and each.index < len(texts)]
    return total_word([first, *named])


def header_of_summary(text: str) -> bool:
    """Whether a platform's summary begins with this cell."""
    return text.startswith(_SUMMARY_HEADS)


def total_word(texts: list[str]) -> tuple[str, str] | None:
    """(whose, word) of a sub-total line: ("上坪村", "小计"); None when no cell is one."""
    for text in texts:
        found = _TOTAL.match(half_width(text).replace(" ", "")) if text and len(text) <= 40 else None
        if found:
            return found["who"], found["word"]
    return None


def is_grand(who: str, word: str) -> bool:
    """Whether the line adds up more than the rows since the last sub-total; 本月合计 and 本页合计 do not."""
    return word in _GRAND and not _PART.match(who)


def safe_text(cell: CellValue) -> str:
    """The cell's clean text; a formula error is shown as it stands."""
    try:
        return plain(cell)
    except CellFault as error:
        return str(error.params["value"])


def _groups_filled(texts: list[str], header: Header) -> tuple[int, int]:
    """How many of the groups that a row needs are filled in, figures with figures, and how many there are."""
    filled = 0
    for group in header.groups:
        for each in group:
            text = texts[each.index] if each.index < len(texts) else ""
            if text and (each.column.type in _WORDS or _DIGIT.search(text)):
                filled += 1
                break
    return filled, len(header.groups)


def _only_number(texts: list[str], header: Header) -> bool:
    """Whether only the running number is filled in, as in pre-numbered empty lines."""
    number = {each.index for each in header.columns if each.column.name == "seq"}
    return all(not text or (index in number and text.isdigit()) for index, text in enumerate(texts))
