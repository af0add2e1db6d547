"""Where an entity's money lies: its bank accounts and cash boxes, registered before files name them.

An account's number stays in the vault; the log knows the account by the entity's own short name and by a keyed
reference of the number, so that a statement finds its account and a reader learns nothing. Source: Charity Law art. 26
(all income goes to the entity's own accounts).
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.flows.event import Event, Stage
from ledger.flows.fields import AccountId, Day, FundId, Label, NumberLabel
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

Aliases = Annotated[tuple[Label, ...], Field(max_length=20)]

_ACCOUNT: Literal["bank.account_registered"] = "bank.account_registered"


class AccountRegistered(Event):
    """A bank account or cash box of the entity. `aliases` are the words that registers use for it (工行9991)."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["bank.account_registered"] = _ACCOUNT
    version: Literal[1] = 1
    account: AccountId
    holding: Literal["bank", "cash", "transit", "deposit"]
    bank: Label | None
    """The bank's short name (工商银行); statements without an account number are known by their bank's format."""
    aliases: Aliases
    number_ref: NumberLabel | None
    """The keyed reference of the account number; null for a cash box."""
    default_fund: FundId
    """The fund that bears what the bank does by itself, and that holds money nobody has explained yet."""
    opened_on: Day

    def needs(self) -> tuple[Need, ...]:
        return (account_need(self.account), fund_need(self.default_fund))


def account_need(account: str) -> Need:
    """The history that tells what an account is."""
    return Need(f"account:{account}", (_ACCOUNT,))


@rule(AccountRegistered, code="ACCOUNT_TWICE", source="会计法 art. 16 (no books beside the books)", form=True)
def account_once(event: AccountRegistered, model: Knowledge) -> Verdict:
    need = account_need(event.account)
    if model.history(need.tag, *need.kinds):
        yield {"account": event.account}


@rule(AccountRegistered, code="FUND_UNKNOWN", source="慈善法 art. 54", form=True)
def fund_is_known(event: AccountRegistered, model: Knowledge) -> Verdict:
    yield from unknown(model, event.default_fund)
