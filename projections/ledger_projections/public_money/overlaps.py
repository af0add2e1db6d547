"""Persons who were paid twice over (重复领取、互斥待遇) in one month: in one programme through two enrolments, or in
two programmes that the county does not allow beside each other.

The gate refuses such a payment where it knows the rule at the time. This reader finds what was paid before the county
set the rule, and what no gate can know: one person who heads two households of one programme. A month is double where
both enrolments cover the person in it and both were paid for it: who moved from one household to another never was
in two. What came back is not counted. Source: 互斥待遇表 (`exclusion.set`), 分户重复.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final, Literal

from sqlalchemy import Connection, select

from ledger.flows.public_money.entitlement.enrolments import EnrolmentChanged, EnrolmentConfirmed
from ledger.flows.public_money.entitlement.programmes import ExclusionSet
from ledger.values.dates import Period
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.payment_lines import BACK, PAYMENT_LINES, PAYMENTS

Terms = EnrolmentConfirmed | EnrolmentChanged
Monthly = Mapping[str, int]
"""Month -> fen that was paid for it and did not come back."""
_ASKED: Final = 500
"""Enrolments a query: databases bound the number of parameters."""


@dataclass(frozen=True, slots=True)
class Overlap(Answer):
    """One person, and the enrolment that was paid beside another one, which got more. `fen` is what it was paid for the
    months that both cover the person and were paid for, of which `first` and `last` are the ends.
    """

    entity: str
    test: Literal["T02", "T03"]
    """T02 is one programme twice, T03 two programmes that exclude each other."""
    person: str
    programme: str
    enrolment: str
    household: str | None
    township: str
    village: str | None
    other_programme: str
    other_enrolment: str
    months: int
    first: str
    last: str
    fen: int


@dataclass(frozen=True, slots=True)
class OverlapList(Answer):
    """Overlaps by person and enrolment."""

    position: int
    rows: tuple[Overlap, ...]


def overlaps(
    connection: Connection, *, as_of: date | None = None, at: int | None = None, entity: str | None = None
) -> OverlapList:
    """Every overlap that was paid by a position (None: by now), of an entity (None: of all). With `as_of` only the
    enrolments, rules and payments of up to that day count.

    Raises E_PROJECTION_MISSING or E_PROJECTION_BEHIND where the payment lines cannot answer.
    """
    moment = moment_of(connection, [PAYMENT_LINES], as_of, at)
    decided = standing(connection, ("enrolment.confirmed", "enrolment.changed"), moment.position, as_of)
    terms: defaultdict[str, list[Terms]] = defaultdict(list)
    of_person: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for item in decided:
        if isinstance(item.event, Terms) and entity in (None, item.entity):
            terms[item.event.enrolment].append(item.event)
            for person in item.event.covered():
                of_person[item.entity, person][item.event.enrolment] = None
    several = {key: names for key, names in of_person.items() if len(names) > 1}
    paid = _paid(connection, moment, {name for names in several.values() for name in names})
    rules = _Rules.read(connection, moment)
    rows = [
        row
        for (owner, person), names in sorted(several.items())
        for pair in combinations(names, 2)
        for row in _overlap((owner, person), [terms[name] for name in pair], paid, rules)
    ]
    return OverlapList(moment.position, tuple(sorted(rows, key=lambda one: (one.person, one.enrolment, one.first))))


def _overlap(
    of: tuple[str, str], decided: Sequence[Sequence[Terms]], paid: Mapping[str, Monthly], rules: "_Rules"
) -> Iterator[Overlap]:
    """The overlap of two enrolments of one person, if there is one."""
    pair = [decisions[-1] for decisions in decided]
    one, other = pair
    both = [
        month
        for month in sorted(paid.get(one.enrolment, {}).keys() & paid.get(other.enrolment, {}).keys())
        if all(_covers(decisions, of[1], month) for decisions in decided)
    ]
    if one.programme != other.programme:
        both = [month for month in both if rules.forbidden(one.programme, other.programme, month)]
    if not both:
        return
    sums = {term.enrolment: sum(paid[term.enrolment][month] for month in both) for term in pair}
    less, more = sorted(pair, key=lambda term: (sums[term.enrolment], -_began(term), term.enrolment))
    yield Overlap(
        entity=of[0],
        test="T02" if one.programme == other.programme else "T03",
        person=of[1],
        programme=less.programme,
        enrolment=less.enrolment,
        household=less.household,
        township=less.township,
        village=less.village,
        other_programme=more.programme,
        other_enrolment=more.enrolment,
        months=len(both),
        first=both[0],
        last=both[-1],
        fen=sums[less.enrolment],
    )


def _covers(decisions: Sequence[Terms], person: str, month: str) -> bool:
    """Whether the terms that govern a month cover the person: a later decision governs every month from its own on, and
    of a month before the book took an enrolment over nothing is known but those first terms. What is paid after the end
    is paid to whoever was covered last.
    """
    governing = [one for one in decisions if one.from_month <= month]
    if not governing:
        first = decisions[0]
        governing = [first] if isinstance(first, EnrolmentConfirmed) and first.reason == "opening" else []
    return bool(governing) and person in governing[-1].covered()


def _began(term: Terms) -> int:
    """Later terms first, where both got the same."""
    return int(term.from_month.replace("-", ""))


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the county has set of pairs of programmes, in the order in which it was set."""

    _set: Sequence[ExclusionSet]

    @classmethod
    def read(cls, connection: Connection, moment: Moment) -> "_Rules":
        found = standing(connection, ("exclusion.set",), moment.position, moment.as_of)
        return cls([item.event for item in found if isinstance(item.event, ExclusionSet)])

    def forbidden(self, programme: str, other: str, month: str) -> bool:
        """Whether the latest setting that binds a month forbids the pair; the last one of a month wins."""
        bound = [
            one for one in self._set if {one.programme, one.other} == {programme, other} and one.effective_from <= month
        ]
        return bool(bound) and max(bound, key=lambda one: one.effective_from).effect == "forbidden"


def _paid(connection: Connection, moment: Moment, enrolments: Iterable[str]) -> dict[str, Monthly]:
    """Enrolment -> month -> fen of the normal payments that stand, for each of the months that a payment is for."""
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    names = sorted(enrolments)
    for start in range(0, len(names), _ASKED):
        part = names[start : start + _ASKED]
        rows = select(PAYMENTS).where(
            moment.counts(PAYMENTS), PAYMENTS.c.enrolment.in_(part), PAYMENTS.c.act.in_(("paid", *BACK))
        )
        lines: defaultdict[str, list[Any]] = defaultdict(list)
        for row in connection.execute(rows.order_by(PAYMENTS.c.position)):
            lines[row.payment].append(row)
        for line in lines.values():
            credited = [row for row in line if row.act == "paid"]
            if credited and 2 * len(credited) > len(line) and credited[-1].component == "normal":
                for month, fen in _by_month(credited[-1]):
                    found[credited[-1].enrolment][month] += fen
    return {name: dict(months) for name, months in found.items()}


def _by_month(row: Any) -> Iterator[tuple[str, int]]:
    """The months that a payment is for, the last one being the line's, and what of it is each one's; what does not
    divide is the last one's.
    """
    last, each = Period.parse(row.month), row.fen // row.months
    for back in range(row.months - 1, -1, -1):
        yield str(last.plus(-back)), each if back else row.fen - each * (row.months - 1)
