"""Households that go on after their householder's death and are still paid to the dead (更换领款人).

Each is in doubt from the event by which the book knew both, of whichever came last, until another receives, the
household leaves or no report of the death stands any more. What the rules found when the two were recorded is not
asked: it depends on which came first.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.deaths import DEATH, ENROLMENTS
from ledger.log import reading
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import items_at, items_between, reversals_of
from ledger_projections.keeping.standing import posted_on

K = TypeVar("K")
_FUNERAL: Final = "funeral"


@dataclass(frozen=True, slots=True)
class DeadPayee:
    """A household whose dead householder receives: since which position, and where that ended (None: it is so)."""

    position: int
    enrolment: str
    person: str
    died_month: str
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class _Stay:
    """An event, and where it was taken back (None: it stands)."""

    position: int
    event: Any
    gone_at: int | None

    def stood(self, at: int) -> bool:
        return self.position <= at and (self.gone_at is None or self.gone_at > at)


def dead_payees(connection: Connection, moment: Moment) -> list[DeadPayee]:
    """All of them that the book knew at a moment, by position."""
    reports: defaultdict[str, list[_Stay]] = defaultdict(list)
    for stay in _stays(connection, items_between(connection, 1, moment.position, (DEATH,)), moment):
        reports[stay.event.person].append(stay)
    paid_for = _householders(connection, reports, moment)
    histories = _by_need(connection, {(e, p): Need(f"enrolment:{e}", ENROLMENTS) for e, p in paid_for}, moment)
    found = [
        one
        for (enrolment, person), decisions in histories.items()
        for one in _spans(enrolment, person, decisions, reports[person])
    ]
    return sorted(found, key=lambda one: (one.position, one.enrolment))


def _householders(
    connection: Connection, people: Mapping[str, Sequence[_Stay]], moment: Moment
) -> list[tuple[str, str]]:
    """(enrolment, person) of those of some people to whom the money of a household goes, or went."""
    programmes = items_between(connection, 1, moment.position, ("programme.opened",))
    funeral = {getattr(one.event, "programme", "") for one in programmes if _scheme(one) == _FUNERAL}
    needs = {one: Need(f"person:{one}", ENROLMENTS[:2]) for one in people}
    found = _by_need(connection, needs, moment)
    return sorted(
        {
            (stay.event.enrolment, person)
            for person, decisions in found.items()
            for stay in decisions
            if _receives(stay.event, person) and stay.event.programme not in funeral
        }
    )


def _scheme(item: Recorded) -> str:
    return str(getattr(item.event, "scheme", ""))


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
        yield _Stay(item.position, item.event, None if gone_at in late else gone_at)


def _spans(enrolment: str, person: str, decisions: Sequence[_Stay], reports: Sequence[_Stay]) -> Iterator[DeadPayee]:
    """From where to where a dead householder receives, as the book knew."""
    moves = {place for one in (*decisions, *reports) for place in (one.position, one.gone_at) if place is not None}
    since: tuple[int, str] | None = None
    for at in sorted(moves):
        last = next((one.event for one in reversed(decisions) if one.stood(at)), None)
        died = min((one.event.died_month for one in reports if one.stood(at)), default=None)
        is_so = died is not None and last is not None and _receives(last, person)
        if is_so and since is None:
            since = at, died or ""
        elif not is_so and since is not None:
            yield DeadPayee(since[0], enrolment, person, since[1], at)
            since = None
    if since is not None:
        yield DeadPayee(since[0], enrolment, person, since[1], None)


def _receives(decision: Any, person: str) -> bool:
    return bool(decision.kind != ENROLMENTS[2] and decision.paid_to_householder and decision.person == person)
