"""A network inside this process: the served county behind it, or a liar, or a line that breaks."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from ledger_api.client import Client, Manners
from tests.api.http.house import House

URL = "https://ledger.test"

Said = tuple[int, dict[str, str], bytes]
Lie = Callable[[httpx2.Request, Said], Said]


def honest(_request: httpx2.Request, said: Said) -> Said:
    return said


@dataclass
class Network(httpx2.BaseTransport):
    """Carries requests to the house. `lie` changes what comes back; what `broken` holds is raised first."""

    house: House
    lie: Lie = honest
    broken: list[Exception | Said] = field(default_factory=list)
    sent: list[tuple[str, str, bytes]] = field(default_factory=list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.sent.append((request.method, request.url.raw_path.decode(), request.content))
        if self.broken:
            trouble = self.broken.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            return _response(trouble)
        return _response(self.lie(request, self.through(request)))

    def through(self, request: httpx2.Request) -> Said:
        answer = self.house.client.send(
            httpx2.Request(request.method, request.url, headers=request.headers, content=request.content)
        )
        return answer.status_code, dict(answer.headers), answer.content


def _response(said: Said) -> httpx2.Response:
    status, headers, body = said
    kept = {name: value for name, value in headers.items() if name != "content-length"}
    return httpx2.Response(status, headers=kept, content=body)


def client_of(
    house: House, officer: str, folder: Path, network: Network | None = None, url: str = URL, **more: Any
) -> Client:
    """A client of an officer; it waits without waiting."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    manners = Manners(unix=house.seconds, monotonic=lambda: clock[0], sleep=sleep)
    transport = network or Network(house)
    return Client(url, officer, house.county.keys[officer], folder=folder, manners=manners, transport=transport, **more)


def lying(path: str, change: Callable[[Any], Any]) -> Lie:
    """A lie in the JSON of every answer whose path begins with `path`."""

    def lie(request: httpx2.Request, said: Said) -> Said:
        status, headers, body = said
        if not request.url.path.startswith(path) or status >= 400:
            return said
        return status, headers, json.dumps(change(json.loads(body))).encode()

    return lie
