"""What became of every row: new, duplicate of something, only evidence, or wrong with place, value, reason and cure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from ledger.application.importing.rows import Note, Place, WrongCell
from ledger.application.outcomes import Outcome, Receipt, Waiting
from ledger.errors import InputError


@dataclass(slots=True)
class FileReport:
    """What became of one file's rows. `noted` rows are evidence of what another file books; `held` rows say something
    new that could not be recorded because of what `wrong` says of the file as a whole.
    """

    file: str
    kind: str
    new: int = 0
    duplicate: int = 0
    noted: int = 0
    held: set[Place] = field(default_factory=set)
    duplicates: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[WrongCell] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    findings: list[Note] = field(default_factory=list)
    """Facts of rows that break a rule: they are recorded with an explanation and a second person's signature."""
    refused: InputError | None = None
    _repeated: list[Place] = field(default_factory=list, repr=False)
    """Where the duplicates stand, in their order; a zip may hold two files with such a row."""
    _told: set[tuple[Place, str, str, str]] = field(default_factory=set, repr=False)
    _made_right: set[Place] = field(default_factory=set, repr=False)
    _resting: dict[str, set[Place]] = field(default_factory=dict, repr=False)

    def tell(self, cell: WrongCell) -> None:
        """Add a fault, once; what is no fault of the row (W_) is a remark."""
        key = (cell.place, cell.code, cell.column, str(cell.params))
        if key in self._told:
            return
        self._told.add(key)
        if cell.code.startswith("W_"):
            self.notes.append(Note(cell.place, cell.code, cell.params))
        else:
            self.wrong.append(cell)

    def tell_handed_in(self, remarks: Iterable[Note | None]) -> None:
        """Add what is told of something that was handed in, once: what was rehearsed comes again when it is signed."""
        told = {id(one) for one in self.notes}
        self.notes += [one for one in remarks if one is not None and id(one) not in told]

    def untell(self, note: Note | None) -> None:
        """Take a remark back: what a rehearsal let through was refused after all."""
        if note is not None:
            self.notes[:] = [one for one in self.notes if one is not note]

    def take(self, noted: int, repeated: Sequence[Place], held: Mapping[str, AbstractSet[Place]]) -> None:
        """What is known of rows before anything is compared with the book: evidence, rows that others repeat, and rows
        that are right and rest on one that is wrong.
        """
        self.noted = noted
        for place in repeated:
            self.add_duplicate(place, None)
        for name, places in held.items():
            self.held |= places
            rows = sorted(places, key=lambda one: (one.file, one.sheet or "", one.row)) if name else ()
            self.notes += [Note(place, "W_ROW_RESTS", {"name": name}) for place in rows]

    def tell_held(self, name: str, code: str, places: AbstractSet[Place]) -> None:
        """Remark once, with their number, that rows rested on something that was not recorded."""
        rows = self._resting.setdefault(name, set())
        rows |= places
        sheets = {one.as_a_whole() for one in rows}
        files = {one.file for one in sheets}
        place = sheets.pop() if len(sheets) == 1 else Place(files.pop() if len(files) == 1 else self.file, None, 0)
        others = [note for note in self.notes if (note.code, note.params.get("name")) != (code, name)]
        self.notes[:] = [*others, Note(place, code, {"name": name, "rows": len(rows)})]

    def tell_made_right(self, places: AbstractSet[Place]) -> None:
        """Remark once, with their number, that rows were recorded after what made them right."""
        self._made_right |= places
        others = [note for note in self.notes if note.code != "W_ROWS_MADE_RIGHT"]
        if self._made_right:
            place, rows = Place(self.file, None, 0), len(self._made_right)
            self.notes[:] = [*others, Note(place, "W_ROWS_MADE_RIGHT", {"rows": rows})]

    def release(self, place: Place) -> None:
        """A row that waited for what is in the book by now is held no more."""
        if place in self.held:
            self.held.discard(place)
            self.notes[:] = [note for note in self.notes if (note.place, note.code) != (place, "W_ROW_WAITS")]

    def add_duplicate(self, place: Place, of_position: int | None) -> None:
        """Count a row that is known; `of_position` is None when what it repeats is not in the log yet."""
        self.duplicate += 1
        self._repeated.append(place)
        self.duplicates.append({"sheet": place.sheet, "row": place.row, "of_position": of_position})

    @property
    def duplicate_places(self) -> dict[Place, int | None]:
        """Where the duplicates stand, and the position of what each repeats; None when that is not in the log yet."""
        return {place: told["of_position"] for place, told in zip(self._repeated, self.duplicates, strict=True)}

    def not_duplicate(self, places: AbstractSet[Place]) -> None:
        """Rows of which a part is known and another part was changed are wrong, and are no duplicates."""
        kept = [pair for pair in zip(self._repeated, self.duplicates, strict=True) if pair[0] not in places]
        self.duplicate -= len(self.duplicates) - len(kept)
        self._repeated, self.duplicates = [place for place, _ in kept], [told for _, told in kept]

    @property
    def wrong_rows(self) -> int:
        """How many rows have a fault, whatever the number of its faults; what is told of the whole counts as one."""
        return len({cell.place for cell in self.wrong})

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """For machines."""
        answer: dict[str, Any] = {
            "file": self.file,
            "kind": self.kind,
            "new": self.new,
            "duplicate": self.duplicate,
            "noted": self.noted,
            "held": len(self.held),
            "duplicates": self.duplicates,
            "wrong": [*self._refused_json(language), *(wrong_json(cell, language) for cell in self.wrong)],
            "notes": [note_json(note, language) for note in self.notes],
            "findings": [note_json(note, language) for note in self.findings],
        }
        if self.refused is not None:
            answer["error"] = {"code": self.refused.code, "message": self.refused.message(language)}
        return answer

    def _refused_json(self, language: str) -> list[dict[str, Any]]:
        """A file that was refused whole, among what is wrong: nobody who reads only that takes it for good."""
        if self.refused is None:
            return []
        stated = {"file": str(self.refused.params.get("file", self.file)), "sheet": None, "row": None}
        return [{**stated, **_UNPLACED, "code": self.refused.code, "message": self.refused.message(language)}]


_UNPLACED = {"column": "", "value": ""}


@dataclass(slots=True)
class ImportReport:
    """What became of all files, and the vouchers that were posted or wait; of a dry run, how many there would be."""

    files: list[FileReport] = field(default_factory=list)
    vouchers: list[Receipt] = field(default_factory=list)
    pending: list[Waiting] = field(default_factory=list)
    dry_run: bool = False
    would_post: int = 0
    would_wait: int = 0

    @property
    def waits(self) -> bool:
        """Whether any voucher waits for a signature, or would."""
        return bool(self.pending or self.would_wait)

    def count(self, outcome: Outcome) -> None:
        """Add a voucher; what was only rehearsed has no receipt to be believed and no number to be quoted."""
        if self.dry_run:
            self.would_post += isinstance(outcome, Receipt)
            self.would_wait += isinstance(outcome, Waiting)
        elif isinstance(outcome, Receipt):
            self.vouchers.append(outcome)
        else:
            self.pending.append(outcome)

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """`{"files": […], "vouchers": […], "pending": […], "dry_run": …}`, and what a dry run would have posted."""
        answer: dict[str, Any] = {
            "files": [one.to_json(language) for one in self.files],
            "vouchers": [one.to_json() for one in self.vouchers],
            "pending": [one.to_json() for one in self.pending],
            "dry_run": self.dry_run,
        }
        return {**answer, "would_post": self.would_post, "would_wait": self.would_wait} if self.dry_run else answer


def whole_first(notes: Sequence[Note]) -> list[Note]:
    """Remarks for a reader who sees only so many: what is told once, of the whole, before what is told row by row."""
    often = Counter(note.code for note in notes)
    return sorted(notes, key=lambda note: often[note.code])


def wrong_json(cell: WrongCell, language: str = "zh") -> dict[str, Any]:
    """A wrong cell with place, value, code, and the sentence with reason and cure."""
    return {
        "file": cell.place.file,
        "sheet": cell.place.sheet,
        "row": cell.place.row_told,
        "column": cell.column,
        "value": cell.value,
        "code": cell.code,
        "message": cell.message(language),
    }


def note_json(note: Note, language: str = "zh") -> dict[str, Any]:
    """A remark with its place, code, sentence, and what the sentence is filled with."""
    return {
        "sheet": note.place.sheet,
        "row": note.place.row_told,
        "code": note.code,
        "message": note.message(language),
        "params": {name: _plain(value) for name, value in note.params.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
