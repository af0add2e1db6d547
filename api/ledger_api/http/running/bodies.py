"""How much of requests' bodies is in hand at once, and whose it is.

A small body costs less than its connection and is always taken, so that nobody's large ones keep a sign-in or a voucher
out. What is larger counts by the bytes that came, not by those that were announced; and one address has its share.

Only some routes take more than a small body, and of those who do not even say who they are, none does: reading JSON
of thirty megabytes stops everybody for half a second.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Final

from ledger.errors import BusyError
from ledger_api.http.problems import SignInError, TooLargeError

SMALL_BYTES: Final = 64 * 1024
"""What a body may have without being counted: a voucher of some events, a password, a choice."""

BODY_BYTES_MAX: Final = 32 * 1024 * 1024
"""A voucher of 10,000 events fits four times; what is larger is refused before it is read."""

UPLOAD_BYTES_MAX: Final = 64 * 1024 * 1024
"""What an uploaded file may have: a workbook of a whole county is smaller."""

CHOICES_BYTES_MAX: Final = 1024 * 1024
"""What may be said of a file with 256 columns, or by one signature over many approvals."""

BYTES_A_PART: Final = 6
"""A part of a large body has more than so many bytes; the shortest that a voucher has are six times as long."""

TEXTS_MAX: Final = 200_000
"""An event is one text of 300 bytes at least, so that a body has half as many."""

LARGE: Final[Mapping[tuple[str, str], int]] = {
    ("POST", "/v1/imports"): UPLOAD_BYTES_MAX,
    ("PATCH", "/v1/imports/{import_id}"): CHOICES_BYTES_MAX,
    ("POST", "/v1/imports/{import_id}/vouchers"): BODY_BYTES_MAX,
    ("POST", "/v1/summaries/check"): BODY_BYTES_MAX,
    ("POST", "/v1/vouchers"): BODY_BYTES_MAX,
    ("POST", "/v1/vouchers/{voucher}/approvals"): CHOICES_BYTES_MAX,
}
"""By method and path, the routes that take more than a small body. They open their door before they read it."""

_LARGE: Final = tuple(
    (method, re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), most) for (method, path), most in LARGE.items()
)
_SHOWN: Final = frozenset({b"signature-input", b"authorization", b"cookie"})

SHARES: Final = 4
"""An address has so many parts of the whole, or room for one upload where that is more."""


def most_of(method: str, path: str) -> int:
    """How many bytes the body of a request to this route may have."""
    return next((most for one, form, most in _LARGE if method == one and form.fullmatch(path)), SMALL_BYTES)


def says_who(headers: Iterable[bytes]) -> bool:
    """Whether a request tries any way of showing who sent it."""
    return not _SHOWN.isdisjoint(headers)


def require_readable(body: bytes) -> None:
    """A large JSON body is long because of what it says, not of how many parts it has: ten million empty objects would
    keep the parser, which nothing interrupts, for seconds and take a hundred bytes each. Raises TooLargeError
    E_BODY_PARTS. It is counted and not read, which takes a millisecond for a megabyte.
    """
    if len(body) <= CHOICES_BYTES_MAX:
        return
    marks = sum(map(body.count, (b",", b"{", b"[")))
    texts = (body.count(b'"') - body.count(b'\\"')) // 2
    if marks * BYTES_A_PART > len(body) or texts > TEXTS_MAX:
        raise TooLargeError("E_BODY_PARTS", parts=max(marks, texts))


class Bodies:
    """What is in hand, of everybody and by address."""

    def __init__(self, most: int) -> None:
        self._most: Final = most
        self._share: Final = max(most // SHARES, min(most, UPLOAD_BYTES_MAX))
        self._whole = 0
        self._by: dict[str, int] = {}

    def of(self, address: str, most: int, *, known: bool) -> "Body":
        """A body that comes from an address, of which nothing is in hand yet: `most` is what its route takes, and
        `known` whether its sender says who that is.
        """
        return Body(self, _household(address), most, known=known)

    def require_room(self, whose: str, more: int) -> None:
        """Raises BusyError E_BODIES_AT_ONCE where so many bytes more are too many."""
        if self._whole + more > self._most or self._by.get(whose, 0) + more > self._share:
            raise BusyError("E_BODIES_AT_ONCE", wait=2)

    def add(self, whose: str, more: int) -> None:
        """So many bytes more are in hand; fewer for a number below 0."""
        self._whole += more
        left = self._by.pop(whose, 0) + more
        if left:
            self._by[whose] = left


class Body:
    """One body on its way, and until its request is answered."""

    def __init__(self, bodies: Bodies, whose: str, most: int, *, known: bool) -> None:
        self._bodies, self._whose, self._most, self._known = bodies, whose, most, known
        self._held = 0

    def announce(self, length: int) -> None:
        """It will have so many bytes: refused at once as by `has`, and nothing is held yet."""
        self._require(length)

    def has(self, length: int) -> None:
        """So many bytes of it have come. Raises TooLargeError E_BODY_TOO_LARGE, SignInError E_SIGN_IN where nobody says
        whose it is, BusyError E_BODIES_AT_ONCE.
        """
        self._require(length)
        if length > SMALL_BYTES:
            self._bodies.add(self._whose, length - self._held)
            self._held = length

    def _require(self, length: int) -> None:
        if length > self._most:
            raise TooLargeError("E_BODY_TOO_LARGE")
        if length <= SMALL_BYTES:
            return
        if not self._known:
            raise SignInError("E_SIGN_IN")
        self._bodies.require_room(self._whose, length - self._held)

    def let_go(self) -> None:
        """It is no longer in hand."""
        if self._held:
            self._bodies.add(self._whose, -self._held)
            self._held = 0


def _household(address: str) -> str:
    """Whose an address is: of IPv6 a whole /64 is one subscriber's, with as many addresses as that one likes."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ipaddress.ip_network((found.packed, 64), strict=False))
