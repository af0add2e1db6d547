"""What stands open between a bank account's statement and the book on a day: the items of each side that nothing on the
other side explains by then.

A part of a line counts as explained when an event allocated to it, or naming it, is dated by that day, and the other
way round; so the table of the 30th stays what it was when October's entries arrive. A reversed event explains nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import Connection, and_, func, or_, select

from ledger.accounts.roles import Role
from ledger.flows.books.reversal import EventReversed
from ledger.flows.collecting.suspense import SuspenseCleared
from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.payment.payments import SubsidyReturned
from ledger.log.tables import balances, event_ids, postings
from ledger_projections.books.bank_lines import BANK_LINES, BEFORE, EXPLAINED, TRANSIT
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import AnyRow, items_at, items_between, rows_where
from ledger_projections.keeping.projection import REVERSED

HOLDING: Final = (Role.BANK.value, Role.CASH.value, Role.DEPOSIT.value)


@dataclass(frozen=True, slots=True)
class BankItem(Answer):
    """A statement line with what is not explained of it, signed (in positive).

    `stale_fen` was allocated to an event that has been reversed since: that allocation has to be reversed too.
    """

    line: str
    day: date
    fen: int
    whole_fen: int
    stale_fen: int
    serial: str | None
    counterparty: str | None
    memo: str


@dataclass(frozen=True, slots=True)
class BookItem(Answer):
    """An event with what of its movement on the account no line explains, signed; `position` 0: older than the book."""

    event: str
    position: int
    number: int
    kind: str
    day: date
    fen: int
    whole_fen: int
    reference: str | None
    """The bank's serial, order or slip number that the event gives."""
    counterparty: str | None


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Both sides on a day, and what the book holds on the account."""

    bank: tuple[BankItem, ...]
    book: tuple[BookItem, ...]
    book_fen: int
    opened: bool
    """Whether the book took the account over with an opening balance of its own."""


@dataclass(frozen=True, slots=True)
class _Movement:
    """What an event moved on the account."""

    position: int
    day: date
    fen: int


def open_items(connection: Connection, moment: Moment, entity: str, account: str, on: date) -> OpenItems:
    """The open items of an entity's account at the end of the day `on`, as known at the moment's position."""
    movements = _movements(connection, moment, entity, account, on)
    book_fen = sum(one.fen for one in movements.values())
    standing = _without_reversals(connection, moment, movements)
    lines = _lines(connection, moment, entity, account, on)
    by_line: defaultdict[str, int] = defaultdict(int)
    by_event: defaultdict[int, int] = defaultdict(int)
    stale: defaultdict[str, int] = defaultdict(int)
    explained = _explained(connection, moment, sorted(lines))
    standing |= _failures(connection, moment, {position for _, position, _ in explained} - movements.keys(), on)
    told: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for line, position, fen in explained:
        if position in standing:
            told[position].append((line, fen))
        elif position in movements:
            stale[line] += fen
    turn = {line: place for place, line in enumerate(lines)}
    for position, parts in told.items():
        for line, fen in _within(standing[position].fen, sorted(parts, key=lambda part: turn[part[0]])):
            by_line[line] += fen
            by_event[position] += fen
    bank = [_bank_item(row, by_line[line], stale[line]) for line, row in lines.items() if row.fen != by_line[line]]
    left = {place: one.fen - by_event[place] for place, one in standing.items() if one.fen != by_event[place]}
    book = [*_before(connection, moment, entity, account, on), *_book_items(connection, standing, left)]
    book.sort(key=lambda item: (item.day, item.position))
    opened = any(place in movements for place in _openings(connection, moment))
    return OpenItems(tuple(bank), tuple(book), book_fen, opened)


def _within(whole_fen: int, parts: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The parts of an event that count on a day, so that together they lie between nothing and the whole of it.

    What the bank corrects (冲正) is a pair of lines of opposite signs that one event explains. While only one of them
    has come, it explains nothing: the newest parts beyond the whole, or below nothing, wait for their counterpart. An
    event that moved nothing has two lines that cancel out, and each is open until the other comes.
    """
    total = sum(fen for _, fen in parts)
    low, high = sorted((0, whole_fen))
    excess = max(total - high, 0) + min(total - low, 0)
    if not excess or not whole_fen:
        return list(parts)
    counted: list[tuple[str, int]] = []
    for line, fen in reversed(parts):
        held = max(min(excess, fen), 0) if excess > 0 else min(max(excess, fen), 0)
        excess -= held
        counted.append((line, fen - held))
    return counted


def _movements(connection: Connection, moment: Moment, entity: str, account: str, on: date) -> dict[int, _Movement]:
    """Position -> what the event there moved on the account, for events dated by the day."""
    batches = select(TRANSIT.c.batch).where(moment.counts(TRANSIT), TRANSIT.c.entity == entity)
    through = list(connection.scalars(batches.where(TRANSIT.c.account == account)))
    mine = or_(
        and_(balances.c.role.in_(HOLDING), balances.c.party == account),
        and_(balances.c.role == Role.TRANSIT.value, balances.c.party.in_(through)),
    )
    names = ("fund", "chart", "code", "party")
    keys = connection.execute(select(*(balances.c[name] for name in names)).where(balances.c.entity == entity, mine))
    columns = dict(zip(names, map(set, zip(*keys, strict=True)), strict=False))
    if not columns:
        return {}
    # Each column of the index is given its few values, so that the account's postings are found without a scan.
    here = and_(postings.c.entity == entity, *(postings.c[name].in_(sorted(columns[name])) for name in names))
    dated = and_(here, postings.c.book == "main", postings.c.position <= moment.position, postings.c.occurred_on <= on)
    amounts = (postings.c.position, func.min(postings.c.occurred_on), func.sum(postings.c.amount_fen))
    rows = connection.execute(select(*amounts).where(dated).group_by(postings.c.position))
    return {row[0]: _Movement(row[0], _day(row[1]), int(row[2])) for row in rows if row[2]}


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else cast("date", value)


def _without_reversals(
    connection: Connection,
    moment: Moment,
    movements: Mapping[int, _Movement],
) -> dict[int, _Movement]:
    """The movements without the pairs that cancel out by the day, and without the opening balance itself."""
    gone: set[int] = set()
    for position, target in _reversals(connection, moment):
        if position in movements and target in movements:
            gone |= {position, target}
    gone |= _openings(connection, moment)
    return {place: one for place, one in movements.items() if place not in gone}


def _openings(connection: Connection, moment: Moment) -> set[int]:
    return {item.position for item in items_between(connection, 1, moment.position, ("opening.recorded",))}


def _reversals(connection: Connection, moment: Moment) -> list[tuple[int, int]]:
    """(position of the reversal, of what it reversed)."""
    items = items_between(connection, 1, moment.position, (REVERSED,))
    return [(item.position, cast("EventReversed", item.event).target_position) for item in items]


def _failures(connection: Connection, moment: Moment, positions: Collection[int], on: date) -> dict[int, _Movement]:
    """Payments that never left, among events that moved nothing: the bank shows them going out and coming back.

    Both lines are explained by such an event; while only one is there, the other is an open item of the book.
    """
    known = sorted(place for place in positions if 0 < place <= moment.position)
    gone = {target for _, target in _reversals(connection, moment)} if known else set()
    failed = [item for item in items_at(connection, known) if isinstance(item.event, SubsidyReturned)]
    events = [(item.position, cast("SubsidyReturned", item.event)) for item in failed if item.position not in gone]
    return {
        place: _Movement(place, event.occurred_on, 0)
        for place, event in events
        if not event.was_paid and event.occurred_on <= on
    }


def _lines(connection: Connection, moment: Moment, entity: str, account: str, on: date) -> dict[str, AnyRow]:
    here = and_(BANK_LINES.c.entity == entity, BANK_LINES.c.account == account, BANK_LINES.c.moved_on <= on)
    rows = connection.execute(
        select(BANK_LINES)
        .where(moment.counts(BANK_LINES), here)
        .order_by(BANK_LINES.c.moved_at, BANK_LINES.c.bank_line)
    )
    return {row.bank_line: row for row in rows}


def _explained(connection: Connection, moment: Moment, lines: Sequence[str]) -> list[tuple[str, int, int]]:
    """(line, position of the event, fen) of every explanation of the lines.

    An event that names its line and was allocated to it as well explains it once.
    """
    chosen = select(EXPLAINED).where(moment.counts(EXPLAINED))
    rows = list(rows_where(connection, chosen, EXPLAINED.c.bank_line, lines))
    allocated = {(row.bank_line, row.event) for row in rows if row.how == "allocated"}
    ids = sorted({row.event for row in rows})
    found = rows_where(connection, select(event_ids), event_ids.c.event_id, ids)
    places = {row.event_id: row.position for row in found}
    return [
        (row.bank_line, places.get(row.event, 0), row.fen)
        for row in rows
        if row.how == "allocated" or (row.bank_line, row.event) not in allocated
    ]


def _bank_item(row: AnyRow, explained_fen: int, stale_fen: int) -> BankItem:
    told = (row.serial, row.counterparty, row.memo)
    return BankItem(row.bank_line, row.moved_on, row.fen - explained_fen, row.fen, stale_fen, *told)


def _before(connection: Connection, moment: Moment, entity: str, account: str, on: date) -> list[BookItem]:
    """What the book had seen and the bank had not when the book began."""
    here = and_(BEFORE.c.entity == entity, BEFORE.c.account == account, BEFORE.c.moved_on <= on)
    rows = connection.execute(select(BEFORE).where(moment.counts(BEFORE), here))
    return [
        BookItem(row.item, 0, 0, "opening.recorded", row.moved_on, row.fen, row.fen, None, row.note) for row in rows
    ]


_REFERENCES: Final = ("order_no", "voucher_ref", "result_ref", "slip")
_COUNTERPARTIES: Final = ("donor_label", "payee_label", "organisation", "bank", "donor", "payee")


def _book_items(
    connection: Connection,
    standing: Mapping[int, _Movement],
    left: Mapping[int, int],
) -> list[BookItem]:
    items = items_at(connection, left)
    open_fen = _renamed(items, left)
    return [
        BookItem(
            event=item.event.id,
            position=item.position,
            number=item.number,
            kind=item.event.kind,
            day=standing[item.position].day,
            fen=open_fen[item.position],
            whole_fen=standing[item.position].fen,
            reference=_first(item.event, _REFERENCES),
            counterparty=_first(item.event, _COUNTERPARTIES),
        )
        for item in items
        if open_fen[item.position]
    ]


def _renamed(items: Sequence[Recorded], left: Mapping[int, int]) -> dict[int, int]:
    """Position -> what stays open. Waiting money that became known (待查款) left the account and came back under its
    own name in the same voucher: the bank saw it once, and its line is explained by its arrival.
    """
    open_fen = dict(left)
    for cleared in (item for item in items if isinstance(item.event, SuspenseCleared)):
        for other in items:
            if other.number == cleared.number and not isinstance(other.event, SuspenseCleared):
                fen = max(0, min(-open_fen[cleared.position], open_fen[other.position]))
                open_fen[cleared.position] += fen
                open_fen[other.position] -= fen
    return open_fen


def _first(event: object, names: Sequence[str]) -> str | None:
    found = (getattr(event, name, None) for name in names)
    return next((value for value in found if isinstance(value, str)), None)
