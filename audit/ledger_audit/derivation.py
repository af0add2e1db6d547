"""The full verification: doubts the software and the people. Everything that is stored is derived again and compared.

From the signed bytes of each voucher it takes tags, postings, running balances, numbers, balances and findings again
and judges every rule as it stood; integrity and completeness are two verdicts and are never mixed.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, select

from ledger.errors import EvidenceError, LedgerError
from ledger.flows.authority.access import AccessRooted
from ledger.flows.books.periods import PeriodClosed
from ledger.flows.knowledge import Recorded
from ledger.log import tables
from ledger.log.keeping import life
from ledger.signing.leaves import Leaf
from ledger.signing.statements import Statement
from ledger.signing.vkeys import NoteVerifier
from ledger.values.dates import Period
from ledger.vault.access_root import AccessRoot, access_root
from ledger_audit.deriving.comparing import Page, compare_voucher
from ledger_audit.deriving.completeness import Completeness
from ledger_audit.deriving.issues import Issues
from ledger_audit.deriving.replay import Replay, Row
from ledger_audit.deriving.stored import BESIDE, any_text, as_stored, beside, guarded, row_of
from ledger_audit.deriving.totals import checkpoints, compare_totals
from ledger_audit.deriving.trials import closing_root

PAGE_VOUCHERS: Final = 200
PAGE_EVENTS: Final = 4_000
"""How much is read at once; a voucher of more events is read alone."""
ABSENT_TOLD: Final = 100
_LAST: Final = 2**63 - 1
"""No position is larger."""

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification came to. `first_bad` is the first position of the voucher where the first finding lies."""

    vouchers: int
    events: int
    postings: int
    integrity: Issues
    completeness: Issues
    first_bad: int | None

    @property
    def holds(self) -> bool:
        """Whether the book is what its signed bytes say."""
        return not self.integrity

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """Both verdicts, apart."""
        checked = {"vouchers": self.vouchers, "events": self.events, "postings": self.postings}
        return {
            "integrity": {
                "ok": self.holds,
                "first_bad": self.first_bad,
                "count": self.integrity.count,
                "findings": [issue.to_json(language) for issue in self.integrity],
                "checked": checked,
            },
            "completeness": {
                "ok": not self.completeness,
                "count": self.completeness.count,
                "findings": [issue.to_json(language) for issue in self.completeness],
            },
        }


def verify_book(
    connection: Connection, today: date, step: Step | None = None, witnesses: Sequence[NoteVerifier] = ()
) -> Verdict:
    """Verify the whole book as this connection sees it (one snapshot). `today` is a day, for what is overdue; lines of
    witnesses count under the keys that are given.
    """
    issues = Issues()
    replay, complete = Replay(connection, issues), Completeness()
    with closing(replay.memory.index), any_text(connection):
        return _verified(connection, replay, complete, (today, witnesses), step)


def _verified(
    connection: Connection,
    replay: Replay,
    complete: Completeness,
    known: tuple[date, Sequence[NoteVerifier]],
    step: Step | None,
) -> Verdict:
    issues = replay.issues
    walked = _walk(connection, replay, complete, step)
    if walked:
        compare_totals(connection, replay, issues)
    else:
        checkpoints(connection, replay, issues)
    for table in life.guarded(connection, BESIDE):
        with guarded(issues, table.name):
            beside(connection, issues, table)
    missing = Issues()
    with guarded(issues, "completeness"):
        missing = complete.issues(connection, replay, *known)
    first = issues.first
    if first is not None:
        # A voucher that could not be walked begins where the walk ended.
        first = replay.memory.start_of(first if walked else min(first, replay.position + 1))
    return Verdict(replay.number, replay.position, replay.totals.postings, issues, missing, first)


def _walk(connection: Connection, replay: Replay, complete: Completeness, step: Step | None) -> bool:
    """Walk all vouchers; False when one could not be read, for nothing after it can be derived."""
    told = connection.scalar(select(tables.head.c.position))
    total = told if isinstance(told, int) else 0
    while rows := _page(connection, replay.number):
        last, leaves = replay.position, list[tuple[Leaf, int] | None]()
        for row in rows:
            leaves.append(found := _leaf(replay, row, last + 1))
            last += 0 if found is None else found[1]
        page = Page(connection, replay.issues, replay.position + 1, min(last, _LAST))
        for row, found in zip(rows, leaves, strict=True):
            if found is None or not _voucher(connection, replay, row, found, page, complete):
                return False
        if step is not None:
            step(replay.position, total)
    return True


def _page(connection: Connection, after: int) -> Sequence[Row]:
    """The next vouchers. What they say of their counts may be false; it only decides how many are read at once."""
    table = tables.vouchers
    chosen = as_stored(table).where(table.c.number > after).order_by(table.c.number).limit(PAGE_VOUCHERS)
    rows: list[Row] = []
    events = 0
    for row in map(row_of, connection.execute(chosen)):
        events += row["count"] if isinstance(row["count"], int) else 1
        if rows and events > PAGE_EVENTS:
            break
        rows.append(row)
    return rows


def _leaf(replay: Replay, row: Row, place: int) -> tuple[Leaf, int] | None:
    """The leaf and how many events its statement states; None when it cannot be read."""
    try:
        leaf = Leaf.from_bytes(_bytes(row["leaf"]))
        return leaf, Statement.from_bytes(leaf.envelope.payload).events.count
    except LedgerError as error:
        replay.issues.add("E_DERIVE_FORM", place, number=row["number"], reason=error.code, where="leaf")
        return None


def _bytes(cell: object) -> bytes:
    """What stands where bytes belong; anything else is no leaf."""
    return cell if isinstance(cell, bytes) else b""


def _voucher(
    connection: Connection, replay: Replay, row: Row, found: tuple[Leaf, int], page: Page, complete: Completeness
) -> bool:
    """Derive one voucher and compare it; False when its bytes or signatures do not hold."""
    (leaf, count), first = found, replay.position + 1
    if row["number"] != replay.number + 1:
        replay.issues.add("E_DERIVE_MISSING", first, table="vouchers", key=str(replay.number + 1))
        return False
    # A count that nobody signed may be any number, so that no more is told than a person reads.
    absent = list(islice((place for place in range(first, first + count) if place not in page.events), ABSENT_TOLD))
    for place in absent:
        replay.issues.add("E_DERIVE_MISSING", place, table="events", key=str(place))
    if absent:
        return False
    data = [page.events[place]["data"] for place in range(first, first + count)]
    try:
        derived = replay.walk(_bytes(row["leaf"]), leaf, data, page.kept(first, count))
    except LedgerError as error:
        reason = error.message("zh") if error.code == "E_REFUSED" else error.code
        replay.issues.add("E_DERIVE_FORM", first, number=row["number"], reason=reason, where="events")
        return False
    except sqlite3.Error as error:  # of the scratch index: the log's own come as SQLAlchemy's
        raise EvidenceError("E_DATABASE", reason=str(error)[:200]) from error
    except Exception as error:  # noqa: BLE001 - rows that were tampered with may break any rule; it is a finding
        reason = f"{type(error).__name__}: {error}"[:200]
        replay.issues.add("E_DERIVE_FORM", first, number=row["number"], reason=reason, where="rules")
        return False
    compare_voucher(replay.issues, row, page, derived)
    for item in derived.items:
        complete.learn(item)
        if isinstance(item.event, PeriodClosed):
            _closed(connection, replay, item, item.event)
        elif isinstance(item.event, AccessRooted):
            _rooted(connection, replay, item, item.event)
    return True


def _closed(connection: Connection, replay: Replay, item: Recorded, event: PeriodClosed) -> None:
    """The root that a close names is that of the trial balance at its lock."""
    root = "-"
    with guarded(replay.issues, "postings", item.position):
        try:
            root = closing_root(connection, event.entity, Period.parse(event.period), event.position)
        except (LedgerError, KeyError) as error:
            root = error.code if isinstance(error, LedgerError) else str(error)
    if root != event.trial_balance_root:
        stated = {"entity": event.entity, "period": event.period, "stored": event.trial_balance_root}
        replay.issues.add("E_DERIVE_CLOSED", item.position, **stated, derived=root)


def _rooted(connection: Connection, replay: Replay, item: Recorded, event: AccessRooted) -> None:
    """The access log of a day is still what it was when its root was signed."""
    found = AccessRoot(0, "")
    with guarded(replay.issues, "access_log", item.position):
        found = access_root(connection, event.day)
    if found != AccessRoot(event.count, event.root):
        stated = {"day": str(event.day), "stated": event.count, "count": found.rows}
        replay.issues.add("E_DERIVE_ACCESS", item.position, **stated)
