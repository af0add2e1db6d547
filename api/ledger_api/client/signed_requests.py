"""Every request of a program is signed with its holder's key (RFC 9421); the key never leaves this process."""

import time
from collections.abc import Callable, Generator

import httpx2
from nacl.utils import random

from ledger.signing.keys import SigningKey
from ledger_api.http.message_signatures import Message, sign_message


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
