"""The served county on a loopback port, in a thread of this process: streams need a network between."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import uvicorn

from ledger_api.client import SignedRequests
from ledger_api.http.app import create_app
from ledger_api.http.streaming.limits import StreamLimits
from tests.api.client.serving import QUIET, listening
from tests.api.http.house import House

PATH = "/v1/events/stream"
QUICK = StreamLimits(beat_seconds=0.1, look_seconds=0.02)


@contextmanager
def online(house: House, limits: StreamLimits = QUICK) -> Iterator[str]:
    """The address at which the house answers."""
    app = create_app(house.service, streams=limits)
    try:
        with listening(uvicorn.Config(app, **QUIET, lifespan="off")) as port:
            yield f"http://127.0.0.1:{port}"
    finally:
        app.state.streams.close()


def program(house: House, url: str, officer: str) -> httpx2.Client:
    """An officer's program: it signs each request."""
    auth = SignedRequests(house.county.keys[officer], house.seconds)
    return httpx2.Client(base_url=url, auth=auth, timeout=30, trust_env=False)


def messages(lines: Iterator[str]) -> Iterator[tuple[int, Any]]:
    """(id, event or None for a beat) of each message."""
    place, data = 0, None
    for line in lines:
        if line.startswith("id: "):
            place = int(line[4:])
        elif line.startswith("data: "):
            data = json.loads(line[6:])
        elif not line and (place or data is not None):
            yield place, data
            data = None


def shown(lines: Iterator[str]) -> Iterator[tuple[int, Any]]:
    """The messages that hold an event."""
    return ((place, event) for place, event in messages(lines) if event is not None)
