"""Y2 救助标准: every standard in force in the months, from which month, by which document, beside the one before it and
that of the year before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from ledger.flows.public_money.entitlement.programmes import StandardSet
from ledger.values.money import fen_to_yuan
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import standing
from ledger_projections.summaries.programmes import Programme, absent, ordered, programmes
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of

Y2: Final = columns(
    ("programme", "text"),
    ("category", "text"),
    ("standard_fen", "fen_each"),
    ("tiers", "text"),
    ("effective_from", "text"),
    ("decided_on", "day"),
    ("document", "text"),
    ("before_fen", "fen_each"),
    ("risen_fen", "fen_each"),
    ("last_year_fen", "fen_each"),
    ("year_risen_fen", "fen_each"),
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
    last_year = f"{asked.year - 1:04d}-12"
    scopes = (Said("table.scope.standards", {"first": asked.first, "last": asked.last, "last_year": last_year}),)
    shown = ordered(known, known, asked)
    without = tuple(
        one.label for one in shown if not one.is_once and not _holds(found.get((one.entity, one.programme)), asked.last)
    )
    notes = [*([Said("table.note.no_standard", {"programmes": without})] if without else []), *absent(shown)]
    return table_of("Y2", asked, position, Y2, rows, scopes, notes)


def _holds(found: Mapping[str, Sequence[StandardSet]] | None, month: str) -> bool:
    """Whether any category of a programme has a standard in force in a month."""
    return found is not None and any(_in_force(sets, month) is not None for sets in found.values())


def _in_force(sets: Sequence[StandardSet], month: str) -> StandardSet | None:
    """The standard of a month: the one that took effect last by it."""
    return max((one for one in sets if one.effective_from <= month), key=lambda one: one.effective_from, default=None)


def _rows(one: Programme, category: str, sets: Sequence[StandardSet], asked: Asked) -> Iterable[Row]:
    """Those in force in the months: each that took effect in them, and the last one before."""
    for place, event in enumerate(sets):
        later = sets[place + 1].effective_from if place + 1 < len(sets) else None
        if later is not None and later <= asked.first:
            continue
        before = sets[place - 1].amount_fen_per_month if place else None
        year_before = _in_force(sets, f"{asked.year - 1:04d}-12")
        last_year = None if year_before is None else year_before.amount_fen_per_month
        values: dict[str, Value] = {
            "programme": one.name,
            "category": category,
            "standard_fen": event.amount_fen_per_month,
            "tiers": "、".join(fen_to_yuan(fen) for fen in event.tiers_fen),
            "effective_from": event.effective_from,
            "decided_on": event.decided_on,
            "document": event.document,
            "before_fen": before,
            "risen_fen": None if before is None else event.amount_fen_per_month - before,
            "last_year_fen": last_year,
            "year_risen_fen": None if last_year is None else event.amount_fen_per_month - last_year,
        }
        yield row_of(Y2, values, (one.tag, f"document:{event.document}"), whose=one.whose)
