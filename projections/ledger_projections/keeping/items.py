"""Recorded events as a fold takes them: parsed once, with the entity and date of their vouchers.

A page is a range of positions, so that a model that reads few kinds skips what lies between at the cost of an index
probe.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select

from ledger.errors import EvidenceError
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.log.tables import events, vouchers

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of any statement; its columns are read by name."""

_CHUNK: Final = 5_000
"""How many values one statement is given; both databases take at least six times as many."""


def items_between(connection: Connection, first: int, last: int, kinds: Iterable[str]) -> list[Recorded]:
    """Events of some kinds at positions first..last, in position order."""
    chosen = and_(events.c.position.between(first, last), events.c.kind.in_(sorted(kinds)))
    return _items(connection, connection.execute(_events().where(chosen)))


def items_at(connection: Connection, positions: Iterable[int], kinds: Iterable[str] = ()) -> list[Recorded]:
    """Events at these positions, of some kinds (empty: any), in position order."""
    chosen = _events()
    if kinds := sorted(kinds):
        chosen = chosen.where(events.c.kind.in_(kinds))
    return _items(connection, rows_where(connection, chosen, events.c.position, sorted(set(positions))))


def reversals_of(connection: Connection, ids: Iterable[str], position: int) -> dict[str, int]:
    """Event id -> the position of its reversal, of those recorded by then."""
    needs = {event_id: Need(f"event:{event_id}", ("event.reversed",)) for event_id in ids}
    found = reading.history(connection, list(needs.values()))
    return {
        event_id: row.position for event_id, need in needs.items() for row in found[need] if row.position <= position
    }


def rows_where(
    connection: Connection,
    statement: Select[Any],
    column: ColumnElement[Any],
    values: Sequence[Any],
) -> Iterator[Any]:
    """The rows of a statement whose column has one of these values; as many queries as the list is long."""
    for start in range(0, len(values), _CHUNK):
        for part in connection.execute(statement.where(column.in_(values[start : start + _CHUNK]))).partitions(_CHUNK):
            yield from part  # many rows at once cost a fraction of as many single ones


def _events() -> Select[Any]:
    number = (
        select(vouchers.c.number)
        .where(vouchers.c.first_position <= events.c.position)
        .order_by(vouchers.c.first_position.desc())
        .limit(1)
        .correlate(events)
        .scalar_subquery()
    )
    columns = (events.c.position, events.c.kind, events.c.data, number.label("number"))
    return select(*columns).order_by(events.c.position)


def _items(connection: Connection, rows: Iterable[Any]) -> list[Recorded]:
    found = list(rows)
    columns = select(vouchers.c.number, vouchers.c.entity, vouchers.c.voucher_date)
    numbers = sorted({row.number for row in found if row.number is not None})
    owners = {row[0]: (row[1], row[2]) for row in rows_where(connection, columns, vouchers.c.number, numbers)}
    return [
        Recorded(row.position, trusted_event(row.kind, row.data), *_owner(owners, row), row.number) for row in found
    ]


def _owner(owners: dict[int, tuple[Any, Any]], row: Any) -> tuple[Any, Any]:
    if row.number not in owners:
        raise EvidenceError("E_BARE_EVENT", number=row.position)
    return owners[row.number]
