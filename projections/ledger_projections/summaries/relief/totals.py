"""What the programmes of some schemes come to together: the totals of `subsidies` and of rosters, by which a sentence's
figure is found again. A query names its schemes one by one, or a set of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from ledger.errors import InputError
from ledger.flows.public_money.entitlement.programmes import ONCE, ProgrammeOpened
from ledger.values.dates import Period, periods
from ledger_projections.figures import LISTED, RELIEF
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import moment_of
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.batches import Batch, batches
from ledger_projections.public_money.payment_groups import levels
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_queries import joined, scopes
from ledger_projections.public_money.rosters import TRANSFERS, RosterMonth, RosterReport
from ledger_projections.public_money.subsidies import SubsidyReport, SubsidySum, late_fen, subsidies
from ledger_projections.summaries.programmes import SCHEMES
from ledger_projections.summaries.table import half_up

SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "relief": RELIEF,
    "relief-listed": tuple(one for one in RELIEF if one not in ONCE),
    "listed": LISTED,
}
"""Names of sets: 困难群众救助, the same without aid that is given once, and those that 新增 and 退出 are told of."""
CLEARED: Final = frozenset({"income", "assets", "employed", "violation", "review_refused"})
"""清退: who left because the conditions did not hold; not the dead, nor those who moved or changed programmes."""


@dataclass(frozen=True, slots=True)
class SubsidyTotals(Answer):
    """All programmes together, over the span. `late_fen` is 补发; `average_fen` is paid by person-times, and `each_fen`
    the level of support: `level_fen` of the month's own amounts by `person_months`, both half up.
    """

    schemes: tuple[str, ...]
    households: int
    household_times: int
    persons: int
    person_times: int
    authorised_fen: int
    paid_fen: int
    returned_fen: int
    failed_fen: int
    offset_fen: int
    reissued_fen: int
    late_fen: int
    arrears_fen: int
    uplift_fen: int
    average_fen: int | None
    level_fen: int
    person_months: int
    each_fen: int | None


@dataclass(frozen=True, slots=True)
class SubsidiesTold(SubsidyReport):
    """Subsidies by programme and month, where the batches stand that they are of, and what the programmes come to."""

    batches: tuple[Batch, ...]
    totals: SubsidyTotals


@dataclass(frozen=True, slots=True)
class RosterTotals(Answer):
    """All programmes together: who stands on the rosters of the last month, and who came and left in any of them. Who
    stood on the book's first roster did not come; who moved within a household is counted in persons.
    """

    schemes: tuple[str, ...]
    closing_households: int
    closing_persons: int
    in_households: int
    in_persons: int
    in_transfer_persons: int
    out_households: int
    out_persons: int
    out_transfer_persons: int
    out_death_persons: int
    out_cleared_households: int
    out_cleared_persons: int


@dataclass(frozen=True, slots=True)
class RostersTold(RosterReport):
    """Programmes by month, and what they come to."""

    totals: RosterTotals


def schemes_of(text: str | None) -> tuple[str, ...]:
    """The schemes that a query names, apart by commas; none: every one. InputError E_SCHEME_ASKED."""
    found: list[str] = []
    for one in (text or "").split(",") if text is not None else ():
        known = SETS.get(one) or ((one,) if one in SCHEMES else None)
        if known is None:
            raise InputError("E_SCHEME_ASKED", field="scheme", scheme=one, known=", ".join((*SETS, *SCHEMES)))
        found += known
    return tuple(dict.fromkeys(found))


def schemes_text(schemes: Sequence[str]) -> str:
    """How a query names schemes."""
    wanted = set(schemes)
    return next((name for name, one in SETS.items() if set(one) == wanted), ",".join(schemes))


def programmes_of(connection: Connection, position: int, schemes: Collection[str]) -> frozenset[str] | None:
    """The programmes of some schemes (none: None, which is all) that were opened by a position."""
    if not schemes:
        return None
    opened = (item.event for item in standing(connection, ("programme.opened",), position))
    return frozenset(one.programme for one in opened if isinstance(one, ProgrammeOpened) and one.scheme in schemes)


def subsidies_told(
    connection: Connection,
    months: tuple[str, str],
    schemes: tuple[str, ...],
    *,
    as_of: date | None = None,
    at: int | None = None,
    programme: str | None = None,
    entity: str | None = None,
) -> SubsidiesTold:
    """The payments of the batches of months (`YYYY-MM`, the first and the last) and the batches, of a programme, an
    entity and some schemes; none: of all.
    """
    first, last = months
    every = subsidies(connection, first, last, as_of=as_of, at=at, programme=programme, entity=entity)
    kept = programmes_of(connection, every.position, schemes)
    paid = subsidies_of(every, kept)
    sent = batches(connection, first=first, last=last, as_of=as_of, at=at, programme=programme, entity=entity).rows
    mine = tuple(one for one in sent if kept is None or one.programme in kept)
    sums = subsidy_totals(connection, paid, schemes)
    return SubsidiesTold(paid.position, paid.as_of, paid.first, paid.last, paid.rows, paid.span, mine, sums)


def subsidies_of(found: SubsidyReport, kept: frozenset[str] | None) -> SubsidyReport:
    """A report of some programmes only."""
    if kept is None:
        return found
    rows, span = (tuple(row for row in part if row.programme in kept) for part in (found.rows, found.span))
    return replace(found, rows=rows, span=span)


def subsidy_totals(connection: Connection, found: SubsidyReport, schemes: tuple[str, ...]) -> SubsidyTotals:
    """What the programmes of a report come to."""
    rows = found.span
    moment = moment_of(connection, [PAYMENT_LINES], found.as_of, found.position)
    months = [str(one) for one in periods(Period.parse(found.first), Period.parse(found.last))]
    places = {(row.entity, row.programme) for row in rows}
    once = programmes_of(connection, found.position, ONCE) or frozenset()
    held = levels(connection, moment, joined(scopes(connection, moment, months).values())) if rows else {}
    mine = [one for place, one in held.items() if place in places and place[1] not in once]
    names = (
        *("households", "household_times", "persons", "person_times", "authorised_fen", "paid_fen"),
        *("returned_fen", "failed_fen", "offset_fen", "reissued_fen"),
    )
    sums: dict[str, Any] = {name: sum(getattr(row, name) for row in rows) for name in names}
    level, person_months = sum(one.fen for one in mine), sum(one.person_months for one in mine)
    return SubsidyTotals(
        schemes,
        **sums,
        late_fen=sum(map(late_fen, rows)),
        arrears_fen=_component(rows, "arrears"),
        uplift_fen=_component(rows, "uplift"),
        average_fen=half_up(sums["paid_fen"], sums["person_times"]),
        level_fen=level,
        person_months=person_months,
        each_fen=half_up(level, person_months),
    )


def _component(rows: Iterable[SubsidySum], name: str) -> int:
    return sum(part.paid_fen for row in rows for part in row.components if part.component == name)


def rosters_told(found: RosterReport, schemes: tuple[str, ...], kept: frozenset[str] | None) -> RostersTold:
    """The rosters of some programmes (None: of all) with their totals."""
    rows = tuple(row for row in found.rows if kept is None or row.programme in kept)
    closing = [row for row in rows if row.month == found.last]
    totals = RosterTotals(
        schemes,
        closing_households=sum(row.closing_households for row in closing),
        closing_persons=sum(row.closing_persons for row in closing),
        in_households=sum(came_households(row) for row in rows),
        in_persons=sum(came_persons(row) for row in rows),
        in_transfer_persons=_moved(rows, "in", TRANSFERS)[1],
        out_households=sum(row.out_households for row in rows),
        out_persons=sum(row.out_persons + row.removed_persons for row in rows),
        out_transfer_persons=_moved(rows, "out", TRANSFERS)[1],
        out_death_persons=_moved(rows, "out", frozenset({"death"}))[1],
        out_cleared_households=_moved(rows, "out", CLEARED)[0],
        out_cleared_persons=_moved(rows, "out", CLEARED)[1],
    )
    return RostersTold(found.position, found.as_of, found.first, found.last, rows, totals)


def ways(row: RosterMonth, way: str, reasons: frozenset[str]) -> tuple[int, int]:
    """Households and persons that came or went for one of these reasons."""
    found = [one for one in row.movements if one.way == way and one.reason in reasons]
    return sum(one.households for one in found), sum(one.persons for one in found)


_OPENING: Final = frozenset({"opening"})


def came_households(row: RosterMonth) -> int:
    """Households that came in, without those of the book's first roster."""
    return row.in_households - ways(row, "in", _OPENING)[0]


def came_persons(row: RosterMonth) -> int:
    """Persons that came in, with their household or into one, without those of the book's first roster."""
    return row.in_persons + row.added_persons - ways(row, "in", _OPENING)[1]


def _moved(rows: Iterable[RosterMonth], way: str, reasons: frozenset[str]) -> tuple[int, int]:
    found = [ways(row, way, reasons) for row in rows]
    return sum(one[0] for one in found), sum(one[1] for one in found)
