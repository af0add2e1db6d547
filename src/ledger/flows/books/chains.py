"""Balance chains (余额链): each line of a statement begins where the one before it ended.

A line leads from the balance before it to the balance after it. What is known of a statement's days is whole when one
walk over all the lines leads from its opening balance to its closing balance; where the walk must leap, a line is
missing or wrong. The order of the rows does not matter: banks print them either way round, and what was missing comes
in another file.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import islice, product
from typing import Final, NamedTuple, Protocol

TRIED: Final = 8
"""At how many balances, besides those of the statement, the walk may begin or end: more loose ends are breaks."""


class KnownLine(NamedTuple):
    """A line of a statement's account and days, from whichever file."""

    amount_fen: int
    balance_fen: int | None
    day: str
    statement: str


class Stated(Protocol):
    """What a statement says of itself, as an event or as a row of a table."""

    @property
    def statement(self) -> str: ...
    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date: ...
    @property
    def opening_fen(self) -> int: ...
    @property
    def closing_fen(self) -> int: ...
    @property
    def line_count(self) -> int: ...
    @property
    def breaks(self) -> int: ...


def statement_breaks(stated: Stated, lines: Sequence[KnownLine]) -> int:
    """The breaks of a statement that remain, given all lines that are known of its account and days. Where there are
    more of them than its own, its first and last day may hold lines from before its opening and after its closing.
    """
    more = len(lines) > stated.line_count
    others = [one for one in lines if more and one.balance_fen is not None and one.statement != stated.statement]
    begins = [(one.balance_fen or 0) - one.amount_fen for one in others if one.day == str(stated.first_day)]
    ends = [one.balance_fen or 0 for one in others if one.day == str(stated.last_day)]
    rows = [(one.amount_fen, one.balance_fen) for one in lines]
    return breaks_left(stated.breaks, stated.opening_fen, stated.closing_fen, rows, begins=begins, ends=ends)


def breaks_left(
    breaks: int,
    opening_fen: int,
    closing_fen: int,
    rows: Sequence[tuple[int, int | None]],
    *,
    begins: Collection[int] = (),
    ends: Collection[int] = (),
) -> int:
    """How many of a statement's breaks remain, given (amount, balance after it) of all lines that are known of its
    days: lines that were missing close the breaks that they left. The days may begin at one of the balances `begins`
    instead of the opening balance, where no line leads to it, and end at one of `ends`, where no line goes on. Days
    that end on the balance they began with (an account that is emptied) are a round trip: one line more leads to it.
    """
    walks = [(balance - fen, balance) for fen, balance in rows if balance is not None]
    if not breaks or len(walks) < len(rows) or not walks:
        return breaks
    before, after = Counter(begin for begin, _ in walks), Counter(end for _, end in walks)
    if (before - after).total() > breaks:
        return breaks
    froms = [opening_fen, *islice((one for one in sorted({*begins}) if before[one] > after[one]), TRIED)]
    untils = [closing_fen, *islice((one for one in sorted({*ends}) if after[one] > before[one]), TRIED)]
    unseen_from, unseen_until = int(opening_fen not in before), int(closing_fen not in after)
    found = [
        _leaps([*walks, (until, begin)])
        + (unseen_from if begin != opening_fen else 0)
        + (unseen_until if until != closing_fen else 0)
        for begin, until in product(froms, untils)
    ]
    home = ({*begins} & {closing_fen, *ends}) | ({*ends} & {opening_fen})
    if any(before[one] == after[one] for one in home):  # wherever the round trip begins, it is the same one
        found.append(_leaps(walks) + unseen_from + unseen_until)
    return min(breaks, *found)


def _leaps(walks: Sequence[tuple[int, int]]) -> int:
    """How often somebody who goes over all these walks and comes back to where they began must leap, at the least:
    once for each end from which none goes on, and to each piece that hangs together with no other and back.
    """
    unled = Counter(begin for begin, _ in walks) - Counter(end for _, end in walks)
    piece_of = pieces_of(walks)
    if len({*piece_of.values()}) == 1:
        return unled.total()
    leaps: Counter[int] = Counter()
    for balance, count in unled.items():
        leaps[piece_of[balance]] += count
    return sum(max(1, leaps[piece]) for piece in {*piece_of.values()})


def pieces_of(walks: Iterable[tuple[int, int]]) -> dict[int, int]:
    """For each balance the piece that it belongs to: balances that walks connect belong to one."""
    parent: dict[int, int] = {}

    def piece(balance: int) -> int:
        while parent.setdefault(balance, balance) != balance:
            parent[balance] = parent[parent[balance]]
            balance = parent[balance]
        return balance

    for begin, end in walks:
        parent[piece(begin)] = piece(end)
    return {balance: piece(balance) for balance in list(parent)}
