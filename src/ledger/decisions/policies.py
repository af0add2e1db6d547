"""Who must sign a voucher besides its maker, and who may make it.

Without a policy the statutory minimum holds: money that leaves a liquid account needs a checker, cash that comes in by
hand needs two people (Accounting Law art. 25 separates keeping the books from handling money), and a fact that breaks
a rule needs an explanation and a second person. A policy adds to that; it never takes away.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from ledger.accounts.roles import LIQUID, Role
from ledger.decisions.authority import Authority
from ledger.decisions.model import Posted
from ledger.flows.authority.policies import Policy, applying, capacities_needed
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding

CHECKER: Final = "checker"
ADMINISTRATOR: Final = "administrator"
MACHINE: Final = "machine"
IN_PERSON: Final = frozenset({CHECKER, ADMINISTRATOR})
"""Capacities in which nothing but a signature counts."""

ADMINISTRATIVE: Final = frozenset(
    {
        "entity.registered",
        "officer.named",
        "officer.left",
        "entity.renamed",
        "key.enrolled",
        "key.revoked",
        "role.granted",
        "role.withdrawn",
        "policy.set",
        "operator_key.rotated",
    },
)
"""Acts of two administrators: one makes, another approves, so that one lost laptop neither kills nor owns the book."""

CHECKED: Final = frozenset(
    {
        "opening.recorded",
        "period.closed",
        "period.reopened",
        "event.reversed",
        "approval.recorded",
        "pledge.amended",
        "pledge.released",
        "donation.receipt_reversed",
        "restriction.released",
        "fund.allocated",
        "fund.advanced",
        "grant.committed",
        "batch.approved",
        "finding.confirmed",
        "recovery.written_off",
        "identity.erased",
        "identity.released",
        "period.carried_forward",
        "cash.adjusted",
        "asset.disposed",
        "handover.completed",
        "fund.deallocated",
        "fund.purpose_changed",
    },
)
"""Acts that need a checker although no money leaves by them."""

_MAKERS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("book.access_rooted", frozenset({MACHINE})),
    ("book.", frozenset({ADMINISTRATOR})),
    ("bank.", frozenset({"accountant", "cashier", "machine"})),
    ("cash.", frozenset({"accountant", "cashier"})),
    ("box.", frozenset({"accountant", "cashier"})),
    ("in_kind.", frozenset({"accountant", "cashier"})),
    ("matching.", frozenset({"accountant", "auditor", "supervisor", "machine"})),
    ("clue.", frozenset({"accountant", "auditor", "supervisor"})),
    ("finding.", frozenset({"accountant", "auditor", "supervisor"})),
    ("notice.", frozenset({"accountant", "auditor", "supervisor"})),
    ("rectification.", frozenset({"accountant", "auditor", "supervisor"})),
    ("look_back.", frozenset({"accountant", "auditor", "supervisor"})),
    ("voucher.rejected", frozenset({CHECKER, "approver", "auditor", "supervisor", ADMINISTRATOR})),
    ("voucher.", frozenset({"accountant", "cashier", CHECKER, "approver", "auditor", "supervisor", ADMINISTRATOR})),
    ("identity.", frozenset({"accountant", "cashier", "auditor", "supervisor", ADMINISTRATOR, "machine"})),
    ("attachment.", frozenset({"accountant", "cashier", "checker", "auditor"})),
    ("handover.", frozenset({"accountant", "cashier", "checker"})),
    ("period.", frozenset({"accountant", "checker"})),
)
_USUAL: Final = frozenset({"accountant", "machine"})


def makers_of(kind: str) -> frozenset[str]:
    """The roles any of which may make an event of a kind."""
    if kind in ADMINISTRATIVE:
        return frozenset({ADMINISTRATOR})
    return next((roles for prefix, roles in _MAKERS if kind.startswith(prefix)), _USUAL)


def wrong_maker(
    authority: Authority, maker: str, entity: str, events: Sequence[Event], *, machine: bool
) -> list[Finding]:
    """E_ROLE for each event whose kind the maker has no role to record. Only a machine's key draws on its role."""
    found: dict[str, bool] = {}
    for event in events:
        if event.kind not in found:
            roles = makers_of(event.kind) & {MACHINE} if machine else makers_of(event.kind) - {MACHINE}
            found[event.kind] = any(authority.holds(maker, role, entity) for role in roles)
    return [
        Finding("E_ROLE", index, (("kind", event.kind), *authority.called(maker, entity)))
        for index, event in enumerate(events)
        if not found[event.kind]
    ]


def required_capacities(
    authority: Authority,
    entity: str,
    events: Iterable[Event],
    posted: Iterable[Posted],
    findings: Iterable[Finding],
    amount_fen: int,
) -> tuple[str, ...]:
    """The capacities that must sign, sorted, each by another person than the maker."""
    kinds = {event.kind for event in events}
    wanted: set[str] = set()
    if kinds & ADMINISTRATIVE:
        wanted.add(ADMINISTRATOR)
    if kinds & CHECKED or any(_needs_second(item) for item in posted) or any(f.demands for f in findings):
        wanted.add(CHECKER)
    policy = authority.policy(entity)
    if policy is not None:
        wanted |= capacities_needed(policy, frozenset(kinds), amount_fen)
    return tuple(sorted(wanted))


def _needs_second(item: Posted) -> bool:
    leg = item.leg
    if leg.book != "main":
        return False
    return (leg.amount_fen < 0 and leg.role in LIQUID) or (leg.amount_fen > 0 and leg.role is Role.CASH)


def paper_accepted(
    authority: Authority, entity: str, kinds: set[str], capacity: str, amount_fen: int, more: Policy | None = None
) -> bool:
    """Whether a recorded paper may stand for a personal signature in a capacity: every line of the policy that asks for
    it of such a voucher accepts paper, so that a line above a higher amount may want the person. `more` is the line
    that a duty profile adds.

    A paper stands for a leader, never for the checker or administrator of the statutory minimum.
    """
    policy = authority.policy(entity)
    if policy is None or capacity in IN_PERSON:
        return False
    lines = [*applying(policy, frozenset(kinds), amount_fen), *([more] if more else [])]
    asking = [line for line in lines if capacity in line.capacities]
    return bool(asking) and all(line.paper for line in asking)
