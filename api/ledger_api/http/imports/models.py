"""The forms of imports: what an upload is, what its rows are, what is to be signed, and what became of it."""

from typing import Any, Literal

from pydantic import Field

from ledger_api.http.imports.chosen import Chosen, Header, Mode
from ledger_api.http.models import Base64, EnvelopeModel, FindingModel, ReceiptModel, Strict, WaitingModel

State = Literal["unread", "refused", "ready", "signing", "done"]


class ColumnModel(Strict):
    """A column that was recognised."""

    letter: str = Field(description="As a spreadsheet names it", examples=["C"])
    title: str = Field(description="What the file calls it")
    field: str = Field(description="What it means")
    unit_fen: int | None = Field(description="How many fen one unit of it is, where its title says so")


class SheetModel(Strict):
    """A table of the file."""

    file: str
    sheet: str | None
    form: str
    header_row: int
    rows: int
    wrong_rows: int
    columns: list[ColumnModel]
    unknown: list[str] = Field(description="Titles that nobody needs, or that `columns` may give a name")


class CountsModel(Strict):
    """How many rows are in which state."""

    new: int = 0
    duplicate: int = 0
    noted: int = Field(default=0, description="Evidence of what another file books")
    wrong: int = 0
    held: int = Field(
        default=0, description="Right, but kept back by a fault of the file (`faults`) or of a row it rests on"
    )
    posted: int = 0
    pending: int = Field(default=0, description="In vouchers that wait for a signature")


class SaidModel(Strict):
    """A code with its sentence."""

    code: str
    detail: str
    sheet: str | None = None
    row: int | None = None


class ImportModel(Strict):
    """An upload and what was read from it."""

    id: str
    name: str
    size_bytes: int
    digest: str
    created_at: str
    expires_at: str = Field(description="When the file is destroyed")
    chosen: Chosen
    mapped_by: str | None = Field(
        description="Who said what the columns mean, where it was remembered of a file with the same header"
    )
    kind: str | None = Field(description="The kind that was recognised or chosen")
    state: State = Field(
        description=(
            "unread: choose kind, columns or month; refused: see `error`; ready: ask for proposals; signing: a round "
            "is handed out; done: nothing is left to be signed"
        )
    )
    error: SaidModel | None
    faults: list[SaidModel] = Field(
        default=[], description="What is wrong with a sheet or the file as a whole, of which rows may be `held`"
    )
    sheets: list[SheetModel]
    counts: CountsModel
    judged: bool = Field(description="Whether every rule was asked; until then `new` rows may still turn out wrong")
    round: int
    notes: list[SaidModel] = Field(description="Remarks; what is told of the whole comes before what is told of rows")
    notes_cut: dict[str, int] = Field(
        default={}, description="Code -> how many remarks of it are left out of `notes`, which holds at most 1,000"
    )


class ImportPage(Strict):
    """One's own imports, oldest first, without what is in them."""

    imports: list["KeptModel"]


class KeptModel(Strict):
    """An upload in a list."""

    id: str
    name: str
    size_bytes: int
    created_at: str
    expires_at: str


class ChosenIn(Strict):
    """What is to be chosen otherwise; what is left out stays as it is."""

    kind: str | None = Field(default=None, max_length=64)
    columns: dict[Header, Header] = Field(default={}, max_length=256)
    entity: str | None = Field(default=None, max_length=64)
    fund: str | None = Field(default=None, max_length=64)
    account: str | None = Field(default=None, max_length=64)
    programme: str | None = Field(default=None, max_length=64)
    month: str | None = Field(default=None, max_length=7, examples=["2025-09"])
    batch: str = Field(default="01", max_length=8)
    without_roster: bool = False
    absences_known: bool = False
    note: str = Field(default="", max_length=500)
    mode: Mode = "valid_only"


class FaultModel(Strict):
    """What is wrong with a row, where, and how to mend it."""

    code: str
    column: str = Field(description="The title of the column; empty where the whole row is meant")
    letter: str
    value: str
    detail: str


class RowModel(Strict):
    """A row of the file."""

    file: str
    sheet: str | None
    row: int = Field(description="Counted as Excel does")
    state: Literal["new", "duplicate", "noted", "wrong", "held", "posted", "pending"]
    cells: list[str]
    faults: list[FaultModel]
    repeats: int | None = Field(description="The position of what a duplicate repeats; null when it is not in the log")
    position: int | None = Field(description="Where the row was posted")
    voucher: str | None = Field(description="The voucher that it was handed in with")


class RowPage(Strict):
    """Rows in the file's order. `next` asks for the page after."""

    counts: CountsModel
    rows: list[RowModel]
    next: str | None


class ProposedModel(Strict):
    """A voucher to be signed: exactly these events, in this order, of this entity and day."""

    entity: str
    voucher_date: str
    attachments: int
    note: str
    root: Base64 = Field(description="RFC 6962 root over the events, base64: compute it yourself before you sign")
    events: list[str] = Field(description="Each event's canonical JSON text")
    rows: list[int] = Field(description="For each event the row of the file that it comes from")
    explains: list[str] = Field(description="The rules that its facts break; the note explains them")
    warnings: list[FindingModel] | None = Field(description="What judging it found; null where it was not judged")
    waits: bool = Field(description="Whether another person will have to sign it")


class RoundModel(Strict):
    """What is to be signed now."""

    round: int
    done: bool = Field(description="Nothing is left to be signed")
    vouchers: list[ProposedModel]


class SignedModel(Strict):
    """One voucher, signed. The events are known from the round."""

    envelope: EnvelopeModel
    approvals: list[EnvelopeModel] = Field(default=[], max_length=16)


class SignedIn(Strict):
    """Vouchers of a round, in the order in which they were handed out."""

    vouchers: list[SignedModel] = Field(min_length=1, max_length=1000)


class RefusedModel(Strict):
    """A voucher that was refused; its rows come again in the next round, sorted, or are wrong."""

    state: Literal["refused"] = "refused"
    voucher: str
    code: str
    detail: str
    params: dict[str, Any]


class ResultsModel(Strict):
    """What became of the vouchers, in the order given, and how many of the round are still to be signed."""

    results: list[ReceiptModel | WaitingModel | RefusedModel]
    left: int
