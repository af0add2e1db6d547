"""Every row of an upload with what is said of it: new, known, evidence, wrong, held back, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.proposing.planning import Plan, RowResult

RowState = Literal["new", "duplicate", "noted", "wrong", "held", "posted", "pending"]
STATES: Final[tuple[RowState, ...]] = ("new", "duplicate", "noted", "wrong", "held", "posted", "pending")


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One row. `repeats` is the position of what a duplicate repeats, None where that is not in the log; `cells` are
    the row's own texts, empty for a row that could not be read (its faults show what stands in its cells).
    """

    place: Place
    state: RowState
    cells: tuple[str, ...] = ()
    faults: tuple[WrongCell, ...] = ()
    repeats: int | None = None
    result: RowResult | None = None


class _Said:
    """What is said of the rows of an upload; without a plan only what reading them told. Faults of a sheet are of no
    row.
    """

    def __init__(self, parsed: ParsedFile, plan: Plan | None) -> None:
        self.faults: Final[dict[Place, list[WrongCell]]] = {}
        for cell in parsed.wrong if plan is None else plan.found.wrong:
            if cell.place.row:
                self.faults.setdefault(cell.place, []).append(cell)
        self.results: Final = {} if plan is None else plan.results
        self.repeated: Final = {} if plan is None else plan.found.duplicate_places
        self._new = set[Place]() if plan is None else plan.new
        self._held = set[Place]() if plan is None else plan.found.held
        refused = plan is not None and plan.found.refused is not None
        self._nothing: RowState = "held" if refused else "noted"  # a file that is refused waits

    def state(self, place: Place) -> RowState:
        if place in self.faults:
            return "wrong"
        if (result := self.results.get(place)) is not None:
            return "pending" if result.position is None else "posted"
        if place in self.repeated:
            return "duplicate"
        return "new" if place in self._new else "held" if place in self._held else self._nothing


def states_of(parsed: ParsedFile, plan: Plan | None) -> Iterator[RowState]:
    """Of every row the state, in no order."""
    said = _Said(parsed, plan)
    return map(said.state, {row.place for row in parsed.rows} | said.faults.keys())


def rows_of(parsed: ParsedFile, plan: Plan | None) -> list[SeenRow]:
    """All rows in the file's order."""
    said = _Said(parsed, plan)
    cells = {row.place: row.raw for row in parsed.rows}
    sheets = {(one.file, one.sheet): number for number, one in enumerate(parsed.sheets)}
    last = len(sheets)
    places = sorted(
        {**cells, **said.faults}, key=lambda place: (sheets.get((place.file, place.sheet), last), place.row, place.file)
    )
    return [_seen(place, said, cells.get(place, ())) for place in places]


def _seen(place: Place, said: _Said, texts: tuple[str, ...]) -> SeenRow:
    state = said.state(place)
    return SeenRow(
        place,
        state,
        texts,
        faults=tuple(said.faults.get(place, ())),
        repeats=said.repeated[place] if state == "duplicate" else None,
        result=said.results.get(place) if state in {"posted", "pending"} else None,
    )
