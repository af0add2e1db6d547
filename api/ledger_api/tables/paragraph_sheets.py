"""The sentences of a report as an Excel workbook: the paragraph on the first sheet, on the second each of its figures
with its exact value, scope, months, state, the positions that it stands for, and the command that gives it again.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from ledger.application.importing.sheet_cells import write_text
from ledger_api.tables.speaking import Speaker
from ledger_api.tables.workbook import BOX, HEAD_FILL, across
from ledger_api.telling.paragraphs import UNITS, edge_lines, parts_of, reason_of, scope_of, state_of

if TYPE_CHECKING:
    from ledger_projections.summaries.sentences import Paragraph, Sentence, Slot
    from ledger_projections.summaries.sentences_catalogue import Template

_HEADS: Final = (
    ("句序", "Sentence"),
    ("写作", "Worded"),
    ("准确值", "Exact value"),
    ("单位", "Unit"),
    ("口径", "Scope"),
    ("期间", "Months"),
    ("数据状态", "Known"),
    ("依据序号", "Positions"),
    ("查询", "Query"),
    ("缺数原因", "Why open"),
)
_FIGURE_WIDTHS: Final = (8, 16, 16, 8, 60, 20, 24, 14, 60, 30)
_SENTENCE_WIDTHS: Final = (6, 100)


def write_paragraph(speaker: Speaker, chosen: "Template", found: "Paragraph", file: IO[bytes]) -> None:
    """Write the workbook of a paragraph."""
    book = Workbook()
    book.properties.creator = "charity-ledger"
    _sentences(book.active, speaker, chosen, found)
    _figures(book.create_sheet(speaker.text("各数依据", "Figures")), speaker, found)
    book.save(file)


def command_of(found: "Paragraph") -> str:
    """The line that gives the same sentences again, from the same position."""
    day = "" if found.as_of is None else f" --as-of {found.as_of}"
    entity = "" if found.entity is None else f" --entity {found.entity}"
    months = f"--from {found.first} --to {found.last}"
    return f"charity-ledger summary {found.template} {months}{entity}{day} --at {found.position}"


def _sentences(sheet: Any, speaker: Speaker, chosen: "Template", found: "Paragraph") -> None:
    sheet.title = speaker.text("段落", "Paragraph")
    months = found.first if found.first == found.last else f"{found.first} — {found.last}"
    across(sheet, 1, f"{chosen.title[speaker.language]}({months})", _SENTENCE_WIDTHS)
    sheet.cell(1, 1).font = Font(bold=True, size=16)
    row = 2
    for number, sentence in enumerate(found.sentences, 1):
        for text in _worded(sentence, speaker):
            sheet.cell(row, 1).value = number
            write_text(sheet.cell(row, 2), text)
            sheet.cell(row, 2).alignment = Alignment(wrap_text=True, vertical="center")
            row += 1
    position = found.position
    grounds = [
        *edge_lines(speaker, found),
        speaker.text(f"依据:序号 1 至 {position}", f"Stands for positions 1 to {position}"),
        f"{speaker.text('查询', 'Query')}:{command_of(found)}",
        speaker.text(
            "每个数的口径、期间、数据状态和查询见第二张表。",
            "Each figure's scope, months, state and query stand on the second sheet.",
        ),
    ]
    for text in grounds:
        across(sheet, row, text, _SENTENCE_WIDTHS)
        row += 1
    _set_up(sheet, _SENTENCE_WIDTHS)


def _worded(sentence: "Sentence", speaker: Speaker) -> Sequence[str]:
    return (sentence.zh, sentence.en) if speaker.language == "en" else (sentence.zh,)


def _figures(sheet: Any, speaker: Speaker, found: "Paragraph") -> None:
    for place, head in enumerate(_HEADS, 1):
        cell = sheet.cell(1, place)
        write_text(cell, speaker.text(*head))
        cell.font, cell.fill, cell.border = Font(bold=True), HEAD_FILL, BOX
    row = 2
    for number, sentence in enumerate(found.sentences, 1):
        for slot in sentence.slots:
            for place, value in enumerate(_cells(speaker, number, slot), 1):
                _fill(sheet.cell(row, place), value)
            row += 1
    sheet.freeze_panes = "A2"
    _set_up(sheet, _FIGURE_WIDTHS)


def _cells(speaker: Speaker, number: int, slot: "Slot") -> Iterator[str | int | Decimal]:
    """A figure's cells, in the order of the heads."""
    fact = slot.fact
    yield number
    yield slot.text
    if fact.value is None:
        yield ""
    elif fact.of is not None:
        yield parts_of(speaker, fact)
    else:
        yield Decimal(fact.value) / 100 if fact.unit == "fen" else fact.value
    yield speaker.text(*UNITS.get(fact.unit, ("", "")))
    yield scope_of(speaker, fact)
    yield fact.first if fact.first == fact.last else f"{fact.first} – {fact.last}"
    yield state_of(speaker, fact)
    yield f"1 – {fact.position}"
    yield f"charity-ledger {fact.query}" if fact.query else ""
    yield "" if slot.reason is None else reason_of(speaker, slot.reason, fact.edge)


def _fill(cell: Any, value: str | int | Decimal) -> None:
    cell.border = BOX
    if isinstance(value, str):
        write_text(cell, value)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    else:
        cell.value = value
        cell.number_format = "#,##0.00" if isinstance(value, Decimal) else "#,##0"


def _set_up(sheet: Any, widths: Sequence[int]) -> None:
    """A4 across, as wide as one page."""
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.oddFooter.center.text = "&P / &N"
