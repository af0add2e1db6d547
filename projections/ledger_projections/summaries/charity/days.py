"""What the vouchers of some days hold: their legs in the main book, sums by role, and their events.

A posting counts in the month of its voucher, and a voucher with a leg in the main book bears that month in its number
(记-0001), so the index of voucher numbers leads to the few vouchers of the days. All that was posted before is read as
balances, never leg by leg.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from ledger.accounts.roles import Role
from ledger.flows.event import Event
from ledger.log.tables import events, postings, vouchers
from ledger.values.dates import Period
from ledger_projections.keeping.items import AnyRow, items_at
from ledger_projections.keeping.standing import posted_on, stood


def legs(
    connection: Connection, entity: str, first: date, last: date, position: int, roles: Collection[Role] = ()
) -> Sequence[AnyRow]:
    """The legs (position, fund, party, role, amount_fen) of an entity's main book from `first` to `last`, of some roles
    (empty: of all).
    """
    columns = [postings.c[name] for name in ("position", "fund", "party", "role", "amount_fen")]
    chosen = _of_days(select(*columns), entity, first, last, position)
    if roles:
        chosen = chosen.where(postings.c.role.in_(sorted(roles)))
    return connection.execute(chosen).all()


def role_sums(
    connection: Connection, entity: str, first: date, last: date, position: int, without: Collection[int]
) -> dict[Role, int]:
    """Role -> signed fen of an entity's main book from `first` to `last`, some events left out."""
    columns = (postings.c.role, func.sum(postings.c.amount_fen))
    chosen = _of_days(select(*columns), entity, first, last, position)
    rows = connection.execute(chosen.where(postings.c.position.not_in(sorted(without))).group_by(postings.c.role))
    return {Role(role): int(fen) for role, fen in rows}


def events_of_days(
    connection: Connection, kinds: Collection[str], entity: str, first: date, last: date, position: int
) -> list[Event]:
    """An entity's events of some kinds that post to the main book, from `first` to `last`, as they stood on the last
    day.
    """
    here = (*_numbered(entity, first, last), events.c.kind.in_(sorted(kinds)), events.c.position <= position)
    joined = vouchers.join(events, _in_voucher(events.c.position))
    places = connection.scalars(select(events.c.position).select_from(joined).where(*here)).all()
    found = [item for item in items_at(connection, places) if first <= posted_on(item) <= last]
    return [item.event for item in stood(connection, found, position, last)]


def _of_days(chosen: Select[Any], entity: str, first: date, last: date, position: int) -> Select[Any]:
    joined = vouchers.join(postings, _in_voucher(postings.c.position))
    within = (postings.c.occurred_on.between(first, last), postings.c.position <= position, postings.c.book == "main")
    return chosen.select_from(joined).where(*_numbered(entity, first, last), *within)


def _numbered(entity: str, first: date, last: date) -> tuple[Any, ...]:
    """Vouchers of an entity that bear a number of the months."""
    months = vouchers.c.period >= str(Period.of(first)), vouchers.c.period <= str(Period.of(last))
    return vouchers.c.entity == entity, *months


def _in_voucher(position: Any) -> Any:
    return and_(position >= vouchers.c.first_position, position < vouchers.c.first_position + vouchers.c.count)
