"""How the money of one payment went (到账、退票): what of it stands, and what was sent back before it was told.

The bank may pay a line in parts, and results come out of order. The sums say how they belong together: a return takes
the part that is as large as itself, else the newest ones as far as it goes; what it takes more than stands waits for
the payments that are told later. A batch is paid and sent back by itself: what one sent back before it was told takes
nothing of what another one pays. The rules and the read models use this one fold, so that both say the same.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class Part:
    """What stands of one payment."""

    fen: int
    at: int
    """Its position."""
    day: date | None
    batch: str


@dataclass(slots=True)
class Early:
    """What a return took of payments that are not told yet."""

    fen: int
    at: int
    batch: str


@dataclass(slots=True)
class Course:
    """The course of a payment, event by event in order of position."""

    parts: list[Part] = field(default_factory=list)
    """What stands paid: one payment, or several of which each but the first paid what was left."""
    early: list[Early] = field(default_factory=list)
    """Empty for a batch of which anything stands paid."""

    @property
    def fen(self) -> int:
        """What stands paid."""
        return sum([part.fen for part in self.parts])

    @property
    def standing(self) -> int:
        """1 is paid, 0 is not, and below 0 returns wait for their payments."""
        return 1 if self.parts else -len(self.early)

    def fen_in(self, batch: str) -> int:
        """What stands paid of a batch."""
        return sum([part.fen for part in self.parts if part.batch == batch])

    def waiting_in(self, batch: str) -> int:
        """What returns of a batch took of payments that are not told yet."""
        return sum([one.fen for one in self.early if one.batch == batch])

    def paid(self, fen: int, at: int, day: date | None, batch: str) -> None:
        """Take a payment; what a return of its batch took of it before it was told does not stand."""
        if self.early:
            fen = self._take_early(fen, at, batch)
        if fen:
            self.parts.append(Part(fen, at, day, batch))

    def _take_early(self, fen: int, at: int, batch: str) -> int:
        while fen and (mine := [one for one in self.early if one.batch == batch]):
            taken = next((one for one in mine if one.fen == fen), mine[0])
            bite = min(fen, taken.fen)
            taken.fen, fen = taken.fen - bite, fen - bite
            self._bitten(taken.at, at, left=fen)
            self.early = [one for one in self.early if one.fen]
        return fen

    def back(self, fen: int, at: int, batch: str) -> None:
        """Take a return of money that had been paid in a batch."""
        mine = [part for part in reversed(self.parts) if part.batch == batch]
        equal = next((part for part in mine if part.fen == fen), None)
        for part in mine if equal is None else [equal]:
            bite = min(fen, part.fen)
            part.fen, fen = part.fen - bite, fen - bite
            if not part.fen:
                self._gone(at, part.at)
        self.parts = [part for part in self.parts if part.fen]
        if fen:
            self.early.append(Early(fen, at, batch))

    def out(self, fen: int, at: int, batch: str) -> bool:
        """Take what was taken out of a batch; answers whether it was the rest of what stood paid in it."""
        return any(part.batch == batch for part in self.parts)

    def _bitten(self, back_at: int, paid_at: int, *, left: int) -> None:
        """A return took of a payment that was told after it, and left so much of it."""

    def _gone(self, back_at: int, paid_at: int) -> None:
        """A return left nothing of a payment."""


@dataclass(slots=True)
class Traced(Course):
    """The same of one batch, with what each return did: for those who count payments."""

    sent_back: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Position of a return -> those of the payments of which it left nothing."""
    ended: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Position of a return after which nothing stood -> those of the payments that had stood together until then."""
    bitten: set[int] = field(default_factory=set)
    """Positions of returns that were told before a payment of which they took something."""
    rests_out: dict[int, int] = field(default_factory=dict)
    """Position -> fen that was taken out of the line while it stood paid: what the bank had left unpaid."""
    out_fen: int = 0
    """What was taken out of it while it did not."""
    _together: list[int] = field(default_factory=list)

    def paid(self, fen: int, at: int, day: date | None, batch: str) -> None:
        """Take a payment."""
        self._together.append(at)
        Course.paid(self, fen, at, day, batch)

    def back(self, fen: int, at: int, batch: str) -> None:
        """Take a return."""
        Course.back(self, fen, at, batch)
        self._end(at)

    def out(self, fen: int, at: int, batch: str) -> bool:
        """Take what was taken out."""
        is_rest = Course.out(self, fen, at, batch)
        if is_rest:
            self.rests_out[at] = fen
        else:
            self.out_fen += fen
        return is_rest

    def _bitten(self, back_at: int, paid_at: int, *, left: int) -> None:
        self.bitten.add(back_at)
        if not left:
            self.sent_back[back_at].append(paid_at)
            self._end(back_at)

    def _gone(self, back_at: int, paid_at: int) -> None:
        self.sent_back[back_at].append(paid_at)

    def _end(self, at: int) -> None:
        if not self.parts and self._together:
            self.ended[at] += self._together
            self._together = []


@dataclass(slots=True)
class Parted:
    """The course as the ninth edition counted it: a return sent back the one of several payments that was as large as
    itself, else whatever stood; told before its payment, it took a whole payment, whatever the sums.
    """

    parts: list[Part] = field(default_factory=list)
    standing: int = 0
    fen: int = 0
    """What stands, or what stood last."""

    def paid(self, fen: int, at: int, day: date | None, batch: str) -> None:
        """Take a payment."""
        self.standing += not self.parts
        self.parts += [Part(fen, at, day, batch)] if self.standing > 0 else []
        self.fen = sum(part.fen for part in self.parts) or fen

    def back(self, fen: int, at: int, batch: str) -> None:
        """Take a return of money that had been paid."""
        equal = next((part for part in reversed(self.parts) if part.fen == fen), None)
        if equal is None or len(self.parts) == 1:
            self.standing, self.parts = self.standing - 1, []
            return
        alike = next(part for part in self.parts if (part.day, part.fen) == (equal.day, fen))
        self.parts = [part for part in self.parts if part is not alike]
        self.fen -= fen


@dataclass(slots=True)
class Counted:
    """The course as the editions before the ninth counted it: payments less returns, whatever their sums."""

    standing: int = 0
    fen: int = 0
    """What the last payment credited."""
    parts: tuple[Part, ...] = ()
    """They knew of no line that is paid in parts."""

    def paid(self, fen: int, at: int, day: date | None, batch: str) -> None:
        """Take a payment."""
        self.standing, self.fen = self.standing + 1, fen

    def back(self, fen: int, at: int, batch: str) -> None:
        """Take a return of money that had been paid."""
        self.standing -= 1

    def out(self, fen: int, at: int, batch: str) -> bool:
        """No rest was taken out."""
        return False


def not_paid_again(paid: Iterable[tuple[date, int, int]], back: Iterable[tuple[date, int, int]]) -> int:
    """What is left of money that failed or came back, each with its day, position and fen, when every payment of a
    later day, or told later of the same day, pays it again.
    """
    left = 0
    for _, _, fen in sorted([*((day, at, -fen) for day, at, fen in paid), *back]):
        left = max(0, left + fen)
    return left
