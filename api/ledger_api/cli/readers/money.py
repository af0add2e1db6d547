"""`pledges`, `recoveries`, `societies`, `lottery`: what was promised, ordered back, raised and allocated."""

from typing import Annotated, Any

import typer

from ledger.catalogue import say
from ledger.values.dates import FIRST_YEAR, LAST_YEAR
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    OnOption,
    Table,
    aged,
    answer,
    day_of,
    on_day,
    position_of,
    rate_text,
    reader,
    today_of,
)
from ledger_api.tables.coded import worded

commands = typer.Typer()

YearOption = Annotated[
    int | None, typer.Option("--year", metavar="YYYY", min=FIRST_YEAR, max=LAST_YEAR, help="哪一年。 Which year.")
]


@command(commands, "pledges")
def pledges(
    desk: Desk,
    entity: EntityOption = None,
    year: YearOption = None,
    on: OnOption = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """认捐与到账;--year 给出年度口径,截至年末或今天。 Pledges and what arrived; --year sums a year."""
    from ledger_projections.charity.pledge_report import pledge_list, pledge_report

    with reader(desk, entity, at) as (book, connection):
        if year is not None:
            clocks: dict[str, Any] = {"as_of": day_of(as_of), "at": position_of(connection, at)}
            report = pledge_report(connection, year, today=today_of(book), entity=entity, **clocks)
            rows = [
                (
                    r.entity,
                    r.year,
                    r.pledged_fen,
                    r.pledged_arrived_fen,
                    r.earlier_arrived_fen,
                    r.direct_fen,
                    r.arrived_fen,
                    r.earlier_reversed_fen,
                    r.outstanding_fen,
                    rate_text(r.rate_per_mille),
                )
                for r in report.rows
            ]
            answer(desk, report, _PLEDGE_YEAR, rows, range(2, 9))
            return
        found = pledge_list(
            connection, on_day(book, on, as_of), as_of=day_of(as_of), at=position_of(connection, at), entity=entity
        )
    listed = [
        (
            r.entity,
            r.pledge,
            r.donor_label or r.donor,
            r.fund,
            r.promised_fen + r.changed_fen,
            r.paid_before_fen + r.arrived_fen,
            r.released_fen,
            r.outstanding_fen,
            r.overdue_fen,
            r.next_due_on,
        )
        for r in found.rows
    ]
    answer(desk, found, _PLEDGE, listed, range(4, 9))


_PLEDGE = (
    ("主体", "entity"),
    ("认捐", "pledge"),
    ("认捐方", "donor"),
    ("基金", "fund"),
    ("认捐额", "promised"),
    ("已到账", "arrived"),
    ("免除", "released"),
    ("未到账", "outstanding"),
    ("逾期", "overdue"),
    ("最早到期", "next due"),
)
_PLEDGE_YEAR = (
    ("主体", "entity"),
    ("年度", "year"),
    ("当年认捐", "pledged"),
    ("当年认捐到账", "of it arrived"),
    ("往年认捐到账", "earlier arrived"),
    ("直接到账", "direct"),
    ("到账合计", "arrived in all"),
    ("冲销往年到账", "earlier reversed"),
    ("未到账", "outstanding"),
    ("到账率", "rate"),
)


@command(commands, "recoveries")
def recoveries(
    desk: Desk, entity: EntityOption = None, on: OnOption = None, as_of: AsOfOption = None, at: AtOption = None
) -> None:
    """追缴台账:应追、已追、未追、账龄。 Recoveries: ordered, collected, open, by age."""
    from ledger_projections.public_money.recoveries import recoveries as recoveries_of
    from ledger_projections.summaries.programmes import programme_names

    with reader(desk, entity, at) as (book, connection):
        found = recoveries_of(
            connection, on_day(book, on, as_of), as_of=day_of(as_of), at=position_of(connection, at), entity=entity
        )
        names = programme_names(connection, found.position)
    matters = {one.finding: one for one in found.matters}
    before = say("table_word.taken_over", desk.language)
    rows: list[tuple[object, ...]] = [
        (
            r.entity,
            r.document or "",
            matters[r.finding].category if r.finding in matters else before,
            names.get((r.entity, r.programme), r.programme),
            r.ordered_on,
            r.sums.ordered_fen,
            r.sums.collected_fen,
            r.sums.written_off_fen,
            r.sums.open_fen,
            worded(r, "state", desk.language),
            rate_text(r.sums.rate_per_mille),
            f"recovery:{r.recovery}",
        )
        for r in found.recoveries
    ]
    total = found.total
    sums = (total.ordered_fen, total.collected_fen, total.written_off_fen, total.open_fen)
    rows.append(("", desk.text("合计", "total"), "", "", "", *sums, "", rate_text(total.rate_per_mille), ""))
    over: list[Table] = [(_OVER, [(total.over_fen,)], (0,))] if total.over_fen else []
    ages = aged(total.ages, ("未追·未到期", "open, not due"))
    answer(desk, found, _RECOVERY, rows, range(5, 9), *over, *ages)


_OVER = (("另有多收未退(不抵别人的未追)", "collected beyond the orders"),)
_RECOVERY = (
    ("主体", "entity"),
    ("责令文书", "document"),
    ("问题类别", "kind of matter"),
    ("项目", "programme"),
    ("下达", "ordered on"),
    ("应追", "ordered"),
    ("已追", "collected"),
    ("核销", "written off"),
    ("未追", "open"),
    ("状态", "state"),
    ("追缴率", "rate"),
    ("查证标签", "tag for trail"),
)


@command(commands, "societies")
def societies(
    desk: Desk, entity: EntityOption = None, on: OnOption = None, as_of: AsOfOption = None, at: AtOption = None
) -> None:
    """互助社:筹集、发放、余额、注册资金线。 Mutual-aid societies: raised, granted, balance, the line."""
    from ledger_projections.charity.societies import societies as societies_of

    with reader(desk, entity, at) as (book, connection):
        found = societies_of(
            connection, on_day(book, on, as_of), as_of=day_of(as_of), at=position_of(connection, at), entity=entity
        )
    rows: list[tuple[object, ...]] = [
        (
            r.entity,
            r.society,
            r.name,
            r.township,
            worded(r, "status", desk.language),
            r.raised_fen,
            r.granted_fen,
            r.balance_fen,
            r.short_fen,
            {True: desk.text("达到", "yes"), False: desk.text("未达到", "no"), None: ""}[r.reaches_line],
        )
        for r in sorted(found.rows, key=lambda r: (r.entity, r.township or "", r.name, r.society))
    ]
    total = found.totals
    sums = (total.raised_fen, total.granted_fen, total.balance_fen)
    rows.append(("", desk.text("合计", "total"), total.societies, "", total.registered, *sums, "", total.reaching))
    answer(desk, found, _SOCIETY, rows, range(5, 9))


_SOCIETY = (
    ("主体", "entity"),
    ("互助社", "society"),
    ("名称", "name"),
    ("乡镇", "township"),
    ("状态", "status"),
    ("筹集", "raised"),
    ("发放", "granted"),
    ("余额", "balance"),
    ("距线", "short"),
    ("达到资金线", "reaches line"),
)


@command(commands, "lottery")
def lottery(
    desk: Desk, entity: EntityOption = None, year: YearOption = None, as_of: AsOfOption = None, at: AtOption = None
) -> None:
    """福彩公益金:按层级和用途的分配、使用(项目和补助名单)、结余。 Lottery proceeds: allocated, used, left."""
    from ledger_projections.public_money.lottery.report import lottery_report

    with reader(desk, entity, at) as (_, connection):
        found = lottery_report(
            connection, year=year, as_of=day_of(as_of), at=position_of(connection, at), entity=entity
        )
    listed = [(*(worded(c, name, desk.language) for name in ("level", "purpose")), c.sums) for c in found.cells]
    cells = [("", desk.text("合计", "total"), found.total)]
    rows = [
        (
            level,
            purpose,
            sums.projects,
            sums.allocated_fen,
            sums.carried_over_fen,
            sums.used_fen,
            sums.used_by_projects_fen,
            sums.used_by_lists_fen,
            sums.returned_fen,
            sums.left_fen,
            rate_text(sums.rate_per_mille),
        )
        for level, purpose, sums in [*listed, *cells]
    ]
    answer(desk, found, _LOTTERY, rows, range(3, 10))


_LOTTERY = (
    ("层级", "level"),
    ("用途", "purpose"),
    ("项目数", "projects"),
    ("分配", "allocated"),
    ("其中结转", "carried over"),
    ("使用", "used"),
    ("其中项目", "by projects"),
    ("其中名单", "by lists"),
    ("退回", "returned"),
    ("结余", "left"),
    ("执行率", "rate"),
)
