"""What every export shares: it is written down before anything leaves, and a slow reader holds no snapshot open."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Final

from fastapi.responses import StreamingResponse
from sqlalchemy import Connection
from starlette.types import Receive, Scope, Send

from ledger.vault.trail import note
from ledger_api.asking import position_of
from ledger_api.http.answers import headers_of
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.reading.standing import standing
from ledger_api.http.service import Service
from ledger_api.rooms import Room

_CHUNK_BYTES: Final = 1 << 18
_MAKING: Final = Room("E_EXPORT_BUSY", at_once=2, waiting=4)
"""The whole log is written to the disk for each; more at once would fill it and keep the processors from the others."""


def require_everything(caller: Caller) -> None:
    """Refuse with E_NOT_ALLOWED who may not export every entity's books."""
    if caller.where(Permission.EXPORT) is not None:
        raise caller.refused(Permission.EXPORT)


def write_down(service: Service, caller: Caller, action: str, subject: str, detail: str = "") -> None:
    """Who takes what out of the house: a row of the access log. Without it nothing leaves."""
    with service.store.write(beside=True) as connection:
        note(connection, service.now(), caller.name, action, subject, detail)


def headers_only(service: Service, media_type: str, name: str) -> StreamingResponse:
    """What HEAD is answered: nothing is made and nothing leaves, so that nothing is written down. How long the content
    would be is known only once it is made, and is not said (RFC 9110 section 9.3.2).
    """
    with service.store.read() as connection:
        stands = headers_of(*standing(connection), has_moved=service.has_moved)
    return StreamingResponse(iter(()), media_type=media_type, headers=_named(name) | stands)


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def streamed(
    service: Service,
    write: Callable[[Connection, IO[bytes]], object],
    media_type: str,
    name: str,
    at: str | None = None,
) -> StreamingResponse:
    """What `write` writes of one snapshot, sent from a file without a name in the book's directory.

    Written first and sent then: an error is still a problem and no cut file, and nobody who reads slowly keeps the
    database from tidying up. The headers say where the log stood in that snapshot, or the position that was asked for.
    """
    service.require_room()
    file = tempfile.TemporaryFile(dir=service.book.settings.directory)  # noqa: SIM115 - closed when all was sent
    try:
        with _MAKING.entered(), service.store.read() as connection:
            position = position_of(connection, at)
            write(connection, file)
            head, checkpoint = standing(connection)
            end = head if position is None else position
            stands = headers_of(end, checkpoint, has_moved=service.has_moved)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return _Sent(file, media_type, {**_named(name), "Content-Length": str(size)} | stands)


class _Sent(StreamingResponse):
    """The answer. The file is closed whatever becomes of it: its reader may go before the first byte was read."""

    def __init__(self, file: IO[bytes], media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(_chunks(file), media_type=media_type, headers=headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
