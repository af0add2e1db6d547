"""Y7 物资收发存: every lot of goods that lay in the store or moved in the months, in its own unit and at its value.

Quantities come from the events, values from the ledger's account of goods; an empty lot must be worth nothing. Both are
flows: what was taken back counts on its day and goes back on the day of its reversal, under the head of what it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.giving.in_kind import LOT_KINDS, InKindOpened, InKindReceived, StockMove
from ledger.flows.naming import measured
from ledger_projections.books.balances import amounts, role_of
from ledger_projections.keeping.clocks import Moment, log_moment
from ledger_projections.keeping.standing import turned
from ledger_projections.summaries.charity.days import legs
from ledger_projections.summaries.charity.moves import kinds_of
from ledger_projections.summaries.entities import fund_names
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of, total_of, word

Y7: Final = columns(
    ("fund", "text"),
    ("goods", "text"),
    ("store", "text"),
    ("goods_unit", "text"),
    ("opening_quantity", "text"),
    ("opening_fen", "fen"),
    ("in_quantity", "text"),
    ("in_fen", "fen"),
    ("out_quantity", "text"),
    ("out_fen", "fen"),
    ("other_quantity", "text"),
    ("adjusted_fen", "fen"),
    ("closing_quantity", "text"),
    ("closing_fen", "fen"),
    ("expires_on", "day"),
)
_HEADS: Final[Mapping[str, str]] = {
    "in_kind.received": "in",
    "in_kind.opened": "opening",
    "opening.recorded": "opening",
    "in_kind.delivered": "out",
}
"""Kind -> the column that it moves; counting and selling are other."""

Key = tuple[str, str]
"""(entity, lot)."""


@dataclass(slots=True)
class _Lot:
    """A lot, what it is, and what moved of it."""

    fund: str
    said: InKindReceived | InKindOpened | None = None
    quantity: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    fen: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


def goods(connection: Connection, asked: Asked) -> Table:
    """Y7: a row a lot; quantities are texts, for each lot has its unit."""
    position = log_moment(connection, asked.until, asked.at).position
    lots: dict[Key, _Lot] = {}
    for item, day, sign in turned(connection, LOT_KINDS, position, asked.until):
        event = item.event
        if isinstance(event, StockMove) and asked.wants(item.entity):
            lot = lots.setdefault((item.entity, event.lot), _Lot(event.fund))
            if isinstance(event, InKindReceived | InKindOpened):
                lot.said = event if sign > 0 else lot.said
            lot.quantity[_head(event.kind, day, asked)] += sign * event.stock_change()
    _value(connection, asked, position, lots)
    names = fund_names(connection, asked, position)
    rows: list[Row] = []
    notes: list[Said] = []
    for (entity, name), lot in sorted(lots.items()):
        if not any((*lot.quantity.values(), *lot.fen.values())):
            continue
        rows.append(row_of(Y7, _values(lot, names.get((entity, lot.fund), lot.fund)), (f"lot:{name}",)))
        notes += _checks(lot)
    scopes = (Said("table.scope.days", asked.days), Said("table.scope.goods"))
    total = [total_of(Y7, rows, word("word", "total"))] if rows else []
    return table_of("Y7", asked, position, Y7, [*rows, *total], scopes, notes)


def _head(kind: str, on: date, asked: Asked) -> str:
    return "opening" if on < asked.begin else _HEADS.get(kind, "other")


def _value(connection: Connection, asked: Asked, position: int, lots: Mapping[Key, _Lot]) -> None:
    """What the ledger's account of goods says of each lot: its balance before the days, and what moved in them."""
    for key, fen in amounts(connection, Moment(position, asked.begin - timedelta(days=1))):
        lot = lots.get((key.entity, key.party))
        if lot is not None and key.book == "main" and role_of(key.chart, key.code) == Role.INVENTORY:
            lot.fen["opening"] += fen
    for entity in sorted({entity for entity, _ in lots}):
        found = legs(connection, entity, asked.begin, asked.until, position, (Role.INVENTORY,))
        kinds = kinds_of(connection, {leg.position for leg in found})
        for leg in found:
            lot = lots.get((entity, leg.party))
            if lot is not None:
                lot.fen[_HEADS.get(kinds[leg.position], "other")] += leg.amount_fen


def _values(lot: _Lot, fund: str) -> dict[str, Value]:
    scale = 0 if lot.said is None else lot.said.scale
    quantity, fen = lot.quantity, lot.fen
    return {
        "fund": fund,
        "goods": None if lot.said is None else lot.said.item,
        "store": None if lot.said is None else lot.said.store,
        "goods_unit": None if lot.said is None else lot.said.unit,
        "opening_quantity": _shown(quantity["opening"], scale),
        "opening_fen": fen["opening"],
        "in_quantity": _shown(quantity["in"], scale),
        "in_fen": fen["in"],
        "out_quantity": _shown(-quantity["out"], scale),
        "out_fen": -fen["out"],
        "other_quantity": _shown(quantity["other"], scale),
        "adjusted_fen": fen["other"],
        "closing_quantity": _shown(sum(quantity.values()), scale),
        "closing_fen": sum(fen.values()),
        "expires_on": "" if lot.said is None else lot.said.expires_on or "",
    }


def _shown(quantity: int, scale: int) -> str:
    """A quantity in its unit, with as many decimals as the lot has."""
    whole, rest = divmod(abs(quantity), 10**scale)
    sign = "-" if quantity < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{scale}d}" if scale else "")


def _checks(lot: _Lot) -> Iterable[Said]:
    """Lots of which more went out than came in, and empty lots that are worth something."""
    left, fen = sum(lot.quantity.values()), sum(lot.fen.values())
    if left < 0 or (left == 0 and fen):
        scale, unit, item = (0, "", "") if lot.said is None else (lot.said.scale, lot.said.unit, lot.said.item)
        yield Said("check.stock", {"lot": item, "quantity": measured(left, scale, unit), "left_fen": fen})
