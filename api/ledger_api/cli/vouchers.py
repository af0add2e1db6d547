"""`submit`, `pending`, `approve`, `reject`, `withdraw`, `reverse`: from a file on the desk to a posted voucher."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from ledger.application import waiting
from ledger.application.drafting import approve as sign_approval
from ledger.application.drafting import draft, draft_event
from ledger.application.outcomes import Waiting
from ledger.application.rehearsal import Rehearsal
from ledger.application.waiting import WaitingVoucher
from ledger.catalogue import say
from ledger.decisions.policies import makers_of
from ledger.decisions.prepared import Submission
from ledger.errors import AuthorityError, InputError, LedgerError, NotFoundError, RefusedError
from ledger.flows.event import Event
from ledger.flows.forms import form
from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.signing.statements import Approval
from ledger.values.dates import parse_day, timestamp_text
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import CAPACITIES, SELDOM, capacity_name, post, show
from ledger_api.cli.output import line, write_json, yuan
from ledger_api.cli.readers.answers import titled
from ledger_api.clients import moment
from ledger_api.pending import still_wanting, summary_of, told_to_lapse

commands = typer.Typer()

ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="理由,会留在账内。 Why; it stays in the log.")
]
VoucherArgument = Annotated[str, typer.Argument(metavar="VOUCHER", help="凭证编号或其独有的一段。 Its id, or a part.")]

_VOUCHER_FIELDS: Final = ("entity", "voucher_date", "note", "attachments", "events", "voucher")
SHORTEST_PART: Final = 6
"""How many characters of a voucher's id name it, where no other waiting voucher has them."""


@command(commands, "submit")
def submit(
    desk: Desk,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="凭证内容(JSON)。 A voucher, or a list of them.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算,不写入。 Judge it and write nothing.")] = False,
) -> None:
    """签名并提交凭证。 Sign and submit vouchers."""
    found = _read(file)
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
            show(desk, session.writer.preview(one))


def _read(file: Path) -> Any:
    try:
        return orjson.loads(file.read_bytes())
    except OSError as error:
        raise InputError("E_VOUCHER_FILE", file=str(file), reason=str(error.strerror)) from None
    except orjson.JSONDecodeError as error:
        raise InputError("E_VOUCHER_FILE", file=str(file), reason=str(error)) from None


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
    more = {name: value[name] for name in ("note", "attachments", "voucher") if value.get(name) is not None}
    for name, kind, reason in (
        ("note", str, "string_type"),
        ("attachments", int, "int_type"),
        ("voucher", str, "string_type"),
    ):
        if name in more and type(more[name]) is not kind:
            raise wrong(name, reason)
    return entity, None if day is None else parse_day(day, "voucher_date"), [_event(e) for e in events], more


def _event(value: Mapping[str, Any]) -> Event:
    version = value.get("version", 1)
    rest = {name: field for name, field in value.items() if name not in ("kind", "version")}
    return draft_event(value["kind"], {**rest, "version": version})


@command(commands, "pending")
def pending(
    desk: Desk,
    again: Annotated[
        bool, typer.Option("--again", help="逐张重新审核,签齐的即入账。 Judge them again and post what is complete.")
    ] = False,
    lapse: Annotated[
        bool, typer.Option("--lapse", help="过了有效期的登记失效。 Record that those lapsed whose time has passed.")
    ] = False,
) -> None:
    """列出待审核的凭证。 Vouchers that wait for a signature."""
    if again or lapse:
        _go_on(desk, again=again, lapse=lapse)
        return
    with desk.book() as book, book.store.read() as connection:
        rehearsal = Rehearsal(connection, moment(book.clock))
        found = [summary_of(one) | still_wanting(rehearsal, one) for one in waiting.all_waiting(connection)]
    if desk.as_json:
        write_json({"pending": found})
        return
    titles = (
        ("凭证", "voucher"),
        ("主体", "entity"),
        ("日期", "date"),
        ("制单人", "maker"),
        ("金额", "amount"),
        ("内容", "content"),
        ("已签", "signed"),
        ("还需", "missing"),
        ("说明", "note"),
    )
    titled(desk, titles, [_row(desk, one) for one in found], (4,))
    line(desk.text(f"共 {len(found)} 张待审核", f"{len(found)} waiting"))


def _go_on(desk: Desk, *, again: bool, lapse: bool) -> None:
    """Record what lapsed, then judge again whatever has changed since (a policy, a paper, an open month): each waiting
    voucher is handed in as it stands. What can never be complete any more is not judged again where it lapses.
    """
    with desk.session() as session:
        made, late = _lapses(desk, session) if lapse else ([], frozenset())
        if again:
            kept = [one.submission for one in _all(session) if one.voucher not in late]
            made += [Submission(one.envelope, one.events) for one in kept]
            if not kept:
                line(desk.text("没有待审核的凭证", "nothing waits"), err=True)
        post(desk, session, made, many=True)


def _lapses(desk: Desk, session: Session) -> tuple[list[Submission], frozenset[str]]:
    """A voucher of each entity that says what lapsed there, and which those are; not again what such a voucher that
    waits and can still be approved says already.
    """
    now, makers = timestamp_text(session.now()), makers_of("voucher.lapsed")
    found = _all(session, waiting.PENDING, waiting.REFUSED)
    told = told_to_lapse(found, now)
    late: dict[str, list[WaitingVoucher]] = {}
    for one in found:
        may = any(session.authority.holds(session.officer, role, one.entity) for role in makers)
        if one.valid_until < now and may and one.voucher not in told:
            late.setdefault(one.entity, []).append(one)
    if not late:
        zh, en = "没有需要登记失效的凭证", "nothing to record as lapsed"
        more = (
            (f",{len(told)} 张的失效登记正待审核", f"; of {len(told)} it is recorded and waits") if told else ("", "")
        )
        line(desk.text(zh + more[0], en + more[1]), err=True)
    signer, made = session.signer(), []
    for entity, those in late.items():
        events = [_ending(one, "voucher.lapsed", "有效期已过") for one in those]
        made.append(draft(signer, entity, session.today(), events, session.now()))
    return made, frozenset({*told, *(one.voucher for those in late.values() for one in those)})


def _wanting(desk: Desk, one: Mapping[str, Any]) -> str:
    """Who must still sign, or that it cannot be posted as things are."""
    if one["refused"]:
        return desk.text("不能入账:", "refused: ") + ", ".join(one["refused"])
    return desk.text("、", ", ").join(capacity_name(desk, role) for role in one["missing"])


def _row(desk: Desk, one: Mapping[str, Any]) -> Sequence[object]:
    content = desk.text("、", ", ").join(_contents(desk, one["events"]))
    signed = ", ".join(f"{item['person']} ({capacity_name(desk, item['capacity'])})" for item in one["approvals"])
    return (
        one["voucher"],
        one["entity"],
        one["voucher_date"],
        one["maker"],
        one["once_fen"],
        content,
        signed,
        _wanting(desk, one),
        one["note"],
    )


def _contents(desk: Desk, events: Mapping[str, int]) -> list[str]:
    """What a voucher holds, in words: each kind of event with how many there are."""
    return [f"{say(kind, desk.language)} x {count}" for kind, count in events.items()]


@command(commands, "approve")
def approve(
    desk: Desk,
    vouchers: Annotated[
        list[str] | None, typer.Argument(metavar="VOUCHER...", help="凭证编号或其独有的一段。 Their ids, or parts.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="全部可由本人审核的。 All that one may approve.")] = False,
    capacity: Annotated[
        str | None, typer.Option("--capacity", metavar="ROLE", help="以何身份,如 checker。 In which role.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再逐张确认。 Do not ask for each.")] = False,
) -> None:
    """审核同意,签名;签齐即入账。 Approve with one's signature; complete vouchers are posted."""
    if every == bool(vouchers):
        raise InputError("E_APPROVE_WHICH")
    with desk.session() as session:
        chosen = _approvable(desk, session, capacity) if every else _named(session, vouchers or [], capacity)
        signer = session.signer()
        ready = []
        for one, role in chosen:
            if yes or _confirmed(desk, one, role):
                signed = sign_approval(signer, one.submission, role, session.now())
                ready.append(Submission(one.submission.envelope, one.submission.events, (signed,)))
        if not ready:
            line(desk.text("没有签名任何凭证。", "Nothing was signed."), err=True)
        post(desk, session, ready, many=every or len(chosen) != 1)


def _named(session: Session, names: Sequence[str], capacity: str | None) -> list[tuple[WaitingVoucher, str]]:
    """The vouchers of these ids, each with the capacity in which this person's signature counts; E_NOT_ASKED."""
    chosen = []
    for one in (find_waiting(session, name) for name in names):
        missing, held = _missing(session, one), _held(session, one.entity)
        wanted = missing | _signed_before(session, one)
        role = capacity if capacity is not None and capacity not in held else _first(held, wanted, capacity)
        if role is None and set(held) <= SELDOM:
            raise AuthorityError("E_NO_CAPACITY", officer=session.officer, entity=one.entity)
        if role is None:
            raise RefusedError("E_NOT_ASKED", voucher=one.voucher, missing=sorted(missing), held=list(held))
        chosen.append((one, role))
    return chosen


def _approvable(desk: Desk, session: Session, capacity: str | None) -> list[tuple[WaitingVoucher, str]]:
    """What waits for a signature that this person may give and has not given: in a capacity that is asked for, held,
    and still missing. What can no longer be posted is named and left alone.
    """
    chosen = []
    for one in _all(session):
        held = _held(session, one.entity)
        if session.officer == one.maker or _signed_before(session, one) or not held:
            continue
        try:
            role = _first(held, _missing(session, one), capacity)
        except LedgerError as error:
            line(f"{one.voucher}  {error.code}: {error.message(desk.language)}", err=True)
            continue
        if role is not None:
            chosen.append((one, role))
    return chosen


def _missing(session: Session, one: WaitingVoucher) -> frozenset[str]:
    """The capacities that a waiting voucher still lacks, as it would be judged now; raises what refuses it."""
    outcome = session.writer.preview(Submission(one.submission.envelope, one.submission.events))
    return frozenset(outcome.missing) if isinstance(outcome, Waiting) else frozenset()


def _signed_before(session: Session, one: WaitingVoucher) -> frozenset[str]:
    """In which capacity this person has signed the voucher already."""
    approvals = [Approval.from_bytes(envelope.payload) for envelope in one.submission.approvals]
    return frozenset(item.capacity for item in approvals if item.person == session.officer)


def _held(session: Session, entity: str) -> tuple[str, ...]:
    """The capacities that this person has for an entity, the usual first."""
    return tuple(role for role in CAPACITIES if session.authority.holds(session.officer, role, entity))


def _first(held: Sequence[str], wanted: Collection[str], capacity: str | None) -> str | None:
    """The first capacity that is held and wanted, and the one that was chosen if one was."""
    return next((role for role in held if role in wanted and capacity in {None, role}), None)


def _all(session: Session, *states: str) -> list[WaitingVoucher]:
    with session.book.store.read() as connection:
        return waiting.all_waiting(connection, *states)


def find_waiting(session: Session, name: str, *states: str) -> WaitingVoucher:
    """The waiting voucher of an id, or of a part of one that no other has; E_NOT_PENDING, E_VOUCHER_PART."""
    found = _all(session, *states)
    whole = [one for one in found if one.voucher == name]
    if whole or len(name) < SHORTEST_PART:
        found = whole
    else:
        found = [one for one in found if one.voucher.startswith(name) or one.voucher.endswith(name)]
    if len(found) > 1:
        raise InputError("E_VOUCHER_PART", value=name, count=len(found))
    if found:
        return found[0]
    with session.book.store.read() as connection:
        waiting.waiting(connection, name)
    raise waiting.not_pending(name)


def _confirmed(desk: Desk, one: WaitingVoucher, capacity: str) -> bool:
    """Show what would be signed and ask; where nobody can answer, the answer is no."""
    found = summary_of(one)
    line(
        f"{one.voucher}  {one.entity}  {found['voucher_date']}  {desk.text('制单', 'maker')} {one.maker}  "
        f"{yuan(found['once_fen'])}  {found['note']}",
        err=True,
    )
    for told in _contents(desk, found["events"]):
        line(f"  {told}", err=True)
    role = capacity_name(desk, capacity)
    return typer.confirm(desk.text(f"以{role}身份同意?", f"Approve as {role}?"), err=True)


@command(commands, "reject")
def reject(desk: Desk, voucher: VoucherArgument, reason: ReasonOption) -> None:
    """驳回他人的凭证;同样内容不能再入账。 Reject another's voucher; the same bytes can never be posted."""
    _end(desk, voucher, "voucher.rejected", reason)


@command(commands, "withdraw")
def withdraw(desk: Desk, voucher: VoucherArgument, reason: ReasonOption) -> None:
    """制单人撤回自己的凭证。 The maker takes a voucher back."""
    _end(desk, voucher, "voucher.withdrawn", reason)


def _end(desk: Desk, voucher: str, kind: str, reason: str) -> None:
    with desk.session() as session:
        one = find_waiting(session, voucher, waiting.PENDING, waiting.REFUSED)
        event = _ending(one, kind, reason)
        post(desk, session, [draft(session.signer(), one.entity, session.today(), [event], session.now())])


def _ending(one: WaitingVoucher, kind: str, reason: str) -> Event:
    """The event that a waiting voucher ended, which keeps what it was."""
    said = {"voucher": one.voucher, "statement": one.statement, "maker": one.maker, "amount_fen": one.amount_fen}
    return draft_event(kind, {**said, "reason": reason})


@command(commands, "reverse")
def reverse(
    desk: Desk,
    position: Annotated[int, typer.Argument(metavar="POSITION", min=1, help="事件的序号。 The event's position.")],
    reason: ReasonOption,
    day: Annotated[str | None, typer.Option("--date", metavar="DAY", help="凭证日期。 The voucher's date.")] = None,
) -> None:
    """红字冲销一个事件,须经审核。 Reverse an event; a checker approves."""
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
