"""The spells of a programme's enrolments: from when each stood, on which terms, and from when it no longer did.

A list of exits may come late, or again after somebody returned; what it means are the spells of then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.enrolled import Fields
from ledger.application.proposing.relief.programmes import TERMS, UNSTATED
from ledger.flows.knowledge import Need


@dataclass(slots=True)
class Spell:
    """One enrolment from its confirmation to its end; `terms` are its last, `end` is None while it stands."""

    since: str
    terms: Any
    end: Any | None = None
    places: set[tuple[str | None, str | None]] = field(default_factory=set)
    """Townships and villages that its terms have named; None where they named none."""

    def __post_init__(self) -> None:
        self.restate(self.terms)

    def restate(self, terms: Any) -> None:
        """Other terms stand from here on."""
        self.terms = terms
        self.places.add((None if terms.township == UNSTATED else terms.township, terms.village))

    @property
    def enrolment(self) -> str:
        """The enrolment's id."""
        return str(self.terms.enrolment)

    def may_end(self, month: str) -> bool:
        """Whether the spell began before a month and had not ended before it."""
        return self.since <= month and (self.end is None or self.end.from_month >= month)


@dataclass(slots=True)
class Spells:
    """All spells of a programme, findable by enrolment, household and person."""

    _by_enrolment: defaultdict[str, list[Spell]] = field(default_factory=lambda: defaultdict(list))
    _by_household: defaultdict[str, list[Spell]] = field(default_factory=lambda: defaultdict(list))
    _by_person: defaultdict[str, list[Spell]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, context: Context, programme: str) -> "Spells":
        """Everything that was decided in the programme, and what waits for a signature."""
        spells: defaultdict[str, list[Spell]] = defaultdict(list)
        for event in context.events(Need(f"programme:{programme}", TERMS)):
            mine = spells[event.enrolment]
            if event.kind == "enrolment.ended":
                if mine and mine[-1].end is None:
                    mine[-1].end = event
            elif mine and mine[-1].end is None:
                mine[-1].restate(event)
            else:
                mine.append(Spell(event.from_month, event))
        found = cls(spells)
        for spell in (one for part in spells.values() for one in part):
            found._by_household[str(spell.terms.household)].append(spell)
            for person in {spell.terms.person, *spell.terms.covered()}:
                found._by_person[person].append(spell)
        return found

    def of_enrolment(self, enrolment: str) -> Sequence[Spell]:
        """The spells of an enrolment, in order."""
        return self._by_enrolment.get(enrolment, ())

    def of_households(self, households: Iterable[str]) -> list[Spell]:
        """The spells of some households."""
        return [spell for one in households for spell in self._by_household.get(one, ())]

    def of_person(self, person: str) -> Sequence[Spell]:
        """The spells in which a person is the householder or is covered."""
        return self._by_person.get(person, ())

    def people(self, context: Context) -> Mapping[str, Fields]:
        """Everybody in them with the fields that the vault keeps, for comparing with masked numbers."""
        return context.opened(list(self._by_person))


def meant(spells: Iterable[Spell], month: str) -> list[Spell]:
    """Which of some spells an exit from a month means: those that it ended already, else those that stand."""
    fit = list({id(spell): spell for spell in spells if spell.may_end(month)}.values())
    ended = [spell for spell in fit if spell.end is not None and spell.end.from_month == month]
    return ended or [spell for spell in fit if spell.end is None] or fit
