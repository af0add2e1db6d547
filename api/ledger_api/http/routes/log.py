"""The log as others check it: events, trails, proofs of single events, checkpoints, and one log extending another."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from ledger.decisions.judging import business_day
from ledger.errors import InputError, NotFoundError
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.log.proofs import log_consistency
from ledger.log.rows import StoredEvent
from ledger.signing import base64_text
from ledger_api.asking import day_of
from ledger_api.http import models
from ledger_api.http.answers import HEADERS, AsOf, At, CursorAsked, Limit, Snapshot, begin_page, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.cursors import Place
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.languages import Language
from ledger_api.http.problems import PROBLEM, RESPONSES
from ledger_api.http.reading.negotiating import JSON, TEXT, form_of
from ledger_api.http.service import Service
from ledger_api.rotations import signer_of
from ledger_audit.event_proofs import check_event_proof, event_proof
from ledger_audit.notes import newest_note
from ledger_projections.books.tags import require_tag
from ledger_projections.books.trail import Trail, trail

router: Final = APIRouter(tags=["log"], responses=RESPONSES)

Reader = Annotated[Caller, Depends(Door(Permission.BOOKS))]
Position = Annotated[int, Path(ge=1, le=2**53 - 1, description="序号。 The event's position.")]
Size = Annotated[int, Query(ge=1, le=2**53 - 1, description="A number of vouchers")]

_NOTE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": HEADERS, "content": {TEXT: {"schema": {"type": "string", "description": "The signed note."}}}}
}
_FORMS: Final = {"json": JSON, "text": TEXT}


@router.get(
    "/events",
    operation_id="list_events",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def list_events(
    caller: Reader,
    service: ServiceHere,
    response: Response,
    tag: Annotated[str | None, Query(max_length=200, description="标签。 Events with this tag only.")] = None,
    kind: Annotated[list[str] | None, Query(max_length=50, description="Of these kinds; needs a tag.")] = None,
    as_of: AsOf = None,
    at: At = None,
    limit: Limit = 100,
    cursor: CursorAsked = None,
) -> models.EventPage:
    """Events in position order, by the two clocks. Those of entities that the caller may not see are left out before
    pages are cut: neither a page's size nor its `next` tells that there are any.
    """
    kinds = sorted(set(kind or ()))
    if kinds and tag is None:
        raise InputError("E_KIND_NEEDS_TAG")
    entities = caller.where(Permission.BOOKS)
    seen = None if entities is None else sorted(entities)
    asked = {"list": "events", "tag": tag, "kinds": kinds, "as_of": as_of, "at": at, "entities": seen}
    until = day_of(as_of)
    with snapshot(service, response, at) as found:
        place = begin_page(service, response, found, cursor, asked)
        rows = _rows(found, place, tag, kinds, limit, seen)
        listed = [models.event_model(row) for row in _dated(found, rows, until)]
    more = service.cursors.write(Place(rows[-1].position, place.position), asked) if len(rows) == limit else None
    return models.EventPage(position=place.position, events=listed, next=more)


def _rows(
    found: Snapshot, place: Place, tag: str | None, kinds: list[str], limit: int, seen: list[str] | None
) -> list[StoredEvent]:
    """A page of the events of the entities that are seen; None: of all."""
    connection, after, until = found.connection, place.after, place.position
    if tag is not None:
        places = reading.tag_positions(connection, tag, kinds, after=after, until=until, limit=limit, entities=seen)
    elif seen is not None:
        places = reading.positions_of_entities(connection, seen, after=after, until=until, limit=limit)
    else:
        return list(reading.events_between(connection, after + 1, min(until, after + limit)))
    return reading.events_at(connection, places)


def _dated(found: Snapshot, rows: list[StoredEvent], until: date | None) -> list[StoredEvent]:
    """Those whose business day has come by `until`; None: all."""
    if until is None:
        return rows
    vouchers = reading.vouchers_of(found.connection, sorted({row.voucher_number for row in rows}))
    dated = [row for row in rows if row.voucher_number in vouchers]
    return [row for row in dated if _day(row, vouchers[row.voucher_number][1]) <= until]


def _day(row: StoredEvent, voucher_date: date) -> date:
    return business_day(trusted_event(row.kind, row.data), voucher_date)


@router.get(
    "/events/{position}",
    operation_id="read_event",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def read_event(position: Position, caller: Reader, service: ServiceHere, response: Response) -> models.EventModel:
    """One event."""
    with snapshot(service, response) as found:
        _require_visible(found, caller, position)
        row = reading.event_at(found.connection, position)
    if row is None:
        raise NotFoundError("E_POSITION", position=position)
    return models.event_model(row)


@router.get(
    "/events/{position}/proof",
    operation_id="prove_event",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def prove_event(position: Position, caller: Reader, service: ServiceHere, response: Response) -> models.EventProofModel:
    """The proof of one event as a `.ledger-proof` holds it; it verifies offline, without this service."""
    with snapshot(service, response) as found:
        _require_visible(found, caller, position)
        made = event_proof(found.connection, position)
        check_event_proof(made, lambda size: signer_of(found.connection, size, service.vkey))
    return models.EventProofModel.model_validate(made)


@router.get(
    "/trails/{tag}",
    operation_id="read_trail",
    responses={
        200: {"headers": HEADERS},
        404: {"description": "Nothing bears the tag (E_TAG_UNKNOWN)", "content": PROBLEM},
    },
    openapi_extra=opened_by(Permission.BOOKS),
)
def read_trail(
    tag: Annotated[str, Path(max_length=200, description="标签,如 fund:general。 A tag.")],
    caller: Reader,
    service: ServiceHere,
    response: Response,
    language: Language,
    as_of: AsOf = None,
    at: At = None,
) -> Trail:
    """Everything that touched a tag, with who signed it, by the two clocks. It may lead through several entities: needs
    all of them. A tag that nothing bears is refused, with those near to it.
    """
    if caller.where(Permission.BOOKS) is not None:
        raise caller.refused(Permission.BOOKS)
    until = day_of(as_of)
    with snapshot(service, response, at) as found:
        require_tag(found.connection, tag)
        return trail(found.connection, tag, as_of=until, at=found.at, language=language)


@router.get("/checkpoint", operation_id="read_checkpoint", response_model=models.CheckpointModel, responses=_NOTE)
def read_checkpoint(request: Request, service: ServiceHere, response: Response) -> models.CheckpointModel | Response:
    """The newest checkpoint. Anybody may have it: keep it, and compare it with what others were shown."""
    with snapshot(service, response) as found:
        size, note = newest_note(found.connection)
        note = service.with_todays_line(found.connection, note)
    return _shown(request, service, response, size, note, service.vkey)


@router.get(
    "/checkpoints/{size}",
    operation_id="read_checkpoint_of_size",
    response_model=models.CheckpointModel,
    responses=_NOTE,
)
def read_checkpoint_of_size(
    size: Annotated[int, Path(ge=1, le=2**53 - 1)], request: Request, service: ServiceHere, response: Response
) -> models.CheckpointModel | Response:
    """The checkpoint over so many vouchers, if the operator signed one there."""
    with snapshot(service, response) as found:
        stored = reading.checkpoint(found.connection, size)
        if stored is None:
            raise NotFoundError("E_CHECKPOINT_UNKNOWN", size=size)
        lines = "".join(reading.cosignatures_of(found.connection, size).values())
        signer = signer_of(found.connection, size, service.vkey)
    return _shown(request, service, response, size, stored.note + lines, signer.vkey)


def _shown(
    request: Request, service: Service, response: Response, size: int, note: str, vkey: str
) -> models.CheckpointModel | Response:
    """The note with what belongs to it, or for whoever asks for text just the note, as other tools read it."""
    response.headers["Vary"] = "Accept"
    if form_of(request.headers.get("accept"), None, _FORMS) == TEXT:
        return Response(note, media_type=f"{TEXT}; charset=utf-8", headers=dict(response.headers))
    gone = service.known().moved is not None
    return models.CheckpointModel(size=size, note=note, vkey=vkey, replica=service.store.is_replica, moved=gone)


@router.get("/consistency", operation_id="prove_consistency", responses={200: {"headers": HEADERS}})
def prove_consistency(old: Size, new: Size, service: ServiceHere, response: Response) -> models.ConsistencyModel:
    """The proof that the log of `new` vouchers begins with the log of `old`."""
    with snapshot(service, response) as found:
        newest, _ = newest_note(found.connection)
        if not old <= new <= newest:
            raise NotFoundError("E_CONSISTENCY_SIZES", old=old, new=new, size=newest)
        path = log_consistency(found.connection, old, new)
    return models.ConsistencyModel(old=old, new=new, path=[base64_text.encode(node) for node in path])


def _require_visible(found: Snapshot, caller: Caller, position: int) -> None:
    voucher = reading.voucher_of_position(found.connection, position)
    if voucher is None or not caller.sees(Permission.BOOKS, voucher.entity):
        raise NotFoundError("E_POSITION", position=position)
