"""From a file to a `ParsedFile`: open, recognise, read, check, and tell equal rows apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ledger.application.importing.beside import AWAY
from ledger.application.importing.checks.balances import BalanceChain, chains
from ledger.application.importing.checks.lines import safe_text
from ledger.application.importing.checks.summaries import check_alipay_summary, is_alipay_summary
from ledger.application.importing.fields.plain import forget_texts
from ledger.application.importing.kinds.base import FileKind
from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.readers.limits import DEFAULT_LIMITS, Limits
from ledger.application.importing.readers.opening import load, read_tables
from ledger.application.importing.reading import TableReading, read_table
from ledger.application.importing.recognising.added import (
    NOTES_SHEET,
    Source,
    added_at,
    is_source,
    row_told,
    sources_of,
)
from ledger.application.importing.recognising.headers import Header, titles_of
from ledger.application.importing.recognising.recognise import Recognised, recognise
from ledger.application.importing.recognising.renaming import Said, said_of
from ledger.application.importing.recognising.titles import titles_of_table
from ledger.application.importing.report import ParsedFile, SheetReport
from ledger.application.importing.rows import CleanRow, Note, Place, TakenFrom, WrongCell
from ledger.application.importing.sameness import tell_apart
from ledger.application.importing.tables import RawTable, column_letter
from ledger.errors import InputError
from ledger.signing.digests import digest_text, sha256
from ledger.values.dates import Period

_CHAINED = frozenset(("bank-statement", "wechat-fund"))
# A sheet of notes beside the lists is no fault; a list that lacks a column is.
_UNREAD_CODES = frozenset(("E_KIND_UNKNOWN", "E_KIND_NOT_FOUND"))


def parse_file(
    source: Path | str | bytes,
    kind: str | None = None,
    *,
    name: str | None = None,
    month: str | None = None,
    columns: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ParsedFile:
    """Reads a file on disk, or bytes with their `name`.

    `kind` is told by the headers unless given; `month` ("YYYY-MM") is what rosters and pay files belong to when their
    title does not say so; `columns` gives titles of the file the header that they mean, whatever other titles
    say (`E_COLUMN_NAME`, `E_COLUMN_TWICE`; `E_KIND_NEEDED` for a field's name without `kind`). Raises
    `InputError` with a code of `E_FILE_…`, `E_KIND_…`, `E_HEADER_MISSING`,
    `E_UNIT_UNKNOWN`, `E_MONTH_DIFFERS`, or `E_PERIOD` for a month that is none; faults of rows are not raised but stand
    in `wrong`.
    """
    wanted = kind_named(kind) if kind else None
    month = str(Period.parse(month, "month")) if month else None
    data = source if isinstance(source, bytes) else load(Path(source), limits)
    file = name or ("-" if isinstance(source, bytes) else Path(source).name)
    tables = read_tables(file, data, limits)
    said = said_of(tables, columns, wanted) if columns else [None] * len(tables)
    notes: list[Note] = []
    summaries: list[RawTable] = []
    try:
        chosen = _recognise_all(file, list(zip(tables, said, strict=True)), wanted, notes, summaries)
        readings = _read_all(chosen, month)
        return _taken_from(_report(file, data, readings, notes, summaries, month), readings, sources_of(tables))
    finally:
        forget_texts()


def _recognise_all(
    file: str,
    tables: Sequence[tuple[RawTable, Said | None]],
    wanted: FileKind | None,
    notes: list[Note],
    summaries: list[RawTable],
) -> list[tuple[RawTable, Recognised]]:
    """Every table of the file's one kind; others are noted, and a file without any raises its first reason."""
    chosen: list[tuple[RawTable, Recognised]] = []
    reasons: list[InputError] = []
    for table, said in tables:
        if table.is_blank or table.hidden or is_alipay_summary(table):
            if table.hidden and not table.is_blank and not is_source(table):
                notes.append(Note(Place(table.file, table.sheet, 1), "W_SHEET_HIDDEN"))
            elif not table.is_blank and not table.hidden:
                summaries.append(table)
            continue
        try:
            chosen.append((table, recognise(table, wanted, said)))
        except InputError as reason:
            reasons.append(reason)
            if reason.code not in _UNREAD_CODES:
                raise
            place = Place(table.file, table.sheet, 1)
            own = table.sheet == NOTES_SHEET
            notes.append(Note(place, "W_SHEET_NOTES") if own else Note(place, "W_SHEET_NOT_READ"))
    if not chosen:
        raise reasons[0] if reasons else InputError("E_FILE_EMPTY", file=file)
    kinds = {recognised.kind.name: recognised.kind.title_zh for _, recognised in chosen}
    if len(kinds) > 1:
        raise InputError("E_KIND_MIXED", file=file, kinds="、".join(kinds.values()))
    return chosen


def _read_all(chosen: list[tuple[RawTable, Recognised]], month: str | None) -> list[TableReading]:
    readings: list[TableReading] = []
    for table, recognised in chosen:
        titles = titles_of_table(table, recognised.header.first_row)
        if recognised.kind.needs_month and month and titles.month and month != titles.month:
            raise InputError(
                "E_MONTH_DIFFERS", file=table.file, sheet=table.sheet or "-", given=month, stated=titles.month
            )
        readings.append(read_table(table, recognised, titles, month, list(readings)))
    return readings


def _report(
    file: str,
    data: bytes,
    readings: list[TableReading],
    notes: list[Note],
    summaries: list[RawTable],
    month: str | None,
) -> ParsedFile:
    kind = readings[0].recognised.kind
    rows = [row for reading in readings for row in reading.rows]
    wrong = [cell for reading in readings for cell in reading.wrong]
    for table in summaries:
        faults, told = check_alipay_summary(table, rows)
        wrong += faults
        notes += told if not faults else []
    told_apart = tell_apart(kind, rows)
    refused = {cell.place for cell in told_apart.conflicts}
    stated = {reading.titles.month for reading in readings}
    named = {reading.titles.named_month for reading in readings} if kind.needs_month else stated
    months, by_name = (list(named), named != stated) if month is None else ([month], False)
    statements: tuple[BalanceChain, ...] = chains(rows) if kind.name in _CHAINED and rows else ()
    accounts = {statement.account for statement in statements}
    return ParsedFile(
        file=file,
        digest=digest_text(sha256(data)),
        kind=kind.name,
        sheets=tuple(_sheet(reading) for reading in readings),
        rows=tuple(told_apart.rows),
        wrong=(*wrong, *_at_their_cells(readings, rows, told_apart.conflicts)),
        notes=(
            *notes,
            *(note for reading in readings for note in reading.notes),
            *(broken for statement in statements for broken in statement.breaks),
        ),
        duplicates=tuple(told_apart.duplicates),
        statements=statements,
        month=months[0] if len(months) == 1 else None,
        account=accounts.pop() if len(accounts) == 1 else None,
        spoilt={place: texts for reading in readings for place, texts in reading.spoilt.items()},
        contradicting=tuple(row for row in rows if row.place in refused),
        month_named=by_name,
    )


def _at_their_cells(
    readings: list[TableReading], rows: Sequence[CleanRow], cells: Sequence[WrongCell]
) -> Iterator[WrongCell]:
    """Rows' faults with the letter and the text of their columns, as this file calls them."""
    by_place = {row.place: row for row in reversed(rows)} if cells else {}
    headers = {(one.table.file, one.table.sheet): one.recognised.header for one in readings}
    for cell in cells:
        yield _at_its_cell(headers[cell.place.file, cell.place.sheet], by_place[cell.place], cell)


def _at_its_cell(header: Header, row: CleanRow, cell: WrongCell) -> WrongCell:
    each = next((each for each in header.columns if cell.column in each.column.headers), None)
    if each is None:
        return replace(cell, column="")
    text = row.raw[each.index] if each.index < len(row.raw) else ""
    return replace(cell, column=each.title, letter=column_letter(each.index), value=text)


def _taken_from(
    parsed: ParsedFile, readings: Sequence[TableReading], sources: Mapping[tuple[str, str | None], Source]
) -> ParsedFile:
    """With where its rows stood, for a workbook of wrong rows. What stood beside them is not in it, so equal rows are
    told apart only by whoever has the file that they were taken from (`beside`).
    """
    found: dict[Place, TakenFrom] = {}
    added = False
    for reading in readings:
        table, header = reading.table, reading.recognised.header
        titles = next(titles_of(row.cells) for row in table.rows if row.number == header.last_row)
        at, source = added_at(titles), sources.get((table.file, table.sheet))
        if at is None:
            continue
        added = True
        for row in table.rows if source is not None else ():
            number = (
                row_told(safe_text(row.cells[at])) if row.number > header.last_row and at < len(row.cells) else None
            )
            if number is not None and source is not None:
                found[reading.place(row)] = TakenFrom(source.digest, source.table, number)
    if not added:
        return parsed
    return replace(parsed, taken_from=found, notes=(*parsed.notes, Note(Place(parsed.file, None, 0), AWAY)))


def _sheet(reading: TableReading) -> SheetReport:
    table = reading.table
    wrong_rows = len({cell.place for cell in reading.wrong})
    header = reading.recognised.header
    return SheetReport(table.file, table.sheet, table.form, header, reading.titles, len(reading.rows), wrong_rows)
