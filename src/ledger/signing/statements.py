"""What a person signs: the statement of a maker, the approval or rejection of a checker. Payloads of DSSE envelopes.

Each is frozen, reads exactly its own fields, and has one spelling: `from_bytes(data).to_bytes() == data`. The leaf
that the log builds from them stands in `ledger.signing.leaves` and is offered here too.
"""

from dataclasses import dataclass
from datetime import datetime

from ledger.errors import InputError
from ledger.signing import base64_text
from ledger.signing.canonical import JsonValue, canonical, parse_canonical
from ledger.signing.digests import DIGEST_BYTES, digest_text, parse_digest, sha256
from ledger.signing.fields import bool_of, fields_of, int_of, name_of, text_of
from ledger.signing.leaves import Leaf, VoucherNo
from ledger.values.dates import parse_day, parse_timestamp
from ledger.values.ids import check_uuid7
from ledger.values.text import check_free_text

__all__ = ["Approval", "EventsRoot", "Leaf", "Seen", "Statement", "VoucherNo"]

MAX_EVENTS = 10_000
MAX_ATTACHMENTS = 100_000
MAX_NOTE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """Size and root (32 bytes) of the checkpoint that the signer's client last verified."""

    size: int
    root: bytes

    def __post_init__(self) -> None:
        int_of(self.size, "seen.size", 1)
        if len(self.root) != DIGEST_BYTES:
            raise InputError("E_DIGEST", field="seen.root", value=self.root.hex()[:80])

    def to_json_value(self) -> dict[str, JsonValue]:
        """`{size, root}`, the root in standard base64 as in a checkpoint."""
        return {"size": self.size, "root": base64_text.encode(self.root)}

    @classmethod
    def from_json_value(cls, value: JsonValue, where: str = "seen") -> "Seen":
        """Strictly from `{size, root}`."""
        found = fields_of(value, ("size", "root"), where)
        return cls(int_of(found["size"], f"{where}.size", 1), base64_text.decode(found["root"], f"{where}.root"))


@dataclass(frozen=True, slots=True)
class EventsRoot:
    """How many events a voucher holds, and the Merkle root over their bytes in order (32 bytes)."""

    count: int
    root: bytes

    def __post_init__(self) -> None:
        int_of(self.count, "events.count", 1, MAX_EVENTS)
        if len(self.root) != DIGEST_BYTES:
            raise InputError("E_DIGEST", field="events.root", value=self.root.hex()[:80])

    def to_json_value(self) -> dict[str, JsonValue]:
        """`{count, root}`, the root as a digest text (`sha256:<hex>`)."""
        return {"count": self.count, "root": digest_text(self.root)}

    @classmethod
    def from_json_value(cls, value: JsonValue, where: str = "events") -> "EventsRoot":
        """Strictly from `{count, root}`."""
        found = fields_of(value, ("count", "root"), where)
        count = int_of(found["count"], f"{where}.count", 1, MAX_EVENTS)
        return cls(count, parse_digest(found["root"], f"{where}.root"))


@dataclass(frozen=True, slots=True)
class Statement:
    """The maker's signed words: these events, of this entity, on this day, made by me."""

    ledger: str
    voucher: str
    entity: str
    voucher_date: str
    attachments: int
    made_at: str
    valid_until: str
    maker: str
    events: EventsRoot
    note: str
    seen: Seen | None

    def __post_init__(self) -> None:
        name_of(self.ledger, "statement.ledger")
        check_uuid7(self.voucher, "statement.voucher")
        name_of(self.entity, "statement.entity")
        parse_day(self.voucher_date, "statement.voucher_date")
        int_of(self.attachments, "statement.attachments", 0, MAX_ATTACHMENTS)
        _check_times(self.made_at, self.valid_until, "statement")
        name_of(self.maker, "statement.maker")
        check_free_text(self.note, MAX_NOTE_CHARS, field="statement.note", multiline=True)

    def to_json_value(self) -> dict[str, JsonValue]:
        """All fields, nulls present."""
        return {
            "ledger": self.ledger,
            "voucher": self.voucher,
            "entity": self.entity,
            "voucher_date": self.voucher_date,
            "attachments": self.attachments,
            "made_at": self.made_at,
            "valid_until": self.valid_until,
            "maker": self.maker,
            "events": self.events.to_json_value(),
            "note": self.note,
            "seen": None if self.seen is None else self.seen.to_json_value(),
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes that are signed."""
        return canonical(self.to_json_value())

    @property
    def digest(self) -> str:
        """`sha256:<hex>` of the canonical bytes: what approvals name and what a repeated request is compared by."""
        return digest_text(sha256(self.to_bytes()))

    @classmethod
    def from_json_value(cls, value: JsonValue, where: str = "statement") -> "Statement":
        """Strictly from exactly these fields; InputError names the field at fault."""
        found = fields_of(value, tuple(cls.__dataclass_fields__), where)
        return cls(
            events=EventsRoot.from_json_value(found["events"], f"{where}.events"),
            seen=None if found["seen"] is None else Seen.from_json_value(found["seen"], f"{where}.seen"),
            attachments=int_of(found["attachments"], f"{where}.attachments"),
            **{name: text_of(found[name], f"{where}.{name}") for name in _STATEMENT_TEXTS},
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Statement":
        """From canonical bytes only."""
        return cls.from_json_value(parse_canonical(data))


@dataclass(frozen=True, slots=True)
class Approval:
    """A checker's signed words about a statement (by its digest), in a capacity; with `rejects` it is a rejection."""

    ledger: str
    person: str
    statement: str
    capacity: str
    made_at: str
    valid_until: str
    seen: Seen | None
    rejects: bool = False
    reason: str | None = None

    def __post_init__(self) -> None:
        name_of(self.ledger, "approval.ledger")
        name_of(self.person, "approval.person")
        parse_digest(self.statement, "approval.statement")
        name_of(self.capacity, "approval.capacity")
        _check_times(self.made_at, self.valid_until, "approval")
        bool_of(self.rejects, "approval.rejects")
        if self.rejects != (self.reason is not None):
            raise InputError("E_APPROVAL_REASON", field="approval.reason")
        if self.reason is not None:
            check_free_text(self.reason, MAX_NOTE_CHARS, field="approval.reason", multiline=True)
            if not self.reason.strip():
                raise InputError("E_APPROVAL_REASON", field="approval.reason")

    def to_json_value(self) -> dict[str, JsonValue]:
        """All fields, nulls present."""
        return {
            "ledger": self.ledger,
            "person": self.person,
            "statement": self.statement,
            "capacity": self.capacity,
            "made_at": self.made_at,
            "valid_until": self.valid_until,
            "seen": None if self.seen is None else self.seen.to_json_value(),
            "rejects": self.rejects,
            "reason": self.reason,
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes that are signed."""
        return canonical(self.to_json_value())

    @classmethod
    def from_json_value(cls, value: JsonValue, where: str = "approval") -> "Approval":
        """Strictly from exactly these fields; InputError names the field at fault."""
        found = fields_of(value, tuple(cls.__dataclass_fields__), where)
        return cls(
            seen=None if found["seen"] is None else Seen.from_json_value(found["seen"], f"{where}.seen"),
            rejects=bool_of(found["rejects"], f"{where}.rejects"),
            reason=None if found["reason"] is None else text_of(found["reason"], f"{where}.reason"),
            **{name: text_of(found[name], f"{where}.{name}") for name in _APPROVAL_TEXTS},
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Approval":
        """From canonical bytes only."""
        return cls.from_json_value(parse_canonical(data))


_STATEMENT_TEXTS = ("ledger", "voucher", "entity", "voucher_date", "made_at", "valid_until", "maker", "note")
_APPROVAL_TEXTS = ("ledger", "person", "statement", "capacity", "made_at", "valid_until")


def _check_times(made_at: str, valid_until: str, where: str) -> tuple[datetime, datetime]:
    """A statement that was never valid was signed by mistake."""
    made = parse_timestamp(made_at, f"{where}.made_at")
    until = parse_timestamp(valid_until, f"{where}.valid_until")
    if until < made:
        raise InputError("E_VALID_UNTIL", field=f"{where}.valid_until", made_at=made_at, valid_until=valid_until)
    return made, until
