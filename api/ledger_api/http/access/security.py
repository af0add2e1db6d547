"""What the security administrator looks after: `/v1/read-keys`, `/v1/logins`; and `/v1/duties`, for three people."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Response
from sqlalchemy import Connection

from ledger.errors import InputError, RefusedError
from ledger_api.access.duties import administers, duties_in
from ledger_api.access.logins import FirstPassword
from ledger_api.access.reading_keys import ReadingKey, Wanted
from ledger_api.http.access import models
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import BodyHere, Door, ServiceHere, opened_by
from ledger_api.http.models import json_values
from ledger_api.http.problems import RESPONSES
from ledger_api.http.safeguards.idempotency import REPLAY_HEADERS, Keyed, once
from ledger_api.http.safeguards.preconditions import ETAG_HEADER, IfMatch, require_state, say_state
from ledger_api.http.service import Service

router: Final = APIRouter(tags=["access"], responses=RESPONSES)

Guard = Annotated[Caller, Depends(Door(Permission.ACCESS))]
Anybody = Annotated[Caller, Depends(Door(Permission.DUTIES))]
OfficerHere = Annotated[str, Path(max_length=80, description="Whose login")]


@router.post(
    "/read-keys",
    operation_id="make_read_key",
    status_code=201,
    response_model=models.ReadKeyModel,
    responses={201: {"headers": REPLAY_HEADERS}},
    openapi_extra=opened_by(Permission.ACCESS),
)
def make_read_key(
    given: models.ReadKeyWanted, caller: Guard, service: ServiceHere, body: BodyHere, key: Keyed
) -> Response:
    """Make a read-only key. It is shown in this answer only: hand it over, and keep no copy."""
    wanted = Wanted(given.label, given.permissions, given.entities, given.addresses, given.days)
    wanted.check(sorted(caller.authority.entities))

    def work(connection: Connection) -> tuple[int, models.ReadKeyModel]:
        shown, made = service.access.reading_keys.make(connection, wanted, caller.name, service.unix_now())
        return 201, _told(made, shown)

    return once(service, caller, key, body, work)


@router.get("/read-keys", operation_id="list_read_keys", openapi_extra=opened_by(Permission.ACCESS))
def list_read_keys(caller: Guard, service: ServiceHere) -> models.ReadKeyList:  # noqa: ARG001 - its door
    """Every read-only key, with its last use."""
    return models.ReadKeyList(keys=[_told(one) for one in service.access.reading_keys.all()])


@router.delete("/read-keys/{read_key}", operation_id="revoke_read_key", openapi_extra=opened_by(Permission.ACCESS))
def revoke_read_key(
    read_key: Annotated[str, Path(max_length=32, description="The key's id")],
    caller: Guard,
    service: ServiceHere,
) -> models.ReadKeyModel:
    """Revoke a read-only key: it opens nothing from now on."""
    return _told(service.access.reading_keys.revoke(read_key, caller.name, service.unix_now()))


@router.get("/logins", operation_id="list_logins", openapi_extra=opened_by(Permission.ACCESS))
def list_logins(caller: Guard, service: ServiceHere) -> models.LoginList:  # noqa: ARG001 - its door
    """Who has a login, and whether it is locked."""
    found = service.access.logins.states()
    return models.LoginList(logins=[models.LoginModel(**one._asdict()) for one in found])


@router.post(
    "/logins",
    operation_id="give_login",
    status_code=201,
    response_model=models.LoginGiven,
    responses={201: {"headers": REPLAY_HEADERS}},
    openapi_extra=opened_by(Permission.ACCESS),
)
def give_login(given: models.LoginWanted, caller: Guard, service: ServiceHere, body: BodyHere, key: Keyed) -> Response:
    """Give a person a login. Its first password is shown in this answer only; hand it over in person."""
    if given.officer not in caller.authority.officers:
        raise InputError("E_OFFICER_UNKNOWN", officer=given.officer)
    return _with_password(service, caller, (key, body), given.officer, service.access.logins.make)


@router.post(
    "/logins/{officer}/reset",
    operation_id="reset_login",
    status_code=201,
    response_model=models.LoginGiven,
    responses={201: {"headers": REPLAY_HEADERS}},
    openapi_extra=opened_by(Permission.ACCESS),
)
def reset_login(officer: OfficerHere, caller: Guard, service: ServiceHere, body: BodyHere, key: Keyed) -> Response:
    """A new first password, no second factor; every session of the person ends.

    Nobody resets the own login, for then a stolen session would be as good as the telephone; and nobody that of another
    administration or administrator, for then three would be one. All of them the operator does on the machine itself.
    """
    return _with_password(service, caller, (key, body), officer, service.access.logins.reset)


@router.put("/logins/{officer}/lock", operation_id="lock_login", openapi_extra=opened_by(Permission.ACCESS))
def lock_login(
    given: models.Lock,
    officer: OfficerHere,
    caller: Guard,
    service: ServiceHere,
) -> models.LoginModel:
    """Lock a login, so that every session of the person ends at once, or let the person in again.

    Nobody locks or unlocks the own login, nor that of another administration or administrator: whoever is watched could
    keep the others out. All of them the operator does on the machine itself.
    """
    service.access.logins.lock(
        officer,
        caller.name,
        service.unix_now(),
        locked=given.locked,
        guard=lambda connection: _require_others(connection, caller, officer),
    )
    found = next(one for one in service.access.logins.states() if one.officer == officer)
    return models.LoginModel(**found._asdict())


@router.get(
    "/duties",
    operation_id="list_duties",
    responses={200: {"headers": ETAG_HEADER}},
    openapi_extra=opened_by(Permission.DUTIES),
)
def list_duties(caller: Anybody, service: ServiceHere, response: Response) -> models.DutyList:  # noqa: ARG001 - its door
    """Who administers system, security and audit: everybody who works here may know."""
    found = service.access.duties.listed()
    say_state(response, [list(one) for one in found])
    return models.DutyList(duties=[models.DutyModel(**one._asdict()) for one in found])


@router.post(
    "/duties",
    operation_id="propose_duty",
    status_code=201,
    response_model=models.DutyModel,
    responses={201: {"headers": REPLAY_HEADERS}},
    openapi_extra=opened_by(Permission.DUTIES),
)
def propose_duty(
    given: models.DutyWanted,
    caller: Anybody,
    service: ServiceHere,
    body: BodyHere,
    key: Keyed,
    if_match: IfMatch = None,
) -> Response:
    """Propose a person for a duty, or agree to what another administrator proposed: two of them name one.

    Each signs the request with the own key; a session names nobody, for a login can be given out by somebody else.
    """

    def work(connection: Connection) -> tuple[int, models.DutyModel]:
        require_state(if_match, [list(one) for one in service.access.duties.listed_in(connection)])
        named = service.access.duties.propose(
            connection,
            caller.authority,
            given.duty,
            given.officer,
            caller.name,
            service.unix_now(),
            signed=caller.way == "signature",
        )
        return 201, models.DutyModel(**named._asdict())

    return once(service, caller, key, body, work)


Give = Callable[[Connection, str, FirstPassword, str, int], None]


def _with_password(service: Service, caller: Caller, sent: tuple[str, bytes], officer: str, give: Give) -> Response:
    """A login given out or reset, once for each request `sent` (key, body). Raises what `_require_others` raises."""
    _require_not_own(caller, officer)
    first: list[FirstPassword] = []

    def work(connection: Connection) -> tuple[int, models.LoginGiven]:
        _require_others(connection, caller, officer)
        give(connection, officer, first[0], caller.name, service.unix_now())
        return 201, models.LoginGiven(officer=officer, password=first[0].shown)

    return once(service, caller, *sent, work, before=lambda: first.append(FirstPassword.new()))


def _require_not_own(caller: Caller, officer: str) -> None:
    if officer == caller.officer:
        raise RefusedError("E_LOGIN_OWN", officer=officer)


def _require_others(connection: Connection, caller: Caller, officer: str) -> None:
    """That a login is one that the security administrator looks after. RefusedError E_LOGIN_OWN, E_LOGIN_DUTY,
    E_LOGIN_ADMINISTRATOR.
    """
    _require_not_own(caller, officer)
    held = next((duty for duty, person in duties_in(connection).items() if person == officer), None)
    if held is not None:
        raise RefusedError("E_LOGIN_DUTY", officer=officer, duty=held)
    if administers(caller.authority, officer):
        raise RefusedError("E_LOGIN_ADMINISTRATOR", officer=officer)


def _told(one: ReadingKey, shown: str | None = None) -> models.ReadKeyModel:
    return models.ReadKeyModel.model_validate(json_values(asdict(one)) | {"key": shown})
