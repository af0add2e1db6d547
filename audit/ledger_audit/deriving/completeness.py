"""What is missing, apart from whether the book holds: bank lines without events, statements that do not join, receipt
numbers left out, pledges overdue, days of the access log that no root binds, vouchers that no witness has seen, and how
old the last entry is.

Nothing here makes a book wrong; a book may be wholly intact and not complete.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import Final

from sqlalchemy import Connection, func, select

from ledger.accounts.roles import Role
from ledger.flows.authority.access import AccessRooted
from ledger.flows.authority.administrators import TWO_ACT, acting
from ledger.flows.authority.book import ACTING
from ledger.flows.books.bank import BankInterest, Fee
from ledger.flows.books.chains import KnownLine, statement_breaks
from ledger.flows.books.matching import Allocation
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.reversal import EventReversed
from ledger.flows.books.statements import LineRecorded, StatementImported
from ledger.flows.collecting.boxes import CashBanked
from ledger.flows.collecting.suspense import SuspenseReceived
from ledger.flows.giving.pledges import Instalment, PledgeAmended, PledgeMade
from ledger.flows.giving.receipt_series import Series, left_out, numbered
from ledger.flows.knowledge import Recorded
from ledger.log.side_tables import access_log
from ledger.signing.vkeys import NoteVerifier
from ledger_audit.deriving.issues import Issues
from ledger_audit.deriving.replay import Replay
from ledger_audit.deriving.witnessed import unwitnessed

BIND_DAYS: Final = 2
"""A day's access log is bound on the day after; when that one is over as well, it should have been."""

SOON_DAYS: Final = 30
"""How long before their keys end the administrators are told."""

STALE_DAYS: Final = 45
"""A book is posted monthly and closed within two weeks of the month's end."""


@dataclass(slots=True)
class Completeness:
    """Collects while the log is walked; reversed events are left out at the end."""

    _lines: dict[str, tuple[Recorded, LineRecorded]] = field(default_factory=dict)
    _parts: list[tuple[str, str, int]] = field(default_factory=list)
    """(event id, line, signed fen that it explains)"""
    _statements: list[tuple[Recorded, StatementImported]] = field(default_factory=list)
    _receipts: list[tuple[str, Series, int]] = field(default_factory=list)
    """(event id, series, number)"""
    _pledges: defaultdict[str, list[tuple[Recorded, Sequence[Instalment]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Pledge -> each event that agreed on days, with those: the last one that stands holds."""
    _gone: set[str] = field(default_factory=set)
    _bound: set[date] = field(default_factory=set)

    def learn(self, item: Recorded) -> None:
        """One derived event."""
        event = item.event
        if isinstance(event, LineRecorded):
            self._lines[event.line] = (item, event)
        elif isinstance(event, Allocation):
            self._parts.append((event.id, event.line, sum(part.amount_fen for part in event.parts)))
        elif isinstance(event, BankInterest | Fee | SuspenseReceived | CashBanked) and event.line is not None:
            sign = -1 if isinstance(event, Fee) else 1
            self._parts.append((event.id, event.line, sign * event.amount_fen))
        elif isinstance(event, StatementImported):
            self._statements.append((item, event))
        elif (receipt := numbered(item.entity, event)) is not None:
            self._receipts.append((event.id, *receipt))
        elif isinstance(event, PledgeMade | PledgeAmended):
            self._pledges[event.pledge].append((item, event.instalments))
        elif isinstance(event, OpeningRecorded):
            for owed in event.pledges:
                due = () if owed.due is None else (Instalment(due=owed.due, fen=owed.amount_fen),)
                self._pledges[owed.pledge].append((item, due))
        elif isinstance(event, EventReversed):
            self._gone.add(event.target)
        elif isinstance(event, AccessRooted):
            self._bound.add(event.day)

    def issues(
        self, connection: Connection, replay: Replay, today: date, witnesses: Sequence[NoteVerifier] = ()
    ) -> Issues:
        """Everything that is missing as of a day; what `witnesses` signed is checked."""
        found = Issues()
        self._open_lines(found)
        self._broken_chains(found)
        self._receipt_gaps(found)
        self._overdue(found, replay, today)
        self._unbound(connection, found, today)
        unwitnessed(connection, found, replay.number, witnesses)
        _few_administrators(found, replay, today)
        if replay.earlier:
            found.add("W_EARLIER_RULES", replay.earlier[0], count=len(replay.earlier))
        if replay.posted_at:
            days = (today - date.fromisoformat(replay.posted_at[:10])).days
            if days > STALE_DAYS:
                found.add("W_STALE", replay.position, days=days, posted_at=replay.posted_at)
        return found

    def _open_lines(self, found: Issues) -> None:
        explained: defaultdict[str, int] = defaultdict(int)
        for event_id, line, fen in self._parts:
            if event_id not in self._gone:
                explained[line] += fen
        left: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for line, (item, event) in self._lines.items():
            open_fen = event.amount_fen - explained[line]
            if open_fen and event.id not in self._gone:
                left[event.account].append((item.position, abs(open_fen)))
        for account, lines in sorted(left.items()):
            open_fen = sum(fen for _, fen in lines)
            found.add("W_OPEN_LINES", lines[0][0], account=account, count=len(lines), open_fen=open_fen)

    def _broken_chains(self, found: Issues) -> None:
        """What a statement's own rows admit, and statements of one account that do not join."""
        by_account: defaultdict[tuple[str, str], list[tuple[Recorded, StatementImported]]] = defaultdict(list)
        for item, event in self._statements:
            if event.id not in self._gone:
                by_account[event.account, item.entity].append((item, event))
                breaks = self._breaks(event, item.entity) if event.breaks else 0
                if breaks:
                    where = {"account": event.account, "statement": event.statement}
                    found.add("W_STATEMENT_BREAKS", item.position, **where, breaks=breaks)
        for (account, _), statements in sorted(by_account.items()):
            ordered = sorted(statements, key=lambda one: (one[1].first_day, one[1].last_day))
            for (_, before), (item, after) in pairwise(ordered):
                if before.last_day < after.first_day and before.closing_fen != after.opening_fen:
                    sums = {"closing_fen": before.closing_fen, "opening_fen": after.opening_fen}
                    found.add("W_STATEMENTS_APART", item.position, account=account, **sums)

    def _breaks(self, statement: StatementImported, entity: str) -> int:
        """The breaks of an entity's statement that its lines of those days from other files did not close."""
        known = [
            KnownLine(line.amount_fen, line.balance_fen, line.occurred_at[:10], line.statement)
            for item, line in self._lines.values()
            if (item.entity, line.account) == (entity, statement.account)
            and str(statement.first_day) <= line.occurred_at[:10] <= str(statement.last_day)
            and line.id not in self._gone
        ]
        return statement_breaks(statement, known)

    def _receipt_gaps(self, found: Issues) -> None:
        used: defaultdict[Series, set[int]] = defaultdict(set)
        for event_id, series, number in self._receipts:
            if event_id not in self._gone:
                used[series].add(number)
        for series, missing in left_out(used):
            count = sum(last - first + 1 for first, last in missing)
            texts = [(series.text(first), series.text(last)) for first, last in missing[:20]]
            shown = ", ".join(first if first == last else f"{first}-{last}" for first, last in texts)
            found.add("W_RECEIPTS_LEFT_OUT", 0, receipt_code=series.code, count=count, numbers=shown)

    def _overdue(self, found: Issues, replay: Replay, today: date) -> None:
        """Pledges whose instalments of days gone by are more than what no longer is outstanding."""
        left: defaultdict[str, int] = defaultdict(int)
        for (account, role), (fen, _) in replay.totals.balances.items():
            if role == Role.PLEDGED.value:
                left[account[4]] += fen
        for pledge, told in sorted(self._pledges.items()):
            standing = [one for one in told if one[0].event.id not in self._gone]
            if not standing:
                continue
            item, terms = standing[-1]
            later = sum(one.fen for one in terms if one.due >= today)
            due = [one for one in terms if one.due < today]
            overdue_fen = left[pledge] - later
            if due and overdue_fen > 0:
                oldest = oldest_open(due, overdue_fen).isoformat()
                found.add("W_PLEDGE_OVERDUE", item.position, pledge=pledge, overdue_fen=overdue_fen, due=oldest)

    def _unbound(self, connection: Connection, found: Issues, today: date) -> None:
        """Days whose readings could still be changed unseen: those that have rows, and from the first day that was
        bound every day, for one without rows may be one whose rows are gone.
        """
        day = func.substr(access_log.c.at, 1, 10)
        counts = {str(row[0]): int(row[1]) for row in connection.execute(select(day, func.count()).group_by(day))}
        last = today - timedelta(days=BIND_DAYS)
        due = {text for text in counts if text <= last.isoformat() or text > today.isoformat()}
        if self._bound:
            first = min(self._bound)
            due |= {(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)}
        missing = sorted(due - {one.isoformat() for one in self._bound})
        if missing:
            rows = sum(counts.get(one, 0) for one in missing)
            found.add("W_ACCESS_UNBOUND", 0, days=len(missing), rows=rows, shown=", ".join(missing[:20]))


def _few_administrators(found: Issues, replay: Replay, today: date) -> None:
    """Keys end by themselves, without an act that could be refused: whether two can still act in a while."""
    soon = today + timedelta(days=SOON_DAYS)
    items = replay.memory.history(ACTING.tag, ACTING.kinds)
    left = acting((item.event for item in items), soon)
    if items and len(left) < TWO_ACT:
        found.add("W_ADMINISTRATORS_FEW", items[-1].position, left=len(left), until=soon.isoformat())


def oldest_open(due: Sequence[Instalment], overdue_fen: int) -> date:
    """The day of the first instalment that is not paid in full: what came in pays the oldest first."""
    paid_fen = sum(one.fen for one in due) - overdue_fen
    ordered = sorted(due, key=lambda one: one.due)
    sums = accumulate(one.fen for one in ordered)
    return next(one.due for one, fen in zip(ordered, sums, strict=True) if fen > paid_fen)
