"""Payments of a month cut by programme, or further by the township or category of the household.

The household's place is what its last decision up to the last month says; a payment to somebody who is on no roster is
in the township of its batch. Source: 分乡镇发放表.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, func, select

from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import AnyRow
from ledger_projections.public_money.payment_lines import BACK, PAYMENTS, STEPS
from ledger_projections.public_money.payment_queries import Place, Scope, lines_of, lines_of_payments, money, undone
from ledger_projections.public_money.roster_lines import DECISIONS
from ledger_projections.public_money.rosters import By

_SUMS: Final = ("authorised_fen", "credited_fen", "returned_fen", "offset_fen", "times", "person_times")
_LEVEL: Final = "normal"
"""The component that a level of support is made of: the month's own amount, without arrears and one-off money."""


@dataclass(slots=True)
class Level:
    """What a level of support is made of: fen of the normal component before deductions, and the persons it was for, by
    the month: what is paid by the quarter is for three.
    """

    fen: int = 0
    person_months: int = 0


@dataclass(slots=True)
class GroupSum:
    """A programme's payments in one township or category; the counters mean what they mean in `subsidies`."""

    entity: str
    programme: str
    group: str
    households: int = 0
    household_times: int = 0
    persons: int = 0
    person_times: int = 0
    authorised_fen: int = 0
    paid_fen: int = 0
    offset_fen: int = 0


def levels(connection: Connection, moment: Moment, scope: Scope) -> dict[Place, Level]:
    """(entity, programme) -> its level, net of what came back."""
    found: defaultdict[Place, Level] = defaultdict(Level)
    for one in money(connection, moment, scope):
        if (one.act, one.component) == ("paid", _LEVEL):
            found[one.place].fen += one.fen
            found[one.place].person_months += one.person_months
    rows = lines_of(connection, moment, scope, (*BACK, "offset"))
    told = lines_of_payments(connection, moment, (row.payment for row in rows), ("authorised", "paid", *BACK))
    off = undone(told.values())
    for row in rows:
        if not any(one.component == _LEVEL for one in told[row.payment] if one.act not in BACK):
            continue
        level = found[row.entity, row.programme]
        if row.act == "offset":
            level.fen += row.fen
        else:
            level.fen -= row.fen
            level.person_months -= off[int(row.position)].person_months
    return dict(found)


def net_paid(connection: Connection, moment: Moment, scope: Scope) -> dict[Place, int]:
    """(entity, programme) -> fen credited, less what came back."""
    found: defaultdict[Place, int] = defaultdict(int)
    for one in money(connection, moment, scope):
        found[one.place] += one.fen if one.act == "paid" else -one.fen if one.act in BACK else 0
    return dict(found)


def groups(connection: Connection, moment: Moment, scope: Scope, last: str, by: By) -> list[GroupSum]:
    """The payments of a scope by programme and group, in order."""
    places = enrolment_groups(connection, moment, last, by)
    found: dict[tuple[str, str, str], GroupSum] = {}
    mine: dict[tuple[str, str, str], GroupSum] = {}
    for row in _by_enrolment(connection, moment, scope):
        group = places.get(row.enrolment, (row.township or "") if by == "township" else "")
        key = (row.entity, row.programme, group)
        mine[row.entity, row.programme, row.enrolment] = found.setdefault(key, GroupSum(*key))
        _add(found[key], row)
    _take_back(connection, moment, scope, lambda row: mine[row.entity, row.programme, row.enrolment])
    return [found[key] for key in sorted(found)]


def enrolment_groups(connection: Connection, moment: Moment, last: str, by: By) -> Mapping[str, str]:
    """Enrolment -> its township or category by its last decision up to the month `last`."""
    if not by:
        return {}
    column = DECISIONS.c[by]
    here = and_(moment.counts(DECISIONS), DECISIONS.c.from_month <= last, DECISIONS.c.act != "ended")
    chosen = select(DECISIONS.c.enrolment, column.label("place")).where(here)
    rows = connection.execute(chosen.order_by(DECISIONS.c.enrolment, DECISIONS.c.position, DECISIONS.c.line))
    return {row.enrolment: row.place for row in rows}


def _by_enrolment(connection: Connection, moment: Moment, scope: Scope) -> Iterator[AnyRow]:
    """Each enrolment's sums by act, with the township of its batch."""
    acts = ("authorised", "paid", "offset", *BACK)
    township = (
        select(STEPS.c.batch, func.max(STEPS.c.township).label("township"))
        .where(moment.counts(STEPS), STEPS.c.act == "prepared")
        .group_by(STEPS.c.batch)
        .subquery("prepared")
    )
    keys = (PAYMENTS.c.entity, PAYMENTS.c.programme, PAYMENTS.c.enrolment)
    paid = PAYMENTS.c.act == "paid"
    amounts = (
        func.sum(PAYMENTS.c.fen).filter(PAYMENTS.c.act == "authorised").label("authorised_fen"),
        func.sum(PAYMENTS.c.fen).filter(paid).label("credited_fen"),
        func.sum(PAYMENTS.c.fen).filter(PAYMENTS.c.act.in_(BACK)).label("returned_fen"),
        func.sum(PAYMENTS.c.fen).filter(PAYMENTS.c.act == "offset").label("offset_fen"),
        func.sum(PAYMENTS.c.households).filter(paid).label("times"),
        func.sum(PAYMENTS.c.persons * PAYMENTS.c.households).filter(paid).label("person_times"),
        func.max(PAYMENTS.c.persons).filter(paid).label("most"),
        func.max(township.c.township).label("township"),
    )
    here = and_(moment.counts(PAYMENTS), scope.holds(PAYMENTS), PAYMENTS.c.act.in_(acts))
    joined = PAYMENTS.outerjoin(township, township.c.batch == PAYMENTS.c.batch)
    chosen = select(*keys, *amounts).select_from(joined).where(here).group_by(*keys)
    yield from connection.execute(chosen)


def _add(group: GroupSum, row: AnyRow) -> None:
    """Count an enrolment; one whose every payment came back was not paid."""
    sums = {name: int(getattr(row, name) or 0) for name in _SUMS}  # a sum of 64-bit integers may come as a decimal
    group.authorised_fen += sums["authorised_fen"]
    group.paid_fen += sums["credited_fen"] - sums["returned_fen"]
    group.offset_fen += sums["offset_fen"]
    group.household_times += sums["times"]
    group.person_times += sums["person_times"]
    if sums["credited_fen"] > sums["returned_fen"]:
        group.households += 1
        group.persons += row.most or 0


def _take_back(connection: Connection, moment: Moment, scope: Scope, group_of: Callable[[AnyRow], GroupSum]) -> None:
    """What came back is no time that anybody was paid; it counts what its payment counted."""
    rows = lines_of(connection, moment, scope, BACK)
    off = undone(lines_of_payments(connection, moment, (row.payment for row in rows), ("paid", *BACK)).values())
    for row in rows:
        group, mine = group_of(row), off[int(row.position)]
        group.household_times -= mine.households
        group.person_times -= mine.persons
