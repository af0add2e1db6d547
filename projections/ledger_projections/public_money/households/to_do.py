"""What has to be done about households, and is no fact that broke a rule: a dead householder still receives, a dead
member is still counted, a payment goes on that was decided to stop or to somebody of whom a matter says that the person
is dead, or something is kept back without a recovery.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.programmes import funerals
from ledger.flows.public_money.redress.said_dead import SAYING, orders_of, people_paid, said_dead
from ledger.flows.public_money.redress.still_paid import HISTORY, Paid, paid_since
from ledger.flows.public_money.redress.stops import (
    ANSWERS,
    DECISIONS,
    Stop,
    orders_about,
    people_of,
    stop_of,
    stopped,
)
from ledger.log import reading
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import items_at
from ledger_projections.keeping.standing import posted_on, standing, stood
from ledger_projections.public_money.households.bereaved import bereaved

PAYEE: Final = "W_PAYEE_TO_CHANGE"
MEMBER: Final = "W_MEMBER_DEAD"
STILL_PAID: Final = "W_STOP_STILL_PAID"
UNORDERED: Final = "W_OFFSET_NO_RECOVERY"
SAID_DEAD: Final = "W_SAID_DEAD"
TO_DO: Final = frozenset({PAYEE, MEMBER, STILL_PAID, UNORDERED, SAID_DEAD})
_LINES: Final = ("subsidy.authorised", "batch.line_excluded", "subsidy.paid")


class ToDo(NamedTuple):
    """Something to be done: the event that shows it, its code with what the sentence says, and where it was done; by
    whom, where that is not whoever recorded the event.
    """

    position: int
    code: str
    detail: Mapping[str, Any]
    ended_at: int | None = None
    entity: str | None = None


def to_do(connection: Connection, moment: Moment) -> Iterator[ToDo]:
    """All that the book knew of at a moment."""
    for one in bereaved(connection, moment):
        detail: dict[str, Any] = {"enrolment": one.enrolment, "person": one.person, "died_month": one.died_month}
        detail |= {} if one.counts is None else {"persons": one.counts}
        yield ToDo(one.position, PAYEE if one.counts is None else MEMBER, detail, one.ended_at, one.entity)
    yield from still_paid(connection, moment)
    yield from unordered(connection, moment)
    yield from said_to_be_dead(connection, moment)


def still_paid(connection: Connection, moment: Moment) -> Iterator[ToDo]:
    """The lines of lists that pay months from which on a verified doubt stops the payment, whichever came first, each
    once: by the stop that took effect first.
    """
    told: dict[int, ToDo] = {}
    for stop, one in sorted(stops_not_made(connection, moment), key=lambda found: (found[0].since, found[0].position)):
        said = {"clue": stop.clue, "stop_from": stop.since, "month": one.line.period_to, "amount_fen": one.fen}
        told.setdefault(one.position, ToDo(one.position, STILL_PAID, said))
    yield from told.values()


def stops_not_made(connection: Connection, moment: Moment) -> Iterator[tuple[Stop, Paid]]:
    """Each decided stop with each line that pays a month of it all the same; who was taken in again since is paid
    rightly.
    """
    verified: list[Any] = [
        item.event for item in standing(connection, ("clue.verified",), moment.position, moment.as_of)
    ]
    clues = {one.clue: Need(f"clue:{one.clue}", ANSWERS) for one in verified if one.stop_from is not None}
    histories = _read(connection, clues.values(), moment)
    stops = [stop for need in clues.values() if (stop := stop_of(histories[need])) is not None]
    of = stopped(stops, _read(connection, people_of(stops).values(), moment))
    lines = {name: Need(f"enrolment:{name}", HISTORY) for name in of}
    found = _read(connection, lines.values(), moment)
    for name, need in lines.items():
        for stop in of[name]:
            yield from ((stop, one) for one in paid_since(stop, found[need]))


def unordered(connection: Connection, moment: Moment) -> Iterator[ToDo]:
    """What lists kept back of households of whose people no recovery was ordered, before or since."""
    kept = standing(connection, ("subsidy.offset",), moment.position, moment.as_of)
    offsets: list[tuple[int, Any]] = [(item.position, item.event) for item in kept]
    lines = {one.payment: Need(f"payment:{one.payment}", _LINES) for _, one in offsets}
    decided = {one.enrolment: Need(f"enrolment:{one.enrolment}", DECISIONS) for _, one in offsets}
    known = _read(connection, (*lines.values(), *decided.values()), moment)
    orders = {name: orders_about(name, [item.event for item in known[need]]) for name, need in decided.items()}
    ordered = _read(connection, (need for part in orders.values() for need in part), moment)
    for position, one in offsets:
        if one.recovery is not None or any(ordered[need] for need in orders[one.enrolment]):
            continue
        events: list[Any] = [item.event for item in known[lines[one.payment]]]
        is_out = any(event.kind == "batch.line_excluded" and event.batch == one.batch for event in events)
        if is_out and not any(event.kind == "subsidy.paid" for event in events):
            continue
        month = next((event.period_to for event in events if event.kind == "subsidy.authorised"), f"{one.on:%Y-%m}")
        yield ToDo(position, UNORDERED, {"month": month, "amount_fen": one.amount_fen})


def said_to_be_dead(connection: Connection, moment: Moment) -> Iterator[ToDo]:
    """The lines that pay somebody of whom a matter says that the person is dead and no report of the death is known;
    who was taken in again since lives.
    """
    saying = standing(connection, SAYING, moment.position, moment.as_of)
    said = said_dead(saying, _read(connection, orders_of(saying).values(), moment))
    people = {name: Need(f"person:{name}", (*DECISIONS, "death.reported")) for name in said}
    known = _read(connection, people.values(), moment)
    homes = {name: _homes([one.event for one in known[need]]) for name, need in people.items()}
    needs = {name: Need(f"enrolment:{name}", HISTORY) for mine in homes.values() for name in mine}
    found = _read(connection, needs.values(), moment)
    funeral = funerals(item.event for item in standing(connection, ("programme.opened",), moment.position))
    for person, mine in homes.items():
        told: dict[int, ToDo] = {}
        for home, matter in product(sorted(mine), said[person]):
            for one in paid_since(matter, found[needs[home]]):
                if one.term is not None and person in people_paid(one.term) and one.line.programme not in funeral:
                    detail = {"finding": matter.finding, "month": one.line.period_to, "amount_fen": one.fen}
                    told.setdefault(one.position, ToDo(one.position, SAID_DEAD, detail))
        yield from told.values()


def _homes(events: Sequence[Any]) -> set[str]:
    """The enrolments of somebody of whom no death is reported."""
    return {one.enrolment for one in events} if all(one.kind in DECISIONS for one in events) else set()


def _read(connection: Connection, needs: Any, moment: Moment) -> dict[Need, list[Recorded]]:
    """What stood under each need at a moment."""
    wanted = list(dict.fromkeys(needs))
    places = reading.places_of(connection, wanted)
    items = items_at(connection, {p for part in places.values() for p in part if p <= moment.position})
    if moment.as_of is not None:
        items = [item for item in items if posted_on(item) <= moment.as_of]
    kept = {item.position: item for item in stood(connection, items, moment.position, moment.as_of)}
    return {need: [kept[place] for place in sorted(places[need]) if place in kept] for need in wanted}
