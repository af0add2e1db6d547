"""Rows that were taken out of a file, mended and sent alone: told apart as if they still stood in it.

Two honest equal rows of a file are both kept because one is the second of its kind. Sent alone, it would be taken for
the first, which is in the book; so the rows that stood beside it are counted with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.report import Duplicate, ParsedFile
from ledger.application.importing.rows import CleanRow, Place, WrongCell
from ledger.application.importing.sameness import tell_apart
from ledger.application.importing.tables import column_letter

AWAY = "W_SOURCE_AWAY"


@dataclass(slots=True)
class _Whole:
    """The rows of the file that they were taken from, and which of them are those that came back."""

    rows: list[tuple[tuple[int, int], CleanRow]] = field(default_factory=list)
    back: dict[Place, CleanRow] = field(default_factory=dict)

    def add(self, at: tuple[int, int], place: Place, row: CleanRow) -> None:
        if place in self.back:  # one row of the file came back as two
            at, place = (at[0], at[1]), row.place
        self.back[place] = row
        self.rows.append((at, replace(row, place=place, ordinal=0)))


def beside(parsed: ParsedFile, original: ParsedFile) -> ParsedFile:
    """A file of rows that were taken out of `original`, with the ordinals that they have in it. A row that cannot be
    there, because another one has its number, is wrong; rows of another kind are left as they are.
    """
    if parsed.kind != original.kind:
        return parsed
    tables = {number: (one.file, one.sheet) for number, one in enumerate(original.sheets, 1)}
    numbers = {where: number for number, where in tables.items()}
    taken = {(one.table, one.row) for one in parsed.taken_from.values()}
    whole = _Whole()
    for row in parsed.rows:
        one = parsed.taken_from.get(row.place)
        if one is not None and one.table in tables:
            whole.add((one.table, one.row), Place(*tables[one.table], one.row), row)
        else:
            whole.add((len(tables) + 1, row.place.row), row.place, row)
    for row in (*original.others, *original.rows):
        at = numbers.get((row.place.file, row.place.sheet), 0), row.place.row
        if at not in taken and row.place not in whole.back:
            whole.rows.append((at, replace(row, ordinal=0)))
    if any(rule.chained for shape in kind_named(parsed.kind).shapes for rule in shape.keys):
        whole.rows.sort(key=lambda one: one[0])  # a chain of balances is broken by another order
    else:
        whole.rows.sort(key=lambda one: (one[1].place in whole.back, one[0]))  # what the others are called stays
    told = tell_apart(kind_named(parsed.kind), [row for _, row in whole.rows])
    ordinals = {row.place: row.ordinal for row in told.rows}
    own = {row.place: replace(row, ordinal=ordinals[at]) for at, row in whole.back.items() if at in ordinals}
    return replace(
        parsed,
        rows=tuple(own[row.place] for row in parsed.rows if row.place in own),
        wrong=(
            *parsed.wrong,
            *(_moved(parsed, whole.back, cell) for cell in told.conflicts if cell.place in whole.back),
        ),
        duplicates=tuple(
            Duplicate(whole.back[one.place].place, whole.back[one.of].place if one.of in whole.back else one.of)
            for one in told.duplicates
            if one.place in whole.back
        ),
        notes=tuple(note for note in parsed.notes if note.code != AWAY),
        others=tuple(row for row in told.rows if row.place not in whole.back),
    )


def _moved(parsed: ParsedFile, back: Mapping[Place, CleanRow], cell: WrongCell) -> WrongCell:
    """A fault of a row at its cell in the file that it came back in."""
    row = back[cell.place]
    columns = {(one.file, one.sheet): one.header.columns for one in parsed.sheets}[row.place.file, row.place.sheet]
    each = next((each for each in columns if cell.column in each.column.headers), None)
    if each is None:
        return replace(cell, place=row.place, column="")
    text = row.raw[each.index] if each.index < len(row.raw) else ""
    return replace(cell, place=row.place, column=each.title, letter=column_letter(each.index), value=text)
