"""People known by commitments: the log holds one commitment a field, the vault holds the field itself, sealed.

A reference stays linkable for ever (pseudonymous, not anonymous); erasing destroys what it stands for. While accounting
documents that name a person must be kept, the use of the fields is restricted instead. Source: Personal Information
Protection Law arts. 28 and 47; 会计档案管理办法 (Order 79 of the Ministry of Finance, 2015) art. 14 and annex 1.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, get_args

from pydantic import Field, StringConstraints

from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import Commitment, Day, FreeText, IdentityId
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

Subject = Literal["person", "household", "donor", "payee"]
"""What a reference names; also the tag prefix under which other events name it."""

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

_KINDS: Final = ("identity.registered", "identity.erased", "identity.restricted", "identity.released")

RETENTION_YEARS: Final = 30
"""How long a voucher is kept, from the end of its year (会计档案管理办法 annex 1)."""


class CommittedField(Part):
    """One field of a person, as a commitment: BLAKE2b-256 of the canonical field under a key kept in the vault."""

    name: FieldName
    commitment: Commitment


class IdentityRegistered(Event):
    """A person, household, donor or payee enters the vault, or the fields under a known reference are written anew."""

    stage: ClassVar[Stage] = Stage.FACT
    reversible: ClassVar[bool] = False

    kind: Literal["identity.registered"] = "identity.registered"
    version: Literal[1] = 1
    identity: IdentityId
    subject: Subject
    fields: Annotated[tuple[CommittedField, ...], Field(min_length=1, max_length=40)]

    def more_tags(self) -> tuple[str, ...]:
        return (f"{self.subject}:{self.identity}",)

    def needs(self) -> tuple[Need, ...]:
        return (identity_need(self.identity),)


class IdentityErased(Event):
    """Row and keys of a person are destroyed. What was signed stays; nobody can say any more whom it spoke of."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["identity.erased"] = "identity.erased"
    version: Literal[1] = 1
    identity: IdentityId
    basis: Literal["retention_ended", "request", "registered_by_mistake"]
    retained_until: Day | None
    """The last day on which the papers that name the person must be kept; null when none does."""
    reason: FreeText

    def needs(self) -> tuple[Need, ...]:
        return (identity_need(self.identity), *naming_needs(self.identity))


class IdentityRestricted(Event):
    """From now on the fields are kept and protected, and nobody but an inspection reads them."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["identity.restricted"] = "identity.restricted"
    version: Literal[1] = 1
    identity: IdentityId
    reason: FreeText

    def needs(self) -> tuple[Need, ...]:
        return (identity_need(self.identity),)


class IdentityReleased(Event):
    """A restriction ends: the person agrees to the use again, or it was set by mistake."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["identity.released"] = "identity.released"
    version: Literal[1] = 1
    identity: IdentityId
    reason: FreeText

    def needs(self) -> tuple[Need, ...]:
        return (identity_need(self.identity),)


def identity_need(identity: str) -> Need:
    """The history of a reference."""
    return Need(f"identity:{identity}", _KINDS)


def naming_needs(identity: str) -> tuple[Need, ...]:
    """The histories of what names a person, under whichever prefix."""
    return tuple(Need(f"{subject}:{identity}") for subject in get_args(Subject))


def papers_until(identity: str, model: Knowledge) -> date | None:
    """The last day on which a voucher that names the person must be kept; None when no voucher does."""
    dates = [
        recorded.voucher_date
        for need in naming_needs(identity)
        for recorded in model.history(need.tag, *need.kinds)
        if recorded.event.kind not in _KINDS
    ]
    return date(max(dates).year + RETENTION_YEARS, 12, 31) if dates else None


def restricted(kinds: Sequence[str]) -> bool:
    """Whether use is restricted after events of these kinds, in the order in which they were recorded."""
    held = False
    for kind in kinds:
        held = kind == "identity.restricted" or (held and kind != "identity.released")
    return held


def _history(model: Knowledge, identity: str) -> list[Event]:
    return [recorded.event for recorded in model.history(f"identity:{identity}", *_KINDS)]


@rule(IdentityRegistered, code="IDENTITY_ERASED", source="PIPL art. 47", form=True)
def not_after_erasure(event: IdentityRegistered, model: Knowledge) -> Verdict:
    if any(isinstance(one, IdentityErased) for one in _history(model, event.identity)):
        yield {"identity": event.identity}


@rule(IdentityRegistered, code="IDENTITY_SUBJECT", source="ADR-0005", form=True)
def same_subject(event: IdentityRegistered, model: Knowledge) -> Verdict:
    before = [one for one in _history(model, event.identity) if isinstance(one, IdentityRegistered)]
    if before and before[-1].subject != event.subject:
        yield {"identity": event.identity, "subject": event.subject, "before": before[-1].subject}


@rule(IdentityRegistered, code="IDENTITY_FIELD_TWICE", source="ADR-0005", form=True)
def one_commitment_a_field(event: IdentityRegistered, model: Knowledge) -> Verdict:
    names = [one.name for one in event.fields]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield {"identity": event.identity, "field": name}


@rule(IdentityErased, IdentityRestricted, IdentityReleased, code="IDENTITY_NOT_HELD", source="PIPL art. 47", form=True)
def known_and_not_erased(event: IdentityErased | IdentityRestricted | IdentityReleased, model: Knowledge) -> Verdict:
    kinds = [one.kind for one in _history(model, event.identity)]
    if "identity.registered" not in kinds or "identity.erased" in kinds:
        yield {"identity": event.identity}


@rule(IdentityErased, code="RETENTION_RUNNING", source="PIPL art. 47; 会计档案管理办法 art. 14")
def retention_is_over(event: IdentityErased, model: Knowledge) -> Verdict:
    """What was recorded of the person decides; a later day may be named for papers that lie outside the ledger."""
    days = [day for day in (papers_until(event.identity, model), event.retained_until) if day is not None]
    if days and model.today <= max(days):
        yield {"identity": event.identity, "retained_until": max(days).isoformat()}


@rule(IdentityRestricted, code="IDENTITY_RESTRICTED_TWICE", source="PIPL art. 47", form=True)
def not_restricted_yet(event: IdentityRestricted, model: Knowledge) -> Verdict:
    if restricted([one.kind for one in _history(model, event.identity)]):
        yield {"identity": event.identity}


@rule(IdentityReleased, code="IDENTITY_NOT_RESTRICTED", source="PIPL art. 47", form=True)
def restricted_before(event: IdentityReleased, model: Knowledge) -> Verdict:
    if not restricted([one.kind for one in _history(model, event.identity)]):
        yield {"identity": event.identity}
