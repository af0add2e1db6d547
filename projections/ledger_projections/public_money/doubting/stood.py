"""What doubts rest on as it stood at a moment of the two clocks, and where it was taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ledger.flows.knowledge import Need, Recorded
from ledger.log import reading
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import items_at, reversals_of
from ledger_projections.keeping.standing import posted_on


def dated(items: Iterable[Recorded], until: date | None) -> list[Recorded]:
    """Those whose business day had come by a day (None: all)."""
    return [item for item in items if until is None or posted_on(item) <= until]


def gone_at(connection: Connection, items: Iterable[Recorded], moment: Moment) -> dict[str, int]:
    """Event id -> where it was taken back, by the moment's two clocks."""
    gone = reversals_of(connection, [item.event.id for item in items], moment.position)
    if moment.as_of is None:
        return gone
    counted = {item.position for item in dated(items_at(connection, gone.values()), moment.as_of)}
    return {event: place for event, place in gone.items() if place in counted}


@dataclass(frozen=True, slots=True)
class Stood:
    """An event that doubts rest on, and where it was taken back (None: it stands)."""

    item: Recorded
    gone_at: int | None

    @property
    def position(self) -> int:
        """Where it was recorded."""
        return self.item.position

    @property
    def event(self) -> Any:
        """What was recorded."""
        return self.item.event


def stood_under(connection: Connection, needs: Iterable[Need], moment: Moment) -> Mapping[Need, Sequence[Stood]]:
    """Need -> what was recorded under it by a moment, in position order: a few queries for all of them."""
    found = reading.places_of(connection, needs)
    places = {place for part in found.values() for place in part if place <= moment.position}
    items = dated(items_at(connection, places), moment.as_of)
    gone = gone_at(connection, items, moment)
    stood = {one.position: Stood(one, gone.get(one.event.id)) for one in items}
    return {need: [stood[place] for place in sorted(part) if place in stood] for need, part in found.items()}
