"""The faults of one file as the user is told them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposed, Refusals
from ledger.application.proposing.telling.changes import change_told
from ledger.application.proposing.telling.names import Names
from ledger.application.proposing.telling.places import OF_DAYS, Places
from ledger.flows.knowledge import Need, Recorded

_FOLLOWS: Final = {"E_DATE_FUTURE": "E_FACT_IN_FUTURE", "E_PERIOD_CLOSED": "E_BEFORE_OPENING"}
"""Refusals that only say again, of the voucher, what another says of the row."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item that was refused, and why. `of_voucher` when it is not known which of a voucher's items it is about."""

    item: Proposed
    code: str
    params: Mapping[str, Any]
    of_voucher: bool = False


class Teller:
    """Tells the faults of one file. `columns` is the header of the column that a code is about, in this kind."""

    def __init__(self, parsed: ParsedFile, columns: Mapping[str, str], context: Context) -> None:
        self._places = Places(parsed)
        self._names = Names(self._places, context)
        self._columns = columns

    def told(self, cells: Sequence[WrongCell]) -> Iterator[WrongCell]:
        """Faults at their cells, without references."""
        for cell in cells:
            placed = self._places.at(cell)
            yield replace(placed, params=self._names.read(placed))

    def resting(self, place: Place, code: str, need: Need) -> WrongCell:
        """What is said of a row that comes after an act of another one, by the row's word for what both are about."""
        what, _, name = need.tag.partition(":")
        told = next(self.told([WrongCell(place, "", "", "", code, {what: name})]))
        return replace(told, params={"name": told.params[what]})

    def refused(self, refusals: Sequence[Refusal]) -> list[WrongCell]:
        """Each refusal once: of an act of the whole file, or of a voucher, at its sheet, and any other at its row."""
        by_item: dict[int, list[Refusal]] = {}
        for one in refusals:
            by_item.setdefault(id(one.item), []).append(one)
        cells: dict[tuple[Place, str, str], WrongCell] = {}
        for own in by_item.values():
            item = own[0].item
            for code, params, of_voucher in _restated(item, own):
                dated = code in OF_DAYS and bool(item.place.row)  # a file's act bears the day of one of its rows
                whole = item.whole or of_voucher or (item.bearing == "file" and not dated)
                place = item.place.as_a_whole() if whole else item.place_of(params)
                column = "" if whole else self._column(code)
                cells.setdefault(
                    (place, code, str(sorted(params.items()))), WrongCell(place, column, "", "", code, params)
                )
        return list(self.told(list(cells.values())))

    def _column(self, code: str) -> str:
        """The header of the column that a code is about; whatever is wrong with a row's day is wrong with one day."""
        alike = sorted(OF_DAYS - {code}) if code in OF_DAYS else ()
        return next((self._columns[one] for one in (code, *alike) if one in self._columns), "")

    def changed(
        self, place: Place, before: Recorded | None, was: Mapping[str, Any], now: Mapping[str, Any]
    ) -> WrongCell:
        """A row that says something else than what was recorded under its key."""
        return next(self.told([change_told(self._places, place, before, was, now)]))


def _restated(item: Proposed, own: Sequence[Refusal]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    codes = {one.code for one in own}
    left = [one for one in own if _FOLLOWS.get(one.code) not in codes]
    if item.restate is not None:
        told: Refusals = item.restate([(one.code, one.params) for one in left])
        yield from ((code, params, False) for code, params in told)
        return
    for one in left:
        yield one.code, one.params, one.of_voucher and one.code not in OF_DAYS
