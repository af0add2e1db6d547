"""Whose money it is, and where it lies: no entity of a book posts to an account that another one of the same book
registered, and none that registers its accounts posts beside them.

Source: 民间非营利组织会计制度 and 会计法 (会计主体: the books of an entity hold its own money and nobody else's; no
books beside the books), Charity Law art. 26 (all income goes to the entity's own accounts).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.accounts.legs import Leg
from ledger.accounts.roles import Role
from ledger.decisions.model import Model, Posted
from ledger.flows.books.holdings import account_need
from ledger.flows.checks import find
from ledger.flows.community.societies import society_need
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding

OWN_ACCOUNTS_SINCE: Final = 3
"""The edition of the rules since which this is asked."""
KNOWN_ACCOUNTS_SINCE: Final = 4
"""The edition since which an account must be a registered one."""

ALONE_SINCE: Final = 6
"""The edition since which nothing else is said of what acts on another entity's matter."""
_FOREIGN: Final = "E_OF_ANOTHER_ENTITY"

_HOLDERS: Final = (Role.BANK, Role.CASH)
_KEPT: Final = frozenset({*_HOLDERS, Role.TRANSIT})
"""Roles whose parties are registered accounts."""


def alone(found: list[Finding], edition: int) -> list[Finding]:
    """The findings of one event. Where it acts on another entity's matter that is all: nothing of the matter is read,
    so that whatever else was found (not prepared, not ordered, too little) is of something that nobody looked at.
    """
    foreign = [one for one in found if one.code == _FOREIGN] if found and edition >= ALONE_SINCE else []
    return foreign or found


def foreign_accounts(model: Model, judged: Sequence[tuple[Event, Sequence[Posted]]]) -> Iterator[Finding]:
    """E_OF_ANOTHER_ENTITY for each event that posts to another entity's account. A reversal only takes back."""
    asked: dict[str, tuple[tuple[str, str | int], ...] | None] = {}
    for index, (event, legs) in enumerate(judged):
        if not legs or event.kind == "event.reversed":
            continue
        for account in dict.fromkeys(leg.party for leg, _, _ in legs if leg.role in _KEPT):
            if account not in asked:
                asked[account] = _others(model, account)
            params = asked[account]
            if params is not None:
                yield Finding(_FOREIGN, index, params)


def _others(model: Model, account: str) -> tuple[tuple[str, str | int], ...] | None:
    """What to say of an account that another entity registered; None when nobody did, or this one."""
    for item in find(model, account_need(account))[:1]:
        if item.entity != model.entity:
            return (("value", account), ("owner", item.entity), ("number", item.number))
    return None


def unknown_accounts(model: Model, judged: Sequence[tuple[Event, Sequence[Posted]]]) -> Iterator[Finding]:
    """E_ACCOUNT_UNKNOWN for each event that puts money on a bank account that the entity did not register although it
    registers its bank accounts, the same for cash boxes; E_ACCOUNT_HOLDING where a bank account is used as a cash box
    or a cash box as a bank account.

    What brings such an account nearer to zero is let through, and so is a reversal: money that lies there since before
    this was asked must find its way out.
    """
    asked: dict[tuple[str, Role, str], Finding | None] = {}
    for index, (event, legs) in enumerate(judged):
        if not legs or event.kind == "event.reversed":
            continue
        for place in dict.fromkeys((leg.fund, leg.role, leg.party) for leg, _, after in legs if _lays(leg, after)):
            if place not in asked:
                asked[place] = _unfit(model, *place)
            found = asked[place]
            if found is not None:
                yield Finding(found.code, index, found.params)


def _lays(leg: Leg, after_fen: int) -> bool:
    """Whether a leg leaves more on its side than there would be without it, or crosses over to its side."""
    return leg.role in _HOLDERS and leg.book == "main" and leg.amount_fen * after_fen > 0


def _unfit(model: Model, fund: str, role: Role, account: str) -> Finding | None:
    """What is wrong with a place of money; None when all is well, or when it is another entity's."""
    by_cash = role is Role.CASH
    for item in find(model, account_need(account))[:1]:
        holding = getattr(item.event, "holding", "")
        if item.entity != model.entity or (holding == "cash") == by_cash:
            return None
        return Finding("E_ACCOUNT_HOLDING", 0, (("account", account), ("holding", holding), ("means", role.value)))
    facts = (item for item in model.history("standing:book", "bank.account_registered") if item.entity == model.entity)
    named = [str(getattr(fact.event, "account", "")) for fact in facts if _is_cash(fact.event) == by_cash]
    if not named or account in _of_society(model, fund):
        return None  # an office that never said where it keeps money of this sort, or a society's own account
    return Finding("E_ACCOUNT_UNKNOWN", 0, (("account", account), ("means", role.value), ("known", ", ".join(named))))


def _of_society(model: Model, fund: str) -> set[str]:
    """The accounts that the society whose book is this fund named as its own; nobody registers them beside that."""
    told = (item.event for item in find(model, society_need(fund)) if item.entity == model.entity)
    return {str(getattr(event, "account", None) or "") for event in told} - {""}


def _is_cash(event: Event) -> bool:
    return getattr(event, "holding", "") == "cash"
