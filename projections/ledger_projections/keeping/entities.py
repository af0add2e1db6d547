"""Whether a book knows an entity (会计主体): an answer about one that nobody registered would be an empty table. And
what its entities are called.
"""

from sqlalchemy import Connection

from ledger.decisions.model import BOOK
from ledger.flows.authority.entities import EntityRegistered, EntityRenamed, entity_need
from ledger.log import reading
from ledger_projections.keeping.items import items_at, items_between, reversals_of


def knows_entity(connection: Connection, entity: str, position: int) -> bool:
    """Whether an entity was registered by a position, and its registration not taken back by then.

    The book itself, to which what concerns all entities is posted, is always known.
    """
    if entity == BOOK:
        return True
    need = entity_need(entity)
    places = reading.tag_positions(connection, need.tag, ("entity.registered",))
    found = items_at(connection, [place for place in places if place <= position])
    gone = reversals_of(connection, [item.event.id for item in found], position)
    return any(item.event.id not in gone for item in found)


def entity_names(connection: Connection, position: int) -> dict[str, str]:
    """Entity -> its name at a position, of every entity that was registered."""
    names: dict[str, str] = {}
    for item in items_between(connection, 1, position, ("entity.registered", "entity.renamed")):
        if isinstance(item.event, EntityRegistered | EntityRenamed):
            names[item.event.entity] = item.event.name
    return dict(sorted(names.items()))
