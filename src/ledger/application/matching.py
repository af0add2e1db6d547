"""Matching (对账): which booked events explain which lines of a bank statement, proposed as `bank.allocated` events.

The roads are tried from the surest on (see `match_roads.py`). Nothing is guessed: where two could fit equally well,
both are named and nothing is proposed. The same book gives the same proposals.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.application.drafting import draft_event
from ledger.application.match_roads import Match, Table, Tie
from ledger.application.open_items import OpenLine, OpenMove, open_items
from ledger.flows.event import Event

WINDOW_DAYS: Final = 7
"""How far apart the two sides may be dated: a cheque, a long holiday."""


@dataclass(frozen=True, slots=True)
class Matching:
    """What was found for one account: matches, ties, and all that stays open on each side, ties included."""

    matches: tuple[Match, ...]
    ties: tuple[Tie, ...]
    lines: tuple[OpenLine, ...]
    moves: tuple[OpenMove, ...]

    def events(self, account: str) -> list[Event]:
        """One `bank.allocated` a line of the account, for somebody to look at and sign; empty when nothing is sure."""
        parts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        for found in self.matches:
            for line, event, fen in _parts(found):
                parts[line][event] += fen
        return [
            draft_event(
                "bank.allocated",
                {
                    "version": 2,
                    "line": line,
                    "account": account,
                    "parts": [{"event": e, "amount_fen": f} for e, f in of.items()],
                },
            )
            for line, of in parts.items()
        ]


def propose_allocations(
    connection: Connection,
    entity: str,
    account: str,
    *,
    until: date | None = None,
    window_days: int = WINDOW_DAYS,
) -> Matching:
    """Match the open items of an entity's account, dated by the day `until` (None: all). Nothing is written."""
    lines, moves = open_items(connection, entity, account, until)
    return match(lines, moves, window_days)


def match(lines: Iterable[OpenLine], moves: Iterable[OpenMove], window_days: int = WINDOW_DAYS) -> Matching:
    """Match open lines with open events, each taken whole; the order in which they are given does not matter."""
    in_order = sorted(lines, key=lambda one: (one.day, one.line))
    table = Table(in_order, sorted(moves, key=lambda one: (one.day, one.position, one.failed)), window_days)
    table.pairs("serial", lambda line, move: line.serial is not None and line.serial == move.reference)
    table.groups("serial", lambda move: move.reference, lambda line, key: line.serial == key)
    table.batches()
    table.pairs("counterparty", _same_name)
    table.pairs("amount")
    table.groups("voucher", lambda move: move.number)
    table.searched()
    table.whole_days()
    return Matching(tuple(table.matches), tuple(table.ties()), tuple(table.lines), tuple(table.moves))


def _same_name(line: OpenLine, move: OpenMove) -> bool:
    """Banks cut names at twenty characters, so one name may begin the other."""
    one, other = line.counterparty, move.counterparty
    return one is not None and other is not None and (one.startswith(other) or other.startswith(one))


def _parts(found: Match) -> Iterator[tuple[str, str, int]]:
    """The sums cut so that every line and every event comes out whole: (line, event, signed fen)."""
    left = [move.fen for move in found.moves]
    at = 0
    for line in found.lines:
        fen = line.fen
        while fen:
            part = min(fen, left[at], key=abs)
            yield line.line, found.moves[at].event, part
            fen -= part
            left[at] -= part
            at += not left[at]
