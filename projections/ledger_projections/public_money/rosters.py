"""Rosters (在保名册): opening + in - out = closing, in 户 and 人, by programme and month, with the reasons.

A decision governs every month from its own on, whenever it was recorded, as the rules read it; so a month recorded late
changes later answers and never an answer at an earlier position. 人 moves inside a household too: members added and
removed stand beside those who came and went with their household. Source: 动态管理月报.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection, func, select

from ledger.values.dates import Period, periods
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow
from ledger_projections.public_money.roster_lines import DECISIONS, FILLED, ROSTERS

TRANSFERS: Final = frozenset({"transferred_in", "to_destitute", "to_dibao"})
"""转类: who only changed programmes; counted among those who came and went, and shown apart."""
By = Literal["", "township", "category"]
"""What a programme's roster is cut by: nothing, or the township or category that a household's decision names."""


@dataclass(frozen=True, slots=True)
class Movement(Answer):
    """Households and persons that came (`way` in) or went (out) for one reason."""

    way: str
    reason: str
    households: int
    persons: int

    @property
    def is_taken_over(self) -> bool:
        """Whether these stood on the book's first roster: they came before it, and did not come now."""
        return (self.way, self.reason) == ("in", "opening")


@dataclass(frozen=True, slots=True)
class RosterMonth(Answer):
    """A programme in a month. In 户 and in 人: opening + in - out (+ added - removed, in 人) = closing."""

    entity: str
    programme: str
    group: str
    """The township or category that the row is of; empty for the whole programme."""
    month: str
    opening_households: int
    opening_persons: int
    in_households: int
    in_persons: int
    out_households: int
    out_persons: int
    added_persons: int
    removed_persons: int
    closing_households: int
    closing_persons: int
    closing_monthly_fen: int
    """What the households on the closing roster are entitled to for a month."""
    transfers_in: int
    transfers_out: int
    movements: tuple[Movement, ...]
    pending_reasons: int
    """待补原因: households whose reason is still to be supplied."""


@dataclass(frozen=True, slots=True)
class RosterReport(Answer):
    """Programmes by month."""

    position: int
    as_of: date | None
    first: str
    last: str
    rows: tuple[RosterMonth, ...]


Place = tuple[str, str, str]
"""(entity, programme, group)."""

_WAYS: Final = ("in", "out")


class _Decision(NamedTuple):
    """One decision, with the reason that was supplied last."""

    act: str
    entity: str
    programme: str
    township: str
    group: str
    persons: int
    monthly_fen: int
    from_month: str
    reason: str


class _Standing(NamedTuple):
    """An enrolment in a month: on which roster (None: on none), for how many persons and what amount."""

    place: Place | None
    persons: int
    monthly_fen: int


@dataclass(slots=True)
class _Moves:
    """What happened on a roster in a month; `ways` counts households and persons by (way, reason)."""

    monthly_fen: int = 0
    added: int = 0
    removed: int = 0
    ways: defaultdict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def move(self, way: str, reason: str, standing: _Standing) -> None:
        """A household comes in or goes out."""
        sign = 1 if way == "in" else -1
        self.ways[way, reason][0] += 1
        self.ways[way, reason][1] += standing.persons
        self.monthly_fen += sign * standing.monthly_fen

    def total(self, way: str, place: int) -> int:
        """Households (0) or persons (1) that came in or went out."""
        return sum(counts[place] for (one, _), counts in self.ways.items() if one == way)


@dataclass(slots=True)
class _Book:
    """Where the rosters stood before the first month, and what moved in each month."""

    opening: defaultdict[Place, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    moves: defaultdict[tuple[Place, str], _Moves] = field(default_factory=lambda: defaultdict(_Moves))


def rosters(
    connection: Connection,
    first: str,
    last: str,
    *,
    programme: str | None = None,
    township: str | None = None,
    by: By = "",
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
    townships: frozenset[str] | None = None,
) -> RosterReport:
    """The rosters of months `first` to `last` (`YYYY-MM`), of one township, else of several (None: of all), whole or
    cut `by` something, and of an entity (None: of all).

    Cut by township, a household that moves goes out of one and comes into the other.
    """
    moment = moment_of(connection, [ROSTERS], as_of, at)
    months = [str(month) for month in periods(Period.parse(first), Period.parse(last))]
    before = str(Period.parse(first).previous())
    book = _Book()
    within = townships if township is None else frozenset({township})
    for decisions in _decisions(connection, moment, last, by):
        _follow(book, decisions, before, within)
    places = sorted({*book.opening, *(place for place, _ in book.moves)})
    wanted = [place for place in places if entity in (None, place[0]) and programme in (None, place[1])]
    rows = [row for place in wanted for row in _months(book, place, months)]
    return RosterReport(moment.position, as_of, first, last, tuple(rows))


def standing_counts(connection: Connection, moment: Moment, month: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(entity, programme) -> households and persons entitled in a month, counted at once, not from month to month."""
    latest = func.row_number().over(
        partition_by=DECISIONS.c.enrolment, order_by=(DECISIONS.c.position.desc(), DECISIONS.c.line.desc())
    )
    names = ("entity", "programme", "act", "persons")
    binding = select(*(DECISIONS.c[name] for name in names), latest.label("place"))
    last = binding.where(moment.counts(DECISIONS), DECISIONS.c.from_month <= month).subquery("last")
    columns = (last.c.entity, last.c.programme)
    chosen = select(*columns, func.count(), func.sum(last.c.persons)).where(last.c.place == 1, last.c.act != "ended")
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in connection.execute(chosen.group_by(*columns))}


def categories(connection: Connection, moment: Moment, programme: str) -> list[str]:
    """The categories that a programme's enrolments were ever in."""
    here = (moment.counts(DECISIONS), DECISIONS.c.programme == programme, DECISIONS.c.act != "ended")
    return sorted(connection.scalars(select(DECISIONS.c.category).where(*here).distinct()))


def _decisions(connection: Connection, moment: Moment, last: str, by: By) -> Iterator[list[_Decision]]:
    """The decisions that bind a month up to `last`, by enrolment, in the order they were recorded."""
    filled = select(FILLED.c.about, FILLED.c.reason).where(moment.counts(FILLED)).order_by(FILLED.c.position)
    reasons = {row.about: row.reason for row in connection.execute(filled)}
    chosen = select(DECISIONS).where(moment.counts(DECISIONS), DECISIONS.c.from_month <= last)
    rows = connection.execute(chosen.order_by(DECISIONS.c.enrolment, DECISIONS.c.position, DECISIONS.c.line))
    for _, group in groupby(rows, key=lambda row: row.enrolment):
        yield [_decision(row, reasons.get(row.event, row.reason), by) for row in group]


def _decision(row: AnyRow, reason: str, by: By) -> _Decision:
    counted = (row.persons, row.monthly_fen, row.from_month)
    group = getattr(row, by) if by else ""
    return _Decision(row.act, row.entity, row.programme, row.township, group, *counted, reason)


def _follow(book: _Book, decisions: Sequence[_Decision], before: str, within: frozenset[str] | None) -> None:
    """Follow one enrolment from month to month; it only moves in a month that a decision names."""
    standing = _standing([one for one in decisions if one.from_month <= before], within)
    if standing.place is not None:
        held = book.opening[standing.place]
        for at, value in enumerate((1, standing.persons, standing.monthly_fen)):
            held[at] += value
    for month in sorted({one.from_month for one in decisions if one.from_month > before}):
        binding = [one for one in decisions if one.from_month <= month]
        after = _standing(binding, within)
        _move(book, month, standing, after, binding)
        standing = after


def _standing(binding: Sequence[_Decision], within: frozenset[str] | None) -> _Standing:
    """Where the decisions leave an enrolment: the last one recorded says it all."""
    last = binding[-1] if binding else None
    if last is None or last.act == "ended" or (within is not None and last.township not in within):
        return _Standing(None, 0, 0)
    return _Standing((last.entity, last.programme, last.group), last.persons, last.monthly_fen)


def _move(book: _Book, month: str, old: _Standing, new: _Standing, binding: Sequence[_Decision]) -> None:
    if old.place == new.place:
        if new.place is not None:
            moves = book.moves[new.place, month]
            moves.added += max(0, new.persons - old.persons)
            moves.removed += max(0, old.persons - new.persons)
            moves.monthly_fen += new.monthly_fen - old.monthly_fen
        return
    if old.place is not None:
        book.moves[old.place, month].move("out", binding[-1].reason, old)
    if new.place is not None:
        moved = old.place is not None and old.place[:2] == new.place[:2]
        reason = binding[-1].reason if moved else _entry_reason(binding, new.place)
        book.moves[new.place, month].move("in", reason, new)


def _entry_reason(binding: Sequence[_Decision], place: Place) -> str:
    """Why an enrolment came: by its confirmation, unless it came over from another roster."""
    confirmed = [one for one in binding if one.act == "confirmed" and (one.entity, one.programme) == place[:2]]
    return (confirmed or list(binding))[-1].reason


def _months(book: _Book, place: Place, months: Sequence[str]) -> Iterator[RosterMonth]:
    households, persons, monthly_fen = book.opening[place]
    for month in months:
        moves = book.moves.get((place, month)) or _Moves()
        closing = (
            households + moves.total("in", 0) - moves.total("out", 0),
            persons + moves.total("in", 1) - moves.total("out", 1) + moves.added - moves.removed,
        )
        monthly_fen += moves.monthly_fen
        yield _row(place, month, (households, persons), closing, monthly_fen, moves)
        households, persons = closing


def _row(
    place: Place,
    month: str,
    opening: tuple[int, int],
    closing: tuple[int, int],
    monthly_fen: int,
    moves: _Moves,
) -> RosterMonth:
    ways = sorted(moves.ways.items())
    moved = {way: sum(counts[0] for (one, why), counts in ways if one == way and why in TRANSFERS) for way in _WAYS}
    return RosterMonth(
        *place,
        month=month,
        opening_households=opening[0],
        opening_persons=opening[1],
        in_households=moves.total("in", 0),
        in_persons=moves.total("in", 1),
        out_households=moves.total("out", 0),
        out_persons=moves.total("out", 1),
        added_persons=moves.added,
        removed_persons=moves.removed,
        closing_households=closing[0],
        closing_persons=closing[1],
        closing_monthly_fen=monthly_fen,
        transfers_in=moved["in"],
        transfers_out=moved["out"],
        movements=tuple(Movement(way, why, *counts) for (way, why), counts in ways),
        pending_reasons=sum(counts[0] for (_, why), counts in ways if why == "pending"),
    )
