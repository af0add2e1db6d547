"""Pledges that are overdue, as a stranger reckons them: by what stands, whatever was taken back of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger_audit.verifier.formats.canonical import count_at, day_at, fen_at, text_at, uuid_at


@dataclass(slots=True)
class _Pledge:
    """One promise: where it stands, by which event, and what was still owed of it then."""

    position: int
    event: bytes
    left_fen: int
    terms: list[tuple[bytes, list[tuple[str, int]]]]
    """The days and amounts that were agreed, by event: the last one that stands holds."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A pledge whose days gone by ask for more than what came in."""

    position: int
    fen: int


@dataclass(slots=True)
class Pledges:
    """Collects promises, how they changed, and what came in for them."""

    _pledges: dict[str, _Pledge] = field(default_factory=dict)
    _moves: list[tuple[bytes, str, int]] = field(default_factory=list)

    def opening(self, event: Mapping[str, Any], position: int) -> None:
        """What was still owed when the book began."""
        taken = uuid_at(event, "id")
        for part in event["pledges"]:
            fen = count_at(part, "amount_fen")
            due = [] if part["due"] is None else [(day_at(part, "due"), fen)]
            self._pledges[text_at(part, "pledge")] = _Pledge(position, taken, fen, [(taken, due)])

    def made(self, event: Mapping[str, Any], position: int) -> None:
        """A pledge to this entity (one to another is not ours to collect)."""
        if event["fund"] is not None:
            taken = uuid_at(event, "id")
            left = count_at(event, "amount_fen") - count_at(event, "paid_before_fen", 0)
            self._pledges[text_at(event, "pledge")] = _Pledge(position, taken, left, [(taken, _due(event))])

    def amended(self, event: Mapping[str, Any], _: int) -> None:
        """Another amount, or other days, agreed."""
        name, taken = text_at(event, "pledge"), uuid_at(event, "id")
        self._moves.append((taken, name, -fen_at(event, "delta_fen")))
        if name in self._pledges:
            self._pledges[name].terms.append((taken, _due(event)))

    def released(self, event: Mapping[str, Any], _: int) -> None:
        """The donor is freed of a part."""
        self._moves.append((uuid_at(event, "id"), text_at(event, "pledge"), fen_at(event, "amount_fen")))

    def gift(self, event: Mapping[str, Any], _: int) -> None:
        """A gift that fulfils pledges, or its return, which opens them again."""
        sign = -1 if event["kind"] == "donation.returned" else 1
        for part in event["pledge_parts"]:
            self._moves.append((uuid_at(event, "id"), text_at(part, "pledge"), sign * count_at(part, "fen")))

    def overdue(self, today: str, gone: Collection[bytes]) -> list[Overdue]:
        """Pledges whose instalments were due before today and have not all come in; `gone` are reversed events."""
        left = {name: one.left_fen for name, one in self._pledges.items()}
        for event, name, fen in self._moves:
            if event not in gone and name in left:
                left[name] -= fen
        late = []
        for name, pledge in self._pledges.items():
            due = next((due for event, due in reversed(pledge.terms) if event not in gone), [])
            not_due = sum(fen for day, fen in due if day >= today)
            if due and pledge.event not in gone and left[name] > not_due:
                late.append(Overdue(pledge.position, left[name] - not_due))
        return late


def _due(event: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(day_at(part, "due"), count_at(part, "fen")) for part in event["instalments"]]
