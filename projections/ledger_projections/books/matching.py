"""Proposals for what is still open between statement and book: which events explain which lines, each with its reason.

Nothing is decided here: a person signs a `bank.allocated` made from a proposal's parts. The roads are tried from the
surest on; what two items could explain equally well is proposed only as uncertain, in order of date. Amounts are whole:
the lines of a proposal and its events always have equal sums. Source: 银行对账.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final, TypeVar

from sqlalchemy import Connection

from ledger_projections.books.bank_lines import BANK
from ledger_projections.books.statement_items import BankItem, BookItem, open_items
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import moment_of

WINDOW_DAYS: Final = 7
"""How far apart the two sides may be dated: a cheque or a long holiday."""

_CANDIDATES_MAX: Final = 14
_GROUP_MAX: Final = 6
"""A line is looked for among at most so many items, in groups of at most so many: the search stays small."""


@dataclass(frozen=True, slots=True)
class MatchPart(Answer):
    """So much of a line is explained by an event; signed as the line."""

    line: str
    event: str
    fen: int


@dataclass(frozen=True, slots=True)
class Proposal(Answer):
    """Lines and events with equal sums. `reason` is reference, counterparty, amount, voucher, day or group."""

    lines: tuple[str, ...]
    events: tuple[str, ...]
    fen: int
    reason: str
    certain: bool
    """Whether nothing else would fit as well."""
    parts: tuple[MatchPart, ...]


@dataclass(frozen=True, slots=True)
class Proposals(Answer):
    """Proposals for one account; no line and no event stands in two of them."""

    position: int
    entity: str
    account: str
    on: date
    rows: tuple[Proposal, ...]


def match_proposals(
    connection: Connection,
    entity: str,
    account: str,
    on: date,
    *,
    at: int | None = None,
    window_days: int = WINDOW_DAYS,
) -> Proposals:
    """Proposals for the open items of an account at the end of the day `on`.

    Left out are items from before the book, and lines whose allocation must be reversed first.
    """
    moment = moment_of(connection, [BANK], None, at)
    found = open_items(connection, moment, entity, account, on)
    lines = [item for item in found.bank if not item.line.startswith("opening:") and not item.stale_fen]
    events = [item for item in found.book if item.position]
    return Proposals(moment.position, entity, account, on, tuple(propose(lines, events, window_days)))


def propose(bank: Iterable[BankItem], book: Iterable[BookItem], window_days: int = WINDOW_DAYS) -> list[Proposal]:
    """Proposals for open items, from the surest to the least sure."""
    table = _Table(list(bank), list(book), window_days)
    table.pairs("reference", lambda line, event: line.serial is not None and line.serial == event.reference)
    table.pairs("counterparty", lambda line, event: _same_name(line.counterparty, event.counterparty))
    table.pairs("amount", lambda _line, _event: True)
    table.groups("voucher", lambda event: event.number)
    table.groups("day", lambda event: event.day.toordinal())
    table.searched()
    table.whole_days()
    table.in_order()
    return table.found


def _same_name(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and (one.startswith(other) or other.startswith(one))


Item = TypeVar("Item", BankItem, BookItem)


class _Table:
    """What is still open on both sides while proposals are found."""

    def __init__(self, bank: list[BankItem], book: list[BookItem], window_days: int) -> None:
        self._bank = {item.line: item for item in bank}
        self._book = {item.event: item for item in book}
        self._window = window_days
        self.found: list[Proposal] = []

    def pairs(self, reason: str, fits: Callable[[BankItem, BookItem], bool]) -> None:
        """One line and one event of the same amount, where each fits only the other."""
        by_fen: defaultdict[int, list[BookItem]] = defaultdict(list)
        for event in self._book.values():
            by_fen[event.fen].append(event)
        wanted: dict[str, list[BookItem]] = {}
        suitors: defaultdict[str, int] = defaultdict(int)
        for line in self._bank.values():
            near = [event for event in by_fen[line.fen] if self._near(line, event) and fits(line, event)]
            wanted[line.line] = near
            for event in near:
                suitors[event.event] += 1
        for name, events in wanted.items():
            if len(events) == 1 and suitors[events[0].event] == 1:
                self._take([self._bank[name]], events, reason, certain=True)

    def groups(self, reason: str, key: Callable[[BookItem], int]) -> None:
        """One line that equals all open events of a voucher, or of a day, where no second line does."""
        held: defaultdict[tuple[int, bool], list[BookItem]] = defaultdict(list)
        for event in self._book.values():
            held[key(event), event.fen > 0].append(event)
        for events in held.values():
            total = sum(event.fen for event in events)
            lines = [line for line in self._bank.values() if line.fen == total and self._all_near(line, events)]
            if len(lines) == 1 and len(events) > 1:
                self._take(lines, events, reason, certain=True)

    def searched(self) -> None:
        """A line that exactly one small group of near events equals, then an event that one group of lines equals."""
        for line in list(self._bank.values()):
            near = [event for event in self._book.values() if self._near(line, event)]
            group = _only_group(line.fen, near)
            if group:
                self._take([line], group, "group", certain=True)
        for event in list(self._book.values()):
            lines = [line for line in self._bank.values() if self._near(line, event)]
            several = _only_group(event.fen, lines)
            if several:
                self._take(several, [event], "group", certain=True)

    def whole_days(self) -> None:
        """All open lines of a day against all open events of it, one way: n to m."""
        days = {(line.day, line.fen > 0) for line in self._bank.values()}
        for day, into in sorted(days):
            lines = [line for line in self._bank.values() if line.day == day and (line.fen > 0) == into]
            events = [event for event in self._book.values() if event.day == day and (event.fen > 0) == into]
            several = len(lines) + len(events) > 2
            if several and events and sum(line.fen for line in lines) == sum(event.fen for event in events):
                self._take(lines, events, "day", certain=False)

    def in_order(self) -> None:
        """What is left with equal amounts, nearest in order of date: somebody has to look."""
        for line in sorted(self._bank.values(), key=lambda item: (item.day, item.line)):
            near = [event for event in self._book.values() if event.fen == line.fen and self._near(line, event)]
            if near:
                nearest = min(near, key=functools.partial(_distance, line.day))
                self._take([line], [nearest], "amount", certain=False)

    def _near(self, line: BankItem, event: BookItem) -> bool:
        return (line.fen > 0) == (event.fen > 0) and abs((line.day - event.day).days) <= self._window

    def _all_near(self, line: BankItem, events: Iterable[BookItem]) -> bool:
        return all(self._near(line, event) for event in events)

    def _take(self, lines: Sequence[BankItem], events: Sequence[BookItem], reason: str, *, certain: bool) -> None:
        for line in lines:
            del self._bank[line.line]
        for event in events:
            del self._book[event.event]
        names = tuple(line.line for line in lines), tuple(event.event for event in events)
        fen = sum(line.fen for line in lines)
        self.found.append(Proposal(*names, fen, reason, certain, tuple(_parts(lines, events))))


def _distance(day: date, event: BookItem) -> tuple[int, int]:
    return abs((event.day - day).days), event.position


def _only_group(fen: int, items: Sequence[Item]) -> list[Item]:
    """The one group of two or more items that sums to `fen`; empty when there is none, or a choice, or too many."""
    if len(items) > _CANDIDATES_MAX:
        return []
    groups = (
        group
        for size in range(2, min(_GROUP_MAX, len(items)) + 1)
        for group in combinations(items, size)
        if sum(item.fen for item in group) == fen
    )
    first, second = next(groups, None), next(groups, None)
    return [] if first is None or second is not None else list(first)


def _parts(lines: Sequence[BankItem], events: Sequence[BookItem]) -> Iterator[MatchPart]:
    """The sums cut so that every line and every event comes out whole."""
    left = [event.fen for event in events]
    at = 0
    for line in lines:
        fen = line.fen
        while fen:
            part = min(fen, left[at], key=abs)
            yield MatchPart(line.line, events[at].event, part)
            fen -= part
            left[at] -= part
            at += not left[at]
