"""What lists of subsidies (补助名单) took of the lottery's funds, document by document, and what lies in their quota.

A funding document of a lottery fund pays lists, as an allocation pays a project. Paid is what reached people, less what
came back; money that finance ordered and no bank has paid yet is on its way (代发在途) and counts as left, so that what
is left is what the fund holds.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.giving.funds import FundOpened
from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.entitlement.programmes import ProgrammeOpened
from ledger.flows.public_money.payment.transit import BatchFunded, BatchUnspentReturned
from ledger_projections.books.balances import account_balances
from ledger_projections.books.begun import openings
from ledger_projections.books.funding_documents import FundingDocument, Key, funding_documents, moving, of_years
from ledger_projections.keeping.standing import posted_on, standing

Fund = tuple[str, str]
"""(entity, fund)."""
_ORDERS: Final = ("batch.funded", "batch.unspent_returned")


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of a lottery fund: what it began with and was given, and what lists were paid of it; all in fen."""

    entity: str
    fund: str
    document: str
    level: str
    year: int
    programmes: tuple[str, ...]
    """The names of those that the fund pays."""
    carried_fen: int
    given_fen: int
    paid_fen: int
    in_transit_fen: int


@dataclass(frozen=True, slots=True)
class OfLists:
    """The documents of the lottery's funds; what is left of those for later years; what quota and transit hold."""

    rows: tuple[Listed, ...] = ()
    later_fen: int = 0
    held_fen: int = 0


def of_lists(
    connection: Connection, position: int, until: date | None, year: int | None, wants: Callable[[str], bool]
) -> OfLists:
    """What a year (None: all of them) saw of the documents of lottery funds, up to a day (None: without end)."""
    opened = ((item.entity, item.event) for item in standing(connection, ("fund.opened",), position))
    funds = {(entity, one.fund) for entity, one in opened if isinstance(one, FundOpened) and one.fund_kind == "lottery"}
    funds = {one for one in funds if wants(one[0])}
    if not funds:
        return OfLists()
    every = funding_documents(connection, position, until or date.max, year, wants)
    mine = [one for one in every if (one.entity, one.fund) in funds]
    shown = moving(of_years(mine, year))
    keys = list(dict.fromkeys(one.key for one in shown))
    quota, transit = _held(connection, position, until, funds)
    orders = [item for item in standing(connection, _ORDERS, position, until) if _fund_of(item) in funds]
    orders.sort(key=posted_on)
    now = _by_document(transit, orders, keys)
    later = [one for one in mine if year is not None and one.fiscal_year > year]
    later_transit = _newest(now, later, lambda one: one.spent_fen)
    before = _before(connection, position, keys, funds, year, until or date.max)
    early_transit = _newest(before, mine, lambda one: one.early_fen)
    names = _programmes(connection, position)
    rows = []
    for key in keys:
        parts = [one for one in shown if one.key == key]
        began, goes = before[key] - early_transit[key], now[key] - later_transit[key]
        carried = sum(one.carried_fen for one in parts) + began
        given = sum(one.allocated_fen for one in parts)
        paid = sum(one.spent_fen for one in parts) + began - goes
        last = parts[-1]
        rows.append(Listed(*key, last.level, last.fiscal_year, names[key[:2]], carried, given, paid, goes))
    left = sum(one.left_fen for one in later) + sum(later_transit.values())
    return OfLists(tuple(rows), left, quota + sum(transit.values()))


def _newest(
    transit: Mapping[Key, int], documents: Iterable[FundingDocument], spent_fen: Callable[[FundingDocument], int]
) -> Counter[Key]:
    """Document -> what of its money on its way is of what was spent of some of its years: the older money of a number
    is spent first, so that the newest is still on its way.
    """
    spent: Counter[Key] = Counter()
    for one in documents:
        spent[one.key] += spent_fen(one)
    return Counter({key: max(0, min(fen, transit.get(key, 0))) for key, fen in spent.items()})


def _held(
    connection: Connection, position: int, until: date | None, funds: Iterable[Fund]
) -> tuple[int, dict[Key, int]]:
    """What the quota of the funds holds, and (entity, fund, batch) -> what of it is on its way."""
    wanted = frozenset(funds)
    rows = [
        row for row in account_balances(connection, as_of=until, at=position).rows if (row.entity, row.fund) in wanted
    ]
    quota = sum(row.balance_fen for row in rows if row.role == Role.QUOTA)
    transit = {(row.entity, row.fund, row.account): row.balance_fen for row in rows if row.role == Role.TRANSIT}
    return quota, transit


def _before(
    connection: Connection,
    position: int,
    keys: Iterable[Key],
    funds: Collection[Fund],
    year: int | None,
    until: date,
) -> defaultdict[Key, int]:
    """Document -> what was on its way when the year began; an opening within the year says what that was."""
    begin = date.min if year is None else date(year, 1, 1)
    transit: dict[Key, int] = {}
    if year is not None:
        _, transit = _held(connection, position, begin - timedelta(days=1), funds)
    for entity, opening in openings(connection, position).items():
        for line in opening.lines:
            if begin <= opening.on <= until and line.role is Role.TRANSIT and (entity, line.fund) in funds:
                transit[entity, line.fund, line.party] = line.year_start_fen
    orders = [] if year is None else standing(connection, _ORDERS, position, begin - timedelta(days=1))
    return _by_document(transit, sorted((one for one in orders if _fund_of(one) in funds), key=posted_on), keys)


def _by_document(transit: Mapping[Key, int], orders: Iterable[Recorded], keys: Iterable[Key]) -> defaultdict[Key, int]:
    """Document -> what of its money is on its way. A batch is paid of its first document first, so what lies in transit
    is of its last; of what came from nowhere that the book knows, of the fund's first.
    """
    ordered: defaultdict[Key, dict[str, int]] = defaultdict(dict)
    for item in orders:
        _move(ordered, item)
    first: dict[Fund, Key] = {}
    for key in keys:
        first.setdefault(key[:2], key)
    found: defaultdict[Key, int] = defaultdict(int)
    for batch, fen in transit.items():
        left = fen
        for document, part in reversed(ordered[batch].items()):
            taken = min(left, part) if left > 0 else 0
            found[*batch[:2], document] += taken
            left -= taken
        if left and batch[:2] in first:
            found[first[batch[:2]]] += left
    return found


def _move(ordered: defaultdict[Key, dict[str, int]], item: Recorded) -> None:
    """Add what an order puts on its way to a batch, or take what came back or went on to another batch."""
    event = item.event
    if not isinstance(event, BatchFunded | BatchUnspentReturned):
        return
    mine = ordered[item.entity, event.fund, event.batch]
    sign = 1 if isinstance(event, BatchFunded) else -1
    for part in event.sources:
        mine[part.document] = mine.get(part.document, 0) + sign * part.fen
    if isinstance(event, BatchUnspentReturned) and event.carried_to is not None:
        other, left = ordered[item.entity, event.fund, event.carried_to], event.amount_fen
        for document, held in reversed(list(mine.items())):
            moved = max(0, min(left, held))
            mine[document] -= moved
            other[document] = other.get(document, 0) + moved
            left -= moved


def _fund_of(item: Recorded) -> Fund:
    return item.entity, str(getattr(item.event, "fund", ""))


def _programmes(connection: Connection, position: int) -> defaultdict[Fund, tuple[str, ...]]:
    """Fund -> the names of the programmes that it pays."""
    found: defaultdict[Fund, tuple[str, ...]] = defaultdict(tuple)
    for item in standing(connection, ("programme.opened",), position):
        if isinstance(item.event, ProgrammeOpened):
            found[item.entity, item.event.fund] += (item.event.name,)
    return found
