"""`/v1/export/…`: the whole log for other programs. Each export is written down with who took it."""

from typing import IO, Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from ledger_api.asking import day_of, position_of
from ledger_api.http.answers import HEADERS, AsOf, At
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.languages import Language
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.exporting import headers_only, require_everything, streamed, write_down
from ledger_api.http.running.heads import is_head
from ledger_audit.events_export import export_events
from ledger_audit.journals import FORMATS, export_journal

router: Final = APIRouter(prefix="/export", tags=["reports"], responses=RESPONSES)

Exporter = Annotated[Caller, Depends(Door(Permission.EXPORT))]

_LINES: Final = "application/jsonl"
_TEXT: Final = "text/plain; charset=utf-8"


def _content(media_type: str, what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "headers": HEADERS, "content": {media_type: {"schema": {"type": "string"}}}}}


@router.get(
    "/events.jsonl",
    operation_id="export_events",
    response_class=Response,
    responses=_content(_LINES, "One event a line; the last line is the trailer"),
    openapi_extra=opened_by(Permission.EXPORT),
)
def export_all_events(
    request: Request,
    caller: Exporter,
    service: ServiceHere,
    first: Annotated[int, Query(alias="from", ge=1, le=2**53 - 1, description="从哪个序号起。 From here on.")] = 1,
) -> Response:
    """The events as JSON Lines. The last line has their number, the digest over the lines, the checkpoint, and the
    operator's signature over all of it: `ledger-verify` checks the file. A replica without the key does not sign.
    It is the log itself, whole up to its trailer, and has neither of the two clocks: as the log stood at an earlier
    position, its lines are the same up to there. `/v1/events` asks for events by the clocks.
    """
    require_everything(caller)
    name = f"events-from-{first}.jsonl"
    if is_head(request):
        return headers_only(service, _LINES, name)
    write_down(service, caller, "export.events", "events.jsonl", f"from={first}")
    return streamed(
        service, lambda connection, file: export_events(connection, file, service.signer, first=first), _LINES, name
    )


@router.get(
    "/journal",
    operation_id="export_journal",
    response_class=Response,
    responses=_content(_TEXT, "The journal as the program reads it"),
    openapi_extra=opened_by(Permission.EXPORT),
)
def export_whole_journal(
    request: Request,
    caller: Exporter,
    service: ServiceHere,
    language: Language,
    kind: Annotated[
        Literal["beancount", "hledger"], Query(alias="format", description="给哪个软件读。 For which program.")
    ] = "beancount",
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """Every posting as a transaction, with our balances as assertions: for other accounting programs to check. By the
    two clocks it has the postings that happened by a day and were recorded up to a position, and what they come to.
    """
    require_everything(caller)
    until = day_of(as_of)
    if is_head(request):
        return headers_only(service, _TEXT, f"journal.{kind}")
    clocks = " ".join(f"{name}={value}" for name, value in (("as_of", as_of), ("at", at)) if value)
    write_down(service, caller, "export.journal", f"journal.{kind}", clocks)
    origin, writer = service.book.origin, FORMATS[kind]

    def write(connection: Connection, file: IO[bytes]) -> int:
        position = position_of(connection, at)
        return export_journal(connection, file, origin, writer, language, as_of=until, at=position)

    return streamed(service, write, _TEXT, f"journal.{kind}", at)
