"""References and ids, which no file shows and nobody reads, by what the file calls the same thing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.application.importing.fields.plain import half_width
from ledger.application.importing.fields.types import MONEY
from ledger.application.importing.rows import WrongCell
from ledger.application.proposing.context import Context
from ledger.application.proposing.telling.places import NUMBERS, Places
from ledger.application.proposing.words import tail
from ledger.catalogue import Words
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.naming import is_reference, words

_THIS: Final = Words("本行", "this row")
_ANOTHER: Final = Words("另一笔", "another one")
_OTHERS: Final = frozenset({"other", "old", "reissue"})
"""Parameters that name another payment than the row's."""
_OF_OFFICES: Final = frozenset({"programme", "other", "standing", "fund", "channel", "account"})
"""Parameters that may hold a code which the office gave: a file calls it by its name."""


class Names:
    """What the references in one file's faults are called."""

    def __init__(self, places: Places, context: Context) -> None:
        self._places = places
        self._context = context
        self._batches: dict[str, Words] = {}
        self._known: dict[Need, Sequence[Event]] = {}

    def read(self, cell: WrongCell) -> Mapping[str, Any]:
        """The fault's parameters, as a reader of the file understands them."""
        coded = {name: value for name, value in cell.params.items() if name in _OF_OFFICES and not is_reference(value)}
        named = {name: self._name(cell, name, value) for name, value in cell.params.items()}
        return {**named, **(words(coded, self._stated, cell.code) if coded else {})}

    def _stated(self, need: Need) -> Sequence[Event]:
        if need not in self._known:
            self._known[need] = self._context.events(need)
        return self._known[need]

    def _name(self, cell: WrongCell, name: str, value: Any) -> Any:
        if not is_reference(value):
            return value
        if name in _OTHERS:
            return self._another(name, value)
        there = self._places.all_named(cell.place, name) if cell.place.row else []
        told = [one for one in there if one.column.type != MONEY and self._places.text(cell.place, one)]
        each = next((one for one in told if one.column.type not in NUMBERS), None)
        if each is not None:
            return self._places.text(cell.place, each)
        return tail(half_width(self._places.text(cell.place, told[0]))) if told else _THIS

    def _another(self, name: str, reference: str) -> Words:
        """A payment by the batch that it is in; what is none as the book calls it."""
        if reference not in self._batches:
            need = Need(f"payment:{reference}", ("subsidy.authorised", "subsidy.paid"))
            batch = next((event.batch for event in self._context.events(need)), None)
            told = words({name: reference}, self._stated).get(name, _ANOTHER)
            self._batches[reference] = told if batch is None else Words(f"批次 {batch}", f"batch {batch}")
        return self._batches[reference]
