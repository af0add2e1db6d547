"""Two more ways of showing who one is: a session's cookie, and a supervisor's read-only key.

A session is its person, with what the roles in the log say at this moment. It may hand in what the person's key signed
elsewhere; the signature is what counts.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from fastapi import Request
from nacl.bindings import sodium_memcmp

from ledger.errors import AuthorityError
from ledger_api.access.refusals import SignInError
from ledger_api.access.sessions import CHANGING, ENROLLING, FULL, Session
from ledger_api.http.access.cross_site import FORM_TOKEN, require_same_site
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import SAFE
from ledger_api.http.service import Known, Service

COOKIE: Final = "__Host-ledger"
"""A browser takes a cookie of this prefix only over TLS, from this host, for every path (RFC 6265bis section 4.1.3)."""

_MISSING: Final = {ENROLLING: "second_factor", CHANGING: "password"}
"""What a session of each stage lacks (`callers.STEPS`)."""
_BEARER: Final = "bearer "
_LONGEST: Final = 200
T = TypeVar("T")


def by_session(request: Request, _body: bytes, service: Service, known: Known) -> Caller | None:
    """A person's browser. SignInError E_SESSION_ENDED, AuthorityError E_CROSS_SITE or E_CSRF."""
    if COOKIE not in request.cookies:
        return None
    return caller_of(session_of(request, service), known)


def caller_of(session: Session, known: Known) -> Caller:
    """What a session's person may do by it: before it is full, nothing but see to it that it becomes so."""
    narrowed = None if session.stage == FULL else frozenset({Permission.SELF})
    return Caller(
        session.officer,
        "session",
        session.officer,
        known.authority,
        granted=narrowed,
        duties=known.duties,
        missing=_MISSING.get(session.stage, ""),
    )


def session_of(request: Request, service: Service) -> Session:
    """The living session of the request, which may change something only with the session's own token."""
    token = request.cookies.get(COOKIE, "")
    find = service.access.sessions.find
    found = _known_here(lambda: find(token, service.unix_now())) if len(token) <= _LONGEST else None
    if found is None:
        raise SignInError("E_SESSION_ENDED")
    if request.method not in SAFE:
        require_same_site(request)
        sent = request.headers.get(FORM_TOKEN, "").encode()
        wanted = service.access.sessions.form_token(found).encode()
        if len(sent) != len(wanted) or not sodium_memcmp(sent, wanted):
            raise AuthorityError("E_CSRF", header=FORM_TOKEN)
    return found


def by_read_key(request: Request, _body: bytes, service: Service, known: Known) -> Caller | None:
    """A supervisor's program with a read-only key. SignInError E_READ_KEY, whatever is wrong with it."""
    sent = request.headers.get("authorization")
    if sent is None:
        return None
    shown = sent[len(_BEARER) :] if sent[: len(_BEARER)].lower() == _BEARER and len(sent) <= _LONGEST else ""
    find = service.access.reading_keys.find
    found = _known_here(lambda: find(shown, address_of(request), service.unix_now()))
    if found is None:
        raise SignInError("E_READ_KEY")
    return Caller(
        f"clk_{found.id}",
        "key",
        None,
        known.authority,
        granted=frozenset(map(Permission, found.permissions)),
        entities=frozenset(found.entities) or None,
    )


def _known_here(find: Callable[[], T | None]) -> T | None:
    """What is found; nothing where the role that connects sees no sessions and keys, as a replica's reader does not:
    there nobody comes in by one, and a stranger is not told why.
    """
    try:
        return find()
    except AuthorityError as error:
        if error.code != "E_DATABASE_RIGHTS":
            raise
        return None


def address_of(request: Request) -> str:
    """The address that a request came from, as the server knows it."""
    return "" if request.client is None else request.client.host
