"""`self-check` raises the doubts that the book itself shows; `check-sheet` gives doubts out to the townships.

What is found stands in `ledger_api.self_checks`; how sheets are chosen, signed and written, in
`ledger_api.check_sheets`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.application.drafting import draft
from ledger.catalogue import say
from ledger.decisions.policies import makers_of
from ledger.errors import AuthorityError, InputError
from ledger.flows.event import Event
from ledger.values.dates import parse_day, timestamp_text
from ledger.vault.trail import stated_purpose
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import settle
from ledger_api.cli.output import line, table, write_json
from ledger_api.cli.people import require_key
from ledger_api.clients import moment

if TYPE_CHECKING:
    from ledger_api.check_sheets import Sheet

commands = typer.Typer()


@command(commands, "self-check")
def self_check(
    desk: Desk,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出,不登记。 List them, raise nothing.")] = False,
) -> None:
    """自查:同月重复领取、互斥待遇、一个账户代领多户,登记为疑点。 Raise doubts that the book shows."""
    from ledger.application.proposing.context import Context, Options
    from ledger.application.proposing.relief.terms.exclusions import names_of, params_of, unset_by_entity
    from ledger_api.self_checks import TESTS, hits, raised
    from ledger_projections.registry import catch_up

    with ExitStack() as stack:
        session = None if dry_run else stack.enter_context(desk.session())  # what only lists signs nothing
        book = stack.enter_context(desk.book()) if session is None else session.book
        today = parse_day(timestamp_text(moment(book.clock))[:10])
        context = Context(book.store, book.vault, Options("" if session is None else session.officer, today))
        catch_up(book.store)
        with book.store.read() as connection:
            found = hits(connection, context)
        unset = [pair for pairs in unset_by_entity(context).values() for pair in pairs]
        new = list(raised(context, found))
        by_entity: defaultdict[str, list[Event]] = defaultdict(list)
        for hit, event in new:
            by_entity[hit.entity].append(event)
        if session is not None:
            _raise(session, by_entity)
    rows = [
        {"clue": getattr(event, "clue", ""), "test": TESTS[hit.test], "township": hit.township, "exposure_fen": hit.fen}
        | {"summary": hit.summary}
        for hit, event in new
    ]
    if desk.as_json:
        raised_now = 0 if dry_run else len(new)
        write_json({"found": len(found), "raised": raised_now, "rows": rows, "exclusions_unset": names_of(unset)})
        return
    titles = (("线索", "clue"), ("模型", "test"), ("乡镇", "township"), ("涉及金额", "exposure"), ("说明", "what"))
    table([desk.text(*pair) for pair in titles], [list(row.values()) for row in rows], money=(3,))
    line(desk.text(f"查出 {len(found)} 条,新 {len(new)} 条", f"found: {len(found)}, new: {len(new)}"))
    if unset:
        line(say("W_EXCLUSIONS_UNSET", desk.language, **params_of(unset)))


def _raise(session: Session, by_entity: Mapping[str, Sequence[Event]]) -> None:
    from ledger_api.check_sheets import in_parts
    from ledger_api.self_checks import note_of

    for entity, part in in_parts(by_entity):
        _post(session, entity, part, note_of(part))


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
    from ledger_api.check_sheets import GivingOut

    why = stated_purpose(purpose)
    with desk.session() as session:
        term = None if due is None else parse_day(due)
        if term is not None and term <= session.today():
            raise InputError("E_DUE_PASSED", due=str(term))
        now = timestamp_text(session.now())
        require_giver(session, now)

        def post(entity: str, events: Sequence[Event], note: str) -> None:
            _post(session, entity, events, note)

        giving = GivingOut(session.book, session.officer, session.authority, session.today(), now, post)
        sheets, assigned = giving.out(output, township, term, why)
    _tell(desk, sheets, assigned)


def require_giver(session: Session, now: str) -> None:
    """Whoever gives doubts out has a key that counts today and an office in which doubts are followed up."""
    require_key(session, now)
    held = {role for role, _, _ in session.authority.roles.get(session.officer, ())}
    if not held & makers_of("clue.assigned"):
        raise AuthorityError("E_SHEET_GIVER", officer=session.officer)


def _post(session: Session, entity: str, events: Sequence[Event], note: str) -> None:
    submission = draft(session.signer(), entity, session.today(), events, session.now(), note=note)
    settle(session, session.writer.submit(submission), submission)


def _tell(desk: Desk, sheets: Sequence[tuple[Path, "Sheet"]], assigned: int) -> None:
    from ledger.application.importing.check_sheets import UNSTATED

    rows = [
        {
            "township": sheet.issue.township,
            "number": sheet.issue.number,
            "file": str(file),
            "doubts": len(sheet.doubts),
            "exposure_fen": sheet.exposure_fen,
        }
        for file, sheet in sheets
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
