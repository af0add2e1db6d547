"""What a voucher's day allows: not in the future, in an open month, and nothing that posts before the books begin.

A close stands on what its month's lock saw: whatever was posted since for the month or one before it has to be seen
first. Source: 会计期间; 期初建账 (the opening holds whatever happened before its day).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ledger.decisions.authority import Authority
from ledger.decisions.model import Model, Posted, World
from ledger.flows.books.opening import OpeningRecorded, opening_need
from ledger.flows.books.periods import CALENDAR_KINDS, PeriodClosed
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Recorded
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.values.dates import Period

BOUNDED_SINCE: Final = 3
"""The edition of the rules since which openings and closes are asked for what lies before them."""

_PAGE: Final = 500
_UNDOING: Final = "event.reversed"


def day_findings(authority: Authority, model: Model, events: Sequence[Event]) -> Iterator[Finding]:
    """E_DATE_FUTURE and E_PERIOD_CLOSED. Locking, closing and reopening a month is dated in that very month."""
    entity, day = model.entity, model.voucher_date
    if day > model.today:
        yield Finding("E_DATE_FUTURE", -1, (("date", day.isoformat()), ("today", model.today.isoformat())))
    if not authority.month_open(entity, day) and not all(event.kind in CALENDAR_KINDS for event in events):
        yield Finding("E_PERIOD_CLOSED", -1, (("entity", entity), ("period", day.isoformat()[:7])))


def bounds_findings(
    world: World, model: Model, items: Sequence[Recorded], posted: Sequence[Sequence[Posted]]
) -> Iterator[Finding]:
    """E_BEFORE_OPENING for each event that posts before the entity's books begin, E_OPENING_LATE for an opening with
    postings before it that nobody took back, E_CLOSE_MOVED for a close whose month moved since its lock.
    """
    opening = _opening(model)
    for index, (item, legs) in enumerate(zip(items, posted, strict=True)):
        if isinstance(item.event, OpeningRecorded):
            yield from _late(world, model, index, item.position, item.event)
        elif isinstance(item.event, PeriodClosed):
            yield from _moved(world, index, item.position, item.event)
        elif legs and opening is not None and model.voucher_date < opening.on:
            told = {"date": model.voucher_date.isoformat(), "opened": opening.on.isoformat(), "entity": model.entity}
            yield Finding("E_BEFORE_OPENING", index, tuple(told.items()))


def _moved(world: World, index: int, position: int, event: PeriodClosed) -> Iterator[Finding]:
    after = Period.parse(event.period).next().first_day
    places = set(reading.posted_before(world.connection, event.entity, after, position, after=event.position))
    places |= {place for place in _fresh(world, event.entity, after) if event.position < place != position}
    if places:
        told = {"entity": event.entity, "period": event.period, "count": len(places), "position": min(places)}
        yield Finding("E_CLOSE_MOVED", index, tuple(told.items()))


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
    for place, item in sorted(_fresh(world, model.entity, opening.on).items()):
        if place != position:
            yield place, item.event


def _fresh(world: World, entity: str, day: date) -> dict[int, Recorded]:
    """What the batch posted of an entity before a day; a first of a month, so that the vouchers' days tell."""
    own = {place: item for place, item in world.posted.items() if item.entity == entity}
    return {place: item for place, item in own.items() if item.voucher_date < day}
