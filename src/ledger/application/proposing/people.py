"""Register first, then sign: commitments of new people go into the log before the events that name them.

Only those are kept whom a new event names; a file that adds nothing adds nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from ledger.application.importing.rows import Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed
from ledger.flows.knowledge import Need, Recorded
from ledger.vault.people import Subject

AT_ONCE: Final = 1000
"""People who are kept and committed together: their vouchers are signed before the next are looked at."""


def registrations(context: Context, proposal: Proposal, items: Sequence[Proposed]) -> Iterator[list[Proposed]]:
    """Keep in the vault the people whom the items name, and commit what is new about them, or not in the log yet.

    Yields them by the thousand; nobody is kept before those yielded earlier were signed.
    """
    named = {tag.partition(":")[2]: place for tag, place in reversed(places_of_tags(items).items())}
    wanted: dict[str, tuple[str, Subject]] = {}
    for entity, one in proposal.subjects:
        if one.reference in named and one.fields:
            before = wanted[one.reference][1].fields if one.reference in wanted else ()
            fields = tuple({**dict(before), **dict(one.fields)}.items())
            wanted[one.reference] = entity, Subject(one.subject, one.reference, fields)
    people = list(wanted.values())
    for first in range(0, len(people), AT_ONCE):
        some = people[first : first + AT_ONCE]
        logged = context.find(_need(subject.reference) for _, subject in some)
        kept = context.register([subject for _, subject in some])
        made = {reference: _not_in(logged[_need(reference)], fields) for reference, fields in kept.items()}
        yield [
            _registration(context, subject, made[subject.reference], entity, named[subject.reference], items[0].day)
            for entity, subject in some
            if made[subject.reference]
        ]


def places_of_tags(items: Iterable[Proposed]) -> dict[str, Place]:
    """Where each tag first stands; a person's is `person:` and the reference."""
    found: dict[str, Place] = {}
    for item in items:
        for event in item.events:
            for tag in event.tags():
                found.setdefault(tag, item.place)
    return found


def _not_in(logged: Sequence[Recorded], commitments: dict[str, str]) -> dict[str, str]:
    """The commitments that no event has brought to the log; a run that stopped before it signed leaves some."""
    known = {field.commitment for item in logged for field in getattr(item.event, "fields", ())}
    return {name: commitment for name, commitment in commitments.items() if commitment not in known}


def _need(reference: str) -> Need:
    return Need(f"identity:{reference}", ("identity.registered",))


def _registration(
    context: Context, subject: Subject, fields: dict[str, str], entity: str, place: Place, first: date
) -> Proposed:
    event = context.event(
        "identity.registered",
        identity=subject.reference,
        subject=subject.subject,
        fields=[{"name": name, "commitment": commitment} for name, commitment in sorted(fields.items())],
    )
    day = min(first, context.options.today)  # the first row may bear a day that is still to come, and be wrong
    return Proposed(place, _need(subject.reference), (event,), entity, day, "file")
