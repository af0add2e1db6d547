"""Imports as they are answered."""

from collections import Counter
from collections.abc import Iterable

from ledger.application.importing.report import SheetReport
from ledger.application.importing.rows import Note, WrongCell
from ledger.application.importing.tables import column_letter
from ledger.application.outcomes import Receipt
from ledger.application.proposing.planning import Plan
from ledger.application.proposing.reports import whole_first
from ledger.errors import LedgerError
from ledger.signing import base64_text
from ledger_api.http.imports import models
from ledger_api.http.imports.posting import Answered
from ledger_api.http.imports.rounds import Handed
from ledger_api.http.imports.rows import RowState, SeenRow, rows_of, states_of
from ledger_api.http.imports.sessions import Import
from ledger_api.http.models import ReceiptModel, WaitingModel
from ledger_api.http.routes.vouchers import finding_model, receipt_model, refusal, waiting_model

_NOTES_MOST = 1000


def seen_rows(found: Import, plan: Plan | None) -> list[SeenRow]:
    """Every row of an import; none of a file that is not understood yet."""
    return [] if found.parsed is None else rows_of(found.parsed, plan)


def counts_model(states: Iterable[RowState]) -> models.CountsModel:
    """How many rows are in which state."""
    return models.CountsModel.model_validate(Counter(states))


def import_model(found: Import, plan: Plan | None, language: str) -> models.ImportModel:
    """An import with all that is said of the file as a whole."""
    upload, parsed = found.upload, found.parsed
    error = found.refused if plan is None else plan.found.refused
    counts = counts_model(() if parsed is None else states_of(parsed, plan))
    notes = whole_first(() if parsed is None else parsed.notes if plan is None else plan.found.notes)
    wrong = () if parsed is None else parsed.wrong if plan is None else plan.found.wrong
    return models.ImportModel(
        id=upload.id,
        name=upload.name,
        size_bytes=upload.size_bytes,
        digest=upload.digest,
        created_at=upload.created_at,
        expires_at=upload.expires_at,
        chosen=upload.chosen,
        mapped_by=upload.mapped_by,
        kind=upload.chosen.kind if parsed is None else parsed.kind,
        state=_state(found, error, counts),
        error=None if error is None else models.SaidModel(code=error.code, detail=error.message(language)),
        sheets=[] if parsed is None else [_sheet(one) for one in parsed.sheets],
        faults=[_said(one, language) for one in wrong if not one.place.row],
        counts=counts,
        judged=found.judged,
        round=found.round,
        notes=[_said(one, language) for one in notes[:_NOTES_MOST]],
        notes_cut=dict(Counter(one.code for one in notes[_NOTES_MOST:])),
    )


def _state(found: Import, error: LedgerError | None, counts: models.CountsModel) -> models.State:
    if found.parsed is None:
        return "unread"
    if error is not None:
        return "refused"
    if found.open:
        return "signing"
    return "ready" if counts.new else "done"


def _sheet(one: SheetReport) -> models.SheetModel:
    return models.SheetModel(
        file=one.file,
        sheet=one.sheet,
        form=one.form,
        header_row=one.header.last_row,
        rows=one.rows,
        wrong_rows=one.wrong_rows,
        columns=[
            models.ColumnModel(
                letter=column_letter(each.index), title=each.title, field=each.column.name, unit_fen=each.fen_per_unit
            )
            for each in one.header.columns
        ],
        unknown=list(one.header.unknown),
    )


def _said(one: Note | WrongCell, language: str) -> models.SaidModel:
    return models.SaidModel(code=one.code, detail=one.message(language), sheet=one.place.sheet, row=one.place.row_told)


def row_model(one: SeenRow, language: str) -> models.RowModel:
    """A row with what is wrong with it, what it repeats, and where it went."""
    return models.RowModel(
        file=one.place.file,
        sheet=one.place.sheet,
        row=one.place.row,
        state=one.state,
        cells=list(one.cells),
        faults=[_fault(cell, language) for cell in one.faults],
        repeats=one.repeats,
        position=None if one.result is None else one.result.position,
        voucher=None if one.result is None else one.result.voucher,
    )


def _fault(cell: WrongCell, language: str) -> models.FaultModel:
    return models.FaultModel(
        code=cell.code, column=cell.column, letter=cell.letter, value=str(cell.value), detail=cell.message(language)
    )


def round_model(found: Import, language: str) -> models.RoundModel:
    """What is to be signed now."""
    vouchers = [_proposed(one, language) for one in found.open.values()]
    return models.RoundModel(round=found.round, done=not vouchers, vouchers=vouchers)


def _proposed(one: Handed, language: str) -> models.ProposedModel:
    return models.ProposedModel(
        entity=one.entity,
        voucher_date=one.day,
        attachments=1,
        note=one.note,
        root=base64_text.encode(one.root),
        events=[data.decode() for data in one.data],
        rows=[part.place.row for part in one.parts for _ in range(part.events)],
        explains=list(one.codes),
        warnings=None if one.warnings is None else [finding_model(each, language) for each in one.warnings],
        waits=one.waits,
    )


def result_model(one: Answered, language: str) -> ReceiptModel | WaitingModel | models.RefusedModel:
    """What became of one voucher."""
    outcome = one.outcome
    if isinstance(outcome, Receipt):
        return receipt_model(outcome, language)
    if not isinstance(outcome, LedgerError):
        return waiting_model(outcome, language)
    return models.RefusedModel(voucher=one.voucher, **refusal(outcome, language))
