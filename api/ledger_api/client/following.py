"""Following a book's events as they are posted: read from a stream, gone on with where it broke off.

What comes must come in order and say the place that it is sent under. That nothing was left out is not shown by a
stream, as it is not by a list; what is there is proven event by event.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import httpx2
from nacl.utils import random
from pydantic import ValidationError

from ledger.errors import EvidenceError, NotFoundError
from ledger_api.client import wire as of_wire
from ledger_api.client.wire import NotNowError, Wire
from ledger_api.http.models import EventModel

PATH: Final = "/v1/events/stream"
MEDIA: Final = "text/event-stream"
_POSITION: Final = re.compile(rb"0|[1-9][0-9]{0,15}")


def followed(wire: Wire, after: int) -> Iterator[EventModel]:
    """Events after a position, without end. Raises what the server refuses, BusyError when it was silent or away for
    as long as one request may be tried, EvidenceError for what is no stream of this kind.
    """
    manners = wire.manners
    heard, wait_s, looked = manners.monotonic(), manners.first_wait_s, False
    while True:
        pause_s, failure = manners.first_wait_s, None
        try:
            with wire.flowing(PATH, {"after": after}, MEDIA) as lines:
                for place, event in _messages(lines, after):
                    heard, wait_s, after = manners.monotonic(), manners.first_wait_s, place
                    if event is not None:
                        yield event
        except NotNowError as error:
            failure, pause_s = error.failure, error.wait_s
        except NotFoundError:
            if looked or not wire.looks():  # a log that is known to reach so far is another one if it does not
                raise
            looked = True
        except httpx2.TransportError as error:
            failure = wire.unreached(error)
        if failure is not None:
            pause_s = max(pause_s, wait_s * (0.5 + random(1)[0] / 512))
            wait_s *= 2
            if manners.monotonic() + pause_s > heard + manners.limit_s:
                raise failure
        manners.sleep(pause_s)


def _messages(lines: Iterable[bytes], after: int) -> Iterator[tuple[int, EventModel | None]]:
    """(place, event) of each message; a beat has no event. Source: HTML Standard, section 9.2 (Server-sent events)."""
    place, data, size = after, list[bytes](), 0
    for line in lines:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"id":
            if not _POSITION.fullmatch(value):
                raise EvidenceError("E_ANSWER_FORM", path=PATH, reason="id")
            place = int(value)
        elif name == b"data":
            data.append(value)
            size += len(value)
            if size > of_wire.LARGEST:
                raise EvidenceError("E_ANSWER_SIZE", path=PATH, max_bytes=of_wire.LARGEST)
        elif not line:
            event = _event(b"\n".join(data)) if data else None
            if place < after or (event is not None and not after < place == event.position):
                raise EvidenceError("E_ANSWER_OTHER", path=PATH, found=place if event is None else event.position)
            yield place, event
            after, data, size = place, [], 0


def _event(text: bytes) -> EventModel:
    try:
        return EventModel.model_validate_json(text, extra="ignore")
    except ValidationError:
        raise EvidenceError("E_ANSWER_FORM", path=PATH, reason="data") from None
