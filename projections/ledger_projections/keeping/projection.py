"""A projection: what each kind of event says in the tables of one read model, and the fold that writes a page of it.

A model is a set of pure functions from one event to lines or to amounts added to sums. It never looks at what was
written before, so pages of any size give the same rows, and a reversal is the same for every model: the lines of its
target end there, and its amounts are taken back.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, Table

from ledger.decisions.judging import business_day
from ledger.flows.books.reversal import EventReversed
from ledger.flows.event import Event
from ledger.flows.knowledge import Recorded
from ledger_projections.keeping.items import items_at
from ledger_projections.keeping.pages import Ending, Line, Page, Row, Sum
from ledger_projections.keeping.tables import OF_EVERY_LINE

__all__ = ["REVERSED", "Line", "Projection", "Sum"]

L = TypeVar("L", bound=Callable[[Any], Iterator[Line]])
S = TypeVar("S", bound=Callable[[Any], Iterator[Sum]])

REVERSED: Final = "event.reversed"


class Projection:
    """One read model. `version` rises when its fold or its tables change: the live rows are then folded again."""

    def __init__(self, name: str, *tables: Table, version: int = 1) -> None:
        self.name: Final = name
        self.tables: Final = tables
        self.version: Final = version
        self._lines: dict[str, Callable[[Any], Iterable[Line]]] = {}
        self._sums: dict[str, Callable[[Any], Iterable[Sum]]] = {}

    def lines_of(self, *classes: type[Event]) -> Callable[[L], L]:
        """Register the function that turns an event of one of these classes into lines."""

        def register(make: L) -> L:
            self._lines.update((_kind(cls), make) for cls in classes)
            return make

        return register

    def sums_of(self, *classes: type[Event]) -> Callable[[S], S]:
        """Register the function that turns an event of one of these classes into amounts added to sums."""

        def register(make: S) -> S:
            self._sums.update((_kind(cls), make) for cls in classes)
            return make

        return register

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that the model reads, besides reversals."""
        return frozenset((*self._lines, *self._sums))

    def fold(self, connection: Connection, items: Sequence[Recorded]) -> Page:
        """What recorded events (the model's kinds and reversals, in position order) come to, reduced to net changes.

        The connection is read, for the targets of reversals, and never written: the page writes itself.
        """
        reversals = [item for item in items if item.event.kind == REVERSED]
        places = [cast("EventReversed", item.event).target_position for item in reversals]
        targets = {item.position: item for item in items_at(connection, places, self.kinds)}
        page = Page()
        page.ended = {
            place: Ending(item.position, business_day(item.event, item.voucher_date))
            for place, item in zip(places, reversals, strict=True)
            if place in targets
        }
        first = items[0].position if items else 0
        for item in items:
            for row_table, row in self.rows(item, page.ended):
                page.lines[row_table].append(row)
            for change in self.changes(item):
                page.add(item.entity, change, 1)
        for place in page.ended:
            for change in self.changes(targets[place]):
                page.add(targets[place].entity, change, -1)
        page.ended = {place: ending for place, ending in page.ended.items() if place < first}
        return page

    def rows(self, item: Recorded, ended: Mapping[int, Ending]) -> Iterator[tuple[Table, Row]]:
        """The whole rows of an event's lines; `ended` says which positions were reversed."""
        make = self._lines.get(item.event.kind)
        if make is None:
            return
        ending = ended.get(item.position)
        day = business_day(item.event, item.voucher_date)
        for number, line in enumerate(make(item.event), 1):
            own = _own_values(line)
            yield (
                line.table,
                (
                    item.position,
                    number,
                    item.entity,
                    day.isoformat(),
                    None if ending is None else ending.at,
                    None if ending is None else ending.on.isoformat(),
                    *own,
                ),
            )

    def changes(self, item: Recorded) -> Iterable[Sum]:
        """What an event adds to sums."""
        make = self._sums.get(item.event.kind)
        return () if make is None else make(item.event)


def _kind(cls: type[Event]) -> str:
    return str(cls.model_fields["kind"].default)


def _own_values(line: Line) -> list[Any]:
    """The model's own columns in table order; KeyError or ValueError when the model leaves one out or invents one."""
    names = _own_names(line.table)
    if len(names) != len(line.values):
        raise ValueError(line.table.name, sorted(set(line.values) ^ set(names)))
    return [_stored(line.values[name]) for name in names]


@functools.cache
def _own_names(table: Table) -> tuple[str, ...]:
    return tuple(table.columns.keys()[len(OF_EVERY_LINE) :])


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
