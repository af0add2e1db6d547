"""The lists of a month's batches, household by household: what each line was to pay, and what became of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, select

from ledger.flows.public_money.payment.courses import Course
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised, tells_return
from ledger.values.dates import Period
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import AnyRow, items_at, rows_where
from ledger_projections.public_money.payment_lines import PAYMENTS, RETURNS
from ledger_projections.public_money.payment_queries import course_of
from ledger_projections.summaries.relief.counts import NOTHING, Count

_STATES: Final = ("paid", "failed", "came_back", "cancelled", "pending")
"""What has become of a line; a household with several is in the first of them that any is in."""


_COLUMNS: Final = (
    *("position", "batch", "enrolment", "payment", "act", "component"),
    *("month", "persons", "months", "fen", "instead_of", "moved_to"),
)
"""What is read of a line: of the thousands of a month no more than is counted."""


@dataclass(slots=True)
class Line:
    """One payment on one batch's list."""

    claim: AnyRow
    """What was authorised, or, of a payment that nobody authorised here, what was paid."""
    kept_fen: int = 0
    paid: list[AnyRow] = field(default_factory=list)
    returns: list[AnyRow] = field(default_factory=list)
    out: AnyRow | None = None
    """Where it was taken out."""
    is_said_returned: bool = False
    """Whether it makes good, by its reason, what came back; of what did before the book began no payment is known."""

    @property
    def due_fen(self) -> int:
        """What the bank was to pay of it."""
        return int(self.claim.fen) - self.kept_fen

    @property
    def standing(self) -> int:
        """Above 0 where it was paid and did not come back."""
        return self._course.standing if self.returns or self.out is not None else len(self.paid[:1])

    @property
    def _course(self) -> Course:
        """What became of it, in order."""
        return course_of([*self.paid, *self.returns, *([] if self.out is None else [self.out])])

    @property
    def short_fen(self) -> int:
        """What the bank paid of it less than was due; nothing of what it did not pay at all."""
        return max(0, self.due_fen - self._course.fen) if self.standing > 0 else 0

    @property
    def state(self) -> str:
        """What has become of it, as its batch counts it."""
        if self.standing > 0:
            return "paid"
        if self.out is not None:
            return "cancelled"
        if not self.returns:
            return "pending"
        return "failed" if max(self.returns, key=_position).act == "failed" else "came_back"

    @property
    def span(self) -> tuple[str, ...]:
        """The months that it is for."""
        last = Period.parse(self.claim.month)
        return tuple(str(last.plus(-back)) for back in reversed(range(max(1, int(self.claim.months)))))

    def is_normal_of(self, month: str) -> bool:
        """Whether it is what a household is entitled to for a month."""
        if self.claim.component != "normal":
            return False
        return self.claim.month == month or (self.claim.months > 1 and month in self.span)


@dataclass(slots=True)
class Household:
    """What a batch's list says of one enrolment: once a household, however many lines it has."""

    batch: str
    enrolment: str
    lines: list[Line]
    listed: Count = field(init=False)
    """As it stands on the list; one of which everything is kept back is on none."""

    def __post_init__(self) -> None:
        fen = sum([line.due_fen for line in self.lines])
        self.listed = Count(1, max([line.claim.persons for line in self.lines]), fen) if fen > 0 else NOTHING

    @property
    def credited_persons(self) -> int:
        """Whom the bank paid, as the batch counts them."""
        standing = sum(line.standing for line in self.lines)
        return max((row.persons for line in self.lines for row in line.paid), default=0) if standing > 0 else 0

    def unpaid(self) -> Iterable[tuple[Line, Count]]:
        """The lines that are not paid, or less than was due, each with what the bank has less than the list for it."""
        listed = self.listed
        for line in self.lines if listed else ():
            if line.short_fen:
                yield line, Count(fen=line.short_fen)
        waiting = sorted((one for one in self.lines if one.state != "paid"), key=lambda one: _STATES.index(one.state))
        if not listed or not waiting:
            return
        nobody = len(waiting) == len(self.lines)
        persons = listed.persons - self.credited_persons
        widest = waiting[0] if nobody else max(waiting, key=lambda one: one.claim.persons)
        for line in waiting:
            counted = Count(int(nobody and line is waiting[0]), persons if line is widest else 0)
            yield line, counted + Count(fen=line.due_fen)


@dataclass(frozen=True, slots=True)
class Lists:
    """What some batches list."""

    households: Sequence[Household]
    taken_out: frozenset[tuple[str, str]]
    """(batch, enrolment) of lines that were taken out before anybody authorised them: they are on no list."""


def lists_of(connection: Connection, moment: Moment, batches: Collection[str]) -> Lists:
    """The lists of some batches as they stood at a moment."""
    columns = (PAYMENTS.c[name] for name in _COLUMNS)
    chosen = select(*columns).where(moment.counts(PAYMENTS)).order_by(PAYMENTS.c.position, PAYMENTS.c.line)
    found: defaultdict[tuple[str, str], defaultdict[str, list[AnyRow]]] = defaultdict(lambda: defaultdict(list))
    early = set()
    for row in rows_where(connection, chosen, PAYMENTS.c.batch, sorted(batches)):
        if row.act == "excluded" and not row.payment:
            early.add((row.batch, row.enrolment))
        else:
            found[row.batch, row.enrolment][row.payment].append(row)
    made = (Household(*key, [one for rows in each.values() if (one := _line(rows))]) for key, each in found.items())
    households = [one for one in made if one.lines]
    _tell_returned(connection, [line for one in households for line in one.lines])
    return Lists(households, frozenset(early))


def _tell_returned(connection: Connection, lines: Sequence[Line]) -> None:
    """Arrears that name no payment are asked for their reason; there are few."""
    alone = [one for one in lines if one.claim.component == "arrears" and not one.claim.instead_of]
    reasons = {
        item.position: item.event.reason
        for item in items_at(connection, {int(one.claim.position) for one in alone})
        if isinstance(item.event, SubsidyAuthorised)
    }
    for one in alone:
        one.is_said_returned = tells_return(reasons.get(int(one.claim.position)))


def _line(rows: Sequence[AnyRow]) -> Line | None:
    """A payment's line; None of one that the batch neither authorised nor paid."""
    claim: AnyRow | None = None
    paid, returns = list[AnyRow](), list[AnyRow]()
    out: AnyRow | None = None
    kept = 0
    for row in rows:
        act = row.act
        if act == "paid":
            paid.append(row)
        elif act == "authorised":
            claim = row  # the newest
        elif act == "offset":
            kept += row.fen
        elif act in RETURNS:
            returns.append(row)
        elif act == "excluded" and out is None:
            out = row
    if claim is not None:
        return Line(claim, kept, paid, returns, out)
    return Line(paid[0], 0, paid, returns, out) if paid else None


def _position(row: AnyRow) -> int:
    return int(row.position)
