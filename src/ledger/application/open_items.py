"""What is still open between a bank account's statement and the book: lines that nothing explains, events on no line.

A line of a payment batch that failed never left the book, yet the bank's file shows it twice: inside the sum that went
out, and as the sum that came back. Such a failure is open in both directions until a line explains each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import Connection, and_, func, or_, select

from ledger.accounts.roles import Role
from ledger.decisions.histories import REVERSED, recorded, without_reversed
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.payment.tellings import proved
from ledger.log import reading
from ledger.log.tables import balances, postings

_HOLDING: Final = (Role.BANK.value, Role.CASH.value, Role.DEPOSIT.value)
_REFERENCES: Final = ("order_no", "voucher_ref", "result_ref", "slip")
_COUNTERPARTIES: Final = ("donor_label", "payee_label", "organisation", "donor", "payee")
_NO_MOVEMENT: Final = frozenset({"opening.recorded"})


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A statement line with what is not explained of it, signed: in positive, out negative."""

    line: str
    day: date
    fen: int
    serial: str | None
    counterparty: str | None


@dataclass(frozen=True, slots=True)
class OpenMove:
    """An event with what of its movement on the account no line explains, signed as a line would be.

    `failed` is the one or other side of a payment that never left: it belongs to its batch's line and to no other.
    """

    event: str
    position: int
    number: int
    day: date
    fen: int
    reference: str | None
    counterparty: str | None
    batch: str | None
    failed: bool = False


def open_items(
    connection: Connection, entity: str, account: str, until: date | None = None
) -> tuple[list[OpenLine], list[OpenMove]]:
    """The open lines and events of an entity's account up to a day (None: all), by day and place."""
    lines, explained = _lines(connection, entity, account)
    by_event: defaultdict[tuple[str, bool], int] = defaultdict(int)
    for _, event, fen in explained:
        by_event[event, fen > 0] += fen
    moves = [*_moves(connection, entity, account, by_event), *_failures(connection, entity, account, by_event)]
    return (
        _still_open(lines, explained, until),
        sorted((one for one in moves if one.fen and _by(one.day, until)), key=lambda one: (one.day, one.position)),
    )


def open_lines(connection: Connection, entity: str, account: str, until: date | None = None) -> list[OpenLine]:
    """The lines alone."""
    return _still_open(*_lines(connection, entity, account), until)


def _lines(connection: Connection, entity: str, account: str) -> tuple[list[Any], list[tuple[str, str, int]]]:
    """The lines of an account's statements, and what explains them."""
    found = _find(connection, Need(f"account:{account}", ("bank.line_recorded",)))
    lines = [item.event for item in found if _mine(item, entity)]
    return lines, _explanations(connection, lines)


def _still_open(lines: Sequence[Any], explained: Iterable[tuple[str, str, int]], until: date | None) -> list[OpenLine]:
    by_line: defaultdict[str, int] = defaultdict(int)
    for line, _, fen in explained:
        by_line[line] += fen
    left = [_line(event, event.amount_fen - by_line[event.line]) for event in lines]
    return sorted((one for one in left if one.fen and _by(one.day, until)), key=lambda one: (one.day, one.line))


def _by(day: date, until: date | None) -> bool:
    return until is None or day <= until


def _mine(item: Recorded, entity: str) -> bool:
    return item.entity == entity


def _find(connection: Connection, *needs: Need) -> list[Any]:
    """Recorded events of needs without reversed pairs, by position, each once."""
    wide = [Need(need.tag, (*need.kinds, REVERSED)) if need.kinds else need for need in needs]
    rows = {row.position: row for part in reading.history(connection, wide).values() for row in part}
    found = recorded(connection, [rows[position] for position in sorted(rows)])
    return [item for item in without_reversed(found, ()) if item.event.kind != REVERSED]


def _explanations(connection: Connection, lines: Sequence[Any]) -> list[tuple[str, str, int]]:
    """(line, event, signed fen): allocations, and events that name the line they were booked from.

    A reversed event explains nothing; one that names its line and was allocated to it as well explains it once.
    """
    names = {one.line for one in lines}
    items = _find(connection, *(Need(f"line:{name}") for name in sorted(names)))
    allocated = [
        (item.event.line, part.event, part.amount_fen)
        for item in items
        if item.event.kind == "bank.allocated"
        for part in item.event.parts
    ]
    gone = _reversed(connection, {event for _, event, _ in allocated})
    kept = [one for one in allocated if one[1] not in gone]
    said = {one[:2] for one in kept}
    for item in items:
        event = item.event
        if event.kind not in {"bank.allocated", "bank.line_recorded"} and (event.line, event.id) not in said:
            kept.append((event.line, event.id, -event.amount_fen if event.kind == "bank.fee" else event.amount_fen))
    return kept


def _reversed(connection: Connection, events: Iterable[str]) -> set[str]:
    """Which of these events were reversed. A reversal repeats all tags of its target, so its target is looked at."""
    found = reading.history(connection, [Need(f"event:{event}", (REVERSED,)) for event in sorted(events)])
    rows = {row.position: row for part in found.values() for row in part}
    return {item.event.target for item in cast("list[Any]", recorded(connection, rows.values()))}


def _line(event: Any, fen: int) -> OpenLine:
    return OpenLine(event.line, date.fromisoformat(event.occurred_at[:10]), fen, event.serial, event.counterparty)


def _moves(
    connection: Connection, entity: str, account: str, explained: dict[tuple[str, bool], int]
) -> Iterator[OpenMove]:
    """What events moved on the account, or in transit through it, less what lines explain."""
    through = _batches(connection, entity, account)
    columns = balances.c
    here = or_(
        and_(columns.role.in_(_HOLDING), columns.party == account),
        and_(columns.role == Role.TRANSIT.value, columns.party.in_(through)),
    )
    names = ("fund", "chart", "code", "party")
    chosen = select(*(columns[name] for name in names)).where(columns.entity == entity, here)
    keys = [set(values) for values in zip(*connection.execute(chosen), strict=True)]
    if not keys:
        return
    # Each column of the index is given its few values, so that the account's postings are found without a scan.
    mine = and_(*(postings.c[name].in_(sorted(values)) for name, values in zip(names, keys, strict=True)))
    sums = (postings.c.position, func.min(postings.c.occurred_on), func.sum(postings.c.amount_fen))
    asked = select(*sums).where(postings.c.entity == entity, postings.c.book == "main", mine)
    moved = {row[0]: (row[1], int(row[2])) for row in connection.execute(asked.group_by(postings.c.position)) if row[2]}
    for item in _alive(connection, sorted(moved)):
        day, fen = moved[item.position]
        left = fen - sum(explained.get((item.event.id, into), 0) for into in (True, False))  # 冲正 frees what it undoes
        yield _move(item, date.fromisoformat(day) if isinstance(day, str) else day, left)


def _alive(connection: Connection, positions: Sequence[int]) -> list[Recorded]:
    """The events at positions that are no reversals, were not reversed, and are no opening balance."""
    rows = [row for row in (reading.event_at(connection, position) for position in positions) if row is not None]
    items = [item for item in recorded(connection, rows) if item.event.kind not in {REVERSED, *_NO_MOVEMENT}]
    gone = _reversed(connection, {item.event.id for item in items})
    return [item for item in items if item.event.id not in gone]


def _batches(connection: Connection, entity: str, account: str) -> list[str]:
    """The batches whose payment orders went to the account."""
    funded = _find(connection, Need(f"account:{account}", ("batch.funded",)))
    return sorted({item.event.batch for item in funded if item.entity == entity})


def _failures(
    connection: Connection, entity: str, account: str, explained: dict[tuple[str, bool], int]
) -> Iterator[OpenMove]:
    """Both sides of payments that never left: inside the sum that the bank sent, and as what came back. One that proved
    to have left is in the payment and in the late return, and only shown where lines explain it already.
    """
    kinds = ("subsidy.returned", "subsidy.returned_late")
    needs = [Need(f"batch:{batch}", kinds) for batch in _batches(connection, entity, account)]
    found = list(_find(connection, *needs)) if needs else []
    days: defaultdict[tuple[str, str, date], list[Recorded]] = defaultdict(list)
    for item in found:
        days[item.event.payment, item.event.batch, item.event.occurred_on].append(item)
    left = {mine[place].position for mine in days.values() for place in proved([one.event for one in mine])}
    for item in found:
        event = item.event
        if event.kind == kinds[1] or event.was_paid:
            continue
        shown = {sign: explained.get((event.id, sign > 0), 0) for sign in (-1, 1)}
        if item.position in left and not any(shown.values()):
            continue
        for sign, fen in shown.items():
            yield _move(item, event.occurred_on, sign * event.amount_fen - fen, failed=True)


def _move(item: Recorded, day: date, fen: int, *, failed: bool = False) -> OpenMove:
    event = item.event
    reference, counterparty = _first(event, _REFERENCES), _first(event, _COUNTERPARTIES)
    batch = getattr(event, "batch", None)
    return OpenMove(event.id, item.position, item.number, day, fen, reference, counterparty, batch, failed)


def _first(event: object, names: Sequence[str]) -> str | None:
    found = (getattr(event, name, None) for name in names)
    return next((value for value in found if isinstance(value, str)), None)
