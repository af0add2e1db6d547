"""How every reading route answers: for one snapshot, with an ETag, and from memory while the log has not grown.

The ETag is a digest of all that the answer depends on; who holds it asks with If-None-Match and is told 304 without
anything being counted again. Source: RFC 9110 sections 8.8.3 and 13.1.2.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial, wraps
from typing import Annotated, Any, Final, TypeVar

import orjson
from fastapi import Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import TypeAdapter

from ledger.signing.digests import sha256
from ledger_api.asking import aged_by, day_of, open_on, refuse_unknown
from ledger_api.books import SOFTWARE
from ledger_api.http.answers import (
    HEADERS,
    PARTED_HEADERS,
    TOWNSHIPS,
    Snapshot,
    named_townships,
    position_header,
    settled_snapshot,
)
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere
from ledger_api.http.languages import Language, language_of
from ledger_api.http.reading.conditions import holds
from ledger_api.http.reading.negotiating import JSON, XLSX
from ledger_api.http.reading.rendered import Page
from ledger_api.http.running.direct import shortcut
from ledger_api.http.service import Service
from ledger_projections.keeping.townships import Townships

T = TypeVar("T")
VARY: Final = "Accept, Accept-Language"

On = Annotated[
    str | None, Query(description="账龄按哪天算;默认截至日或今天。 Aged by which day.", examples=["2025-09-30"])
]
Programme = Annotated[str | None, Query(max_length=64, description="救助项目。 Which programme.")]

READ: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "headers": HEADERS | {"ETag": {"description": "Send it back as If-None-Match", "schema": {"type": "string"}}},
    },
    304: {"description": "Nothing has changed since the ETag of If-None-Match", "headers": HEADERS},
}
"""What every reading route may answer."""

READ_PARTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": READ[200]["headers"] | PARTED_HEADERS},
    304: READ[304],
}
"""What one may answer that is parted by township."""


class Reading:
    """One request that reads: who asks, of which book, in which language, and what the asker has already."""

    def __init__(self, request: Request, caller: Caller, service: Service, language: str) -> None:
        self.request: Final = request
        self.caller: Final = caller
        self.service: Final = service
        self.language: Final = language
        self._today = service.today()
        self._words: Final = service.standing()
        self.has_moved: Final = service.has_moved
        self._townships: frozenset[str] | None = None

    def entity(self, asked: str | None) -> str | None:
        """The entity to answer for; None for all. Refuses another's (E_NOT_ALLOWED)."""
        return self.caller.entity(Permission.BOOKS, asked)

    def place(self, asked: str | None) -> str | None:
        """The entity to answer for, as `entity` finds it, also for whoever sees some townships of it only: then the
        answer is of what lies `within` them, and says so in a header.
        """
        entity, self._townships = self.caller.place(Permission.BOOKS, asked)
        return entity

    def within(self, found: Snapshot) -> Townships | None:
        """The townships that the asker sees; None for all that there is."""
        return None if self._townships is None else Townships(found.connection, self._townships)

    def on(self, day: str | None, as_of: str | None = None) -> date:
        """The day of `on`, or that of `as_of`, or today."""
        return aged_by(day, as_of, self._today)

    def at_end_of(self, day: str | None, as_of: str | None) -> date:
        """The day `on` at whose end something is looked at, or that of `as_of` where it is earlier; else today."""
        return open_on(day_of(as_of), aged_by(day, as_of, self._today))

    @property
    def today(self) -> date:
        """Today in China."""
        return self._today

    def answer(
        self,
        form: type[T],
        work: Callable[[Snapshot], T],
        *,
        entity: str | None = None,
        at: str | None = None,
        folded: bool = True,
    ) -> Response:
        """The JSON of what `work` finds in a snapshot; `folded` has the read models follow first."""
        forms = _form(form)
        return self.page(lambda found: (forms.dump_json(work(found)), JSON), entity=entity, at=at, folded=folded)

    def page(
        self,
        work: Callable[[Snapshot], tuple[bytes, str]],
        *,
        entity: str | None = None,
        at: str | None = None,
        folded: bool = True,
        accepted: str = JSON,
        file: str | None = None,
    ) -> Response:
        """The bytes and media type that `work` makes; `accepted` is what the asker chose among several types, and
        `file` the name under which it is kept.
        """
        known = self.kept(accepted)
        if known is not None:
            return known
        with settled_snapshot(self.service, at, folded=folded) as (found, stands):
            refuse_unknown(found.connection, entity, found.at)
            body, media_type = work(found)
        headers = {**position_header(found, stands), "Vary": VARY}
        if self._townships is not None:
            headers[TOWNSHIPS] = named_townships(self._townships)
        if stands.is_settled:
            headers["ETag"] = self._etag(stands.words, accepted)
        if file is not None:
            headers["Content-Disposition"] = f'attachment; filename="{file}"'
        page = Page(body, headers, media_type)
        if stands.is_settled:
            self.service.rendered.keep(headers["ETag"], page)
            if holds(self.request, headers["ETag"], is_there=True):
                return Response(status_code=304, headers=headers)
        return _sent(page)

    def kept(self, accepted: str = JSON) -> Response | None:
        """What the asker has already, or what was rendered for the same question. It asks the database nothing: the
        door has just looked where the log stands.
        """
        etag = self._etag(self._words, accepted)
        page = self.service.rendered.get(etag)
        if holds(self.request, etag, is_there=page is not None):
            headers = {"ETag": etag, "Vary": VARY} if page is None else page.headers
            return Response(status_code=304, headers=headers)
        return None if page is None else _sent(page)

    @property
    def question(self) -> str:
        """What tells that two readings ask the same, of the same standing of the log, and hold the same already."""
        return f"{self._etag(self._words, JSON)} {self.request.headers.get('if-none-match', '')}"

    def _etag(self, words: tuple[str, ...], accepted: str) -> str:
        scope = self.request.scope
        allowed, near = self.caller.where(Permission.BOOKS), self.caller.near(Permission.BOOKS)
        depends = [
            SOFTWARE,
            scope["path"],
            scope["query_string"].decode("ascii", "replace"),
            accepted,
            self.language,
            None if allowed is None else sorted(allowed),
            sorted((entity, sorted(names)) for entity, names in near.items()),
            self._today.isoformat(),
            self.has_moved,
            *words,
        ]
        weak = "W/" if accepted == XLSX else ""  # a workbook says when it was made, so that no two are alike
        return f'{weak}"{sha256(orjson.dumps(depends)).hex()[:40]}"'


def _copied(found: Response) -> Response:
    """An answer that several are given."""
    return Response(found.body, found.status_code, dict(found.headers))


def _sent(page: Page) -> Response:
    return Response(page.body, media_type=page.media_type, headers=page.headers)


_FORMS: Final[dict[object, TypeAdapter[Any]]] = {}


def _form(form: type[T]) -> TypeAdapter[T]:
    """The form's serialiser, made once: making one takes longer than using it."""
    if form not in _FORMS:
        _FORMS[form] = TypeAdapter(form)
    return _FORMS[form]


def kept_first(endpoint: Callable[..., Response]) -> Callable[..., Awaitable[Response]]:
    """Have an endpoint whose answer is JSON and in memory already answer at once; else it works in a thread, once for
    all who ask the same while it works.

    What is in memory was allowed to a caller of the same scope, so that nothing else has to be asked. Who asks the same
    knows the same standing of the log, which was read before the work began: no answer is older than its question.
    """
    return _kept_behind(_DOOR, endpoint)


def parted_kept_first(endpoint: Callable[..., Response]) -> Callable[..., Awaitable[Response]]:
    """The same for an endpoint that is parted by township."""
    return _kept_behind(_PARTED_DOOR, endpoint)


def _kept_behind(door: Door, endpoint: Callable[..., Response]) -> Callable[..., Awaitable[Response]]:
    @wraps(endpoint)
    async def answer(reading: Reading, **asked: Any) -> Response:
        known = reading.kept()
        if known is not None:
            return known
        work = partial(run_in_threadpool, endpoint, reading=reading, **asked)
        return _copied(await reading.service.shared.ask(reading.question, work))

    async def kept(request: Request, service: Service) -> Response | None:
        """The answer in memory, or the one that is being made, for a caller whom the door lets in: whoever is the first
        to ask after the log has grown goes by the route, and all others wait for that answer.
        """
        caller = await door(request)
        reading = Reading(request, caller, service, language_of(request.headers.get("accept-language")))
        known = reading.kept()
        if known is not None:
            return known
        made = await service.shared.running(reading.question)
        return None if made is None else _copied(made)

    return shortcut(kept)(answer)


_DOOR: Final = Door(Permission.BOOKS)
_PARTED_DOOR: Final = Door(Permission.BOOKS, parted=True)


async def _reading(
    request: Request,
    caller: Annotated[Caller, Depends(_DOOR)],
    service: ServiceHere,
    language: Language,
) -> Reading:
    return Reading(request, caller, service, language)


async def _parted_reading(
    request: Request,
    caller: Annotated[Caller, Depends(_PARTED_DOOR)],
    service: ServiceHere,
    language: Language,
) -> Reading:
    return Reading(request, caller, service, language)


ReadingHere = Annotated[Reading, Depends(_reading)]
"""A reading of somebody who may see the books of some entity at least."""

PartedReadingHere = Annotated[Reading, Depends(_parted_reading)]
"""A reading also of somebody who may see some townships of an entity only."""
