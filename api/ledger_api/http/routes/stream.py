"""`/v1/events/stream`: events as they are posted, for programs and pages that wait for them."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import StreamingResponse

from ledger.errors import NotFoundError
from ledger_api.http.answers import HEADERS, headers_of
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.streaming.staying import Stay
from ledger_api.http.streaming.stream import MEDIA, EventStream, Streams

router: Final = APIRouter(tags=["log"], responses=RESPONSES)

Reader = Annotated[Caller, Depends(Door(Permission.BOOKS))]

_EVENT: Final = {
    "contentMediaType": "application/json",
    "contentSchema": {"$ref": "#/components/schemas/EventModel"},
    "type": "string",
}
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "`id` is a position, `data` an event as `/v1/events` gives it; a beat is an `id` without `data`",
        "headers": HEADERS,
        "content": {
            MEDIA: {
                "schema": {
                    "type": "object",
                    "description": "One message of the stream",
                    "properties": {"id": {"type": "string"}, "data": _EVENT},
                    "required": ["id", "data"],
                }
            }
        },
    }
}


async def _placed(request: Request, caller: Reader) -> AsyncIterator[Streams]:
    """The streams of this process, with a place among them until the answer has ended."""
    streams: Streams = request.app.state.streams
    with streams.places.hold(caller.name):
        yield streams


@router.get(
    "/events/stream",
    operation_id="follow_events",
    response_class=StreamingResponse,
    responses=_STREAM,
    openapi_extra=opened_by(Permission.BOOKS),
)
async def follow_events(
    request: Request,
    caller: Reader,
    service: ServiceHere,
    streams: Annotated[Streams, Depends(_placed)],
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="序号;从其后起。 After this position.")] = 0,
    last_event_id: Annotated[
        int | None,
        Header(alias="Last-Event-ID", ge=0, le=2**53 - 1, description="断开前最后的 id。 Where a stream broke off."),
    ] = None,
) -> EventStream:
    """Every event after a position, then each as it is posted; those of entities that the caller may not see are left
    out. It ends when the permission does, and after a while anyway: go on with `Last-Event-ID`. It also ends when the
    book is moved to another database, and then E_MOVED says so. The headers say where the log stood when it began.
    """
    begin = after if last_event_id is None else last_event_id
    known = await service.look()
    known.require_here()
    words = known.words
    head = int(words[0])
    if begin > head:
        raise NotFoundError("E_POSITION_AHEAD", position=begin, head=head)
    parts = streams.events(Stay(request, caller, service), begin)
    return EventStream(parts, streams.limits.stalled_seconds, headers_of(*words))
