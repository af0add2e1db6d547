"""People whose number a roster hides in part: whoever has the name, and a number that shows the same signs.

A list with whole numbers (deaths, another department's) finds them so; and when a roster brings somebody whose number
it hides, the deaths that were reported under the whole number are reported of that person too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.application.importing.fields.identity import mask_names
from ledger.application.importing.rows import Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.people import places_of_tags
from ledger.application.proposing.proposal import Proposal, Proposed
from ledger.application.proposing.relief.programmes import TERMS
from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.deaths import DeathReported, death_need

HIDDEN: Final = "登记的证件号有隐去的位"
"""What is said of somebody who was found by the name and what a masked number shows."""
_NOTE_CHARACTERS: Final = 2000


def references(context: Context, people: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    """The reference of each number, and those of people of the same name whose masked number it may be; `people` are
    reference -> number and name.
    """
    with context.store.read() as connection:
        namesakes = context.vault.find(connection, "name", {name for _, name in people.values() if name})
    fields = context.opened({ref for refs in namesakes.values() for ref in refs})
    return {
        person: [
            person,
            *(ref for ref in namesakes.get(name, ()) if ref != person and shows(fields.get(ref, {}), number)),
        ]
        for person, (number, name) in people.items()
    }


def shows(fields: Mapping[str, str], number: str) -> bool:
    """Whether a kept number hides digits, shows enough of them, and is this one as far as it shows."""
    mask = fields.get("id_number", "")
    if "*" not in mask or not mask_names(mask) or len(mask) != len(number):
        return False
    return all(m in ("*", n) for m, n in zip(mask, number, strict=True))


def remarked(note: str | None) -> str:
    """The note of a report of somebody who was found so."""
    return f"{note or ''}({HIDDEN})"[-_NOTE_CHARACTERS:]


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """Somebody whom a file names by a masked number, and whom the book does not know under it."""

    reference: str
    fields: Mapping[str, str]
    entity: str
    place: Place


def with_deaths(proposal: Proposal, context: Context) -> Proposal:
    """The proposal, and before all else the deaths that are known of the people whom it brings with a masked number.

    Of whoever is in a programme already nothing is added: a death list that came since has named the person.
    """
    newcomers = list(_newcomers(proposal, context))
    whole = _whole_numbers(context, newcomers)
    reports = context.find(death_need(ref) for refs in whole.values() for ref in refs)
    proposal.items[:0] = [
        _reported_too(context, one, told.event)
        for one in newcomers
        for ref in whole.get(one.reference, ())
        for told in reports[death_need(ref)]
        if isinstance(told.event, DeathReported)
    ]
    return proposal


def _newcomers(proposal: Proposal, context: Context) -> Iterator[_Newcomer]:
    masked = {
        one.reference: (entity, dict(one.fields))
        for entity, one in proposal.subjects
        if one.subject == "person" and shows_part(dict(one.fields))
    }
    if not masked:
        return
    places = places_of_tags(proposal.items)
    needs = {ref: Need(f"person:{ref}", TERMS) for ref in masked if f"person:{ref}" in places}
    known = context.find(needs.values())
    for ref, need in needs.items():
        if not known[need]:
            entity, fields = masked[ref]
            yield _Newcomer(ref, fields, entity, places[need.tag])


def shows_part(fields: Mapping[str, str]) -> bool:
    """Whether there are a name and a number that hides digits and shows enough to tell namesakes apart."""
    mask = fields.get("id_number", "")
    return "*" in mask and mask_names(mask) and bool(fields.get("name"))


def _whole_numbers(context: Context, newcomers: Sequence[_Newcomer]) -> dict[str, list[str]]:
    """The references of those in the vault who have the name, and a whole number that shows the same."""
    if not newcomers:
        return {}
    with context.store.read() as connection:
        namesakes = context.vault.find(connection, "name", {one.fields["name"] for one in newcomers})
    fields = context.opened({ref for refs in namesakes.values() for ref in refs})
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in newcomers:
        for ref in namesakes[one.fields["name"]]:
            number = fields.get(ref, {}).get("id_number", "")
            if number and "*" not in number and shows(one.fields, number):
                found[one.reference].append(ref)
    return found


def _reported_too(context: Context, one: _Newcomer, told: DeathReported) -> Proposed:
    """The same report, of the person as the file names him."""
    said: dict[str, Any] = told.model_dump(mode="json", exclude={"id", "kind", "version"})
    event = context.event("death.reported", **{**said, "person": one.reference, "note": remarked(told.note)})
    day = told.documented_on or context.options.today
    return Proposed(one.place, death_need(one.reference), (event,), one.entity, day, "beside", "content")


def each_with_deaths(proposals: Iterable[Proposal], context: Context) -> list[Proposal]:
    """All proposals of some files."""
    return [with_deaths(proposal, context) for proposal in proposals]
