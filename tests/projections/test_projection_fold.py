"""The fold of every read model, held to its promises on logs that no rule has seen: any page size gives the same rows,
a prefix reads as it was, a reversal leaves nothing, and a fresh fold finds whatever was changed behind its back.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Select, Table, delete, insert, select, text, update

from ledger.flows.event import Event
from ledger.log.columns import Day
from ledger.log.store import LogStore
from ledger_projections import registry
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.folding import catch_up
from ledger_projections.keeping.projection import Projection
from ledger_projections.keeping.tables import OF_EVERY_LINE
from tests.projections.plain_log import append, folder, reversal, rows_of, sample_of, written

SAMPLES = {name: sample_of(projection) for name, projection in registry.PROJECTIONS.items()}
EVERY_MODEL = pytest.mark.parametrize("name", sorted(registry.PROJECTIONS))
FEW = settings(max_examples=6)


def with_reversals(events: Sequence[Event], gone: Sequence[int]) -> list[Event]:
    """The events, then a reversal of each position in `gone`, in that order."""
    return [*events, *(reversal(events[place - 1], place) for place in gone)]


@st.composite
def logs(draw: st.DrawFn, name: str) -> tuple[list[Event], list[int]]:
    """Some events of a model in any order, and the positions that are reversed later."""
    events = draw(st.lists(st.sampled_from(SAMPLES[name]), min_size=1, max_size=12, unique_by=id))
    gone = draw(st.lists(st.integers(1, len(events)), max_size=4, unique=True))
    return events, gone


@EVERY_MODEL
@FEW
@given(data=st.data())
def test_any_page_size_gives_the_same_rows(name: str, data: st.DataObject) -> None:
    events, gone = data.draw(logs(name))
    projection = registry.PROJECTIONS[name]
    cut = data.draw(st.integers(0, len(events)))
    page = data.draw(st.integers(1, 5))
    with folder() as here:
        whole = written(here / "whole.db", with_reversals(events, gone))
        registry.catch_up(whole, [name])
        parts = written(here / "parts.db", events[:cut])
        catch_up(parts, [projection], page)
        append(parts, with_reversals(events, gone)[cut:])
        catch_up(parts, [projection], page)
        assert rows_of(parts, projection) == rows_of(whole, projection)
        assert registry.check(parts, name).holds
        before = rows_of(whole, projection)
        assert registry.rebuild(whole, name, page).position == len(events) + len(gone)
        assert rows_of(whole, projection) == before
        whole.close()
        parts.close()


@EVERY_MODEL
@FEW
@given(data=st.data())
def test_the_past_reads_as_it_was(name: str, data: st.DataObject) -> None:
    events, gone = data.draw(logs(name))
    projection = registry.PROJECTIONS[name]
    log = with_reversals(events, gone)
    position = data.draw(st.integers(0, len(log)))
    with folder() as here:
        whole, prefix = written(here / "whole.db", log), written(here / "prefix.db", log[:position])
        for store in (whole, prefix):
            registry.catch_up(store, [name])
        assert standing(whole, projection, position) == standing(prefix, projection, position)
        whole.close()
        prefix.close()


@EVERY_MODEL
@FEW
@given(data=st.data())
def test_a_reversal_leaves_nothing(name: str, data: st.DataObject) -> None:
    events, gone = data.draw(logs(name))
    projection = registry.PROJECTIONS[name]
    kept = [event for place, event in enumerate(events, 1) if place not in gone]
    with folder() as here:
        taken_back, never = written(here / "back.db", with_reversals(events, gone)), written(here / "never.db", kept)
        for store in (taken_back, never):
            registry.catch_up(store, [name])
        assert said(taken_back, projection) == said(never, projection)
        assert sums(taken_back, projection) == sums(never, projection)
        taken_back.close()
        never.close()


@EVERY_MODEL
def test_the_check_finds_every_changed_cell(name: str, tmp_path: Path) -> None:
    projection = registry.PROJECTIONS[name]
    store = written(tmp_path / "log.db", with_reversals(SAMPLES[name], [2]))
    registry.catch_up(store, [name])
    for table in projection.tables:
        for column in table.columns:
            if column.primary_key:
                continue
            key = _first_key(store, table)
            was = _set(store, table, key, column, _another(column))
            found = registry.check(store, name).difference
            assert found is not None
            assert (found.table, found.key, found.column) == (table.name, tuple(key.values()), column.name)
            _set(store, table, key, column, was)
    assert registry.check(store, name).holds
    store.close()


@EVERY_MODEL
def test_the_check_finds_rows_added_and_taken_away(name: str, tmp_path: Path) -> None:
    projection = registry.PROJECTIONS[name]
    store = written(tmp_path / "log.db", SAMPLES[name])
    registry.catch_up(store, [name])
    for table in projection.tables:
        key = _first_key(store, table)
        with store.write() as connection:
            row = dict(connection.execute(select(table).where(_is(table, key))).mappings().one())
            connection.execute(delete(table).where(_is(table, key)))
        missing = registry.check(store, name).difference
        assert missing is not None
        assert (missing.table, missing.key, missing.live) == (table.name, tuple(key.values()), None)
        last = next(iter(key))
        with store.write() as connection:
            connection.execute(insert(table), row)
            connection.execute(insert(table), {**row, last: _beyond(row[last])})
        extra = registry.check(store, name).difference
        assert extra is not None
        assert (extra.table, extra.fresh) == (table.name, None)
        registry.rebuild(store, name)
    store.close()


@EVERY_MODEL
def test_the_check_finds_a_moved_position(name: str, tmp_path: Path) -> None:
    store = written(tmp_path / "log.db", SAMPLES[name])
    registry.catch_up(store, [name])
    for place in (1, len(SAMPLES[name])):
        with store.write() as connection:
            connection.execute(text("UPDATE rm_positions SET position = :p WHERE name = :n"), {"p": place, "n": name})
        assert registry.check(store, name).holds is (place == len(SAMPLES[name]))
    store.close()


def standing(store: LogStore, projection: Projection, position: int) -> list[Any]:
    """The lines that count at a position, without the columns that say when they ended."""
    moment = Moment(position)
    with store.read() as connection:
        return [
            (table.name, *(value for name, value in row.items() if name not in {"ended_at", "ended_on"}))
            for table in _lines(projection)
            for row in connection.execute(_counting(table, moment)).mappings()
        ]


def said(store: LogStore, projection: Projection) -> list[Any]:
    """The model's own columns of the lines that count now, wherever they stand."""
    with store.read() as connection:
        rows = [
            (table.name, *(repr(value) for name, value in row.items() if name not in OF_EVERY_LINE))
            for table in _lines(projection)
            for row in connection.execute(_counting(table, Moment(10**9))).mappings()
        ]
    return sorted(rows)


def sums(store: LogStore, projection: Projection) -> list[Any]:
    return [rows for name, rows in rows_of(store, projection).items() if name.endswith("_sums")]


def _counting(table: Table, moment: Moment) -> Select[Any]:
    return select(table).where(moment.counts(table)).order_by(*table.primary_key)


def _lines(projection: Projection) -> list[Table]:
    return [table for table in projection.tables if "ended_at" in table.c]


def _first_key(store: LogStore, table: Table) -> dict[str, Any]:
    with store.read() as connection:
        first = select(*table.primary_key).order_by(*table.primary_key).limit(1)
        return dict(connection.execute(first).mappings().one())


def _set(store: LogStore, table: Table, key: dict[str, Any], column: Column[Any], value: Any) -> Any:
    """Change a cell behind the model's back; what it held."""
    with store.write() as connection:
        was = connection.scalar(select(column).where(_is(table, key)))
        connection.execute(update(table).where(_is(table, key)).values({column.name: value}))
    return was


def _another(column: Column[Any]) -> Any:
    if isinstance(column.type, Day):
        return dt.date(2001, 1, 1)
    return 7_777 if column.type.python_type is int else "!"


def _is(table: Table, key: dict[str, Any]) -> Any:
    condition = table.c[next(iter(key))] == next(iter(key.values()))
    for name, value in key.items():
        condition &= table.c[name] == value
    return condition


def _beyond(value: Any) -> Any:
    return value + 10**6 if isinstance(value, int) else f"~{value}"
