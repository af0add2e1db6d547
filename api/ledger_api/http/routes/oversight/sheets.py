"""`/v1/check-sheets`: giving open doubts out to the townships; `/v1/templates`: the empty forms of the offices' files.

Giving out is an act: the assignments are signed and handed in first, and every name that is read for a sheet is written
down with what it was read for.
"""

import io
from collections import defaultdict
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from ledger.application.importing.check_sheets import UNSTATED
from ledger.application.importing.kinds.registry import KINDS, kind_named
from ledger.application.importing.templates import template_of
from ledger.application.proposing.context import Context, Options
from ledger.decisions.policies import makers_of
from ledger.errors import AuthorityError, InputError, RefusedError
from ledger.flows.event import Event
from ledger.vault.trail import MAX_PURPOSE_CHARS, stated_purpose
from ledger_api.asking import day_of
from ledger_api.check_sheets import Sheet, note_of, sheets_of
from ledger_api.http.answers import HEADERS, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.negotiating import XLSX
from ledger_api.http.routes.oversight import models
from ledger_api.http.running.heads import is_head
from ledger_api.http.service import Service

router: Final = APIRouter(tags=["redress"], responses=RESPONSES)

Giver = Annotated[Caller, Depends(Door(Permission.DOUBTS, parted=True))]
Reader = Annotated[Caller, Depends(Door(Permission.BOOKS, parted=True))]
Due = Annotated[str | None, Query(description="反馈期限,须在今天之后。 To be answered by.", examples=["2025-10-31"])]

_BOOK: Final = {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}


@router.get(
    "/check-sheets",
    operation_id="list_check_sheets",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.DOUBTS, parted=True),
)
def list_check_sheets(
    caller: Giver,
    service: ServiceHere,
    response: Response,
    township: Annotated[
        str | None, Query(max_length=64, description="哪个乡镇;不写则每个乡镇一份。 One township only.")
    ] = None,
    due: Due = None,
) -> models.SheetList:
    """疑点核查表: which open doubts go out to which township today, and the vouchers that assign them, unsigned. No
    name is read. It is of now, so that it has neither of the two clocks.
    """
    with snapshot(service, response) as found:
        position = found.head
    context, sheets = _given_out(caller, service, township, due)
    rows: list[models.SheetModel] = []
    wanted: defaultdict[str, list[Event]] = defaultdict(list)
    for sheet in sheets:
        needed = sheet.assignments(context)
        for entity, events in needed.items():
            wanted[entity] += events
        told = {"doubts": len(sheet.doubts), "exposure_fen": sheet.exposure_fen}
        name, issue = sheet.issue.township or UNSTATED, sheet.issue.number
        unassigned = sum(map(len, needed.values()))
        rows.append(models.SheetModel(township=name, issue=issue, unassigned=unassigned, **told))
    return models.SheetList(position=position, sheets=rows, vouchers=models.unsigned(wanted, note_of))


@router.get(
    "/check-sheets/{township}",
    operation_id="take_check_sheet",
    response_class=Response,
    responses={200: {"description": "The workbook, with names", "headers": HEADERS, **_BOOK}},
    openapi_extra=opened_by(Permission.DOUBTS, parted=True),
)
def take_check_sheet(
    township: Annotated[str, Path(max_length=64, description="哪个乡镇;没有乡镇的写“未注明”。 Which township.")],
    request: Request,
    caller: Giver,
    service: ServiceHere,
    response: Response,
    purpose: Annotated[str, Query(max_length=MAX_PURPOSE_CHARS, description="查阅姓名的事由,会留下记录。 What for.")],
    due: Due = None,
) -> Response:
    """The workbook that one township fills in and sends back, to be imported. Its doubts are assigned first (409
    E_SHEET_UNASSIGNED); each person on it is written down as read.
    """
    why = stated_purpose(purpose)
    context, (sheet,) = _given_out(caller, service, township, due)
    for _, _, entity in sheet.doubts:
        near = caller.townships(Permission.DOUBTS, entity) or ()
        if not caller.sees(Permission.DOUBTS, entity) and sheet.issue.township not in near:
            raise caller.refused(Permission.DOUBTS, entity)
    if unassigned := sum(map(len, sheet.assignments(context).values())):
        raise RefusedError("E_SHEET_UNASSIGNED", township=township, doubts=unassigned)
    with snapshot(service, response):
        file = io.BytesIO()
    if not is_head(request):
        sheet.write(context, file, why, service.now(), caller.authority)
    headers = {**dict(response.headers), "Content-Disposition": f'attachment; filename="{sheet.issue.number}.xlsx"'}
    return Response(file.getvalue(), media_type=XLSX, headers=headers)


def _given_out(caller: Caller, service: Service, township: str | None, due: str | None) -> tuple[Context, list[Sheet]]:
    """Whoever gives doubts out holds an office in which they are followed up. AuthorityError E_SHEET_GIVER, E_SCOPE,
    InputError E_DUE_PASSED, E_NO_DOUBTS.
    """
    officer = caller.officer or ""
    held = {role for role, _, _ in caller.authority.roles.get(officer, ())}
    if not held & makers_of("clue.assigned"):
        raise AuthorityError("E_SHEET_GIVER", officer=officer)
    today, term = service.today(), day_of(due, field="due")
    if term is not None and term <= today:
        raise InputError("E_DUE_PASSED", due=str(term))
    service.fold()
    context = Context(service.store, service.book.vault, Options(officer, today))
    return context, sheets_of(context, caller.authority, township, term)


@router.get("/templates", operation_id="list_templates", openapi_extra=opened_by(Permission.BOOKS, parted=True))
def list_templates(caller: Reader) -> models.TemplateList:  # noqa: ARG001 - its door
    """The kinds of files that are imported."""
    listed = [models.TemplateModel(kind=one.name, title=one.title_zh) for one in KINDS.values()]
    return models.TemplateList(templates=listed)


@router.get(
    "/templates/{kind}",
    operation_id="take_template",
    response_class=Response,
    responses={200: {"description": "The empty form as a workbook", **_BOOK}},
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
def take_template(
    kind: Annotated[str, Path(max_length=64, description="文件种类。 The kind of file.", examples=["matching"])],
    caller: Reader,  # noqa: ARG001 - its door
) -> Response:
    """空白表: what is filled into it is read by an upload without any further word."""
    file, described = io.BytesIO(), kind_named(kind)
    template_of(described).save(file)
    headers = {"Content-Disposition": f'attachment; filename="{described.name}.xlsx"'}
    return Response(file.getvalue(), media_type=XLSX, headers=headers)
