"""What verification and recovery have to say of a roster's rows: who is still paid although it was decided that the
payment stops (停发月份), from whom something is kept back (扣回) that no recovery was ordered for, and who is said to
be dead and was never reported.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.application.importing.rows import Note
from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.programmes import TERMS
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.deaths import death_need
from ledger.flows.public_money.redress.said_dead import SAYING, counts, orders_of, said_dead
from ledger.flows.public_money.redress.stops import (
    ANSWERS,
    orders_about,
    people_of,
    stop_of,
    stopped,
)

STILL_PAID: Final = "W_STOP_STILL_PAID"
UNORDERED: Final = "W_OFFSET_NO_RECOVERY"
SAID_DEAD: Final = "W_SAID_DEAD"


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
    needs = {name: Need(f"enrolment:{name}", TERMS[:1]) for name in theirs if name in entries}
    came = context.find(needs.values())
    notes = []
    for name, need in needs.items():
        entry = entries[name]
        for stop in theirs[name]:
            again = any(item.position > stop.position for item in came[need])
            if entry.normal_fen > 0 and entry.period[1] >= stop.since and not again:
                said = {"clue": stop.clue, "stop_from": stop.since, "month": entry.period[1]}
                notes.append(Note(entry.row.place, STILL_PAID, {**said, "amount_fen": entry.normal_fen}))
    return notes


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
    said = {person: one for person, one in said.items() if not reports[deaths[person]]}
    theirs = [(name, one) for name, term in terms.items() for one in said.values() if counts(term, one.person)]
    theirs = [(name, one) for name, one in theirs if name in entries]
    needs = {name: Need(f"enrolment:{name}", TERMS[:1]) for name, _ in theirs}
    came = context.find(needs.values())
    notes = []
    for name, one in theirs:
        entry = entries[name]
        again = any(item.position > one.position for item in came[needs[name]])
        if entry.normal_fen > 0 and entry.period[1] >= one.since and not again:
            fields = {"finding": one.finding, "month": entry.period[1], "amount_fen": entry.normal_fen}
            notes.append(Note(entry.row.place, SAID_DEAD, fields))
    return notes


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
