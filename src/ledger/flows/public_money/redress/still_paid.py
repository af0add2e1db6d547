"""What goes on being paid although it should not be: one rule for the rows of lists and for the lines of the book.

A decided stop, and a matter that says that somebody is dead, say so from a month on and stand somewhere in the book. A
household that is taken in again after that is paid rightly from there on.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.payment.batches import RETURNED
from ledger.flows.public_money.payment.courses import Course
from ledger.flows.public_money.payment.tellings import had_left
from ledger.flows.public_money.redress.stops import DECISIONS, TAKEN_IN

_LINE: Final = "subsidy.authorised"
_KEPT: Final = "subsidy.offset"
_PAID: Final = "subsidy.paid"
_OUT: Final = "batch.line_excluded"
HISTORY: Final = (*DECISIONS, _LINE, _KEPT, _PAID, *RETURNED, _OUT)
"""The kinds of an enrolment's history that tell which of its lines are paid."""


class Said(Protocol):
    """What says that a payment is wrong."""

    @property
    def since(self) -> str:
        """The first month (`YYYY-MM`) that is paid wrongly."""

    @property
    def position(self) -> int:
        """Where it stands in the book."""


class Paid(NamedTuple):
    """A line that pays wrongly: where it stands, what it is, the fen of it that were neither kept back nor taken out,
    or that stand paid although they were, and the decision by which it was paid (None: the history has none before it).
    """

    position: int
    line: Any
    fen: int
    term: Any


def taken_in_again(said: Said, history: Sequence[Recorded]) -> bool:
    """Whether a household was taken in again after something was said of it."""
    return _again(said, history) is not None


def paid_since(said: Said, history: Sequence[Recorded]) -> Iterator[Paid]:
    """The normal lines of an enrolment that pay a month from the one that is said on, have not been taken out, or were
    paid all the same, and were authorised before the household was taken in again; `history` is in order. One that was
    authorised again after it had failed is told once, as it was authorised last.
    """
    again = _again(said, history)
    left = _left(history)
    lines: list[tuple[Any, int]] = [(one.event, one.position) for one in history if one.event.kind == _LINE]
    newest = {(event.payment, event.batch): position for event, position in lines}
    term: Any = None
    for item in history:
        event: Any = item.event
        if again is not None and item.position >= again:
            return
        if event.kind in DECISIONS:
            term = event
        if event.kind != _LINE or event.component != "normal" or event.period_to < said.since:
            continue
        fen = left[event.payment, event.batch]
        if fen > 0 and newest[event.payment, event.batch] == item.position:
            yield Paid(item.position, event, fen, term)


def _again(said: Said, history: Sequence[Recorded]) -> int | None:
    return next((one.position for one in history if one.event.kind in TAKEN_IN and one.position > said.position), None)


def _left(history: Sequence[Recorded]) -> Counter[tuple[str, str]]:
    """(payment, batch) -> what is left of it: nothing of one that was taken out whole or authorised again in another
    batch, and of one that the bank paid in part, what was not taken out; what stands paid of any, where that is more.
    """
    due: Counter[tuple[str, str]] = Counter()
    paid: set[tuple[str, str]] = set()
    courses: defaultdict[tuple[str, str], Course] = defaultdict(Course)
    out: list[Any] = []
    last: dict[str, str] = {}
    """Payment -> the batch for which it was authorised last."""
    gone: set[tuple[str, str]] = set()
    """Authorised again in another batch since."""
    for one in history:
        event: Any = one.event
        if event.kind == _LINE:
            due[event.payment, event.batch] = event.amount_fen
            if event.payment in last:
                gone.add((event.payment, last[event.payment]))
                out = [one for one in out if (one.payment, one.batch) != (event.payment, event.batch)]
            gone.discard((event.payment, event.batch))
            last[event.payment] = event.batch
        elif event.kind == _KEPT:
            due[event.payment, event.batch] -= event.amount_fen
        elif event.kind == _PAID:
            paid.add((event.payment, event.batch))
            courses[event.payment, event.batch].paid(event.amount_fen, one.position, None, event.batch)
        elif event.kind in RETURNED and had_left(event):
            courses[event.payment, event.batch].back(event.amount_fen, one.position, event.batch)
        elif event.kind == _OUT:
            out.append(event)
    rests: Counter[tuple[str, str]] = Counter()
    for event in out:
        key = (event.payment, event.batch)
        if key in paid and event.amount_fen < due[key]:
            rests[key] += event.amount_fen
    for key in {(one.payment, one.batch) for one in out} & due.keys():
        due[key] = max(due[key] - rests[key] if key in rests else 0, courses[key].fen)
    for key in gone:
        due[key] = courses[key].fen
    return due
