"""What moved in the funds of an entity between two days, told by the kind of event that moved it.

A fund's means are its money, promised or not, and its goods, less money that waits to be identified. Every event that
changes them falls under one head; a reversal falls under the head of what it takes back. What belongs under none stands
under `other_fen`, so that opening and all heads together always make the closing. A cost whose money went out before,
as an advance that is cleared or a thing that wears, stands under its own head when it is booked, and under `other_fen`
the other way round.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from ledger.accounts.roles import MONEY, Role
from ledger.flows.books.reversal import EventReversed
from ledger.log.tables import events
from ledger_projections.books.balances import amounts, role_of
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import AnyRow, items_at, rows_where
from ledger_projections.summaries.charity.days import legs

MEANS: Final = MONEY | {Role.INVENTORY, Role.SUSPENSE}
HEADS: Final[Mapping[str, str]] = {
    "donation.received": "cash_gifts_fen",
    "donation.collective": "cash_gifts_fen",
    "box.opened": "cash_gifts_fen",
    "suspense.identified": "cash_gifts_fen",
    "in_kind.received": "goods_gifts_fen",
    "donation.returned": "gifts_returned_fen",
    "bank.interest": "other_income_fen",
    "deposit.matured": "other_income_fen",
    "in_kind.sold": "other_income_fen",
    "appropriation.received": "other_income_fen",
    "grant.disbursed": "granted_fen",
    "agency.transferred": "granted_fen",
    "in_kind.delivered": "granted_fen",
    "grant.unspent_returned": "unspent_returned_fen",
    "fund.allocated": "between_funds_fen",
    "fund.advanced": "between_funds_fen",
    "fund.advance_repaid": "between_funds_fen",
    "opening.recorded": "taken_over",
}
"""Kind of event -> head. The others are split by the cost that they book: management, fundraising, programme."""
_COSTS: Final = {
    Role.MANAGEMENT_COST: "management_fen",
    Role.FUNDRAISING_COST: "fundraising_fen",
    Role.PROGRAMME_COST: "granted_fen",
    Role.RELIEF_COST: "granted_fen",
    Role.OTHER_INCOME: "other_income_fen",
    Role.GOVERNMENT_GRANT: "other_income_fen",
}
_TOLD_ALREADY: Final = frozenset({*HEADS, "grant.use_reported", "period.carried_forward"})
"""Kinds that say nothing of costs where the means do not change: a grant stands under its head since it was paid, and
what is carried to net assets was told when it was booked.
"""
GIFTS: Final = ("cash_gifts_fen", "goods_gifts_fen", "gifts_returned_fen")
"""The heads of what was given, and of what went back to givers."""
OTHER: Final = "other_fen"
TAKEN_OVER: Final = "taken_over"
"""What a book that began within the days was opened with: it stands in the opening."""
NAMES: Final = (*dict.fromkeys(HEADS.values()), "management_fen", "fundraising_fen", OTHER)
"""Every head, in the order of the table's columns."""

Moves = Mapping[str, int]
"""Head -> fen by which the fund's means changed; what goes out is negative."""


def held(connection: Connection, moment: Moment, entity: str) -> dict[str, int]:
    """Fund -> the fen of its means at a moment, from the log's own balances."""
    found: defaultdict[str, int] = defaultdict(int)
    for key, fen in amounts(connection, moment):
        if key.entity == entity and key.book == "main" and role_of(key.chart, key.code) in MEANS:
            found[key.fund] += fen
    return dict(found)


def moves(connection: Connection, entity: str, first: date, last: date, position: int) -> dict[str, dict[str, int]]:
    """Fund -> head -> fen, of what an entity's vouchers moved from `first` to `last`."""
    by_event: defaultdict[tuple[int, str], list[AnyRow]] = defaultdict(list)
    for leg in legs(connection, entity, first, last, position):
        by_event[leg.position, leg.fund].append(leg)
    kinds = kinds_of(connection, {place for place, _ in by_event})
    found: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NAMES, 0))
    for (place, fund), mine in by_event.items():
        for head, fen in _heads(kinds[place], mine):
            found[fund][head] += fen
    return dict(found)


def _heads(kind: str, mine: Sequence[AnyRow]) -> Iterable[tuple[str, int]]:
    change = sum(leg.amount_fen for leg in mine if leg.role in MEANS)
    if not change and kind in _TOLD_ALREADY:
        return
    if kind in HEADS:
        yield HEADS[kind], change
        return
    for leg in mine:
        head = _COSTS.get(Role(leg.role))
        if head is not None:
            yield head, -leg.amount_fen
            change += leg.amount_fen
    yield OTHER, change


def kinds_of(connection: Connection, places: set[int]) -> dict[int, str]:
    """Position -> the kind of its event, or of the event that it takes back."""
    chosen = select(events.c.position, events.c.kind)
    kinds = {row.position: row.kind for row in rows_where(connection, chosen, events.c.position, sorted(places))}
    backwards = {place for place, kind in kinds.items() if kind == "event.reversed"}
    targets = {
        item.position: item.event.target_position
        for item in items_at(connection, backwards)
        if isinstance(item.event, EventReversed)
    }
    chosen_ones = rows_where(connection, chosen, events.c.position, sorted(set(targets.values())))
    of_targets = {row.position: row.kind for row in chosen_ones}
    return {**kinds, **{place: of_targets.get(target, "") for place, target in targets.items()}}
