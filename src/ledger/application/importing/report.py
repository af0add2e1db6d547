"""What a file gave, as one value: its rows, its faults, what it says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.application.importing.checks.balances import BalanceChain
from ledger.application.importing.recognising.headers import Header
from ledger.application.importing.recognising.titles import Titles
from ledger.application.importing.rows import CleanRow, Note, Place, TakenFrom, WrongCell


@dataclass(frozen=True, slots=True)
class SheetReport:
    """One table that was read: its place, its header, its title lines, how many rows it gave."""

    file: str
    sheet: str | None
    form: str
    header: Header
    titles: Titles
    rows: int
    wrong_rows: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row that stands in the same file again; both keep their place, and both have the same key."""

    place: Place
    of: Place


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file that was read. `rows` can be used, `wrong` cannot; `notes` are for the user's eyes.

    `digest` is that of the file's bytes ("sha256:<hex>"); `month` ("YYYY-MM") is the one given, else what the titles
    state, or the file's name for a kind that needs one; `account` is the bank account that the file names, if any.
    """

    file: str
    digest: str
    kind: str
    sheets: tuple[SheetReport, ...]
    rows: tuple[CleanRow, ...]
    wrong: tuple[WrongCell, ...]
    notes: tuple[Note, ...]
    duplicates: tuple[Duplicate, ...]
    statements: tuple[BalanceChain, ...]
    month: str | None
    account: str | None
    spoilt: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)
    """The texts of rows that cannot be used, so that what rests on such a row can be told so."""
    contradicting: tuple[CleanRow, ...] = ()
    """Rows that say otherwise than another under the same number: each cell is right, and none of them can be used."""
    taken_from: Mapping[Place, TakenFrom] = field(default_factory=dict)
    """Where rows stood before they were put into a workbook of wrong rows; see `beside`."""
    month_named: bool = False
    """Whether `month` is but what the file's name, or a title without its year, gives."""
    others: tuple[CleanRow, ...] = ()
    """The rows that stood beside those and are not here: counted with them, and not imported."""

    @property
    def statement(self) -> BalanceChain | None:
        """The balance chain where the file has exactly one account."""
        return self.statements[0] if len(self.statements) == 1 else None

    @property
    def wrong_rows(self) -> int:
        """How many rows have at least one wrong cell."""
        return len({cell.place for cell in self.wrong})
