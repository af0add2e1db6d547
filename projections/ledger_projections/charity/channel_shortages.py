"""What channels paid out beyond the gifts that the book knows of (渠道结算大于账单), whichever file was read first.

A settlement that came before the bill of its gifts breaks a rule when it is recorded; the bill explains it, whenever
it arrives. What a channel still lacks is in doubt at the newest business of it: gifts explain the oldest first.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, func, or_, select

from ledger.accounts.roles import Role
from ledger.flows.giving.donations import gift_need
from ledger.flows.giving.returns import DonationReturned
from ledger.flows.knowledge import Recorded
from ledger.log import reading
from ledger.log.rows import AccountKey
from ledger.log.tables import balances, events, postings
from ledger_projections.books.balances import amounts
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import items_at, reversals_of

SHORT: Final = "W_CHANNEL_SHORT"
_TAKING: Final = ("channel.settled", "channel.fee_charged")
_GIVING_BACK: Final = ("donation.returned",)
"""What a channel gave back of a gift: the platform keeps it from a later settlement, and what was settled before lacks
nothing by it. A gift that goes back on its own day was never settled: it explains its return and no more.
"""

Clearing = tuple[str, str, str]
"""Entity, fund, channel."""
_Accounts = Sequence[AccountKey]


@dataclass(frozen=True, slots=True)
class Shortage:
    """A settlement or a fee that the gifts of its channel do not explain, and how much of it they do."""

    position: int
    clearing: Clearing
    taken_fen: int
    held_fen: int

    @property
    def detail(self) -> Mapping[str, Any]:
        """The parameters of the code's sentence."""
        _, fund, channel = self.clearing
        return {"fund": fund, "account": channel, "amount_fen": self.taken_fen, "held_fen": self.held_fen}


@dataclass(frozen=True, slots=True)
class Shortages:
    """What all channels lacked at a moment."""

    _connection: Connection
    _moment: Moment
    _accounts: Mapping[Clearing, _Accounts]
    standing: Mapping[tuple[int, Clearing], Shortage]
    """What is unexplained, by where it was recorded and what it lacks in."""

    @classmethod
    def read(cls, connection: Connection, moment: Moment) -> "Shortages":
        """As the book knew at a moment. Next to nothing where no channel lacks anything."""
        accounts: defaultdict[Clearing, list[AccountKey]] = defaultdict(list)
        columns = [balances.c[name] for name in AccountKey._fields]
        chosen = select(*columns).where(balances.c.role == Role.CHANNEL.value).distinct().order_by(*columns)
        for key in (AccountKey(*row) for row in connection.execute(chosen)):
            accounts[key.entity, key.fund, key.party].append(key)
        held = dict(amounts(connection, moment)) if accounts else {}
        lacks = {clearing: -sum(held.get(key, 0) for key in keys) for clearing, keys in accounts.items()}
        found = [
            one
            for clearing, fen in lacks.items()
            if fen > 0
            for one in _unexplained(connection, clearing, accounts[clearing], moment, fen)
        ]
        return cls(connection, moment, accounts, {(one.position, one.clearing): one for one in found})

    def settled_at(self, position: int, clearing: Clearing) -> int | None:
        """Where what was lacking at a position was there again: at the first movement after which nothing lacks, or
        else at the last one, for what lacks now is newer. None while it lacks.
        """
        keys = self._accounts.get(clearing, ())
        if (position, clearing) in self.standing or not keys:
            return None
        held = func.sum(postings.c.amount_fen).over(order_by=(postings.c.position, postings.c.line)).label("held")
        running = _of(keys, self._moment, postings.c.position, held).subquery("running")
        after = running.c.position > position
        first, last = self._connection.execute(
            select(func.min(running.c.position).filter(running.c.held >= 0), func.max(running.c.position)).where(after)
        ).one()
        return int(first or last or position)


def _of(keys: _Accounts, moment: Moment, *chosen: Any) -> Select[Any]:
    """Of the movements on some accounts that count at a moment."""
    same = [and_(*(postings.c[name] == value for name, value in key._asdict().items())) for key in keys]
    until = [postings.c.position <= moment.position]
    until += [] if moment.as_of is None else [postings.c.occurred_on <= moment.as_of]
    return select(*chosen).where(or_(*same), *until)


def _unexplained(
    connection: Connection, clearing: Clearing, keys: _Accounts, moment: Moment, lacks: int
) -> Iterator[Shortage]:
    """The newest settlements and fees that stand, up to what their account lacks and nothing given back explains."""
    for position, taken, settles in _takings(connection, keys, moment):
        if lacks <= 0:
            return
        if settles:
            yield Shortage(position, clearing, taken, max(0, taken - lacks))
        lacks -= taken


def _takings(connection: Connection, keys: _Accounts, moment: Moment) -> Iterator[tuple[int, int, bool]]:
    """(position, fen, whether it settles) of what settlements, fees and gifts given back that stand took out, the
    newest business first; of one day as what they are called says, which no order of files changes.
    """
    fen = func.sum(postings.c.amount_fen).label("fen")
    each = _of(keys, moment, postings.c.position, postings.c.occurred_on, fen)
    each = each.join_from(postings, events, events.c.position == postings.c.position)
    taken = (
        each.where(events.c.kind.in_((*_TAKING, *_GIVING_BACK)))
        .group_by(postings.c.position, postings.c.occurred_on)
        .having(fen < 0)
    )
    by_day: defaultdict[Any, dict[int, int]] = defaultdict(dict)
    for row in connection.execute(taken):
        by_day[row.occurred_on][row.position] = -int(row.fen)
    for day in sorted(by_day, reverse=True):
        items = items_at(connection, by_day[day])
        gone = reversals_of(connection, [item.event.id for item in items], moment.position)
        stand = [item for item in items if item.event.id not in gone]
        explained = _of_their_own_day(connection, stand)
        for item in sorted(stand, key=_newest, reverse=True):
            if item.position not in explained:
                yield item.position, by_day[day][item.position], item.event.kind in _TAKING


def _newest(item: Recorded) -> tuple[bool, str]:
    """Of one day: what goes back of an older gift comes after what the platform settled of that gift."""
    return item.event.kind in _GIVING_BACK, str(getattr(item.event, "movement", ""))


def _of_their_own_day(connection: Connection, items: Sequence[Recorded]) -> set[int]:
    """Where gifts went back on the day they came: each explains its return, which explains nothing else."""
    returns = {item.position: item.event for item in items if isinstance(item.event, DonationReturned)}
    needs = {position: gift_need(event.donation) for position, event in returns.items()}
    found = reading.history(connection, sorted(set(needs.values()))) if needs else {}
    rows = {row.position for chosen in found.values() for row in chosen}
    came = {item.position: getattr(item.event, "occurred_on", None) for item in items_at(connection, rows)}
    return {
        position
        for position, need in needs.items()
        if returns[position].occurred_on in {came[row.position] for row in found[need]}
    }
