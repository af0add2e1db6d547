"""`balances`, `trial-balance`, `trail`: what stands in the books, and what touched a tag. Each says its position."""

from dataclasses import asdict, astuple
from datetime import date
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, select

from ledger.accounts.charts import chart_of
from ledger.accounts.trial_balance import TrialBalance
from ledger.errors import NotFoundError
from ledger.log import tables
from ledger.values.dates import Period, parse_day, timestamp_text
from ledger_api.books import Book
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, line, table, write_json
from ledger_api.clients import moment

commands = typer.Typer()

AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help="截至哪个业务日期。 Up to which business date.")
]
AtOption = Annotated[
    int | None, typer.Option("--at", min=1, metavar="POSITION", help="截至哪个序号。 As the log stood at a position.")
]
EntityOption = Annotated[
    str | None, typer.Option("--entity", metavar="ENTITY", help="只看一个会计主体。 One entity only.")
]


def day_of(text: str | None) -> date | None:
    """A day option."""
    return None if text is None else parse_day(text)


@command(commands, "balances")
def balances(
    desk: Desk, as_of: AsOfOption = None, at: AtOption = None, entity: EntityOption = None
) -> None:
    """各基金余额与可用额。 What each fund holds and can still promise."""
    from ledger_projections.books.balances import fund_balances

    with desk.book() as book, book.store.read() as connection:
        found = fund_balances(connection, as_of=day_of(as_of), at=at, entity=entity)
    if desk.as_json:
        answer = found.to_json()
        write_json({"position": answer["position"], "as_of": answer["as_of"], "funds": answer["rows"]})
        return
    titles = [
        desk.text(*pair)
        for pair in (
            ("主体", "entity"),
            ("基金", "fund"),
            ("名称", "name"),
            ("类别", "kind"),
            ("余额", "balance"),
            ("可用", "available"),
            ("已承诺", "committed"),
            ("代管", "agency"),
        )
    ]
    rows = [
        (r.entity, r.fund, r.name, r.kind, r.balance_fen, r.available_fen, r.committed_fen, r.agency_fen)
        for r in found.rows
    ]
    table(titles, rows, money=(4, 5, 6, 7))
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
    from ledger_audit.trials import trial_of, trial_root

    with desk.book() as book, book.store.read() as connection:
        position = position_of(connection, at)
        day, month = _month(book, day_of(as_of), period)
        entities = [entity] if entity is not None else _entities(connection)
        trials = [trial_of(connection, one, month, position, day) for one in entities]
    if desk.as_json:
        found = [{"root": trial_root(one), **_trial_json(one)} for one in trials if one.rows or entity is not None]
        write_json({"position": position, "period": str(month), "as_of": as_of, "entities": found})
        return
    for one in trials:
        if one.rows:
            _show_trial(desk, one)
    at_position(desk, position)


def position_of(connection: Connection, at: int | None) -> int:
    """The position that an answer stands for; E_POSITION when the log has not come so far."""
    head = connection.scalar(select(tables.head.c.position)) or 0
    if at is not None and at > head:
        raise NotFoundError("E_POSITION", position=at)
    return head if at is None else at


def _month(book: Book, as_of: date | None, period: str | None) -> tuple[date | None, Period]:
    """The last day that counts (None: to the month's end) and the month."""
    if period is not None:
        return as_of, Period.parse(period)
    today = parse_day(timestamp_text(moment(book.clock))[:10])
    return as_of, Period.of(as_of or today)


def _entities(connection: Connection) -> list[str]:
    return list(connection.scalars(select(tables.balances.c.entity).distinct().order_by(tables.balances.c.entity)))


def _trial_json(trial: TrialBalance) -> dict[str, Any]:
    accounts = [
        {"chart": chart, "code": code, "name": account_title(chart, code, "zh"), "fund": fund, **asdict(sums)}
        for (chart, code, fund), sums in trial.by(lambda row: (row.chart, row.code, row.fund)).items()
    ]
    total = trial.total()
    return {"entity": trial.entity, "accounts": accounts, "total": asdict(total), "ties": total.ties}


def account_title(chart: str, code: str, language: str) -> str:
    """The name of an account, or of the one that a detail account stands under."""
    found = chart_of(chart).place(code)
    return code if found is None else found.name(language)


def _show_trial(desk: Desk, trial: TrialBalance) -> None:
    line(f"{trial.entity}  {trial.period}")
    titles = [
        desk.text(*pair)
        for pair in (
            ("科目", "code"),
            ("名称", "account"),
            ("期初借方", "opening debit"),
            ("期初贷方", "opening credit"),
            ("本期借方", "debit"),
            ("本期贷方", "credit"),
            ("期末借方", "closing debit"),
            ("期末贷方", "closing credit"),
        )
    ]
    by_account = trial.by(lambda row: (row.chart, row.code))
    rows: list[tuple[object, ...]] = [
        (code, account_title(chart, code, desk.language), *astuple(sums)) for (chart, code), sums in by_account.items()
    ]
    total = trial.total()
    rows.append(("", desk.text("合计", "total"), *astuple(total)))
    table(titles, rows, money=range(2, 8))
    line(desk.text("借贷平衡", "debit equals credit") if total.ties else desk.text("不平!", "out of balance!"))


@command(commands, "trail")
def trail(
    desk: Desk,
    tag: Annotated[str, typer.Argument(metavar="TAG", help="标签,如 fund:general。 A tag such as fund:general.")],
    at: AtOption = None,
) -> None:
    """一个标签的全部经过。 Everything that touched a tag."""
    from ledger_projections.books.trail import trail as trail_of

    with desk.book() as book, book.store.read() as connection:
        found = trail_of(connection, tag, at=at, language=desk.language)
    if desk.as_json:
        write_json(found.to_json())
        return
    titles = [
        desk.text(*pair)
        for pair in (
            ("序号", "position"),
            ("存证号", "number"),
            ("凭证字号", "voucher no."),
            ("日期", "date"),
            ("业务", "event"),
            ("金额", "amount"),
            ("签名", "signed"),
            ("提示", "marks"),
        )
    ]
    table(titles, [_trail_row(desk, row) for row in found.rows], money=(5,))
    at_position(desk, found.position)


def _trail_row(desk: Desk, row: Any) -> tuple[object, ...]:
    marks = list(row.warnings)
    if row.reversed_at is not None:
        marks.append(desk.text(f"已由序号 {row.reversed_at} 冲销", f"reversed at {row.reversed_at}"))
    signed = ", ".join(one.officer for one in row.signatures)
    return row.position, row.number, row.voucher_no, row.voucher_date, row.title, row.amount_fen, signed, " ".join(marks)
