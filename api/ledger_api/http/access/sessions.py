"""`/v1/session`: signing in and out, the second factor, the password; `/v1/sessions`: one's own, everywhere.

None of these takes an idempotency key: a session is only opened by a code that counts once, and ending what has ended
changes nothing.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from ledger.decisions.authority import EVERYWHERE
from ledger.errors import AuthorityError
from ledger.values.dates import unix_text
from ledger_api.access.logins import Attempt
from ledger_api.access.sessions import Session
from ledger_api.http.access import models
from ledger_api.http.access.cross_site import require_same_site
from ledger_api.http.access.ways import COOKIE, address_of, caller_of, session_of
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.service import Service

router: Final = APIRouter(tags=["access"], responses=RESPONSES)

Oneself = Annotated[Caller, Depends(Door(Permission.SELF))]


def _own_session(request: Request, caller: Oneself, service: ServiceHere) -> Session:
    if caller.way != "session":
        raise AuthorityError("E_SESSION_ONLY")
    return session_of(request, service)


OwnSession = Annotated[Session, Depends(_own_session)]


@router.post("/session", operation_id="sign_in", status_code=201)
def sign_in(given: models.SignIn, request: Request, service: ServiceHere, response: Response) -> models.SessionModel:
    """Sign in with password and second factor. Whatever is wrong, the answer is one: E_SIGN_IN_FAILED."""
    require_same_site(request)
    before = request.cookies.get(COOKIE)
    attempt = Attempt(given.officer, given.password, given.code, address_of(request), before)
    return _shown(service, response, *service.access.logins.sign_in(attempt, service.unix_now()))


@router.get("/session", operation_id="read_session", openapi_extra=opened_by(Permission.SELF))
def read_session(request: Request, caller: Oneself, service: ServiceHere) -> models.SessionModel:
    """Who one is here, and what one may do at this moment."""
    session = session_of(request, service) if caller.way == "session" else None
    return _standing(service, caller, session)


@router.delete("/session", operation_id="sign_out", openapi_extra=opened_by(Permission.SELF))
def sign_out(session: OwnSession, service: ServiceHere, response: Response) -> models.EndedSessions:
    """Sign out: whoever kept a copy of the cookie comes in no more."""
    service.access.sessions.end(session, service.unix_now())
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return models.EndedSessions(ended=1)


@router.get("/sessions", operation_id="list_sessions", openapi_extra=opened_by(Permission.SELF))
def list_sessions(caller: Oneself, service: ServiceHere) -> models.SessionList:
    """One's own open sessions."""
    found = service.access.sessions.of(caller.officer or "", service.unix_now())
    names = models.OpenSession.model_fields
    return models.SessionList(
        sessions=[models.OpenSession(**{name: getattr(one, name) for name in names}) for one in found]
    )


@router.delete("/sessions", operation_id="end_sessions", openapi_extra=opened_by(Permission.SELF))
def end_sessions(request: Request, caller: Oneself, service: ServiceHere) -> models.EndedSessions:
    """End every one of one's own sessions, this one too."""
    ended = service.access.sessions.end_own(caller.officer or "", address_of(request), service.unix_now())
    return models.EndedSessions(ended=ended)


@router.post(
    "/session/second-factor",
    operation_id="propose_second_factor",
    status_code=201,
    openapi_extra=opened_by(Permission.SELF),
)
def propose_second_factor(session: OwnSession, service: ServiceHere) -> models.SeedModel:
    """A seed for the telephone, shown once; a seed that was not confirmed is replaced."""
    seed, address = service.access.logins.propose_second_factor(session)
    return models.SeedModel(seed=seed, address=address)


@router.put("/session/second-factor", operation_id="confirm_second_factor", openapi_extra=opened_by(Permission.SELF))
def confirm_second_factor(
    given: models.Code, session: OwnSession, service: ServiceHere, response: Response
) -> models.SessionModel:
    """Show that the telephone has the seed: a new session takes the place of this one."""
    made = service.access.logins.confirm_second_factor(session, given.code, service.unix_now())
    return _shown(service, response, *made)


@router.put("/session/password", operation_id="change_password", openapi_extra=opened_by(Permission.SELF))
def change_password(
    given: models.PasswordChange, session: OwnSession, service: ServiceHere, response: Response
) -> models.SessionModel:
    """Change the password: every other session ends, and this one is replaced."""
    made = service.access.logins.change_password(session, given.old, given.new, service.unix_now())
    return _shown(service, response, *made)


def _shown(service: Service, response: Response, token: str, session: Session) -> models.SessionModel:
    """Give the browser its new cookie, and tell where one stands."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")
    return _standing(service, caller_of(session, service.known()), session)


def _standing(service: Service, caller: Caller, session: Session | None) -> models.SessionModel:
    roles = caller.authority.roles.get(caller.officer or "", ())
    return models.SessionModel(
        officer=caller.name,
        way=caller.way,
        stage="full" if session is None else session.stage,
        roles=sorted({_named(*held) for held in roles}),
        permissions=[one.value for one in Permission if caller.where(one) is None or caller.where(one)],
        townships=sorted(frozenset().union(*caller.near(Permission.BOOKS).values())),
        csrf=None if session is None else service.access.sessions.form_token(session),
        ends_at=None if session is None else unix_text(session.ends_at),
    )


def _named(role: str, entity: str, scope: str | None) -> str:
    """A role as it is told: for which entity, and for which township only."""
    told = role if entity == EVERYWHERE else f"{role}@{entity}"
    return told if scope is None else f"{told}({scope})"
