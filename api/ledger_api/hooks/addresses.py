"""Where a hook may lead: by TLS to addresses of the public network, and to those that the operator named.

A name is resolved once for each attempt; every address that it has must be allowed, and the connection is made to one
of those that were looked at. So no name can lead somewhere else between the look and the connection.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ledger.catalogue import Words
from ledger.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST: Final = 500
PORTS: Final = frozenset({443, 8443})
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", re.ASCII)
_PRINTED: Final = re.compile(r"[!-~]+", re.ASCII)
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out (RFC 4291); what translates into IPv4 lies partly outside."""
_NOBODYS: Final[tuple[Network, ...]] = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20"))
)
"""Protocols' own, relays into IPv6, documentation (RFC 6890, 7526, 9637); not every Python knows them."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the operator allows: networks inside the house, and ports. To loopback alone one may speak plainly."""

    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = PORTS


@dataclass(frozen=True, slots=True)
class Target:
    """A hook's address, taken apart. `path` begins with a slash and has the query in it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _USUAL[self.scheme] else f"{host}:{self.port}"

    def at(self, address: Address) -> str:
        """The same with one of the host's addresses in its place."""
        host = f"[{address}]" if address.version == 6 else str(address)
        return f"{self.scheme}://{host}:{self.port}{self.path}"


_USUAL: Final = {"https": 443, "http": 80}


def target_of(url: str, reach: Reach) -> Target:
    """A hook's address; InputError E_HOOK_URL with what is wrong about it, E_HOOK_ADDRESS for a number inside."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(url, "写法不是网址", "this is no URL") from None
    if len(url) > LONGEST or not _PRINTED.fullmatch(url) or "\\" in url:
        raise _wrong(
            url,
            f"只能用 ASCII 的可见字符,不得有空格和反斜杠,最多 {LONGEST} 个字符",
            f"visible ASCII characters only, no blank and no backslash, at most {LONGEST} of them",
        )
    if parts.scheme not in _USUAL or not _HOST.fullmatch(host):
        raise _wrong(url, "应写成 https://主机/路径", "it should be https://host/path")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc or "#" in url:
        raise _wrong(url, "含有用户名或 #", "it holds a user or a #")
    port = _USUAL[parts.scheme] if port is None else port
    if port not in reach.ports:
        open_ones = [str(one) for one in sorted(reach.ports)]
        zh = f"端口 {port} 不在 hook_ports 之内,其中只有 {'、'.join(open_ones)}"
        raise _wrong(url, zh, f"port {port} is not in hook_ports, which has {', '.join(open_ones)}")
    if parts.scheme == "http" and not any(network.is_loopback for network in reach.networks):
        zh = "http:// 只限本机,而 hook_networks 没有列明本机"
        raise _wrong(url, zh, "http:// is for loopback alone, and hook_networks does not name it")
    found = Target(parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    if _is_literal(host):
        checked(host, found, reach)  # nothing will resolve it to another one: it is told now
    return found


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _wrong(url: str, zh: str, en: str) -> InputError:
    return InputError("E_HOOK_URL", url=url[:80], reason=Words(zh, en))


def checked(text: str, target: Target, reach: Reach) -> Address:
    """One address of a host, which may be connected to; InputError E_HOOK_ADDRESS otherwise."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise InputError("E_HOOK_ADDRESS", address=text[:64]) from None
    meant: Address = found
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        meant = found.ipv4_mapped
    allowed = meant.is_loopback and _is_named(meant, reach) if target.scheme == "http" else _is_allowed(meant, reach)
    if not allowed:
        raise InputError("E_HOOK_ADDRESS", address=text[:64])
    return meant


def _is_allowed(address: Address, reach: Reach) -> bool:
    return _is_public(address) or _is_named(address, reach)


def _is_named(address: Address, reach: Reach) -> bool:
    """Whether the operator named it. What is nobody's in particular, or the machine's neighbour, cannot be named."""
    if address.is_multicast or address.is_unspecified or address.is_link_local or address == _BROADCAST:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return False
    return any(address.version == network.version and address in network for network in reach.networks)


_BROADCAST: Final = ipaddress.IPv4Address("255.255.255.255")


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_link_local:
        return False
    if any(address.version == network.version and address in network for network in _NOBODYS):
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return True
    return address in _GLOBAL_V6 and address.scope_id is None and address.sixtofour is None
