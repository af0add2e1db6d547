"""Keys: enrolled with a proof of possession, revoked at once, judged by their state at the voucher's position.

The digest of a key and the proof of possession are checked by the room that may do cryptography; the rules here look
at what was recorded.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from ledger.flows.authority.book import ACTING
from ledger.flows.authority.officers import officer_need, unknown_officer
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, FreeText, Instant, KeyId, OfficerId, PublicKeyText, SignatureText
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

KindName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*\.[a-z_]+$")]
"""The kind of an event, as a machine key or a policy lists it."""

_KEYED: Final = ("book.opened", "key.enrolled", "key.revoked")


def possession_text(origin: str, officer: str, key: str) -> bytes:
    """The bytes that a new key signs to show that its holder has it: bound to this book, this person and this key."""
    return f"charity-ledger key possession\n{origin}\n{officer}\n{key}\n".encode()


class KeyEnrolled(Event):
    """A person's public key is taken in. `machine_kinds` lists what a machine's key may record; null is a person's."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["key.enrolled"] = "key.enrolled"
    version: Literal[1] = 1
    officer: OfficerId
    key: PublicKeyText
    keyid: KeyId
    possession: SignatureText
    machine_kinds: Annotated[tuple[KindName, ...], Field(max_length=100)] | None
    valid_from: Day
    valid_to: Day | None

    def needs(self) -> tuple[Need, ...]:
        return (key_need(self.keyid), officer_need(self.officer))


class KeyRevoked(Event):
    """A key signs nothing from this position on. `compromised_at` says since when signatures are in doubt."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["key.revoked"] = "key.revoked"
    version: Literal[1] = 1
    officer: OfficerId
    keyid: KeyId
    reason: Literal["replaced", "lost", "left", "compromised", "emergency"]
    note: FreeText
    compromised_at: Instant | None

    def needs(self) -> tuple[Need, ...]:
        return (key_need(self.keyid), ACTING)


def key_need(keyid: str) -> Need:
    """The history of a key."""
    return Need(f"key:{keyid}", _KEYED)


def _holder(model: Knowledge, keyid: str) -> tuple[str | None, bool]:
    """Who ever held a key, and whether it is revoked; (None, False) when nobody enrolled it."""
    holder, revoked = None, False
    for recorded in model.history(f"key:{keyid}", *_KEYED):
        event = recorded.event
        if isinstance(event, KeyEnrolled):
            holder = event.officer
        elif isinstance(event, KeyRevoked):
            revoked = True
        else:
            administrators = getattr(event, "administrators", ())
            holder = next((one.officer for one in administrators if one.keyid == keyid), holder)
    return holder, revoked


@rule(KeyEnrolled, code="OFFICER_UNKNOWN", source="docs/security.md", form=True)
def officer_is_known(event: KeyEnrolled, model: Knowledge) -> Verdict:
    yield from unknown_officer(model, event.officer)


@rule(KeyEnrolled, code="KEY_TWICE", source="docs/security.md (a key belongs to one person, once)", form=True)
def enrolled_once(event: KeyEnrolled, model: Knowledge) -> Verdict:
    holder, _ = _holder(model, event.keyid)
    if holder is not None:
        yield {"keyid": event.keyid, "officer": holder}


@rule(KeyEnrolled, code="KEY_DATES", source="docs/security.md", form=True)
def ends_after_it_begins(event: KeyEnrolled, model: Knowledge) -> Verdict:
    if event.valid_to is not None and event.valid_to < event.valid_from:
        yield {"keyid": event.keyid, "valid_from": str(event.valid_from), "valid_to": str(event.valid_to)}


@rule(KeyRevoked, code="KEY_NOT_HELD", source="docs/security.md", form=True)
def revokes_a_live_key(event: KeyRevoked, model: Knowledge) -> Verdict:
    holder, revoked = _holder(model, event.keyid)
    if holder != event.officer or revoked:
        yield {"keyid": event.keyid, "officer": event.officer}


@rule(KeyRevoked, code="KEY_COMPROMISED_WHEN", source="Electronic Signature Law art. 15", form=True)
def says_since_when(event: KeyRevoked, model: Knowledge) -> Verdict:
    if event.reason == "compromised" and event.compromised_at is None:
        yield {"keyid": event.keyid}
