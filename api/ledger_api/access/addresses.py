"""Addresses of the network as limits and read-only keys see them."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_OWN_BITS = 64
"""What one subscriber has of IPv6: the lower half of an address is chosen anew as often as one likes (RFC 6177)."""


def address_of(text: str) -> Address | None:
    """The address; one of IPv4 in the form of IPv6, as a socket for both tells it, is one of IPv4. None for no address.

    Source: RFC 4291 section 2.5.5.2.
    """
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return found if isinstance(found, ipaddress.IPv4Address) else found.ipv4_mapped or found


def neighbourhood(text: str) -> str:
    """Whom an address stands for when tries are counted: an address of IPv4, a network of IPv6."""
    found = address_of(text)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(found), _OWN_BITS), strict=False))
    return text if found is None else str(found)
