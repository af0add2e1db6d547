"""Before a request is looked at: to which name it came, through whom, how much it may send and how slowly.

What stands here refuses without reading the book, so that a stranger who floods the service costs little. The forwarded
headers of a proxy count only when the connection comes from that proxy; anybody else could write them.
"""

import asyncio
import ipaddress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.errors import AuthorityError, LedgerError
from ledger_api.http.places import is_json
from ledger_api.http.problems import MalformedError, SignInError, TooLargeError, problem
from ledger_api.http.running.bodies import BODY_BYTES_MAX, Bodies, Body, most_of, require_readable, says_who
from ledger_api.http.running.limits import Rates

STRANGERS: Final = 4
"""An address may ask so many times what one caller may: several people can sit behind one."""


class SlowError(LedgerError):
    """The body did not arrive in time."""

    http_status: ClassVar[int] = 408


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    """What the guard allows. `names` empty: any name; `proxies` empty: nobody's forwarded headers count."""

    names: frozenset[str] = frozenset()
    proxies: tuple[Network, ...] = ()
    only_proxies: bool = False
    """Whether a connection that does not come from a proxy is refused: it would not be protected."""
    body_bytes: int = 8 * BODY_BYTES_MAX
    body_seconds: float = 30.0
    rates: Rates = field(default_factory=lambda: Rates(0))


class Guard:
    """The layer that refuses early."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._bodies: Final = Bodies(limits.body_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            self._look_at(scope, headers)
            announced = _announced(headers)
            most, known = most_of(scope["method"], scope["path"]), says_who(headers)
            body = self._bodies.of((scope.get("client") or ("",))[0], most, known=known)
            body.announce(announced)
        except LedgerError as error:
            await _refuse(scope, receive, send, error)
            return
        if not announced:
            await self._app(scope, receive, send)
            return
        try:
            await self._serve(scope, receive, send, body)
        finally:
            body.let_go()

    async def _serve(self, scope: Scope, receive: Receive, send: Send, body: Body) -> None:
        try:
            whole = await self._whole(receive, body)
            if whole and is_json(dict(scope["headers"]).get(b"content-type", b"")):
                _refuse_nul(whole, _NUL_IN_JSON)
                require_readable(whole)
        except LedgerError as error:
            await _refuse(scope, receive, send, error)
            return
        if whole is None:
            return
        scope["body"] = whole
        await self._app(scope, Read(whole, receive), send)

    async def _whole(self, receive: Receive, body: Body) -> bytes | None:
        """The body, whole and in time, for a signature covers all of it; None when the client has gone."""
        parts: list[bytes] = []
        length, more = 0, True
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while more:
                    message = await receive()
                    if message["type"] != "http.request":
                        return None
                    parts.append(message.get("body", b""))
                    length, more = length + len(parts[-1]), message.get("more_body", False)
                    body.has(length)
        except TimeoutError:
            raise SlowError("E_BODY_SLOW") from None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _look_at(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """The proxy, the host's name, and how often this address has come."""
        limits = self._limits
        _refuse_repeated(scope)
        _refuse_nul(scope.get("raw_path", b"") + scope.get("query_string", b""), (b"%00",))
        if limits.proxies:
            self._through_proxy(scope, headers)
        if limits.names and _host(headers) not in limits.names:
            raise MalformedError("E_HOST", host=_host(headers)[:100])
        address = (scope.get("client") or ("",))[0]
        limits.rates.take(f"@{address}", STRANGERS)

    def _through_proxy(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        peer = (scope.get("client") or ("",))[0]
        if not _within(peer, self._limits.proxies):
            if self._limits.only_proxies and not _within(peer, _LOOPBACK):
                raise AuthorityError("E_NOT_VIA_PROXY")
            return
        # The proxy appends the address that it saw; whatever stands before it was written by the client.
        address = headers.get(b"x-forwarded-for", b"").decode("latin-1").rsplit(",", 1)[-1].strip()
        if _is_address(address):
            scope["client"] = (address, 0)
        # Every stretch of the way must be protected. Nothing is sent on to https: a password would be out already.
        if schemes := _schemes(scope):
            if any(scheme != "https" for scheme in schemes):
                raise AuthorityError("E_FORWARDED_PLAIN")
            scope["scheme"] = "https"


class Read:
    """Hands on a body that was read already, or of which there is nothing, and then that the client has gone."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        """The next message; an empty body that nobody has read yet is no news."""
        if self._body is None:
            while (message := await self._receive())["type"] == "http.request":
                pass
            return message
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


_LOOPBACK: Final[tuple[Network, ...]] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


async def _refuse(scope: Scope, receive: Receive, send: Send, error: LedgerError) -> None:
    scope["problem"] = error.code
    answer: Any = problem(Request(scope, receive), error)
    if isinstance(error, TooLargeError | SignInError | SlowError):
        answer.headers["Connection"] = "close"
    await answer(scope, receive, send)


_SINGLE: Final = frozenset(
    {b"host", b"content-type", b"content-length", b"authorization", b"origin", b"sec-fetch-site", b"idempotency-key"}
)
"""Headers of which there is one: of two, whoever judges and whoever answers might each read another."""


def _refuse_repeated(scope: Scope) -> None:
    found = set[bytes]()
    for name, _ in scope["headers"]:
        if name in found:
            raise MalformedError("E_REQUEST", reason=f"2 × {name.decode('ascii').title()}")
        if name in _SINGLE:
            found.add(name)


_NUL_IN_JSON: Final = (b"\x00", b"\\u0000")


def _refuse_nul(data: bytes, spellings: tuple[bytes, ...]) -> None:
    """No text of ours holds the character NUL, and PostgreSQL keeps none that does."""
    if any(one in data for one in spellings):
        raise MalformedError("E_REQUEST", reason="NUL")


def _announced(headers: dict[bytes, bytes]) -> int:
    """How many bytes the body will have; 1 where nobody says so, and more than any may have where it is no number."""
    if b"transfer-encoding" in headers:
        return 1
    text = headers.get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) < 16 else 10**16


def _host(headers: dict[bytes, bytes]) -> str:
    """The name in the Host header, without its port."""
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _schemes(scope: Scope) -> list[str]:
    """How the request travelled to each proxy, as the proxies say; nothing where none says so."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    return [one.strip().lower() for line in lines for one in line.split(",") if one.strip()]


def _within(address: str, networks: tuple[Network, ...]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
