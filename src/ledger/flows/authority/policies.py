"""Approval policies (审批权限) and duty profiles: which kinds, above which amount, need which capacities.

Without a policy, a posting that credits a liquid account needs a checker, and cash that comes in by hand needs two
people; that default is the judge's. A policy may accept paper instead of a personal signature (线下审批), so that no
leader's key is lent.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.flows.authority.entities import EVERY_ENTITY, entity_need, unknown_entity
from ledger.flows.authority.keys import KindName
from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import DocumentNo, EntityId, Fen
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

Capacity = Literal["accountant", "cashier", "checker", "approver", "auditor", "supervisor", "administrator"]
"""In what capacity a person approves; the role he or she must hold for the entity."""

DutyProfile = Literal["two_persons", "four_persons", "bureau", "agent"]

_SET: Final = ("policy.set",)

EVERY_GRANT: Final = Need("standing:book", ("book.opened", "role.granted", "role.withdrawn"))
EVERY_POLICY: Final = Need("standing:book", _SET)
"""All roles and policies of the book: a profile that ends must leave nobody with duties that only it let meet."""


class Policy(Part):
    """One line of a policy: vouchers with an event of `kinds` (empty: of any kind) of more than `above_fen` in all need
    an approval in each of `capacities`; `paper` accepts a recorded paper in the place of an approver's signature.
    """

    kinds: Annotated[tuple[KindName, ...], Field(max_length=100)]
    above_fen: Fen
    capacities: Annotated[tuple[Capacity, ...], Field(max_length=7)]
    paper: bool


class PolicySet(Event):
    """The whole policy of an entity, or of every entity without its own (`entity` null), replaces the one before."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["policy.set"] = "policy.set"
    version: Literal[1] = 1
    entity: EntityId | None
    policies: Annotated[tuple[Policy, ...], Field(max_length=100)]
    duty_profile: DutyProfile | None
    free_control_accounts: bool
    """Whether ordinary vouchers may touch control accounts (see `accounts.roles.CONTROL_ACCOUNTS`)."""
    document: DocumentNo | None

    def more_tags(self) -> tuple[str, ...]:
        return (EVERY_ENTITY,) if self.entity is None else ()

    def needs(self) -> tuple[Need, ...]:
        known = () if self.entity is None else (entity_need(self.entity),)
        return (*known, EVERY_GRANT, EVERY_POLICY)


def policy_needs(entity: str | None) -> tuple[Need, ...]:
    """The histories that tell the policy of an entity: its own and the general one."""
    general = Need(EVERY_ENTITY, _SET)
    return (general,) if entity is None else (Need(f"entity:{entity}", _SET), general)


def policy_of(model: Knowledge, entity: str | None) -> PolicySet | None:
    """The policy in force for an entity: its own latest one, else the latest general one; needs `policy_needs`."""
    for need in policy_needs(entity):
        for recorded in reversed(model.history(need.tag, *need.kinds)):
            if isinstance(recorded.event, PolicySet):
                return recorded.event
    return None


def duty_profile(model: Knowledge, entity: str | None) -> str | None:
    """The duty profile in force for an entity, or None."""
    found = policy_of(model, entity)
    return None if found is None else found.duty_profile


def applying(policy: PolicySet, kinds: frozenset[str], amount_fen: int) -> Iterator[Policy]:
    """The lines of a policy that speak of a voucher with these kinds and this amount."""
    for line in policy.policies:
        if amount_fen > line.above_fen and (not line.kinds or kinds & set(line.kinds)):
            yield line


def capacities_needed(policy: PolicySet, kinds: frozenset[str], amount_fen: int) -> frozenset[str]:
    """The capacities that a voucher with these kinds and this amount needs by a policy; empty when no line applies."""
    return frozenset(capacity for line in applying(policy, kinds, amount_fen) for capacity in line.capacities)


@rule(PolicySet, code="ENTITY_UNKNOWN", source="docs/security.md", form=True)
def entity_is_known(event: PolicySet, model: Knowledge) -> Verdict:
    yield from unknown_entity(model, event.entity)
