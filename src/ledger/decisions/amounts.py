"""What a voucher moves, where several of its events speak of the same money: a finding, its order and what came in.

A policy measures a voucher by all that its events ask for, and so it is recorded; whoever looks at it wants to know how
much money it is about.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from ledger.flows.event import Event

_CHAINS: Final = ("finding", "grant")
"""Fields by which events say that they are about the same money, one step after another."""


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
