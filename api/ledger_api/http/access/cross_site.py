"""Whether a browser's request comes from a page of this very site. Source: Fetch Metadata; OWASP ASVS 5.0, 3.5."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from ledger.errors import AuthorityError

FORM_TOKEN: Final = "Ledger-CSRF"  # noqa: S105 - the name of a header, no secret


def require_same_site(request: Request) -> None:
    """Raises AuthorityError E_CROSS_SITE unless Sec-Fetch-Site or Origin says that the page is of this site, and
    neither says that it is not. A browser sends at least one of them with whatever changes something.
    """
    fetched, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = origin is not None and _host(origin) == request.headers.get("host", "").lower()
    if fetched not in {None, "same-origin"} or (origin is not None and not own) or (fetched is None and origin is None):
        raise AuthorityError("E_CROSS_SITE")


def _host(origin: str) -> str | None:
    try:
        found = urlsplit(origin)
    except ValueError:
        return None
    return found.netloc.lower() if found.scheme in {"http", "https"} and not found.path else None
