"""Households that go on after a death in them: still paid to the dead householder (更换领款人), or still counting the
dead (成员死亡未减员).

Each is in doubt from the event by which the book knew both, of whichever came last, until another receives, or fewer
are counted, the household leaves or no report of the death stands any more. What the rules found when the two were
recorded is not asked: it depends on which came first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection

from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.deaths import DEATH, ENROLMENTS
from ledger.flows.public_money.entitlement.households import still_counted
from ledger.flows.public_money.entitlement.programmes import funerals
from ledger.log import reading
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import items_at, items_between, reversals_of
from ledger_projections.keeping.standing import posted_on

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Bereaved:
    """A household whose dead householder receives, or that counts its dead (`counts`: how many persons, the dead among
    them): since which position, and where that ended (None: it is so). `entity` pays it, whoever reported the death.
    """

    position: int
    entity: str
    enrolment: str
    person: str
    died_month: str
    ended_at: int | None
    counts: int | None


@dataclass(frozen=True, slots=True)
class _Stay:
    """An event, and where it was taken back (None: it stands)."""

    position: int
    entity: str
    event: Any
    gone_at: int | None

    def stood(self, at: int) -> bool:
        return self.position <= at and (self.gone_at is None or self.gone_at > at)


def bereaved(connection: Connection, moment: Moment) -> list[Bereaved]:
    """All of them that the book knew at a moment, by position."""
    reports: defaultdict[str, list[_Stay]] = defaultdict(list)
    for stay in _stays(connection, items_between(connection, 1, moment.position, (DEATH,)), moment):
        reports[stay.event.person].append(stay)
    needs = {one: Need(f"enrolment:{one[0]}", ENROLMENTS) for one in _households(connection, reports, moment)}
    found = [
        one
        for (enrolment, person), decisions in _by_need(connection, needs, moment).items()
        for test in (_still_receives, _still_counts)
        for one in _spans(enrolment, person, decisions, reports[person], test)
    ]
    return sorted(found, key=lambda one: (one.position, one.enrolment, one.counts or 0, one.person))


def _households(connection: Connection, people: Mapping[str, Sequence[_Stay]], moment: Moment) -> list[tuple[str, str]]:
    """(enrolment, person) of the enrolments that some people are, or were, in."""
    programmes = items_between(connection, 1, moment.position, ("programme.opened",))
    funeral = funerals(one.event for one in programmes)
    needs = {one: Need(f"person:{one}", ENROLMENTS[:2]) for one in people}
    found = _by_need(connection, needs, moment)
    return sorted(
        {
            (stay.event.enrolment, person)
            for person, decisions in found.items()
            for stay in decisions
            if stay.event.programme not in funeral
        }
    )


def _by_need(connection: Connection, needs: Mapping[K, Need], moment: Moment) -> dict[K, list[_Stay]]:
    """What was recorded under each need by a moment."""
    places = reading.places_of(connection, needs.values())
    items = items_at(connection, {p for part in places.values() for p in part if p <= moment.position})
    stays = {stay.position: stay for stay in _stays(connection, items, moment)}
    return {key: [stays[place] for place in places[need] if place in stays] for key, need in needs.items()}


def _stays(connection: Connection, items: Sequence[Recorded], moment: Moment) -> Iterator[_Stay]:
    """The events that count at a moment, by both its clocks."""

    def counted(item: Recorded) -> bool:
        return moment.as_of is None or posted_on(item) <= moment.as_of

    items = [item for item in items if counted(item)]
    gone = reversals_of(connection, [item.event.id for item in items], moment.position)
    late = {item.position for item in items_at(connection, gone.values()) if not counted(item)}
    for item in items:
        gone_at = gone.get(item.event.id)
        yield _Stay(item.position, item.entity, item.event, None if gone_at in late else gone_at)


_Test = Callable[[Sequence[Any], str, str], bool]
"""Whether decisions, the last of which does not end the enrolment, leave a person who died in a month where no dead
person is to be.
"""


def _spans(
    enrolment: str, person: str, decisions: Sequence[_Stay], reports: Sequence[_Stay], test: _Test
) -> Iterator[Bereaved]:
    """From where to where it is so, as the book knew."""
    moves = {place for one in (*decisions, *reports) for place in (one.position, one.gone_at) if place is not None}
    since: Bereaved | None = None
    for at in sorted(moves):
        standing = [one for one in decisions if one.stood(at)]
        known = [one.event for one in standing]
        died = min((one.event.died_month for one in reports if one.stood(at)), default=None)
        goes_on = bool(known) and known[-1].kind != ENROLMENTS[2]
        is_so = died is not None and goes_on and test(known, person, died)
        if is_so and since is None:
            counts = known[-1].monthly.persons if test is _still_counts else None
            since = Bereaved(at, standing[-1].entity, enrolment, person, died or "", None, counts)
        elif not is_so and since is not None:
            yield replace(since, ended_at=at)
            since = None
    if since is not None:
        yield since


def _still_receives(decisions: Sequence[Any], person: str, _died: str) -> bool:
    last = decisions[-1]
    return bool(last.paid_to_householder and last.person == person)


def _still_counts(decisions: Sequence[Any], person: str, died: str) -> bool:
    """A householder who still receives is told as that."""
    return still_counted(decisions, person, died) and not _still_receives(decisions, person, died)
