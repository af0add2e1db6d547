"""What a roster changes, told by kind: counts of the whole list, and a remark at each row that is new or changed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.relief.roster_changes import unit_words
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.application.proposing.words import tail

KIND_OF: Final[Mapping[str, str]] = {
    "increase": "amount",
    "decrease": "amount",
    "members": "persons",
    "account": "account",
    "payee": "householder",
    "correction": "correction",
    "township": "township",
    "category": "category",
    "standard": "standard",
    "pending": "other",
}
"""Reason of a change -> the kind that it is told as."""
_CAME: Final[Mapping[str, str]] = {"opening": "opening", "readmitted": "readmitted", "pending": "new"}
"""Way of coming in -> the kind, whatever reason the row gives."""
_LAST_SIGNS: Final = 4
_KINDS: Final = (*_CAME.values(), *dict.fromkeys(KIND_OF.values()))


@dataclass(frozen=True, slots=True)
class Change:
    """What one row says that the book did not: its kinds, and how the enrolment stood before (None: it did not)."""

    entry: Entry
    kinds: tuple[str, ...]
    before: Any

    @classmethod
    def of(cls, entry: Entry, before: Any, reasons: Sequence[str]) -> "Change":
        """A confirmation (`before` is None) by its way of coming in, or a change by its coded reasons."""
        known = _CAME if before is None else KIND_OF
        return cls(entry, tuple(dict.fromkeys(known[one] for one in reasons)), before)

    def note(self) -> Note:
        """The remark at the row. Account numbers and whole ID numbers are not told."""
        entry = self.entry
        words = tuple(f"roster_kind.{kind}" for kind in self.kinds)
        said: dict[str, Any] = {
            "household": _shown(entry),
            "kind_words": words,
            "persons": entry.persons,
            "amount_fen": entry.monthly["total_fen"],
        }
        if self.before is None:
            where = {"township": entry.text("township") or "", "village": entry.text("village") or ""}
            return Note(entry.row.place, "W_ROSTER_NEW", {**said, **where})
        was = self.before.monthly
        rest = {"was_persons": was.persons, "was_fen": was.total_fen, "moved": "".join(self._moved())}
        return Note(entry.row.place, "W_ROSTER_CHANGED", {**said, **rest})

    def _moved(self) -> Iterator[str]:
        """From which category or village to which."""
        before, entry = self.before, self.entry
        if "category" in self.kinds:
            yield f"；{before.category}→{entry.category}"
        if "township" in self.kinds:
            here = f"{entry.text('township') or ''}{entry.text('village') or ''}"
            yield f"；{before.township}{before.village or ''}→{here}"


def _shown(entry: Entry) -> str:
    """The household's or certificate's number; of a person the end of the number, or the name if that is hidden too."""
    if entry.numbered:
        return entry.stated
    number = entry.id_number or entry.id_masked or "*"
    return entry.name if "*" in number[-_LAST_SIGNS:] else tail(number)


def counted(changes: Sequence[Change], whole: Mapping[str, int], place: Place, programme: Any, month: str) -> Note:
    """How many households or persons of each kind; one with several kinds counts under each of them. `whole` says how
    many are listed and how many are absent.
    """
    kinds = Counter(kind for change in changes for kind in change.kinds)
    counts = {kind: kinds[kind] for kind in _KINDS}
    rest = {"absent": whole["absent"], "same": whole["listed"] - len(changes)}
    about = {"programme": programme.name, "month": month, "unit_words": unit_words(programme.unit)}
    return Note(place, "W_ROSTER_KINDS", {**about, **counts, **rest})


def row_notes(changes: Iterable[Change]) -> Iterator[tuple[Entry, Note]]:
    """A remark for every row that is new or changed; a book's first roster is new as a whole, and told by its count."""
    for change in changes:
        if change.kinds != ("opening",):
            yield change.entry, change.note()
