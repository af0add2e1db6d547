"""What a list of aid says of a case otherwise than the book: of whom, to whom, where, when and by which paper.

Amounts and persons are compared with the batch's lines. What a list leaves blank it does not deny.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.application.importing.report import ParsedFile
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.enrolled import Fields, fits
from ledger.application.proposing.relief.programmes import UNSTATED, person_ref
from ledger.application.proposing.relief.roster_changes import Receivers
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.application.proposing.telling.changes import told_in
from ledger.application.proposing.telling.places import Places
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Recorded

_Difference = tuple[str, str | None]
"""A column's name, and what is recorded where a message may say so."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The enrolments that this month's list has confirmed before, and what the vault keeps of their people."""

    context: Context
    places: Places
    begun: Mapping[str, Recorded]
    """Enrolment -> its confirmation."""
    people: Mapping[str, Fields]
    receivers: Receivers

    @classmethod
    def of(cls, context: Context, parsed: ParsedFile, found: Iterable[Recorded], receivers: Receivers) -> "Confirmed":
        """Those of some confirmations, and who receives by the accounts of the list."""
        begun = {str(one.event.enrolment): one for one in found if hasattr(one.event, "enrolment")}
        terms: list[Any] = [one.event for one in begun.values()]
        people = context.opened({ref for one in terms for ref in (one.person, one.payee.payee)})
        return cls(context, Places(parsed), begun, people, receivers)

    def is_of(self, enrolment: str, person: str) -> bool:
        """Whether an enrolment was confirmed of a person."""
        return getattr(self.begun[enrolment].event, "person", None) == person

    def refuse_changed(self, enrolment: str, entry: Entry, payee: Mapping[str, Any]) -> None:
        """E_ROW_CHANGED for a row that says otherwise; `payee` is what it makes of who receives the money."""
        before = self.begun[enrolment]
        place = entry.row.place
        found = list(self._differences(before.event, entry, payee))
        columns = [(each, shown) for name, shown in found if (each := self.places.first(place, [name])) is not None]
        if columns:
            cell = told_in(place, before, columns)
            raise RowRefusedError(cell.column, cell.code, **cell.params)

    def _differences(self, was: Any, entry: Entry, payee: Mapping[str, Any]) -> Iterator[_Difference]:
        yield from self._of_person(was, entry)
        yield from self._of_payee(was.payee, entry, payee)
        stated = {name: plain(entry.text(name) or "") for name in ("township", "village")}
        lived = {"township": "" if was.township == UNSTATED else was.township, "village": was.village or ""}
        yield from ((name, lived[name]) for name, said in stated.items() if said and said != plain(lived[name]))
        decided = entry.row.values.get("decided_on")
        if isinstance(decided, date) and decided != was.decided_on:
            yield "decided_on", str(was.decided_on or "")
        if (paper := entry.text("document")) and paper != was.document:
            yield "document", was.document or ""

    def _of_person(self, was: Any, entry: Entry) -> Iterator[_Difference]:
        """Another number, or another name; of whoever was erased nothing is left to be compared."""
        known = self.people.get(was.person, {})
        name, number = known.get("name"), known.get("id_number", "")
        if name is None:
            return
        if entry.id_number and person_ref(self.context, entry.id_number, None) != was.person:
            if not ("*" in number and fits(number, entry.id_number)):
                yield "id_number", None
        elif entry.id_masked and not fits(number, entry.id_masked):
            yield "id_number", None
        if plain(name) != plain(entry.name):
            yield "name", None

    def _of_payee(self, was: Any, entry: Entry, payee: Mapping[str, Any]) -> Iterator[_Difference]:
        """Another account, or another receiver."""
        other = bool(entry.text("account")) and payee["payee"] != was.payee
        if other:
            yield "account", None
        if entry.receiver_named is None or was.payee not in self.people:
            return
        named = self.people[was.payee].get("name", "")
        unlike = plain(named) != plain(entry.receiver) if other else self.receivers.is_another(entry, was.payee)
        if payee["payee_kind"] != was.payee_kind or unlike:
            yield "payee_name", None
