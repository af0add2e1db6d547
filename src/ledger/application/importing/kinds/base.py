"""The words in which a kind of file is described."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ledger.application.importing.fields.plain import CellFault
from ledger.application.importing.fields.types import FieldType

YUAN, WAN_YUAN, FEN = 100, 1_000_000, 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its English field name, the headers it is known by (a template writes the first), its type.

    A `needed` column is one without which a row means nothing. `sums` says that a sub-total adds it up. `fen_per_unit`
    holds when the header names no unit. `least` is the least amount that can stand there, where one can tell. `choices`
    are offered by a template, not enforced.
    """

    name: str
    headers: tuple[str, ...]
    type: FieldType
    needed: bool = False
    sums: bool = False
    fen_per_unit: int = YUAN
    least: int | None = None
    choices: tuple[str, ...] = ()
    note: str = ""


@dataclass(slots=True)
class RowDraft:
    """A row while its shape finishes it: the values read so far, and the faults found across cells."""

    values: dict[str, Any]
    faults: list[tuple[str, CellFault]] = field(default_factory=list)

    def fault(self, column: str, code: str, **params: Any) -> None:
        """Notes that the row is wrong in `column` (a field name)."""
        self.faults.append((column, CellFault(code, **params)))


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What makes a row the same row, for rows that have all of `when`.

    When `unique`, equal keys are one row: the same again is a duplicate, another content under it is a conflict
    (`E_KEY_CONFLICT`), or a second row where `shared` says that honest rows may share the number, or where the rows
    differ in one of `apart`: then they may be two, which only the book can tell. When not, equal rows are honest and
    told apart by their ordinal; when `chained`, only where no break of the balance chain lies between them, because a
    break there means that the same lines were pasted twice. A `clear` key is written as it is, any other as a digest.
    """

    fields: tuple[str, ...]
    when: tuple[str, ...] = ()
    unique: bool = False
    shared: bool = False
    apart: tuple[str, ...] = ()
    clear: bool = False
    chained: bool = False
    serial: str = ""
    """The field that must hold what a bank or a platform numbers its transactions by, for the rule to be satisfied."""


def keep(_draft: RowDraft) -> None:
    """Leaves the row as its cells gave it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One variant of a kind: which columns, what must be there, what makes a row the same row.

    `needs` lists groups of field names; at least one of each group must have a header. `fills` lists groups of which
    each row must fill one in, and is the same as `needs` unless said. The first rule of `keys` that
    a row satisfies gives its key; a shape without rules is keyed by all of a row but its running number.
    """

    name: str
    columns: tuple[Column, ...]
    keys: tuple[KeyRule, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    fills: tuple[tuple[str, ...], ...] | None = None
    finish: Callable[[RowDraft], None] = keep
    title_zh: str = ""

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Every group of which one header must be there."""
        return (*((column.name,) for column in self.columns if column.needed), *self.needs)

    def row_groups(self) -> tuple[tuple[str, ...], ...]:
        """Every group of which each row must fill one in."""
        fills = self.needs if self.fills is None else self.fills
        return (*((column.name,) for column in self.columns if column.needed), *fills)


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file by its command-line name; `needs_month` when no row says its month. `hints` are what a template
    says of the file as a whole.
    """

    name: str
    title_zh: str
    shapes: tuple[Shape, ...]
    needs_month: bool = False
    hints: tuple[str, ...] = ()
