"""Reading the log: histories by tag, ranges of events, vouchers and postings, and single rows by id.

Every function takes a connection and reads one snapshot when the connection does. Ranges are inclusive, start at 1 and
are read in pages; rows come in position or number order.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Select, case, func, select

from ledger.flows.knowledge import Need
from ledger.log.rows import StoredCheckpoint, StoredEvent, StoredPosting, StoredVoucher
from ledger.log.sets import Given, probe
from ledger.log.tables import (
    checkpoints,
    cosignatures,
    event_ids,
    event_tags,
    events,
    findings,
    postings,
    vouchers,
)
from ledger.log.totals.clocks import balances, balances_as_of, balances_at
from ledger.log.totals.moving import last_voucher_nos, sums_of

__all__ = [
    "Need",
    "StoredCheckpoint",
    "StoredEvent",
    "StoredPosting",
    "StoredVoucher",
    "balances",
    "balances_as_of",
    "balances_at",
    "checkpoint",
    "cosignatures_of",
    "event_at",
    "event_by_id",
    "events_at",
    "events_between",
    "finding_codes",
    "history",
    "last_voucher_nos",
    "places",
    "positions_of_entities",
    "positions_of_ids",
    "posted_before",
    "postings_between",
    "sums_of",
    "tag_positions",
    "voucher_by_id",
    "voucher_by_number",
    "voucher_of_position",
    "vouchers_after",
    "vouchers_of",
]

PAGE: Final = 1000

_TAGS: Final = Given("tags", tag=str)
_KINDS: Final = Given("kinds", kind=str)
_PLACES: Final = Given("places", position=int)
_NUMBERS: Final = Given("numbers", number=int)
_IDS: Final = Given("ids", event_id=str)


def _event_columns(source: FromClause) -> list[ColumnElement[Any]]:
    """The columns of a StoredEvent; its voucher is the one whose range holds the position, or 0 for a bare event."""
    number = func.coalesce(_of_voucher(source, vouchers.c.number, 0), 0).label("voucher_number")
    return [source.c.position, source.c.kind, source.c.data, number, source.c.tags]


def _of_voucher(source: FromClause, column: ColumnElement[Any], bare: Any) -> ColumnElement[Any]:
    """A column of the voucher whose range holds a row's position; `bare` for an event after the nearest voucher's
    range, NULL for one before any voucher.
    """
    position = source.c.position
    last = vouchers.c.first_position + vouchers.c.count - 1
    return (
        select(case((last >= position, column), else_=bare))
        .where(vouchers.c.first_position <= position)
        .order_by(vouchers.c.first_position.desc())
        .limit(1)
        .correlate(source)
        .scalar_subquery()
    )


_EVENTS: Final = select(*_event_columns(events))


def history(connection: Connection, needs: Sequence[Need]) -> dict[Need, list[StoredEvent]]:
    """For each need its recorded events, reversed or not, in position order; each event is read once, however many
    needs it meets.
    """
    found = places_of(connection, needs)
    rows = {row.position: row for row in events_at(connection, {place for part in found.values() for place in part})}
    return {need: [rows[place] for place in part] for need, part in found.items()}


def places_of(connection: Connection, needs: Iterable[Need]) -> dict[Need, list[int]]:
    """For each need the positions of its events, in order; one query for all needs of the same kinds."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for need in needs:
        alike.setdefault(need.kinds, []).append(need.tag)
    return {
        Need(tag, kinds): part for kinds, tags in alike.items() for tag, part in places(connection, tags, kinds).items()
    }


def places(connection: Connection, tags: Sequence[str], kinds: tuple[str, ...]) -> dict[str, list[int]]:
    """Tag -> positions, in order, of the events with it, of some kinds (empty: of any). One query for all tags."""
    values = _TAGS.values(connection, [(tag,) for tag in dict.fromkeys(tags)])
    if kinds:
        values |= _KINDS.values(connection, [(kind,) for kind in dict.fromkeys(kinds)])
    found: dict[str, list[int]] = {tag: [] for tag in tags}
    for tag, position in connection.execute(_tagged(connection.dialect.name, by_kind=bool(kinds)), values).all():
        found[tag].append(position)
    for part in found.values():
        part.sort()
    return found


def events_at(connection: Connection, positions: Iterable[int]) -> list[StoredEvent]:
    """The events at some positions, in order; positions beyond the log are left out."""
    ordered = sorted(positions)
    if not ordered:
        return []
    values = _PLACES.values(connection, [(position,) for position in ordered])
    return [StoredEvent(*row) for row in connection.execute(_at_places(connection.dialect.name), values).all()]


@cache
def _tagged(dialect: str, *, by_kind: bool) -> Select[Any]:
    """One scan of the index (tag, kind, position) that skips from key to key."""
    chosen = select(event_tags.c.tag, event_tags.c.position).where(_TAGS.has(event_tags.c.tag, dialect))
    return chosen.where(_KINDS.has(event_tags.c.kind, dialect)) if by_kind else chosen


@cache
def _at_places(dialect: str) -> Select[Any]:
    wanted = _PLACES.clause(dialect)
    source, found = probe(dialect, wanted, events, _PLACES.same(wanted, events), "found")
    return select(*_event_columns(found)).select_from(source).order_by(found.c.position)


def events_between(connection: Connection, first: int, last: int, page: int = PAGE) -> Iterator[StoredEvent]:
    """Events at positions first..last."""
    for row in _paged(connection, _EVENTS, events.c.position, first, last, page):
        yield StoredEvent(*row)


def event_at(connection: Connection, position: int) -> StoredEvent | None:
    """The event at a position."""
    row = connection.execute(_EVENTS.where(events.c.position == position)).one_or_none()
    return None if row is None else StoredEvent(*row)


def event_by_id(connection: Connection, event_id: str) -> StoredEvent | None:
    """The event of that id."""
    position = positions_of_ids(connection, [event_id]).get(event_id)
    return None if position is None else event_at(connection, position)


def positions_of_ids(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Where each event id stands; ids that are not recorded are left out."""
    values = _IDS.values(connection, [(event_id,) for event_id in ids])
    rows = connection.execute(_positions(connection.dialect.name), values).all()
    return {row[0]: row[1] for row in rows}


@cache
def _positions(dialect: str) -> Select[Any]:
    wanted = _IDS.clause(dialect)
    source, found = probe(dialect, wanted, event_ids, _IDS.same(wanted, event_ids), "found")
    return select(found.c.event_id, found.c.position).select_from(source)


def tag_positions(
    connection: Connection,
    tag: str,
    kinds: Sequence[str] = (),
    *,
    after: int = 0,
    until: int | None = None,
    limit: int | None = None,
    entities: Collection[str] | None = None,
) -> list[int]:
    """Positions after `after` and up to `until` of the events with a tag, of some kinds (empty: any) and of some
    entities' vouchers (None: of any), at most `limit` of them.
    """
    chosen = select(event_tags.c.position).where(event_tags.c.tag == tag, event_tags.c.position > after)
    if until is not None:
        chosen = chosen.where(event_tags.c.position <= until)
    if kinds:
        chosen = chosen.where(event_tags.c.kind.in_(sorted(kinds)))
    if entities is not None:
        chosen = chosen.where(_of_voucher(event_tags, vouchers.c.entity, "").in_(sorted(entities)))
    return list(connection.scalars(chosen.order_by(event_tags.c.position).limit(limit)))


def positions_of_entities(
    connection: Connection, entities: Collection[str], *, after: int, until: int, limit: int
) -> list[int]:
    """Positions after `after` and up to `until` of the events in some entities' vouchers, at most `limit` of them."""
    first = vouchers.c.first_position
    begun = select(func.coalesce(func.max(first), 0)).where(first <= after + 1).scalar_subquery()
    chosen = select(first, vouchers.c.count).where(first >= begun, first <= until, vouchers.c.entity.in_(entities))
    found: list[int] = []
    for begin, count in connection.execute(chosen.order_by(first).limit(limit + 1)):
        found += range(max(begin, after + 1), min(begin + count - 1, until) + 1)
    return found[:limit]


def voucher_by_number(connection: Connection, number: int) -> StoredVoucher | None:
    """The voucher of that number."""
    return _one_voucher(connection, select(vouchers).where(vouchers.c.number == number))


def vouchers_of(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, date]]:
    """Number -> (entity, voucher date) of the vouchers of those numbers; one query for all."""
    values = _NUMBERS.values(connection, [(number,) for number in numbers])
    return {row[0]: (row[1], row[2]) for row in connection.execute(_numbered(connection.dialect.name), values)}


@cache
def _numbered(dialect: str) -> Select[Any]:
    wanted = _NUMBERS.clause(dialect)
    source, found = probe(dialect, wanted, vouchers, _NUMBERS.same(wanted, vouchers), "found")
    return select(found.c.number, found.c.entity, found.c.voucher_date).select_from(source)


def voucher_by_id(connection: Connection, voucher_id: str) -> StoredVoucher | None:
    """The voucher of that id."""
    return _one_voucher(connection, select(vouchers).where(vouchers.c.voucher_id == voucher_id))


def voucher_of_position(connection: Connection, position: int) -> StoredVoucher | None:
    """The voucher that holds a position; None for a bare event or a position that is not in the log."""
    nearest = select(vouchers).where(vouchers.c.first_position <= position)
    found = _one_voucher(connection, nearest.order_by(vouchers.c.first_position.desc()).limit(1))
    return found if found is not None and position <= found.last_position else None


def vouchers_after(
    connection: Connection,
    after: int,
    position: int,
    limit: int,
    entity: str | None = None,
    until: date | None = None,
) -> list[StoredVoucher]:
    """Vouchers of an entity (None: of any) and dated by a day (None: of any) whose number is above `after` and that
    begin at or before a position; at most `limit`, in number order.
    """
    chosen = select(vouchers).where(vouchers.c.number > after, vouchers.c.first_position <= position)
    if until is not None:
        chosen = chosen.where(vouchers.c.voucher_date <= until)
    if entity is not None:
        chosen = chosen.where(vouchers.c.entity == entity)
    return [StoredVoucher(*row) for row in connection.execute(chosen.order_by(vouchers.c.number).limit(limit))]


def _one_voucher(connection: Connection, chosen: Select[Any]) -> StoredVoucher | None:
    row = connection.execute(chosen).one_or_none()
    return None if row is None else StoredVoucher(*row)


def postings_between(connection: Connection, first: int, last: int, page: int = PAGE) -> Iterator[StoredPosting]:
    """Postings of the events at positions first..last, by position and line; a page is a number of positions."""
    while first <= last:
        end = min(first + page - 1, last)
        chosen = select(postings).where(postings.c.position.between(first, end))
        for row in connection.execute(chosen.order_by(postings.c.position, postings.c.line)):
            yield StoredPosting(*row)
        first = end + 1


def finding_codes(connection: Connection, first: int, last: int) -> list[str]:
    """The codes of the findings at positions first..last, in order; one that was found twice stands twice."""
    chosen = select(findings.c.code).where(findings.c.position.between(first, last))
    return sorted(row[0] for row in connection.execute(chosen))


def posted_before(connection: Connection, entity: str, day: date, position: int, *, after: int = 0) -> list[int]:
    """Positions before one, and behind `after`, of the events of an entity that posted for a day before that day."""
    places = postings.c.position.between(after + 1, position - 1)
    own = (postings.c.entity == entity, postings.c.occurred_on < day, places)
    return list(connection.scalars(select(postings.c.position).where(*own).distinct().order_by(postings.c.position)))


def posted_after(
    connection: Connection, entity: str, fund: str, day: date, position: int | None = None
) -> dict[tuple[str, str], int]:
    """(role, party) -> signed fen that a fund of an entity has for days after a day, from events before a position."""
    columns = postings.c
    names = (columns.role, columns.party)
    own = [columns.entity == entity, columns.fund == fund, columns.occurred_on > day]
    if position is not None:
        own.append(columns.position < position)
    rows = connection.execute(select(*names, func.sum(columns.amount_fen)).where(*own).group_by(*names))
    return {(row[0], row[1]): int(row[2]) for row in rows}


def checkpoint(connection: Connection, size: int | None = None) -> StoredCheckpoint | None:
    """The operator's note over `size` vouchers, or the newest."""
    chosen = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
    if size is not None:
        chosen = chosen.where(checkpoints.c.size == size)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else StoredCheckpoint(*row)


def cosignatures_of(connection: Connection, size: int) -> dict[str, str]:
    """Witness name -> signature line on the checkpoint of that size."""
    chosen = select(cosignatures.c.name, cosignatures.c.line).where(cosignatures.c.size == size)
    return {row.name: row.line for row in connection.execute(chosen.order_by(cosignatures.c.name))}


def _paged(
    connection: Connection,
    statement: Select[Any],
    key: Any,
    first: int,
    last: int,
    page: int,
) -> Iterator[Any]:
    """Rows of a statement whose first column is its key, from first to last, `page` rows a query."""
    while first <= last:
        rows = connection.execute(statement.where(key.between(first, last)).order_by(key).limit(page)).all()
        yield from rows
        if len(rows) < page:
            return
        first = rows[-1][0] + 1
