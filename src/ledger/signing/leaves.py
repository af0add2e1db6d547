"""The leaf: what the log commits to for one voucher. Its Merkle leaf hash is SHA-256(0x00 || the leaf's bytes)."""

from dataclasses import dataclass

from ledger.errors import InputError
from ledger.signing.canonical import JsonValue, canonical, parse_canonical
from ledger.signing.dsse import Envelope
from ledger.signing.fields import fields_of, int_of, list_of, name_of, text_of
from ledger.signing.merkle import leaf_hash
from ledger.values.dates import Period, parse_timestamp

MAX_APPROVALS = 32
MAX_LEAF_BYTES = 65_535
"""What an entry of c2sp.org/tlog-tiles may hold: its length is a 16-bit number."""


@dataclass(frozen=True, slots=True)
class VoucherNo:
    """The accountant's number (凭证字号): gapless by entity, month and word; 记-0001 is word 记, no 1."""

    entity: str
    period: str
    word: str
    no: int

    def __post_init__(self) -> None:
        name_of(self.entity, "voucher_no.entity")
        Period.parse(self.period, "voucher_no.period")
        name_of(self.word, "voucher_no.word")
        int_of(self.no, "voucher_no.no", 1)

    def __str__(self) -> str:
        return f"{self.word}-{self.no:04d}"

    def to_json_value(self) -> dict[str, JsonValue]:
        """`{entity, period, word, no}`."""
        return {"entity": self.entity, "period": self.period, "word": self.word, "no": self.no}

    @classmethod
    def from_json_value(cls, value: JsonValue, where: str = "voucher_no") -> "VoucherNo":
        """Strictly from exactly these fields."""
        found = fields_of(value, ("entity", "period", "word", "no"), where)
        entity, period, word = (text_of(found[name], f"{where}.{name}") for name in ("entity", "period", "word"))
        return cls(entity, period, word, int_of(found["no"], f"{where}.no", 1))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One posted voucher: its place, its time, its number, the maker's envelope and the approvals' envelopes."""

    number: int
    first_position: int
    posted_at: str
    voucher_no: VoucherNo | None
    envelope: Envelope
    approvals: tuple[Envelope, ...]

    def __post_init__(self) -> None:
        int_of(self.number, "leaf.number", 1)
        int_of(self.first_position, "leaf.first_position", 1)
        parse_timestamp(self.posted_at, "leaf.posted_at")
        int_of(len(self.approvals), "leaf.approvals", 0, MAX_APPROVALS)

    def to_json_value(self) -> dict[str, JsonValue]:
        """All fields, nulls present."""
        return {
            "number": self.number,
            "first_position": self.first_position,
            "posted_at": self.posted_at,
            "voucher_no": None if self.voucher_no is None else self.voucher_no.to_json_value(),
            "envelope": self.envelope.to_json_value(),
            "approvals": [approval.to_json_value() for approval in self.approvals],
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes; InputError E_LEAF_SIZE when they would not fit an entry of the tiles."""
        data = canonical(self.to_json_value())
        if len(data) > MAX_LEAF_BYTES:
            raise InputError("E_LEAF_SIZE", size=len(data), max=MAX_LEAF_BYTES)
        return data

    @property
    def hash(self) -> bytes:
        """The Merkle leaf hash of the bytes."""
        return leaf_hash(self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Leaf":
        """From exactly the bytes that `to_bytes` gives (standard base64 inside); InputError names the fault."""
        found = fields_of(parse_canonical(data, limit=MAX_LEAF_BYTES), tuple(cls.__dataclass_fields__), "leaf")
        number = found["voucher_no"]
        leaf = cls(
            number=int_of(found["number"], "leaf.number", 1),
            first_position=int_of(found["first_position"], "leaf.first_position", 1),
            posted_at=text_of(found["posted_at"], "leaf.posted_at"),
            voucher_no=None if number is None else VoucherNo.from_json_value(number, "leaf.voucher_no"),
            envelope=Envelope.from_json_value(found["envelope"], "leaf.envelope"),
            approvals=tuple(
                Envelope.from_json_value(item, f"leaf.approvals[{at}]")
                for at, item in enumerate(list_of(found["approvals"], "leaf.approvals"))
            ),
        )
        # A leaf with URL-safe base64 would say the same in other bytes, and so have another hash.
        if leaf.to_bytes() != data:
            raise InputError("E_NOT_CANONICAL", reason="base64", path="$")
        return leaf
