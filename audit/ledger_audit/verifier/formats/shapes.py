"""What people sign and what the log keeps: statement, approval, leaf, DSSE envelope. Each has exactly its fields."""

from dataclasses import dataclass
from typing import Any, Final

from ledger_audit.verifier.formats.canonical import (
    FaultError,
    base64_of,
    count_at,
    day_at,
    digest_at,
    fields,
    instant_at,
    read_canonical,
    text_at,
    uuid_at,
)
from ledger_audit.verifier.formats.digests import sha256

VOUCHER_TYPE: Final = "application/vnd.charity-ledger.voucher+json"
APPROVAL_TYPE: Final = "application/vnd.charity-ledger.approval+json"
MAX_EVENTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Envelope:
    """A DSSE envelope: the payload's bytes, the message that was signed, the signatures."""

    payload: bytes
    message: bytes
    signatures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The checkpoint that a signer had verified: size and root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """A maker's words about a voucher."""

    ledger: str
    voucher: bytes
    entity: str
    voucher_date: str
    made_at: str
    valid_until: str
    maker: str
    count: int
    root: bytes
    seen: Seen | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Approval:
    """A checker's words about a statement."""

    ledger: str
    person: str
    statement: bytes
    capacity: str
    made_at: str
    valid_until: str
    seen: Seen | None
    rejects: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """One posted voucher; `voucher_no` is (entity, period, word, no)."""

    number: int
    first_position: int
    posted_at: str
    voucher_no: tuple[str, str, str, int] | None
    envelope: Envelope
    approvals: tuple[Envelope, ...]


def read_leaf(data: bytes) -> Leaf:
    """A leaf from its bytes; FaultError V_CANONICAL, V_FIELDS, V_FIELD, V_BASE64, V_ENVELOPE."""
    names = ("number", "first_position", "posted_at", "voucher_no", "envelope", "approvals")
    found = fields(read_canonical(data), names, "leaf")
    if not isinstance(found["approvals"], list):
        raise FaultError("V_FIELD", field="approvals", value="")
    return Leaf(
        count_at(found, "number"),
        count_at(found, "first_position"),
        instant_at(found, "posted_at"),
        _voucher_no(found["voucher_no"]),
        _envelope(found["envelope"], VOUCHER_TYPE),
        tuple(_envelope(item, APPROVAL_TYPE) for item in found["approvals"]),
    )


def read_statement(data: bytes) -> Statement:
    """A statement from the bytes that were signed; faults as `read_leaf`."""
    names = (
        "ledger", "voucher", "entity", "voucher_date", "attachments", "made_at", "valid_until", "maker", "events",
        "note", "seen",
    )  # fmt: skip
    found = fields(read_canonical(data), names, "statement")
    events = fields(found["events"], ("count", "root"), "statement.events")
    count_at(found, "attachments", 0)
    if not isinstance(found["note"], str):
        raise FaultError("V_FIELD", field="note", value="")
    if count_at(events, "count") > MAX_EVENTS:
        raise FaultError("V_FIELD", field="events.count", value=str(events["count"]))
    return Statement(
        text_at(found, "ledger"),
        uuid_at(found, "voucher"),
        text_at(found, "entity"),
        day_at(found, "voucher_date"),
        instant_at(found, "made_at"),
        instant_at(found, "valid_until"),
        text_at(found, "maker"),
        count_at(events, "count"),
        digest_at(events, "root"),
        _seen(found["seen"]),
        sha256(data),
    )


def read_approval(data: bytes) -> Approval:
    """An approval from the bytes that were signed; faults as `read_leaf`."""
    names = ("ledger", "person", "statement", "capacity", "made_at", "valid_until", "seen", "rejects", "reason")
    found = fields(read_canonical(data), names, "approval")
    if type(found["rejects"]) is not bool or not (found["reason"] is None or isinstance(found["reason"], str)):
        raise FaultError("V_FIELD", field="rejects", value=str(found["rejects"])[:80])
    return Approval(
        text_at(found, "ledger"),
        text_at(found, "person"),
        digest_at(found, "statement"),
        text_at(found, "capacity"),
        instant_at(found, "made_at"),
        instant_at(found, "valid_until"),
        _seen(found["seen"]),
        found["rejects"],
    )


def _envelope(value: Any, kind: str) -> Envelope:
    """DSSE 1.0.2; what was signed is `DSSEv1 LEN(type) type LEN(body) body`, lengths in bytes."""
    found = fields(value, ("payload", "payloadType", "signatures"), "envelope")
    if found["payloadType"] != kind or not isinstance(found["signatures"], list) or not found["signatures"]:
        raise FaultError("V_ENVELOPE", value=str(found["payloadType"])[:80])
    payload = base64_of(found["payload"], "payload")
    signatures = [fields(item, ("keyid", "sig"), "signature") for item in found["signatures"]]
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(payload), payload)
    return Envelope(payload, message, tuple(base64_of(item["sig"], "sig") for item in signatures))


def _seen(value: Any) -> Seen | None:
    if value is None:
        return None
    found = fields(value, ("size", "root"), "seen")
    return Seen(count_at(found, "size"), base64_of(found["root"], "seen.root"))


def _voucher_no(value: Any) -> tuple[str, str, str, int] | None:
    if value is None:
        return None
    found = fields(value, ("entity", "period", "word", "no"), "voucher_no")
    return text_at(found, "entity"), text_at(found, "period"), text_at(found, "word"), count_at(found, "no")
