"""The trial balance (科目余额表) of an entity over months: opening, debit, credit, closing, by account and by fund.

The rows are those of `ledger.log.totals.trials`, whose root `period.closed` names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import Connection

from ledger.accounts.charts import chart_of
from ledger.accounts.legs import Book
from ledger.accounts.trial_balance import Sums, TrialBalance
from ledger.accounts.trial_balance import trial_balance as checked
from ledger.log import reading
from ledger.log.totals.trials import days_of, trial_of, trial_root
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.items import items_at

Account = tuple[str, str, str, str, str]
"""(fund, chart, code, party, book)."""
BOOKS: Final[tuple[Book, ...]] = ("main", "commitment", "memo")


@dataclass(frozen=True, slots=True)
class TrialLine(Answer):
    """One account, of one fund or (fund '') of all, each balance on the side that it stands on; fen."""

    chart: str
    code: str
    name_zh: str
    name_en: str
    fund: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class TrialReport(Answer):
    """An entity's books over the months `first` to `last`.

    `accounts` and `funds` are of the main book; `memo` holds commitments and pledges. `root` covers every row as
    `period.closed` does, where balances taken over on the first day are turnover of their month.
    """

    position: int
    entity: str
    first: str
    last: str
    accounts: tuple[TrialLine, ...]
    funds: tuple[TrialLine, ...]
    memo: tuple[TrialLine, ...]
    total: Sums
    ties: bool
    root: str


def trial_balance(
    connection: Connection,
    entity: str,
    first: str,
    last: str | None = None,
    *,
    at: int | None = None,
    as_of: date | None = None,
) -> TrialReport:
    """The trial balance of months `first` to `last` (`YYYY-MM`; None: one month) at a position (None: now), counting
    postings up to the end of the last month or, if it is earlier, up to the business day `as_of`.

    Raises EvidenceError E_TRIAL when a fund's books do not sum to zero.
    """
    position = log_moment(connection, None, at).position
    upto = first if last is None else last
    plain = trial_of(connection, entity, first, upto, position, as_of)
    trial = _opened(plain, _taken_over(connection, entity, position, days_of(first, upto, as_of)))
    names = _own_names(connection, entity, position)
    by_account = trial.by(lambda row: (row.chart, row.code, ""))
    by_fund = trial.by(lambda row: (row.chart, row.code, row.fund))
    memo = {k: v for book in BOOKS[1:] for k, v in trial.by(lambda r: (r.chart, r.code, r.fund), book).items()}
    total = trial.total()
    return TrialReport(
        position,
        entity,
        first,
        upto,
        accounts=_lines(by_account, names),
        funds=_lines(by_fund, names),
        memo=_lines(memo, names),
        total=total,
        ties=total.ties,
        root=trial_root(plain),
    )


def _taken_over(
    connection: Connection, entity: str, position: int, days: tuple[date, date]
) -> dict[Account, list[int]]:
    """Account -> fen to debit and to credit by which old books were taken over (期初建账) on these days."""
    found: dict[Account, list[int]] = {}
    for place in reading.tag_positions(connection, f"entity:{entity}", ["opening.recorded"]):
        for row in reading.postings_between(connection, place, place) if place <= position else ():
            if days[0] <= row.occurred_on <= days[1]:
                sums = found.setdefault((row.fund, row.chart, row.code, row.party, row.book), [0, 0])
                sums[row.amount_fen < 0] += abs(row.amount_fen)
    return found


def _opened(plain: TrialBalance, taken_over: Mapping[Account, list[int]]) -> TrialBalance:
    """What was taken over stands in the opening: it is no turnover of the month in which the book starts. The root that
    closes that month counts it there, and stays as it is.
    """
    rows = []
    for row in plain.rows:
        debit_fen, credit_fen = taken_over.get((row.fund, row.chart, row.code, row.party, row.book), (0, 0))
        rows.append(
            replace(
                row,
                opening_fen=row.opening_fen + debit_fen - credit_fen,
                debit_fen=row.debit_fen - debit_fen,
                credit_fen=row.credit_fen - credit_fen,
            )
        )
    return checked(plain.entity, plain.period, rows) if taken_over else plain


def _lines(
    sums: Mapping[tuple[str, str, str], Sums],
    names: Mapping[tuple[str, str], str],
) -> tuple[TrialLine, ...]:
    return tuple(TrialLine(*key[:2], *_names(key, names), key[2], found) for key, found in sorted(sums.items()))


def _names(key: tuple[str, str, str], names: Mapping[tuple[str, str], str]) -> tuple[str, str]:
    """The names of an account: the chart's, or the one that the entity gave its detail account."""
    chart, code, _ = key
    own = names.get((chart, code))
    if own is not None:
        return own, own
    found = chart_of(chart).account(code)
    return found.name_zh, found.name_en


def _own_names(connection: Connection, entity: str, position: int) -> dict[tuple[str, str], str]:
    places: Iterable[int] = reading.tag_positions(connection, f"entity:{entity}", ("account.opened",))
    items = items_at(connection, [place for place in places if place <= position])
    opened = [cast("Any", item.event) for item in items]
    return {(event.chart, event.code): event.name for event in opened}
