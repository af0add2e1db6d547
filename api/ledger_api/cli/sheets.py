"""`check-sheet`: doubts go out to the townships as workbooks, with the names that whoever verifies must know.

Giving out is an act: the doubts are assigned with a term by a signed voucher, and every name that is read out of the
vault for a sheet is written down with its purpose. What comes back is imported like any other file.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ledger.application.drafting import draft
from ledger.application.importing.check_sheets import UNSTATED, Issue, write_check_sheet
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.redress.issued import issued_fields
from ledger.decisions.policies import makers_of
from ledger.errors import AuthorityError, InputError
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.values.dates import parse_day, timestamp_text
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import settle
from ledger_api.cli.output import into_new, line, table, write_json
from ledger_api.cli.people import require_reader

commands = typer.Typer()
_VOUCHER_EVENTS: Final = 1000
_NUMBER_CHARACTERS: Final = 8
_NO_NAME: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_KINDS: Final = ("clue.raised", "clue.assigned")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What goes out to one township: where to, and the `clue.raised` of each doubt with its last assignment."""

    file: Path
    issue: Issue
    doubts: Sequence[tuple[Any, Any | None, str]]
    """(raised, assigned, entity)."""


@command(commands, "check-sheet")
def check_sheet(
    desk: Desk,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="PATH", help="写入的 .xlsx;不写乡镇时是文件夹。 The .xlsx, or a folder."
        ),
    ],
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="TEXT", help="查阅姓名的事由,会留下记录。 What for; recorded.")
    ],
    township: Annotated[
        str | None, typer.Option("--township", metavar="T", help="哪个乡镇;不写则每个乡镇一份。 One township only.")
    ] = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DAY", help="反馈期限。 To be answered by.")] = None,
) -> None:
    """疑点核查表:按乡镇下发未反馈的疑点,登记分派和查阅记录。 Give open doubts out to the townships as workbooks."""
    if not purpose.strip():
        raise InputError("E_PURPOSE_EMPTY")
    with desk.session() as session:
        term = None if due is None else parse_day(due)
        if term is not None and term <= session.today():
            raise InputError("E_DUE_PASSED", due=str(term))
        require_reader(session, timestamp_text(session.now()))
        context = Context(session.book.store, session.book.vault, Options(session.officer, session.today()))
        sheets = _sheets(session, context, (output, township), term)
        assigned = _assign(session, context, sheets)
        _write(session, context, sheets, purpose)
    _tell(desk, sheets, assigned)


def _sheets(session: Session, context: Context, where: tuple[Path, str | None], due: date | None) -> list[_Sheet]:
    """One sheet a township, of the doubts that nobody has answered and that the signer may give out."""
    from ledger_projections.public_money.doubts import clues

    output, township = where
    if township is None and output.exists() and not output.is_dir():
        raise InputError("E_TARGET_EXISTS", file=str(output))
    with session.book.store.read() as connection:
        listed = clues(connection, session.today()).rows
    open_rows = [one for one in listed if one.state in ("raised", "assigned") and township in (None, one.township)]
    by_township: defaultdict[str | None, list[str]] = defaultdict(list)
    for one in open_rows:
        if _in_scope(session, one.entity, one.township):
            by_township[one.township].append(one.clue)
        elif township is not None:
            scopes = session.authority.scopes(session.officer, makers_of("clue.assigned"), one.entity)
            told = "、".join(sorted(scope for scope in scopes if scope)) or "-"
            raise AuthorityError("E_SCOPE", officer=session.officer, scope=told, township=township)
    if not by_township:
        raise InputError("E_NO_DOUBTS", township=township or "-")
    known = context.find(Need(f"clue:{one.clue}", _KINDS) for one in open_rows)
    sheets: list[_Sheet] = []
    for name, numbers in sorted(by_township.items(), key=lambda part: part[0] or ""):
        issue = Issue(_number(context, numbers, due), name, session.today(), due)
        file = output if township is not None else output / f"疑点核查表-{_NO_NAME.sub('_', name or UNSTATED)}.xlsx"
        if file.exists() or file in {one.file for one in sheets}:
            raise InputError("E_TARGET_EXISTS", file=str(file))
        doubts = [_stands(known[Need(f"clue:{number}", _KINDS)]) for number in numbers]
        sheets.append(_Sheet(file, issue, doubts))
    if township is None:
        output.mkdir(parents=True, exist_ok=True)
    return sheets


def _in_scope(session: Session, entity: str, township: str | None) -> bool:
    scopes = session.authority.scopes(session.officer, makers_of("clue.assigned"), entity)
    return None in scopes or (township is not None and township in scopes)


def _number(context: Context, numbers: Sequence[str], due: date | None) -> str:
    """The number of an issue: the same doubts given out the same day with the same term are the same issue."""
    today = context.options.today
    own = context.reference("issue", today, due, *sorted(numbers))
    return f"HC{today:%Y%m%d}-{own[:_NUMBER_CHARACTERS].upper()}"


def _stands(items: Sequence[Any]) -> tuple[Any, Any | None, str]:
    raised = next(item for item in items if item.event.kind == "clue.raised")
    assigned = next((item.event for item in reversed(items) if item.event.kind == "clue.assigned"), None)
    return raised.event, assigned, raised.entity


def _assign(session: Session, context: Context, sheets: Sequence[_Sheet]) -> int:
    """Sign the assignments that are not in the log or waiting already; how many doubts they are of."""
    wanted: defaultdict[str, list[Event]] = defaultdict(list)
    for sheet in sheets:
        for raised, before, entity in sheet.doubts:
            unit, due = sheet.issue.township or UNSTATED, sheet.issue.due_on
            if before is not None and due in (None, before.due_on):
                continue
            fields = {"unit": unit, "due_on": None if due is None else str(due), "on": str(sheet.issue.on)}
            event = context.event("clue.assigned", clue=raised.clue, **fields, origin="decision")
            wanted[entity].append(event)
    for entity, events in wanted.items():
        for first in range(0, len(events), _VOUCHER_EVENTS):
            part = events[first : first + _VOUCHER_EVENTS]
            note = f"下发疑点核查表 {len(part)} 条"
            submission = draft(session.signer(), entity, session.today(), part, session.now(), note=note)
            settle(session, session.writer.submit(submission), submission)
    return sum(map(len, wanted.values()))


def _write(session: Session, context: Context, sheets: Sequence[_Sheet], purpose: str) -> None:
    """Each sheet's people are read out of the vault with its purpose on record, then the sheet is written."""
    now = timestamp_text(session.now())
    for sheet in sheets:
        people = [raised.person for raised, _, _ in sheet.doubts if raised.person is not None]
        why = f"{purpose}(核查表 {sheet.issue.number})"
        with session.book.store.write(beside=True) as connection:
            shown = session.book.vault.show_all(connection, people, session.officer, why, now)
        fields = {one: {part.name: part.value for part in found} for one, found in shown.items()}
        rows = list(_rows(context, sheet, fields))
        into_new(sheet.file, lambda file: write_check_sheet(file, sheet.issue, rows))  # noqa: B023 - called at once


def _rows(context: Context, sheet: _Sheet, people: Mapping[str, Mapping[str, str]]) -> Iterator[Mapping[str, Any]]:
    for raised, _, _ in sheet.doubts:
        yield issued_fields(context, raised, people.get(raised.person or "", {}))


def _tell(desk: Desk, sheets: Sequence[_Sheet], assigned: int) -> None:
    rows = [
        {
            "township": sheet.issue.township,
            "number": sheet.issue.number,
            "file": str(sheet.file),
            "doubts": len(sheet.doubts),
            "exposure_fen": sum(raised.exposure_fen for raised, _, _ in sheet.doubts),
        }
        for sheet in sheets
    ]
    if desk.as_json:
        write_json({"sheets": rows, "assigned": assigned})
        return
    titles = [
        ("乡镇", "township"),
        ("下发编号", "issue"),
        ("文件", "file"),
        ("疑点", "doubts"),
        ("涉及金额", "exposure"),
    ]
    table(
        [desk.text(*pair) for pair in titles],
        [[row["township"] or UNSTATED, *list(row.values())[1:]] for row in rows],
        money=(4,),
    )
    line(desk.text(f"新分派 {assigned} 条", f"newly assigned: {assigned}"))
