"""`/v1/vouchers` and `/v1/pending`: handing in, looking first, approving, and what became of it.

Nothing needs an idempotency key here: a voucher's own id is one. The same statement again gets the same answer, and
another statement under the same id is refused.
"""

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from sqlalchemy import Connection

from ledger.application import waiting
from ledger.application.drafting import REASONED, require_reasons
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError, Waiting, entry_json
from ledger.application.waiting import WaitingVoucher
from ledger.decisions.prepared import Submission
from ledger.errors import LedgerError, NotFoundError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding
from ledger.flows.registry import read_event, trusted_event
from ledger.log import reading
from ledger.log.rows import StoredVoucher
from ledger.signing import base64_text
from ledger.signing.dsse import Envelope
from ledger.signing.statements import Statement
from ledger_api.accounts import account_name
from ledger_api.asking import day_of, refuse_unknown
from ledger_api.erasing import erases, finish_erasures
from ledger_api.http import models
from ledger_api.http.answers import (
    HEADERS,
    PARTED_HEADERS,
    TOWNSHIPS,
    At,
    CursorAsked,
    EntityAsked,
    Limit,
    begin_page,
    headers_of,
    named_townships,
    snapshot,
)
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.cursors import Place
from ledger_api.http.doors import Door, DoorFirst, ServiceHere, opened_by
from ledger_api.http.languages import Language, language_of
from ledger_api.http.near import sees_voucher
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.standing import Words
from ledger_api.http.running.direct import shortcut
from ledger_api.http.service import Service
from ledger_api.pending import summary_of

router: Final = APIRouter(tags=["vouchers"], responses=RESPONSES, route_class=DoorFirst)

_DOOR: Final = Door(Permission.POST)
Poster = Annotated[Caller, Depends(_DOOR)]
Reader = Annotated[Caller, Depends(Door(Permission.BOOKS))]
PartedReader = Annotated[Caller, Depends(Door(Permission.BOOKS, parted=True))]
DryRun = Annotated[bool, Query(description="只试算,不写入。 Judge it and write nothing.")]
VoucherDay = Annotated[
    str | None,
    Query(description="凭证日期:只算到这一天。 Of vouchers dated up to this day.", examples=["2025-09-30"]),
]
VoucherId = Annotated[str, Path(description="The voucher's id (uuid7)", max_length=64)]

_REASONED: Final = tuple(f'"kind":"{kind}"'.encode() for kind in sorted(REASONED))
_POSTED: Final = {"description": "Posted, or judged as it would be posted", "headers": HEADERS}


async def _posted(request: Request, service: Service) -> Response | None:
    """`post_voucher` of a body that has its form, with nothing asked beside. The door comes first: to read a large body
    holds up everybody, whichever thread does it.
    """
    if request.scope["query_string"] or request.headers.get("content-type") != "application/json":
        return None
    caller = await _DOOR(request)
    try:
        given = models.VoucherIn.model_validate_json(await request.body())
    except ValidationError:
        return None
    language = language_of(request.headers.get("accept-language"))
    return await post_voucher(given, caller, service, language)


def _require_reasons(service: Service, submission: Submission) -> None:
    """E_REASON_BLANK, but for a voucher that is known already: the same one again gets the same answer."""
    voucher = Statement.from_bytes(submission.envelope.payload).voucher
    with service.store.read() as connection:
        is_known = reading.voucher_by_id(connection, voucher) is not None
        if not is_known and not waiting.rows_of(connection, [voucher]):
            require_reasons(map(read_event, submission.events))


@router.post(
    "/vouchers",
    operation_id="post_voucher",
    status_code=201,
    response_model=models.ReceiptModel | models.WaitingModel,
    responses={
        200: _POSTED | {"model": models.ReceiptModel},
        201: _POSTED,
        202: {"model": models.WaitingModel, "description": "Waits for signatures", "headers": HEADERS},
    },
    openapi_extra=opened_by(Permission.POST),
)
@shortcut(_posted)
async def post_voucher(
    given: models.VoucherIn, caller: Poster, service: ServiceHere, language: Language, dry_run: DryRun = False
) -> Response:
    """Hand in a signed voucher. With `dry_run` it is judged as it stands and nothing is written; the answer then says
    what it would book (`entries`).
    """
    submission = Submission(
        _envelope(given.envelope, "envelope"),
        tuple(event.encode() for event in given.events),
        tuple(_envelope(one, f"approvals[{at}]") for at, one in enumerate(given.approvals)),
    )
    entity = Statement.from_bytes(submission.envelope.payload).entity
    if not caller.sees(Permission.POST, entity):
        raise caller.refused(Permission.POST, entity)
    if any(kind in event for event in submission.events for kind in _REASONED):
        await run_in_threadpool(_require_reasons, service, submission)
    if dry_run:
        before = (await service.look()).words  # it is judged against no less
        judged = await run_in_threadpool(partial(service.writer.preview, submission, shows=True))
        return _answer(judged, language, before, dry_run=True)
    outcome = await service.hand_in(submission)
    if isinstance(outcome, Receipt) and erases(outcome, submission.events):
        await run_in_threadpool(finish_erasures, service.book, outcome, submission.events, caller.name)
    return _answer(outcome, language, await service.look_after(outcome))


@router.post(
    "/vouchers/{voucher}/approvals",
    operation_id="approve_voucher",
    status_code=201,
    response_model=models.ReceiptModel | models.WaitingModel,
    responses={
        200: _POSTED | {"model": models.ReceiptModel},
        201: _POSTED,
        202: {"model": models.WaitingModel, "description": "Other signatures are still missing", "headers": HEADERS},
    },
    openapi_extra=opened_by(Permission.POST),
)
def approve_voucher(
    voucher: VoucherId,
    given: models.ApprovalIn,
    caller: Poster,
    service: ServiceHere,
    language: Language,
) -> Response:
    """Add a signed approval to a waiting voucher; a signed rejection ends its waiting (409 E_REJECTED)."""
    with service.store.read() as connection:
        stored = reading.voucher_by_id(connection, voucher)
        entity = waiting.entity_of(connection, voucher) if stored is None else stored.entity
        _require_own(caller, Permission.POST, voucher, entity)
        events = () if stored is not None else waiting.waiting(connection, voucher).submission.events
    outcome = service.writer.approve(voucher, _envelope(given.envelope, "envelope"))
    if isinstance(outcome, Receipt):
        finish_erasures(service.book, outcome, events, caller.name)
    return _answer(outcome, language, service.known().words)


@router.get(
    "/vouchers",
    operation_id="list_vouchers",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def list_vouchers(
    caller: Reader,
    service: ServiceHere,
    response: Response,
    entity: EntityAsked = None,
    as_of: VoucherDay = None,
    at: At = None,
    limit: Limit = 100,
    cursor: CursorAsked = None,
) -> models.VoucherPage:
    """Posted vouchers in number order, of one entity or of all, by the two clocks."""
    wanted = caller.entity(Permission.BOOKS, entity)
    asked = {"list": "vouchers", "entity": wanted, "as_of": as_of, "at": at}
    until = day_of(as_of)
    with snapshot(service, response, at) as found:
        refuse_unknown(found.connection, wanted, found.at)
        place = begin_page(service, response, found, cursor, asked)
        rows = reading.vouchers_after(found.connection, place.after, place.position, limit, wanted, until)
    more = None
    if len(rows) == limit:
        more = service.cursors.write(Place(rows[-1].number, place.position), asked)
    return models.VoucherPage(position=place.position, vouchers=[voucher_model(row) for row in rows], next=more)


@router.get(
    "/vouchers/{voucher}",
    operation_id="read_voucher",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
def read_voucher(
    voucher: VoucherId, caller: PartedReader, service: ServiceHere, response: Response, language: Language
) -> models.ReceiptModel:
    """The receipt of a posted voucher, under the newest checkpoint."""
    with snapshot(service, response) as found:
        stored = reading.voucher_by_id(found.connection, voucher)
        if stored is None or not _is_seen(found.connection, caller, stored):
            raise NotFoundError("E_VOUCHER_UNKNOWN", voucher=voucher)
    return receipt_model(service.writer.receipt(voucher), language)


@router.get(
    "/pending",
    operation_id="list_pending",
    responses={200: {"headers": HEADERS | PARTED_HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
def list_pending(
    caller: PartedReader, service: ServiceHere, response: Response, entity: EntityAsked = None
) -> models.PendingPage:
    """What waits for signatures, oldest first. It waits now: what was waiting at an earlier time is written nowhere, so
    that this list has neither of the two clocks.
    """
    wanted, townships = caller.place(Permission.BOOKS, entity)
    with snapshot(service, response) as found:
        refuse_unknown(found.connection, wanted, found.at)
        rows = [one for one in waiting.all_waiting(found.connection) if wanted in {None, one.entity}]
        if townships is not None:
            response.headers[TOWNSHIPS] = named_townships(townships)
            rows = [one for one in rows if _is_shown(found.connection, caller, one)]
    listed = [models.PendingModel.model_validate(summary_of(one)) for one in rows]
    return models.PendingPage(position=found.head, pending=listed)


@router.get(
    "/pending/{voucher}",
    operation_id="read_pending",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
def read_pending(
    voucher: VoucherId, caller: PartedReader, service: ServiceHere, response: Response
) -> models.PendingDetail:
    """A waiting voucher with every byte that was signed: look at these before you sign."""
    with snapshot(service, response) as found:
        entity = waiting.entity_of(found.connection, voucher)
        if not caller.near(Permission.BOOKS):
            _require_own(caller, Permission.BOOKS, voucher, entity)
        one = None if entity is None else waiting.waiting(found.connection, voucher)
        if one is None or not _is_shown(found.connection, caller, one):
            raise waiting.not_pending(voucher)
        return _detail(one)


def _is_shown(connection: Connection, caller: Caller, one: WaitingVoucher) -> bool:
    return sees_voucher(connection, caller, one.entity, one.maker, lambda: map(read_event, one.submission.events))


def _is_seen(connection: Connection, caller: Caller, one: StoredVoucher) -> bool:
    def events() -> Iterator[Event]:
        rows = reading.events_between(connection, one.first_position, one.last_position)
        return (trusted_event(row.kind, row.data) for row in rows)

    return sees_voucher(connection, caller, one.entity, one.maker, events)


def _require_own(caller: Caller, permission: Permission, voucher: str, entity: str | None) -> None:
    """Another entity's voucher is told of as one that never was: not even that it ended, or how."""
    if entity is None or not caller.sees(permission, entity):
        raise waiting.not_pending(voucher)


def _detail(one: WaitingVoucher) -> models.PendingDetail:
    kept = one.submission
    return models.PendingDetail(
        summary=models.PendingModel.model_validate(summary_of(one)),
        statement=one.statement,
        voucher=models.VoucherIn(
            envelope=_envelope_model(kept.envelope),
            events=[data.decode() for data in kept.events],
            approvals=[_envelope_model(envelope) for envelope in kept.approvals],
        ),
    )


def _envelope(given: models.EnvelopeModel, where: str) -> Envelope:
    return Envelope.from_json_value(given.model_dump(), where)


def _envelope_model(envelope: Envelope) -> models.EnvelopeModel:
    return models.EnvelopeModel.model_validate(envelope.to_json_value())


def _answer(outcome: Outcome, language: str, stands: Words, *, dry_run: bool = False) -> Response:
    """The answer as it goes out, with where the log stands: its form was checked when it was made, and is not gone
    through once more.
    """
    if isinstance(outcome, Receipt):
        return _said(receipt_model(outcome, language), 200 if dry_run or outcome.repeated else 201, stands)
    return _said(waiting_model(outcome, language), 202, stands)


def waiting_model(outcome: Waiting, language: str) -> models.WaitingModel:
    """A waiting voucher as it is answered."""
    return models.WaitingModel(
        voucher=outcome.voucher,
        statement=outcome.statement,
        missing=list(outcome.missing),
        amount_fen=outcome.amount_fen,
        once_fen=outcome.shown_fen,
        warnings=[finding_model(one, language) for one in outcome.warnings],
        entries=_entries(outcome, language),
    )


def _entries(outcome: Outcome, language: str) -> list[models.EntryModel] | None:
    """What a preview found; the name of an account is that of the chart."""
    if outcome.entries is None:
        return None
    return [
        models.EntryModel(**entry_json(one), name=account_name(one.chart, one.code, language))
        for one in outcome.entries
    ]


def _said(answer: models.ReceiptModel | models.WaitingModel, status: int, stands: Words) -> Response:
    headers = headers_of(*stands)
    return Response(answer.model_dump_json(), status_code=status, media_type="application/json", headers=headers)


def receipt_model(found: Receipt, language: str) -> models.ReceiptModel:
    """A receipt as it is answered."""
    no = found.voucher_no
    return models.ReceiptModel(
        voucher=found.voucher,
        number=found.number,
        positions=(found.first_position, found.first_position + found.count - 1),
        posted_at=found.posted_at,
        voucher_no=None if no is None else models.VoucherNoModel(period=no.period, word=no.word, no=no.no),
        warnings=[finding_model(one, language) for one in found.warnings],
        repeated=found.repeated,
        leaf=base64_text.encode(found.leaf),
        path=[base64_text.encode(node) for node in found.path],
        checkpoint=found.checkpoint,
        released=[_released(one, language) for one in found.released],
        entries=_entries(found, language),
    )


def _released(one: Outcome | LedgerError, language: str) -> models.Released:
    if isinstance(one, LedgerError):
        voucher = str(one.params.get("voucher"))
        return models.RefusedAgainModel(voucher=voucher, **refusal(one, language))
    return receipt_model(one, language) if isinstance(one, Receipt) else waiting_model(one, language)


def refusal(error: LedgerError, language: str) -> dict[str, Any]:
    """Code, sentence and parameters of a refused voucher as they are answered, with every finding in words."""
    params = models.json_values({name: value for name, value in error.params.items() if name != "findings"})
    findings = error.findings if isinstance(error, VoucherRefusedError) else ()
    told = [finding_model(each, language).model_dump() for each in findings if each.refuses]
    more = {"findings": told} if told else {}
    return {"code": error.code, "detail": error.message(language), "params": {**params, **more}}


def finding_model(one: Finding, language: str) -> models.FindingModel:
    """A finding as it is answered."""
    params = models.json_values(dict(one.params))
    return models.FindingModel(code=one.code, event=one.event, detail=one.message(language), params=params)


def voucher_model(row: StoredVoucher) -> models.VoucherModel:
    """A stored voucher as it is answered."""
    no = None
    if row.period is not None and row.word is not None and row.no is not None:
        no = models.VoucherNoModel(period=row.period, word=row.word, no=row.no)
    return models.VoucherModel(
        number=row.number,
        voucher=row.voucher_id,
        entity=row.entity,
        voucher_date=row.voucher_date.isoformat(),
        voucher_no=no,
        positions=(row.first_position, row.last_position),
        posted_at=row.posted_at,
        maker=row.maker,
        amount_fen=row.amount_fen,
        software=row.software,
    )
