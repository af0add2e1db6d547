"""What a duty profile asks in return for the duties that it lets meet in one hand (小单位的补偿措施).

Two persons: money that is paid out needs an approver or a recorded paper, and the bank's statement comes in every week
by the hand that does not pay. Wherever administrators keep the books, an administrative act wants one who does not.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from ledger.accounts.roles import LIQUID, Role
from ledger.decisions.authority import EVERYWHERE, Authority
from ledger.decisions.model import Model, Posted
from ledger.decisions.policies import ADMINISTRATIVE
from ledger.decisions.prepared import Prepared
from ledger.flows.authority.policies import Policy
from ledger.flows.books.statements import StatementImported
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding

TWO_PERSONS: Final = "two_persons"
WEEK: Final = timedelta(days=7)

_NOT_PAID: Final = frozenset({"bank.fee", "channel.fee_charged", "channel.settled", "event.reversed"})
"""Money that a bank or a channel takes by itself, and what takes an entry back: nobody decides on paying it."""
_STATEMENTS: Final = ("bank.account_registered", "bank.statement_imported")
_BOOKKEEPING: Final = ("accountant", "cashier")

Judged = Sequence[tuple[Event, Sequence[Posted]]]
"""The events of a voucher with their legs."""


def asked_by_profile(authority: Authority, entity: str, judged: Judged) -> Policy | None:
    """The line that the profile in force adds to the policy for a voucher that pays: an approver, or a paper."""
    policy = authority.policy(entity)
    if policy is None or policy.duty_profile != TWO_PERSONS or not any(_pays(*one) for one in judged):
        return None
    return Policy(kinds=(), above_fen=0, capacities=("approver",), paper=True)


def duty_findings(authority: Authority, model: Model, voucher: Prepared, judged: Judged) -> Iterator[Finding]:
    """What is not kept of the profile's demands: shown with what happened, and never in its way."""
    yield from _administrators_keep_books(authority, voucher)
    policy = authority.policy(voucher.statement.entity)
    if policy is None or policy.duty_profile != TWO_PERSONS:
        return
    yield from _own_hand(authority, voucher)
    first: dict[str, int] = {}
    for index, (event, legs) in enumerate(judged):
        for leg, _, _ in legs if _pays(event, legs) else ():
            if leg.role is Role.BANK and leg.amount_fen < 0:
                first.setdefault(leg.party, index)
    for account, index in first.items():
        yield from _statement_overdue(model, account, index)


def _pays(event: Event, legs: Sequence[Posted]) -> bool:
    """Whether money leaves by an event, and not only from one of the entity's own accounts to another."""
    if event.kind in _NOT_PAID or getattr(event, "origin", None) == "history":
        return False
    return sum(leg.amount_fen for leg, _, _ in legs if leg.book == "main" and leg.role in LIQUID) < 0


def _statement_overdue(model: Model, account: str, index: int) -> Iterator[Finding]:
    """W_STATEMENT_OVERDUE: the newest statement of an account that pays ends more than a week ago."""
    known: list[date] = []
    for item in model.history(f"account:{account}", *_STATEMENTS):
        event = item.event
        if isinstance(event, StatementImported):
            known.append(event.last_day)
        else:
            known.append(item.voucher_date)
    last = max(known, default=model.today)
    if model.today - last > WEEK:
        said = (("account", account), ("until", last.isoformat()), ("days", (model.today - last).days))
        yield Finding("W_STATEMENT_OVERDUE", index, said, demands=True)


def _own_hand(authority: Authority, voucher: Prepared) -> Iterator[Finding]:
    """W_STATEMENT_OWN_HAND: whoever pays brings the statement that would show what was paid."""
    entity, maker = voucher.statement.entity, voucher.statement.maker
    for index, event in enumerate(voucher.events):
        if isinstance(event, StatementImported):
            for officer in dict.fromkeys((maker, event.source.obtained_by)):
                if authority.holds(officer, "cashier", entity):
                    yield Finding("W_STATEMENT_OWN_HAND", index, (("officer", officer), ("account", event.account)))


def _administrators_keep_books(authority: Authority, voucher: Prepared) -> Iterator[Finding]:
    """W_ADMINISTRATORS_KEEP_BOOKS: all who signed an act on people, keys, roles or policies keep books themselves."""
    if not any(event.kind in ADMINISTRATIVE for event in voucher.events):
        return
    signers = [voucher.statement.maker, *(item.approval.person for item in voucher.approvals)]
    if len(signers) > 1 and all(_keeps_books(authority, officer) for officer in signers):
        yield Finding("W_ADMINISTRATORS_KEEP_BOOKS", -1, (("officers", "、".join(signers)),))


def _keeps_books(authority: Authority, officer: str) -> bool:
    places = {*authority.entities, EVERYWHERE}
    return any(authority.holds(officer, role, entity) for role in _BOOKKEEPING for entity in places)
