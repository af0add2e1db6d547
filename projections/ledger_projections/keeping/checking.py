"""Comparing a read model with a fresh fold: the first difference, if any, by table, row and column.

The fresh fold is made in memory, page by page, beside the live rows, in one snapshot and without writing: a reader
may check, and nothing has to be stopped. It shows rows that somebody changed, added or took away, and a fold that lost
something; what the events themselves are worth, the verifiers say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, cast

from sqlalchemy import Connection, Table, select

from ledger.decisions.judging import business_day
from ledger.flows.books.reversal import EventReversed
from ledger.log.store import LogStore
from ledger_projections.keeping.folding import live_position
from ledger_projections.keeping.items import items_at, items_between
from ledger_projections.keeping.pages import Ending, Page, Row
from ledger_projections.keeping.projection import REVERSED, Projection

_PAGE: Final = 4_000


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the live rows depart from the fold: `live` and `fresh` are the values of `column`.

    For a row that is there on one side only, `column` is empty, and the other side is None.
    """

    table: str
    key: tuple[Any, ...]
    column: str
    live: Any
    fresh: Any


@dataclass(frozen=True, slots=True)
class Checked:
    """What a comparison looked at: rows up to `position`, and the first difference."""

    name: str
    position: int
    rows: int
    difference: Difference | None

    @property
    def holds(self) -> bool:
        """Whether the live rows are what the events say."""
        return self.difference is None


def check(store: LogStore, projection: Projection) -> Checked:
    """Compare a model with a fresh fold up to its own position. A model that was never folded has nothing to differ."""
    with store.read() as connection:
        position = live_position(connection, projection)
        if position is None:
            return Checked(projection.name, 0, 0, None)
        return _Fresh(connection, projection, position).compare()


class _Fresh:
    """One comparison in one snapshot."""

    def __init__(self, connection: Connection, projection: Projection, position: int) -> None:
        self._connection = connection
        self._projection = projection
        self._position = position
        self._rows = 0

    def compare(self) -> Checked:
        ended, page = self._reversals()
        live = {table: self._live(table) for table in self._projection.tables if "ended_at" in table.c}
        difference = self._lines(live, ended, page) or self._left_over(live) or self._sums(page)
        return Checked(self._projection.name, self._position, self._rows, difference)

    def _reversals(self) -> tuple[dict[int, Ending], Page]:
        """Which positions of the model's kinds were reversed; their amounts are taken back at once."""
        ended: dict[int, Ending] = {}
        for item in items_between(self._connection, 1, self._position, (REVERSED,)):
            place = cast("EventReversed", item.event).target_position
            ended[place] = Ending(item.position, business_day(item.event, item.voucher_date))
        page = Page()
        targets = items_at(self._connection, sorted(ended), self._projection.kinds)
        for target in targets:
            for change in self._projection.changes(target):
                page.add(target.entity, change, -1)
        return ended, page

    def _lines(
        self,
        live: Mapping[Table, Iterator[Row]],
        ended: Mapping[int, Ending],
        page: Page,
    ) -> Difference | None:
        for first in range(1, self._position + 1, _PAGE):
            last = min(first + _PAGE - 1, self._position)
            for item in items_between(self._connection, first, last, self._projection.kinds):
                for change in self._projection.changes(item):
                    page.add(item.entity, change, 1)
                for table, row in self._projection.rows(item, ended):
                    self._rows += 1
                    found = _compare(table, next(live[table], None), row, 2)
                    if found is not None:
                        return found
        return None

    def _left_over(self, live: Mapping[Table, Iterator[Row]]) -> Difference | None:
        for table, rows in live.items():
            extra = next(rows, None)
            if extra is not None:
                return _compare(table, extra, None, 2)
        return None

    def _sums(self, page: Page) -> Difference | None:
        for table in self._projection.tables:
            if "ended_at" in table.c:
                continue
            fresh = sorted((*key, *held) for key, held in page.sums.get(table, {}).items() if any(held))
            for live_row, row in zip_longest(self._live(table), fresh):
                self._rows += 1
                found = _compare(table, live_row, row, len(table.primary_key))
                if found is not None:
                    return found
        return None

    def _live(self, table: Table) -> Iterator[Row]:
        ordered = select(table).order_by(*table.primary_key)
        for row in self._connection.execute(ordered, execution_options={"yield_per": _PAGE}):
            yield tuple(value.isoformat() if hasattr(value, "isoformat") else value for value in row)


def _compare(table: Table, live: Row | None, fresh: Row | None, key_length: int) -> Difference | None:
    """The first column in which two rows differ; a row that is missing on one side is named by the other's key."""
    if live is None or (fresh is not None and fresh[:key_length] < live[:key_length]):
        return None if fresh is None else Difference(table.name, fresh[:key_length], "", None, list(fresh))
    if fresh is None or live[:key_length] < fresh[:key_length]:
        return Difference(table.name, live[:key_length], "", list(live), None)
    for name, one, other in zip(table.columns.keys(), live, fresh, strict=True):
        if one != other:
            return Difference(table.name, live[:key_length], name, one, other)
    return None
