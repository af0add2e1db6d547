"""Whether a book knows an entity (会计主体): an answer about one that nobody registered would be an empty table."""

from sqlalchemy import Connection

from ledger.decisions.model import BOOK
from ledger.flows.authority.entities import entity_need
from ledger.log import reading
from ledger_projections.keeping.items import items_at, reversals_of


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
