"""People known by commitments: the log holds one commitment a field, the vault holds the field itself, sealed.

A reference stays linkable for ever (pseudonymous, not anonymous); erasing destroys what it stands for. Source: Personal
Information Protection Law arts. 28 and 47.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import Commitment, Day, FreeText, IdentityId
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

Subject = Literal["person", "household", "donor", "payee"]
"""What a reference names; also the tag prefix under which other events name it."""

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

_KINDS: Final = ("identity.registered", "identity.erased")


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
        return (identity_need(self.identity),)


def identity_need(identity: str) -> Need:
    """The history of a reference."""
    return Need(f"identity:{identity}", _KINDS)


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


@rule(IdentityErased, code="IDENTITY_NOT_HELD", source="PIPL art. 47", form=True)
def known_and_not_erased(event: IdentityErased, model: Knowledge) -> Verdict:
    kinds = [one.kind for one in _history(model, event.identity)]
    if "identity.registered" not in kinds or "identity.erased" in kinds:
        yield {"identity": event.identity}


@rule(IdentityErased, code="RETENTION_RUNNING", source="PIPL art. 47; 会计档案管理办法")
def retention_is_over(event: IdentityErased, model: Knowledge) -> Verdict:
    if event.retained_until is not None and model.today <= event.retained_until:
        yield {"identity": event.identity, "retained_until": str(event.retained_until)}
