"""`balances`, `trial-balance`, `trail`: what stands in the books, and what touched a tag. Each says its position."""

from dataclasses import astuple
from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy import Connection, select

from ledger.log import tables
from ledger.values.dates import Period
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, line, write_json
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    answer,
    day_of,
    position_of,
    refuse_unknown,
    titled,
    today_of,
)
from ledger_api.tables.coded import worded

if TYPE_CHECKING:
    from ledger_projections.books.balances import AccountBalances, FundBalance
    from ledger_projections.books.trail import TrailRow
    from ledger_projections.books.trial_balance import TrialReport

commands = typer.Typer()


@command(commands, "balances")
def balances(
    desk: Desk,
    accounts: Annotated[
        bool, typer.Option("--accounts", help="改为列出钱在哪个账户。 Where the money lies instead.")
    ] = False,
    as_of: AsOfOption = None,
    at: AtOption = None,
    entity: EntityOption = None,
) -> None:
    """各基金余额与可用额;--accounts 列出钱在哪里。 What each fund holds and can promise; --accounts: where it lies."""
    from ledger_projections.books.balances import account_balances, fund_balances

    with desk.book() as book, book.store.read() as connection:
        position = position_of(connection, at)
        refuse_unknown(connection, entity, position)
        if accounts:
            _show_places(desk, account_balances(connection, as_of=day_of(as_of), at=position, entity=entity))
            return
        found = fund_balances(connection, as_of=day_of(as_of), at=position, entity=entity)
    if desk.as_json:
        answer = found.to_json()
        write_json({"position": answer["position"], "as_of": answer["as_of"], "funds": answer["rows"]})
        return
    titles = (
        ("主体", "entity"),
        ("基金", "fund"),
        ("名称", "name"),
        ("类别", "kind"),
        ("余额", "balance"),
        ("可用", "available"),
        ("已承诺", "committed"),
        ("代管", "agency"),
    )
    rows = [
        (
            r.entity,
            r.fund,
            r.name,
            worded(r, "kind", desk.language),
            r.balance_fen,
            r.available_fen,
            r.committed_fen,
            r.agency_fen,
        )
        for r in sorted(found.rows, key=place_in_list)
    ]
    titled(desk, titles, rows, (4, 5, 6, 7))
    at_position(desk, found.position)


def place_in_list(row: "FundBalance") -> tuple[str, bool, str, str]:
    """Funds by their ids, then those of societies by name: a society's id is another in every book."""
    is_society = row.fund.startswith("society-")
    return row.entity, is_society, row.name if is_society else row.fund, row.fund


def _show_places(desk: Desk, found: "AccountBalances") -> None:
    if desk.as_json:
        answer = found.to_json()
        write_json({"position": answer["position"], "as_of": answer["as_of"], "accounts": answer["rows"]})
        return
    titles = (("主体", "entity"), ("存放", "kept as"), ("账户", "account"), ("基金", "fund"), ("余额", "balance"))
    rows = [(r.entity, worded(r, "role", desk.language), r.account, r.fund, r.balance_fen) for r in found.rows]
    titled(desk, titles, rows, (4,))
    at_position(desk, found.position)


@command(commands, "trial-balance")
def trial_balance(
    desk: Desk,
    entity: EntityOption = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="YYYY-MM", help="哪个月;默认为本月。 Which month; else this one.")
    ] = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """科目余额表,借贷平衡。 The trial balance of a month; debit equals credit."""
    from ledger_projections.books.trial_balance import trial_balance as trial_of
    from ledger_projections.keeping.clocks import log_moment

    with desk.book() as book, book.store.read() as connection:
        position = log_moment(connection, None, position_of(connection, at)).position
        refuse_unknown(connection, entity, position)
        day = day_of(as_of)
        month = str(Period.of(day or today_of(book))) if period is None else str(Period.parse(period))
        entities = [entity] if entity is not None else _entities(connection)
        trials = [trial_of(connection, one, month, at=position, as_of=day) for one in entities]
    if desk.as_json:
        found = [_trial_json(one) for one in trials]
        write_json({"position": position, "period": month, "as_of": as_of, "entities": found})
        return
    for one in trials:
        if one.accounts:
            _show_trial(desk, one)
    at_position(desk, position)


def _entities(connection: Connection) -> list[str]:
    return list(connection.scalars(select(tables.balances.c.entity).distinct().order_by(tables.balances.c.entity)))


def _trial_json(trial: "TrialReport") -> dict[str, Any]:
    found = trial.to_json()
    return {name: found[name] for name in ("entity", "accounts", "funds", "memo", "total", "ties", "root")}


def _show_trial(desk: Desk, trial: "TrialReport") -> None:
    line(f"{trial.entity}  {trial.first}")
    titles = (
        ("科目表", "chart"),  # in the year of a new one an account stands under both
        ("科目", "code"),
        ("名称", "account"),
        ("期初借方", "opening debit"),
        ("期初贷方", "opening credit"),
        ("本期借方", "debit"),
        ("本期贷方", "credit"),
        ("期末借方", "closing debit"),
        ("期末贷方", "closing credit"),
    )
    rows: list[tuple[object, ...]] = [
        (row.chart, row.code, desk.text(row.name_zh, row.name_en), *astuple(row.sums)) for row in trial.accounts
    ]
    rows.append(("", "", desk.text("合计", "total"), *astuple(trial.total)))
    titled(desk, titles, rows, range(3, 9))
    line(desk.text("借贷平衡", "debit equals credit") if trial.ties else desk.text("不平!", "out of balance!"))


@command(commands, "trail")
def trail_of_tag(
    desk: Desk,
    tag: Annotated[str, typer.Argument(metavar="TAG", help="标签,如 fund:general。 A tag such as fund:general.")],
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """一个标签的全部经过。 Everything that touched a tag."""
    from ledger_projections.books.tags import require_tag
    from ledger_projections.books.trail import trail

    with desk.book() as book, book.store.read() as connection:
        position = position_of(connection, at)
        require_tag(connection, tag)
        found = trail(connection, tag, as_of=day_of(as_of), at=position, language=desk.language)
    titles = (
        ("序号", "position"),
        ("存证号", "number"),
        ("凭证字号", "voucher no."),
        ("日期", "date"),
        ("业务", "event"),
        ("金额", "amount"),
        ("签名", "signed"),
        ("提示", "marks"),
    )
    answer(desk, found, titles, [_trail_row(desk, row) for row in found.rows], (5,))


def _trail_row(desk: Desk, row: "TrailRow") -> tuple[object, ...]:
    marks = list(row.warnings)
    if row.reversed_at is not None:
        marks.append(desk.text(f"已由序号 {row.reversed_at} 冲销", f"reversed at {row.reversed_at}"))
    signed = ", ".join(one.officer for one in row.signatures)
    return (
        row.position,
        row.number,
        row.voucher_no,
        row.voucher_date,
        row.title,
        row.amount_fen,
        signed,
        " ".join(marks),
    )
