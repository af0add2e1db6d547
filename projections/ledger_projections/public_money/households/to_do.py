"""What has to be done about households, and is no fact that broke a rule: a dead householder still receives, a dead
member is still counted, a payment goes on that was decided to stop or to somebody of whom a matter says that the person
is dead, or something is kept back without a recovery.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.redress.said_dead import SAYING, SaidDead, counts, orders_of, said_dead
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
_LINES: Final = ("subsidy.authorised", "batch.line_excluded", "enrolment.confirmed")


class ToDo(NamedTuple):
    """Something to be done: the event that shows it, its code with what the sentence says, and where it was done."""

    position: int
    code: str
    detail: Mapping[str, Any]
    ended_at: int | None = None


def to_do(connection: Connection, moment: Moment) -> Iterator[ToDo]:
    """All that the book knew of at a moment."""
    for one in bereaved(connection, moment):
        detail: dict[str, Any] = {"enrolment": one.enrolment, "person": one.person, "died_month": one.died_month}
        detail |= {} if one.counts is None else {"persons": one.counts}
        yield ToDo(one.position, PAYEE if one.counts is None else MEMBER, detail, one.ended_at)
    yield from still_paid(connection, moment)
    yield from unordered(connection, moment)
    yield from said_to_be_dead(connection, moment)


def still_paid(connection: Connection, moment: Moment) -> Iterator[ToDo]:
    """The lines of lists that pay months from which on a verified doubt stops the payment, whichever came first; who
    was taken in again since is paid rightly.
    """
    verified: list[Any] = [
        item.event for item in standing(connection, ("clue.verified",), moment.position, moment.as_of)
    ]
    clues = {one.clue: Need(f"clue:{one.clue}", ANSWERS) for one in verified if one.stop_from is not None}
    histories = _read(connection, clues.values(), moment)
    stops = [stop for need in clues.values() if (stop := stop_of(histories[need])) is not None]
    of = stopped(stops, _read(connection, people_of(stops).values(), moment))
    lines = {name: Need(f"enrolment:{name}", _LINES) for name in of}
    found = _read(connection, lines.values(), moment)
    for name, need in lines.items():
        for stop in of[name]:
            yield from _after(stop, found[need])


def _after(stop: Stop, history: Sequence[Recorded]) -> Iterator[ToDo]:
    events: list[Any] = [item.event for item in history]
    out = {(one.payment, one.batch) for one in events if one.kind == "batch.line_excluded"}
    again = [item.position for item in history if item.event.kind == "enrolment.confirmed"]
    since = min((place for place in again if place > stop.position), default=None)
    for item, line in zip(history, events, strict=True):
        if line.kind != "subsidy.authorised" or line.component != "normal" or line.period_to < stop.since:
            continue
        if (line.payment, line.batch) in out or (since is not None and item.position > since):
            continue
        said = {"clue": stop.clue, "stop_from": stop.since, "month": line.period_to, "amount_fen": line.amount_fen}
        yield ToDo(item.position, STILL_PAID, said)


def unordered(connection: Connection, moment: Moment) -> Iterator[ToDo]:
    """What lists kept back of households of whose people no recovery was ordered, before or since."""
    kept = standing(connection, ("subsidy.offset",), moment.position, moment.as_of)
    offsets: list[tuple[int, Any]] = [(item.position, item.event) for item in kept]
    lines = {one.payment: Need(f"payment:{one.payment}", (*_LINES[:2], "subsidy.paid")) for _, one in offsets}
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
    needs = {name: Need(f"enrolment:{name}", (*DECISIONS, *_LINES[:2])) for mine in homes.values() for name in mine}
    found = _read(connection, needs.values(), moment)
    opened: list[Any] = [item.event for item in standing(connection, ("programme.opened",), moment.position)]
    funeral = {one.programme for one in opened if one.scheme == "funeral"}
    for person, mine in homes.items():
        for home in sorted(mine):
            yield from _paid_to(said[person], found[needs[home]], funeral)


def _homes(events: Sequence[Any]) -> set[str]:
    """The enrolments of somebody of whom no death is reported."""
    return {one.enrolment for one in events} if all(one.kind in DECISIONS for one in events) else set()


def _paid_to(said: SaidDead, history: Sequence[Recorded], without: AbstractSet[str]) -> Iterator[ToDo]:
    term: Any = None
    events: list[Any] = [item.event for item in history]
    out = {(one.payment, one.batch) for one in events if one.kind == "batch.line_excluded"}
    for item, event in zip(history, events, strict=True):
        if event.kind in DECISIONS:
            if event.kind == "enrolment.confirmed" and item.position > said.position:
                return
            term = event
        elif event.kind == "subsidy.authorised" and event.component == "normal" and event.period_to >= said.since:
            is_out = (event.payment, event.batch) in out or event.programme in without
            if not is_out and term is not None and counts(term, said.person):
                detail = {"finding": said.finding, "month": event.period_to, "amount_fen": event.amount_fen}
                yield ToDo(item.position, SAID_DEAD, detail)


def _read(connection: Connection, needs: Any, moment: Moment) -> dict[Need, list[Recorded]]:
    """What stood under each need at a moment."""
    wanted = list(dict.fromkeys(needs))
    places = reading.places_of(connection, wanted)
    items = items_at(connection, {p for part in places.values() for p in part if p <= moment.position})
    if moment.as_of is not None:
        items = [item for item in items if posted_on(item) <= moment.as_of]
    kept = {item.position: item for item in stood(connection, items, moment.position, moment.as_of)}
    return {need: [kept[place] for place in sorted(places[need]) if place in kept] for need in wanted}
