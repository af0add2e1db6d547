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


def rows_of(parsed: ParsedFile, plan: Plan | None) -> list[SeenRow]:
    """All rows in the file's order; without a plan only what reading them told. Faults of a sheet are of no row."""
    faults: dict[Place, list[WrongCell]] = {}
    for cell in parsed.wrong if plan is None else plan.found.wrong:
        if cell.place.row:
            faults.setdefault(cell.place, []).append(cell)
    cells = {row.place: row.raw for row in parsed.rows}
    sheets = {(one.file, one.sheet): number for number, one in enumerate(parsed.sheets)}
    last = len(sheets)
    places = sorted(
        {**cells, **faults}, key=lambda place: (sheets.get((place.file, place.sheet), last), place.row, place.file)
    )
    return list(_rows(places, cells, faults, plan))


def _rows(
    places: list[Place], cells: dict[Place, tuple[str, ...]], faults: dict[Place, list[WrongCell]], plan: Plan | None
) -> Iterator[SeenRow]:
    new = set[Place]() if plan is None else plan.new
    repeated = {} if plan is None else plan.found.duplicate_places
    held = set[Place]() if plan is None else plan.found.held
    nothing: RowState = (
        "noted" if plan is None or plan.found.refused is None else "held"
    )  # a file that is refused waits
    for place in places:
        texts, result = cells.get(place, ()), None if plan is None else plan.results.get(place)
        if place in faults:
            yield SeenRow(place, "wrong", texts, tuple(faults[place]))
        elif result is not None:
            yield SeenRow(place, "pending" if result.position is None else "posted", texts, result=result)
        elif place in repeated:
            yield SeenRow(place, "duplicate", texts, repeats=repeated[place])
        else:
            yield SeenRow(place, "new" if place in new else "held" if place in held else nothing, texts)
