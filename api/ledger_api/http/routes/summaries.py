"""`/v1/summaries`: the supervisor's tables and the sentences of reports, as JSON or as files; and written reports held
against the book.
"""

import io
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from ledger.application.importing.readers.prose import read_prose
from ledger.values.dates import Period
from ledger_api.asking import day_of, refuse_unknown
from ledger_api.http.answers import HEADERS, AsOf, At, EntityAsked, Snapshot, position_header, settled_snapshot
from ledger_api.http.callers import Permission
from ledger_api.http.doors import BodyHere, opened_by
from ledger_api.http.languages import Language
from ledger_api.http.problems import RESPONSES, MediaTypeError
from ledger_api.http.reading.negotiating import CSV, JSON, TEXT, XLSX, form_of
from ledger_api.http.reading.readings import READ, Reading, ReadingHere
from ledger_api.http.reading.summary_models import CheckedModel, ParagraphModel, TableModel, TemplateList, TemplateModel
from ledger_api.spans import named_span
from ledger_api.tables.delimited import write_csv
from ledger_api.tables.papers import asked_of, listed_papers, paper_named, worded_table
from ledger_api.tables.paragraph_sheets import write_paragraph
from ledger_api.tables.speaking import Speech
from ledger_api.tables.workbook import write_workbook
from ledger_api.telling.checks import checked, checked_json
from ledger_api.telling.paragraphs import moment_and_month, paragraph_json, paragraph_lines
from ledger_projections.summaries.sentences import paragraph, span_of
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, template

router: Final = APIRouter(prefix="/summaries", tags=["summaries"], responses=RESPONSES)

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TABLE_FORMS: Final = {"json": JSON, "csv": CSV, "xlsx": XLSX}
_SENTENCE_FORMS: Final = {"json": JSON, "text": TEXT, "xlsx": XLSX}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_STRING: Final = {"schema": {"type": "string"}}


@dataclass(frozen=True, slots=True)
class Months:
    """The months that are asked for, as they were named."""

    month: str | None
    quarter: str | None
    year: str | None
    first: str | None
    last: str | None

    @property
    def span(self) -> tuple[Period, Period] | None:
        """The months; None when none were named. Raises E_SPAN_OPTION, E_QUARTER, E_PERIOD."""
        named = {"month": self.month, "quarter": self.quarter, "year": self.year}
        return named_span(named, self.first, self.last, ("from", "to"))

    @property
    def ends(self) -> tuple[str | None, str | None]:
        """First and last month; a last month alone leaves the beginning to a template."""
        span = self.span
        if span is None or not any((self.month, self.quarter, self.year)):
            return self.first, self.last
        return str(span[0]), str(span[1])


async def _months(
    month: Annotated[str | None, Query(description="哪个月。 Which month.", examples=["2025-09"])] = None,
    quarter: Annotated[str | None, Query(description="哪个季度。 Which quarter.", examples=["2025-Q3"])] = None,
    year: Annotated[str | None, Query(description="哪一年。 Which year.", examples=["2025"])] = None,
    first: Annotated[str | None, Query(alias="from", description="从哪个月。 First month.")] = None,
    last: Annotated[str | None, Query(alias="to", description="到哪个月。 Last month.")] = None,
) -> Months:
    return Months(month, quarter, year, first, last)


MonthsAsked = Annotated[Months, Depends(_months)]


@router.get(
    "", operation_id="list_summaries", responses={200: {"headers": {}}}, openapi_extra=opened_by(Permission.BOOKS)
)
def list_summaries(_reading: ReadingHere, language: Language) -> TemplateList:
    """Every table and every template of sentences."""
    rows = [TemplateModel(name=name, title=title, span=span) for name, title, span in listed_papers(language)]
    return TemplateList(templates=rows)


@router.get(
    "/{name}",
    operation_id="read_summary",
    response_model=TableModel | ParagraphModel,
    responses={
        **READ,
        200: READ[200] | {"content": {JSON: {}, CSV: _STRING, XLSX: _BINARY, TEXT: _STRING}},
    },
    openapi_extra=opened_by(Permission.BOOKS),
)
def read_summary(
    name: Annotated[str, Path(max_length=64, description="表号或模板名。 Which one.", examples=["M1"])],
    reading: ReadingHere,
    months: MonthsAsked,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
    form: Annotated[
        str | None, Query(alias="format", max_length=8, description="json, csv, xlsx, text;不写则按 Accept。")
    ] = None,
) -> Response:
    """A table as JSON, CSV or XLSX, as Accept asks; or the sentences of a template as JSON, XLSX or text. Their scopes
    name the entities where they add up several.
    """
    if name in TEMPLATES:
        return _sentences(reading, name, months, (as_of, at), reading.entity(entity), form)
    listed, _ = paper_named(name)
    accepted = form_of(reading.request.headers.get("accept"), form, _TABLE_FORMS)
    wanted, span = reading.entity(entity), months.span

    def work(found: Snapshot) -> tuple[bytes, str]:
        asked = asked_of(found.connection, listed, span, reading.today, wanted, (day_of(as_of), found.at))
        wording = worded_table(found.connection, listed, asked, reading.language)
        if accepted == CSV:
            return write_csv(wording), f"{CSV}; charset=utf-8"
        if accepted == XLSX:
            made = io.BytesIO()
            write_workbook(wording, made)
            return made.getvalue(), XLSX
        return orjson.dumps(wording.to_json()), JSON

    file = None if accepted == JSON else f"{listed}.{'csv' if accepted == CSV else 'xlsx'}"
    return reading.page(work, entity=wanted, at=at, accepted=accepted, file=file)


def _sentences(
    reading: Reading,
    name: str,
    months: Months,
    clocks: tuple[str | None, str | None],
    wanted: str | None,
    form: str | None,
) -> Response:
    accepted = form_of(reading.request.headers.get("accept"), form, _SENTENCE_FORMS)
    (first, last), (as_of, at), speech = months.ends, clocks, Speech(reading.language)
    chosen = template(name)

    def work(found: Snapshot) -> tuple[bytes, str]:
        place = last, (day_of(as_of), at), wanted
        position, until = moment_and_month(reading.service.book, found.connection, *place)
        span = span_of(chosen, None if first is None else str(Period.parse(first)), until, day_of(as_of))
        made = paragraph(found.connection, chosen, span, position, wanted)
        if accepted == TEXT:
            return "".join(f"{line}\n" for line in paragraph_lines(speech, chosen, made)).encode(), TEXT
        if accepted == XLSX:
            sheets = io.BytesIO()
            write_paragraph(speech, chosen, made, sheets)
            return sheets.getvalue(), XLSX
        return orjson.dumps(paragraph_json(speech, chosen, made)), JSON

    file = f"{name}.xlsx" if accepted == XLSX else None
    return reading.page(work, entity=wanted, at=at, accepted=accepted, file=file)


_CHECK: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The report: text in any of the offices' encodings, or a Word document",
        "content": {TEXT: _STRING, DOCX: _BINARY},
    }
}


@router.post(
    "/check",
    operation_id="check_report",
    response_model=CheckedModel,
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS) | _CHECK,
)
def check_report(
    request: Request,
    reading: ReadingHere,
    body: BodyHere,
    months: MonthsAsked,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """A written report held against the book, or what it says of an entity, sentence by sentence. It keeps nothing and
    changes nothing, so that no Idempotency-Key is needed.
    """
    wanted = reading.entity(entity)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {TEXT, DOCX}:
        raise MediaTypeError("E_REPORT_MEDIA_TYPE", value=media_type[:64], known=f"{TEXT}, {DOCX}")
    paragraphs = read_prose("report.docx" if media_type == DOCX else "report.txt", body)
    with settled_snapshot(reading.service, at, folded=True) as (found, stands):
        refuse_unknown(found.connection, wanted, found.at)
        made = checked(reading.service.book, found.connection, paragraphs, months.ends, as_of, at, wanted)
    told = orjson.dumps(checked_json(Speech(reading.language), made))
    return Response(told, media_type=JSON, headers=position_header(found, stands))
