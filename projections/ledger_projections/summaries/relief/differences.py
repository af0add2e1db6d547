"""What roster, list, bank and finance differ by, and the cause of every part: each is counted by itself, from the lines
and decisions of the households concerned, and never taken as what the others leave.

So what no part explains is left over, and is told as unexplained. Every road leads over the list: the roster differs
from it by what is paid beside a month's amount, or not listed; the bank by what it did not credit; finance by what was
not ordered, or went back.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, func, select

from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import rows_where
from ledger_projections.public_money.batches import Batch
from ledger_projections.public_money.failures import failures
from ledger_projections.public_money.payment_lines import STEPS
from ledger_projections.public_money.payment_queries import Place
from ledger_projections.summaries.relief.counts import NOTHING, Count, Parts, added, together
from ledger_projections.summaries.relief.held import Held, Terms, by_place, held_in, listed_elsewhere
from ledger_projections.summaries.relief.listed import Household, Line, Lists, lists_of
from ledger_projections.summaries.table import Asked

Tagged = tuple[str, Count]
"""(cause, what it makes two sides differ by)."""

CAUSES: Final = (
    *(
        "remarked",
        "other_office",
        "decided_later",
        "elsewhere",
        "no_batch",
        "not_listed",
        "several_months",
        "other_month",
        "again",
    ),
    *("uplift", "arrears", "reissued", "price", "one_off", "kept_back"),
    *("excluded", "moved", "failed", "came_back", "made_good", "pending", "no_order", "order_waits", "given_back"),
)
"""The causes that the book knows, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Roads:
    """A programme's lists beside the roster, the bank and finance: what a list has more than the other side, by cause;
    and the sides themselves that no other table counts.
    """

    than_roster: Parts
    than_bank: Parts
    than_finance: Parts
    ordered: Count = NOTHING
    """Of the lists that finance was ordered to pay, households and persons; the order itself names money only."""
    listed: Count = NOTHING
    """Of all lists."""
    rosters: Mapping[str, Mapping[str, Count]] = field(default_factory=dict)
    """Month -> township -> what stands on the roster."""

    @property
    def roster(self) -> Count:
        """The rosters, month by month and added."""
        return added(map(self.roster_of, self.rosters))

    def roster_of(self, month: str) -> Count:
        """The roster of one of the months."""
        return added(self.rosters.get(month, {}).values())


NO_ROADS: Final = Roads({}, {}, {})


@dataclass(frozen=True, slots=True)
class _Read:
    """What the lists of some months are held against."""

    connection: Connection
    moment: Moment
    lists: Lists
    made_good: frozenset[str]
    """Payments that failed or came back and reached their payee later, by another batch."""
    approved: Mapping[str, int]
    ordered: Mapping[str, int]
    """Batch -> the position of its signature, and of its last payment order."""


def roads(
    connection: Connection,
    moment: Moment,
    asked: Asked,
    months: Sequence[str],
    sent: Mapping[Place, Sequence[Batch]],
    carried: Mapping[tuple[str, str], int],
    brief: Callable[[Place], bool],
) -> dict[Place, Roads]:
    """(entity, programme) -> its roads over the batches `sent` in some months; `carried` is what each batch was brought
    from earlier ones, and `brief` says which programmes have no roster.
    """
    read = _read(connection, moment, asked, [batch.batch for mine in sent.values() for batch in mine])
    homes: defaultdict[str, list[Household]] = defaultdict(list)
    for one in read.lists.households:
        homes[one.batch].append(one)
    beside: defaultdict[Place, list[Parts]] = defaultdict(list)
    held: defaultdict[Place, dict[str, Mapping[str, Count]]] = defaultdict(dict)
    for month in months:
        rosters = by_place(held_in(connection, moment, month))
        mine = {place: [one for one in found if one.month == month] for place, found in sent.items()}
        for place in (one for one in {*rosters, *mine} if not brief(one)):
            roster = rosters.get(place, {})
            held[place][month] = _by_township(roster.values())
            beside[place].append(_Month(read, month, place, roster, mine.get(place, ())).parts(homes))
    found = {}
    for place in {*sent, *beside}:
        batches = sent.get(place, ())
        bank, finance, ordered = _of_batches(read, batches, homes, carried)
        listed = added(one.listed for batch in batches for one in homes[batch.batch])
        found[place] = Roads(together(*beside[place]), bank, finance, ordered, listed, held[place])
    return found


def _by_township(roster: Iterable[Held]) -> Mapping[str, Count]:
    found: defaultdict[str, list[Count]] = defaultdict(list)
    for one in roster:
        found[one.township].append(one.count)
    return {township: added(counts) for township, counts in found.items()}


def _read(connection: Connection, moment: Moment, asked: Asked, batches: Sequence[str]) -> _Read:
    told = failures(connection, month=asked.first, last=asked.last, **asked.clocks).rows
    chosen = select(STEPS.c.batch, STEPS.c.act, func.max(STEPS.c.position)).where(
        moment.counts(STEPS), STEPS.c.act.in_(("approved", "funded"))
    )
    places: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for batch, act, position in rows_where(
        connection, chosen.group_by(STEPS.c.batch, STEPS.c.act), STEPS.c.batch, batches
    ):
        places[act][batch] = int(position)
    good = frozenset(one.payment for one in told if one.state == "paid")
    return _Read(connection, moment, lists_of(connection, moment, batches), good, places["approved"], places["funded"])


@dataclass(frozen=True, slots=True)
class _Month:
    """A programme's roster of a month beside the lists of that month."""

    read: _Read
    month: str
    place: Place
    roster: Mapping[str, Held]
    batches: Sequence[Batch]

    def parts(self, homes: Mapping[str, Sequence[Household]]) -> Parts:
        """What the lists have more than the roster, by cause."""
        listed: defaultdict[str, list[Household]] = defaultdict(list)
        for batch in self.batches:
            for one in homes[batch.batch]:
                listed[one.enrolment].append(one)
        main = {name: self._main(mine) for name, mine in listed.items()}
        absent = [name for name in self.roster if main.get(name) is None]
        parts = list(self._of_absent(absent))
        odd = [name for name, line in main.items() if line is not None and not self._as_held(name, line)]
        terms = Terms.of(self.read.connection, self.read.moment, odd)
        for name in odd:
            parts += self._of_terms(name, main[name], terms)
        for name, mine in listed.items():
            for one in mine:
                parts += _beside(one, main[name], self.month)
        return together(*({cause: count} for cause, count in parts))

    def _main(self, mine: Sequence[Household]) -> Line | None:
        """The line by which a household gets the month's amount: the first of them."""
        lines = (line for one in mine for line in one.lines if line.is_normal_of(self.month))
        return min(lines, key=lambda line: int(line.claim.position), default=None)

    def _as_held(self, enrolment: str, line: Line) -> bool:
        held = self.roster.get(enrolment)
        return held is not None and held.count == Count(1, line.claim.persons, line.claim.fen)

    def _of_absent(self, absent: Sequence[str]) -> Iterator[Tagged]:
        """Who is on the roster, and on no list of the month for its amount."""
        if not absent:
            return
        own = {batch.batch for batch in self.batches}
        out = {name for batch, name in self.read.lists.taken_out if batch in own}
        elsewhere = listed_elsewhere(self.read.connection, self.read.moment, self.month, self.place[1], absent, own)
        signed = max((self.read.approved[one] for one in own if one in self.read.approved), default=None)
        terms = Terms.of(self.read.connection, self.read.moment, absent if signed else ())
        later = {name for name in absent if signed and terms.at(name, self.month, signed) is None}
        rest = "not_listed" if own else "no_batch"
        causes = (("excluded", out), ("elsewhere", elsewhere), ("decided_later", later))
        for name in absent:
            cause = next((cause for cause, names in causes if name in names), rest)
            yield cause, -self.roster[name].count

    def _of_terms(self, enrolment: str, line: Line | None, terms: Terms) -> Iterator[Tagged]:
        """Why a household's line is not what its roster says of the month: it is for several months, or was made by
        what was decided then. What neither explains is left over.
        """
        if line is None:
            return
        span, held = line.span, self.roster.get(enrolment)
        known, place = Count() if held is None else held.count, self.place
        if held is None and (other := terms.at(enrolment, self.month)) and other.place[1] == place[1]:
            known, place = other.count, other.place
            yield "other_office", known
        now = [known if month == self.month else _count(terms.at(enrolment, month), place) for month in span]
        yield "several_months", Count(fen=sum(one.fen for one in now) - known.fen)
        then = [_count(terms.at(enrolment, month, int(line.claim.position)), place) for month in span]
        of_month = then[span.index(self.month)]
        if of_month:
            later = Count(of_month.households, of_month.persons) - Count(known.households, known.persons)
            yield "decided_later", later + Count(fen=sum(one.fen for one in then) - sum(one.fen for one in now))


def _count(held: Held | None, place: Place) -> Count:
    return Count() if held is None or held.place != place else held.count


def _beside(one: Household, main: Line | None, month: str) -> Iterator[Tagged]:
    """What a batch lists of a household beside the month's amount, and what is kept back of it."""
    normal = next((line for line in one.lines if line is main), None)
    persons, counted = (0, 0) if normal is None else (int(normal.claim.persons), 1)
    for line in one.lines:
        if line is main:
            continue
        more = Count(1 - counted, max(0, line.claim.persons - persons), line.claim.fen)
        persons, counted = persons + more.persons, 1
        yield _kind(line, month), more
    kept = sum(line.kept_fen for line in one.lines)
    if kept:
        yield "kept_back", Count(fen=-kept) if one.listed else Count(-counted, -persons, -kept)


def _kind(line: Line, month: str) -> str:
    """What a line beside the month's amount is."""
    if line.claim.component == "normal":
        return "again" if line.is_normal_of(month) else "other_month"
    return "reissued" if line.claim.instead_of or line.is_said_returned else str(line.claim.component)


def _of_batches(
    read: _Read,
    batches: Sequence[Batch],
    homes: Mapping[str, Sequence[Household]],
    carried: Mapping[tuple[str, str], int],
) -> tuple[Parts, Parts, Count]:
    """What the lists have more than the bank, and than finance, by cause; and what finance was to pay."""
    bank: list[Parts] = []
    finance: list[Parts] = []
    ordered = Count()
    for batch in batches:
        mine = homes[batch.batch]
        unpaid = [(line, _became(line, read), count) for one in mine for line, count in one.unpaid()]
        bank.append(_tagged((cause, count) for _, cause, count in unpaid))
        listed = added(one.listed for one in mine)
        money = batch.funded_fen + carried.get((batch.entity, batch.batch), 0)
        if not money:
            finance.append({"no_order": listed})
            continue
        early = _out_before(read, batch.batch, unpaid, listed.fen - money)
        short = listed.fen - added(early.values()).fen - money
        waits = Count(fen=min(short, batch.pending_fen) if short > 0 else 0)
        finance.append(together(early, {"order_waits": waits, "given_back": Count(fen=batch.unspent_returned_fen)}))
        everybody = listed - added(early.values())
        ordered += Count(everybody.households, everybody.persons)
    return together(*bank), together(*finance), ordered


def _out_before(read: _Read, batch: str, unpaid: Iterable[tuple[Line, str, Count]], less_fen: int) -> Parts:
    """What was taken out before finance was asked to pay: before the signature, or before the order where the order is
    less by just that.
    """
    out = [(int(line.out.position), cause, count) for line, cause, count in unpaid if line.out is not None]
    for until in (read.ordered.get(batch), read.approved.get(batch)):
        found = _tagged((cause, count) for position, cause, count in out if until and position < until)
        if added(found.values()).fen == less_fen:
            break
    return found


def _became(line: Line, read: _Read) -> str:
    """Why a line is not paid, or less than was due: then the rest was taken out, or waits."""
    if line.state == "paid":
        return "pending" if line.out is None else "moved" if line.out.moved_to else "excluded"
    if line.state == "cancelled":
        return "moved" if line.out is not None and line.out.moved_to else "excluded"
    if line.state in {"failed", "came_back"} and line.claim.payment in read.made_good:
        return "made_good"
    return line.state


def _tagged(found: Iterable[Tagged]) -> Parts:
    return together(*({cause: count} for cause, count in found))
