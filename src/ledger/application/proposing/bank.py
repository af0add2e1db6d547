"""Bank statements: every line is recorded, and what the bank did by itself (interest, fees) is booked from its line.

Nothing else is booked from a statement: a gift is booked by the register or the channel, a payment by its approval or
result. An unexplained line is a reconciling item, so the order in which files arrive cannot matter.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from ledger.application.importing.checks.balances import BalanceChain
from ledger.application.importing.keys import row_key
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, WrongCell
from ledger.application.proposing.banking.alike import Likeness, likeness, memo_of
from ledger.application.proposing.banking.doings import bank_made
from ledger.application.proposing.cells import whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, Sameness, attempt
from ledger.decisions.histories import REVERSED
from ledger.flows.books.statements import LineRecorded
from ledger.flows.knowledge import Need
from ledger.values.text import without_personal

BANKS: Final = {"ccb": "建设银行", "icbc": "工商银行", "abc": "农业银行", "rcc": "农村商业银行"}
_BANK_MADE: Final = {"bank.interest": 1, "bank.fee": 2}
"""Kind -> the version that is written now."""


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Statements, their lines, and interest and fees. One statement for each account in the file."""
    proposal = Proposal()
    by_account: dict[str | None, list[CleanRow]] = {}
    for row in parsed.rows:
        by_account.setdefault(_number(row), []).append(row)
    for number, rows in by_account.items():
        try:
            account = context.account(number=number, bank=BANKS.get(rows[0].shape))
        except RowRefusedError as refused:
            _refuse_account(proposal, rows, refused)
            continue
        chain = next((c for c in parsed.statements if c.account == number), None) or parsed.statement
        _statement(proposal, parsed, context, account, rows, chain)
    return proposal


def _refuse_account(proposal: Proposal, rows: Sequence[CleanRow], refused: RowRefusedError) -> None:
    """An account that is not clear: of one row at its cell, of many once at their sheet."""
    if len(rows) == 1:
        proposal.refuse(rows[0], "账号", refused.code, refused.params)
        return
    places = {row.place.as_a_whole() for row in rows}
    proposal.wrong += [WrongCell(place, "", "", "", refused.code, refused.params) for place in sorted(places, key=str)]
    proposal.held.setdefault("", set()).update(row.place for row in rows)


def _number(row: CleanRow) -> str | None:
    value = row.values.get("account") or row.values.get("row_account")
    return None if value is None else str(value)


def _statement(
    proposal: Proposal,
    parsed: ParsedFile,
    context: Context,
    account: Any,
    rows: list[CleanRow],
    chain: BalanceChain | None,
) -> None:
    entity = context.entity_of("bank.account_registered", "account", account.account)
    days = [day for row in rows if isinstance(day := row.values["occurred_on"], date)]
    last_day = max(days)
    lines, alike = _lines(parsed, context, account, rows)
    statement = context.reference("statement", account.account, *sorted(line for _, line in lines))
    header = context.event(
        "bank.statement_imported",
        statement=statement,
        account=account.account,
        source=context.source(parsed, without_personal(account.bank or account.account)),
        first_day=min(days).isoformat(),
        last_day=last_day.isoformat(),
        opening_fen=0 if chain is None else chain.opening_fen,
        closing_fen=0 if chain is None else chain.closing_fen,
        line_count=len(rows),
        breaks=0 if chain is None else len(chain.breaks),
    )
    known = Need(f"bank-statement:{statement}", ("bank.statement_imported",))
    latest = next(row for row in rows if row.values["occurred_on"] == last_day)
    proposal.add_of_file(latest.place, known, entity, last_day, header)
    undone = _undone(context, (line for _, line in lines))
    names = {id(row): line for row, line in lines}
    if told := [row.place for row in alike.reworded if id(row) in names]:
        params = {"rows": len(told), "row": min(told, key=lambda one: one.row).row}
        proposal.notes.append(Note(told[0].as_a_whole(), "W_LINES_SAME", params))
    reworded = {names[id(row)] for row in alike.reworded if id(row) in names}

    def one(row: CleanRow) -> None:
        alike.require_clear(row)
        if (told := alike.restated.get(id(row))) is not None:
            proposal.notes.append(Note(row.place, "W_LINE_RESTATED", _other_figures(row, told)))
        where = (row, names[id(row)], statement, entity, last_day)
        _line(proposal, parsed, context, account, where, is_known=id(row) in alike.same)
        if names[id(row)] not in undone and names[id(row)] not in reworded:
            _own_doing(proposal, context, account, where)

    for row in rows:
        attempt(row, proposal, one)


def _lines(
    parsed: ParsedFile, context: Context, account: Any, rows: Sequence[CleanRow]
) -> tuple[list[tuple[CleanRow, str]], Likeness]:
    """Each row with the line that it is, and how it is known. Rows that stood beside those of a mended file answer for
    their own lines.
    """
    beside = [row for row in parsed.others if _number(row) == _number(rows[0])]
    own = {id(row): context.reference("line", account.account, _key(parsed, row)) for row in (*beside, *rows)}
    alike = likeness(context, account.account, [(row, own[id(row)]) for row in (*beside, *rows)])
    return [(row, alike.same.get(id(row), own[id(row)])) for row in rows], alike


def _other_figures(row: CleanRow, told: LineRecorded) -> dict[str, Any]:
    return {
        "at": told.occurred_at[:19].replace("T", " "),
        "known_fen": told.amount_fen,
        "known_left_fen": told.balance_fen,
        "said_fen": row.values["amount_fen"],
        "said_left_fen": row.values.get("balance_fen"),
    }


def _undone(context: Context, lines: Iterable[str]) -> set[str]:
    """Lines that stand in the book while what was booked from them was reversed: whoever did that knew better."""
    booked = {line: Need(f"movement:{_movement(context, line)}", (REVERSED,)) for line in lines}
    reversed_ = context.find(booked.values())
    standing = {line: Need(f"line:{line}", ("bank.line_recorded",)) for line, need in booked.items() if reversed_[need]}
    found = context.find(standing.values())
    return {line for line, need in standing.items() if found[need]}


def _line(
    proposal: Proposal,
    parsed: ParsedFile,
    context: Context,
    account: Any,
    where: tuple[CleanRow, str, str, str, date],
    *,
    is_known: bool,
) -> None:
    """A row's line; of one that is known in other words nothing is compared."""
    row, line, statement, entity, last_day = where
    values = row.values
    name, reference, subjects = context.party(
        _text(values.get("counterparty_name")), _text(values.get("counterparty_account"))
    )
    recorded = context.event(
        "bank.line_recorded",
        line=line,
        statement=statement,
        account=account.account,
        occurred_at=values.get("transacted_at") or f"{values['occurred_on']}T00:00:00+08:00",
        amount_fen=values["amount_fen"],
        balance_fen=values.get("balance_fen"),
        serial=values.get("serial"),
        counterparty=name,
        counterparty_ref=reference,
        memo=memo_of(row),
        key=context.reference("row", _key(parsed, row)),
        place=context.place(parsed, row),
    )
    proposal.subjects.extend((entity, subject) for subject in subjects)
    known = Need(f"line:{line}", ("bank.line_recorded",))
    statement_known = Need(f"bank-statement:{statement}", ("bank.statement_imported",))
    sameness: Sameness = "exists" if is_known else "key"
    item = Proposed(row.place, known, (recorded,), entity, last_day, sameness=sameness, rests_on=statement_known)
    proposal.items.append(item)


def _own_doing(proposal: Proposal, context: Context, account: Any, where: tuple[CleanRow, str, str, str, date]) -> None:
    """Interest and fees, beside the line that they are booked from; an opening holds those from before it."""
    row, line, statement, entity, last_day = where
    day = row.values["occurred_on"]
    on = day if isinstance(day, date) else last_day
    if on < context.began.get(entity, date.min):
        return
    kind = bank_made(row.values, account.bank or BANKS.get(row.shape))
    if kind is None:
        return
    own = context.event(
        kind,
        version=_BANK_MADE[kind],
        movement=_movement(context, line),
        line=line,
        account=account.account,
        fund=account.default_fund,
        amount_fen=abs(whole(row.values, "amount_fen")),
        on=str(row.values["occurred_on"]),
    )
    rests_on = Need(f"bank-statement:{statement}", ("bank.statement_imported",))
    tag = Need(f"movement:{_movement(context, line)}", tuple(_BANK_MADE))
    proposal.items.append(Proposed(row.place, tag, (own,), entity, on, "beside", rests_on=rests_on))


def _movement(context: Context, line: str) -> str:
    return context.reference("movement", line)


def _key(parsed: ParsedFile, row: CleanRow) -> str:
    return row_key(parsed.kind, row, row.ordinal)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
