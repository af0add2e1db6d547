"""Around every request: a number of its own, headers that keep browsers out of trouble, and one line in the log.

The line has the route's pattern and not its values, so that no name, id or token is ever logged; a reader who needs
them has the access log of the book.
"""

import logging
import time
from collections.abc import MutableMapping
from typing import Any, Final

from nacl.utils import random
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger_api.http.running.metrics import Metrics

_access: Final = logging.getLogger("ledger.http.access")

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer carries unless its route says otherwise."""

TRANSPORT: Final = "max-age=31536000"

_ENCODED: Final = tuple((name.lower().encode("ascii"), value.encode("ascii")) for name, value in HEADERS.items())
_SECURED: Final = (b"strict-transport-security", TRANSPORT.encode("ascii"))

_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")


def new_trace() -> str:
    """A request's number, told to its sender and in the log: without digits, which might be taken for a person's number
    and struck out there.
    """
    return random(8).hex().translate(_LETTERS)


class Around:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, prefix: str) -> None:
        self._app = app
        self._metrics = metrics
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["trace"] = new_trace()
        begun, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = list(message.get("headers", ()))
                names = {name for name, _ in own}
                own += [pair for pair in _ENCODED if pair[0] not in names]
                if scope["scheme"] == "https":
                    own.append(_SECURED)
                own.append((b"ledger-trace", scope["trace"].encode("ascii")))
                message["headers"] = own
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - begun
            route = self._pattern(scope)
            self._metrics.answered(scope["method"][:16], route, status, seconds, scope.get("problem"))
            _access.info("request", extra=_line(scope, route, status, seconds))

    def _pattern(self, scope: Scope) -> str | None:
        """The route's pattern as the document has it; the framework keeps it without what all of them begin with."""
        path: str | None = getattr(scope.get("route"), "path", None)
        return path if path is None or path.startswith(f"{self._prefix}/") else self._prefix + path


def _line(scope: MutableMapping[str, Any], route: str | None, status: int, seconds: float) -> dict[str, Any]:
    """What the line says; the framework has put the matched route and the caller into the scope."""
    return {
        "trace": scope["trace"],
        "method": scope["method"][:16],
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "caller": scope.get("caller"),
        "code": scope.get("problem"),
    }
