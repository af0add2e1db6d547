"""Bank statements (银行对账单): what the bank says, line by line.

A line posts nothing: money is booked by the event it stands for (see `matching.py`), and a line without one is a
reconciling item (未达账项). Source: Accounting Law art. 17; 银行流水.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import StringConstraints

from ledger.flows.checks import find
from ledger.flows.event import Event, Rests, Stage
from ledger.flows.fields import (
    AccountId,
    Count,
    Day,
    FreeText,
    IdentityId,
    Instant,
    Label,
    LineId,
    NumberLabel,
    SignedFen,
    StatementId,
)
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place, Source

_IN_PIECES_SINCE: Final = 6
"""The edition of the rules since which a statement may follow any of those that end on the last day before it."""

RowKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:|+~-]{0,199}$")]
"""The natural key of a row: the bank's serial number, or a keyed digest; never a name."""


class StatementImported(Event):
    """A statement file was taken over; `breaks` counts the rows where its balance chain does not hold."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = {"bank-statement": ("bank.line_recorded",)}

    kind: Literal["bank.statement_imported"] = "bank.statement_imported"
    version: Literal[1] = 1
    statement: StatementId
    account: AccountId
    source: Source
    first_day: Day
    last_day: Day
    opening_fen: SignedFen
    closing_fen: SignedFen
    line_count: Count
    breaks: Count

    def needs(self) -> tuple[Need, ...]:
        return (Need(f"account:{self.account}", ("bank.statement_imported",)), _statement_need(self.statement))


class LineRecorded(Event):
    """One line of a statement; `amount_fen` is positive for money in and negative for money out."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["bank.line_recorded"] = "bank.line_recorded"
    version: Literal[1] = 1
    line: LineId
    statement: StatementId
    account: AccountId
    occurred_at: Instant
    amount_fen: SignedFen
    balance_fen: SignedFen | None
    serial: NumberLabel | None
    counterparty: Label | None
    """An organisation's name; a person stands in the vault under `counterparty_ref`."""
    counterparty_ref: IdentityId | None
    memo: FreeText
    key: RowKey
    place: Place | None

    def more_tags(self) -> tuple[str, ...]:
        """The row's key on its account: overlapping downloads bring the same line once."""
        return (f"bank-row:{self.account}:{self.key}",)

    def needs(self) -> tuple[Need, ...]:
        return (
            _statement_need(self.statement),
            Need(f"line:{self.line}", ("bank.line_recorded",)),
            Need(self.more_tags()[0], ("bank.line_recorded",)),
        )


def _statement_need(statement: str) -> Need:
    return Need(f"bank-statement:{statement}", ("bank.statement_imported",))


@rule(StatementImported, code="STATEMENT_TWICE", source="重复导入不重记", form=True)
def imported_once(event: StatementImported, model: Knowledge) -> Verdict:
    for recorded in find(model, _statement_need(event.statement)):
        yield {"statement": event.statement, "number": recorded.number}
        return


@rule(StatementImported, code="STATEMENT_DAYS", source="银行流水", form=True)
def days_in_order(event: StatementImported, model: Knowledge) -> Verdict:
    if event.first_day > event.last_day:
        yield {"statement": event.statement, "first_day": str(event.first_day), "last_day": str(event.last_day)}


@rule(StatementImported, code="BANK_CHAIN", source="银行流水 (previous balance ± amount = balance)", warns=True)
def chain_holds(event: StatementImported, model: Knowledge) -> Verdict:
    if event.breaks:
        yield {"statement": event.statement, "account": event.account, "breaks": event.breaks}


@rule(StatementImported, code="BANK_GAP", source="对账单期初等于上期期末: opening equals the last closing", warns=True)
def joins_the_last(event: StatementImported, model: Knowledge) -> Verdict:
    before = [
        recorded.event
        for recorded in model.history(f"account:{event.account}", "bank.statement_imported")
        if isinstance(recorded.event, StatementImported) and recorded.event.last_day < event.first_day
    ]
    last = max(before, key=lambda found: found.last_day, default=None)
    if last is None or last.closing_fen == event.opening_fen:
        return
    rivals = [found for found in before if found.last_day == last.last_day]
    if model.edition >= _IN_PIECES_SINCE and any(found.closing_fen == event.opening_fen for found in rivals):
        return  # a day may come in several files, of which one ends in the evening
    yield {"account": event.account, "closing_fen": last.closing_fen, "opening_fen": event.opening_fen}


@rule(LineRecorded, code="STATEMENT_UNKNOWN", source="银行流水", form=True)
def statement_is_known(event: LineRecorded, model: Knowledge) -> Verdict:
    found = find(model, _statement_need(event.statement))
    if not any(getattr(recorded.event, "account", None) == event.account for recorded in found):
        yield {"line": event.line, "statement": event.statement, "account": event.account}


@rule(LineRecorded, code="BANK_LINE_TWICE", source="重复导入不重记", form=True)
def recorded_once(event: LineRecorded, model: Knowledge) -> Verdict:
    for tag in (f"line:{event.line}", event.more_tags()[0]):
        for recorded in model.history(tag, "bank.line_recorded"):
            yield {"line": event.line, "number": recorded.number}
            return
