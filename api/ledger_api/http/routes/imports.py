"""`/v1/imports`: the offices' files as resources: uploaded, recognised, mapped, looked at row by row, deleted.

An upload is its sender's alone. It is kept sealed for some days; nothing of it is in the book before somebody signs.
"""

import unicodedata
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from ledger.application.proposing.planning import Plan
from ledger.errors import AuthorityError, InputError
from ledger.values.text import check_text, says_nothing
from ledger_api.http.answers import HEADERS, CursorAsked, Limit, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.cursors import Place
from ledger_api.http.doors import BodyHere, Door, DoorFirst, ServiceHere, opened_by
from ledger_api.http.imports import models
from ledger_api.http.imports.answers import counts_model, import_model, row_model, seen_rows
from ledger_api.http.imports.chosen import Chosen, Mode
from ledger_api.http.imports.mappings import Mapped, Sheets
from ledger_api.http.imports.rows import RowState
from ledger_api.http.imports.sessions import Import
from ledger_api.http.imports.workbook import errors_workbook
from ledger_api.http.languages import Language
from ledger_api.http.problems import RESPONSES, MediaTypeError
from ledger_api.http.reading.negotiating import JSON
from ledger_api.http.safeguards.idempotency import REPLAY_HEADERS, REPLAYED, Keyed, once
from ledger_api.http.safeguards.preconditions import ETAG_HEADER, IfMatch, require_state, say_state
from ledger_api.http.service import Service

router: Final = APIRouter(tags=["imports"], responses=RESPONSES, route_class=DoorFirst)

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FILE_NAME_MAX: Final = 200
_ANSWERED: Final = "doubts"
"""The kind of the sheets that townships send back with their answers."""
Importing = Annotated[Caller, Depends(Door(Permission.IMPORT))]
ImportId = Annotated[str, Path(description="The import's id (uuid7)", max_length=64, examples=["0199…"])]
Judged = Annotated[
    bool, Query(description="先按全部规则试算一遍。 Ask every rule first, as if all that is new were posted.")
]

MEDIA_TYPES: Final = (
    "application/octet-stream",
    "text/csv",
    "text/plain",
    "application/vnd.ms-excel",
    WORKBOOK,
    "application/zip",
    "text/html",
)
"""What the offices' files are called; a table that a bank's page saved is HTML. Many programs state no type, or their
own of a form, and send the file's bytes all the same: what it is, its first bytes tell.
"""
"""What a file may be called on its way; what it is, is told by its bytes."""

_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in MEDIA_TYPES},
    }
}


def officer_of(caller: Caller) -> str:
    """Who imports: a person or machine that can sign. AuthorityError E_NOT_ALLOWED for a read-only key."""
    if caller.officer is None:
        raise caller.refused(Permission.IMPORT, never=True)
    return caller.officer


def require_entity(caller: Caller, entity: str | None) -> None:
    """AuthorityError E_NOT_ALLOWED for the books of an entity that the caller may not import for."""
    if entity is not None and not caller.sees(Permission.IMPORT, entity):
        raise caller.refused(Permission.IMPORT, entity)


def kind_for(caller: Caller, kind: str | None) -> str | None:
    """The kind that a file is read as: what was chosen; of whoever keeps no books, an answered check sheet. Raises
    AuthorityError E_IMPORT_OVERSEER for another one.
    """
    if caller.keeps_books():
        return kind
    if kind not in {None, _ANSWERED}:
        raise AuthorityError("E_IMPORT_OVERSEER", officer=caller.name, kind=str(kind)[:64])
    return _ANSWERED


def _require_file(request: Request) -> None:
    """MediaTypeError E_IMPORT_FORM for a form with the file somewhere in it: the body is the file; and
    E_IMPORT_MEDIA_TYPE for JSON, which is no file of an office: whoever sends it means another route.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type.startswith("multipart/"):
        raise MediaTypeError("E_IMPORT_FORM", value=media_type[:64])
    if media_type == JSON or media_type.endswith("+json"):
        raise MediaTypeError("E_IMPORT_MEDIA_TYPE", value=media_type[:64], known=", ".join(MEDIA_TYPES))


def chosen_of(  # noqa: PLR0913, PLR0917 - one argument a choice
    kind: Annotated[str | None, Query(max_length=64, description="文件种类。 What kind of file.")] = None,
    entity: Annotated[str | None, Query(max_length=64, description="会计主体。 Whose books.")] = None,
    fund: Annotated[str | None, Query(max_length=64, description="基金。 Into which fund.")] = None,
    account: Annotated[str | None, Query(max_length=64, description="账户。 Which account.")] = None,
    programme: Annotated[str | None, Query(max_length=64, description="救助项目。 Which programme.")] = None,
    month: Annotated[
        str | None, Query(max_length=7, description="所属月份。 Which month.", examples=["2025-09"])
    ] = None,
    batch: Annotated[str, Query(max_length=8, description="发放批次号。 Which batch.")] = "01",
    without_roster: Annotated[bool, Query(description="回盘没有花名册。 Results that have no roster.")] = False,
    absences_known: Annotated[bool, Query(description="缺席的户已核实。 The missing households are known.")] = False,
    note: Annotated[str, Query(max_length=500, description="凭证备注。 The vouchers' note.")] = "",
    mode: Annotated[
        Mode, Query(description="只导入无误的行,或全有全无。 Valid rows only, or all or none.")
    ] = "valid_only",
) -> Chosen:
    """What is chosen with the upload."""
    return Chosen(
        kind=kind,
        entity=entity,
        fund=fund,
        account=account,
        programme=programme,
        month=month,
        batch=batch,
        without_roster=without_roster,
        absences_known=absences_known,
        note=note,
        mode=mode,
    )


@router.post(
    "/imports",
    operation_id="create_import",
    status_code=201,
    response_model=models.ImportModel,
    responses={201: {"headers": REPLAY_HEADERS | ETAG_HEADER}},
    openapi_extra={**opened_by(Permission.IMPORT), **_FILE},
)
def create_import(
    name: Annotated[str, Query(min_length=1, max_length=FILE_NAME_MAX, description="文件名。 The file's name.")],
    request: Request,
    caller: Importing,
    service: ServiceHere,
    key: Keyed,
    data: BodyHere,
    chosen: Annotated[Chosen, Depends(chosen_of)],
    language: Language,
) -> Response:
    """Upload a file. It is recognised and compared with the book; nothing is recorded.

    What cannot be read at all (damaged, locked, with programs in it, unpacking to too much) is refused and not kept.
    """
    officer = officer_of(caller)
    require_entity(caller, chosen.entity)
    chosen = Chosen.model_validate({**chosen.model_dump(), "kind": kind_for(caller, chosen.kind)})
    _require_file(request)
    name = _file_name(name)
    said = orjson.dumps([request.url.query, len(data)]) + data
    received: list[tuple[Import, models.ImportModel]] = []

    def read() -> None:
        wanted = None if chosen.columns else entity_of(caller, chosen)
        found = service.imports.receive(officer, name, data, chosen, mapped_for=wanted)
        plan = service.imports.plan(found, service.authority())
        received.append((found, import_model(found, plan, language)))

    def keep(_connection: Any) -> tuple[int, models.ImportModel]:
        found, answer = received[0]
        service.imports.keep(found, data)
        return 201, answer

    try:
        answer = once(service, caller, key, said, keep, before=read)
    except BaseException:
        for found, _ in received:
            service.imports.drop(found)
        raise
    if REPLAYED not in answer.headers:  # what was answered before may have been changed since
        say_state(answer, received[0][0].state)
    return answer


@router.get("/imports", operation_id="list_imports", openapi_extra=opened_by(Permission.IMPORT))
def list_imports(caller: Importing, service: ServiceHere) -> models.ImportPage:
    """One's own uploads, oldest first."""
    officer = officer_of(caller)
    service.imports.tidy()
    own = [one for one in service.imports.uploads() if one.officer == officer]
    return models.ImportPage(
        imports=[
            models.KeptModel(
                id=one.id,
                name=one.name,
                size_bytes=one.size_bytes,
                created_at=one.created_at,
                expires_at=one.expires_at,
            )
            for one in own
        ]
    )


@router.get(
    "/imports/{import_id}",
    operation_id="read_import",
    responses={200: {"headers": HEADERS | ETAG_HEADER}},
    openapi_extra=opened_by(Permission.IMPORT),
)
def read_import(
    import_id: ImportId,
    caller: Importing,
    service: ServiceHere,
    response: Response,
    language: Language,
    judged: Judged = False,
) -> models.ImportModel:
    """What the file is, what was read from it, and how many rows are in which state."""
    with service.imports.held(officer_of(caller), import_id) as found, snapshot(service, response):
        answer = import_model(found, plan_of(service, found, judged=judged), language)
        say_state(response, found.state)
        return answer


@router.patch(
    "/imports/{import_id}",
    operation_id="change_import",
    responses={200: {"headers": HEADERS | ETAG_HEADER}},
    openapi_extra=opened_by(Permission.IMPORT),
)
def change_import(
    import_id: ImportId,
    given: models.ChosenIn,
    caller: Importing,
    service: ServiceHere,
    response: Response,
    language: Language,
    if_match: IfMatch = None,
) -> models.ImportModel:
    """Choose otherwise: kind, month, fund, or which column is what. The file is read anew; what was recorded stays.

    Which column is what is remembered for the entity's next file with the same header, and forgotten where `columns`
    is given empty.
    """
    require_entity(caller, given.entity)
    with service.imports.held(officer_of(caller), import_id) as found, snapshot(service, response):
        require_state(if_match, found.state)
        wanted = {**found.upload.chosen.model_dump(), **given.model_dump(exclude_unset=True)}
        wanted["kind"] = kind_for(caller, wanted["kind"])
        again = service.imports.choose(found, Chosen.model_validate(wanted))
        if "columns" in given.model_fields_set:
            _remember(service, caller, found, again)
        answer = import_model(again, service.imports.plan(again, service.authority()), language)
        say_state(response, again.state)
        return answer


@router.delete(
    "/imports/{import_id}", operation_id="delete_import", status_code=204, openapi_extra=opened_by(Permission.IMPORT)
)
def delete_import(import_id: ImportId, caller: Importing, service: ServiceHere, if_match: IfMatch = None) -> None:
    """Destroy the upload. What was recorded from it stays recorded."""
    with service.imports.held(officer_of(caller), import_id) as found:
        require_state(if_match, found.state)
        service.imports.drop(found)


@router.get(
    "/imports/{import_id}/rows",
    operation_id="list_import_rows",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.IMPORT),
)
def list_import_rows(
    import_id: ImportId,
    caller: Importing,
    service: ServiceHere,
    response: Response,
    language: Language,
    state: Annotated[RowState | None, Query(description="只看一种。 Only rows in this state.")] = None,
    judged: Judged = False,
    limit: Limit = 100,
    cursor: CursorAsked = None,
) -> models.RowPage:
    """Every row with what is said of it: where, which value, why, how to mend it, and what it repeats.

    A page says how its rows stand now. Pages go through the file's rows in its order, so that no row is left out
    because others changed their state meanwhile; after other choices the file has other rows, and a cursor ends.
    """
    with service.imports.held(officer_of(caller), import_id) as found, snapshot(service, response) as seen:
        chosen = found.upload.model_dump(mode="json", include={"chosen", "mapped_by"})
        asked = {"list": "import-rows", "import": import_id, "state": state, "judged": judged, **chosen}
        place = Place(0, seen.head) if cursor is None else service.cursors.read(cursor, asked)
        rows = seen_rows(found, plan_of(service, found, judged=judged))
    wanted = [at for at in range(place.after, len(rows)) if state in {None, rows[at].state}]
    shown, more = wanted[:limit], len(wanted) > limit
    return models.RowPage(
        counts=counts_model(row.state for row in rows),
        rows=[row_model(rows[at], language) for at in shown],
        next=service.cursors.write(Place(shown[-1] + 1, seen.head), asked) if more else None,
    )


@router.get(
    "/imports/{import_id}/errors.xlsx",
    operation_id="read_import_errors",
    response_class=Response,
    responses={200: {"headers": HEADERS, "content": {WORKBOOK: {"schema": {"type": "string", "format": "binary"}}}}},
    openapi_extra=opened_by(Permission.IMPORT),
)
def read_import_errors(
    import_id: ImportId,
    caller: Importing,
    service: ServiceHere,
    response: Response,
    language: Language,
    judged: Judged = False,
) -> Response:
    """The wrong rows as a workbook with the reason beside each: all of them; mend them there and upload it. A file that
    is `unread` has none, and the answer is what is wrong with it.
    """
    with service.imports.held(officer_of(caller), import_id) as found, snapshot(service, response):
        if found.parsed is None:
            raise found.refused or InputError("E_FILE_EMPTY", file=found.upload.name)
        rows = seen_rows(found, plan_of(service, found, judged=judged))
        made = errors_workbook(found.parsed, service.imports.spool.data(import_id), rows, language)
    headers = {**dict(response.headers), "Content-Disposition": 'attachment; filename="errors.xlsx"'}
    headers.pop("content-length", None)
    return Response(made, media_type=WORKBOOK, headers=headers)


def _file_name(name: str) -> str:
    """A file's name in the form that everything signed has; E_TEXT_…, E_FIELD_EMPTY."""
    if says_nothing(name):
        raise InputError("E_FIELD_EMPTY", field="?name")
    return check_text(unicodedata.normalize("NFC", name), FILE_NAME_MAX, field="?name")


def entity_of(caller: Caller, chosen: Chosen) -> str | None:
    """Whose file it is: as it was chosen, or of the only entity that the caller imports for; None: not known."""
    allowed = caller.where(Permission.IMPORT)
    if chosen.entity is None and allowed is not None and len(allowed) == 1:
        return next(iter(allowed))
    return chosen.entity


def _remember(service: Service, caller: Caller, before: Import, now: Import) -> None:
    """Keep what was said of the columns where the file could be read with it; or forget what was said before."""
    imports, chosen = service.imports, now.upload.chosen
    entity = entity_of(caller, chosen)
    if entity is None:
        return
    file = Sheets(now.upload.name, imports.spool.data(now.upload.id))
    if not chosen.columns:
        imports.mappings.forget(entity, file, before.upload.chosen.columns)
    elif now.parsed is not None:
        said = Mapped(chosen.columns, chosen.kind, now.upload.officer)
        imports.mappings.remember(entity, file, said, service.now())


def plan_of(service: Service, found: Import, *, judged: bool) -> Plan | None:
    """The plan of an import, with every rule asked or as it stands."""
    imports, authority = service.imports, service.authority()
    return imports.judge(found, authority) if judged else imports.plan(found, authority)
