"""What the province's system counted of a month, beside the roster: the side of the three-way check that no book makes.

Of several exports the newest counts, township by township. Where province and roster differ, the export's own remarks
say why; a difference without any is told as a check.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.entitlement.provincial import COUNTED, ProvincialCounted
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.standing import posted_on, standing
from ledger_projections.public_money.payment_queries import Place
from ledger_projections.summaries.programmes import Programmes
from ledger_projections.summaries.relief.counts import NOTHING, Count, added
from ledger_projections.summaries.table import Value


@dataclass(frozen=True, slots=True)
class Counted:
    """A programme's month in the province's system: all its townships together, and what the export remarks."""

    count: Count
    townships: Mapping[str, Count]
    remarked: Mapping[str, str]
    """Township -> what its export says of the difference to the roster."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """The remarks, each with its township."""
        return tuple(f"{township}:{remark}" for township, remark in self.remarked.items())


def provincial(connection: Connection, moment: Moment, month: str) -> Mapping[Place, Counted]:
    """(entity, programme) -> what was counted of a month (`YYYY-MM`)."""
    newest: dict[tuple[Place, str], ProvincialCounted] = {}
    for item in standing(connection, (COUNTED,), moment.position, moment.as_of, _exported_on):
        event = item.event
        if isinstance(event, ProvincialCounted) and event.month == month:
            key = (item.entity, event.programme), event.township
            if key not in newest or newest[key].counted_on <= event.counted_on:
                newest[key] = event
    by_place: dict[Place, list[ProvincialCounted]] = {}
    for (place, _), event in sorted(newest.items(), key=lambda one: one[0]):
        by_place.setdefault(place, []).append(event)
    return {place: _together(mine) for place, mine in by_place.items()}


def _exported_on(item: Recorded) -> date:
    return item.event.counted_on if isinstance(item.event, ProvincialCounted) else posted_on(item)


def _together(mine: Iterable[ProvincialCounted]) -> Counted:
    events = list(mine)
    townships = {one.township: Count(one.households, one.persons, one.amount_fen) for one in events}
    remarks = {one.township: one.explanation for one in events if one.explanation}
    return Counted(added(townships.values()), townships, remarks)


def province_values(
    provinces: Mapping[str, Counted | None], listed: Count | None, *, is_once: bool
) -> dict[str, Value]:
    """The cells of a row, the months added; empty where the province's counts of one of them were not taken over, but
    for what the others remark, and without a gap where there is no roster to hold them against.
    """
    known = {month: one for month, one in provinces.items() if one is not None}
    if not known:
        return {}
    several = len(provinces) > 1
    remarks = [f"{month} {remark}" if several else remark for month, one in known.items() for remark in one.remarks]
    values: dict[str, Value] = {"province_note": ";".join(remarks)}
    if len(known) < len(provinces):
        return values
    count = added(one.count for one in known.values())
    values |= {
        "province_households": count.households,
        "province_persons": count.persons,
        "province_fen": count.fen,
    }
    if is_once:
        return values
    gap = count - (listed or NOTHING)
    return values | {"gap_households": gap.households, "gap_persons": gap.persons, "gap_fen": gap.fen}


def remarked(counted: Counted, roster: Mapping[str, Count]) -> Count:
    """What the export's remarks are about: the differences of the townships that they stand beside, or the whole one
    where it does not count by the roster's townships.
    """
    if not counted.remarked:
        return Count()
    if not counted.townships.keys() & roster.keys():
        return counted.count - added(roster.values())
    return added(counted.townships[one] - roster.get(one, Count()) for one in counted.remarked)


def by_township(rosters: Iterable[Mapping[str, Count]]) -> Mapping[str, Count]:
    """Rosters of several offices as one."""
    found: defaultdict[str, Count] = defaultdict(Count)
    for roster in rosters:
        for township, count in roster.items():
            found[township] += count
    return found


def of_other_offices(
    rosters: Iterable[Place], counted: Collection[Place], known: Programmes
) -> Mapping[Place, Sequence[Place]]:
    """Where the province's counts stand with one office, which others have a roster of the programme: the export counts
    a programme whole, whoever keeps which part of it. They are beside the office that opened it, or else the only one
    that has counts.
    """
    found: defaultdict[Place, list[Place]] = defaultdict(list)
    for place in rosters:
        owners = {one for one in counted if one[1] == place[1]}
        opener = (owners & known.keys()) or owners
        if place not in owners and len(opener) == 1:
            found[next(iter(opener))].append(place)
    return found
