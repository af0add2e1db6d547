"""What the province's system counted of a month, beside the roster: the side of the three-way check that no book makes.

Of several exports the newest counts, township by township. Where province and roster differ, the export's own remarks
say why; a difference without any is told as a check.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.entitlement.provincial import COUNTED, ProvincialCounted
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.standing import posted_on, standing
from ledger_projections.public_money.payment_queries import Place
from ledger_projections.public_money.rosters import RosterMonth
from ledger_projections.summaries.programmes import Programme
from ledger_projections.summaries.table import Asked, Said, Value


@dataclass(frozen=True, slots=True)
class Counted:
    """A programme's month in the province's system: all its townships together, and what the export remarks."""

    households: int
    persons: int
    amount_fen: int
    remarks: tuple[str, ...]


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
    return Counted(
        sum(one.households for one in events),
        sum(one.persons for one in events),
        sum(one.amount_fen for one in events),
        tuple(f"{one.township}:{one.explanation}" for one in events if one.explanation),
    )


def province_values(counted: Counted | None, listed: RosterMonth | None) -> dict[str, Value]:
    """The cells of a row; empty where the province's counts were not taken over."""
    if counted is None:
        return {}
    values: dict[str, Value] = {
        "province_households": counted.households,
        "province_persons": counted.persons,
        "province_fen": counted.amount_fen,
        "province_note": ";".join(counted.remarks),
    }
    gap = _gap(counted, listed)
    return values | dict(zip(("gap_households", "gap_persons", "gap_fen"), gap, strict=True))


def _gap(counted: Counted, listed: RosterMonth | None) -> tuple[int, int, int]:
    """Province less roster: households, persons, fen."""
    held = (0, 0, 0)
    if listed is not None:
        held = listed.closing_households, listed.closing_persons, listed.closing_monthly_fen
    return counted.households - held[0], counted.persons - held[1], counted.amount_fen - held[2]


def unexplained(
    counted: Mapping[Place, Counted],
    listed: Mapping[Place, RosterMonth],
    known: Mapping[Place, Programme],
    asked: Asked,
) -> Iterable[Said]:
    """Programmes in which province and roster differ, and no remark says why."""
    for place, one in counted.items():
        households, persons, fen = _gap(one, listed.get(place))
        if asked.wants(place[0]) and any((households, persons, fen)) and not one.remarks:
            named = known[place].name if place in known else place[1]
            said = {"programme": named, "households": households, "persons": persons, "gap_fen": fen}
            yield Said("check.province", said)
