"""Goods of the book that a register names no more: a row that says nearly the same is one of them, and was corrected.

A row of goods is known by what it says, so one with another quantity would be goods that left once more. Where the
book has a row that agrees in all but one cell, and no row of the file is that one, the file tells of it.
"""

from collections.abc import Iterable
from typing import Any, Final

from ledger.application.importing.keys import row_key
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.own_numbers import own_reference
from ledger.application.proposing.proposal import says
from ledger.flows.knowledge import Need

_AT_ONE_VISIT: Final = frozenset({"quantity", "purpose", "signer"})
"""What may be corrected of goods that left one lot on one day for one receiver."""


class GoodsBefore:
    """What the book has of a file's lots, less what its rows are."""

    def __init__(self, context: Context, entity: str, parsed: ParsedFile) -> None:
        self._context, self._entity, self._kind = context, entity, parsed.kind
        self._movements: dict[Place, str] = {
            row.place: self._named(row) for row in parsed.rows if row.shape == "delivered"
        }
        self._told = set(self._movements.values())
        self._read_again: bool | None = None
        self._of_funds: dict[Need, list[Any]] = {}

    def movement(self, row: CleanRow) -> str:
        """The number of a row of goods that left, by what it says."""
        return self._movements[row.place]

    def _named(self, row: CleanRow) -> str:
        return own_reference(
            self._context, self._entity, "movement", "movement", "goods", row_key(self._kind, row, row.ordinal)
        )

    def delivery(self, now: Any) -> str:
        """The number of goods that left: the row's own, or that of the recorded ones that the row corrects."""
        if self._delivered([now.movement]):
            return str(now.movement)
        for was in self._of("lot", now.lot, "in_kind.delivered"):
            if was.movement in self._told:
                continue
            before = _cells(was)
            other = {name for name, cell in _cells(now).items() if before[name] != cell}
            if len(other) <= 1 and (other <= _AT_ONE_VISIT or self._is_read_again()):
                self._told.add(was.movement)
                return str(was.movement)
        for was in self._of("fund", now.fund, "in_kind.delivered") if self._is_read_again() else ():
            if was.movement not in self._told and was.lot != now.lot and _cells(was) == _cells(now):
                self._told.add(was.movement)
                return str(was.movement)
        return str(now.movement)

    def lot(self, now: Any, named: Iterable[str]) -> str:
        """The lot that came in: the row's own, or the recorded one of its number that the row only calls otherwise, or
        the same goods under another number; `named` are the lots of the file's rows.
        """
        if self._context.events(Need(f"lot:{now.lot}", ("in_kind.received",))):
            return str(now.lot)
        said, rows = _but_for_the_goods(now), set(named)
        recorded = self._context.find([need := Need(f"donation:{now.donation}", ("in_kind.received",))])[need]
        found: list[Any] = [item.event for item in recorded if item.entity == self._entity]
        alike = (one.lot for one in found if one.lot not in rows and _but_for_the_goods(one) == said)
        renumbered = (
            one.lot
            for one in self._of("fund", now.fund, "in_kind.received")
            if one.lot not in rows and one.item == now.item and _but_for_the_number(one) == _but_for_the_number(now)
        )
        return str(next(alike, None) or next(renumbered, now.lot))

    def count(self, now: Any, named: Iterable[str], all_named: Iterable[str]) -> str:
        """The number of a count: the row's own, or that of the recorded one of this lot and day that no row is, or in a
        sheet that was read before that of another lot of which it says the same. `named` are the counts of the file's
        rows of the lot, `all_named` those of all its rows.
        """
        rows, every = set(named), set(all_named)
        counts = [one for one in self._of("lot", now.lot, "in_kind.counted") if one.on == now.on]
        if any(one.movement == now.movement for one in counts):
            return str(now.movement)
        others = [one for one in self._of("fund", now.fund, "in_kind.counted") if one.lot != now.lot]
        again = any(one.movement in every for one in (*counts, *others))
        moved = (one for one in others if again and one.movement not in every and _but_for_the_lot(one, now))
        here = (one for one in counts if one.movement not in rows)
        found = next(here, None) or next(moved, None)
        return str(now.movement if found is None else found.movement)

    def _is_read_again(self) -> bool:
        """Whether the book has another row of this register of goods that left."""
        if self._read_again is None:
            self._read_again = bool(self._delivered(self._movements.values()))
        return self._read_again

    def _delivered(self, movements: Iterable[str]) -> list[Any]:
        needs = [Need(f"movement:{one}", ("in_kind.delivered",)) for one in movements]
        return [item for part in self._context.find(needs).values() for item in part]

    def _of(self, what: str, which: str, kind: str) -> list[Any]:
        """What this entity's book has of a lot or of a fund, of a kind; of a fund it is asked for once a file."""
        need = Need(f"{what}:{which}", (kind,))
        if need in self._of_funds:
            return self._of_funds[need]
        found = [item.event for item in self._context.find([need])[need] if item.entity == self._entity]
        if what == "fund":
            self._of_funds[need] = found
        return found


def _cells(event: Any) -> dict[str, Any]:
    """What the cells of a row of goods that left say; of one person's goods nobody keeps who signed."""
    return {
        "day": event.occurred_on,
        "receiver": (event.payee_label, event.payee if event.persons else None),
        "quantity": event.quantity,
        "purpose": event.purpose,
        "signer": None if event.persons else event.payee,
    }


def _but_for_the_goods(event: Any) -> dict[str, Any]:
    return {name: value for name, value in says(event).items() if name not in {"lot", "item"}}


def _but_for_the_number(event: Any) -> dict[str, Any]:
    return {name: value for name, value in says(event).items() if name not in {"lot", "donation"}}


def _but_for_the_lot(was: Any, now: Any) -> bool:
    """Whether two counts say the same of different lots."""
    own = {"lot", "movement"}
    return {**says(was), **dict.fromkeys(own)} == {**says(now), **dict.fromkeys(own)}
