"""`period lock | close`: a month takes no more vouchers, then it is final against its trial balance."""

from datetime import date
from typing import Annotated

import typer

from ledger.application.drafting import draft, draft_event
from ledger.errors import RefusedError
from ledger.flows.books.periods import CALENDAR_KINDS, states
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.values.dates import Period
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import post

period = typer.Typer(help="会计期间。 Accounting months.")
commands = typer.Typer()
commands.add_typer(period, name="period")

EntityArgument = Annotated[str, typer.Argument(metavar="ENTITY", help="会计主体。 The entity.")]
MonthArgument = Annotated[str, typer.Argument(metavar="YYYY-MM", help="月份。 The month.")]


@command(period, "lock")
def lock(desk: Desk, entity: EntityArgument, month: MonthArgument) -> None:
    """暂停某月制单,立即生效。 Lock a month: it takes no more vouchers from now on."""
    with desk.session() as session:
        found = Period.parse(month)
        _post(desk, session, entity, found, draft_event("period.locked", {"entity": entity, "period": str(found)}))


@command(period, "close")
def close(desk: Desk, entity: EntityArgument, month: MonthArgument) -> None:
    """结账:以锁定时的科目余额表为准,须经审核。 Close a locked month against its trial balance; a checker approves."""
    from ledger_projections.books.trial_balance import trial_of, trial_root

    with desk.session() as session:
        found = Period.parse(month)
        locked_at = _locked_at(session, entity, found)
        with session.book.store.read() as connection:
            root = trial_root(trial_of(connection, entity, str(found), str(found), locked_at))
        values = {"entity": entity, "period": str(found), "position": locked_at, "trial_balance_root": root}
        _post(desk, session, entity, found, draft_event("period.closed", {**values, "unsettled": []}))


def _locked_at(session: Session, entity: str, month: Period) -> int:
    """The position of the month's lock; E_NOT_LOCKED."""
    history = session.history(Need(f"entity:{entity}", CALENDAR_KINDS))
    state, position = states(iter(history)).get(str(month), ("open", 0))
    if state != "locked":
        raise RefusedError("E_NOT_LOCKED", entity=entity, period=str(month), state=state)
    return position


def _post(desk: Desk, session: Session, entity: str, month: Period, event: Event) -> None:
    """Dated in the month itself: its last day, or today while the month still runs."""
    day: date = min(month.last_day, session.today())
    post(desk, session, [draft(session.signer(), entity, day, [event], session.now())])
