"""`/v1/people` and `/v1/access-log`: persons of the vault, and who read them.

A reading is written down in the transaction that opens the fields: where it cannot be written, nothing is shown.
"""

from collections.abc import Collection
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy import Connection, func, select

from ledger.errors import AuthorityError, NotFoundError
from ledger.log.side_tables import access_log
from ledger.signing import base64_text
from ledger.vault.trail import MAX_PURPOSE_CHARS, note, stated_purpose
from ledger_api.access import persons
from ledger_api.http.access import people_models as models
from ledger_api.http.access.masks import masked
from ledger_api.http.answers import CursorAsked, Limit
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.cursors import Place
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_projections.keeping.townships import Townships

router: Final = APIRouter(tags=["people"], responses=RESPONSES)

MASKED: Final = "identity.masked"
"""The action of a reading without a purpose."""

PeopleReader = Annotated[Caller, Depends(Door(Permission.PEOPLE, parted=True))]
Watcher = Annotated[Caller, Depends(Door(Permission.TRAIL))]


@router.get("/people/{reference}", operation_id="read_person", openapi_extra=opened_by(Permission.PEOPLE, parted=True))
def read_person(
    reference: Annotated[str, Path(max_length=80, description="编号。 The reference that events carry.")],
    caller: PeopleReader,
    service: ServiceHere,
    purpose: Annotated[
        str | None,
        Query(max_length=MAX_PURPOSE_CHARS, description="查阅事由,会留下记录;不写则只显示遮盖后的内容。 What for."),
    ] = None,
) -> models.PersonModel:
    """A person's fields. With a purpose they are shown as they are, without one masked; both are written down. Whoever
    holds a role for some townships only reads whom they have enrolled.
    """
    why = None if purpose is None or not purpose.strip() else stated_purpose(purpose)
    vault, now = service.book.vault, service.now()
    with service.store.write(beside=True) as connection:
        entities = persons.entities_of(connection, reference)
        if not any(caller.sees(Permission.PEOPLE, entity) for entity in entities):
            _require_near(connection, caller, reference, entities)
        persons.require_unrestricted(connection, reference, lambda: _inspects(caller, entities))
        if why is not None:
            shown = [
                models.FieldModel(
                    name=one.name,
                    value=one.value,
                    commitment=one.commitment,
                    commitment_key=base64_text.encode(one.commitment_key),
                )
                for one in vault.show(connection, reference, caller.name, why, now)
            ]
            return models.PersonModel(reference=reference, masked=False, fields=shown)
        fields = vault.opened(connection, [reference]).get(reference)
        if not fields:
            raise NotFoundError("E_IDENTITY_UNKNOWN", reference=reference)
        note(connection, now, caller.name, MASKED, reference)
        committed = vault.commitments(connection, [reference])[reference]
    hidden = [
        models.FieldModel(name=name, value=masked(name, value), commitment=committed[name])
        for name, value in sorted(fields.items())
    ]
    return models.PersonModel(reference=reference, masked=True, fields=hidden)


def _require_near(connection: Connection, caller: Caller, reference: str, entities: Collection[str]) -> None:
    """Whoever sees some townships only is answered the same of everybody else, AuthorityError E_TOWNSHIP_PERSON; others
    E_IDENTITY_UNKNOWN.
    """
    near = caller.near(Permission.PEOPLE)
    if not near:
        raise NotFoundError("E_IDENTITY_UNKNOWN", reference=reference)
    names = [caller.townships(Permission.PEOPLE, entity) for entity in sorted(entities)]
    within = frozenset().union(*(one for one in names if one is not None))
    if not within or not Townships(connection, within).has_person(reference):
        told = "、".join(sorted(frozenset().union(*near.values())))
        raise AuthorityError("E_TOWNSHIP_PERSON", caller=caller.name, reference=reference, townships=told)


def _inspects(caller: Caller, entities: Collection[str]) -> bool:
    """Whether the caller comes to inspect: an auditor of one of the entities."""
    officer = caller.officer or ""
    return any(caller.authority.holds(officer, role, entity) for role in persons.INSPECTORS for entity in entities)


@router.get("/access-log", operation_id="list_access", openapi_extra=opened_by(Permission.TRAIL))
def list_access(
    caller: Watcher,  # noqa: ARG001 - its door
    service: ServiceHere,
    actor: Annotated[str | None, Query(max_length=80, description="Of one person or key only")] = None,
    subject: Annotated[str | None, Query(max_length=80, description="About one reference only")] = None,
    limit: Limit = 100,
    cursor: CursorAsked = None,
) -> models.AccessPage:
    """Who read or erased what, in the order of the rows; what is written while one reads is not in the list."""
    asked = {"list": "access", "actor": actor, "subject": subject}
    with service.store.read() as connection:
        newest = connection.scalar(select(func.max(access_log.c.id))) or 0
        place = Place(0, newest) if cursor is None else service.cursors.read(cursor, asked)
        chosen = select(access_log).where(access_log.c.id > place.after, access_log.c.id <= place.position)
        for column, wanted in ((access_log.c.actor, actor), (access_log.c.subject, subject)):
            if wanted is not None:
                chosen = chosen.where(column == wanted)
        rows = connection.execute(chosen.order_by(access_log.c.id).limit(limit)).all()
    more = service.cursors.write(Place(rows[-1].id, place.position), asked) if len(rows) == limit else None
    return models.AccessPage(rows=[models.AccessModel(**row._asdict()) for row in rows], next=more)
