"""How much of requests' bodies is in hand at once, and whose it is.

A small body costs less than its connection and is always taken, so that nobody's large ones keep a sign-in or a voucher
out. What is larger counts by the bytes that came, not by those that were announced; and one address has its share.
"""

import ipaddress
from typing import Final

from ledger.errors import BusyError

SMALL_BYTES: Final = 64 * 1024
"""What a body may have without being counted: a voucher of some events, a password, a choice."""

BODY_BYTES_MAX: Final = 32 * 1024 * 1024
"""A voucher of 10,000 events fits four times; what is larger is refused before it is read."""

UPLOAD_BYTES_MAX: Final = 64 * 1024 * 1024
"""What an uploaded file may have: a workbook of a whole county is smaller."""

SHARES: Final = 4
"""An address has so many parts of the whole, or room for one upload where that is more."""


class Bodies:
    """What is in hand, of everybody and by address."""

    def __init__(self, most: int) -> None:
        self._most: Final = most
        self._share: Final = max(most // SHARES, min(most, UPLOAD_BYTES_MAX))
        self._whole = 0
        self._by: dict[str, int] = {}

    def of(self, address: str) -> "Body":
        """A body that comes from an address, of which nothing is in hand yet."""
        return Body(self, _household(address))

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

    def __init__(self, bodies: Bodies, whose: str) -> None:
        self._bodies, self._whose = bodies, whose
        self._held = 0

    def announce(self, length: int) -> None:
        """Refused at once where there is no room for all of it; BusyError E_BODIES_AT_ONCE. It holds nothing yet."""
        if length > SMALL_BYTES:
            self._bodies.require_room(self._whose, length)

    def has(self, length: int) -> None:
        """So many bytes of it have come. Raises BusyError E_BODIES_AT_ONCE."""
        if length > SMALL_BYTES:
            self._bodies.require_room(self._whose, length - self._held)
            self._bodies.add(self._whose, length - self._held)
            self._held = length

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
