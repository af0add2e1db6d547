"""Where one payment stands: what was authorised, what of its money stands, and what may still be authorised anew.

`payments.py` folds it out of the history of the payment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from ledger.flows.public_money.payment.courses import Counted, Course, Part, Parted, not_paid_again
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised
from ledger.flows.public_money.payment.tellings import had_left

if TYPE_CHECKING:
    from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturned, SubsidyReturnedLate


@dataclass(slots=True)
class Line:
    """Where one payment stands."""

    authorised: SubsidyAuthorised | None = None
    offset_fen: int = 0
    course: Course | Parted | Counted = field(default_factory=Course)
    """What of its money stands."""
    paid_on: date | None = None
    failed: "SubsidyReturned | SubsidyReturnedLate | None" = None
    """The last return, as long as it is not made good by a payment."""
    reissue: str | None = None
    """The payment that was authorised in place of this one."""
    reissue_fen: int = 0
    anew: tuple[tuple[str, int], ...] = ()
    """As `parts_anew`, since it was authorised last."""
    is_bound: bool = False
    """Whether parts of it were authorised anew before that: what is authorised since is no more than they left."""
    credited: "tuple[tuple[int, SubsidyPaid], ...]" = ()
    """Position of every payment that was told, and what was told, in the order of telling."""
    backs: "tuple[tuple[date, int, SubsidyReturned | SubsidyReturnedLate], ...]" = ()
    """Day and position of every return that was told, and what was told, in the order of telling."""
    taken_out: frozenset[str] = frozenset()
    """The batches that it was taken out of and not authorised for since."""
    rests_out: frozenset[str] = frozenset()
    """Those of which only the rest was taken out while it stood paid, for the bank had paid less than was due."""
    rest_out_fen: int = 0
    """That rest, in the batch for which it was authorised last."""
    again: bool = False
    """Whether it was authorised again, under its own number, since it failed."""

    @property
    def standing(self) -> int:
        """Above 0 is paid, 0 is not, and below 0 a return arrived before its payment."""
        return self.course.standing

    @property
    def parts(self) -> Sequence[Part]:
        """What stands paid: one payment, or several of which each but the first paid what was left."""
        return self.course.parts

    @property
    def paid_fen(self) -> int:
        """What stands paid, where anything does."""
        return self.course.fen

    def stands_in(self, batch: str) -> bool:
        """Whether it stands paid in a batch; by the earlier editions, in any."""
        return self.course.fen_in(batch) > 0 if isinstance(self.course, Course) else self.standing > 0

    def paid_in(self, batch: str) -> int:
        """What of it stands paid in a batch; by the earlier editions, in all."""
        return self.course.fen_in(batch) if isinstance(self.course, Course) else self.course.fen

    def waiting_in(self, batch: str) -> int:
        """What returns of a batch took of payments that are not told yet; the earlier editions did not ask."""
        return self.course.waiting_in(batch) if isinstance(self.course, Course) else 0

    @property
    def net_fen(self) -> int | None:
        """What the bank should credit; None when nothing was authorised here."""
        return None if self.authorised is None else self.authorised.amount_fen - self.offset_fen

    @property
    def rest_fen(self) -> int:
        """What the bank left unpaid of a line that stands paid, and nobody took out."""
        if self.net_fen is None or self.standing <= 0:
            return 0
        return max(0, self.net_fen - self.rest_out_fen - self.paid_fen)

    @property
    def parts_anew(self) -> dict[str, int]:
        """The payments that were authorised in place of parts that came back while the rest of it stood -> fen."""
        return dict(self.anew)

    @property
    def payments(self) -> "list[SubsidyPaid]":
        """Every payment that was told, in the order of telling."""
        return [event for _, event in self.credited]

    @property
    def returns(self) -> "list[SubsidyReturned | SubsidyReturnedLate]":
        """Every return that was told, in the order of telling."""
        return [event for _, _, event in self.backs]

    @property
    def _back_fen(self) -> int:
        """What came back of the batch for which it was authorised last, and was not paid again on a later day."""
        batch = None if self.authorised is None else self.authorised.batch
        back = [
            (day, at, event.amount_fen) for day, at, event in self.backs if event.batch == batch and had_left(event)
        ]
        paid = [(event.occurred_on, at, event.amount_fen) for at, event in self.credited]
        return not_paid_again(paid, back) if back else 0

    @property
    def back_fen(self) -> int:
        """What came back of a line of which the rest stands, and was neither paid again nor taken out."""
        return min(self.rest_fen, self._back_fen)

    @property
    def open_back_fen(self) -> int:
        """What came back of a line of which the rest stands, taken out or not, was not paid again, and for which
        nothing was authorised in its place.
        """
        if self.net_fen is None or self.standing <= 0:
            return 0
        back = min(self.net_fen - self.paid_fen, self._back_fen)
        return max(0, back - sum(self.parts_anew.values()))

    @property
    def anew_fen(self) -> int | None:
        """The most that may be authorised in its place; None where it was not authorised here, and nobody knows."""
        if self.reissue is not None:
            return 0
        if self.standing > 0:
            return self.open_back_fen
        if self.failed is None or self.again:
            return 0
        if self.net_fen is None:
            return None
        # Of what was taken out while it stood paid only as much is anybody's as came back.
        most = min(self.net_fen, max(self._back_fen, self.net_fen - self.rest_out_fen))
        return max(0, most - sum(self.parts_anew.values()))

    @property
    def is_out(self) -> bool:
        """Whether it was taken out of the batch for which it was authorised last."""
        return self.authorised is not None and self.authorised.batch in self.taken_out

    @property
    def may_come_again(self) -> bool:
        """Whether it came back and nothing was authorised in its place: not another payment, nor itself once more."""
        return self.failed is not None and self.standing <= 0 and self.reissue is None and not self.again

    def paid_after(self, day: date) -> bool:
        """Whether it stands paid by a payment of a later day, so that what failed on that day is made good."""
        return self.standing > 0 and self.paid_on is not None and self.paid_on > day
