"""What is missing, apart from whether the log holds: bank lines that nobody explained, broken balance chains, receipt
numbers left out, pledges overdue, and how old the last entry and the last witness are.

Nothing here makes a log invalid: a book may be wholly intact and not complete, and the two are never mixed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from ledger_audit.verifier.findings import NOWHERE, Finding, Place
from ledger_audit.verifier.formats.canonical import FaultError, count_at, fen_at, text_at, uuid_at
from ledger_audit.verifier.pledges import Pledges

SHOWN: Final = 20
"""How many places one finding names; its count says how many there are."""
STALE_DAYS: Final = 45
"""A book is posted at least monthly and closed within two weeks of the month's end."""

LOOSE_ENDS: Final = 8
"""Besides its own ends, so many balances are tried at which the lines of a statement's days may begin or end."""

NO_CODE: Final = "register"
"""Stands for the code of a receipt that is known from a register, which has none; also as `register.<entity>`."""
_Series = tuple[str, str, int]
"""Receipts that are numbered together: whose, their code, and how many digits a number has."""


@dataclass(slots=True)
class _Line:
    entity: str
    account: str
    amount_fen: int
    position: int
    event: bytes
    day: str
    balance_fen: int | None
    statement: str


@dataclass(slots=True)
class _Chain:
    """A statement's balances in the order of its rows, which banks print either way round."""

    name: str
    entity: str
    account: str
    position: int
    days: tuple[str, str]
    opening_fen: int
    closing_fen: int
    stated_lines: int
    stated_breaks: int
    event: bytes
    lines: int = 0
    sum_fen: int = 0
    last: tuple[int, int] | None = None
    up_breaks: int = 0
    down_breaks: int = 0

    def row(self, amount_fen: int, balance_fen: int | None) -> None:
        self.lines += 1
        self.sum_fen += amount_fen
        if balance_fen is None:
            return
        if self.last is not None:
            before_amount, before_balance = self.last
            self.up_breaks += before_balance + amount_fen != balance_fen
            self.down_breaks += balance_fen + before_amount != before_balance
        self.last = (amount_fen, balance_fen)

    @property
    def breaks(self) -> int:
        """Rows where the chain breaks, or what the statement itself admits; 1 when only its ends do not meet."""
        found = max(min(self.up_breaks, self.down_breaks), self.stated_breaks)
        ends = self.opening_fen + self.sum_fen != self.closing_fen or self.lines != self.stated_lines
        return found or int(ends)

    def left(self, lines: Iterable[_Line]) -> int:
        """The breaks that remain with all lines of the entity's account: what overlaps stands under another statement,
        what was missing may have come under one. Each balance is where the next line begins, in whatever order.
        """
        own = self.breaks
        whose = (self.entity, self.account)
        ours = (one for one in lines if (one.entity, one.account) == whose)
        mine = [one for one in ours if self.days[0] <= one.day <= self.days[1]]
        steps = [(one.balance_fen - one.amount_fen, one.balance_fen) for one in mine if one.balance_fen is not None]
        if not own or not mine:
            return own
        if len(steps) < len(mine):
            return self._unproven(mine)
        lacking = Counter(before for before, _ in steps)
        lacking.subtract(after for _, after in steps)
        if sum(count for count in lacking.values() if count > 0) > own:
            return own
        firsts, lasts, around = [self.opening_fen], [self.closing_fen], set[int]()
        if len(mine) > self.stated_lines:  # then the days hold more than this statement: it may lie in their midst
            others = [(line.day, step) for line, step in zip(mine, steps, strict=True) if line.statement != self.name]
            at_first = {step[0] for day, step in others if day == self.days[0]}
            at_last = {step[1] for day, step in others if day == self.days[1]}
            firsts += sorted(fen for fen in at_first if lacking[fen] > 0)[:LOOSE_ENDS]
            lasts += sorted(fen for fen in at_last if lacking[fen] < 0)[:LOOSE_ENDS]
            around = (at_first & at_last) | (at_first & {self.closing_fen}) | (at_last & {self.opening_fen})
        ways = [(first, last) for first in firsts for last in lasts]
        ways += [(fen, fen) for fen in around if not lacking[fen]][:1]  # there and back again, from wherever it is seen
        apart = min(self._apart(steps, first, last) for first, last in ways)
        return min(own, apart or int(len(mine) < self.stated_lines))

    def _unproven(self, mine: Sequence[_Line]) -> int:
        """The breaks that remain where lines without a balance allow no walk. Rows that stood already under another
        statement left at most a break each; they must be there, and where nothing else is, all must add up.
        """
        absent = self.stated_lines - self.lines
        total_fen = self.opening_fen + sum(one.amount_fen for one in mine)
        fits = len(mine) > self.stated_lines or total_fen == self.closing_fen
        if absent <= 0 or len(mine) < self.stated_lines or not fits:
            return self.breaks
        return max(self.stated_breaks, min(self.up_breaks, self.down_breaks) - absent)

    def _apart(self, steps: Sequence[tuple[int, int]], first: int, last: int) -> int:
        """Where a path over all steps from a first balance to a last one is interrupted, and whether it misses the
        statement's own opening or closing.
        """
        missed = first != self.opening_fen and all(before != self.opening_fen for before, _ in steps)
        missed_last = last != self.closing_fen and all(after != self.closing_fen for _, after in steps)
        return _interruptions([*steps, (last, first)]) + missed + missed_last


def _interruptions(steps: Sequence[tuple[int, int]]) -> int:
    """The fewest interruptions of a closed path that takes every step once. Balances that steps connect are a group;
    within one group each balance that is left more often than it is reached costs one, and where there are several
    groups, each costs at least one.
    """
    beside: dict[int, set[int]] = {}
    surplus: Counter[int] = Counter()
    for before, after in steps:
        beside.setdefault(before, set()).add(after)
        beside.setdefault(after, set()).add(before)
        surplus[before] += 1
        surplus[after] -= 1
    costs = []
    while beside:
        cost, todo = 0, {next(iter(beside))}
        while todo:
            balance = todo.pop()
            cost += max(0, surplus[balance])
            todo |= {one for one in beside.pop(balance) if one in beside}
        costs.append(cost)
    return costs[0] if len(costs) == 1 else sum(max(1, cost) for cost in costs)


@dataclass(slots=True)
class Completeness:
    """Collects while the log is walked; `findings` says what is missing as of a day."""

    _lines: dict[str, _Line] = field(default_factory=dict)
    _parts: list[tuple[bytes, str, int]] = field(default_factory=list)
    _chains: dict[str, _Chain] = field(default_factory=dict)
    _entity: str = ""
    """Of the event at hand."""
    _receipts: dict[_Series, dict[int, bytes]] = field(default_factory=dict)
    """Series of receipts: number -> the event that used it."""
    pledges: Pledges = field(default_factory=Pledges)
    _reversed: set[bytes] = field(default_factory=set)

    def take(self, event: Mapping[str, Any], position: int, entity: str = "") -> None:
        """One event of an entity; kinds without a say, and events whose fields are not what they should be, pass by."""
        handler = _HANDLERS.get(str(event.get("kind")))
        if handler is not None:
            self._entity = entity
            try:
                handler(self, event, position)
            except (FaultError, KeyError, TypeError):
                return

    def findings(self, now: datetime, posted_at: str) -> list[Finding]:
        """Everything missing as of `now`; `posted_at`: the last entry's time."""
        found = [*self._open_lines(), *self._broken_chains(), *self._apart(), *self._gaps()]
        found += self._overdue(now.date().isoformat())
        if posted_at:
            days = (now - datetime.fromisoformat(posted_at)).days
            if days > STALE_DAYS:
                found.append(Finding("C_STALE", NOWHERE, {"days": days, "posted_at": posted_at}))
        return found

    def _open_lines(self) -> list[Finding]:
        """Bank lines without an entry that explains them whole, by account."""
        explained: dict[str, int] = {}
        for event, explained_line, amount in self._parts:
            if event not in self._reversed:
                explained[explained_line] = explained.get(explained_line, 0) + amount
        left: dict[str, list[tuple[int, int]]] = {}
        for name, line in self._lines.items():
            open_fen = line.amount_fen - explained.get(name, 0)
            if open_fen and line.event not in self._reversed:
                left.setdefault(line.account, []).append((line.position, abs(open_fen)))
        return [
            Finding(
                "C_BANK_LINES",
                Place(position=lines[0][0]),
                {
                    "account": account,
                    "count": len(lines),
                    "open_fen": sum(fen for _, fen in lines),
                    "positions": [position for position, _ in lines[:SHOWN]],
                },
            )
            for account, lines in sorted(left.items())
        ]

    def _broken_chains(self) -> list[Finding]:
        standing = [line for line in self._lines.values() if line.event not in self._reversed]
        return [
            Finding(
                "C_BANK_CHAIN",
                Place(position=chain.position),
                {"account": chain.account, "statement": name, "breaks": left},
            )
            for name, chain in self._chains.items()
            if chain.event not in self._reversed and chain.breaks and (left := chain.left(standing))
        ]

    def _apart(self) -> list[Finding]:
        """Statements of one account of which the next does not begin where the one before it ended: a statement, or a
        month of them, may be missing between.
        """
        by_account: dict[tuple[str, str], list[_Chain]] = {}
        for chain in self._chains.values():
            if chain.event not in self._reversed and all(chain.days):
                by_account.setdefault((chain.account, chain.entity), []).append(chain)
        found = []
        for (account, _), chains in sorted(by_account.items()):
            ends = {(one.days[1], one.closing_fen) for one in chains}  # a day may come in several files
            for before, after in pairwise(sorted(chains, key=lambda one: one.days)):
                if before.days[1] < after.days[0] and (before.days[1], after.opening_fen) not in ends:
                    days = {"closed_on": before.days[1], "opened_on": after.days[0]}
                    sums = {"closing_fen": before.closing_fen, "opening_fen": after.opening_fen}
                    place = Place(position=after.position)
                    found.append(Finding("C_BANK_APART", place, {"account": account, **days, **sums}))
        return found

    def _gaps(self) -> list[Finding]:
        """Receipt numbers left out between the first and the last of each code."""
        found = []
        for (_, code, _), numbers in sorted(self._series().items()):
            gaps = [(a + 1, b - 1) for a, b in pairwise(sorted(numbers)) if b - a > 1]
            if gaps:
                count = sum(last - first + 1 for first, last in gaps)
                shown = [f"{first}" if first == last else f"{first}-{last}" for first, last in gaps[:SHOWN]]
                params = {"receipt_code": code, "count": count, "numbers": shown}
                found.append(Finding("C_RECEIPT_GAP", NOWHERE, params))
        return found

    def _series(self) -> dict[_Series, set[int]]:
        """The numbers that stand. What a register says without the code fills the gaps of every code whose numbers are
        as long; where there is none such, it is a series of its own.
        """
        stand = {
            series: {number for number, event in used.items() if event not in self._reversed}
            for series, used in self._receipts.items()
        }
        found = {series: numbers for series, numbers in stand.items() if series[1] != NO_CODE and numbers}
        for own in (series for series in stand if series[1] == NO_CODE):
            alike = [series for series in found if (series[0], series[2]) == (own[0], own[2])]
            for series in alike:
                first, last = min(found[series]), max(found[series])
                found[series] = found[series] | {number for number in stand[own] if first < number < last}
            if not alike:
                found[own] = stand[own]
        return found

    def _overdue(self, today: str) -> list[Finding]:
        """Pledges whose instalments were due before today and have not all come in."""
        late = self.pledges.overdue(today, self._reversed)
        if not late:
            return []
        params = {
            "count": len(late),
            "overdue_fen": sum(one.fen for one in late),
            "positions": [one.position for one in late[:SHOWN]],
        }
        return [Finding("C_PLEDGES", Place(position=late[0].position), params)]

    # ---- what is kept of each kind

    def line(self, event: Mapping[str, Any], position: int) -> None:
        """A line of a bank statement."""
        amount = fen_at(event, "amount_fen")
        balance, day = event["balance_fen"], str(event.get("occurred_at", ""))[:10]
        statement = text_at(event, "statement")
        own = _Line(
            self._entity, text_at(event, "account"), amount, position, uuid_at(event, "id"), day, balance, statement
        )
        self._lines[text_at(event, "line")] = own
        chain = self._chains.get(statement)
        if chain is not None and chain.entity == self._entity:
            chain.row(amount, balance)

    def statement(self, event: Mapping[str, Any], position: int) -> None:
        """A bank statement: where its balances begin and end."""
        name = text_at(event, "statement")
        self._chains[name] = _Chain(
            name,
            self._entity,
            text_at(event, "account"),
            position,
            (str(event.get("first_day", "")), str(event.get("last_day", ""))),
            fen_at(event, "opening_fen"),
            fen_at(event, "closing_fen"),
            count_at(event, "line_count", 0),
            count_at(event, "breaks", 0),
            uuid_at(event, "id"),
        )

    def allocated(self, event: Mapping[str, Any], _: int) -> None:
        """A line explained by entries."""
        total = sum(fen_at(part, "amount_fen") for part in event["parts"])
        self._parts.append((uuid_at(event, "id"), text_at(event, "line"), total))

    def bank_made(self, event: Mapping[str, Any], _: int) -> None:
        """Interest, fees, unidentified money and banked cash are booked from their line, and explain it."""
        if event["line"] is not None:
            fen = fen_at(event, "amount_fen")
            amount = -fen if event["kind"] == "bank.fee" else fen
            self._parts.append((uuid_at(event, "id"), text_at(event, "line"), amount))

    def receipt(self, event: Mapping[str, Any], _: int) -> None:
        """A receipt's number within its code."""
        self._number(event, text_at(event, "code"), text_at(event, "number"))

    def red_letter(self, event: Mapping[str, Any], _: int) -> None:
        """The number of the red letter that takes a receipt back: it stands among the others."""
        if event["red"] is not None:
            code, _dash, number = text_at(event, "red").rpartition("-")
            self._number(event, code, number)

    def _number(self, event: Mapping[str, Any], code: str, number: str) -> None:
        if number.isascii() and number.isdigit():
            code = NO_CODE if code.startswith(NO_CODE + ".") else code
            used = self._receipts.setdefault((self._entity, code, len(number)), {})
            used[int(number[:18])] = uuid_at(event, "id")

    def reversal(self, event: Mapping[str, Any], _: int) -> None:
        """A reversed event explains nothing and is owed nothing."""
        self._reversed.add(uuid_at({"id": event["target"]}, "id"))


def anchor(now: datetime, witnessed_at: int | None) -> list[Finding]:
    """How old the last word of a witness is, when it is old or there is none."""
    if witnessed_at is None:
        return [Finding("C_NO_WITNESS")]
    days = (now - datetime.fromtimestamp(witnessed_at, UTC)).days
    return [Finding("C_ANCHOR_OLD", NOWHERE, {"days": days})] if days > STALE_DAYS else []


_HANDLERS: Final[Mapping[str, Callable[[Completeness, Mapping[str, Any], int], None]]] = {
    "bank.line_recorded": Completeness.line,
    "bank.statement_imported": Completeness.statement,
    "bank.allocated": Completeness.allocated,
    "bank.interest": Completeness.bank_made,
    "bank.fee": Completeness.bank_made,
    "suspense.received": Completeness.bank_made,
    "cash.banked": Completeness.bank_made,
    "donation.receipt_issued": Completeness.receipt,
    "donation.receipt_reversed": Completeness.red_letter,
    "donation.received": lambda kept, event, position: kept.pledges.gift(event, position),
    "donation.collective": lambda kept, event, position: kept.pledges.gift(event, position),
    "donation.returned": lambda kept, event, position: kept.pledges.gift(event, position),
    "suspense.identified": lambda kept, event, position: kept.pledges.gift(event, position),
    "opening.recorded": lambda kept, event, position: kept.pledges.opening(event, position),
    "pledge.made": lambda kept, event, position: kept.pledges.made(event, position),
    "pledge.amended": lambda kept, event, position: kept.pledges.amended(event, position),
    "pledge.released": lambda kept, event, position: kept.pledges.released(event, position),
    "event.reversed": Completeness.reversal,
}

COUNTED: Final = frozenset(_HANDLERS)
"""Kinds that say whether something is missing."""
