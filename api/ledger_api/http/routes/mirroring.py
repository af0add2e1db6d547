"""Following the log from outside: `/v1/log/rotations` for every client, `/v1/log/leaves` for mirrors."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Connection

from ledger.errors import EvidenceError
from ledger.log import reading
from ledger.log.rows import StoredVoucher
from ledger.signing import base64_text
from ledger_api.http.answers import HEADERS, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.following import JSON_LINES, LeafLine, LeafTrailer, RotationList, RotationModel
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.exporting import write_down
from ledger_api.http.service import Service
from ledger_api.rotations import StoredLog
from ledger_audit.notes import newest_note

router: Final = APIRouter(tags=["log"], responses=RESPONSES)

MAX_EVENTS: Final = 20_000
"""A page is cut where it would hold more; a single batch of the writer is never cut."""

_LINES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One voucher a line, and a trailer",
        "headers": HEADERS,
        "content": {JSON_LINES: {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/log/rotations",
    operation_id="list_rotations",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def list_rotations(
    caller: Annotated[Caller, Depends(Door(Permission.BOOKS))],  # noqa: ARG001 - the door is what matters
    service: ServiceHere,
    response: Response,
) -> RotationList:
    """Every change of the operator's key with its proof: a client goes from the key it knows to the next one."""
    return _rotations(service, response)


@router.get(
    "/log/leaves/rotations",
    operation_id="list_rotations_for_mirrors",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.MIRROR),
)
def list_rotations_for_mirrors(
    caller: Annotated[Caller, Depends(Door(Permission.MIRROR))],  # noqa: ARG001 - the door is what matters
    service: ServiceHere,
    response: Response,
) -> RotationList:
    """The same, for those who follow the whole log and may read no books of their own."""
    return _rotations(service, response)


def _rotations(service: Service, response: Response) -> RotationList:
    with snapshot(service, response) as found:
        listed = list(StoredLog(found.connection).rotations())
    return RotationList(
        rotations=[
            RotationModel(
                number=one.number,
                previous=one.previous,
                operator_key=one.operator_key,
                note=one.note,
                leaf=base64_text.encode(one.leaf),
                path=[base64_text.encode(node) for node in one.path],
                events=[data.decode() for data in one.events],
            )
            for one in listed
        ]
    )


@router.get(
    "/log/leaves",
    operation_id="list_leaves",
    response_class=Response,
    responses=_LINES,
    openapi_extra=opened_by(Permission.MIRROR),
)
def list_leaves(
    caller: Annotated[Caller, Depends(Door(Permission.MIRROR))],
    service: ServiceHere,
    response: Response,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="存证号;从其后起。 After this voucher.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="约多少张凭证。 About so many vouchers.")] = 256,
) -> Response:
    """Vouchers with every byte, whole batches of the writer: each page ends with a voucher that a checkpoint covers."""
    with snapshot(service, response) as found:
        size, _ = newest_note(found.connection)
        lines = [_line(found.connection, one) for one in _page(found.connection, after, limit)]
    trailer = LeafTrailer(count=len(lines), last=after + len(lines), size=size)
    if lines:
        write_down(service, caller, "export.leaves", f"{after + 1}-{trailer.last}")
    text = "".join(f"{one.model_dump_json()}\n" for one in (*lines, trailer))
    return Response(text, media_type=JSON_LINES, headers=dict(response.headers))


def _page(connection: Connection, after: int, limit: int) -> list[StoredVoucher]:
    """About `limit` vouchers, up to the last one that a checkpoint covers exactly, and at least one batch."""
    rows: list[StoredVoucher] = []
    whole = events = 0
    for row in _following(connection, after):
        rows.append(row)
        events += row.count
        if reading.checkpoint(connection, row.number) is not None:
            if whole and events > MAX_EVENTS:
                break
            whole = len(rows)
        if whole and (len(rows) >= limit or events > MAX_EVENTS):
            break
    if rows and not whole:
        raise EvidenceError("E_CHECKPOINT_MISSING", number=rows[-1].number)
    return rows[:whole]


def _following(connection: Connection, after: int) -> Iterator[StoredVoucher]:
    while row := reading.voucher_by_number(connection, after + 1):
        yield row
        after = row.number


def _line(connection: Connection, row: StoredVoucher) -> LeafLine:
    events = reading.events_between(connection, row.first_position, row.last_position)
    stored = reading.checkpoint(connection, row.number)
    return LeafLine(
        number=row.number,
        leaf=bytes(row.leaf).decode(),
        events=[bytes(one.data).decode() for one in events],
        checkpoint=None if stored is None else stored.note,
        remarks=reading.finding_codes(connection, row.first_position, row.last_position),
    )
