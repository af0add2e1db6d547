"""`subsidies`: who was to be paid and who was, where the batches stand, what failed, and how the rosters moved."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy import Connection

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    ProgrammeOption,
    answer,
    day_of,
    position_of,
    reader,
    today_of,
)
from ledger_api.spans import months_from, usual_month
from ledger_api.tables.coded import worded

if TYPE_CHECKING:
    from ledger_projections.summaries.relief.totals import SubsidiesTold

commands = typer.Typer()

Clocks = tuple[str | None, int | None, str | None]
"""Business day and position, and whose payments: None is all."""


@command(commands, "subsidies")
def subsidies(
    desk: Desk,
    month: Annotated[
        str | None,
        typer.Option(
            "--month",
            metavar="YYYY-MM",
            help="哪个月;默认最近有发放的一月。 Which month; else the newest with payments.",
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="YYYY-MM", help="到哪个月。 Up to which month.")
    ] = None,
    programme: ProgrammeOption = None,
    scheme: Annotated[
        str | None,
        typer.Option(
            "--scheme",
            metavar="SCHEME,…",
            help="救助类别,逗号隔开,或 relief、listed。 Which schemes, or a set of them.",
        ),
    ] = None,
    rosters: Annotated[
        bool, typer.Option("--rosters", help="改为列出花名册增减。 The rosters' movements instead.")
    ] = False,
    failures: Annotated[bool, typer.Option("--failures", help="改为列出失败与补发。 Failed payments instead.")] = False,
    entity: EntityOption = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """补助发放进度:户、户次、人、人次、应发、实发、失败。 Subsidies by programme and month, and where batches stand."""
    from ledger_projections.public_money.subsidies import newest_month
    from ledger_projections.summaries.programmes import programme_names, require_programme
    from ledger_projections.summaries.relief import totals

    schemes = totals.schemes_of(scheme)
    with reader(desk, entity, at) as (book, connection):
        position = position_of(connection, at)
        require_programme(connection, programme, entity=entity, at=position)
        clocks = (as_of, position, entity)
        newest = usual_month(newest_month, connection, (day_of(as_of), position), today_of(book), entity)
        first, last = months_from(newest if month is None else month, until)
        if failures:
            _failures(desk, connection, (None, None) if month is None else (first, last), clocks)
            return
        if rosters:
            _rosters(desk, connection, (first, last), (programme, schemes), clocks)
            return
        asked: dict[str, Any] = {"as_of": day_of(as_of), "at": position, "programme": programme, "entity": entity}
        found = totals.subsidies_told(connection, (first, last), schemes, **asked)
        names = programme_names(connection, found.position)
    _show(desk, found, names)


def _show(desk: Desk, found: "SubsidiesTold", names: Mapping[tuple[str, str], str]) -> None:
    sums = found.totals
    rows: list[tuple[object, ...]] = [
        (
            r.entity,
            names.get((r.entity, r.programme), r.programme),
            r.month or desk.text("合计", "in all"),
            r.households,
            r.household_times,
            r.persons,
            r.person_times,
            r.authorised_fen,
            r.paid_fen,
            r.returned_fen,
            r.failed_fen,
            r.offset_fen,
        )
        for r in (*found.rows, *(found.span if found.first != found.last else ()))
    ]
    counts = (sums.households, sums.household_times, sums.persons, sums.person_times, sums.authorised_fen)
    money = (sums.paid_fen, sums.returned_fen, sums.failed_fen, sums.offset_fen)
    rows.append(("", desk.text("全部项目", "all programmes"), desk.text("总计", "total"), *counts, *money))
    late = (sums.late_fen, sums.arrears_fen, sums.uplift_fen, sums.reissued_fen)
    level = (sums.level_fen, sums.each_fen, sums.person_months)
    total = (*late, _known(sums.average_fen), *map(_known, level))
    lines = [
        (
            b.batch,
            names.get((b.entity, b.programme), b.programme),
            b.month,
            worded(b, "state", desk.language),
            b.prepared_fen,
            b.paid_fen,
            b.pending_fen,
            b.failed_fen,
            b.cancelled_fen,
            b.beyond_fen,
        )
        for b in found.batches
    ]
    answer(desk, found, _SUBSIDY, rows, range(7, 12), (_TOTAL, [total], range(7)), (_BATCH, lines, range(4, 10)))


def _failures(desk: Desk, connection: Connection, span: tuple[str, str] | tuple[None, None], clocks: Clocks) -> None:
    from ledger_projections.public_money.failures import failures as failures_of

    as_of, at, entity = clocks
    found = failures_of(connection, month=span[0], last=span[1], as_of=day_of(as_of), at=at, entity=entity)
    rows = [
        (
            r.month,
            r.batch,
            r.payment,
            r.fen,
            worded(r, "code", desk.language),
            r.reason,
            r.failed_on,
            worded(r, "state", desk.language),
            r.paid_again_on,
        )
        for r in found.rows
    ]
    total = (found.lines, found.fen, found.paid_lines, found.waiting_lines, found.open_fen)
    answer(desk, found, _FAILURE, rows, (3,), (_FAILURE_TOTAL, [total], (1, 4)))


def _known(fen: int | None) -> object:
    return "" if fen is None else fen


def _rosters(
    desk: Desk,
    connection: Connection,
    span: tuple[str, str],
    wanted: tuple[str | None, tuple[str, ...]],
    clocks: Clocks,
) -> None:
    from ledger_projections.public_money.rosters import rosters as rosters_of
    from ledger_projections.summaries.programmes import programme_names
    from ledger_projections.summaries.relief import totals

    as_of, at, entity = clocks
    programme, schemes = wanted
    every = rosters_of(connection, *span, programme=programme, as_of=day_of(as_of), at=at, entity=entity)
    found = totals.rosters_told(every, schemes, totals.programmes_of(connection, every.position, schemes))
    names = programme_names(connection, found.position)
    rows = [
        (
            names.get((r.entity, r.programme), r.programme),
            r.month,
            r.opening_households,
            r.in_households,
            r.out_households,
            r.closing_households,
            r.opening_persons,
            r.in_persons + r.added_persons,
            r.out_persons + r.removed_persons,
            r.closing_persons,
            r.closing_monthly_fen,
            r.pending_reasons,
        )
        for r in found.rows
    ]
    sums = found.totals
    came = (sums.in_households, sums.in_persons, sums.in_transfer_persons)
    left = (sums.out_households, sums.out_persons, sums.out_transfer_persons, sums.out_death_persons)
    cleared = (sums.out_cleared_households, sums.out_cleared_persons)
    total = (*came, *left, *cleared, sums.closing_households, sums.closing_persons)
    answer(desk, found, _ROSTER, rows, (10,), (_ROSTER_TOTAL, [total], ()))


_SUBSIDY = (
    ("主体", "entity"),
    ("项目", "programme"),
    ("月份", "month"),
    ("户", "households"),
    ("户次", "times"),
    ("人", "persons"),
    ("人次", "times"),
    ("应发", "authorised"),
    ("实发", "paid"),
    ("退回", "returned"),
    ("失败", "failed"),
    ("抵扣", "offset"),
)
_TOTAL = (
    ("总计补发", "paid late in all"),
    ("补以前月份", "arrears"),
    ("提标补差", "rises"),
    ("退票再付", "paid again"),
    ("人均(元/人次)", "a person and time"),
    ("补助水平的金额", "level, amount"),
    ("补助水平(元/人月)", "level of support"),
    ("人月", "person-months"),
)
_ROSTER_TOTAL = (
    ("总计新增户", "households in, in all"),
    ("新增人", "persons in"),
    ("其中转类", "transferred in"),
    ("退出户", "households out"),
    ("退出人", "persons out"),
    ("其中转类", "transferred out"),
    ("其中死亡", "died"),
    ("清退户", "households cleared"),
    ("清退人", "persons cleared"),
    ("期末户", "closing households"),
    ("期末人", "closing persons"),
)
_FAILURE_TOTAL = (
    ("总计笔数", "lines in all"),
    ("金额", "amount"),
    ("已补发笔数", "lines paid again"),
    ("待补发笔数", "lines still to be paid"),
    ("待补发额", "still to be paid"),
)
_BATCH = (
    ("批次", "batch"),
    ("项目", "programme"),
    ("月份", "month"),
    ("进度", "state"),
    ("制表", "prepared"),
    ("已发", "paid"),
    ("在途", "pending"),
    ("失败", "failed"),
    ("取消", "cancelled"),
    ("超付", "beyond"),
)
_FAILURE = (
    ("月份", "month"),
    ("批次", "batch"),
    ("支付", "payment"),
    ("金额", "amount"),
    ("代码", "code"),
    ("原因", "reason"),
    ("失败日", "failed on"),
    ("状态", "state"),
    ("补发日", "paid again on"),
)
_ROSTER = (
    ("项目", "programme"),
    ("月份", "month"),
    ("期初户", "households"),
    ("增", "in"),
    ("减", "out"),
    ("期末户", "closing"),
    ("期初人", "persons"),
    ("增", "in"),
    ("减", "out"),
    ("期末人", "closing"),
    ("月保障金", "monthly"),
    ("待补原因", "reason pending"),
)
