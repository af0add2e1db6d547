"""`period check | lock | close | reopen | carry`: what is open of a month; it takes no more vouchers, then it is final;
its income and cost go to net assets.
"""

import re
from datetime import date
from typing import Annotated

import typer

from ledger.application.closing import MATTERS, open_matters, to_carry_forward
from ledger.application.drafting import draft, draft_event
from ledger.errors import InputError, RefusedError
from ledger.flows.books.periods import CALENDAR_KINDS, MAX_CARRIED, states
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.log.appending import read_head
from ledger.log.totals.trials import trial_of, trial_root
from ledger.values.dates import Period
from ledger_api.asking import refuse_unknown
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import post, show
from ledger_api.cli.output import at_position, finding_text, line, write_json

period = typer.Typer(help="会计期间。 Accounting months.")
commands = typer.Typer()
commands.add_typer(period, name="period")

EntityArgument = Annotated[str, typer.Argument(metavar="ENTITY", help="会计主体。 The entity.")]
MonthArgument = Annotated[str, typer.Argument(metavar="YYYY-MM", help="月份。 The month.")]

UnsettledOption = Annotated[
    list[str] | None,
    typer.Option(
        "--unsettled",
        metavar="WHAT=REASON",
        help="保留不办的事项及原因,可多次。 What is let stand and why; repeatable.",
    ),
]


@command(period, "check")
def check(desk: Desk, entity: EntityArgument, month: MonthArgument) -> None:
    """结账清单:某月还有什么没有办完。 What is still open of a month, to be settled before its close."""
    found = Period.parse(month)
    with desk.book() as book, book.store.read() as connection:
        position = read_head(connection).position
        refuse_unknown(connection, entity, position)
        matters = open_matters(connection, entity, str(found), position)
    if desk.as_json:
        rows = [{"what": one.what, "count": one.count, "names": list(one.names)} for one in matters]
        write_json({"position": position, "entity": entity, "period": str(found), "open": rows})
        return
    for one in matters:
        line(finding_text(desk, one.finding(-1, entity, str(found))))
    if not matters:
        line(desk.text("没有未办事项,可以锁账、结账。", "Nothing is open: the month can be locked and closed."))
    at_position(desk, position)


@command(period, "lock")
def lock(desk: Desk, entity: EntityArgument, month: MonthArgument) -> None:
    """暂停某月制单,立即生效。 Lock a month: it takes no more vouchers from now on."""
    with desk.session() as session:
        found = Period.parse(month)
        _post(desk, session, entity, found, draft_event("period.locked", {"entity": entity, "period": str(found)}))


@command(period, "close")
def close(desk: Desk, entity: EntityArgument, month: MonthArgument, unsettled: UnsettledOption = None) -> None:
    """结账:以锁定时的科目余额表为准,须经审核;未办完的事项须列明原因。 Close a locked month against its trial balance;
    a checker approves, and what is still open is listed with its reason.
    """
    reasons = dict(_reason(one) for one in unsettled or ())
    with desk.session() as session:
        found = Period.parse(month)
        locked_at = _locked_at(session, entity, found)
        with session.book.store.read() as connection:
            root = trial_root(trial_of(connection, entity, str(found), str(found), locked_at))
            matters = open_matters(connection, entity, str(found), locked_at)
        stand = [{"what": one.what, "count": one.count, **reasons[one.what]} for one in matters if one.what in reasons]
        values = {"entity": entity, "period": str(found), "position": locked_at, "trial_balance_root": root}
        _post(desk, session, entity, found, draft_event("period.closed", {**values, "unsettled": stand}))


@command(period, "reopen")
def reopen(
    desk: Desk,
    entity: EntityArgument,
    month: MonthArgument,
    reason: Annotated[str, typer.Option("--reason", help="理由。 The reason.")],
    document: Annotated[str | None, typer.Option("--document", help="批准文号。 The decision.")] = None,
) -> None:
    """反结账:锁定或已结账的月份重新开放,须经审核。 Open a locked or closed month again; a checker approves."""
    with desk.session() as session:
        found = Period.parse(month)
        values = {"entity": entity, "period": str(found), "reason": reason, "document": document}
        _post(desk, session, entity, found, draft_event("period.reopened", values))


@command(period, "carry")
def carry(
    desk: Desk,
    entity: EntityArgument,
    span: Annotated[str, typer.Argument(metavar="YYYY[-MM]", help="年度或月份。 The year or the month.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算,不写入。 Judge it and write nothing.")] = False,
) -> None:
    """期末结转:截至期末的收入、费用余额全部转入净资产,须经审核。 Carry forward: whatever income and cost stand at the
    end of the period goes to net assets; a checker approves.
    """
    with desk.session() as session:
        found = Period.parse(f"{span}-12" if re.fullmatch("[0-9]{4}", span) else span)
        with session.book.store.read() as connection:
            position = read_head(connection).position
            refuse_unknown(connection, entity, position)
            lines = to_carry_forward(connection, entity, str(found), position)
        if not lines:
            _nothing_to_carry(desk, entity, found, position)
            return
        rows = [one.model_dump(mode="json") for one in lines]
        dated = {"version": 2, "entity": entity, "period": str(found), "on": found.last_day.isoformat()}
        starts = range(0, len(rows), MAX_CARRIED)
        events = [
            draft_event("period.carried_forward", {**dated, "lines": rows[at : at + MAX_CARRIED]}) for at in starts
        ]
        drafted = draft(session.signer(), entity, found.last_day, events, session.now())
        if not dry_run:
            post(desk, session, [drafted])
            return
        line(desk.text("试算,不写入:", "judged only, nothing is written:"), err=True)
        show(desk, session.writer.preview(drafted, shows=True))


def _nothing_to_carry(desk: Desk, entity: str, month: Period, position: int) -> None:
    if desk.as_json:
        write_json({"position": position, "entity": entity, "period": str(month), "lines": []})
        return
    told = f"截至 {month} 期末没有收入、费用余额,不用结转。", f"No income or cost stands at the end of {month}."
    line(desk.text(*told))
    at_position(desk, position)


def _reason(text: str) -> tuple[str, dict[str, str | None]]:
    """`matter=reason` or `matter=reason;document`; E_CLOSE_WHAT."""
    what, _, said = text.partition("=")
    explanation, _, document = said.replace("；", ";").partition(";")
    if what.strip() not in MATTERS or not explanation.strip():
        raise InputError("E_CLOSE_WHAT", value=text, known="、".join(MATTERS))
    return what.strip(), {"explanation": explanation.strip(), "document": document.strip() or None}


def _locked_at(session: Session, entity: str, month: Period) -> int:
    """The position of the month's lock; E_NOT_LOCKED."""
    history = session.history(Need(f"entity:{entity}", CALENDAR_KINDS))
    state, position = states(iter(history)).get(str(month), ("open", 0))
    if state != "locked":
        raise RefusedError("E_NOT_LOCKED", entity=entity, period=str(month), period_state=state)
    return position


def _post(desk: Desk, session: Session, entity: str, month: Period, event: Event) -> None:
    """Dated in the month itself: its last day, or today while the month still runs."""
    day: date = min(month.last_day, session.today())
    post(desk, session, [draft(session.signer(), entity, day, [event], session.now())])
