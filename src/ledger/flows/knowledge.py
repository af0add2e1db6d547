"""The words in which a rule asks: what was recorded, what a fund holds, who may do what, which periods are open.

This is the protocol only; `ledger.decisions` answers it from the database plus what the same batch has accepted.
Reversed events and their reversals never appear in a history: a slot that a reversal frees is free in every rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

from ledger.accounts.roles import Role
from ledger.catalogue import Words, say

if TYPE_CHECKING:
    from ledger.accounts.legs import Leg
    from ledger.flows.event import Event


Folded = TypeVar("Folded")
Fold = Callable[[Sequence["Recorded"], str], Folded]
"""What a history comes to, asked with a word (an id, a month); a pure function that a module defines."""

NEEDS_KEPT: Final = 2_048
"""How many needs a function keeps that makes them: an event's own are named by `needs` and again by its rules."""


class Need(NamedTuple):
    """One history to have at hand: every event with this tag, of these kinds (empty: of any kind)."""

    tag: str
    kinds: tuple[str, ...] = ()


class Recorded(NamedTuple):
    """An event as the log holds it: where, in which voucher, of which entity, on which business date."""

    position: int
    event: "Event"
    entity: str
    voucher_date: date
    number: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule has to say of one event. `code` starts with E_ (refuses) or W_ (is recorded and shown)."""

    code: str
    event: int
    """Index of the event in its voucher, from 0; -1 speaks of the voucher as a whole."""
    params: tuple[tuple[str, Any], ...] = ()
    demands: bool = False
    """A fact that breaks a rule: it is recorded, but only with an explanation and a second person's signature."""
    named: tuple[tuple[str, Words], ...] = field(default=(), compare=False, repr=False)
    """What the parameters name, as people call it: for whoever reads the finding, and never recorded."""

    @property
    def refuses(self) -> bool:
        """Whether this finding keeps the voucher out of the log."""
        return self.code.startswith("E_")

    def message(self, language: str = "zh") -> str:
        """The finding's sentence in `zh` or `en`."""
        return say(self.code, language, **{**dict(self.params), **dict(self.named)})


class Knowledge(Protocol):
    """What a rule may know while it judges one event of one voucher."""

    @property
    def entity(self) -> str:
        """The entity of the voucher."""

    @property
    def voucher_date(self) -> date:
        """凭证日期 of the voucher."""

    @property
    def today(self) -> date:
        """The day of `posted_at`, in +08:00."""

    @property
    def edition(self) -> int:
        """The edition of the rules that judges (see `rules.EDITION`)."""

    def history(self, tag: str, *kinds: str) -> Sequence[Recorded]:
        """Recorded events with a tag, in position order, without reversed pairs; only what a `Need` announced or
        what can be read on demand.
        """

    def folded(self, fold: Fold[Folded], need: Need, word: str) -> Folded:
        """`fold(history, word)` over the history of a need, done once however many rules ask until the history grows.

        What it gives is shared: nobody changes it.
        """

    def by_id(self, event_id: str) -> Recorded | None:
        """The recorded event of that id, reversed or not."""

    def is_reversed(self, event_id: str) -> bool:
        """Whether a reversal of that event stands in the log or earlier in this voucher."""

    def legs_of(self, position: int) -> Sequence["Leg"]:
        """The legs that the event at a position posted, in roles; what a reversal negates."""

    def balance(self, fund: str, role: Role, party: str | None = None) -> int:
        """Signed fen (debit positive) of a fund's accounts of a role in the voucher's entity, now; of one party or,
        with None, of all.
        """

    def balance_at(self, month: str, fund: str, role: Role, party: str) -> int:
        """Signed fen of one account at the end of a month, as far as it is recorded now: what was recorded for later
        days is left out.
        """

    def available(self, fund: str) -> int:
        """Fen that the fund can still promise: liquid accounts minus agency money, money that nobody has
        claimed, and open commitments.
        """

    def bank_balance(self, account: str) -> int:
        """Signed fen of one bank account or cash box over all funds of the entity."""

    def holds(self, officer: str, role: str, entity: str) -> bool:
        """Whether a person holds a role for an entity at this position."""
