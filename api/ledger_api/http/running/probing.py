"""Whether the service of this machine answers: asked as its settings say that it listens, by a name that is its own.

What it is asked is no secret and nothing of the answer is believed but that it came, so that its certificate, which may
be of an authority that only clients know, is not looked at.
"""

import http.client
import ipaddress
import ssl
from typing import Final

from ledger.errors import InputError
from ledger_api.given_files import machine_reason
from ledger_api.http.running.settings import ServeSettings

PATH: Final = "/v1/health"
PATIENCE_S: Final = 4.0


def address_of(settings: ServeSettings) -> str:
    """Where the service answers on this machine. InputError E_HEALTH_PORT where any port was to be taken."""
    if not settings.port:
        raise InputError("E_HEALTH_PORT")
    host = _reached(settings.host)
    scheme = "http" if settings.certificate is None else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def silence(settings: ServeSettings) -> str | None:
    """Why it does not answer as it should; None where it does."""
    host, port = _reached(settings.host), settings.port
    if settings.certificate is None:
        connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=PATIENCE_S, context=context)
    try:
        connection.request("GET", PATH, headers={"Host": settings.names[0]} if settings.names else {})
        status = connection.getresponse().status
    except OSError as error:
        return machine_reason(error)
    except http.client.HTTPException as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return None if status == http.client.OK else f"HTTP {status}"


def _reached(host: str) -> str:
    """The address by which this machine reaches what listens there: every address is its own as well."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if not found.is_unspecified:
        return host
    return "127.0.0.1" if found.version == 4 else "::1"
