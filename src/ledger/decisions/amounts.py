"""What an event moves, and a voucher, where several of its events speak of the same money: a finding, its order and
what came in.

A policy measures a voucher by all that its events ask for, and so it is recorded; whoever looks at it wants to know how
much money it is about.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from ledger.accounts.legs import Leg
from ledger.accounts.roles import BOOKKEEPING_ROLES
from ledger.flows.event import Event

_CHAINS: Final = ("finding", "grant")
"""Fields by which events say that they are about the same money, one step after another."""


def moved_fen(event: Event | None, legs: Iterable[Leg]) -> int:
    """What an event counts for in its voucher's amount: what it moves; else what it asks for; else what it debits.
    Of a red letter (None) the legs say all.
    """
    moved = debits = 0
    for leg in legs:
        if leg.amount_fen > 0 and leg.book == "main":
            debits += leg.amount_fen
            moved += 0 if leg.role in BOOKKEEPING_ROLES else leg.amount_fen
    return moved or _asked(event) or debits


def _asked(event: Event | None) -> int:
    value = getattr(event, "amount_fen", 0)
    return value if isinstance(value, int) and value > 0 else 0


def once_fen(events: Iterable[Event], amount_fen: int) -> int:
    """The amount of a voucher without what its events say again: of each chain the largest of its steps counts."""
    steps: defaultdict[tuple[str, str], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for event in events:
        fen = getattr(event, "amount_fen", None)
        named = next(((name, str(one)) for name in _CHAINS if (one := getattr(event, name, None)) is not None), None)
        if named is not None and isinstance(fen, int) and fen > 0:
            steps[named][event.kind] += fen
    again = sum(sum(kinds.values()) - max(kinds.values()) for kinds in steps.values())
    return max(0, amount_fen - again)
