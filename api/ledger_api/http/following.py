"""The forms in which a log is followed from outside: changes of the operator's key, vouchers with all their bytes."""

from typing import Final

from pydantic import Field

from ledger_api.http.models import Base64, Strict

JSON_LINES: Final = "application/jsonl"


class RotationModel(Strict):
    """A change of the operator's key; the note over the voucher that records it is signed by the key before."""

    number: int
    previous: str
    operator_key: str
    note: str = Field(description="The checkpoint over exactly `number` vouchers; empty where none was signed")
    leaf: Base64
    path: list[str] = Field(description="The leaf's inclusion proof under that checkpoint")
    events: list[str] = Field(description="The voucher's events, each the canonical text that was signed")


class RotationList(Strict):
    """Every change that the log records, in order."""

    rotations: list[RotationModel]


class LeafLine(Strict):
    """One voucher of the log as a mirror takes it in: a line of JSON Lines."""

    number: int
    leaf: str = Field(description="The leaf's canonical text: what the tree is built from")
    events: list[str] = Field(description="Each event's canonical text, in order")
    checkpoint: str | None = Field(description="The operator's note over exactly `number` vouchers, if one was signed")
    remarks: list[str] | None = Field(
        default=None,
        description="The codes of what the book remarks on it, in order: by which edition of its rules it was posted",
    )


class LeafTrailer(Strict):
    """The last line: how many vouchers came before it, and where the log ended."""

    count: int
    last: int
    size: int
