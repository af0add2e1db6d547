"""Sending and receiving: the same bytes again where an answer was lost, and no answer larger or other than expected.

Redirects are not followed, certificates are checked, and plain `http://` goes to this machine only. What a server
refuses arrives as the error that it is on the command line; what is no proper answer is E_ANSWER_….
"""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx2
import orjson
from nacl.utils import random
from pydantic import BaseModel, TypeAdapter, ValidationError

from ledger.errors import BusyError, EvidenceError, InputError, LedgerError
from ledger_api.client.refusals import PROBLEM, refusal
from ledger_api.http.answers import CHECKPOINT, POSITION

MODEL = TypeVar("MODEL", bound=BaseModel)

FORM = TypeVar("FORM", bound="Placed")

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of an answer: a page of events fits many times; the rest is never read."""
AGAIN: Final = frozenset({429, 502, 503, 504})
"""Statuses after which the same request may be sent once more: the server is busy, or a proxy did not reach it."""
LONGEST_WAIT_S: Final = 60
PART: Final = 1 << 16
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Manners:
    """How a client waits and whom it talks to. Times are seconds; the functions are the machine's clocks."""

    timeout_s: float = 30.0
    limit_s: float = 120.0
    """All tries of one request together."""
    first_wait_s: float = 0.2
    plain: bool = False
    """Whether `http://` may leave this machine."""
    certificates: Path | None = None
    """The office's own certificate authority (PEM); the machine's otherwise."""
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    unix: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, media type, and at most so many bytes as were asked for."""

    status: int
    media: str
    body: bytes
    retry_after: str = ""
    checkpoint: str = ""
    """Under which checkpoint it says it stands: size and root."""
    position: str = ""
    """For which position it says it stands."""


Judge = Callable[[str, Mapping[str, Any], Callable[[], Answer]], Answer]
"""Is given the path and query of what is read and what asks for it, and answers what is believed of it."""


Stands = Callable[[str, Mapping[str, Any], Answer], LedgerError | None]
"""Is given what a stream says of itself before its first message, and answers why it is not believed yet."""


class Placed(Protocol):
    """A reader's answer: it says for which position it stands."""

    @property
    def position(self) -> int:
        """The position."""


class NotNowError(Exception):
    """The server says to come again: with what it said, and after how many seconds."""

    def __init__(self, failure: LedgerError, wait_s: float) -> None:
        super().__init__(failure.code)
        self.failure, self.wait_s = failure, wait_s


class Wire:
    """One server, spoken to by one caller."""

    def __init__(
        self,
        url: str,
        auth: httpx2.Auth | None,
        manners: Manners | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.manners: Final = manners or Manners()
        self.url: Final = checked_url(url, plain=self.manners.plain)
        self.judge: Judge = lambda _path, _query, send: send()
        self.stands: Stands = lambda _path, _query, _answer: None
        self.looks: Callable[[], bool] = lambda: False
        """Looks how far the log has come, where one is known; answers whether one is."""
        file = self.manners.certificates
        self._http = httpx2.Client(
            base_url=self.url,
            auth=auth,
            timeout=self.manners.timeout_s,
            verify=True if file is None else ssl.create_default_context(cafile=file),
            headers={"accept-encoding": "identity", "user-agent": "charity-ledger-client"},
            transport=transport,
        )

    @property
    def http(self) -> httpx2.Client:
        """The connections, for what is no JSON: each request is signed, and none is sent again by itself."""
        return self._http

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def read(
        self,
        model: type[MODEL],
        path: str,
        query: Mapping[str, Any] | None = None,
        *,
        method: str = "GET",
        body: Any = None,
    ) -> MODEL:
        """A JSON answer of a known form; fields that this client does not know are passed over."""
        answer = self.ask(method, path, query, body)
        _require_media(answer, path, JSON)
        try:
            return model.model_validate_json(answer.body, extra="ignore")
        except ValidationError as error:
            raise _malformed(path, error) from None

    def value(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """A JSON answer of any form."""
        answer = self.ask("GET", path, query)
        _require_media(answer, path, JSON)
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise EvidenceError("E_ANSWER_FORM", path=path, reason=str(error)[:200]) from None

    def typed(self, form: TypeAdapter[FORM], path: str, query: Mapping[str, Any] | None = None) -> FORM:
        """A JSON answer as one of the readers' own answers, which stands for the position that its header names."""
        answer = self.ask("GET", path, query)
        _require_media(answer, path, JSON)
        try:
            found = form.validate_json(answer.body)
        except ValidationError as error:
            raise _malformed(path, error) from None
        if str(found.position) != answer.position:
            raise EvidenceError("E_ANSWER_OTHER", path=path, found=found.position)
        return found

    def lines(self, path: str, query: Mapping[str, Any], media: str) -> list[bytes]:
        """The lines of JSON Lines, the last one ended by a line feed like the others."""
        answer = self.ask("GET", path, query)
        _require_media(answer, path, media)
        *found, rest = answer.body.split(b"\n")
        if rest or not found:
            raise EvidenceError("E_ANSWER_FORM", path=path, reason="cut off")
        return found

    def ask(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        """Send until an answer is there, the same bytes each time; a 2xx answer, or the refusal as its error. What is
        read is held against what `judge` knows first.

        Raises BusyError E_SERVER_UNREACHED or what the server said, when the time is over.
        """
        content = None if body is None else orjson.dumps(body)
        if method != "GET":
            return self._tried(method, path, query, content)
        return self.judge(path, query or {}, lambda: self._tried(method, path, query, content))

    def _tried(self, method: str, path: str, query: Mapping[str, Any] | None, content: bytes | None) -> Answer:
        end, wait_s = self.manners.monotonic() + self.manners.limit_s, self.manners.first_wait_s
        while True:
            asked_s = 0.0
            try:
                answer = self._once(method, path, query, content)
            except httpx2.TransportError as error:
                failure: LedgerError = self.unreached(error)
            else:
                if answer.status not in AGAIN:
                    return _accepted(answer, path)
                failure, asked_s = self._said(answer, path), _seconds(answer.retry_after)
            pause_s = max(asked_s, wait_s * (0.5 + random(1)[0] / 512))
            if self.manners.monotonic() + pause_s > end:
                raise failure
            self.manners.sleep(pause_s)
            wait_s *= 2

    def _once(self, method: str, path: str, query: Mapping[str, Any] | None, content: bytes | None) -> Answer:
        headers = {} if content is None else {"content-type": JSON}
        given = _query(query)
        end = self.manners.monotonic() + self.manners.timeout_s
        with self._http.stream(method, path, params=given or None, content=content, headers=headers) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise EvidenceError("E_ANSWER_MEDIA", path=path, found=response.headers["content-encoding"][:64])
            body = bytearray()
            for part in response.iter_bytes(PART):
                body += part
                if len(body) > LARGEST:
                    raise EvidenceError("E_ANSWER_SIZE", path=path, max_bytes=LARGEST)
                if self.manners.monotonic() > end:
                    raise httpx2.ReadTimeout("the answer does not end")
            media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            said = (response.headers.get(name, "") for name in ("retry-after", CHECKPOINT, POSITION))
            return Answer(response.status_code, media, bytes(body), *said)

    @contextmanager
    def flowing(self, path: str, query: Mapping[str, Any], media: str) -> Iterator[Iterator[bytes]]:
        """The lines of an answer that goes on, without their ends, as they arrive.

        Raises NotNowError where the server says to come again or stands for less than is known, what it refuses
        otherwise, and httpx2.TransportError when the line breaks or is silent for `timeout_s`.
        """
        with self._http.stream("GET", path, params=_query(query) or None, headers={"accept": media}) as response:
            found = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.status_code != 200:
                body = b""
                for part in response.iter_bytes(PART):
                    body += part
                    if len(body) > PART:
                        raise EvidenceError("E_ANSWER_SIZE", path=path, max_bytes=PART)
                answer = Answer(response.status_code, found, body, response.headers.get("retry-after", ""))
                if answer.status in AGAIN:
                    raise NotNowError(self._said(answer, path), _seconds(answer.retry_after))
                _accepted(answer, path)
                raise EvidenceError("E_ANSWER_STATUS", path=path, status=answer.status)
            if found != media or response.headers.get("content-encoding", "identity") != "identity":
                raise EvidenceError("E_ANSWER_MEDIA", path=path, found=found[:64])
            said = ("", *(response.headers.get(name, "") for name in (CHECKPOINT, POSITION)))
            behind = self.stands(path, query, Answer(response.status_code, found, b"", *said))
            if behind is not None:
                raise NotNowError(behind, 0.0)
            yield _lines_of(response.iter_bytes(), path)

    def unreached(self, error: httpx2.TransportError) -> BusyError:
        """The error for a server that is not to be reached; raises what will not mend itself."""
        reason = (str(error) or type(error).__name__)[:200]
        if isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
            raise InputError("E_SERVER_URL", url=self.url, reason=reason) from error
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            raise EvidenceError("E_SERVER_CERTIFICATE", url=self.url, reason=reason) from error
        return BusyError("E_SERVER_UNREACHED", url=self.url, reason=reason)

    def _said(self, answer: Answer, path: str) -> LedgerError:
        if answer.media == PROBLEM:
            return refusal(answer.status, answer.body, path)
        return BusyError("E_SERVER_UNREACHED", url=self.url, reason=str(answer.status))


def _lines_of(parts: Iterator[bytes], path: str) -> Iterator[bytes]:
    """Whole lines; what stands after the last line's end is not one."""
    rest = bytearray()
    for part in parts:
        rest += part
        if b"\n" not in part:
            if len(rest) > LARGEST:
                raise EvidenceError("E_ANSWER_SIZE", path=path, max_bytes=LARGEST)
            continue
        *lines, last = bytes(rest).split(b"\n")
        rest = bytearray(last)
        for line in lines:
            yield line.removesuffix(b"\r")


def checked_url(url: str, *, plain: bool = False) -> str:
    """A server's address without a slash at its end; E_SERVER_URL unless it is `https://`, or on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    reason = ""
    if parts.scheme not in {"https", "http"} or not host:
        reason = "https://"
    elif parts.username is not None or parts.query or parts.fragment:
        reason = "user, query, fragment"
    elif parts.scheme == "http" and not plain and not _here(host):
        reason = "http"
    if reason:
        raise InputError("E_SERVER_URL", url=url[:200], reason=reason)
    return url.rstrip("/")


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _accepted(answer: Answer, path: str) -> Answer:
    """The answer, or the error that it says; E_ANSWER_STATUS for one that this interface does not give."""
    if 200 <= answer.status < 300:
        return answer
    if answer.status >= 400 and answer.media == PROBLEM:
        raise refusal(answer.status, answer.body, path)
    raise EvidenceError("E_ANSWER_STATUS", path=path, status=answer.status)


def _require_media(answer: Answer, path: str, media: str) -> None:
    if answer.media != media:
        raise EvidenceError("E_ANSWER_MEDIA", path=path, found=answer.media[:64])


def _malformed(path: str, error: ValidationError) -> EvidenceError:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return EvidenceError("E_ANSWER_FORM", path=path, reason=f"{where}: {first['msg']}"[:200])


def _query(query: Mapping[str, Any] | None) -> list[tuple[str, str | int | float | bool | None]]:
    """Query fields; those that are None are left out, those that are lists come once for each value."""
    return [
        (name, one.isoformat() if isinstance(one, date) else one)
        for name, value in (query or {}).items()
        for one in (value if isinstance(value, list | tuple) else (value,))
        if one is not None
    ]


def _seconds(text: str) -> float:
    """Retry-After in seconds; dates are not waited for."""
    return float(min(int(text), LONGEST_WAIT_S)) if text.isascii() and text.isdigit() else 0.0
