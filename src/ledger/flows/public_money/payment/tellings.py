"""What a result tells again: the same success or return of a day once more, or another one of that day.

A bank may pay a line in slices and send it back in slices, several on one day. Its serial number tells them apart, and
where one of two has none, their sums do: two of one sum are then one. Nor is it another one where all of them together
would be more than can have been paid or sent back on that day.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from ledger.flows.event import Event
from ledger.flows.public_money.payment.batches import RETURNED_LATE

Back = TypeVar("Back", bound=Event)

LINE_NO: Final = "序号"
"""Before the number that a line has in its file, which is no serial number of the bank: another file counts anew."""
_ROUNDED: Final = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet leaves of a long number."""
_TAIL: Final = 6
"""As many characters as one spelling must have to be known again at the end of a longer one."""


class Told(NamedTuple):
    """What a result says of one payment: the fen, and the number that its file gives it."""

    fen: int
    ref: str | None


def serial(ref: str | None) -> str | None:
    """The bank's serial number in one spelling; None where there is none, or one that cannot be compared."""
    if ref is None or ref.startswith(LINE_NO) or _ROUNDED.fullmatch(ref.strip()):
        return None
    plain = "".join(letter for letter in ref.upper() if letter.isalnum())
    return plain if plain.strip("0") else None


def same_serial(one: str, other: str) -> bool:
    """Whether two serial numbers, each in its one spelling, are one: banks also write what they stand behind, and
    spreadsheets leave out the zeros before them.
    """
    short, long = sorted((one, other), key=len)
    return short.lstrip("0") == long.lstrip("0") or (_TAIL <= len(short) < len(long) and long.endswith(short))


def is_same(one: Told, other: Told) -> bool:
    """Whether two results of a day are one, as far as they say themselves."""
    mine, others = serial(one.ref), serial(other.ref)
    if mine is not None and others is not None:
        return same_serial(mine, others)
    return one.fen == other.fen


def as_told(event: Any) -> Told:
    """What the event of a success or a return says."""
    return Told(event.amount_fen, event.result_ref)


def distinct(returns: Sequence[Back]) -> list[Back]:
    """The returns of one payment, batch and day, each once: what was said never to have left, and proved to be money
    that came back, is the late one.
    """
    gone = proved(returns)
    return [one for place, one in enumerate(returns) if place not in gone]


def proved(returns: Sequence[Event]) -> set[int]:
    """Which of the returns of one payment, batch and day were said never to have left and proved to be money that came
    back: each late return is of one of them.
    """
    gone: set[int] = set()
    for late in (one for one in returns if one.kind in RETURNED_LATE):
        for place, one in enumerate(returns):
            if not had_left(one) and place not in gone and is_same(as_told(one), as_told(late)):
                gone.add(place)
                break
    return gone


def had_left(event: Any) -> bool:
    """Whether a return is of money that had been paid; of a line that was said never to have left it may yet prove."""
    return event.kind in RETURNED_LATE or bool(event.was_paid)


def proved_left(returns: Iterable[tuple[int, Hashable, int, bool]]) -> set[int]:
    """As `proved`, for those who know no serial numbers: positions, of (position, payment with batch and day, fen,
    whether it is the late one), where each late return is of one failure of the same sum.
    """
    returns = list(returns)
    late = Counter((key, fen) for _, key, fen, is_late in returns if is_late)
    found: set[int] = set()
    for position, key, fen, is_late in returns:
        if not is_late and late[key, fen] > 0:
            late[key, fen] -= 1
            found.add(position)
    return found
