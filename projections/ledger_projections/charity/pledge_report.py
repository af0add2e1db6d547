"""What came of the pledges: a year's columns (认捐到账统计), and every pledge with what is still to come.

A year's rate is what arrived in the year for the pledges of that year, over those pledges; money for earlier pledges
and money that nobody had promised stand beside it and never inside it, so that no rate passes 100 % by arithmetic.
What was recorded after the year's books were closed counts in the year whose books hold it, as it does in the accounts,
so that each yuan falls into exactly one year; a promise of before the book began stays one of an earlier year.
Source: Charity Law art. 41.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from ledger_projections.charity.pledges import ARRIVALS, DUES, PLEDGES, TERMS
from ledger_projections.keeping.ageing import Ages, aged, ages_of, still_open
from ledger_projections.keeping.answers import Answer, per_mille
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow


@dataclass(frozen=True, slots=True)
class Pledge(Answer):
    """One pledge to the entity itself. promised + changed = paid_before + arrived + released + outstanding (fen)."""

    entity: str
    pledge: str
    fund: str
    donor: str | None
    donor_label: str | None
    campaign: str | None
    pledge_kind: str | None
    promised_on: date | None
    """None: taken over from older books."""
    promised_fen: int
    changed_fen: int
    paid_before_fen: int
    arrived_fen: int
    released_fen: int
    outstanding_fen: int
    next_due_on: date | None
    """The first day on which something that is outstanding is or was due."""
    overdue_fen: int
    ages: Ages
    reminders: int
    reminded_on: date | None


@dataclass(frozen=True, slots=True)
class PledgeList(Answer):
    """Every pledge, by entity and pledge; `on` is the day that overdue is counted by."""

    position: int
    as_of: date | None
    on: date
    rows: tuple[Pledge, ...]


@dataclass(frozen=True, slots=True)
class PledgeYear(Answer):
    """One entity's year, in fen. `rate_per_mille` = pledged_arrived_fen of pledged_fen, rounded half up to 0.1 %."""

    entity: str
    year: int
    pledged_fen: int
    """当年认捐: promised in the year, with the changes agreed in it."""
    pledged_arrived_fen: int
    """当年认捐到账."""
    earlier_arrived_fen: int
    """往年认捐本年到账."""
    direct_fen: int
    """未认捐直接到账."""
    arrived_fen: int
    """The three together, less what went back."""
    earlier_reversed_fen: int
    """冲销往年到账: what had arrived in earlier years and was taken back in the year, as recorded by mistake. It
    stays in the sums of those years, which were published, and is taken off none of the year's.
    """
    earlier_changed_fen: int
    """Changes agreed in the year to pledges of earlier years."""
    released_fen: int
    others_fen: int
    """Promised at the same occasions to other organisations: never ours to collect."""
    outstanding_fen: int
    ages: Ages
    rate_per_mille: int | None


@dataclass(frozen=True, slots=True)
class PledgeReport(Answer):
    """A year by entity; `on` is the day that the outstanding is aged by."""

    position: int
    as_of: date | None
    on: date
    rows: tuple[PledgeYear, ...]


def pledge_list(
    connection: Connection,
    on: date,
    *,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> PledgeList:
    """Every pledge made to the entity, with what is outstanding aged by the day `on`."""
    moment = moment_of(connection, [PLEDGES], as_of, at)
    rows = [row for row in _pledges(connection, moment, on) if entity in (None, row.entity)]
    return PledgeList(moment.position, as_of, on, tuple(rows))


def pledge_report(
    connection: Connection,
    year: int,
    *,
    today: date | None = None,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> PledgeReport:
    """The columns of a year as they stood on a business day and aged by it: `as_of`, else the last day of the year, or
    `today` where the year is not over.
    """
    on = as_of or min(date(year, 12, 31), today or date.max)
    moment = moment_of(connection, [PLEDGES], on, at)
    pledges = _pledges(connection, moment, on)
    said = _said_in(connection, moment, year)
    arrived = _arrived_in(connection, moment, year)
    undone = _reversed_in(connection, moment, year)
    entities = sorted({row.entity for row in pledges} | set(said) | {key[0] for key in arrived} | set(undone))
    rows = [
        _year(
            (one, year),
            [row for row in pledges if row.entity == one],
            said.get(one, {}),
            (arrived, undone.get(one, 0)),
        )
        for one in entities
        if entity in (None, one)
    ]
    return PledgeReport(moment.position, on, on, tuple(rows))


def _year(
    whose: tuple[str, int],
    pledges: Iterable[Pledge],
    said: Mapping[tuple[str, str], int],
    came: tuple[Mapping[tuple[str, str], int], int],
) -> PledgeYear:
    (entity, year), (arrived, undone_fen) = whose, came
    mine = list(pledges)
    known = {row.pledge for row in mine}
    new = known & {pledge for act, pledge in said if act == "made"}
    own = {pledge: fen for (one, pledge), fen in arrived.items() if one == entity}
    pledged = sum(fen for (act, pledge), fen in said.items() if pledge in new and act in {"made", "amended"})
    ours = sum(fen for pledge, fen in own.items() if pledge in new)
    return PledgeYear(
        entity=entity,
        year=year,
        pledged_fen=pledged,
        pledged_arrived_fen=ours,
        earlier_arrived_fen=sum(fen for pledge, fen in own.items() if pledge in known - new),
        direct_fen=sum(fen for pledge, fen in own.items() if pledge not in known),
        arrived_fen=sum(own.values()),
        earlier_reversed_fen=undone_fen,
        earlier_changed_fen=sum(
            fen for (act, pledge), fen in said.items() if act == "amended" and pledge in known - new
        ),
        released_fen=sum(fen for (act, pledge), fen in said.items() if act == "released" and pledge in known),
        others_fen=sum(fen for (act, pledge), fen in said.items() if act == "made" and pledge not in known),
        outstanding_fen=sum(row.outstanding_fen for row in mine),
        ages=ages_of(row.ages for row in mine),
        rate_per_mille=per_mille(ours, pledged),
    )


def _said_in(connection: Connection, moment: Moment, year: int) -> dict[str, dict[tuple[str, str], int]]:
    """Entity -> (act, pledge) -> fen said within the year, or earlier and first recorded in it; what was said before
    the entity's book began belongs to the year in which it was said.
    """
    begun: dict[str, date] = {}
    for table in (TERMS, ARRIVALS):
        first = select(table.c.entity, func.min(table.c.day)).where(moment.counts(table)).group_by(table.c.entity)
        for entity, day in connection.execute(first):
            begun[entity] = min(day, begun.get(entity, day))
    names = ("entity", "act", "pledge", "said_on", "day")
    grouped = [TERMS.c[name] for name in names]
    chosen = select(*grouped, func.sum(TERMS.c.amount_fen).label("fen")).where(moment.counts(TERMS))
    found: defaultdict[str, defaultdict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(chosen.group_by(*grouped)):
        is_of_before = row.said_on is not None and row.said_on < begun[row.entity]
        if (row.said_on if is_of_before else row.day).year == year:
            found[row.entity][row.act, row.pledge] += int(row.fen)
    return {entity: dict(said) for entity, said in found.items()}


def _arrived_in(connection: Connection, moment: Moment, year: int) -> dict[tuple[str, str], int]:
    """(entity, pledge or '') -> fen that arrived within the year, or before and was recorded in it."""
    columns = (ARRIVALS.c.entity, ARRIVALS.c.pledge)
    within = ARRIVALS.c.day.between(date(year, 1, 1), date(year, 12, 31))
    rows = connection.execute(
        select(*columns, func.sum(ARRIVALS.c.fen)).where(moment.counts(ARRIVALS), within).group_by(*columns),
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def _reversed_in(connection: Connection, moment: Moment, year: int) -> dict[str, int]:
    """Entity -> fen of earlier years' arrivals that were reversed within the year."""
    begin, end = date(year, 1, 1), date(year, 12, 31)
    end = end if moment.as_of is None else min(end, moment.as_of)
    before = (ARRIVALS.c.position <= moment.position, ARRIVALS.c.day < begin)
    within = (ARRIVALS.c.ended_at <= moment.position, ARRIVALS.c.ended_on.between(begin, end))
    chosen = select(ARRIVALS.c.entity, func.sum(ARRIVALS.c.fen)).where(*before, *within)
    return {row[0]: int(row[1]) for row in connection.execute(chosen.group_by(ARRIVALS.c.entity))}


def _pledges(connection: Connection, moment: Moment, on: date) -> list[Pledge]:
    """Every pledge that was made to an entity of this book."""
    terms: defaultdict[tuple[str, str], list[AnyRow]] = defaultdict(list)
    for row in connection.execute(select(TERMS).where(moment.counts(TERMS)).order_by(TERMS.c.position)):
        terms[row.entity, row.pledge].append(row)
    dues: defaultdict[tuple[str, int], list[tuple[date, int]]] = defaultdict(list)
    for row in connection.execute(select(DUES).where(moment.counts(DUES))):
        dues[row.pledge, row.position].append((row.due_on, row.fen))
    columns = (ARRIVALS.c.entity, ARRIVALS.c.pledge)
    sums = select(*columns, func.sum(ARRIVALS.c.fen)).where(moment.counts(ARRIVALS), ARRIVALS.c.pledge != "")
    arrived = {(row[0], row[1]): int(row[2]) for row in connection.execute(sums.group_by(*columns))}
    return [
        _pledge(key, rows, arrived.get(key, 0), dues, on)
        for key, rows in sorted(terms.items())
        if any(row.fund is not None for row in rows)
    ]


def _pledge(
    key: tuple[str, str],
    rows: Sequence[AnyRow],
    arrived_fen: int,
    dues: Mapping[tuple[str, int], list[tuple[date, int]]],
    on: date,
) -> Pledge:
    made = [row for row in rows if row.act in {"made", "opening"}]
    changed = sum(row.amount_fen for row in rows if row.act == "amended")
    released = sum(row.amount_fen for row in rows if row.act == "released")
    promised, before = sum(row.amount_fen for row in made), sum(row.paid_before_fen for row in made)
    outstanding = promised + changed - before - arrived_fen - released
    agreed = [row.position for row in rows if row.act in {"made", "opening", "amended"}][-1]
    first = made[0]
    parts = still_open(dues.get((key[1], agreed), []), outstanding, first.said_on or first.day)
    reminders = [row.said_on for row in rows if row.act == "reminded"]
    ages = aged(parts, on)
    return Pledge(
        *key,
        **{name: getattr(first, name) for name in ("fund", "donor", "donor_label", "campaign", "pledge_kind")},
        promised_on=first.said_on,
        promised_fen=promised,
        changed_fen=changed,
        paid_before_fen=before,
        arrived_fen=arrived_fen,
        released_fen=released,
        outstanding_fen=outstanding,
        next_due_on=min((due_on for due_on, fen in parts if fen > 0), default=None),
        overdue_fen=ages.overdue_fen,
        ages=ages,
        reminders=len(reminders),
        reminded_on=max(reminders, default=None),
    )
