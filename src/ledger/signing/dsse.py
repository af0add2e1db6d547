"""DSSE 1.0.2: an envelope that signs its payload's type together with its bytes. Source: secure-systems-lab/dsse.

The bytes that were signed are the bytes that are kept; nothing is serialised again in order to verify.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.errors import InputError
from ledger.signing import base64_text
from ledger.signing.canonical import JsonValue, canonical, parse_canonical
from ledger.signing.fields import fields_of, list_of, text_of
from ledger.signing.keys import SIGNATURE_BYTES, PublicKey, SigningKey

VOUCHER_TYPE = "application/vnd.charity-ledger.voucher+json"
APPROVAL_TYPE = "application/vnd.charity-ledger.approval+json"
MAX_SIGNATURES = 16


def pae(payload_type: str, body: bytes) -> bytes:
    """The bytes that are signed: `DSSEv1 LEN(type) type LEN(body) body`, lengths in bytes (protocol.md, PAE)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature; `keyid` only hints at the key and decides nothing."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type, and the signatures over both."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def to_json_value(self) -> dict[str, JsonValue]:
        """The DSSE object, as it stands inside a leaf; payload and signatures in standard base64."""
        return {
            "payload": base64_text.encode(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": s.keyid, "sig": base64_text.encode(s.sig)} for s in self.signatures],
        }

    def to_bytes(self) -> bytes:
        """Canonical JSON of the DSSE object."""
        return canonical(self.to_json_value())

    @classmethod
    def from_json_value(cls, value: JsonValue, where: str = "envelope") -> "Envelope":
        """Reads exactly the fields of DSSE; base64 of either alphabet. InputError names the field at fault."""
        found = fields_of(value, ("payload", "payloadType", "signatures"), where)
        signatures = tuple(
            _signature(item, f"{where}.signatures[{at}]")
            for at, item in enumerate(list_of(found["signatures"], f"{where}.signatures"))
        )
        if not 1 <= len(signatures) <= MAX_SIGNATURES:
            raise InputError("E_ENVELOPE_SIGNATURES", field=where, count=len(signatures), max=MAX_SIGNATURES)
        payload = base64_text.decode(found["payload"], f"{where}.payload", url_safe=True)
        return cls(text_of(found["payloadType"], f"{where}.payloadType"), payload, signatures)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Envelope":
        """From canonical bytes; base64 of either alphabet."""
        return cls.from_json_value(parse_canonical(data))


def sign(payload_type: str, body: bytes, key: SigningKey) -> Envelope:
    """An envelope with one signature."""
    signature = Signature(key.public.keyid, key.sign(pae(payload_type, body)))
    return Envelope(payload_type, body, (signature,))


def verify(envelope: Envelope, public_keys: Mapping[str, PublicKey]) -> tuple[str, ...]:
    """The names (of `public_keys`) of the keys that signed the envelope, each key once, in the order of signatures.

    Every key is tried; a signature's `keyid` only says which to try first. An empty answer means that nobody did.
    """
    message = pae(envelope.payload_type, envelope.payload)
    holding: dict[PublicKey, str] = {}
    for signature in envelope.signatures:
        hinted = [signature.keyid] if signature.keyid in public_keys else []
        for name in (*hinted, *(name for name in public_keys if name != signature.keyid)):
            if public_keys[name].verify(signature.sig, message):
                holding.setdefault(public_keys[name], name)
                break
    return tuple(holding.values())


def _signature(value: JsonValue, where: str) -> Signature:
    found = fields_of(value, ("keyid", "sig"), where)
    sig = base64_text.decode(found["sig"], f"{where}.sig", url_safe=True)
    if len(sig) != SIGNATURE_BYTES:
        raise InputError("E_ENVELOPE_SIGNATURE_LENGTH", field=f"{where}.sig", length=len(sig))
    return Signature(text_of(found["keyid"], f"{where}.keyid"), sig)
