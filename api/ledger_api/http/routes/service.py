"""What anybody may ask of the service itself: whether it lives, whether it can answer, and what a code means."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from pydantic import Field

from ledger.catalogue import ToPrograms, codes, say
from ledger.errors import BusyError, NotFoundError
from ledger.log.keeping.life import MOVED, newest
from ledger_api.http.answers import HEADERS, snapshot
from ledger_api.http.doors import ServiceHere
from ledger_api.http.models import Strict
from ledger_api.http.problems import RESPONSES

router: Final = APIRouter(tags=["service"], responses=RESPONSES)


class Health(Strict):
    """The process answers."""

    status: str = Field(examples=["alive"])


class Readiness(Strict):
    """The book can be read, at this position."""

    status: str = Field(examples=["ready"])
    origin: str
    position: int


class Explained(Strict):
    """A code in both languages, with its parameters in braces."""

    code: str
    zh: str
    en: str


@router.get("/health", operation_id="read_health")
async def read_health() -> Health:
    """Whether the process lives; it asks nothing of the database."""
    return Health(status="alive")


@router.get("/ready", operation_id="read_readiness", responses={200: {"headers": HEADERS}})
def read_readiness(service: ServiceHere, response: Response) -> Readiness:
    """Whether the book can be read and is still here, its read models follow, and the disk has room for more."""
    service.require_room()
    with snapshot(service, response, folded=True) as found:
        if newest(found.connection).state == MOVED:
            raise BusyError("E_READY_MOVED")
        return Readiness(status="ready", origin=service.book.origin, position=found.head)


@router.get("/errors/{code}", operation_id="explain_code")
def explain_code(code: Annotated[str, Path(max_length=64, examples=["E_NOT_PENDING"])]) -> Explained:
    """What a code means: the `type` of every problem leads here."""
    if code not in codes() or code[:2] not in {"E_", "W_"}:
        raise NotFoundError("E_CODE_UNKNOWN", value=code)
    return Explained(code=code, zh=say(code, ToPrograms("zh")), en=say(code, ToPrograms("en")))
