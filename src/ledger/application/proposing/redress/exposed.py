"""Who of a list is in a programme, and what was paid there in the months that the list speaks of.

People are found by the reference of their number, and where the roster hides digits of it, by what it shows and the
name. The household is the unit: all that was paid to it is at stake, and what of it was wrong is for those who verify.
Payments that came back are not at stake.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ledger.application.proposing.context import Context
from ledger.application.proposing.relief import masked
from ledger.application.proposing.relief.enrolled import Fields
from ledger.application.proposing.relief.programmes import TERMS
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.enrolments import LAST_MONTH
from ledger.flows.public_money.payment.batches import RESULTS, RETURNED
from ledger.flows.public_money.payment.courses import Course
from ledger.flows.public_money.payment.payments import SubsidyPaid
from ledger.flows.public_money.payment.tellings import had_left

_MONEY = RESULTS


class Standing(NamedTuple):
    """A line that was paid, at once or in parts: its last payment, and the fen that did not come back."""

    of: SubsidyPaid
    fen: int


class Window(NamedTuple):
    """First and last month, YYYY-MM, that a list speaks of."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake of one person in one programme; `months` are the first and last paid ones, None when nothing
    was paid. `name` is the one in the vault, None when it is gone.
    """

    person: str
    programme: str
    enrolment: str
    household: str | None
    township: str | None
    village: str | None
    fen: int
    months: tuple[str, str] | None
    name: str | None
    masked: bool
    """Whether the person, or a part of the money, was found by the name and what a masked number shows."""


@dataclass(slots=True)
class Exposed:
    """The enrolments and payments of the people of a list."""

    _references: Mapping[str, Sequence[str]]
    """The reference of the number -> all references under which the book knows the person."""
    _terms: Mapping[str, Sequence[Any]]
    """Enrolment -> its decisions."""
    _paid: Mapping[str, Sequence[Standing]]
    """Enrolment -> what was paid and did not come back."""
    _fields: Mapping[str, Fields]
    _of_person: Mapping[str, Sequence[str]]
    """Reference -> the enrolments in which the person is or was, or was paid."""

    @classmethod
    def read(cls, context: Context, people: Mapping[str, tuple[str, str]], entity: str | None = None) -> "Exposed":
        """Look for `people` (reference -> number and name), in a few queries for all of them, in what one entity (None:
        any) decided and paid.
        """

        def own(items: Iterable[Recorded]) -> list[Any]:
            return [item.event for item in items if entity in (None, item.entity)]

        references = masked.references(context, people)
        wanted = {ref: Need(f"person:{ref}", (*TERMS, "subsidy.paid")) for refs in references.values() for ref in refs}
        found = context.find(wanted.values())
        of_person = {ref: _enrolments(own(found[need])) for ref, need in wanted.items()}
        names = dict.fromkeys(name for part in of_person.values() for name in part)
        needs = {name: Need(f"enrolment:{name}", (*TERMS, *_MONEY)) for name in names}
        known = context.find(needs.values())
        events = {name: own(known[need]) for name, need in needs.items()}
        return cls(
            references,
            {name: [event for event in part if event.kind in TERMS] for name, part in events.items()},
            {name: _standing(part) for name, part in events.items()},
            context.opened([ref for ref, part in of_person.items() if part]),
            of_person,
        )

    def at_stake(self, person: str, window: Window) -> Iterator[Stake]:
        """One stake for each programme in which a person of the list is enrolled or was paid in the window."""
        by_programme: defaultdict[str, list[tuple[str, str, Any]]] = defaultdict(list)
        for ref in self._references[person]:
            for name in self._of_person[ref]:
                terms, paid = self._governing(ref, name, window), self._within(ref, name, window)
                programme = terms.programme if terms else paid[0].of.programme if paid else None
                if programme is not None:
                    by_programme[programme].append((ref, name, terms))
        for programme, parts in sorted(by_programme.items()):
            yield self._stake(person, programme, parts, window)

    def _stake(self, person: str, programme: str, parts: Sequence[tuple[str, str, Any]], window: Window) -> Stake:
        paid = {one.of.id: one for ref, name, _ in parts for one in self._within(ref, name, window)}
        months = [month for one in paid.values() for month in (one.of.period_from, one.of.period_to)]
        ref, name, terms = max(parts, key=lambda part: (part[2] is not None, part[2].from_month if part[2] else ""))
        return Stake(
            ref,
            programme,
            name,
            None if terms is None else terms.household,
            None if terms is None else terms.township,
            None if terms is None else terms.village,
            sum(one.fen for one in paid.values()),
            (min(months), max(months)) if months else None,
            self._fields.get(ref, {}).get("name"),
            any(one != person for one, _, _ in parts),
        )

    def _within(self, ref: str, enrolment: str, window: Window) -> list[Standing]:
        """Payments whose last month lies in the window, and which were for the person or the person's household."""
        return [
            one
            for one in self._paid[enrolment]
            if window.first <= one.of.period_to <= window.last
            and (ref in one.of.subjects or self._governing(ref, enrolment, Window(one.of.period_to, one.of.period_to)))
        ]

    def _governing(self, ref: str, enrolment: str, window: Window) -> Any | None:
        """The last terms that name the person, as householder or covered, and govern a month of the window."""
        decisions, found = self._terms[enrolment], None
        if window.first > window.last:
            return None
        for index, event in enumerate(decisions):
            if event.kind == "enrolment.ended":
                continue
            until = min((later.from_month for later in decisions[index + 1 :]), default=LAST_MONTH)
            governs = event.from_month <= window.last and window.first < until and event.from_month < until
            if governs and ref in (event.person, *event.covered()):
                found = event
        return found


def _enrolments(events: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(event.enrolment) for event in events))


def _standing(events: Sequence[Any]) -> list[Standing]:
    """The lines of an enrolment of which anything was paid and did not come back."""
    last: dict[str, SubsidyPaid] = {}
    courses: defaultdict[str, Course] = defaultdict(Course)
    for at, event in enumerate(events):
        if isinstance(event, SubsidyPaid):
            last[event.payment] = event
            courses[event.payment].paid(event.amount_fen, at, event.occurred_on, event.batch)
        elif event.kind in RETURNED and had_left(event):
            courses[event.payment].back(event.amount_fen, at, event.batch)
    return [Standing(last[payment], course.fen) for payment, course in courses.items() if course.fen]
