"""Whose money it is: no entity of a book posts to an account that another one of the same book registered.

Source: 民间非营利组织会计制度 and 会计法 (会计主体: the books of an entity hold its own money and nobody else's).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.accounts.roles import Role
from ledger.decisions.model import Model, Posted
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding

OWN_ACCOUNTS_SINCE: Final = 3
"""The edition of the rules since which this is asked."""

_KEPT: Final = frozenset({Role.BANK, Role.CASH, Role.TRANSIT})
"""Roles whose parties are registered accounts."""


def foreign_accounts(model: Model, judged: Sequence[tuple[Event, Sequence[Posted]]]) -> Iterator[Finding]:
    """E_OF_ANOTHER_ENTITY for each event that posts to another entity's account. A reversal only takes back."""
    asked: dict[str, tuple[tuple[str, str | int], ...] | None] = {}
    for index, (event, legs) in enumerate(judged):
        if event.kind == "event.reversed":
            continue
        for account in dict.fromkeys(leg.party for leg, _, _ in legs if leg.role in _KEPT):
            if account not in asked:
                asked[account] = _others(model, account)
            params = asked[account]
            if params is not None:
                yield Finding("E_OF_ANOTHER_ENTITY", index, params)


def _others(model: Model, account: str) -> tuple[tuple[str, str | int], ...] | None:
    """What to say of an account that another entity registered; None when nobody did, or this one."""
    for item in model.history(f"account:{account}", "bank.account_registered")[:1]:
        if item.entity != model.entity:
            return (("value", account), ("owner", item.entity), ("number", item.number))
    return None
