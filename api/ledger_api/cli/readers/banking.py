"""`reconcile`: bank and book side by side, what only one of them has, and what a person may sign to match them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from sqlalchemy import Connection

from ledger.application.matching import Matching, propose_allocations
from ledger.errors import InputError
from ledger_api.asking import open_on
from ledger_api.books import Book
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, line, write_json
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    answer,
    day_of,
    on_day,
    position_of,
    reader,
    titled,
)
from ledger_api.new_files import into_new

if TYPE_CHECKING:
    from ledger_projections.books.reconciliation import Reconciliation, Reconciliations

commands = typer.Typer()

AccountOption = Annotated[
    str | None,
    typer.Option("--account", metavar="ACCOUNT", help="只看一个账户,列出未达账项。 One account, with items."),
]
ProposeOption = Annotated[
    Path | None,
    typer.Option(
        "--propose", metavar="FILE", help="把有把握的核对写成凭证文件,供 submit。 Write sure matches to submit."
    ),
]


@command(commands, "reconcile")
def reconcile(
    desk: Desk,
    entity: EntityOption = None,
    account: AccountOption = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="哪一天;默认截至日或今天。 At the end of which day.")
    ] = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
    propose: ProposeOption = None,
) -> None:
    """银行存款余额调节表与未达账项。 The bank reconciliation and its open items."""
    from ledger_projections.books.reconciliation import holders, reconciliation, reconciliations, require_account
    from ledger_projections.keeping.clocks import log_moment

    if propose is not None and account is None:
        raise InputError("E_PROPOSE_ACCOUNT")
    if account is not None and entity is None:
        raise InputError("E_ACCOUNT_ENTITY", account=account)
    with reader(desk, entity, at) as (book, connection):
        position, day = position_of(connection, at), open_on(day_of(as_of), on_day(book, on, as_of))
        if entity is None:
            every = [reconciliations(connection, one, day, at=position) for one in holders(connection, at=position)]
            _show_every(desk, every, day, log_moment(connection, None, position).position)
            return
        if account is None:
            many = reconciliations(connection, entity, day, at=position)
            answer(desk, many, _RECONCILIATION, [_row(desk, r) for r in many.rows], range(2, 7))
            return
        require_account(connection, entity, account, at=position)
        one = reconciliation(connection, entity, account, day, at=position)
        proposed = None if propose is None else _propose(book, connection, propose, one)
    if desk.as_json:
        write_json(one.to_json() if proposed is None else {**one.to_json(), **_told(proposed)})
        return
    _show(desk, one)
    if proposed is not None:
        sure, ties = len(proposed.matches), len(proposed.ties)
        zh = f"有把握的核对 {sure} 组,已写入 {propose};另有 {ties} 行不止一种对法,请人工核对"
        en = f"{sure} sure matches written to {propose}; {ties} lines fit in more than one way and are left to you"
        line(desk.text(zh, en))


def _propose(book: Book, connection: Connection, file: Path, one: "Reconciliation") -> Matching:
    """Write what is certain as one voucher of allocations, for a person to look at and sign."""
    found = propose_allocations(connection, one.entity, one.account, until=one.on)
    events = [{"kind": e.kind, **e.model_dump(mode="json", exclude={"kind", "id"})} for e in found.events(one.account)]
    day = on_day(book, None).isoformat()
    voucher = {"entity": one.entity, "voucher_date": day, "note": "", "events": events}
    data = orjson.dumps([voucher] if events else [], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    into_new(file, lambda target: target.write(data))
    return found


def _told(found: Matching) -> dict[str, Any]:
    """Matches, and lines that several groups of events could explain, by the ids of both sides."""
    sure = [
        {
            "lines": [each.line for each in match.lines],
            "events": [each.event for each in match.moves],
            "fen": sum(each.fen for each in match.lines),
            "reason": match.reason,
        }
        for match in found.matches
    ]
    ties = [
        {"line": tie.line.line, "fen": tie.line.fen, "choices": [[each.event for each in one] for one in tie.choices]}
        for tie in found.ties
    ]
    return {"proposals": sure, "ties": ties}


def _show_every(desk: Desk, every: Sequence["Reconciliations"], day: date, position: int) -> None:
    """Every account of every entity that has one."""
    if desk.as_json:
        write_json({"position": position, "on": day.isoformat(), "entities": [one.to_json() for one in every]})
        return
    rows = [(one.entity, *_row(desk, row)) for one in every for row in one.rows]
    titled(desk, (("会计主体", "entity"), *_RECONCILIATION), rows, range(3, 8))
    at_position(desk, position)


def _show(desk: Desk, one: "Reconciliation") -> None:
    titled(desk, _RECONCILIATION, [_row(desk, one)], range(2, 7))
    line(desk.text("银行有、账上无:", "the bank has it, the books do not:"))
    titled(desk, _BANK_ITEM, [(i.day, i.line, i.fen, i.counterparty, i.memo) for i in one.bank_items], (2,))
    line(desk.text("账上有、银行无:", "the books have it, the bank does not:"))
    titled(desk, _BOOK_ITEM, [(i.day, i.position, i.fen, i.kind, i.reference) for i in one.book_items], (2,))
    if one.carried_items:
        line(desk.text("对账单期初余额已含:", "within the statement's opening balance:"))
        titled(desk, _BOOK_ITEM, [(i.day, i.position, i.fen, i.kind, i.reference) for i in one.carried_items], (2,))
    at_position(desk, one.position)


def _row(desk: Desk, one: "Reconciliation") -> tuple[object, ...]:
    agrees = desk.text("相符", "agrees") if one.agrees else desk.text("不符", "differs")
    verdict = desk.text("无对账单", "no statement") if one.bank_fen is None else agrees
    return (
        one.account,
        one.bank_on,
        one.bank_fen,
        one.adjusted_bank_fen,
        one.book_fen,
        one.adjusted_book_fen,
        one.difference_fen,
        verdict,
    )


_RECONCILIATION = (
    ("账户", "account"),
    ("对账单至", "statement to"),
    ("银行余额", "bank"),
    ("调节后银行", "bank adjusted"),
    ("账面余额", "book"),
    ("调节后账面", "book adjusted"),
    ("差额", "difference"),
    ("结果", "result"),
)
_BANK_ITEM = (("日期", "day"), ("流水", "line"), ("金额", "amount"), ("对方", "counterparty"), ("摘要", "memo"))
_BOOK_ITEM = (("日期", "day"), ("序号", "position"), ("金额", "amount"), ("业务", "event"), ("凭据", "reference"))
