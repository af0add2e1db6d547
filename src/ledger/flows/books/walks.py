"""The order of bank lines within a day: each leads from the balance before it to the balance after it, and one walk
over all of them tells where the day began and where it ended, whatever the order of rows and files.

Where the walk could begin anywhere (money that came and went again) times tell, as far as the bank gave any. Source:
银行流水 (previous balance ± amount = balance).
"""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Sequence

from ledger.flows.books.chains import pieces_of

Walk = tuple[int, int]
"""The balances before and after a line, in fen."""


def walk_order(walks: Sequence[Walk], begin: int | None = None) -> list[int]:
    """The lines, by their place in `walks`, in an order in which as few as possible do not begin where the one before
    ended. `walks` come in the order that times or rows say, which counts where the balances leave a choice; `begin` is
    the balance before all of them, if it is known.
    """
    piece_of = pieces_of(walks)
    by_piece: defaultdict[int, list[int]] = defaultdict(list)
    for place, (before, _) in enumerate(walks):
        by_piece[piece_of[before]].append(place)
    home = piece_of.get(begin) if begin is not None else None
    pieces = sorted(by_piece, key=lambda piece: (piece != home, by_piece[piece][0]))
    return [place for piece in pieces for place in _one_piece(walks, by_piece[piece], begin)]


def _one_piece(walks: Sequence[Walk], places: Sequence[int], begin: int | None) -> list[int]:
    """The lines of one piece in the order of a walk over it (Hierholzer 1873). Where several have no line before them,
    a leap leads from each end to the next beginning.
    """
    leaves: defaultdict[int, deque[tuple[int, int]]] = defaultdict(deque)
    for place in places:
        leaves[walks[place][0]].append((place, walks[place][1]))
    froms, untils = loose_ends([walks[place] for place in places])
    for end, start in zip(untils, froms[1:], strict=False):
        leaves[end].append((-1, start))
    around = begin if begin in leaves and begin is not None else walks[places[0]][0]
    stack: list[tuple[int, int]] = [(-1, froms[0] if froms else around)]
    done: list[int] = []
    while stack:
        place, balance = stack[-1]
        if leaves[balance]:
            stack.append(leaves[balance].popleft())
        else:
            stack.pop()
            done.append(place)
    return [place for place in reversed(done) if place >= 0]


def loose_ends(walks: Sequence[Walk]) -> tuple[list[int], list[int]]:
    """The balances to which no line leads, and those from which none goes on, in the order of their lines."""
    lacking = Counter(before for before, _ in walks)
    lacking.subtract(after for _, after in walks)
    froms = [fen for fen in dict.fromkeys(before for before, _ in walks) for _ in range(lacking[fen])]
    last = dict.fromkeys(after for _, after in reversed(walks))
    return froms, [fen for fen in reversed(last) for _ in range(-lacking[fen])]


def ends_at(walks: Sequence[Walk], stated: Collection[int], *, timed: bool) -> int | None:
    """The balance at the end of a day of which these are all known lines, by time if they are `timed`; None where they
    lead round and no time says where they began. Of several ends, for lines are missing, one that a statement names as
    its closing balance goes before the others.
    """
    _, untils = loose_ends(walks)
    if len({*untils}) > 1:
        named = [fen for fen in untils if fen in stated]
        return named[0] if len({*named}) == 1 else walks[walk_order(walks)[-1]][1]
    if untils:
        return untils[0]
    return walks[walk_order(walks)[-1]][1] if timed else None
