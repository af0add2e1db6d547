"""What is enrolled in a programme, and which enrolment a roster's row speaks of.

By the household's number first, then by its certificate, then by the ID number, then by what a masked one shows and the
name. What could be two is nobody's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ledger.application.importing.fields.identity import mask_names
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.programmes import TERMS, enrolment_id, person_ref
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need

Fields = Mapping[str, str]


class Named(Protocol):
    """A row of a list, as far as it names somebody."""

    @property
    def name(self) -> str:
        """The householder's or the person's name."""

    @property
    def id_masked(self) -> str | None:
        """What a masked number shows."""


@dataclass(slots=True)
class Enrolled:
    """The enrolments of a programme as they stand; `ended` are those that stood once."""

    context: Context
    programme: str
    standing: dict[str, Any]
    """Enrolment -> its terms now: the last event that confirmed or changed it."""
    ended: frozenset[str]
    pending: Mapping[str, str] = field(default_factory=dict)
    """Enrolment -> the event that confirmed it, where that event says no reason (待补原因)."""
    _by_household: defaultdict[str | None, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_person: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for name, term in self.standing.items():
            self._by_household[term.household].add(name)
            self._by_person[term.person].add(name)

    @classmethod
    def read(cls, context: Context, programme: str) -> "Enrolled":
        """Everything that was decided in the programme, and what waits for a signature."""
        standing: dict[str, Any] = {}
        ended: set[str] = set()
        pending: dict[str, str] = {}
        for event in context.events(Need(f"programme:{programme}", TERMS)):
            if event.kind == "enrolment.ended":
                standing.pop(event.enrolment, None)
                ended.add(event.enrolment)
            else:
                standing[event.enrolment] = event
                ended.discard(event.enrolment)
            if event.kind == "enrolment.confirmed":
                pending.pop(event.enrolment, None)
                pending |= {event.enrolment: event.id} if event.reason == "pending" else {}
        return cls(context, programme, standing, frozenset(ended), pending)

    def reason_needed(self, enrolment: str) -> str | None:
        """The event whose reason is still to be supplied; None where a reason stands, or waits for a signature."""
        about = self.pending.get(enrolment)
        need = Need(f"enrolment:{enrolment}", ("enrolment.reason_filled",))
        filled = {one.about for one in self.context.events(need)} if about else set()
        return None if about in filled else about

    def match(self, entries: Sequence[Entry]) -> dict[int, str | RowRefusedError]:
        """Entry (by id) -> its enrolment, or why it cannot be told."""
        found: dict[int, str | RowRefusedError] = {}
        own = {id(entry): enrolment_id(self.context, self.programme, entry.number) for entry in entries}
        taken = {name for name in own.values() if name in self.standing or name in self.ended}
        people = self._people(entries, own)
        homes = self._homes([entry for entry in entries if own[id(entry)] not in taken])
        for entry in entries:
            name = own[id(entry)]
            if name not in taken and self.standing:
                others = self._otherwise(entry, people, homes) - taken
                if len(others) > 1:
                    found[id(entry)] = RowRefusedError(
                        "家庭编号", "E_ENROLMENT_CHOICE", programme=self.programme, found=len(others)
                    )
                    continue
                name = others.pop() if others else name
            taken.add(name)
            found[id(entry)] = name
        return found

    def _people(self, entries: Sequence[Entry], own: Mapping[int, str]) -> Mapping[str, Fields]:
        """Names and numbers of everybody enrolled, where a masked row must be looked for among them."""
        lost = [e for e in entries if e.id_number is None and e.id_masked and own[id(e)] not in self.standing]
        return opened(self.context, {term.person for term in self.standing.values()}) if lost else {}

    def _homes(self, entries: Sequence[Entry]) -> Mapping[str, set[str]]:
        """Certificate -> the enrolments standing for its household."""
        certificates = [text for entry in entries if (text := entry.text("certificate_no"))]
        if not certificates or not self.standing:
            return {}
        with self.context.store.read() as connection:
            found = self.context.vault.find(connection, "certificate", certificates)
        return {text: {name for home in homes for name in self._by_household[home]} for text, homes in found.items()}

    def _otherwise(self, entry: Entry, people: Mapping[str, Fields], homes: Mapping[str, set[str]]) -> set[str]:
        found = homes.get(entry.text("certificate_no") or "")
        if found:
            return found
        if entry.id_number:
            return self._by_person[person_ref(self.context, entry.id_number, None)]
        if not mask_names(entry.id_masked or ""):
            return set()
        fits = {ref for ref, fields in people.items() if same_person(entry, fields)}
        return {name for ref in fits for name in self._by_person[ref]}


def same_person(entry: Named, fields: Fields) -> bool:
    """Whether what a masked number shows, and the name, are those of somebody in the vault."""
    number, mask = fields.get("id_number", ""), entry.id_masked or ""
    fits = len(number) == len(mask) and all(shown in ("*", sign) for shown, sign in zip(mask, number, strict=True))
    return fits and plain(fields.get("name", "")) == plain(entry.name)


def opened(context: Context, references: Iterable[str]) -> Mapping[str, Fields]:
    """Fields of people in clear, to be compared and not to be shown."""
    with context.store.read() as connection:
        return context.vault.opened(connection, references)
