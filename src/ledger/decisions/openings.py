"""What stands before an opening: nothing that posts, for the opening holds it already.

Source: 期初建账 (the balances of the first day are those of the old books, whatever happened before that day).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.decisions.model import Model, Posted, World
from ledger.flows.books.opening import OpeningRecorded, opening_need
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Recorded
from ledger.flows.registry import trusted_event
from ledger.log import reading

NOTHING_BEFORE_SINCE: Final = 3
"""The edition of the rules since which this is asked."""

_PAGE: Final = 500
_UNDOING: Final = "event.reversed"


def counted_twice(
    world: World, model: Model, items: Sequence[Recorded], posted: Sequence[Sequence[Posted]]
) -> Iterator[Finding]:
    """E_BEFORE_OPENING for each event that posts before the entity's books begin, E_OPENING_LATE for an opening with
    postings before it that nobody took back.
    """
    opening = _opening(model)
    for index, (item, legs) in enumerate(zip(items, posted, strict=True)):
        if isinstance(item.event, OpeningRecorded):
            yield from _late(world, model, index, item.position, item.event)
        elif legs and opening is not None and model.voucher_date < opening.on:
            told = {"date": model.voucher_date.isoformat(), "opened": opening.on.isoformat(), "entity": model.entity}
            yield Finding("E_BEFORE_OPENING", index, tuple(told.items()))


def _opening(model: Model) -> OpeningRecorded | None:
    """The opening of the voucher's entity, recorded before or in the voucher itself."""
    need = opening_need(model.entity)
    found = (item.event for item in model.history(need.tag, *need.kinds))
    return next((event for event in found if isinstance(event, OpeningRecorded)), None)


def _late(world: World, model: Model, index: int, position: int, opening: OpeningRecorded) -> Iterator[Finding]:
    earlier = dict(_before(world, model, position, opening))
    standing = [place for place, event in earlier.items() if event.kind != _UNDOING and not model.is_reversed(event.id)]
    if standing:
        told = {"entity": model.entity, "period": opening.period, "count": len(standing), "position": standing[0]}
        yield Finding("E_OPENING_LATE", index, tuple(told.items()))


def _before(world: World, model: Model, position: int, opening: OpeningRecorded) -> Iterator[tuple[int, Event]]:
    """What the entity posted for days before its opening: what the tables hold, then what this batch brought."""
    places = reading.posted_before(world.connection, model.entity, opening.on, position)
    for start in range(0, len(places), _PAGE):
        for row in reading.events_at(world.connection, places[start : start + _PAGE]):
            yield row.position, trusted_event(row.kind, row.data)
    for place, item in sorted(world.posted.items()):
        if place != position and item.entity == model.entity and item.voucher_date < opening.on:
            yield place, item.event
