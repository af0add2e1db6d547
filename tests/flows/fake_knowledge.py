"""A `Knowledge` that keeps everything in memory: what flow tests judge and post against.

`record` posts without judging (what is already in the log), `judge` gives every finding, `accept` judges and records
unless something refuses. While it judges or posts it insists that a flow reads only the histories it announced in
`needs()`, in `may_need()` or in `leads_to()`: a read that was not announced would be a read the writer has not loaded.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from ledger.accounts.legs import Leg, require_balanced
from ledger.accounts.roles import LIQUID, Role
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Fold, Folded, Need, Recorded
from ledger.flows.rules import EDITION, asked_of
from tests.plain_sentences import require_plain

Key = tuple[str, Role, str]

T = TypeVar("T")


class UnannouncedReadError(AssertionError):
    """A rule or a posting read a history that `needs()` did not announce."""


@dataclass
class FakeKnowledge:
    """The log of one book in memory. `entity`, `voucher_date` and `today` are those of the voucher being judged."""

    entity: str = "charity"
    voucher_date: date = date(2025, 9, 30)
    today: date = date(2025, 9, 30)
    edition: int = EDITION
    closed_months: set[tuple[str, str]] = field(default_factory=set)
    roles: set[tuple[str, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._log: list[Recorded] = []
        self._legs: list[tuple[Leg, ...]] = []
        self._by_tag: defaultdict[str, list[Recorded]] = defaultdict(list)
        self._by_id: dict[str, Recorded] = {}
        self._reversed: set[str] = set()
        self._balances: defaultdict[str, defaultdict[Key, int]] = defaultdict(lambda: defaultdict(int))
        self._dated: list[tuple[str, date, Leg]] = []
        self._allowed: frozenset[Need] | None = None

    # ---- what a test does

    def record(self, *events: Event, entity: str | None = None, on: date | None = None) -> list[Recorded]:
        """Append events one by one with their postings, without judging them."""
        return [self._append(event, entity or self.entity, on or self.voucher_date) for event in events]

    def judge(self, event: Event, index: int = 0) -> list[Finding]:
        """Every finding of the event's rules, in the order of the flow file; its sentence must be plain."""
        rules = asked_of(type(event))
        found = self._restricted(event, lambda: [one for rule in rules for one in rule.judge(event, index, self)])
        for finding in found:
            require_plain(finding.code, finding.message())
        return found

    def codes(self, event: Event) -> list[str]:
        """The codes of `judge`, each once, in order."""
        return list(dict.fromkeys(finding.code for finding in self.judge(event)))

    def legs(self, event: Event) -> tuple[Leg, ...]:
        """What the event would post now; checked to sum to zero by fund and book."""
        found = tuple(self._restricted(event, lambda: event.postings(self)))
        require_balanced(found)
        return found

    def accept(self, *events: Event) -> list[Finding]:
        """Judge and record each event; raises AssertionError with the codes when one is refused. Gives the warnings."""
        warnings: list[Finding] = []
        for event in events:
            findings = self.judge(event)
            refused = [finding for finding in findings if finding.refuses]
            if refused:
                message = f"{event.kind} refused: {refused}"
                raise AssertionError(message)
            warnings += findings
            self.record(event)
        return warnings

    def reverse(self, event_id: str) -> None:
        """Take an event back as a reversal would: negate its legs and drop it from every history."""
        target = self._by_id[event_id]
        self._reversed.add(event_id)
        self._post(target.entity, tuple(_negated(leg) for leg in self._legs[target.position - 1]), self.voucher_date)

    def every_balance(self) -> list[tuple[Key, int]]:
        """Every account that was ever posted to in the entity's books: (fund, role, party) and its signed fen."""
        return list(self._balances[self.entity].items())

    # ---- the protocol it fulfils

    def history(self, tag: str, *kinds: str) -> Sequence[Recorded]:
        if self._allowed is not None and Need(tag, kinds) not in self._allowed:
            message = f"history({tag!r}, {kinds}) was not announced; needs() gave {sorted(self._allowed)}"
            raise UnannouncedReadError(message)
        wanted = frozenset(kinds)
        return [
            entry
            for entry in self._by_tag[tag]
            if (not wanted or entry.event.kind in wanted) and entry.event.id not in self._reversed
        ]

    def folded(self, fold: Fold[Folded], need: Need, word: str) -> Folded:
        return fold(self.history(need.tag, *need.kinds), word)

    def by_id(self, event_id: str) -> Recorded | None:
        return self._by_id.get(event_id)

    def is_reversed(self, event_id: str) -> bool:
        return event_id in self._reversed

    def legs_of(self, position: int) -> Sequence[Leg]:
        return self._legs[position - 1]

    def balance(self, fund: str, role: Role, party: str | None = None) -> int:
        books = self._balances[self.entity]
        if party is not None:
            return books[fund, role, party]
        return sum(fen for (f, r, _), fen in books.items() if f == fund and r is role)

    def balance_at(self, month: str, fund: str, role: Role, party: str) -> int:
        later = (leg for entity, on, leg in self._dated if entity == self.entity and on.isoformat()[:7] > month)
        after = (leg.amount_fen for leg in later if (leg.fund, leg.role, leg.party) == (fund, role, party))
        return self.balance(fund, role, party) - sum(after)

    def available(self, fund: str) -> int:
        liquid = sum(self.balance(fund, role) for role in LIQUID)
        owed, waiting, promised = 0, 0, 0
        for (name, role, party), fen in self._balances[self.entity].items():
            if name == fund and role is Role.AGENCY and not party.endswith(":goods"):
                owed += fen
            elif name == fund and role is Role.SUSPENSE:
                waiting += fen if self.edition > 9 else 0
            elif name == fund and role is Role.COMMITTED:
                promised += max(0, fen)
        return liquid + min(0, owed) + min(0, waiting) - promised

    def bank_balance(self, account: str) -> int:
        books = self._balances[self.entity].items()
        return sum(fen for (_, role, party), fen in books if party == account and role in LIQUID)

    def holds(self, officer: str, role: str, entity: str) -> bool:
        return (officer, role, entity) in self.roles or (officer, role, "*") in self.roles

    # ---- inside

    def _append(self, event: Event, entity: str, on: date) -> Recorded:
        legs = self.legs(event)
        position = len(self._log) + 1
        entry = Recorded(position, event, entity, on, position)
        self._log.append(entry)
        self._legs.append(legs)
        self._by_id[event.id] = entry
        for tag in event.tags():
            self._by_tag[tag].append(entry)
        if event.kind == "event.reversed":
            self._reversed |= {event.id, str(getattr(event, "target"))}  # noqa: B009 - the class is not ours to import
        self._post(entity, legs, on)
        return entry

    def _post(self, entity: str, legs: Sequence[Leg], on: date) -> None:
        for leg in legs:
            self._dated.append((entity, on, leg))
            self._balances[entity][leg.fund, leg.role, leg.party] += leg.amount_fen

    def _restricted(self, event: Event, work: Callable[[], T]) -> T:
        """Run work that may read only what the event announced."""
        self._allowed = frozenset((*event.needs(), *event.may_need()))
        try:
            self._allowed |= frozenset(event.leads_to(self))
            return work()
        finally:
            self._allowed = None


def _negated(leg: Leg) -> Leg:
    return Leg(leg.fund, leg.role, -leg.amount_fen, leg.party, leg.book, leg.code)
