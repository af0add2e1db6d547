"""Q2 募捐活动公开: what each campaign is called, what it raised in money and goods, into which funds, its pledges,
and when it was made public. It is a table for publication: a campaign that nobody named is shown as that, and its
reference stands in the tag alone. What was spent is kept by fund and project and not by campaign: it stays blank.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from ledger.flows.giving.campaigns import CampaignNamed
from ledger.flows.giving.disclosures import DisclosurePublished
from ledger.flows.giving.in_kind import InKindReceived
from ledger_projections.charity.pledges import ARRIVALS, PLEDGES, TERMS
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.standing import standing
from ledger_projections.moved import FUNDS, MOVED
from ledger_projections.summaries.entities import fund_names
from ledger_projections.summaries.table import Asked, Said, Table, Value, columns, row_of, table_of, total_of, word

Q2: Final = columns(
    ("campaign", "text"),
    ("plan_no", "text"),
    ("starts_on", "day"),
    ("ends_on", "day"),
    ("first_on", "day"),
    ("last_on", "day"),
    ("into_funds", "text"),
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


_PUBLISHED: Final = frozenset({"campaign_interim", "campaign_final"})


@dataclass(slots=True)
class _Campaign:
    """What is known of one campaign."""

    names: list[CampaignNamed] = field(default_factory=list)
    donations: set[str] = field(default_factory=set)
    funds: set[str] = field(default_factory=set)
    days: list[date] = field(default_factory=list)
    cash_fen: int = 0
    returned_fen: int = 0
    goods_fen: int = 0
    pledged_fen: int = 0

    @property
    def name(self) -> str:
        """As it was named last; empty where nobody did."""
        return self.names[-1].name if self.names else ""


def campaigns(connection: Connection, asked: Asked) -> Table:
    """Q2: a row a campaign that had a gift or pledge up to the last day, counted from its beginning."""
    moment = moment_of(connection, [PLEDGES, MOVED], asked.until, asked.at)
    found: defaultdict[tuple[str, str], _Campaign] = defaultdict(_Campaign)
    goods = [
        (item.entity, item.event)
        for item in standing(connection, ("in_kind.received",), moment.position, asked.until)
        if isinstance(item.event, InKindReceived)
    ]
    meant = _meant(connection, moment, goods)
    _money(connection, moment, found, meant)
    for entity, event in goods:
        campaign = event.campaign or meant.get((entity, event.fund))
        if campaign:
            one = found[entity, campaign]
            one.goods_fen += event.value_fen
            one.donations.add(event.donation)
            one.days.append(event.occurred_on)
            one.funds.add(event.fund)
    terms = select(TERMS).where(moment.counts(TERMS), TERMS.c.campaign.is_not(None), TERMS.c.fund.is_not(None))
    for row in connection.execute(terms):
        found[row.entity, row.campaign].pledged_fen += row.amount_fen
    for item in standing(connection, ("campaign.named",), moment.position, asked.until):
        if isinstance(item.event, CampaignNamed) and (item.entity, item.event.campaign) in found:
            found[item.entity, item.event.campaign].names.append(item.event)
    public = _made_public(connection, moment.position, asked)
    funds = fund_names(connection, asked, moment.position)
    mine = [(one.name, *key, one) for key, one in found.items() if asked.wants(key[0])]
    rows = []
    for name, entity, campaign, one in sorted(mine, key=lambda each: (not each[0], *each[:3])):
        into = "、".join(sorted(funds.get((entity, fund), fund) for fund in one.funds))
        called = name if one.names else word("word", "unnamed_campaign")
        told = {"campaign": called, "into_funds": into, "published_on": public.get((entity, name))}
        rows.append(row_of(Q2, {**_values(one), **told}, (f"campaign:{campaign}",)))
    unnamed = sum(not one.names for *_, one in mine)
    scopes = (Said("table.scope.campaigns", {"until": asked.until}),)
    total = [total_of(Q2, rows, word("word", "total"))] if rows else []
    notes = [Said("table.note.campaigns"), *([Said("table.note.unnamed", {"campaigns": unnamed})] if unnamed else [])]
    return table_of("Q2", asked, moment.position, Q2, [*rows, *total], scopes, notes)


def _made_public(connection: Connection, position: int, asked: Asked) -> dict[tuple[str, str], date]:
    """(entity, name of a campaign) -> the last day on which its progress or result was published."""
    found: dict[tuple[str, str], date] = {}
    for item in standing(connection, ("disclosure.published",), position, asked.until):
        event = item.event
        if isinstance(event, DisclosurePublished) and event.matter in _PUBLISHED and event.published_on <= asked.until:
            key = (item.entity, event.subject)
            found[key] = max(event.published_on, found.get(key, event.published_on))
    return found


Meant = Mapping[tuple[str, str], str]
"""(entity, fund) -> the campaign that all gifts of the fund are of."""


def _meant(connection: Connection, moment: Moment, goods: Iterable[tuple[str, InKindReceived]]) -> Meant:
    """Funds for a final payee are opened for one appeal: where all gifts to one that name a campaign name the same, a
    gift that names none (found in suspense, or goods of a list without that column) is of it, too.
    """
    agency = select(FUNDS.c.entity, FUNDS.c.fund).where(moment.counts(FUNDS), FUNDS.c.fund_kind == "agency")
    named: dict[tuple[str, str], set[str]] = {(row.entity, row.fund): set() for row in connection.execute(agency)}
    arrived = select(ARRIVALS.c.entity, ARRIVALS.c.fund, ARRIVALS.c.campaign).where(moment.counts(ARRIVALS)).distinct()
    told = [(row.entity, row.fund, row.campaign) for row in connection.execute(arrived)]
    for entity, fund, campaign in (*told, *((entity, one.fund, one.campaign) for entity, one in goods)):
        if campaign and (entity, fund) in named:
            named[entity, fund].add(campaign)
    return {key: only.pop() for key, only in named.items() if len(only) == 1}


def _money(
    connection: Connection, moment: Moment, found: defaultdict[tuple[str, str], _Campaign], meant: Meant
) -> None:
    """Gifts by campaign: as they say it, else that of the pledge which they fulfil (money that was found in suspense
    says none), else the one of its fund. What went back counts against the campaign that its gift came with.
    """
    campaign_of: dict[tuple[str, str], str] = {}
    terms = select(TERMS.c.entity, TERMS.c.pledge, TERMS.c.campaign)
    made = connection.execute(terms.where(moment.counts(TERMS), TERMS.c.campaign.is_not(None)))
    promised = {(row.entity, row.pledge): row.campaign for row in made}
    rows = list(connection.execute(select(ARRIVALS).where(moment.counts(ARRIVALS)).order_by(ARRIVALS.c.position)))
    for row in rows:
        of_pledge = promised.get((row.entity, row.pledge)) if row.pledge else None
        told = None if row.fen < 0 else of_pledge or meant.get((row.entity, row.fund))
        campaign = row.campaign or told
        if campaign is not None:
            campaign_of[row.entity, row.donation] = campaign
            one = found[row.entity, campaign]
            one.cash_fen += row.fen
            one.donations.add(row.donation)
            one.days.append(row.arrived_on)
            one.funds.add(row.fund)
    for row in rows:
        campaign = campaign_of.get((row.entity, row.donation))
        if campaign is not None and row.fen < 0:
            found[row.entity, campaign].returned_fen -= row.fen


def _values(one: _Campaign) -> dict[str, Value]:
    """What is known of a campaign; of its plan what was said last."""
    plan = {name: _last(getattr(named, name) for named in one.names) for name in ("plan_no", "starts_on", "ends_on")}
    return {
        **plan,
        "first_on": min(one.days, default=""),
        "last_on": max(one.days, default=""),
        "gifts": len(one.donations),
        "cash_gifts_fen": one.cash_fen,
        "gifts_returned_fen": one.returned_fen,
        "goods_gifts_fen": one.goods_fen,
        "raised_fen": one.cash_fen - one.returned_fen + one.goods_fen,
        "promised_fen": one.pledged_fen,
    }


def _last(values: Iterable[Value]) -> Value:
    return next((one for one in reversed(list(values)) if one is not None), None)
