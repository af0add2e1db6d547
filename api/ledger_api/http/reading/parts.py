"""A file, or the part of it that `Range` names; what cannot be given is refused as everywhere."""

from typing import Final

from fastapi import Request
from fastapi.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from ledger_api.http.problems import MalformedError, RangeError, problem
from ledger_api.http.running.heads import asked_method

_RANGE: Final = b"range"


def names_part(request: Request) -> bool:
    """Whether a part is asked for: only a GET may name one (RFC 9110 section 14.2)."""
    return "range" in request.headers and asked_method(request) == "GET"


class File(FileResponse):
    """The answer. The framework finds out late whether the file has such a part, and says so in words of its own."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file or the part; 416 E_RANGE for a part that lies outside, 400 E_REQUEST for what is none."""
        request = Request(scope)
        if not names_part(request):
            scope = {**scope, "headers": [one for one in scope["headers"] if one[0] != _RANGE]}
        asked = request.headers.get("range", "")[:64]
        refused = False

        async def told(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] in {400, 416}:
                refused = True
                bounds = dict(message["headers"]).get(b"content-range", b"").decode("ascii")
                outside = RangeError("E_RANGE", asked=asked, bytes=bounds.rpartition("/")[2])
                error = outside if bounds else MalformedError("E_REQUEST", reason=f"Range: {asked}")
                request.scope["problem"] = error.code
                answer = problem(request, error)
                if bounds:
                    answer.headers["Content-Range"] = bounds
                await answer(scope, receive, send)
            elif not refused:
                await send(message)

        await super().__call__(scope, receive, told)
