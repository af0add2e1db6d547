"""Roles: who does what for which entity, and which duties must not meet in one hand.

Source: Accounting Law art. 25 (记账、审批、经办、财物保管相互分离、相互制约). A duty profile relaxes single pairs
where an office is too small to keep them apart; what it asks in return is judged by `decisions.duties`.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import ClassVar, Final, Literal, NamedTuple

from ledger.flows.authority.book import ACTING, Opening
from ledger.flows.authority.entities import entity_need, unknown_entity
from ledger.flows.authority.officers import officer_need, unknown_officer
from ledger.flows.authority.policies import EVERY_GRANT, EVERY_POLICY, PolicySet, duty_profile, policy_needs
from ledger.flows.event import Event, Stage
from ledger.flows.fields import EntityId, Label, OfficerId
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

RoleName = Literal[
    "accountant",
    "cashier",
    "checker",
    "approver",
    "auditor",
    "supervisor",
    "administrator",
    "machine",
    "witness",
]

_GRANTS: Final = ("book.opened", "role.granted", "role.withdrawn")

_BOOKKEEPING: Final = ("accountant", "cashier", "checker", "approver")


def _pairs(one: str, *others: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset({one, other}) for other in others)


CONFLICTS: Final[frozenset[frozenset[str]]] = (
    _pairs("accountant", "cashier", "approver")
    | _pairs("cashier", "checker", "approver")
    | _pairs("administrator", "accountant", "cashier")
    | _pairs("auditor", *_BOOKKEEPING)
    | _pairs("supervisor", "accountant", "cashier")
    | _pairs("witness", "administrator", *_BOOKKEEPING)
    | _pairs("machine", "administrator", "auditor", "supervisor", "witness", *_BOOKKEEPING)
)
"""Pairs of roles that one person must not hold for one entity. Maker and checker of one voucher are kept apart too, by
the judgement of the voucher: an accountant may check another accountant's work."""

RELAXED: Final[Mapping[str, frozenset[frozenset[str]]]] = {
    "two_persons": _pairs("cashier", "checker") | _pairs("administrator", "accountant", "cashier"),
    "four_persons": _pairs("administrator", "accountant"),
    "bureau": frozenset(),
    "agent": _pairs("administrator", "accountant"),
}
"""What each duty profile lets meet. Accountant and cashier stay two people in every profile."""


class Held(NamedTuple):
    """A role in force: for one entity or, with None, for all; `scope` narrows it (a township)."""

    role: str
    entity: str | None
    scope: str | None


class RoleGranted(Event):
    """A person may act in a role for an entity, or for every entity (`entity` null)."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["role.granted"] = "role.granted"
    version: Literal[1] = 1
    officer: OfficerId
    role: RoleName
    entity: EntityId | None
    scope: Label | None

    def more_tags(self) -> tuple[str, ...]:
        return ("entity:*",) if self.entity is None else ()

    def needs(self) -> tuple[Need, ...]:
        own = (officer_need(self.officer), role_need(self.officer), *policy_needs(self.entity))
        return own if self.entity is None else (*own, entity_need(self.entity))


class RoleWithdrawn(Event):
    """A role ends, at this position; named exactly as it was granted."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["role.withdrawn"] = "role.withdrawn"
    version: Literal[1] = 1
    officer: OfficerId
    role: RoleName
    entity: EntityId | None
    scope: Label | None

    def more_tags(self) -> tuple[str, ...]:
        return ("entity:*",) if self.entity is None else ()

    def needs(self) -> tuple[Need, ...]:
        return (role_need(self.officer), ACTING)


def role_need(officer: str) -> Need:
    """The history that tells which roles a person holds."""
    return Need(f"officer:{officer}", _GRANTS)


def roles_of(officer: str, events: Iterable[Event]) -> frozenset[Held]:
    """The roles a person holds after these events, in order. The opening of the book grants three of them."""
    held: set[Held] = set()
    for event in events:
        if isinstance(event, Opening):
            held |= {Held("administrator", None, None) for one in event.administrators if one.officer == officer}
        elif isinstance(event, RoleGranted | RoleWithdrawn) and event.officer == officer:
            own = {Held(event.role, event.entity, event.scope)}
            held = held | own if isinstance(event, RoleGranted) else held - own
    return frozenset(held)


def roles_held(model: Knowledge, officer: str) -> frozenset[Held]:
    """The roles a person holds now; needs `role_need(officer)`."""
    return roles_of(officer, (recorded.event for recorded in model.history(f"officer:{officer}", *_GRANTS)))


@rule(RoleGranted, code="OFFICER_UNKNOWN", source="docs/security.md", form=True)
def officer_is_known(event: RoleGranted, model: Knowledge) -> Verdict:
    yield from unknown_officer(model, event.officer)


@rule(RoleGranted, code="ENTITY_UNKNOWN", source="docs/security.md", form=True)
def entity_is_known(event: RoleGranted, model: Knowledge) -> Verdict:
    yield from unknown_entity(model, event.entity)


@rule(RoleGranted, code="ROLE_TWICE", source="docs/security.md", form=True)
def granted_once(event: RoleGranted, model: Knowledge) -> Verdict:
    if Held(event.role, event.entity, event.scope) in roles_held(model, event.officer):
        yield {"officer": event.officer, "role": event.role, "entity": event.entity or "*"}


@rule(RoleGranted, code="DUTY_CONFLICT", source="Accounting Law art. 25")
def duties_apart(event: RoleGranted, model: Knowledge) -> Verdict:
    relaxed = RELAXED.get(duty_profile(model, event.entity) or "", frozenset())
    for held in sorted(roles_held(model, event.officer), key=str):
        meets = held.entity is None or event.entity is None or held.entity == event.entity
        pair = frozenset({held.role, event.role})
        if meets and pair in CONFLICTS and pair not in relaxed:
            yield {"officer": event.officer, "role": event.role, "held": held.role, "entity": event.entity or "*"}


@rule(PolicySet, code="DUTY_CONFLICT", source="Accounting Law art. 25")
def no_duty_meets_without_its_profile(event: PolicySet, model: Knowledge) -> Verdict:
    """What a profile let meet in one hand must be laid down before the profile goes."""
    relaxed = RELAXED.get(event.duty_profile or "", frozenset())
    events = [recorded.event for recorded in model.history(EVERY_GRANT.tag, *EVERY_GRANT.kinds)]
    own = {
        recorded.event.entity
        for recorded in model.history(EVERY_POLICY.tag, *EVERY_POLICY.kinds)
        if isinstance(recorded.event, PolicySet) and recorded.event.entity != event.entity
    }
    for officer in sorted({one.officer for one in events if isinstance(one, RoleGranted)}):
        held = sorted(roles_of(officer, events), key=str)
        for first, second in combinations(held, 2):
            entity = first.entity or second.entity
            meets = None in (first.entity, second.entity) or first.entity == second.entity
            judged_here = entity == event.entity or (event.entity is None and entity not in own)
            pair = frozenset({first.role, second.role})
            if meets and judged_here and pair in CONFLICTS and pair not in relaxed:
                yield {"officer": officer, "role": second.role, "held": first.role, "entity": entity or "*"}


@rule(RoleWithdrawn, code="ROLE_NOT_HELD", source="docs/security.md", form=True)
def was_held(event: RoleWithdrawn, model: Knowledge) -> Verdict:
    if Held(event.role, event.entity, event.scope) not in roles_held(model, event.officer):
        yield {"officer": event.officer, "role": event.role, "entity": event.entity or "*"}
