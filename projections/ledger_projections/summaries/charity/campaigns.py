"""Q2 募捐活动公开: what each campaign raised in money and goods, and was promised. What was spent is kept by fund and
project in this book and not by campaign, so it stays blank.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from ledger.flows.giving.in_kind import InKindReceived
from ledger_projections.charity.pledges import ARRIVALS, PLEDGES, TERMS
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.standing import standing
from ledger_projections.summaries.table import Asked, Said, Table, Value, columns, row_of, table_of, total_of, word

Q2: Final = columns(
    ("campaign", "text"),
    ("plan_no", "text"),
    ("first_on", "day"),
    ("last_on", "day"),
    ("gifts", "count"),
    ("cash_gifts_fen", "fen"),
    ("gifts_returned_fen", "fen"),
    ("goods_gifts_fen", "fen"),
    ("raised_fen", "fen"),
    ("promised_fen", "fen"),
    ("spent_fen", "fen"),
    ("left_fen", "fen"),
    ("raising_cost_fen", "fen"),
    ("published_on", "day"),
)


@dataclass(slots=True)
class _Campaign:
    """What is known of one campaign."""

    donations: set[str] = field(default_factory=set)
    days: list[date] = field(default_factory=list)
    cash_fen: int = 0
    returned_fen: int = 0
    goods_fen: int = 0
    pledged_fen: int = 0


def campaigns(connection: Connection, asked: Asked) -> Table:
    """Q2: a row a campaign that had a gift or pledge up to the last day, counted from its beginning."""
    moment = moment_of(connection, [PLEDGES], asked.until, asked.at)
    found: defaultdict[tuple[str, str], _Campaign] = defaultdict(_Campaign)
    _money(connection, moment, found)
    for item in standing(connection, ("in_kind.received",), moment.position, asked.until):
        if isinstance(item.event, InKindReceived) and item.event.campaign:
            one = found[item.entity, item.event.campaign]
            one.goods_fen += item.event.value_fen
            one.donations.add(item.event.donation)
            one.days.append(item.event.occurred_on)
    terms = select(TERMS).where(moment.counts(TERMS), TERMS.c.campaign.is_not(None), TERMS.c.fund.is_not(None))
    for row in connection.execute(terms):
        found[row.entity, row.campaign].pledged_fen += row.amount_fen
    rows = [
        row_of(Q2, _values(campaign, one), (f"campaign:{campaign}",))
        for (entity, campaign), one in sorted(found.items())
        if asked.wants(entity)
    ]
    scopes = (Said("table.scope.campaigns", {"until": asked.until}),)
    total = [total_of(Q2, rows, word("word", "total"))] if rows else []
    return table_of("Q2", asked, moment.position, Q2, [*rows, *total], scopes, [Said("table.note.campaigns")])


def _money(connection: Connection, moment: Moment, found: defaultdict[tuple[str, str], _Campaign]) -> None:
    """Gifts by campaign; what went back counts against the campaign that its gift came with."""
    campaign_of: dict[tuple[str, str], str] = {}
    rows = list(connection.execute(select(ARRIVALS).where(moment.counts(ARRIVALS)).order_by(ARRIVALS.c.position)))
    for row in rows:
        if row.campaign is not None:
            campaign_of[row.entity, row.donation] = row.campaign
            one = found[row.entity, row.campaign]
            one.cash_fen += row.fen
            one.donations.add(row.donation)
            one.days.append(row.arrived_on)
    for row in rows:
        campaign = campaign_of.get((row.entity, row.donation))
        if campaign is not None and row.fen < 0:
            found[row.entity, campaign].returned_fen -= row.fen


def _values(campaign: str, one: _Campaign) -> dict[str, Value]:
    return {
        "campaign": campaign,
        "first_on": min(one.days, default=""),
        "last_on": max(one.days, default=""),
        "gifts": len(one.donations),
        "cash_gifts_fen": one.cash_fen,
        "gifts_returned_fen": one.returned_fen,
        "goods_gifts_fen": one.goods_fen,
        "raised_fen": one.cash_fen - one.returned_fen + one.goods_fen,
        "promised_fen": one.pledged_fen,
    }
