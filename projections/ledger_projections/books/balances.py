"""Balances by the two clocks: of every fund (what it holds, what it can still promise) and of every place money lies.

`balance_fen` is the money in a fund, promised or not, in transit too; `available_fen` is what the rules let it promise:
liquid accounts, less the money held for a final payee, less what nobody has claimed yet, less open commitments. Read
from the log's own balances.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.accounts.charts import chart_of
from ledger.accounts.roles import LIQUID, MONEY, Role
from ledger.flows.event import Event
from ledger.flows.giving.funds import GOODS_SUFFIX, OPENING_KINDS, FundOpened
from ledger.log import reading
from ledger.log.rows import AccountKey
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, head_position, log_moment
from ledger_projections.keeping.items import items_at

STANDING = "standing:book"


@dataclass(frozen=True, slots=True)
class FundBalance(Answer):
    """One fund of one entity. All amounts are fen; `kind` is a fund kind such as restricted."""

    entity: str
    fund: str
    name: str
    kind: str
    parent: str | None
    balance_fen: int
    available_fen: int
    committed_fen: int
    agency_fen: int
    """What of the money is held for the fund's final payee."""


@dataclass(frozen=True, slots=True)
class FundBalances(Answer):
    """Every fund that was opened, or that money moved in, by entity and fund."""

    position: int
    as_of: date | None
    rows: tuple[FundBalance, ...]


@dataclass(frozen=True, slots=True)
class AccountBalance(Answer):
    """What of a fund lies in one place: a bank account, cash box, channel, deposit, quota or batch in transit."""

    entity: str
    role: str
    account: str
    fund: str
    balance_fen: int


@dataclass(frozen=True, slots=True)
class AccountBalances(Answer):
    """Where the money lies, by entity, role, account and fund; places that are empty are left out."""

    position: int
    as_of: date | None
    rows: tuple[AccountBalance, ...]

    def total_fen(self, entity: str, account: str, role: str = "bank") -> int:
        """What lies on one account over all funds: the book balance that a statement is compared with."""
        return sum(
            row.balance_fen for row in self.rows if (row.entity, row.account, row.role) == (entity, account, role)
        )


def fund_balances(
    connection: Connection,
    *,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> FundBalances:
    """The balances of funds at a position (None: now) and as of a business date (None: all dates)."""
    moment = log_moment(connection, as_of, at)
    sums: defaultdict[tuple[str, str], defaultdict[Role, int]] = defaultdict(lambda: defaultdict(int))
    goods: defaultdict[tuple[str, str], int] = defaultdict(int)
    promised: defaultdict[tuple[str, str], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, fen in amounts(connection, moment):
        role = role_of(key.chart, key.code)
        sums[key.entity, key.fund][role] += fen
        if role is Role.AGENCY and key.party.endswith(GOODS_SUFFIX):
            goods[key.entity, key.fund] += fen
        elif role is Role.COMMITTED:
            promised[key.entity, key.fund][key.party] += fen
    funds = _funds(connection, moment)
    keys = sorted({*sums, *funds})
    rows = [
        _fund_row(key, funds.get(key), sums[key], goods[key], promised[key]) for key in keys if entity in (None, key[0])
    ]
    return FundBalances(moment.position, as_of, tuple(rows))


def account_balances(
    connection: Connection,
    *,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> AccountBalances:
    """Where the money lies at a position (None: now) and as of a business date (None: all dates)."""
    moment = log_moment(connection, as_of, at)
    sums: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    for key, fen in amounts(connection, moment):
        role = role_of(key.chart, key.code)
        if role in MONEY and entity in (None, key.entity):
            sums[key.entity, role.value, key.party, key.fund] += fen
    rows = [AccountBalance(*key, fen) for key, fen in sorted(sums.items()) if fen]
    return AccountBalances(moment.position, as_of, tuple(rows))


def amounts(connection: Connection, moment: Moment) -> Iterable[tuple[AccountKey, int]]:
    """Every account's signed fen at a moment, by the cheapest road that the log has."""
    now = moment.position == head_position(connection)
    if moment.as_of is not None:
        position = None if now else moment.position
        return reading.balances_as_of(connection, moment.as_of, position).items()
    if now:
        return ((row.key, row.amount_fen) for row in reading.balances(connection))
    return reading.balances_at(connection, moment.position).items()


@functools.cache
def role_of(chart: str, code: str) -> Role:
    """The role of an account, or of an entity's detail account under it. Raises InputError E_ACCOUNT_CODE."""
    found = chart_of(chart).place(code)
    return chart_of(chart).account(code).role if found is None else found.role


def _fund_row(
    key: tuple[str, str], opened: Event | None, sums: defaultdict[Role, int], goods: int, promised: Mapping[str, int]
) -> FundBalance:
    """Goods owed to a final payee are owed, but take no money; a promise below zero makes no room for another."""
    committed = sum(max(0, fen) for fen in promised.values())
    known = opened if isinstance(opened, FundOpened) else None
    return FundBalance(
        *key,
        name=str(getattr(opened, "name", key[1])),
        kind="" if opened is None else "mutual_aid" if known is None else known.fund_kind,
        parent=None if known is None else known.parent,
        balance_fen=sum(sums[role] for role in MONEY),
        available_fen=sum(sums[role] for role in LIQUID)
        + min(0, sums[Role.AGENCY] - goods)
        + min(0, sums[Role.SUSPENSE])
        - committed,
        committed_fen=committed,
        agency_fen=-min(0, sums[Role.AGENCY]),
    )


def _funds(connection: Connection, moment: Moment) -> dict[tuple[str, str], Event]:
    """(entity, fund) -> the event that opened it and that no reversal had taken back by then."""
    kinds = (*OPENING_KINDS, "event.reversed")
    places = reading.tag_positions(connection, STANDING, kinds)
    items = items_at(connection, [place for place in places if place <= moment.position])
    gone = {getattr(item.event, "target", None) for item in items}
    return {
        (item.entity, fund): item.event
        for item in items
        for fund in _named(item.event)
        if item.event.id not in gone and (moment.as_of is None or item.voucher_date <= moment.as_of)
    }


def _named(event: Event) -> Iterator[str]:
    fund = getattr(event, "fund", None)
    if isinstance(fund, str):
        yield fund
