"""Requests that come by the thousand take a shorter road: the same door, function and answer as their route's, without
the framework's search for the route and its dependencies, which would cost more than the answer.

Only what is signed and plainly asked takes it. Whatever a shortcut does not know how to judge, it leaves to the route,
which refuses it in its own words; whom the door has let in by then need not sign again.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.errors import LedgerError
from ledger_api.http import problems
from ledger_api.http.running.guard import Read
from ledger_api.http.service import Service

Shortcut = Callable[[Request, Service], Awaitable[Response | None]]
"""Answers a request as its route would, or None: then the route is asked. Errors are answered as everywhere."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_SHORTCUTS: Final[dict[Callable[..., Any], Shortcut]] = {}


def shortcut(way: Shortcut) -> Callable[[Endpoint], Endpoint]:
    """Declare that an endpoint's requests may take a shorter way."""

    def declared(endpoint: Endpoint) -> Endpoint:
        _SHORTCUTS[endpoint] = way
        return endpoint

    return declared


class Direct:
    """The innermost layer before the framework's own."""

    def __init__(self, app: ASGIApp, prefix: str, routers: Iterable[APIRouter]) -> None:
        self._app = app
        self.ways: Final = _ways(prefix, routers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request by its shortcut, or hand it on."""
        way = self.ways.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        service: Service | None = scope["app"].state.service
        if way is None or service is None or not any(name == b"signature-input" for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
            return
        body = scope.get("body", b"")  # the guard has read every body that was announced
        answer = await self._answer(Request(scope, Read(body, receive)), service, *way)
        if answer is None:
            await self._app(scope, Read(body, receive), send)
        else:
            await answer(scope, receive, send)

    @staticmethod
    async def _answer(request: Request, service: Service, route: APIRoute, way: Shortcut) -> Response | None:
        request.scope["route"] = route
        try:
            return await way(request, service)
        except (LedgerError, OperationalError, OSError) as error:
            return await problems.answered(request, error)


def _ways(prefix: str, routers: Iterable[APIRouter]) -> Mapping[tuple[str, str], tuple[APIRoute, Shortcut]]:
    """By method and path, the route with its shortcut; one whose path has a gap is looked for by the framework."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    return {
        (method, prefix + route.path): (route, _SHORTCUTS[route.endpoint])
        for route in routes
        if route.endpoint in _SHORTCUTS and "{" not in route.path
        for method in route.methods or ()
    }
