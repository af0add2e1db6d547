"""What the bank says and what explains it, as lines: statements, their lines, and the events they are allocated to.

An event that names the bank line it was made from explains that line, as an allocation does. The other side of the
comparison, the book, is read from the postings. The questions are answered in `reconciliation.py`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from ledger.flows.books.bank import BankFee, BankFeeSpent, BankInterest, Fee
from ledger.flows.books.matching import Allocation, LineAllocated, LineAllocatedOnAccount
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.statements import LineRecorded, StatementImported
from ledger.flows.collecting.boxes import CashBanked
from ledger.flows.collecting.suspense import SuspenseReceived
from ledger.flows.public_money.payment.transit import BatchFunded
from ledger.log.columns import text
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import date_of, lines, whole

STATEMENTS: Final = lines(
    "bank_statements",
    text("statement"),
    text("account"),
    date_of("first_day"),
    date_of("last_day"),
    whole("opening_fen"),
    whole("closing_fen"),
    whole("line_count"),
    whole("breaks"),
    indexes=(("account", "last_day"),),
)
BANK_LINES: Final = lines(
    "bank_lines",
    text("bank_line"),
    text("statement"),
    text("account"),
    date_of("moved_on"),
    text("moved_at"),
    whole("fen"),
    whole("balance_fen", optional=True),
    text("serial", optional=True),
    text("counterparty", optional=True),
    text("memo"),
    indexes=(("account", "moved_on"), ("bank_line",)),
)
"""`fen` is signed: in positive, out negative. An item of the last reconciliation before the book began that the bank
had seen is a line too, named `opening:<n>`."""

EXPLAINED: Final = lines(
    "bank_explained",
    text("bank_line"),
    text("event"),
    whole("fen"),
    text("how"),
    indexes=(("bank_line",), ("event",)),
)
"""Signed parts of a line that an event explains: by allocation, or because the event names the line."""

BEFORE: Final = lines(
    "bank_before",
    text("item"),
    text("account"),
    date_of("moved_on"),
    whole("fen"),
    text("note"),
)
"""未达账项 of the last reconciliation that the book had seen and the bank had not."""

TRANSIT: Final = lines("bank_transit", text("batch"), text("account"))
"""Through which transit account a batch is paid."""

BANK: Final = Projection("bank", STATEMENTS, BANK_LINES, EXPLAINED, BEFORE, TRANSIT, version=3)


@BANK.lines_of(StatementImported)
def _statement(event: StatementImported) -> Iterator[Line]:
    names = ("statement", "account", "first_day", "last_day", "opening_fen", "closing_fen", "line_count", "breaks")
    yield Line(STATEMENTS, {name: getattr(event, name) for name in names})


@BANK.lines_of(LineRecorded)
def _line(event: LineRecorded) -> Iterator[Line]:
    names = ("statement", "account", "serial", "counterparty", "memo")
    said = {name: getattr(event, name) for name in names} | {"balance_fen": event.balance_fen}
    moved = {"moved_on": date.fromisoformat(event.occurred_at[:10]), "moved_at": event.occurred_at}
    yield Line(BANK_LINES, {**said, **moved, "bank_line": event.line, "fen": event.amount_fen})


@BANK.lines_of(LineAllocated, LineAllocatedOnAccount)
def _allocated(event: Allocation) -> Iterator[Line]:
    for part in event.parts:
        yield _explained(event.line, part.event, part.amount_fen, "allocated")


@BANK.lines_of(BankInterest, BankFee, BankFeeSpent, SuspenseReceived, CashBanked)
def _named(event: BankInterest | Fee | SuspenseReceived | CashBanked) -> Iterator[Line]:
    if event.line is not None:
        sign = -1 if isinstance(event, Fee) else 1
        yield _explained(event.line, event.id, sign * event.amount_fen, "named")


@BANK.lines_of(OpeningRecorded)
def _opening(event: OpeningRecorded) -> Iterator[Line]:
    for number, item in enumerate(event.bank_items, 1):
        place = {"account": item.account, "moved_on": item.on, "fen": item.amount_fen}
        if item.seen_by == "book":
            yield Line(BEFORE, {**place, "item": f"opening:{number}", "note": item.note})
        else:
            blank = {"statement": "", "serial": None, "counterparty": None, "balance_fen": None}
            place |= {"moved_at": item.on.isoformat()}
            yield Line(BANK_LINES, {**blank, **place, "bank_line": f"opening:{number}", "memo": item.note})


@BANK.lines_of(BatchFunded)
def _funded(event: BatchFunded) -> Iterator[Line]:
    yield Line(TRANSIT, {"batch": event.batch, "account": event.account})


def _explained(line: str, event: str, fen: int, how: str) -> Line:
    return Line(EXPLAINED, {"bank_line": line, "event": event, "fen": fen, "how": how})
