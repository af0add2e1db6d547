"""Officers (任职): the people who act for entities, by their public post. Persons count, not keys.

An officer's name is of public life (it stands on every voucher and statement); a beneficiary's never is.
"""

from typing import ClassVar, Final, Literal

from ledger.flows.authority.book import ACTING
from ledger.flows.authority.entities import entity_need, unknown_entity
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, EntityId, FreeText, Label, OfficerId
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

Post = Literal[
    "chair",
    "secretary_general",
    "supervisor",
    "leader",
    "accountant",
    "cashier",
    "clerk",
    "auditor",
    "system",
    "other",
]

_OFFICES: Final = ("book.opened", "officer.named", "officer.left")
_APART: Final = frozenset({"chair", "secretary_general"})


class OfficerNamed(Event):
    """A person takes a post of an entity, or of the whole book (`entity` null); `title` is what the paper calls it."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["officer.named"] = "officer.named"
    version: Literal[1] = 1
    officer: OfficerId
    name: Label
    entity: EntityId | None
    post: Post
    title: Label
    valid_from: Day

    def needs(self) -> tuple[Need, ...]:
        own = (officer_need(self.officer),)
        return own if self.entity is None else (*own, entity_need(self.entity))


class OfficerLeft(Event):
    """A person holds no post of an entity any more. Roles and keys end by their own events."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["officer.left"] = "officer.left"
    version: Literal[1] = 1
    officer: OfficerId
    entity: EntityId | None
    on: Day
    reason: FreeText

    def needs(self) -> tuple[Need, ...]:
        return (officer_need(self.officer), ACTING)


def officer_need(officer: str) -> Need:
    """The history that tells who an officer is and which posts he or she holds."""
    return Need(f"officer:{officer}", _OFFICES)


def officer_known(model: Knowledge, officer: str) -> bool:
    """Whether a person was named, or opened the book; needs `officer_need(officer)`."""
    kinds = ("book.opened", "officer.named")
    return any(recorded.event.kind in kinds for recorded in model.history(f"officer:{officer}", *_OFFICES))


def posts_held(model: Knowledge, officer: str, entity: str | None) -> frozenset[str]:
    """The posts a person holds at one entity; needs `officer_need(officer)`."""
    held: set[str] = set()
    for recorded in model.history(f"officer:{officer}", *_OFFICES):
        event = recorded.event
        if isinstance(event, OfficerNamed) and event.entity == entity:
            held.add(event.post)
        elif isinstance(event, OfficerLeft) and event.entity == entity:
            held.clear()
    return frozenset(held)


def unknown_officer(model: Knowledge, *officers: str) -> Verdict:
    """The body of every OFFICER_UNKNOWN rule: one finding for each person whom nobody named."""
    for officer in dict.fromkeys(officers):
        if not officer_known(model, officer):
            yield {"officer": officer}


@rule(OfficerNamed, code="ENTITY_UNKNOWN", source="ADR-0003", form=True)
def entity_known(event: OfficerNamed, model: Knowledge) -> Verdict:
    yield from unknown_entity(model, event.entity)


@rule(OfficerNamed, code="POST_CONFLICT", source="MCA Order 74 (chair and secretary-general are two people)")
def two_heads(event: OfficerNamed, model: Knowledge) -> Verdict:
    held = posts_held(model, event.officer, event.entity) & _APART
    if event.post in _APART and held - {event.post}:
        yield {"officer": event.officer, "post": event.post, "held": ", ".join(sorted(held))}


@rule(OfficerLeft, code="OFFICER_NO_POST", source="任职回避", form=True)
def had_a_post(event: OfficerLeft, model: Knowledge) -> Verdict:
    if not posts_held(model, event.officer, event.entity):
        yield {"officer": event.officer, "entity": event.entity or "*"}
