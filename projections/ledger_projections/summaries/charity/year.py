"""Y5 慈善年度收支: income, cost and the shares that the law looks at, the greatest gifts and grants, related parties.

Income and cost are the ledger's own, with the entries that carry the year forward left out. Both measures of public
spending stand side by side; which of them binds depends on the kind of organisation. Source: 民发〔2016〕189号.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.event import Event
from ledger.flows.giving.donations import GIFT_KINDS
from ledger.flows.giving.returns import DonationReturned
from ledger.flows.granting.agency import AgencyTransferred
from ledger.flows.granting.grant_use import GrantUnspentReturned
from ledger.flows.granting.grants import GrantDisbursed
from ledger.flows.granting.related import RelatedPartyDeclared
from ledger_projections.books.balances import amounts, fund_balances, role_of
from ledger_projections.charity.pledge_report import pledge_report
from ledger_projections.keeping.clocks import Moment, log_moment
from ledger_projections.keeping.standing import carried_forward, standing
from ledger_projections.summaries.charity.days import events_of_days, legs, role_sums
from ledger_projections.summaries.charity.limits import of_management
from ledger_projections.summaries.charity.moves import GIFTS, HEADS, kinds_of, moves
from ledger_projections.summaries.entities import entities
from ledger_projections.summaries.table import (
    Asked,
    Row,
    RowKind,
    Said,
    Table,
    Value,
    columns,
    rate_of,
    row_of,
    table_of,
    word,
)

Y5: Final = columns(
    ("entity", "text"), ("item", "text"), ("amount_fen", "fen"), ("rate", "per_mille"), ("meaning", "text")
)
_INCOME: Final[Mapping[str, tuple[Role, ...]]] = {
    "gifts": (Role.DONATION_UNRESTRICTED, Role.DONATION_RESTRICTED),
    "government": (Role.GOVERNMENT_GRANT, Role.FISCAL_INCOME),
    "other_income": (Role.OTHER_INCOME,),
}
_COST: Final[Mapping[str, tuple[Role, ...]]] = {
    "programme_cost": (Role.PROGRAMME_COST, Role.RELIEF_COST),
    "management": (Role.MANAGEMENT_COST,),
    "fundraising": (Role.FUNDRAISING_COST,),
    "other_cost": (Role.OTHER_COST,),
}
_NET: Final = (Role.NET_UNRESTRICTED, Role.NET_RESTRICTED, Role.PRIOR_YEAR, Role.INTERFUND)
_SHOWN: Final = 5
_GIFTS: Final = (*(kind for kind in GIFT_KINDS if kind != "box.opened"), "donation.returned")
"""What a box holds came from many without a name: it is nobody's great gift."""
_GRANTS: Final = ("grant.disbursed", "agency.transferred", "grant.unspent_returned")
_NUMBERS: Final = ("donation", "grant", "movement")
"""What a gift, a grant or a transfer is known by, in that order: a grant's payment has a number of its own too."""


def charity_year(connection: Connection, asked: Asked) -> Table:
    """Y5: for every charity, or the entity that is asked for, a row an item."""
    position = log_moment(connection, asked.until, asked.at).position
    carried = carried_forward(connection, position)
    agency = {(row.entity, row.fund) for row in fund_balances(connection, at=position).rows if row.kind == "agency"}
    notes: list[Said] = []
    rows: list[Row] = []
    named = entities(connection, asked, position, ("charity",))
    for entity, name in named.items():
        figures = list(_figures(connection, asked, entity, position, carried))
        rows += [_row(name, *part) for part in figures]
        fen = {item: amount for item, amount, *_ in figures}
        if _is_whole_year(asked):
            spent = fen["management"] or 0, fen["cost"] or 0
            notes += of_management(connection, (entity, name), position, spent, fen["net_before"])
        days = (entity, asked.begin, asked.until, position)
        given, paid = (events_of_days(connection, kinds, *days) for kinds in (_GIFTS, _GRANTS))
        for item, found in (("gift", given), ("grant", paid)):
            own = [one for one in found if (entity, getattr(one, "fund", "")) not in agency]
            rows += [_named(name, item, *part) for part in _greatest(own)]
        rows.append(_row(name, "related", _related(connection, paid, position, asked)))
        rows.append(_row(name, "meetings", None))
        notes += _reconciled(connection, asked, (entity, name), position, carried)
    scopes = (
        Said("table.scope.days", asked.days),
        Said("table.scope.charity_year"),
        Said("table.scope.entities", {"entities": tuple(named.values())}),
    )
    return table_of("Y5", asked, position, Y5, rows, scopes, notes)


def _is_whole_year(asked: Asked) -> bool:
    """Whether one calendar year is asked for and is over: the limit of management cost is of a year's cost."""
    begin, until = asked.begin, asked.until
    return (begin, until) == (date(begin.year, 1, 1), date(begin.year, 12, 31)) and asked.today >= until


def _row(entity: str, item: str, fen: int | None, rate: Value = "", kind: RowKind = "row") -> Row:
    said: dict[str, Value] = {"entity": entity, "item": word("item", item), "meaning": word("meaning", item)}
    return row_of(Y5, {**said, "amount_fen": fen, "rate": rate}, (), kind)


def _named(entity: str, item: str, label: str, fen: int, tags: Collection[str]) -> Row:
    """One of the greatest, by name where it has a public one."""
    said: dict[str, Value] = {"entity": entity, "item": word("item", item), "meaning": label or word("word", "private")}
    return row_of(Y5, {**said, "amount_fen": fen, "rate": ""}, tags)


def _figures(
    connection: Connection, asked: Asked, entity: str, position: int, carried: Collection[int]
) -> Iterable[tuple[str, int | None, Value, RowKind]]:
    """Items with their amounts; a year before of which the book knows nothing gives no share."""
    sums = role_sums(connection, entity, asked.begin, asked.until, position, carried)
    income = {name: -sum(sums.get(role, 0) for role in roles) for name, roles in _INCOME.items()}
    cost = {name: sum(sums.get(role, 0) for role in roles) for name, roles in _COST.items()}
    first, last = asked.shifted(-12)
    before = replace(asked, first=first, last=last, as_of=None)
    earlier = _balances(connection, entity, Moment(position, before.until))
    last_year = role_sums(connection, entity, before.begin, before.until, position, carried)
    net_before = -sum(fen for role, fen in earlier.items() if role in _every_net()) if earlier else None
    last_income = -sum(last_year.get(role, 0) for roles in _INCOME.values() for role in roles) if last_year else None
    goods = _goods(connection, entity, asked, position)
    whole = sum(cost.values())
    yield "gifts", income["gifts"], "", "row"
    yield "gifts_goods", goods, "", "part"
    yield "government", income["government"], "", "row"
    yield "other_income", income["other_income"], "", "row"
    yield "income", sum(income.values()), "", "total"
    for name, fen in cost.items():
        yield name, fen, rate_of(fen, whole) if name == "management" else "", "row"
    yield "cost", whole, "", "total"
    yield "last_income", last_income, _share(cost["programme_cost"], last_income), "row"
    yield "net_before", net_before, _share(cost["programme_cost"], net_before), "row"


def _share(part: int, whole: int | None) -> Value:
    """None where the book does not know the whole."""
    return None if whole is None else rate_of(part, whole)


def _every_net() -> frozenset[Role]:
    """The roles that make up net assets before a year is carried forward."""
    return frozenset((*_NET, *(role for roles in (*_INCOME.values(), *_COST.values()) for role in roles)))


def _balances(connection: Connection, entity: str, moment: Moment) -> dict[Role, int]:
    """Role -> signed fen of an entity's main book at a moment."""
    found: defaultdict[Role, int] = defaultdict(int)
    for key, fen in amounts(connection, moment):
        if key.entity == entity and key.book == "main":
            found[role_of(key.chart, key.code)] += fen
    return dict(found)


def _goods(connection: Connection, entity: str, asked: Asked, position: int) -> int:
    """What of the gifts came in goods, less what was taken back of it."""
    found = legs(connection, entity, asked.begin, asked.until, position, _INCOME["gifts"])
    kinds = kinds_of(connection, {leg.position for leg in found})
    return -sum(int(leg.amount_fen) for leg in found if kinds[leg.position] == "in_kind.received")


def _reconciled(
    connection: Connection, asked: Asked, whose: tuple[str, str], position: int, carried: Collection[int]
) -> Iterable[Said]:
    """How the gifts of the monthly table, and what arrived by the table of pledges, become the income from gifts."""
    entity, name = whose
    days = (entity, asked.begin, asked.until, position)
    moved = moves(connection, *days).values()
    cash, goods, back = (sum(one[head] for one in moved) for head in GIFTS)
    roles = (*_INCOME["gifts"], Role.AGENCY)
    found = [leg for leg in legs(connection, *days, roles) if leg.position not in carried]
    kinds = kinds_of(connection, {leg.position for leg in found})
    agency = -sum(
        leg.amount_fen for leg in found if leg.role == Role.AGENCY and HEADS.get(kinds[leg.position]) in GIFTS
    )
    income = -sum(leg.amount_fen for leg in found if leg.role != Role.AGENCY)
    if not (cash or goods or back or income):
        return
    said = {"entity": name, "cash_fen": cash, "goods_fen": goods, "back_fen": -back, "agency_fen": agency}
    rest = income - (cash + goods + back - agency)
    yield Said("table.note.gifts", {**said, "rest_fen": rest, "income_fen": income})
    if (asked.begin.month, asked.begin.day) == (1, 1):
        report = pledge_report(connection, asked.year, as_of=asked.until, at=position, entity=entity)
        arrived = sum(one.arrived_fen for one in report.rows)
        undone = sum(one.earlier_reversed_fen for one in report.rows)
        net = cash + back
        came = {"arrived_fen": arrived, "reversed_fen": undone, "rest_fen": net - arrived + undone}
        yield Said("table.note.arrived", {"entity": name, **came, "net_fen": net})


def _greatest(found: Iterable[Event]) -> list[tuple[str, int, Collection[str]]]:
    """The greatest givers or takers, less what went back: public name (empty: none), fen, tags."""
    fen: defaultdict[tuple[str, str], int] = defaultdict(int)
    tags: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    whose: dict[str, tuple[str, str]] = {}
    for event in found:
        number = next(f"{name}:{getattr(event, name)}" for name in _NUMBERS if hasattr(event, name))
        back = isinstance(event, DonationReturned | GrantUnspentReturned)
        who = whose.get(number) if back else whose.setdefault(number, _who(event))
        if who is None:
            continue  # it went back to a giver of another year
        amount = int(getattr(event, "amount_fen", 0) or getattr(event, "value_fen", 0))
        fen[who] += -amount if back else amount
        tags[who].append(number)
    ordered = sorted((key for key in fen if fen[key] > 0), key=lambda key: (-fen[key], key))
    return [(key[0], fen[key], tuple(dict.fromkeys(tags[key]))) for key in ordered[:_SHOWN]]


def _who(event: Event) -> tuple[str, str]:
    """The public name of a giver or taker, or the reference of one that has none."""
    label = str(getattr(event, "donor_label", None) or getattr(event, "payee_label", None) or "")
    return label, "" if label else str(getattr(event, "donor", None) or getattr(event, "payee", None) or event.id)


def _related(connection: Connection, paid: Iterable[Event], position: int, asked: Asked) -> int:
    """What was paid to those who were declared related on the day: by their reference, and where a grant names only a
    label, by that.
    """
    declared = [item.event for item in standing(connection, ("related_party.declared",), position, asked.until)]
    related = [one for one in declared if isinstance(one, RelatedPartyDeclared)]
    fen = 0
    for one in paid:
        if isinstance(one, GrantDisbursed | AgencyTransferred):
            payee = one.payee if isinstance(one, GrantDisbursed) else one.final_payee
            label = _plain(one.payee_label) if payee is None else ""
            theirs = (who for who in related if who.payee == payee or (label and label == _plain(who.payee_label)))
            if any(who.since <= one.occurred_on <= (who.until or date.max) for who in theirs):
                fen += one.amount_fen
    return fen


def _plain(label: str | None) -> str:
    """A name without the blanks that somebody typed in it."""
    return "".join((label or "").split())
