"""The kinds of reports: which tables and which readers each takes in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from ledger.errors import InputError
from ledger.values.dates import Period
from ledger_projections.books.balances import account_balances, fund_balances
from ledger_projections.charity.pledge_report import pledge_list
from ledger_projections.charity.societies import societies
from ledger_projections.keeping.answers import Answer
from ledger_projections.public_money.batches import batches
from ledger_projections.public_money.doubts import clues, doubts
from ledger_projections.public_money.doubts_told import doubts_told
from ledger_projections.public_money.failures import failures
from ledger_projections.public_money.lottery.report import lottery_report
from ledger_projections.public_money.matching_runs import matching_runs
from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.summaries.handling.clue_totals import clues_told
from ledger_projections.summaries.registry import OF_DAYS

PACKAGE: Final = "package"
"""The kind that is no report: the whole book for a stranger to check, as a zip."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader is asked for: the day of ageing, both clocks, an entity (None: all), and the months, if any; and
    the language of its sentences.
    """

    on: date
    as_of: date | None
    at: int
    entity: str | None
    months: tuple[str, str] | None
    language: str

    @property
    def year(self) -> int | None:
        """The year of the last month, if months are named."""
        return None if self.months is None else Period.parse(self.months[1]).year


Ask = Callable[[Connection, Scope], Answer]


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader by its command, and how it is asked. One `of_months` takes in the batches of the months, whenever they
    were paid, as their tables do; any other tells what stood at the end of the last month.
    """

    name: str
    command: str
    ask: Ask
    of_months: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of report."""

    tables: tuple[str, ...]
    readers: tuple[Reader, ...]


def require_days(kind: Kind, first: Period, as_of: date) -> None:
    """Raises InputError E_AS_OF_SPAN where a table counts the days of the months and the day lies before the first."""
    if as_of < first.first_day and not OF_DAYS.isdisjoint(kind.tables):
        raise InputError("E_AS_OF_SPAN", field="as_of", as_of=as_of, first=first.first_day)


def _clocks(scope: Scope) -> dict[str, Any]:
    return {"as_of": scope.as_of, "at": scope.at, "entity": scope.entity}


def _aged(reader: Callable[..., Answer]) -> Ask:
    return lambda connection, scope: reader(connection, scope.on, **_clocks(scope))


def _plain(reader: Callable[..., Answer]) -> Ask:
    return lambda connection, scope: reader(connection, **_clocks(scope))


def _batches(connection: Connection, scope: Scope) -> Answer:
    first, last = scope.months or (None, None)
    return batches(connection, first=first, last=last, **_clocks(scope))


def _failures(connection: Connection, scope: Scope) -> Answer:
    first, last = scope.months or (None, None)
    return failures(connection, month=first, last=last, **_clocks(scope))


def _lottery(connection: Connection, scope: Scope) -> Answer:
    return lottery_report(connection, year=scope.year, **_clocks(scope))


def _clues(connection: Connection, scope: Scope) -> Answer:
    return clues_told(clues(connection, scope.on, **_clocks(scope)))


def _doubts(connection: Connection, scope: Scope) -> Answer:
    return doubts_told(connection, doubts(connection, **_clocks(scope)), scope.language)


_BALANCES: Final = (
    Reader("balances", "balances", _plain(fund_balances)),
    Reader("accounts", "balances --accounts", _plain(account_balances)),
)

KINDS: Final[Mapping[str, Kind]] = {
    "fund": Kind(("M7", "Q2", "Y5", "Y6", "Y7"), (*_BALANCES, Reader("pledges", "pledges", _aged(pledge_list)))),
    "programme": Kind(
        ("M1", "M2", "M3", "M4", "M5", "Q1", "Y1", "Y2", "Y3", "Y4", "Y11", "Y12"),
        (
            Reader("batches", "subsidies", _batches, of_months=True),
            Reader("failures", "subsidies --failures", _failures, of_months=True),
        ),
    ),
    "recovery": Kind(("Q5", "Y9", "C6"), (Reader("recoveries", "recoveries", _aged(recoveries)),)),
    "lottery": Kind(("Q4", "Y8"), (Reader("lottery", "lottery", _lottery),)),
    "societies": Kind(("Q3",), (Reader("societies", "societies", _aged(societies)),)),
    "campaign": Kind(
        ("C1", "C2", "C3", "C4", "C5", "M6", "Y10"),
        (
            Reader("clues", "clues", _clues),
            Reader("matching-runs", "clues --runs", _aged(matching_runs)),
            Reader("doubts", "doubts", _doubts),
        ),
    ),
}
"""Name -> what the report takes in: funds, programmes, recoveries with rectification, lottery proceeds, mutual-aid
societies, and a campaign's clues (专项整治) with the petitions that many of them come from. The sentences of the year's
report (Y12) stand with the programmes, which most of them are of.
"""
