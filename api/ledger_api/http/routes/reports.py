"""`/v1/reports`: reports and inspection packages that those who supervise start, watch and take.

A report is made in the background; its resource says where it stands. Whoever may export an entity's books may take
every report of that entity. Asking for one and taking its file are written down.
"""

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from ledger.errors import InputError, NotFoundError, RefusedError
from ledger.signing import base64_text
from ledger.vault.trail import note
from ledger_api.asking import day_of, position_of, refuse_unknown
from ledger_api.http.answers import HEADERS, headers_of
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import BodyHere, Door, ServiceHere, opened_by
from ledger_api.http.languages import Language
from ledger_api.http.models import Strict
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.conditions import holds
from ledger_api.http.reading.exporting import require_everything, write_down
from ledger_api.http.reading.parts import File, names_part
from ledger_api.http.safeguards.idempotency import REPLAY_HEADERS, REPLAYED, Keyed, once
from ledger_api.http.service import Service
from ledger_api.reports.assembling import Asking
from ledger_api.reports.kinds import KINDS, PACKAGE, require_days
from ledger_api.reports.orders import MEDIA_TYPES, Order
from ledger_api.spans import named_span
from ledger_projections.keeping.clocks import log_moment

router: Final = APIRouter(prefix="/reports", tags=["reports"], responses=RESPONSES)

Exporter = Annotated[Caller, Depends(Door(Permission.EXPORT))]
ReportId = Annotated[str, Path(description="The report's id", max_length=64)]
ReportKind = Literal["fund", "programme", "recovery", "lottery", "societies", "campaign", "package"]
Text = Annotated[str, Field(max_length=64)]


class SpanIn(Strict):
    """The months of a report, named in one way only."""

    month: Text | None = Field(default=None, examples=["2025-09"])
    quarter: Text | None = Field(default=None, examples=["2025-Q3"])
    year: Text | None = Field(default=None, examples=["2025"])
    first: Text | None = Field(default=None, examples=["2025-01"])
    last: Text | None = Field(default=None, examples=["2025-09"])


class ReportIn(Strict):
    """What is asked for. Without a span each table is of its usual months."""

    kind: ReportKind
    format: Literal["json", "csv", "xlsx", "zip"]
    span: SpanIn | None = None
    entity: Text | None = None
    as_of: Text | None = Field(default=None, examples=["2025-09-30"])
    at: Text | None = Field(default=None, examples=["120"])


class ReportFile(Strict):
    """The file of a report."""

    name: str
    media_type: str
    bytes: int
    digest: str = Field(description="SHA-256, hexadecimal")


class ReportFailure(Strict):
    """Why there is no file."""

    code: str
    detail: str


class ReportModel(Strict):
    """A report and where it stands: `done` of `total` parts are made."""

    id: str
    kind: ReportKind
    format: str
    entity: str | None
    first: str | None
    last: str | None
    as_of: date | None
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    position: int | None = Field(description="The position that it stands for, once it is made")
    asked_by: str
    asked_at: str
    finished_at: str | None
    expires_at: str | None = Field(description="When it is taken away")
    file: ReportFile | None
    failure: ReportFailure | None


class ReportList(Strict):
    """Reports that the caller may take, the newest first."""

    reports: list[ReportModel]


@router.post(
    "",
    operation_id="ask_report",
    status_code=202,
    response_model=ReportModel,
    responses={
        202: {
            "description": "It will be made; `Location` says where to look",
            "headers": {"Location": {"schema": {"type": "string"}}, **REPLAY_HEADERS},
        }
    },
    openapi_extra=opened_by(Permission.EXPORT),
)
def ask_report(
    given: ReportIn,
    caller: Exporter,
    service: ServiceHere,
    language: Language,
    key: Keyed,
    body: BodyHere,
) -> Response:
    """Have a report made: tables and readers of one subject with scope, position, days, queries and tags; or the
    inspection package.
    """
    asking, at = _asking(given, caller, service, language)
    with _unless_refused(service) as made:

        def work(connection: Connection) -> tuple[int, ReportModel]:
            service.require_room()
            service.reports.require_place(caller.name)
            order = service.reports.prepare(asking, given.format, at, caller.name)
            made.append(order)
            note(connection, service.now(), caller.name, "report.asked", order.id, _detail(order))
            return 202, _model(order)

        answer = once(service, caller, key, body, work)
    if REPLAYED not in answer.headers:
        service.reports.start(made[0])
    answer.headers["Location"] = f"/v1/reports/{orjson.loads(answer.body)['id']}"
    return answer


@contextlib.contextmanager
def _unless_refused(service: Service) -> Iterator[list[Order]]:
    """The order that is made in the block; it goes again when the block raises."""
    made: list[Order] = []
    try:
        yield made
    except BaseException:
        for order in made:
            service.reports.shelf.remove(order.id)
        raise


@router.get("", operation_id="list_reports", openapi_extra=opened_by(Permission.EXPORT))
def list_reports(caller: Exporter, service: ServiceHere) -> ReportList:
    """Reports of the entities whose books the caller may export."""
    return ReportList(reports=[_model(one) for one in service.reports.listed() if _may_take(caller, one)])


@router.get("/{report}", operation_id="read_report", openapi_extra=opened_by(Permission.EXPORT))
def read_report(report: ReportId, caller: Exporter, service: ServiceHere) -> ReportModel:
    """Where a report stands."""
    return _model(_found(service, caller, report))


@router.get(
    "/{report}/file",
    operation_id="take_report",
    response_class=Response,
    responses={
        200: {
            "description": "The file, with its digest (RFC 9530)",
            "headers": {
                **{name: {"schema": {"type": "string"}} for name in ("Content-Digest", "Repr-Digest", "ETag")},
                **HEADERS,
            },
            "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in MEDIA_TYPES.values()},
        },
        304: {"description": "The file is that of If-None-Match", "headers": HEADERS},
    },
    openapi_extra=opened_by(Permission.EXPORT),
)
def take_report(report: ReportId, request: Request, caller: Exporter, service: ServiceHere) -> Response:
    """The file of a report that is done. Its position is the report's, its checkpoint the newest of the log now; the
    one that the report stands on is in the file.
    """
    order = _found(service, caller, report)
    if order.state != "done" or order.digest is None:
        raise RefusedError("E_REPORT_NOT_DONE", report=order.id, state=order.state)
    etag = f'"{order.digest}"'
    digest = f"sha-256=:{base64_text.encode(bytes.fromhex(order.digest))}:"
    # RFC 9530: of the whole file, whatever part of it is sent; a part's own content has another digest.
    whole = {} if names_part(request) else {"Content-Digest": digest}
    stands = headers_of(order.position or 0, service.standing()[1], has_moved=service.has_moved)
    headers = {**whole, **stands, "ETag": etag, "Repr-Digest": digest}
    if holds(request, etag, is_there=True):
        return Response(status_code=304, headers=headers)
    write_down(service, caller, "report.taken", order.id, _detail(order))
    path = service.reports.shelf.file_of(order.id)
    return File(path, media_type=MEDIA_TYPES[order.form], headers=headers, filename=order.file_name)


def _asking(given: ReportIn, caller: Caller, service: Service, language: str) -> tuple[Asking, int | None]:
    """What is asked for, once it is sure that it can be made for this caller."""
    is_package = given.kind == PACKAGE
    whole = given.span is None and given.entity is None and given.as_of is None and given.at is None
    if is_package != (given.format == "zip") or (is_package and not whole):
        raise InputError("E_REPORT_OPTIONS")
    if is_package:
        require_everything(caller)
    entity = caller.entity(Permission.EXPORT, given.entity)
    span = given.span or SpanIn()
    named = {"month": span.month, "quarter": span.quarter, "year": span.year}
    found = named_span(named, span.first, span.last, ("first", "last"))
    with service.store.read() as connection:
        at = position_of(connection, given.at)
        refuse_unknown(connection, entity, at)
        log_moment(connection, None, at)
    day = day_of(given.as_of, "as_of")
    if found is not None and day is not None and not is_package:
        require_days(KINDS[given.kind], found[0], day)
    months = None if found is None else (str(found[0]), str(found[1]))
    return Asking(given.kind, entity, months, day, language), at


def _found(service: Service, caller: Caller, name: str) -> Order:
    order = service.reports.find(name)
    if not _may_take(caller, order):
        raise NotFoundError("E_REPORT_UNKNOWN", report=name[:64])
    return order


def _may_take(caller: Caller, order: Order) -> bool:
    """Whoever may export that entity's books now; a report of all entities is for those who may export all."""
    if order.asking.entity is None:
        return caller.where(Permission.EXPORT) is None
    return caller.sees(Permission.EXPORT, order.asking.entity)


def _detail(order: Order) -> str:
    """The scope of an export as the access log has it."""
    asking = order.asking
    scope: dict[str, Any] = {
        "kind": asking.kind,
        "format": order.form,
        "entity": asking.entity,
        "months": asking.months,
        "as_of": asking.as_of,
        "at": order.at if order.position is None else order.position,
    }
    return orjson.dumps({name: value for name, value in scope.items() if value is not None}).decode()


def _model(order: Order) -> ReportModel:
    asking = order.asking
    first, last = asking.months or (None, None)
    file = failure = None
    if order.digest is not None and order.size_bytes is not None:
        file = ReportFile(
            name=order.file_name, media_type=MEDIA_TYPES[order.form], bytes=order.size_bytes, digest=order.digest
        )
    if order.code is not None:
        failure = ReportFailure(code=order.code, detail=order.reason or "")
    return ReportModel.model_validate(
        {
            "id": order.id,
            "kind": asking.kind,
            "format": order.form,
            "entity": asking.entity,
            "first": first,
            "last": last,
            "as_of": asking.as_of,
            "state": order.state,
            "done": order.done,
            "total": order.total,
            "position": order.position,
            "asked_by": order.asked_by,
            "asked_at": order.asked_at,
            "finished_at": order.finished_at,
            "expires_at": order.expires_at,
            "file": file,
            "failure": failure,
        }
    )
