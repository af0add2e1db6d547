"""The entities (会计主体) of a book and their funds, by name."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from ledger.flows.authority.entities import EntityRegistered, EntityRenamed
from ledger.log.tables import vouchers
from ledger_projections.books.balances import fund_balances
from ledger_projections.keeping.items import items_between
from ledger_projections.summaries.table import Asked


def entities(connection: Connection, asked: Asked, position: int, kinds: Collection[str] = ()) -> dict[str, str]:
    """Entity -> its name at a position: of the one that is asked for, else of those of some kinds (empty: all)."""
    found = items_between(connection, 1, position, ("entity.registered", "entity.renamed"))
    names: dict[str, str] = {}
    for event in (item.event for item in found):
        if (isinstance(event, EntityRegistered) and _wanted(event, asked, kinds)) or (
            isinstance(event, EntityRenamed) and event.entity in names
        ):
            names[event.entity] = event.name
    return dict(sorted(names.items()))


def acting(connection: Connection, position: int, names: Iterable[str]) -> frozenset[str]:
    """Those of some entities that had recorded anything by a position; each is found by the index of its numbers."""
    asked = {
        one: select(vouchers.c.number).where(vouchers.c.entity == one, vouchers.c.first_position <= position).limit(1)
        for one in names
    }
    return frozenset(one for one, any_of in asked.items() if connection.scalar(any_of) is not None)


def fund_names(connection: Connection, asked: Asked, position: int) -> dict[tuple[str, str], str]:
    """(entity, fund) -> its name at a position and on the last day that is asked for."""
    return {(row.entity, row.fund): row.name for row in fund_balances(connection, as_of=asked.until, at=position).rows}


def _wanted(event: EntityRegistered, asked: Asked, kinds: Collection[str]) -> bool:
    if asked.entity is not None:
        return event.entity == asked.entity
    return not kinds or event.entity_kind in kinds
