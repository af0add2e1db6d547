"""Recorded events of a few kinds as they stood: by a position, and counted up to a business date."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from sqlalchemy import Connection

from ledger.decisions.judging import business_day
from ledger.flows.knowledge import Recorded
from ledger_projections.keeping.items import items_at, items_between, reversals_of


def posted_on(item: Recorded) -> date:
    """The day that a posting of an event counts for (业务日期)."""
    return business_day(item.event, item.voucher_date)


def standing(
    connection: Connection,
    kinds: Iterable[str],
    position: int,
    until: date | None = None,
    day_of: Callable[[Recorded], date] = posted_on,
) -> list[Recorded]:
    """The events of some kinds up to a position and (None: without end) a day, in position order; `day_of` tells the
    day of one, which is its business date where nothing else is said.

    What was taken back by then is left out; what was taken back by a later voucher still stood on that date.
    """
    found = items_between(connection, 1, position, kinds)
    if until is not None:
        found = [item for item in found if day_of(item) <= until]
    return stood(connection, found, position, until)


def stood(connection: Connection, found: Sequence[Recorded], position: int, until: date | None) -> list[Recorded]:
    """Those of some events that had not been taken back by a position and (None: without end) a day."""
    gone = reversals_of(connection, [item.event.id for item in found], position)
    late = _later(connection, gone.values(), until)
    return [item for item in found if item.event.id not in gone or gone[item.event.id] in late]


def turned(
    connection: Connection, kinds: Iterable[str], position: int, until: date
) -> list[tuple[Recorded, date, int]]:
    """Every event of some kinds up to a position with the day that it counts for, up to that day, and 1; and again with
    -1 and the day of its reversal, where it was taken back by then: what the books hold, flow by flow.
    """
    found = [item for item in items_between(connection, 1, position, kinds) if posted_on(item) <= until]
    gone = reversals_of(connection, [item.event.id for item in found], position)
    days = {item.position: posted_on(item) for item in items_at(connection, gone.values())}
    counted = [(item, posted_on(item), 1) for item in found]
    back = [(item, days[gone[item.event.id]], -1) for item in found if item.event.id in gone]
    return [*counted, *((item, day, sign) for item, day, sign in back if day <= until)]


def turned_over(
    connection: Connection, kinds: Iterable[str], position: int, until: date, begin: date
) -> list[tuple[Recorded, date, int]]:
    """As `turned`, in the order of the days, for a span that begins on a day: what came and was taken back on the same
    side of that day is left out, for it moved nothing there.
    """
    found = turned(connection, kinds, position, until)
    back = {item.position: day for item, day, sign in found if sign < 0}
    kept = [
        (item, day, sign)
        for item, day, sign in found
        if item.position not in back or (posted_on(item) < begin <= back[item.position])
    ]
    return sorted(kept, key=lambda one: one[1])


def carried_forward(connection: Connection, position: int) -> set[int]:
    """The positions of the entries that empty a year's income and cost into net assets, and of what took them back: no
    income and no cost of any year.
    """
    found = items_between(connection, 1, position, ("period.carried_forward",))
    back = reversals_of(connection, [item.event.id for item in found], position)
    return {*(item.position for item in found), *back.values()}


def _later(connection: Connection, places: Iterable[int], until: date | None) -> set[int]:
    """Those of some reversals that are dated after a day."""
    if until is None:
        return set()
    items = items_at(connection, places)
    return {item.position for item in items if posted_on(item) > until}
