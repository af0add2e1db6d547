"""Costs: their nature, the role each posts to, and the funds that must not bear them.

What is spent out of a restricted fund on its purpose frees the restriction; management and fundraising cost of a fund
whose donors forbade it is recorded, for it happened, and shown.
"""

from typing import Final, Literal

from ledger.accounts.legs import Leg, debit
from ledger.accounts.roles import Role
from ledger.flows.giving.funds import RESTRICTED_KINDS, facts, release
from ledger.flows.knowledge import Knowledge
from ledger.flows.rules import Verdict

CostNature = Literal["programme", "management", "fundraising", "other"]

_ROLE: Final[dict[str, Role]] = {
    "programme": Role.PROGRAMME_COST,
    "management": Role.MANAGEMENT_COST,
    "fundraising": Role.FUNDRAISING_COST,
    "other": Role.OTHER_COST,
}

_FOR_OTHERS: Final = frozenset({"agency", "fiscal", "lottery"})
"""Kinds whose money may pay for nothing of the entity's own (湘财综指〔2017〕30号 for lottery proceeds)."""


_OF_PURPOSE: Final = frozenset({"programme", "other"})
"""Costs that a fund bears for its uses; what running and raising money may cost has rules of its own."""

PURPOSE_SINCE: Final = 10


def cost_role(nature: str) -> Role:
    """The account role of a cost."""
    return _ROLE[nature]


def cost(fund: str, nature: CostNature, fen: int) -> Leg:
    """The debit of a cost."""
    return debit(fund, cost_role(nature), fen)


def freed(model: Knowledge, fund: str, fen: int) -> tuple[Leg, ...]:
    """The release of restriction that goes with spending `fen` of a fund; none for a free or unknown fund."""
    found = facts(model, fund)
    return () if found is None else release(model, found, fen)


def cost_forbidden(model: Knowledge, fund: str, nature: CostNature) -> Verdict:
    """The body of COST_ON_RESTRICTED: a fund that may not bear a cost of this nature; needs `fund_need(fund)`."""
    found = facts(model, fund)
    if found is None or nature == "programme":
        return
    if found.no_cost or found.kind in _FOR_OTHERS:
        yield {"fund": fund, "fund_kind": found.kind, "nature": nature}


def cost_astray(model: Knowledge, fund: str, nature: CostNature, purpose: str) -> Verdict:
    """The body of COST_OUTSIDE_PURPOSE: a restricted fund that lists its uses bears a cost whose words name none of
    them. Words are free, so that this is a question to whoever reads it and no breach; needs `fund_need(fund)`.
    """
    found = facts(model, fund)
    if found is None or found.kind not in RESTRICTED_KINDS or not found.purposes or nature not in _OF_PURPOSE:
        return
    if not any(use in purpose or purpose in use for use in found.purposes):
        yield {"fund": fund, "purpose": purpose, "allowed": "、".join(found.purposes)}
