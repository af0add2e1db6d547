"""`submit`, `reject`, `withdraw`, `reverse`: from a file on the desk into the book, and out of it again."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ledger.application import waiting
from ledger.application.drafting import draft, draft_event, require_reason
from ledger.errors import InputError, NotFoundError
from ledger.flows.event import Event
from ledger.flows.forms import form
from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.values.dates import parse_day
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import post, show
from ledger_api.cli.output import line
from ledger_api.cli.waiting.rows import ending, find_waiting
from ledger_api.voucher_files import read_voucher_file

commands = typer.Typer()

ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="理由,会留在账内。 Why; it stays in the log.")
]
VoucherArgument = Annotated[str, typer.Argument(metavar="VOUCHER", help="凭证编号或其独有的一段。 Its id, or a part.")]

_VOUCHER_FIELDS: Final = ("entity", "voucher_date", "note", "attachments", "events", "voucher", "valid_until")


@command(commands, "submit")
def submit(
    desk: Desk,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="凭证内容(JSON)。 A voucher, or a list of them.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算,不写入。 Judge it and write nothing.")] = False,
) -> None:
    """签名并提交凭证。 Sign and submit vouchers."""
    found = read_voucher_file(file)
    many = isinstance(found, list)
    with desk.session() as session:
        signer = session.signer()
        drafts = []
        for place, value in enumerate(found if isinstance(found, list) else [found], 1):
            entity, day, events, more = _voucher(file, place, value)
            drafts.append(draft(signer, entity, day or session.today(), events, session.now(), **more))
        if not drafts:
            line(
                desk.text("文件里没有凭证,没有提交任何东西", "the file holds no voucher; nothing was submitted"),
                err=True,
            )
        if not dry_run:
            post(desk, session, drafts, many=many)
            return
        line(desk.text("试算,不写入:", "judged only, nothing is written:"), err=True)
        for one in drafts:
            show(desk, session.writer.preview(one, shows=True))


def _voucher(file: Path, place: int, value: Any) -> tuple[str, date | None, list[Event], dict[str, Any]]:
    """Entity, date, events and the optional parts of one voucher of a file; E_VOUCHER_FIELD names what is wrong."""

    def wrong(field: str, reason: str) -> InputError:
        return InputError("E_VOUCHER_FIELD", file=str(file), voucher=place, field=field, reason=form(reason))

    if not isinstance(value, dict):
        raise wrong("{}", "object")
    for name in value:
        if name not in _VOUCHER_FIELDS:
            raise wrong(name, "extra_forbidden")
    entity, events, day = value.get("entity"), value.get("events"), value.get("voucher_date")
    if not isinstance(entity, str):
        raise wrong("entity", "missing" if entity is None else "string_type")
    if not isinstance(events, list) or not all(isinstance(e, dict) and isinstance(e.get("kind"), str) for e in events):
        raise wrong("events", "events")
    optional = (
        ("note", str, "string_type"),
        ("attachments", int, "int_type"),
        ("voucher", str, "string_type"),
        ("valid_until", str, "string_type"),
    )
    more = {name: value[name] for name, _, _ in optional if value.get(name) is not None}
    for name, kind, reason in optional:
        if name in more and type(more[name]) is not kind:
            raise wrong(name, reason)
    return entity, None if day is None else parse_day(day, "voucher_date"), [_event(e) for e in events], more


def _event(value: Mapping[str, Any]) -> Event:
    version = value.get("version", 1)
    rest = {name: field for name, field in value.items() if name not in ("kind", "version")}
    return draft_event(value["kind"], {**rest, "version": version})


@command(commands, "reject")
def reject(desk: Desk, voucher: VoucherArgument, reason: ReasonOption) -> None:
    """驳回他人的凭证;同样内容不能再入账。 Reject another's voucher; the same bytes can never be posted."""
    _end(desk, voucher, "voucher.rejected", reason)


@command(commands, "withdraw")
def withdraw(desk: Desk, voucher: VoucherArgument, reason: ReasonOption) -> None:
    """制单人撤回自己的凭证。 The maker takes a voucher back."""
    _end(desk, voucher, "voucher.withdrawn", reason)


def _end(desk: Desk, voucher: str, kind: str, reason: str) -> None:
    require_reason(reason)
    with desk.session() as session:
        one = find_waiting(session, voucher, waiting.PENDING, waiting.REFUSED)
        event = ending(one, kind, reason)
        post(desk, session, [draft(session.signer(), one.entity, session.today(), [event], session.now())])


@command(commands, "reverse")
def reverse(
    desk: Desk,
    position: Annotated[int, typer.Argument(metavar="POSITION", min=1, help="事件的序号。 The event's position.")],
    reason: ReasonOption,
    day: Annotated[str | None, typer.Option("--date", metavar="DAY", help="凭证日期。 The voucher's date.")] = None,
) -> None:
    """红字冲销一个事件,须经审核。 Reverse an event; a checker approves."""
    require_reason(reason)
    with desk.session() as session:
        on = session.today() if day is None else parse_day(day)
        entity, event = _reversal(session, position, reason, on)
        post(desk, session, [draft(session.signer(), entity, on, [event], session.now(), note=reason)])


def _reversal(session: Session, position: int, reason: str, on: date) -> tuple[str, Event]:
    with session.book.store.read() as connection:
        row, voucher = reading.event_at(connection, position), reading.voucher_of_position(connection, position)
    if row is None or voucher is None:
        raise NotFoundError("E_POSITION", position=position)
    target = read_event(bytes(row.data))
    values = {
        "target": target.id,
        "target_position": position,
        "target_tags": list(target.tags()),
        "reason": reason,
        "on": on.isoformat(),
    }
    return voucher.entity, draft_event("event.reversed", values)
