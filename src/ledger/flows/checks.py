"""What many flows ask in the same words: was this movement recorded before, is there enough, is the day in the future.

Each function is the body of a rule: it yields the parameters of a finding, nothing when all is well. A flow file names
the code, the season and the source.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final, Literal, Protocol, TypeVar

from ledger.accounts.roles import Role
from ledger.flows.event import Event
from ledger.flows.in_words import WORDS_SINCE, says_a_number, words_of
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.rules import Verdict, rule

Named = TypeVar("Named", bound=Callable[[Any], Iterable[Need]])

Purse = Literal["bank", "cash"]
"""Where an entity pays from: a bank account or a cash box, both named by an `AccountId`."""
Means = Literal["bank", "cash", "channel"]
"""How a gift comes in: also by a channel (WeChat, Alipay, a platform), which is settled later."""

OWN_SINCE: Final = 5
"""The edition of the rules since which what is public money of one entity is no matter of another."""

_ROLE: Final[dict[str, Role]] = {"bank": Role.BANK, "cash": Role.CASH, "channel": Role.CHANNEL}


class Movement(Protocol):
    """An event with a movement number."""

    @property
    def movement(self) -> str:
        """Its `MovementId`."""


class Carried(Protocol):
    """An event whose money came or went by some means."""

    @property
    def means(self) -> str:
        """A `Means`."""

    @property
    def account(self) -> str | None:
        """The bank account or cash box."""

    @property
    def channel(self) -> str | None:
        """The channel."""


class Portion(Protocol):
    """A part of an event that has an amount."""

    @property
    def fen(self) -> int:
        """Its amount."""


def role_of(means: str) -> Role:
    """The liquid role of a means: bank, cash or channel."""
    return _ROLE[means]


def holder(event: Carried) -> tuple[Role, str]:
    """The role and party of the account that an event's money came to or went from."""
    return role_of(event.means), (event.channel if event.means == "channel" else event.account) or ""


def total(parts: Iterable[Portion]) -> int:
    """The sum of the parts' amounts in fen."""
    return sum(part.fen for part in parts)


def find(model: Knowledge, need: Need) -> Sequence[Recorded]:
    """The history of a need."""
    return model.history(need.tag, *need.kinds)


def ours(model: Knowledge, need: Need) -> Sequence[Recorded]:
    """The history of a need inside the voucher's entity: two entities may both have a fund `general`."""
    return [recorded for recorded in find(model, need) if recorded.entity == model.entity]


def own(model: Knowledge, need: Need) -> Sequence[Recorded]:
    """The history of a need inside the voucher's entity; before the fifth edition that of every entity."""
    return find(model, need) if model.edition < OWN_SINCE else ours(model, need)


def movement_need(event: Movement) -> Need:
    """The history in which a movement's number may stand already."""
    return Need(f"movement:{event.movement}")


def moved_before(event: Movement, model: Knowledge) -> Verdict:
    """A movement number that is taken: the same row of a file again."""
    for recorded in find(model, movement_need(event)):
        yield {"movement": event.movement, "number": recorded.number, "kind": recorded.event.kind}
        return


def taken(model: Knowledge, need: Need, **params: str) -> Verdict:
    """An identifier that may be used once, and was: the finding names the voucher that used it."""
    for recorded in find(model, need):
        yield {**params, "number": recorded.number}
        return


def own_matters(
    *events: type[Event], edition: int = 3, across: Callable[[Knowledge], bool] | None = None
) -> Callable[[Named], Named]:
    """A rule by what it names: E_OF_ANOTHER_ENTITY where that was recorded by another entity first. Two charities of
    one book share no matter. `across` says for which voucher's entity another's matter is its own too.
    """

    def register(named: Named) -> Named:
        def check(event: Any, model: Knowledge) -> Verdict:
            if across is not None and across(model):
                return
            entity, needs = model.entity, named(event)
            strange = [need for need in needs if (history := find(model, need)) and history[0].entity != entity]
            for need in dict.fromkeys(strange):
                first = find(model, need)[0]
                yield {"value": need.tag.partition(":")[2], "owner": first.entity, "number": first.number}

        source = "民间非营利组织会计制度 (会计主体)"
        rule(*events, code="OF_ANOTHER_ENTITY", source=source, form=True, edition=edition)(check)
        return named

    return register


def mixed_means(event: Carried) -> Verdict:
    """Means that do not fit: a channel is named for channel money only, an account for everything else."""
    by_channel = event.means == "channel"
    if (event.channel is not None) != by_channel or (event.account is not None) == by_channel:
        yield {"means": event.means, "account": event.account, "channel": event.channel}


def in_future(model: Knowledge, day: date) -> Verdict:
    """A day on which nothing can have happened yet."""
    if day > model.today:
        yield {"on": day.isoformat(), "today": model.today.isoformat()}


def fund_short(model: Knowledge, fund: str, fen: int) -> Verdict:
    """More than a fund can still promise: its liquid accounts, less agency money, less open commitments."""
    available = model.available(fund)
    if fen > available:
        yield {"fund": fund, "amount_fen": fen, "available_fen": available}


def account_short(model: Knowledge, fund: str, where: tuple[Role, str], fen: int) -> Verdict:
    """More than a fund holds on one account, cash box or channel."""
    role, party = where
    held = model.balance(fund, role, party)
    if fen > held:
        yield {"fund": fund, "account": party, "amount_fen": fen, "held_fen": held}


def personal(event: Event, model: Knowledge, *names: str) -> Verdict:
    """The fields of an event that seem to hold a person's number. Those that are names in words are told of every event
    since the seventh edition, and not here again.
    """
    told = {name for name, _ in words_of(type(event))} if model.edition >= WORDS_SINCE else ()
    for name in names:
        text = getattr(event, name)
        if text is not None and name not in told and says_a_number(text):
            yield {"field": name}


def distinct(values: Sequence[object]) -> bool:
    """Whether no value stands twice."""
    return len(set(values)) == len(values)
