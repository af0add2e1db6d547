"""What is refused, as problem details: one form for every error of every route. Source: RFC 9457.

`code` is stable and the same as on the command line; `type` leads to its sentence. `errors` names each place that is
wrong: a pointer into the request's body (RFC 6901), a query field, or an event of a voucher, with a code of its own.
An error that nobody foresaw says nothing but its number in the server's own log.
"""

import errno
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, ClassVar, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from ledger.application.outcomes import VoucherRefusedError
from ledger.catalogue import Words, say
from ledger.errors import BusyError, InputError, LedgerError, NotFoundError, RefusedError
from ledger.flows.forms import form, form_fault
from ledger.log.store import AGAIN_S
from ledger_api.access import refusals
from ledger_api.http.languages import language_of
from ledger_api.http.models import json_values
from ledger_api.http.places import is_json, of_form, say_place
from ledger_api.http.running.heads import asked_method
from ledger_api.http.safeguards.queries import QueryError

MEDIA_TYPE: Final = "application/problem+json"
_GAP: Final = re.compile(r"\{[^}]*\}")
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_SAID_BY_THE_DATABASE: Final = ("E_DATABASE_RIGHTS", "E_DATABASE_UNREACHED", "E_DATABASE_CANCELLED", "E_DATABASE_OWNER")
"""They name tables, roles or hosts, which is for the service's own log."""
_DATABASE: Final = ("E_DATABASE_AWAY", "E_COMMIT_UNKNOWN", "E_POSTING_UNKNOWN", *_SAID_BY_THE_DATABASE)
_PLACES_OF_THE_SERVER: Final = ("E_MOVED", "E_MOVE_UNFINISHED", "E_RESTORED")
"""They name a copy by the file or the database where it lies."""
_KEYS_OF_THE_SERVER: Final = ("E_VAULT_KEYS", "E_VAULT_KEY_AWAY")
"""They name the file with the keys of people, of which the network is told the name alone."""
_log: Final = logging.getLogger("ledger.http")


class Place(BaseModel):
    """One thing that is wrong, and where."""

    model_config = ConfigDict(extra="forbid")

    pointer: str = Field(
        description="JSON pointer into the body (empty: the whole of it), `?name` for a query field, `{name}` for a "
        "part of the path, `Name:` for a header",
        examples=["/events/3"],
    )
    code: str = Field(description="The stable code", examples=["E_FUND_UNKNOWN"])
    detail: str = Field(description="The sentence in the reader's language")
    row: int | None = Field(default=None, description="The row of an imported file, counted as Excel does")
    column: str | None = Field(default=None, description="The column's header in an imported file")
    params: dict[str, Any] = Field(default_factory=dict, description="What the sentence names, as JSON values")


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Where the code is explained", examples=["/v1/errors/E_NOT_PENDING"])
    title: str = Field(description="What kind of refusal it is")
    status: int = Field(description="The HTTP status", ge=400, le=599)
    detail: str = Field(description="The sentence in the reader's language")
    code: str = Field(description="The stable code", examples=["E_NOT_PENDING"])
    trace: str = Field(description="The request's number in the server's log")
    params: dict[str, Any] = Field(default_factory=dict, description="What the sentence names, as JSON values")
    errors: list[Place] = Field(default_factory=list, description="Every place that is wrong")


class ConflictError(RefusedError):
    """The state that the request was made for is no longer the state."""

    http_status: ClassVar[int] = 412


class PreconditionError(RefusedError):
    """The request must say which state it was made for."""

    http_status: ClassVar[int] = 428


class MalformedError(InputError):
    """The request itself is not what HTTP and this interface ask for."""

    http_status: ClassVar[int] = 400


SignInError = refusals.SignInError
TooManyError = refusals.TooManyError


class MethodError(LedgerError):
    """The path exists, but not with this method."""

    http_status: ClassVar[int] = 405


class TooLargeError(InputError):
    """The body is larger than the route takes."""

    http_status: ClassVar[int] = 413


class RangeError(InputError):
    """The file has no such part."""

    http_status: ClassVar[int] = 416


class LongHeadersError(InputError):
    """What stands before the body is longer than anybody's needs to be (RFC 6585 section 5)."""

    http_status: ClassVar[int] = 431


class MediaTypeError(InputError):
    """The body is of a type that the route does not take."""

    http_status: ClassVar[int] = 415


TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("请求不合规范", "malformed request"),
    401: ("须先验明身份", "not signed in"),
    403: ("无权如此", "not allowed"),
    404: ("没有找到", "not found"),
    406: ("没有这种格式", "not acceptable"),
    405: ("此处不支持该方法", "method not allowed"),
    408: ("等候过久", "request timeout"),
    409: ("依规则不予受理", "refused"),
    412: ("情况已有变化", "precondition failed"),
    413: ("内容过大", "too large"),
    415: ("内容类型不符", "unsupported media type"),
    416: ("没有这一部分", "range not satisfiable"),
    422: ("内容有误", "unreadable"),
    428: ("须说明依据", "precondition required"),
    429: ("请求过多", "too many requests"),
    431: ("请求头过长", "headers too large"),
    500: ("证据或系统有误", "evidence or system error"),
    503: ("稍后重试", "try again"),
}

PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"description": "Refused, with the reason", "content": PROBLEM},
    "503": {"description": "Nothing is wrong with the request; send it again (Retry-After)", "content": PROBLEM},
}
"""What every route may answer; `described` adds the schema."""


def described(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the problem's schema in it."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= made.pop("$defs") | {"Problem": made}
    return document


def install(app: FastAPI) -> None:
    """Have every error of an application answered as a problem."""
    app.add_exception_handler(LedgerError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(OSError, _disk)
    app.add_exception_handler(Exception, _unforeseen)


def _for_the_network(error: LedgerError) -> LedgerError:
    """The error without the path or the database address of the server, or what its database said, all of which the
    command line tells.
    """
    if error.code in _SAID_BY_THE_DATABASE:
        reason = Words(say("problem.database", "zh"), say("problem.database", "en"))
        return type(error)(error.code, **{**error.params, "reason": reason})
    if error.code in _KEYS_OF_THE_SERVER:
        name = PurePath(str(error.params.get("file", "-"))).name
        return type(error)(error.code, **{**error.params, "file": name})
    if error.code not in _PLACES_OF_THE_SERVER:
        return error
    where = Words(say("problem.where", "zh"), say("problem.where", "en"))
    return type(error)(error.code, **{**error.params, "where": where})


def problem(request: Request, error: LedgerError, errors: Sequence[Place] = ()) -> Response:
    """The answer for an error."""
    error = _for_the_network(error)
    language = language_of(request.headers.get("accept-language"))
    status = error.http_status
    zh, en = TITLES.get(status, TITLES[500])
    body = Problem(
        type=f"/v1/errors/{error.code}",
        title=en if language == "en" else zh,
        status=status,
        detail=error.message(language),
        code=error.code,
        trace=str(request.scope.get("trace", "")),
        params=_params(error),
        errors=list(errors),
    )
    headers = {"Content-Language": "en" if language == "en" else "zh-CN"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Signature realm="charity-ledger"'
    if status in {429, 503}:
        headers["Retry-After"] = str(error.params.get("wait", 1))
    return Response(body.model_dump_json(), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _params(error: LedgerError) -> dict[str, Any]:
    return json_values({name: value for name, value in error.params.items() if name != "findings"})


async def answered(request: Request, error: LedgerError | OperationalError | OSError) -> Response:
    """The answer for what a route's own work raised; the error itself where it is none of those that are foreseen."""
    if isinstance(error, LedgerError):
        return await _known(request, error)
    return await (_disk if isinstance(error, OSError) else _database_away)(request, error)


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)  # noqa: S101 - as it was registered
    place = say_place(request, error)
    request.scope["problem"] = error.code
    if error.http_status >= 500 and error.http_status != 503:
        _log.error("evidence", extra={"code": error.code, "trace": request.scope.get("trace")})
    elif error.code in _DATABASE:
        _log.error("database", exc_info=error, extra={"trace": request.scope.get("trace")})
    return problem(request, error, _places(request, _for_the_network(error), place))


def _places(request: Request, error: LedgerError, place: str | None) -> list[Place]:
    """Each finding of a refused voucher, with the event that it speaks of; each name of a query that is none; of
    another error the place of its value.
    """
    language = language_of(request.headers.get("accept-language"))
    if isinstance(error, QueryError):
        faults = [error, *error.others]
        return [Place(pointer=str(one.params["field"]), code=one.code, detail=one.message(language)) for one in faults]
    if not isinstance(error, VoucherRefusedError):
        params = _params(error)
        said = error.message(language)
        return [] if place is None else [Place(pointer=place, code=error.code, detail=said, params=params)]
    return [
        Place(
            pointer="/envelope" if one.event < 0 else f"/events/{one.event}",
            code=one.code,
            detail=one.message(language),
            params=json_values(dict(one.params)),
        )
        for one in error.findings
    ]


async def _invalid(request: Request, error: Exception) -> Response:
    """A body or query that does not have the declared form; what was sent is not sent back."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it was registered
    language = language_of(request.headers.get("accept-language"))
    faults = [_fault(one) for one in error.errors()]
    if not _says_json(request) and any(one["loc"] == ("body",) for one in error.errors()):
        return _not_json(request)
    places = []
    for (pointer, reason), one in zip(faults, error.errors(), strict=True):
        said = say("E_REQUEST_FIELD", language, field=pointer, reason=reason)
        places.append(Place(pointer=pointer, code="E_REQUEST_FIELD", detail=said, params={"rule": one["type"]}))
    request.scope["problem"] = "E_REQUEST_FIELD"
    first, why = faults[0] if faults else ("", Words(""))
    return problem(request, InputError("E_REQUEST_FIELD", field=first, reason=why), places)


def _fault(one: Mapping[str, Any]) -> tuple[str, Words]:
    """Where a fault of form stands, and why it is one. Of broken JSON the framework gives the character's number."""
    if one["type"] == "json_invalid" and len(one["loc"]) > 1:
        return "", form("json_broken", at=one["loc"][1] + 1)
    return of_form(one["loc"]), form_fault(one)


def _says_json(request: Request) -> bool:
    """Whether there is no body, or one of the type that the framework reads."""
    return not request.scope.get("body") or is_json(request.headers.get("content-type", "").encode("latin-1"))


def _not_json(request: Request) -> Response:
    """A body of another type where JSON is read, and which is (RFC 9110 section 15.5.16)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()[:64]
    told = form("media_type", value=media_type) if media_type else form("media_type_missing")
    request.scope["problem"] = "E_MEDIA_TYPE"
    answer = problem(request, MediaTypeError("E_MEDIA_TYPE", media_type=told))
    answer.headers["Accept"] = "application/json"
    return answer


async def _http(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: an unknown path, another method, a body that is too large."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as it was registered
    path = request.url.path[:200]
    if error.status_code == 405:
        methods = _methods(request)
        made: LedgerError = MethodError("E_METHOD", method=asked_method(request)[:16], allowed=", ".join(methods))
        answer = problem(request, made)
        answer.headers["Allow"] = ", ".join(methods)
    elif error.status_code == 413:
        made = TooLargeError("E_BODY_TOO_LARGE")
        answer = problem(request, made)
    elif error.status_code == 404:
        made = NotFoundError("E_ROUTE_UNKNOWN", path=path)
        answer = problem(request, made)
    else:
        made = MalformedError("E_REQUEST", reason=str(error.detail)[:200])
        answer = problem(request, made)
    request.scope["problem"] = made.code
    return answer


def _methods(request: Request) -> list[str]:
    """Every method that the document knows for the request's path; where GET is, HEAD is too. What stands in a gap is
    one part of the path, but for the number of a tile, which may have several.
    """
    return _listed(request, "[^/]+") or _listed(request, ".+")


def _listed(request: Request, gap: str) -> list[str]:
    found = set[str]()
    for template, methods in request.app.openapi()["paths"].items():
        pattern = gap.join(map(re.escape, _GAP.split(template)))
        if re.fullmatch(pattern, request.url.path) is not None:
            found |= {name.upper() for name in methods} | ({"HEAD"} if "get" in methods else set())
    return sorted(found)


async def _database_away(request: Request, error: Exception) -> Response:
    """The database does not answer: nothing is wrong with the request, and it may be sent again."""
    request.scope["problem"] = "E_DATABASE_AWAY"
    _log.error("database", exc_info=error, extra={"trace": request.scope.get("trace")})
    return problem(request, BusyError("E_DATABASE_AWAY", wait=AGAIN_S))


async def _disk(request: Request, error: Exception) -> Response:
    """A disk without room is a state of the service that passes; any other trouble with files is unforeseen."""
    if not isinstance(error, OSError) or error.errno not in _FULL:
        raise error
    request.scope["problem"] = "E_DISK_FULL"
    _log.error("disk", exc_info=error, extra={"trace": request.scope.get("trace")})
    return problem(request, BusyError("E_DISK_FULL", wait=60))


async def _unforeseen(request: Request, error: Exception) -> Response:
    request.scope["problem"] = "E_UNFORESEEN"
    _log.error("unforeseen", exc_info=error, extra={"trace": request.scope.get("trace")})
    return problem(request, LedgerError("E_UNFORESEEN", kind="500", reason=str(request.scope.get("trace", ""))))
