"""`/v1/officers`, `/v1/keys`, `/v1/entities`, `/v1/policies`: who may act and by which rules, as the log has it.

Whether somebody could sign goes by the position (`at`): a right counts from where it was posted, and not before. With
`as_of` only those vouchers count that are dated by the day.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response

from ledger.decisions.authority import EVERYWHERE, Authority
from ledger.decisions.histories import STANDING, recorded
from ledger.log import reading
from ledger_api.asking import day_of
from ledger_api.http.access import people_models as models
from ledger_api.http.answers import HEADERS, AsOf, At, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.service import Service
from ledger_projections.keeping.standing import posted_on

router: Final = APIRouter(tags=["people"], responses=RESPONSES)

Reader = Annotated[Caller, Depends(Door(Permission.BOOKS))]


def _authority(service: Service, response: Response, as_of: str | None, at: str | None) -> Authority:
    """Who may act at the position that the answer's headers name, by what is dated up to a day."""
    until = day_of(as_of)
    with snapshot(service, response, at) as found:
        places = (place for place in reading.tag_positions(found.connection, STANDING) if place <= found.end)
        items = recorded(found.connection, reading.events_at(found.connection, places))
    authority = Authority()
    authority.learn(item for item in items if until is None or posted_on(item) <= until)
    return authority


@router.get(
    "/entities",
    operation_id="list_entities",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def list_entities(
    caller: Reader, service: ServiceHere, response: Response, as_of: AsOf = None, at: At = None
) -> models.EntityList:
    """Whose books are kept here, as far as the caller sees them."""
    found = _authority(service, response, as_of, at).entities
    rows = [
        models.EntityModel(
            entity=name, entity_kind=one.entity_kind, book_kind=one.book_kind, chart_family=one.chart_family
        )
        for name, one in sorted(found.items())
        if caller.sees(Permission.BOOKS, name)
    ]
    return models.EntityList(entities=rows)


@router.get(
    "/officers",
    operation_id="list_officers",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def list_officers(
    caller: Reader, service: ServiceHere, response: Response, as_of: AsOf = None, at: At = None
) -> models.OfficerList:
    """Who acts for the entities that the caller sees, in which roles."""
    found = _authority(service, response, as_of, at)
    rows = [
        models.OfficerModel(officer=officer, name=found.officers[officer], roles=_roles(found, caller, officer))
        for officer in _seen(found, caller)
    ]
    return models.OfficerList(officers=rows)


@router.get(
    "/keys",
    operation_id="list_keys",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def list_keys(
    caller: Reader, service: ServiceHere, response: Response, as_of: AsOf = None, at: At = None
) -> models.KeyList:
    """The keys of those officers, revoked ones too: what they signed stays signed."""
    found = _authority(service, response, as_of, at)
    seen = set(_seen(found, caller))
    rows = [
        models.KeyModel(
            keyid=keyid,
            key=one.public,
            officer=one.officer,
            revoked=one.revoked,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            machine_kinds=None if one.machine_kinds is None else list(one.machine_kinds),
        )
        for keyid, one in sorted(found.keys.items())
        if one.officer in seen
    ]
    return models.KeyList(keys=rows)


@router.get(
    "/policies",
    operation_id="list_policies",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def list_policies(
    caller: Reader, service: ServiceHere, response: Response, as_of: AsOf = None, at: At = None
) -> models.PolicyList:
    """Which kinds, above which amount, need whose approval."""
    found = _authority(service, response, as_of, at).policies
    rows = [
        models.PolicyModel(entity=None if name == EVERYWHERE else name, policy=policy)
        for name, policy in sorted(found.items())
        if name == EVERYWHERE or caller.sees(Permission.BOOKS, name)
    ]
    return models.PolicyList(policies=rows)


def _roles(found: Authority, caller: Caller, officer: str) -> list[models.RoleModel]:
    return [
        models.RoleModel(role=role, entity=None if entity == EVERYWHERE else entity, scope=scope)
        for role, entity, scope in sorted(found.roles.get(officer, ()), key=str)
        if entity == EVERYWHERE or caller.sees(Permission.BOOKS, entity)
    ]


def _seen(found: Authority, caller: Caller) -> list[str]:
    """Officers with a role at an entity that the caller sees; whoever sees all entities sees every officer."""
    everybody = caller.where(Permission.BOOKS) is None
    return [officer for officer in sorted(found.officers) if everybody or _roles(found, caller, officer)]
