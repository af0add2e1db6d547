"""One attempt to deliver a message: to an address that was looked at, in bounded time, following nobody anywhere."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import httpx2

from ledger.errors import InputError
from ledger_api.hooks.addresses import Address, Reach, Target, checked

ANSWER_BYTES_MAX: Final = 64 * 1024
"""More of an answer is not read; nothing of it is kept."""
ADDRESSES_TRIED: Final = 2
GONE: Final = 410
_LONGEST_WAIT_S: Final = 86_400

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@lru_cache(maxsize=4)
def trusted(certificates: Path | None) -> ssl.SSLContext:
    """Who may vouch for receivers, read once. Raises OSError (also as SSLError) for a file without certificates."""
    return ssl.create_default_context(cafile=certificates)


async def resolved(host: str, port: int) -> list[str]:
    """Every address of a host, as the machine's resolver says. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class Manners:
    """How messages are sent. `certificates` is the office's own authority (PEM); the machine's otherwise."""

    reach: Reach = field(default_factory=Reach)
    certificates: Path | None = None
    timeout_s: float = 20.0
    """Resolving, connecting, sending and the answer together; the specification says 15 to 30 seconds."""
    resolve: Resolve = resolved


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: a status, or the word for why there is none; `wait_s` is what the receiver asks for."""

    said: str
    wait_s: int = 0

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has it."""
        return len(self.said) == 3 and self.said.startswith("2")

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no more."""
        return self.said == str(GONE)


async def attempt(target: Target, body: bytes, headers: Mapping[str, str], manners: Manners) -> Answer:
    """Send one message and say what came of it; it raises nothing that a receiver can cause."""
    try:
        async with asyncio.timeout(manners.timeout_s):
            addresses = [checked(one, target, manners.reach) for one in await manners.resolve(target.host, target.port)]
            if not addresses:
                return Answer("unresolved")
            return await _sent(target, addresses[:ADDRESSES_TRIED], body, headers, manners)
    except InputError as error:
        return Answer(error.code)
    except TimeoutError:
        return Answer("timeout")
    except ssl.SSLError:
        return Answer("tls")
    except httpx2.TimeoutException:
        return Answer("timeout")
    except httpx2.ConnectError as error:
        return Answer("tls" if "CERTIFICATE" in str(error) or "SSL" in str(error) else "unreached")
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, OSError) as error:
        return Answer("unresolved" if isinstance(error, socket.gaierror) else "broken off")


async def _sent(
    target: Target, addresses: Sequence[Address], body: bytes, headers: Mapping[str, str], manners: Manners
) -> Answer:
    async with httpx2.AsyncClient(
        verify=trusted(manners.certificates), trust_env=False, follow_redirects=False, timeout=manners.timeout_s
    ) as client:
        for place, address in enumerate(addresses):
            request = client.build_request(
                "POST",
                target.at(address),
                content=body,
                headers={
                    **headers,
                    "host": target.authority,
                    "content-type": "application/json",
                    "user-agent": "charity-ledger",
                    "accept-encoding": "identity",
                },
                # The certificate must be the host's, whichever of its addresses is spoken to.
                extensions={"sni_hostname": target.host},
            )
            try:
                response = await client.send(request, stream=True)
            except httpx2.ConnectError:
                if place + 1 == len(addresses):
                    raise
                continue
            return await _read(response)
    return Answer("unreached")


async def _read(response: httpx2.Response) -> Answer:
    """The status, once the answer was read as far as it is read."""
    try:
        length = 0
        async for part in response.aiter_raw():
            length += len(part)
            if length > ANSWER_BYTES_MAX:
                break
    finally:
        await response.aclose()
    asked = response.headers.get("retry-after", "")
    wait_s = min(int(asked), _LONGEST_WAIT_S) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    return Answer(str(response.status_code), wait_s)
