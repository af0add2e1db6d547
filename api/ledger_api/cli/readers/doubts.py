"""`doubts` and `clues`: recorded facts that broke a rule, and what came of the clues."""

from typing import Annotated

import typer

from ledger.catalogue import say
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, write_json
from ledger_api.cli.readers.answers import (
    AtOption,
    EntityOption,
    OnOption,
    answer,
    on_day,
    position_of,
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
    entity: EntityOption = None,
    at: AtOption = None,
) -> None:
    """疑点:如实入账而与规则不符的事项,逐条说明。 Recorded facts that broke a rule, one by one."""
    from ledger_projections.public_money.doubts import doubts as doubts_of

    with reader(desk) as (_, connection):
        found = doubts_of(connection, at=position_of(connection, at), entity=entity, code=code)
    told = [say(row.code, desk.language, **row.detail) for row in found.rows]
    if desk.as_json:
        rows = [{**row.to_json(), "message": text} for row, text in zip(found.rows, told, strict=True)]
        write_json({**found.to_json(), "rows": rows})
        return
    settled = desk.text("已冲销", "reversed")
    titled(
        desk,
        _DOUBT,
        [
            (row.position, row.voucher_date, row.entity, row.code, text, settled if row.reversed_at else "")
            for row, text in zip(found.rows, told, strict=True)
        ],
    )
    titled(desk, (("代码", "code"), ("条数", "doubts")), list(found.counts.items()))
    at_position(desk, found.position)


@command(commands, "clues")
def clues(desk: Desk, entity: EntityOption = None, on: OnOption = None, at: AtOption = None) -> None:
    """线索台账:来源、去向、结果,逾期未复的。 Clues: where each came from, where it stands, what is overdue."""
    from ledger_projections.public_money.doubts import clues as clues_of

    with reader(desk) as (book, connection):
        found = clues_of(connection, on_day(book, on), at=position_of(connection, at), entity=entity)
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
        )
        for row in found.rows
    ]
    answer(desk, found, _CLUE, rows, (5, 10))


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
)
