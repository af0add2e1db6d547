"""The doors of the routes: who is at the door, and whether this permission opens it.

Each way of showing who one is looks at the request and answers a caller, or nothing where the request does not try it;
what is tried and fails is refused. A route asks with `Depends(Door(Permission.…))`, and the OpenAPI document says which
permission that is, so that a test can try every role at every route.
"""

from collections.abc import Callable, Coroutine, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from ledger.signing.keys import PublicKey
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.message_signatures import Message, verify_message
from ledger_api.http.problems import SignInError
from ledger_api.http.running.heads import asked_method
from ledger_api.http.safeguards.replays import CHANGES, take_once
from ledger_api.http.service import Known, Service

SMALL_BYTES: Final = 256 * 1024
"""A signed request with no more than that is let in without a thread of its own: its digest is a millisecond's work.
One whose number must be written down has a thread.
"""

Way = Callable[[Request, bytes, Service, Known], Caller | None]
"""A way of showing who one is; the bytes are the request's body."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1). A read-only key starts reports and does nothing else."""

ASKING: Final = frozenset({("POST", "/v1/summaries/check")})
"""What is asked with a body, and changes nothing: a read-only key may ask it too."""


async def service_of(request: Request) -> Service:
    """The service of the application that serves the request; no thread is needed to know it."""
    found: Service = request.app.state.service
    return found


async def body_of(request: Request) -> bytes:
    """The request's body, whole."""
    return await request.body()


ServiceHere = Annotated[Service, Depends(service_of)]
BodyHere = Annotated[bytes, Depends(body_of)]


class Door:
    """A dependency that lets callers with a permission in; those who have it for some townships only, where what is
    behind it is `parted` by township.
    """

    def __init__(self, permission: Permission, *, parted: bool = False) -> None:
        self.permission: Final = permission
        self._parted: Final = parted

    async def __call__(self, request: Request) -> Caller:
        """The caller; SignInError E_SIGN_IN when nobody is known to have sent it, E_NOT_ALLOWED.

        The body is read whole: a signature covers all of it. What is signed is judged by what is known of the log, and
        needs no thread; a session and a read-only key are looked up. Who came in by a shortcut has shown who it is.
        """
        found: Caller | None = request.scope.get("let_in")
        if found is not None:
            found.require(self.permission, parted=self._parted)
            return found
        service: Service = request.app.state.service
        body, known = await request.body(), await service.look()
        small = len(body) <= SMALL_BYTES and request.method not in CHANGES
        if small and "signature-input" in request.headers:
            return self._let_in(request, body, service, known)
        return await run_in_threadpool(self._let_in, request, body, service, known)

    def _let_in(self, request: Request, body: bytes, service: Service, known: Known) -> Caller:
        ways: Sequence[Way] = request.app.state.ways
        caller = next((found for way in ways if (found := way(request, body, service, known)) is not None), None)
        if caller is None:
            raise SignInError("E_SIGN_IN")
        request.scope["caller"] = caller.name
        request.app.state.limits.rates.take(caller.name)
        reads = request.method in SAFE or (request.method, request.url.path) in ASKING
        if caller.officer is None and not reads and self.permission is not Permission.EXPORT:
            raise caller.refused(self.permission, never=True)
        caller.require(self.permission, parted=self._parted)
        request.scope["let_in"] = caller
        return caller


class DoorFirst(APIRoute):
    """A route that reads a large body for those only whom its door lets in; the framework would read it before."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        answer = super().get_route_handler()
        doors = [one.call for one in self.dependant.dependencies if isinstance(one.call, Door)]

        async def asked(request: Request) -> Response:
            for door in doors:
                await door(request)
            return await answer(request)

        return asked


def by_signature(request: Request, body: bytes, service: Service, known: Known) -> Caller | None:
    """A person's or machine's program that signs each request with an enrolled key (RFC 9421)."""
    if "signature-input" not in request.headers:
        return None
    authority, now = known.authority, service.now()

    def key_of(keyid: str) -> PublicKey | None:
        found = authority.key_of(keyid, now)
        return None if found is None else _parsed(found.public)

    found = verify_message(message_of(request, body), key_of, service.unix_now())
    service.nonces.take(found, service.unix_now())
    if request.method in CHANGES:
        take_once(service, found)
    officer = authority.keys[found.keyid].officer
    return Caller(officer, "signature", officer, authority, duties=known.duties, key=found.keyid)


@lru_cache(maxsize=4096)
def _parsed(public: str) -> PublicKey:
    """An enrolled key; to see that it is a sound one takes longer than to verify with it."""
    return PublicKey.parse(public)


def message_of(request: Request, body: bytes) -> Message:
    """The request as it was signed. Several lines of a field are one, joined by commas (RFC 9421 section 2.1)."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Message(
        asked_method(request),
        headers.get("host", ""),
        request.scope["raw_path"].decode("ascii"),
        request.scope["query_string"].decode("ascii"),
        headers,
        body,
    )


def opened_by(permission: Permission, *, parted: bool = False) -> dict[str, str | bool]:
    """What a route's entry in the OpenAPI document says of its door."""
    return {"x-permission": permission.value, **({"x-townships": True} if parted else {})}
