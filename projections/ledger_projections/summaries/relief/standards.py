"""Y2 救助标准: every standard in force in the months, from which month, by which document, and the one before it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection

from ledger.flows.public_money.entitlement.programmes import StandardSet
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import standing
from ledger_projections.summaries.programmes import Programme, ordered, programmes
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of

Y2: Final = columns(
    ("programme", "text"),
    ("category", "text"),
    ("standard_fen", "fen_each"),
    ("effective_from", "text"),
    ("decided_on", "day"),
    ("document", "text"),
    ("before_fen", "fen_each"),
    ("risen_fen", "fen_each"),
)


def standards(connection: Connection, asked: Asked) -> Table:
    """Y2: a row a standard of a programme and category, in the order in which they took effect."""
    position = log_moment(connection, asked.as_of, asked.at).position
    known = programmes(connection, asked, position)
    found: defaultdict[tuple[str, str], defaultdict[str, list[StandardSet]]] = defaultdict(lambda: defaultdict(list))
    for item in standing(connection, ("standard.set",), position, asked.as_of):
        event = item.event
        if isinstance(event, StandardSet) and asked.wants(item.entity) and event.effective_from <= asked.last:
            found[item.entity, event.programme][event.category].append(event)
    rows: list[Row] = []
    for one in ordered(known, found, asked):
        for category, sets in sorted(found[one.entity, one.programme].items()):
            rows += _rows(one, category, sorted(sets, key=lambda event: event.effective_from), asked)
    scopes = (Said("table.scope.standards", {"first": asked.first, "last": asked.last}),)
    return table_of("Y2", asked, position, Y2, rows, scopes)


def _rows(one: Programme, category: str, sets: Sequence[StandardSet], asked: Asked) -> Iterable[Row]:
    """Those in force in the months: each that took effect in them, and the last one before."""
    for place, event in enumerate(sets):
        later = sets[place + 1].effective_from if place + 1 < len(sets) else None
        if later is not None and later <= asked.first:
            continue
        before = sets[place - 1].amount_fen_per_month if place else None
        values: dict[str, Value] = {
            "programme": one.name,
            "category": category,
            "standard_fen": event.amount_fen_per_month,
            "effective_from": event.effective_from,
            "decided_on": event.decided_on,
            "document": event.document,
            "before_fen": before,
            "risen_fen": None if before is None else event.amount_fen_per_month - before,
        }
        yield row_of(Y2, values, (one.tag, f"document:{event.document}"))
