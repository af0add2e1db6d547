"""`doubts` and `clues`: recorded facts that broke a rule, what came of the clues, and of the lists they came from."""

from typing import Annotated, Any

import typer

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, write_json
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    OnOption,
    aged,
    answer,
    day_of,
    on_day,
    position_of,
    rate_text,
    reader,
    titled,
)

commands = typer.Typer()


@command(commands, "doubts")
def doubts(
    desk: Desk,
    code: Annotated[
        str | None, typer.Option("--code", metavar="CODE", help="只看一种,如 W_PAYEE_DEAD。 One kind only.")
    ] = None,
    remarks: Annotated[
        bool, typer.Option("--remarks", help="连同审批时的提醒(如没有写议事会议)。 What was remarked at decisions too.")
    ] = False,
    entity: EntityOption = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """疑点:如实入账而与规则不符的事项,逐条说明。 Recorded facts that broke a rule, one by one."""
    from ledger_projections.public_money.doubts import doubts as doubts_of
    from ledger_projections.public_money.doubts import require_kind
    from ledger_projections.public_money.doubts_told import doubts_told
    from ledger_projections.public_money.households.to_do import TO_DO

    with reader(desk, entity, at) as (_, connection):
        clocks: dict[str, Any] = {"as_of": day_of(as_of), "at": position_of(connection, at)}
        require_kind(connection, code)
        found = doubts_of(connection, entity=entity, code=code, remarks=remarks, **clocks)
        told = doubts_told(connection, found, desk.language)
    if desk.as_json:
        write_json(told.to_json())
        return
    ended = {True: desk.text("已了结", "settled"), False: desk.text("已冲销", "reversed")}
    titled(
        desk,
        _DOUBT,
        [
            (
                row.position,
                row.voucher_date,
                row.entity,
                row.code,
                row.message,
                ended[row.code in TO_DO] if row.reversed_at else "",
            )
            for row in told.rows
        ],
    )
    titled(desk, (("代码", "code"), ("条数", "doubts")), list(told.counts.items()))
    at_position(desk, told.position)


@command(commands, "clues")
def clues(
    desk: Desk,
    entity: EntityOption = None,
    on: OnOption = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
    runs: Annotated[
        bool, typer.Option("--runs", help="改为按比对名单汇总。 The lists that were compared, and what came of each.")
    ] = False,
) -> None:
    """线索台账:来源、去向、结果,逾期未复的。 Clues: where each came from, where it stands, what is overdue."""
    from ledger_projections.public_money.doubts import clues as clues_of
    from ledger_projections.summaries.handling.clue_totals import clues_told

    if runs:
        _runs(desk, entity, on, as_of, at)
        return
    with reader(desk, entity, at) as (book, connection):
        clocks: dict[str, Any] = {"as_of": day_of(as_of), "at": position_of(connection, at)}
        found = clues_told(clues_of(connection, on_day(book, on, as_of), entity=entity, **clocks))
    late = desk.text("逾期", "overdue")
    rows = [
        (
            row.clue,
            row.raised_on,
            _said(desk, row.found_by),
            row.test or "",
            row.township or "",
            row.exposure_fen,
            _said(desk, row.state),
            row.state_on,
            late if row.overdue else "",
            _said(desk, row.result or ""),
            row.confirmed_fen,
            row.finding or "",
            row.issued_on or "",
            row.due_on or "",
            row.answered_on or "",
            "" if row.days is None else row.days,
            row.overdue_days or "",
        )
        for row in found.rows
    ]
    sums = found.totals
    total = (sums.clues, sums.founded, sums.answered, rate_text(sums.rate_per_mille))
    ages = aged(found.ages, ("未反馈·未到期", "unanswered, not due"))
    answer(desk, found, _CLUE, rows, (5, 10), (_CLUE_TOTAL, [total], ()), *ages)


def _runs(desk: Desk, entity: str | None, on: str | None, as_of: str | None, at: str | None) -> None:
    """疑点数据汇总表."""
    from ledger_projections.public_money.matching_runs import matching_runs

    with reader(desk, entity, at) as (book, connection):
        clocks: dict[str, Any] = {"as_of": day_of(as_of), "at": position_of(connection, at)}
        found = matching_runs(connection, on_day(book, on, as_of), entity=entity, **clocks)
    rows = [
        (
            row.test,
            row.data_as_of,
            row.organisation,
            row.listed,
            row.compared,
            row.hits,
            row.exposure_fen,
            row.raised,
            row.issued,
            row.founded,
            row.partly,
            row.refuted,
            row.unverifiable,
            row.unanswered,
            row.confirmed_fen,
            rate_text(row.founded_per_mille),
        )
        for row in found.rows
    ]
    answer(desk, found, _RUN, rows, (6, 14))


def _said(desk: Desk, code: str) -> str:
    """A code of the log in words; as it is where it has none."""
    return desk.text(WORDS.get(code, code), code)


WORDS: dict[str, str] = {
    "raised": "待分派",
    "assigned": "核查中",
    "verified": "已核实",
    "refuted": "已排除",
    "confirmed": "已认定",
    "founded": "属实",
    "partly": "部分属实",
    "unverifiable": "无法核实",
    "stale_data": "信息滞后",
    "data_error": "数据错误",
    "same_name": "同名同号",
    "policy_allows": "政策允许",
    "institution_account": "机构账户",
    "guardian_account": "监护人账户",
    "self_corrected": "已自行纠正",
    "self_check": "自查",
    "matching": "数据比对",
    "petition": "信访",
    "township": "乡镇上报",
    "audit": "审计",
    "inspection": "巡察",
    "discipline": "纪委移交",
    "supervision": "上级督查",
    "other": "其他",
}
"""Codes of where a clue came from, where it stands and what came of it, as offices say them."""
_DOUBT = (
    ("序号", "position"),
    ("凭证日期", "voucher date"),
    ("主体", "entity"),
    ("代码", "code"),
    ("说明", "what"),
    ("状态", "state"),
)
_CLUE = (
    ("线索", "clue"),
    ("提出日", "raised on"),
    ("来源", "found by"),
    ("模型", "test"),
    ("乡镇", "township"),
    ("涉及金额", "exposure"),
    ("进度", "state"),
    ("日期", "on"),
    ("逾期", "overdue"),
    ("结果", "result"),
    ("核实金额", "confirmed"),
    ("认定", "finding"),
    ("下发日", "issued on"),
    ("期限", "due on"),
    ("反馈日", "answered on"),
    ("天数", "days"),
    ("逾期天数", "days overdue"),
)
_CLUE_TOTAL = (
    ("线索件数", "clues in all"),
    ("属实(含部分)", "founded"),
    ("已办结", "answered"),
    ("办结率", "rate"),
)
_RUN = (
    ("模型", "test"),
    ("数据截止日", "data as of"),
    ("提供单位", "from"),
    ("名单行数", "listed"),
    ("比对人数", "compared"),
    ("命中", "hits"),
    ("涉及金额", "exposure"),
    ("疑点", "doubts"),
    ("已下发", "issued"),
    ("属实", "founded"),
    ("部分属实", "partly"),
    ("不属实", "refuted"),
    ("无法核实", "unverifiable"),
    ("待核", "unanswered"),
    ("认定金额", "confirmed"),
    ("属实率", "founded rate"),
)
