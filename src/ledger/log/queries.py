"""The statements behind a DCB query: which positions match any of its items.

An item's first tag is its most selective one: the statement drives from it through the index (tag, kind, position) and
probes the other tags with EXISTS. Grouping and counting tags would visit every row of the common ones, and an OR for
each item would not survive the first thousand.
"""

from array import array
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import orjson
from eventsourcing.dcb.api import DCBQuery, DCBQueryItem
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.sql.selectable import FromClause

from ledger.log.columns import INTEGER
from ledger.log.sets import Given, probe
from ledger.log.tables import event_tags, events

_AFTER: Final = bindparam("after", type_=INTEGER)
_PROBED: Final = event_tags.alias("probed")
_EXACT: Final = Given("exact", tag=str, kind=str, rest=str)
_LOOSE: Final = Given("loose", tag=str, rest=str)
_KINDS: Final = Given("kinds", kind=str)


def matches_all(query: DCBQuery | None) -> bool:
    """Whether every event matches: there is no item, or one that asks for nothing."""
    return query is None or not query.items or any(not item.tags and not item.types for item in query.items)


def matching_positions(connection: Connection, query: DCBQuery, after: int, limit: int | None) -> Sequence[int]:
    """Positions greater than `after` that match any item of the query, each once, in order, at most `limit`."""
    values = _values(connection, query, after)
    if limit is None:
        return array("q", connection.scalars(_positions(connection.dialect.name), values))
    return array("q", connection.scalars(_first_positions(connection.dialect.name), values | {"most": limit}))


def any_match(connection: Connection, query: DCBQuery, after: int) -> bool:
    """Whether any event after a position matches any item of the query; the first match ends the search."""
    return connection.scalar(_any(connection.dialect.name), _values(connection, query, after)) is not None


def _values(connection: Connection, query: DCBQuery, after: int) -> dict[str, Any]:
    tagged = [item for item in query.items if item.tags]
    exact = [(item.tags[0], kind, _rest(item)) for item in tagged for kind in dict.fromkeys(item.types)]
    loose = [(item.tags[0], _rest(item)) for item in tagged if not item.types]
    kinds = sorted({kind for item in query.items if not item.tags for kind in item.types})
    return {
        "after": after,
        **_EXACT.values(connection, exact),
        **_LOOSE.values(connection, loose),
        **_KINDS.values(connection, [(kind,) for kind in kinds]),
    }


def _rest(item: DCBQueryItem) -> str:
    return orjson.dumps(item.tags[1:]).decode()


@cache
def _positions(dialect: str) -> Select[tuple[int]]:
    found = union_all(*_branches(dialect)).subquery("found")
    return select(found.c.position).distinct().order_by(found.c.position)


@cache
def _first_positions(dialect: str) -> Select[tuple[int]]:
    return _positions(dialect).limit(bindparam("most", type_=INTEGER))


@cache
def _any(dialect: str) -> Select[tuple[int]]:
    found = union_all(*_branches(dialect)).subquery("found")
    return select(found.c.position).limit(1)


def _branches(dialect: str) -> list[Select[tuple[int]]]:
    """Three statements whatever the items are: by tag and kind, by tag, by kind."""
    exact, loose, kinds = _EXACT.clause(dialect), _LOOSE.clause(dialect), _KINDS.clause(dialect)
    same_kind = and_(event_tags.c.tag == exact.c.tag, event_tags.c.kind == exact.c.kind)
    later = and_(events.c.kind == kinds.c.kind, events.c.position > _AFTER)
    by_kind, found = probe(dialect, kinds, events, later, "found_by_kind")
    return [
        _by_tag(dialect, exact, same_kind),
        _by_tag(dialect, loose, event_tags.c.tag == loose.c.tag),
        select(found.c.position).select_from(by_kind),
    ]


def _by_tag(dialect: str, given: FromClause, same: ColumnElement[bool]) -> Select[tuple[int]]:
    source, found = probe(dialect, given, event_tags, and_(same, event_tags.c.position > _AFTER), "found_by_tag")
    rest = _each(dialect, given.c.rest)
    has_it = select(literal(1)).where(
        _PROBED.c.tag == rest.c.value,
        _PROBED.c.kind == found.c.kind,
        _PROBED.c.position == found.c.position,
    )
    lacks_one = select(literal(1)).select_from(rest).where(~exists(has_it.correlate_except(_PROBED)))
    return select(found.c.position).select_from(source).where(~exists(lacks_one.correlate_except(rest)))


def _each(dialect: str, texts: ColumnElement[Any]) -> FromClause:
    """The elements of a JSON array of texts that stands in a column."""
    if dialect == "postgresql":
        return func.json_array_elements_text(cast(texts, JSON)).table_valued("value", name="rest").render_derived()
    return func.json_each(texts).table_valued("value", name="rest")
