"""Around every request: a number of its own, headers that keep browsers out of trouble, and one line in the log.

The line has the route's pattern and not its values, so that no name, id or token is ever logged; a reader who needs
them has the access log of the book.
"""

import json
import logging
import time
from collections.abc import MutableMapping
from typing import Any, Final

from nacl.utils import random
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger_api.http.problems import MEDIA_TYPE, TooLargeError, problem

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


class Around:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["trace"] = random(8).hex()
        begun, status = time.perf_counter(), 500
        send = _as_problem(scope, send)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = TRANSPORT
                headers["Ledger-Trace"] = scope["trace"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            _access.info("%s", _line(scope, status, time.perf_counter() - begun))


def _as_problem(scope: Scope, send: Send) -> Send:
    """The framework refuses a body whose stated length is too large before any route is asked, in plain words; callers
    are told in the one form of every refusal.
    """
    told = False

    async def answer(message: Message) -> None:
        nonlocal told
        if message["type"] == "http.response.start" and message["status"] == 413:
            headers = MutableHeaders(scope=message)
            if not headers.get("content-type", "").startswith(MEDIA_TYPE):
                told = True
                made = problem(Request(scope), TooLargeError("E_BODY_TOO_LARGE"))
                kept = [pair for pair in headers.raw if pair[0] not in {b"content-type", b"content-length"}]
                await send({**message, "headers": [*kept, *made.raw_headers]})
                await send({"type": "http.response.body", "body": bytes(made.body)})
                return
        if not told:
            await send(message)

    return answer


def _line(scope: MutableMapping[str, Any], status: int, seconds: float) -> str:
    """One line of JSON; the framework has put the matched route and the caller into the scope."""
    route = scope.get("route")
    found = {
        "trace": scope["trace"],
        "method": scope["method"][:16],
        "route": getattr(route, "path", None),
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "caller": scope.get("caller"),
        "code": scope.get("problem"),
    }
    return json.dumps({name: value for name, value in found.items() if value is not None}, ensure_ascii=True)
