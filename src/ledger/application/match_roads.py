"""The roads by which open lines and open events are matched, from the surest on.

Each road takes off the table only what fits on both sides in exactly one way; what is left when all were tried is open,
and where that is because two could fit equally well, it is a tie.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final, TypeVar

from ledger.application.open_items import OpenLine, OpenMove

_CANDIDATES_MAX: Final = 14
_GROUP_MAX: Final = 6
"""A sum is looked for among at most so many items, in groups of at most so many: the search stays small."""
Item = TypeVar("Item", OpenLine, OpenMove)
_Side = tuple[str, bool, bool]


@dataclass(frozen=True, slots=True)
class Match:
    """Lines and events with equal sums, and the road that found them: serial, batch, counterparty, amount, voucher,
    group or day.
    """

    lines: tuple[OpenLine, ...]
    moves: tuple[OpenMove, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Tie:
    """A line that several groups of events could explain, or whose event several lines could be."""

    line: OpenLine
    choices: tuple[tuple[OpenMove, ...], ...]


class Table:
    """What is still open on both sides while matches are found."""

    def __init__(self, lines: Iterable[OpenLine], moves: Iterable[OpenMove], window_days: int) -> None:
        self._lines = {line.line: line for line in lines}
        self._moves: dict[_Side, OpenMove] = {_side(move): move for move in moves}
        self._window = window_days
        self.matches: list[Match] = []

    @property
    def lines(self) -> list[OpenLine]:
        """The lines that are still open, in the order in which they were given."""
        return list(self._lines.values())

    @property
    def moves(self) -> list[OpenMove]:
        """The events that are still open."""
        return list(self._moves.values())

    def ties(self) -> Iterator[Tie]:
        """The open lines that something could explain."""
        for line in self.lines:
            choices = _groups_of(line.fen, self._near(line, self._sound()), 1)
            if choices:
                yield Tie(line, tuple(choices))

    def pairs(self, reason: str, fits: Callable[[OpenLine, OpenMove], bool] | None = None) -> None:
        """One line and one event of the same amount, where each fits only the other."""
        by_fen = _by_fen(self._sound())
        wanted: dict[str, list[OpenMove]] = {}
        suitors: defaultdict[_Side, int] = defaultdict(int)
        for line in self.lines:
            near = [m for m in self._near(line, by_fen.get(line.fen, ())) if fits is None or fits(line, m)]
            wanted[line.line] = near
            for move in near:
                suitors[_side(move)] += 1
        for line in self.lines:
            moves = wanted[line.line]
            if len(moves) == 1 and suitors[_side(moves[0])] == 1:
                self._take([line], moves, reason)

    def groups(
        self,
        reason: str,
        key: Callable[[OpenMove], Hashable],
        fits: Callable[[OpenLine, Hashable], bool] | None = None,
    ) -> None:
        """One line that equals all open events with one key (a number, a voucher), where no second line does."""
        held: defaultdict[tuple[Hashable, bool], list[OpenMove]] = defaultdict(list)
        for move in self._sound():
            if key(move) is not None:
                held[key(move), move.fen > 0].append(move)
        by_fen = _by_fen(self.lines)
        for (name, _), moves in held.items():
            equal = [line for line in by_fen.get(sum(move.fen for move in moves), ()) if line.line in self._lines]
            lines = [o for o in equal if (fits is None or fits(o, name)) and self._all_near(o, moves)]
            if len(lines) == 1 and len(moves) > 1:
                self._take(lines, moves, reason)

    def batches(self) -> None:
        """A payment batch's sum as the bank sent it, failed lines included; then what came back of it."""
        for outward in (True, False):
            held: defaultdict[str, list[OpenMove]] = defaultdict(list)
            for move in self.moves:
                if move.batch is not None and (move.fen < 0) == outward:
                    held[move.batch].append(move)
            for batch in sorted(held):
                for line in [one for one in self.lines if (one.fen < 0) == outward]:
                    self._batch(line, [move for move in held[batch] if _side(move) in self._moves])

    def _batch(self, line: OpenLine, moves: Sequence[OpenMove]) -> None:
        near = self._near(line, moves)
        sent = (near, [move for move in near if not move.failed], [move for move in near if move.failed])
        fits = [some for some in sent if some and sum(move.fen for move in some) == line.fen]
        if fits and not self._rivals(line, near):
            self._take([line], fits[0], "batch")

    def _rivals(self, line: OpenLine, moves: Sequence[OpenMove]) -> bool:
        """Whether another line of the same amount lies as near."""
        others = (one for one in self.lines if one is not line and one.fen == line.fen)
        return any(self._all_near(one, moves) for one in others)

    def searched(self) -> None:
        """A line that exactly one small group of events equals, then an event that one group of lines equals."""
        for line in self.lines:
            groups = _groups_of(line.fen, self._near(line, self._sound()), 2)
            if len(groups) == 1 and not self._twins(line, self.lines):
                self._take([line], groups[0], "group")
        for move in self._sound():
            near = [line for line in self.lines if self._all_near(line, [move])]
            several = _groups_of(move.fen, near, 2)
            if len(several) == 1 and not self._twins(move, self._sound()):
                self._take(several[0], [move], "group")

    def whole_days(self) -> None:
        """All open lines of a day against all open events of it, one way, where no two items could be exchanged."""
        for day, into in sorted({(line.day, line.fen > 0) for line in self.lines}):
            lines = [line for line in self.lines if line.day == day and (line.fen > 0) == into]
            moves = [move for move in self._sound() if move.day == day and (move.fen > 0) == into]
            equal = sum(line.fen for line in lines) == sum(move.fen for move in moves)
            if moves and equal and not {line.fen for line in lines} & {move.fen for move in moves}:
                self._take(lines, moves, "day")

    def _twins(self, one: Item, others: Iterable[Item]) -> bool:
        return any(o is not one and o.fen == one.fen and self._close(o.day, one.day) for o in others)

    def _sound(self) -> list[OpenMove]:
        """Events that moved money; a failed payment belongs to its batch's line alone."""
        return [move for move in self._moves.values() if not move.failed]

    def _near(self, line: OpenLine, moves: Iterable[OpenMove]) -> list[OpenMove]:
        return [m for m in moves if (m.fen > 0) == (line.fen > 0) and self._close(m.day, line.day)]

    def _all_near(self, line: OpenLine, moves: Sequence[OpenMove]) -> bool:
        return len(self._near(line, moves)) == len(moves)

    def _close(self, one: date, other: date) -> bool:
        return abs((one - other).days) <= self._window

    def _take(self, lines: Sequence[OpenLine], moves: Sequence[OpenMove], reason: str) -> None:
        self.matches.append(Match(tuple(lines), tuple(moves), reason))
        for line in lines:
            del self._lines[line.line]
        for move in moves:
            del self._moves[_side(move)]


def _side(move: OpenMove) -> _Side:
    """A failed payment is on the table twice: out, and in again."""
    return move.event, move.failed, move.fen > 0


def _by_fen(items: Iterable[Item]) -> Mapping[int, list[Item]]:
    found: defaultdict[int, list[Item]] = defaultdict(list)
    for item in items:
        found[item.fen].append(item)
    return found


def _groups_of(fen: int, items: Sequence[Item], least: int) -> list[tuple[Item, ...]]:
    """At most two groups of `least` or more items that sum to `fen`; among too many items only single ones."""
    found: list[tuple[Item, ...]] = []
    if len(items) > _CANDIDATES_MAX:
        found += [(item,) for item in items if item.fen == fen and least == 1]
        return found[:2]
    for size in range(least, min(_GROUP_MAX, len(items)) + 1):
        for group in combinations(items, size):
            if sum(item.fen for item in group) == fen:
                found.append(group)
                if len(found) > 1:
                    return found
    return found
