"""`subsidies`: who was to be paid and who was, where the batches stand, what failed, and how the rosters moved."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy import Connection

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, write_json
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    ProgrammeOption,
    answer,
    day_of,
    position_of,
    reader,
    titled,
    today_of,
)
from ledger_api.spans import months_from, usual_month
from ledger_api.tables.coded import worded

if TYPE_CHECKING:
    from ledger_projections.public_money.batches import BatchList
    from ledger_projections.public_money.subsidies import SubsidyReport

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
    rosters: Annotated[
        bool, typer.Option("--rosters", help="改为列出花名册增减。 The rosters' movements instead.")
    ] = False,
    failures: Annotated[bool, typer.Option("--failures", help="改为列出失败与补发。 Failed payments instead.")] = False,
    entity: EntityOption = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """补助发放进度:户、户次、人、人次、应发、实发、失败。 Subsidies by programme and month, and where batches stand."""
    from ledger_projections.public_money.batches import batches
    from ledger_projections.public_money.subsidies import newest_month
    from ledger_projections.public_money.subsidies import subsidies as subsidies_of
    from ledger_projections.summaries.programmes import programme_names, require_programme

    with reader(desk, entity, at) as (book, connection):
        position = position_of(connection, at)
        require_programme(connection, programme, entity=entity, at=position)
        clocks = (as_of, position, entity)
        newest = usual_month(newest_month, connection, (day_of(as_of), position), today_of(book))
        first, last = months_from(newest if month is None else month, until)
        if failures:
            _failures(desk, connection, (None, None) if month is None else (first, last), clocks)
            return
        if rosters:
            _rosters(desk, connection, (first, last), programme, clocks)
            return
        asked: dict[str, Any] = {"as_of": day_of(as_of), "at": position, "programme": programme, "entity": entity}
        found = subsidies_of(connection, first, last, **asked)
        sent = batches(connection, first=first, last=last, **asked)
        names = programme_names(connection, found.position)
    if desk.as_json:
        write_json({**found.to_json(), "batches": sent.to_json()["rows"]})
        return
    _show(desk, found, sent, names)


def _show(desk: Desk, found: "SubsidyReport", sent: "BatchList", names: Mapping[tuple[str, str], str]) -> None:
    rows = [
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
    titled(desk, _SUBSIDY, rows, range(7, 12))
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
        for b in sent.rows
    ]
    titled(desk, _BATCH, lines, range(4, 10))
    at_position(desk, found.position)


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
    answer(desk, found, _FAILURE, rows, (3,))


def _rosters(desk: Desk, connection: Connection, span: tuple[str, str], programme: str | None, clocks: Clocks) -> None:
    from ledger_projections.public_money.rosters import rosters as rosters_of
    from ledger_projections.summaries.programmes import programme_names

    as_of, at, entity = clocks
    found = rosters_of(connection, *span, programme=programme, as_of=day_of(as_of), at=at, entity=entity)
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
    answer(desk, found, _ROSTER, rows, (10,))


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
