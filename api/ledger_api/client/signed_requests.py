"""How a program shows who it is: every request signed with its holder's key (RFC 9421), or a read-only key."""

import re
import time
from collections.abc import Callable, Generator
from typing import Final

import httpx2
from nacl.utils import random

from ledger.signing.keys import SigningKey
from ledger_api.http.message_signatures import Message, sign_message

_NAMED: Final = re.compile(r"clk_[0-9a-f]{16}(?=_)", re.ASCII)
_NAMELESS: Final = "clk_?"


class ReadKey(httpx2.Auth):
    """Shows a read-only key (`clk_…`) with each request; whoever holds it may read what it was given out for."""

    def __init__(self, shown: str) -> None:
        self._shown = shown

    @property
    def name(self) -> str:
        """How the key is called where others read: never a part of its secret, whatever stands in its file."""
        found = _NAMED.match(self._shown)
        return found[0] if found else _NAMELESS

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Add the key."""
        request.headers["authorization"] = f"Bearer {self._shown}"
        yield request


class SignedRequests(httpx2.Auth):
    """Signs each request of an HTTP client as it leaves: `httpx2.Client(auth=SignedRequests(key))`."""

    requires_request_body = True

    def __init__(self, key: SigningKey, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Add the signature, and the digest of the body where there is one."""
        target = request.url
        headers = {name.lower(): value for name, value in request.headers.items()}
        path, _, query = target.raw_path.decode("ascii").partition("?")
        message = Message(request.method, headers["host"], path, query, headers, request.content)
        request.headers.update(sign_message(message, self._key, int(self._clock()), random(16).hex()))
        yield request
