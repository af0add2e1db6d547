"""The forms of requests and answers. Money is integer fen; bytes that were signed travel as their own text.

An event is sent and answered as the canonical text that was signed, so that no program between can change a byte of
it; an envelope is the DSSE object with base64 inside, as everywhere.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ledger.log.rows import StoredEvent
from ledger.signing.dsse import MAX_SIGNATURES
from ledger.values.dates import unix_text

Base64 = Annotated[str, Field(max_length=16_000_000, pattern=r"^[A-Za-z0-9+/_=-]*$")]

Instant = Annotated[
    str,
    BeforeValidator(lambda given: unix_text(given) if isinstance(given, int) else given),
    Field(examples=["2025-09-30T10:00:00+08:00"]),
]
"""A moment that is kept in Unix seconds, told as every other moment is."""


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def json_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a sentence as JSON knows them."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(dict(values), default=str))
    return found


class SignatureModel(Strict):
    """One signature of an envelope."""

    keyid: str = Field(max_length=64, description="A hint at the key")
    sig: str = Field(max_length=128, description="base64 of the 64 bytes")


class EnvelopeModel(Strict):
    """A DSSE envelope: what was signed, its type, and the signatures."""

    payload: Base64
    payloadType: str = Field(max_length=128)  # noqa: N815 - the name of the specification
    signatures: list[SignatureModel] = Field(min_length=1, max_length=MAX_SIGNATURES)


class VoucherIn(Strict):
    """A voucher as its maker hands it in."""

    envelope: EnvelopeModel
    events: list[str] = Field(min_length=1, max_length=10_000, description="Each event's canonical JSON text, in order")
    approvals: list[EnvelopeModel] = Field(default=[], max_length=MAX_SIGNATURES)


class ApprovalIn(Strict):
    """Another person's signed statement about a voucher."""

    envelope: EnvelopeModel


class FindingModel(Strict):
    """A remark on a voucher."""

    code: str
    event: int = Field(description="Which event of the voucher, counted from 0; -1 for the voucher as a whole")
    detail: str
    params: dict[str, Any] = {}


class VoucherNoModel(Strict):
    """凭证字号."""

    period: str
    word: str
    no: int


class EntryModel(Strict):
    """分录: what an event of a judged voucher would book."""

    event: int = Field(description="Which event of the voucher, counted from 0")
    line: int
    entity: str
    fund: str
    chart: str
    code: str
    name: str = Field(description="科目名称。 The account's name in the chart, in the language of the answer")
    role: str
    party: str
    book: str
    amount_fen: int = Field(description="Debit above 0, credit below 0")
    occurred_on: str
    balance_after_fen: int = Field(description="The balance of this account after it")


_ENTRIES: Final = "With `dry_run`: what it would book, event by event; null for a voucher that was handed in"


class ReceiptModel(Strict):
    """A posted voucher, with what proves it: verify it before it is believed, and keep the checkpoint."""

    state: Literal["posted"] = "posted"
    voucher: str
    number: int
    positions: tuple[int, int]
    posted_at: str
    voucher_no: VoucherNoModel | None
    warnings: list[FindingModel]
    repeated: bool = Field(description="The same voucher was posted before; nothing was done again")
    leaf: Base64
    path: list[str] = Field(description="The inclusion proof (RFC 6962), base64, from the leaf to the root")
    checkpoint: str = Field(description="The operator's signed note (c2sp.org/tlog-checkpoint); empty for a dry run")
    released: list["Released"] = Field(
        default=[],
        description="What became of the waiting vouchers that a recorded paper (approval.recorded) covers, which were "
        "judged again by the same act: posted, waiting for others, or refused and still waiting",
    )
    entries: list[EntryModel] | None = Field(default=None, description=_ENTRIES)


class WaitingModel(Strict):
    """A voucher that waits for signatures. It reserves nothing."""

    state: Literal["pending"] = "pending"
    voucher: str
    statement: str
    missing: list[str] = Field(description="The capacities that still have to sign")
    amount_fen: int = Field(description="All that its events ask for: what a policy measures it by")
    once_fen: int = Field(description="How much money it is about: the steps of one recovery or grant count once")
    warnings: list[FindingModel]
    entries: list[EntryModel] | None = Field(default=None, description=_ENTRIES)


class RefusedAgainModel(Strict):
    """A voucher that waited for a paper and was refused when it was judged again; it waits on."""

    state: Literal["refused"] = "refused"
    voucher: str
    code: str
    detail: str
    params: dict[str, Any]


Released = Annotated[ReceiptModel | WaitingModel | RefusedAgainModel, Field(discriminator="state")]
ReceiptModel.model_rebuild()


class PendingModel(Strict):
    """A voucher that waits, in a list."""

    voucher: str
    entity: str
    voucher_date: str
    maker: str
    amount_fen: int = Field(description="All that its events ask for: what a policy measures it by")
    once_fen: int = Field(description="How much money it is about: the steps of one recovery or grant count once")
    events: dict[str, int] = Field(description="How many events of each kind")
    note: str
    approvals: list[dict[str, str]] = Field(description="Who has signed so far, and in which capacity")
    submitted_at: str
    valid_until: str


class PendingPage(Strict):
    """What waits."""

    position: int
    pending: list[PendingModel]


class MatterModel(Strict):
    """One thing that is open of a month; `detail` is its sentence."""

    what: str = Field(description="What a close names under `unsettled` where it lets it stand")
    code: str
    count: int
    names: list[str]
    detail: str


class CloseList(Strict):
    """What is open of an entity's month; nothing: it can be locked and closed."""

    position: int
    entity: str
    period: str
    open: list[MatterModel]


class PendingDetail(Strict):
    """All that a second person needs in order to see what would be signed, and to sign it."""

    summary: PendingModel
    statement: str = Field(description="The digest that an approval names")
    voucher: VoucherIn


class EventModel(Strict):
    """An event of the log."""

    position: int
    number: int = Field(description="The voucher that holds it (存证号)")
    kind: str
    tags: list[str]
    data: str = Field(description="The canonical text that was signed")


def event_model(row: StoredEvent) -> EventModel:
    """A stored event as it is answered."""
    return EventModel(
        position=row.position,
        number=row.voucher_number,
        kind=row.kind,
        tags=list(row.tags()),
        data=bytes(row.data).decode(),
    )


class EventPage(Strict):
    """Events in position order. `next` asks for the page after."""

    position: int
    events: list[EventModel]
    next: str | None


class VoucherModel(Strict):
    """A voucher of the log."""

    number: int
    voucher: str
    entity: str
    voucher_date: str
    voucher_no: VoucherNoModel | None
    positions: tuple[int, int]
    posted_at: str
    maker: str
    amount_fen: int
    software: str


class VoucherPage(Strict):
    """Vouchers in number order."""

    position: int
    vouchers: list[VoucherModel]
    next: str | None


class CheckpointModel(Strict):
    """The operator's signed note over the log, with the witnesses' lines under it, and the key that signed it."""

    size: int
    note: str
    vkey: str
    replica: bool = Field(
        default=False,
        description="备机:跟随主机,可能稍迟,不接受凭证。 It follows another server, may be behind, and takes nothing.",
    )
    moved: bool = Field(
        default=False,
        description="账套已迁走,这一份不再有新凭证。 The book was moved elsewhere: nothing comes here any more.",
    )


class ConsistencyModel(Strict):
    """That the log of `new` vouchers begins with the log of `old` (RFC 6962 section 2.1.2)."""

    old: int
    new: int
    path: list[str]


class EventProofModel(Strict):
    """The proof of one event: what a `.ledger-proof` file holds."""

    event: Base64
    line: int
    voucher_path: list[str]
    leaf: Base64
    log_proof: str
