"""HEAD is answered wherever GET is: the same door, status and headers, and no content (RFC 9110 section 9.3.2).

The request goes on as a GET, whose answer ends with its headers; a stream is told that its reader has gone. What was
asked is kept in the scope, for a signature covers the method that was sent.
"""

import asyncio
from typing import Final

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASKED: Final = "asked_method"


def is_head(request: Request) -> bool:
    """Whether only the headers are asked for."""
    return asked_method(request) == "HEAD"


def asked_method(request: Request) -> str:
    """The method as it was sent."""
    found: str = request.scope.get(_ASKED, request.method)
    return found


class Heads:
    """A layer that has every HEAD worked on as a GET."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        # With 2.3 the framework watches whether the reader is there, where later ones wait for a write to fail.
        inner = {**scope, "method": "GET", _ASKED: "HEAD", "asgi": {**scope.get("asgi", {}), "spec_version": "2.3"}}
        ended = asyncio.Event()

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                ended.set()

        try:
            await self._app(inner, _Gone(receive, ended), headers_only)
        finally:
            # What the layers around tell of the request: its route, its caller, its refusal.
            scope.update({name: value for name, value in inner.items() if name not in {"method", "asgi"}})


class _Gone:
    """Hands on what the reader sends, and once the headers have gone out, that the reader has gone as well."""

    def __init__(self, receive: Receive, ended: asyncio.Event) -> None:
        self._receive = receive
        self._ended = ended
        self._is_read = False

    async def __call__(self) -> Message:
        if not self._is_read:
            message = await self._receive()
            self._is_read = not message.get("more_body", False)
            return message
        await self._ended.wait()
        return {"type": "http.disconnect"}
