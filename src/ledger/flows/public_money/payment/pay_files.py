"""What the pay files of a batch may ask of the bank together.

Each line is asked for once, again as often as it failed or came back, and once more as far as the bank paid less of it
than it was asked for and said nothing of the rest. What it said nothing of is written off when a file asks for it
again; until the bank says something of that line anew, it is not written off twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.payment.batches import BatchLineExcluded
from ledger.flows.public_money.payment.courses import not_paid_again
from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturned, SubsidyReturnedLate
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised, SubsidyOffset
from ledger.flows.public_money.payment.tellings import distinct, had_left
from ledger.flows.public_money.payment.transit import BatchInstructed

Return = SubsidyReturned | SubsidyReturnedLate


@dataclass(slots=True)
class _Line:
    """What a batch knows of one line."""

    net_fen: int = 0
    credits: list[tuple[date, int, int]] = field(default_factory=list)
    """Day, position and fen of each payment."""
    told: dict[date, list[tuple[int, Return]]] = field(default_factory=dict)
    """Day -> position and event of each return."""
    written_off: int = 0
    """What was written off since the bank said something of it."""

    def take(self, item: Recorded) -> None:
        """Take one event of it, in order of position."""
        event = item.event
        if isinstance(event, SubsidyAuthorised):
            self.net_fen = event.amount_fen
        elif isinstance(event, SubsidyOffset):
            self.net_fen -= event.amount_fen
        elif isinstance(event, SubsidyPaid):
            self.credits.append((event.occurred_on, item.position, event.amount_fen))
            self.written_off = 0
        elif isinstance(event, SubsidyReturned | SubsidyReturnedLate):
            self.told.setdefault(event.occurred_on, []).append((item.position, event))

    @property
    def backs(self) -> list[tuple[date, int, int]]:
        """Day, position and fen of each time that it failed or came back: what was told of one day twice is one."""
        found = []
        for day, told in self.told.items():
            own = distinct([event for _, event in told])
            found += [(day, at, event.amount_fen) for at, event in told if any(event is one for one in own)]
        return found

    @property
    def unanswered(self) -> int:
        """What the bank said nothing of, of a line of which it paid something, and was not written off."""
        if not self.credits:
            return 0
        back = sum(one.amount_fen for told in self.told.values() for _, one in told if had_left(one))
        stands = sum(fen for _, _, fen in self.credits) - back
        again = not_paid_again(self.credits, self.backs)
        return max(0, self.net_fen - max(0, stands) - again - self.written_off)


class _Asked:
    """How the files of a batch and what the bank said of its lines follow each other."""

    def __init__(self, total_fen: int) -> None:
        self._lines: defaultdict[str, _Line] = defaultdict(_Line)
        self._fen = total_fen
        self.sent = 0

    @property
    def most(self) -> int:
        """What the files may ask for together, without what may still be written off."""
        return self._fen + sum(back[2] for one in self._lines.values() for back in one.backs)

    def take(self, item: Recorded) -> None:
        """Take a line, a result, or what was taken out."""
        event = item.event
        if isinstance(event, BatchLineExcluded):
            self._fen -= event.amount_fen
        elif (payment := getattr(event, "payment", None)) is not None:
            self._lines[payment].take(item)

    def send(self, fen: int) -> None:
        """Take a file; as far as it asks for more, what the bank said nothing of is written off."""
        self.sent += fen
        beyond = self.sent - self.most
        for one in self._lines.values():
            if beyond <= 0:
                return
            off = min(beyond, one.unanswered)
            one.written_off += off
            self._fen += off
            beyond -= off


def asked(total_fen: int, steps: Iterable[Recorded], told: Sequence[Recorded], fen: int) -> tuple[int, int]:
    """What the files of a batch ask for with one more of so many fen, and what they may ask for at most; by its steps,
    and by its lines and what became of them.
    """
    found = _Asked(total_fen)
    for item in sorted([*steps, *told], key=lambda item: item.position):
        if isinstance(item.event, BatchInstructed):
            found.send(item.event.total_fen)
        else:
            found.take(item)
    found.send(fen)
    return found.sent, found.most
