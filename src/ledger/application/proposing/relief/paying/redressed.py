"""What verification and recovery have to say of a roster's rows: who is still paid although it was decided that the
payment stops (停发月份), from whom something is kept back (扣回) that no recovery was ordered for, and who is said to
be dead and was never reported.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.deaths import death_need
from ledger.flows.public_money.entitlement.programmes import funerals
from ledger.flows.public_money.redress.said_dead import SAYING, orders_of, people_paid, said_dead
from ledger.flows.public_money.redress.still_paid import Said, taken_in_again
from ledger.flows.public_money.redress.stops import (
    ANSWERS,
    TAKEN_IN,
    orders_about,
    people_of,
    stop_of,
    stopped,
)

STILL_PAID: Final = "W_STOP_STILL_PAID"
UNORDERED: Final = "W_OFFSET_NO_RECOVERY"
SAID_DEAD: Final = "W_SAID_DEAD"

Told = TypeVar("Told", bound=Said)


def of_rows(context: Context, entries: Mapping[str, Entry], terms: Mapping[str, Any]) -> list[Note]:
    """Remarks at the rows (enrolment -> row) of a roster; `terms` are those that stand of them."""
    return [
        *_still_paid(context, entries),
        *_unordered(context, entries, terms),
        *_said_dead(context, entries, terms),
    ]


def _still_paid(context: Context, entries: Mapping[str, Entry]) -> list[Note]:
    """Each row once a doubt that stops it; whoever was taken in again since is paid rightly."""
    verified: list[Any] = [item.event for item in context.by_kind("clue.verified")]
    asked = {Need(f"clue:{one.clue}", ANSWERS) for one in verified if one.stop_from is not None}
    stops = [stop for items in context.find(asked).values() if (stop := stop_of(items)) is not None]
    theirs = stopped(stops, context.find(people_of(stops).values()))
    told = [(name, stop) for name, stops in theirs.items() for stop in stops]
    return [
        _note(entry, STILL_PAID, clue=stop.clue, stop_from=stop.since) for entry, stop in _paid(context, entries, told)
    ]


def _said_dead(context: Context, entries: Mapping[str, Entry], terms: Mapping[str, Any]) -> list[Note]:
    """The rows that pay somebody of whom a matter says that the person is dead, and no report of the death is known;
    who was taken in again since lives.
    """
    recorded = [item for kind in SAYING for item in context.by_kind(kind)]
    stands = {one.event.id for items in context.find(_tags_of(recorded)).values() for one in items}
    saying = [item for item in recorded if item.event.id in stands]
    said = said_dead(saying, context.find(orders_of(saying).values()))
    deaths = {person: death_need(person) for person in said}
    reports = context.find(deaths.values())
    said = {person: matters for person, matters in said.items() if not reports[deaths[person]]}
    funeral = funerals(context.facts("programme.opened"))
    listed = {name: terms[name] for name in entries if name in terms and terms[name].programme not in funeral}
    told = [
        (name, one) for name, term in listed.items() for person in people_paid(term) for one in said.get(person, ())
    ]
    notes: dict[tuple[Place, str], Note] = {}
    for entry, one in _paid(context, entries, told):
        notes.setdefault((entry.row.place, one.person), _note(entry, SAID_DEAD, finding=one.finding))
    return list(notes.values())


def _paid(
    context: Context, entries: Mapping[str, Entry], told: Sequence[tuple[str, Told]]
) -> Iterator[tuple[Entry, Told]]:
    """The rows that pay a month of which it is told of their enrolment that it is paid wrongly; whoever was taken in
    again since is paid rightly.
    """
    needs = {name: Need(f"enrolment:{name}", TAKEN_IN) for name, _ in told if name in entries}
    came = context.find(needs.values())
    for name, one in told:
        entry = entries.get(name)
        is_paid = entry is not None and entry.normal_fen > 0 and entry.period[1] >= one.since
        if entry is not None and is_paid and not taken_in_again(one, came[needs[name]]):
            yield entry, one


def _note(entry: Entry, code: str, **said: str) -> Note:
    return Note(entry.row.place, code, {**said, "month": entry.period[1], "amount_fen": entry.normal_fen})


def _tags_of(recorded: Sequence[Recorded]) -> set[Need]:
    """Where one finds out which of them stand."""
    events: list[Any] = [item.event for item in recorded]
    return {Need(f"finding:{one.finding}", SAYING) for one in events}


def _unordered(context: Context, entries: Mapping[str, Entry], terms: Mapping[str, Any]) -> list[Note]:
    """The rows that keep something back of a household of whose people the book knows no recovery."""
    kept = {name: entry for name, entry in entries.items() if entry.deduction_fen > 0}
    needs = {name: orders_about(name, [terms[name]] if name in terms else ()) for name in kept}
    known = context.find(need for part in needs.values() for need in part)
    return [
        Note(entry.row.place, UNORDERED, {"month": entry.period[1], "amount_fen": entry.deduction_fen})
        for name, entry in kept.items()
        if not any(known[need] for need in needs[name])
    ]
