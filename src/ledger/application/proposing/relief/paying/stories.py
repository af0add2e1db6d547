"""What the results of all files tell of one payment (到账、退票), by the days on which it happened.

A bank pays a line at once or in parts, and sends it back at once or in parts, several on one day where it says so
(`tellings.py`). The sums say what stands, as everywhere (`courses.py`), but by the days, and not by the order in which
they were told. Results of one day happened in the order in which they were read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.proposal import RowRefusedError
from ledger.flows.event import Event
from ledger.flows.public_money.payment.courses import Course, Part
from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturned, SubsidyReturnedLate
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised, SubsidyOffset
from ledger.flows.public_money.payment.tellings import Told, had_left, is_same, same_serial, serial

Return = SubsidyReturned | SubsidyReturnedLate


class Result(NamedTuple):
    """What a line of the bank says of a payment."""

    day: date
    success: bool
    fen: int
    ref: str | None

    @property
    def told(self) -> Told:
        """What tells it from others of its day."""
        return Told(self.fen, self.ref)


class Sent(NamedTuple):
    """What a return sent back: the day of the oldest success of which it took anything, and how much."""

    paid_on: date
    fen: int


@dataclass(slots=True)
class _Known:
    """A result that was told, once or again."""

    number: int
    result: Result
    events: list[Event] = field(default_factory=list)
    """What the book has of it: a return may be told a second time, as money."""
    rows: dict[str, list[CleanRow]] = field(default_factory=dict)
    """The rows of the file that tell of it, by what tells them from others; one may stand in the file again."""
    is_new: bool = False
    """Whether the book has nothing of it."""


class Claimed(NamedTuple):
    """What is known of a result: the events, and the other rows of the file that told as much, of which nothing says
    that they are others. It is bare where only they told of it, without a number of the bank.
    """

    events: Sequence[Event]
    others: Sequence[CleanRow]
    is_bare: bool


class _Walk:
    """A payment's results walked through day by day; what comes back of nothing that stands waits for nothing."""

    def __init__(self, told: Iterable[tuple[int, Result]], due: int, watched: int | None = None) -> None:
        self.sent: dict[int, Sent] = {}
        """Return -> what it sent back."""
        self.most = 0
        """The most that stood at once while anything of the watched success did."""
        self.is_rest = False
        """Whether others stood beside that success."""
        self._course = Course()
        self._due, self._watched = due, watched
        self._refs: dict[int, str | None] = {}
        """Success -> its number."""
        for number, one in sorted(told, key=lambda one: one[1].day):
            self._take(number, one)

    @property
    def parts(self) -> Sequence[Part]:
        """What stands in the end."""
        return self._course.parts

    @property
    def fen(self) -> int:
        """The same together."""
        return self._course.fen

    def _take(self, number: int, one: Result) -> None:
        if one.success:
            self._course.paid(one.fen, number, one.day, "")
            self._refs[number] = serial(one.ref)
        elif self.parts and not self._never_left(one):
            self.sent[number] = self._back(number, one.fen)
        if any(part.at == self._watched for part in self.parts):
            self.most = max(self.most, self.fen)
            self.is_rest = self.is_rest or len(self.parts) > 1

    def _never_left(self, one: Result) -> bool:
        """Whether what failed is the rest of what was due, of which nothing stands: of two equal halves of one day that
        is the other one, unless the bank's number says that it is what was paid.
        """
        return one.fen == self._due - self.fen and not any(self._may_be(part, one) for part in self.parts)

    def _may_be(self, part: Part, one: Result) -> bool:
        mine, other = self._refs.get(part.at), serial(one.ref)
        is_told = mine is not None and other is not None and same_serial(mine, other)
        return part.fen == one.fen and (part.day != one.day or is_told)

    def _back(self, number: int, fen: int) -> Sent:
        stood = self.fen
        before = [(part.at, part.day, part.fen) for part in self.parts]
        self._course.back(fen, number, "")
        self._course.early.clear()
        left = {part.at: part.fen for part in self.parts}
        days = [day for at, day, had in before if day is not None and left.get(at) != had]
        return Sent(min(days), stood - self.fen)


_NEW: Final = -1
"""The number of a result that was not told."""


class Story:
    """One payment; `_back` are the returns that the book has as money that came back."""

    def __init__(self, known: Iterable[Event]) -> None:
        self._told: list[_Known] = []
        self._back: list[int] = []
        self._due = 0
        self._book = 0
        """What stands by the book, in whatever order it was told."""
        for event in known:
            if isinstance(event, SubsidyAuthorised):
                self._due = event.amount_fen
            elif isinstance(event, SubsidyOffset):
                self._due -= event.amount_fen
            elif isinstance(event, SubsidyPaid):
                self._add(_result(event)).events.append(event)
                self._book += event.amount_fen
            elif isinstance(event, SubsidyReturned | SubsidyReturnedLate):
                self._take(event)

    def _add(self, result: Result) -> _Known:
        self._told.append(_Known(len(self._told), result))
        return self._told[-1]

    def _take(self, event: Return) -> _Known:
        """Take a return of the book: one that was told as a failure may prove to be money that came back."""
        result, late = _result(event), isinstance(event, SubsidyReturnedLate)
        proved = [one for one in self._of(result) if late and one.number not in self._back]
        known = next((one for one in proved if is_same(one.result.told, result.told)), None)
        known = known or self._add(result)
        known.result = result  # what came back says how much it was
        known.events.append(event)
        if had_left(event):
            self._take_as_back(known)
        return known

    def _take_as_back(self, known: _Known) -> None:
        self._back.append(known.number)
        self._book -= known.result.fen

    def _of(self, result: Result) -> list[_Known]:
        """What was told of the kind and day of a result."""
        return [one for one in self._told if one.result[:2] == result[:2]]

    def _same(self, result: Result) -> _Known | None:
        """What was told and is what a result tells again: told alike, or the next to it where there cannot have been
        another one of that day.
        """
        told = self._of(result)
        if not told:
            return None
        same = [one for one in told if is_same(one.result.told, result.told)]
        same = same or ([] if self._fits(result, told) else told)
        order = [(one.result.ref != result.ref, bool(one.rows), one.result.fen != result.fen) for one in same]
        return same[order.index(min(order))] if same else None

    def _fits(self, result: Result, told: Sequence[_Known]) -> bool:
        """Whether a result may be another one of its day, beside those that were told."""
        if result.success:
            return self._with(result).most <= self._due
        before = (one for one in self._all() if one[1].day < result.day or one[1][:2] == (result.day, True))
        most = max(self._due, _Walk(before, self._due).fen)
        return sum(one.result.fen for one in told) + result.fen <= most

    def claim(self, result: Result, number: str, row: CleanRow) -> Claimed:
        """What is known of a result that a row of the file tells."""
        known = self._same(result)
        if known is None:
            return Claimed((), (), is_bare=False)
        others = [one for of, rows in known.rows.items() if of != number for one in rows]
        known.rows.setdefault(number, []).append(row)
        return Claimed(known.events, others, is_bare=known.is_new and serial(known.result.ref) is None)

    def ref(self, result: Result) -> str | None:
        """The number of a result: as it was told, for another file may spell it otherwise, or lack it."""
        known = self._same(result)
        return known.result.ref if known is not None and is_same(known.result.told, result.told) else result.ref

    def failure(self, result: Result) -> Return | None:
        """What is known of a return."""
        known = self._same(result)
        found = None if known is None else known.events[0]
        return found if isinstance(found, SubsidyReturned | SubsidyReturnedLate) else None

    def told(self, day: date, *, success: bool) -> bool:
        """Whether a success, or a failure, of a day was told."""
        return any(one.result[:2] == (day, success) for one in self._told)

    def is_another(self, result: Result) -> bool:
        """Whether it is another result of a day of which one was told."""
        return self.told(result.day, success=result.success) and self._same(result) is None

    def counts(self, result: Result, households: int) -> int:
        """The households that a success counts: none where it pays the rest of what another one paid."""
        known = self._same(result)
        if known is not None and isinstance(known.events[0], SubsidyPaid):
            return known.events[0].households
        return 0 if self._with(result).is_rest else households

    def fills(self, result: Result, net: int) -> bool:
        """Whether a success pays just what was unpaid of a net amount."""
        return self._same(result) is None and self._with(result).most == net

    def room(self, result: Result, net: int) -> int:
        """What a success may pay still of a net amount."""
        if not self._told:
            return net  # nearly every payment
        fen = net - _Walk((one for one in self._all() if one[1].day <= result.day), self._due).fen
        if fen <= 0 or self._same(result._replace(fen=fen)) is not None:
            return 0
        return max(0, fen - max(0, self._with(result._replace(fen=fen)).most - net))

    def stands(self, day: date) -> list[int]:
        """The parts that stood paid when a day began, without what returns of that day and of others sent back."""
        if not self._told:
            return []
        walk = _Walk((one for one in self._all() if one[1][:2] != (day, True)), self._due)
        return [part.fen for part in walk.parts if part.day is not None and part.day < day]

    def failed(self, day: date) -> int:
        """What was told to have failed or come back on a day."""
        return sum(one.result.fen for one in self._told if one.result[:2] == (day, False))

    def failed_before(self, day: date) -> bool:
        """Whether the last that was told of before a day is a failure."""
        before, _ = self._around(day)
        return bool(before) and not before[-1].success

    def fails_beside(self, day: date) -> bool:
        """Whether what was told next before a day, or next after it, is a failure."""
        before, after = self._around(day)
        return not all(one.success for one in (*before[-1:], *after[:1]))

    def take_paid(self, event: SubsidyPaid, number: str, row: CleanRow) -> bool:
        """Take a success; answers whether the line stands paid already, so that what sent that back comes first.
        E_PAID_TWICE where more than what was due would stand at once.
        """
        result = _result(event)
        if self._same(result) is not None:
            return False
        walk = self._with(result)
        if walk.is_rest and walk.most > self._due:
            raise RowRefusedError("处理结果", "E_PAID_TWICE", payment=event.payment)
        stands = self._book > 0 and self._book + result.fen > self._due
        self._take_new(event, number, row)
        self._book += result.fen
        return stands

    def take_failed(self, event: Return, number: str, row: CleanRow) -> date | None:
        """Take a return; answers the day of the success that it sends back, None when there was none to send back."""
        known = self._take_new(event, number, row)
        sent, left = self._lacking()
        if known.number not in sent or sent[known.number].fen > left:
            return None
        self._take_as_back(known)
        return sent[known.number].paid_on

    def _take_new(self, event: SubsidyPaid | Return, number: str, row: CleanRow) -> _Known:
        known = self._add(_result(event))
        known.events, known.rows, known.is_new = [event], {number: [row]}, True
        return known

    def tell_last(self, event: Event) -> None:
        """What is recorded of the result that was taken last."""
        self._told[-1].events = [event]

    def take_back(self) -> list[Return]:
        """The returns that the book lacks as money that came back; they are taken as such."""
        found: list[Return] = []
        if all(one.result.success for one in self._told):
            return found
        sent, left = self._lacking()
        for number, one in sent.items():
            failure = self._told[number].events[0]
            if one.fen <= left and isinstance(failure, SubsidyReturned | SubsidyReturnedLate):
                left -= one.fen
                found.append(failure)
                self._take_as_back(self._told[number])
        return found

    def _lacking(self) -> tuple[dict[int, Sent], int]:
        """What was sent back of which the book does not say so, and how much of it the book lacks: less what it has
        beyond what its returns sent back, for it took them for the ones that did.
        """
        sent = _Walk(self._all(), self._due).sent
        beyond = sum(self._told[one].result.fen - (sent[one].fen if one in sent else 0) for one in self._back)
        lacking = {number: one for number, one in sent.items() if number not in self._back}
        return lacking, sum(one.fen for one in lacking.values()) - beyond

    def _all(self) -> list[tuple[int, Result]]:
        return [(one.number, one.result) for one in self._told]

    def _with(self, result: Result) -> _Walk:
        """The walk with another success."""
        return _Walk([*self._all(), (_NEW, result)], self._due, _NEW)

    def _around(self, day: date) -> tuple[list[Result], list[Result]]:
        """What was told of before a day, and of after it."""
        order = sorted((one.result for one in self._told), key=lambda one: one.day)
        return [one for one in order if one.day < day], [one for one in order if one.day > day]


def _result(event: SubsidyPaid | Return) -> Result:
    return Result(event.occurred_on, isinstance(event, SubsidyPaid), event.amount_fen, event.result_ref)
