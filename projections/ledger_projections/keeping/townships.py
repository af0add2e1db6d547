"""Where people, enrolments, clues and events lie: in which townships, as the log has it now.

Whoever holds a role for some townships only reads what lies there. An enrolment lies where it was stated last, a person
where its standing enrolments do (or the ended ones, when none stands); an event where it says itself, else where the
enrolment, clue or people lie that it is about. What lies nowhere is in no township.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection

from ledger.flows.event import Event
from ledger.flows.knowledge import Recorded
from ledger.log import reading
from ledger_projections.keeping.items import items_at, reversals_of

_ENROLLING: Final = ("enrolment.changed", "enrolment.confirmed")
_ENROLMENTS: Final = (*_ENROLLING, "enrolment.ended")
_OF_PEOPLE: Final = ("person", "household", "payee")
"""What a person of the vault is called by an enrolment."""
_PEOPLE: Final = ("person", "household", "identity")
"""The fields by which an event says of whom it speaks without naming an enrolment."""


class Townships:
    """Some townships, and what lies in them; each question is looked up once."""

    def __init__(self, connection: Connection, names: frozenset[str]) -> None:
        self._connection: Final = connection
        self.names: Final = names
        self._of_enrolment: Final = cache(self._enrolment)
        self._of_person: Final = cache(self._person)
        self._of_clue: Final = cache(self._clue)

    def has(self, township: str | None) -> bool:
        """Whether a township is one of them."""
        return township in self.names

    def has_enrolment(self, enrolment: str) -> bool:
        """Whether an enrolment lies in them."""
        return self._of_enrolment(enrolment)[0] in self.names

    def has_person(self, reference: str) -> bool:
        """Whether a person, household or payee lies in them."""
        return not self.names.isdisjoint(self._of_person(reference))

    def has_clue(self, clue: str) -> bool:
        """Whether a clue lies in them."""
        return not self.names.isdisjoint(self._of_clue(clue))

    def has_event(self, event: Event) -> bool:
        """Whether an event lies in them."""
        return not self.names.isdisjoint(self._of_event(event))

    def has_positions(self, positions: Iterable[int]) -> set[int]:
        """Those of some positions whose events lie in them."""
        return {item.position for item in items_at(self._connection, positions) if self.has_event(item.event)}

    def _of_event(self, event: Event) -> frozenset[str]:
        own: str | None = getattr(event, "township", None)
        if own is not None:
            return frozenset({own})
        enrolment: str | None = getattr(event, "enrolment", None)
        if enrolment is not None:
            township, _ = self._of_enrolment(enrolment)
            return frozenset() if township is None else frozenset({township})
        clue: str | None = getattr(event, "clue", None)
        if clue is not None and event.kind != "clue.raised":
            return self._of_clue(clue)
        people = (getattr(event, name, None) for name in _PEOPLE)
        return frozenset().union(*(self._of_person(str(one)) for one in people if one is not None))

    def _standing(self, tag: str, kinds: tuple[str, ...]) -> list[Recorded]:
        """The events with a tag that nobody took back, in position order."""
        items = items_at(self._connection, reading.tag_positions(self._connection, tag, kinds))
        gone = reversals_of(self._connection, (item.event.id for item in items), 2**53)
        return [item for item in items if item.event.id not in gone]

    def _enrolment(self, enrolment: str) -> tuple[str | None, bool]:
        """The township that an enrolment's last statement names, and whether it has not ended."""
        items = self._standing(f"enrolment:{enrolment}", _ENROLMENTS)
        stated: list[Any] = [item.event for item in items if item.event.kind in _ENROLLING]
        return (stated[-1].township, items[-1].event is stated[-1]) if stated else (None, False)

    def _person(self, reference: str) -> frozenset[str]:
        named: set[str] = set()
        for subject in _OF_PEOPLE:
            for item in self._standing(f"{subject}:{reference}", _ENROLLING):
                named.add(str(getattr(item.event, "enrolment", "")))
        found = [self._of_enrolment(enrolment) for enrolment in sorted(named)]
        stands = {township for township, is_open in found if is_open and township is not None}
        return frozenset(stands or {township for township, _ in found if township is not None})

    def _clue(self, clue: str) -> frozenset[str]:
        raised = self._standing(f"clue:{clue}", ("clue.raised",))
        return self._of_event(raised[-1].event) if raised else frozenset()
