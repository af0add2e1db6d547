"""Recorded events of a few kinds as they stood: by a position, and counted up to a business date."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from ledger.decisions.judging import business_day
from ledger.flows.knowledge import Recorded
from ledger_projections.keeping.items import items_at, items_between, reversals_of


def standing(connection: Connection, kinds: Iterable[str], position: int, until: date | None = None) -> list[Recorded]:
    """The events of some kinds up to a position and (None: without end) a business date, in position order.

    What was taken back by then is left out; what was taken back by a later voucher still stood on that date.
    """
    found = items_between(connection, 1, position, kinds)
    if until is not None:
        found = [item for item in found if business_day(item.event, item.voucher_date) <= until]
    gone = reversals_of(connection, [item.event.id for item in found], position)
    late = _later(connection, gone.values(), until)
    return [item for item in found if item.event.id not in gone or gone[item.event.id] in late]


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
    return {item.position for item in items if business_day(item.event, item.voucher_date) > until}
