"""The rosters of a month, household by household, as they are known now and as they were known when a list was made."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, and_, func, select

from ledger.values.dates import Period
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import AnyRow, rows_where
from ledger_projections.public_money.payment_lines import PAYMENTS, STEPS, SUMS
from ledger_projections.public_money.payment_queries import Place
from ledger_projections.public_money.roster_lines import DECISIONS
from ledger_projections.summaries.relief.counts import Count

_TERMS: Final = ("enrolment", "entity", "programme", "township", "act", "persons", "monthly_fen")


@dataclass(frozen=True, slots=True)
class Held:
    """A household on a roster: whose roster, and what it counts for in a month."""

    place: Place
    township: str
    count: Count


def held_in(connection: Connection, moment: Moment, month: str) -> dict[str, Held]:
    """Enrolment -> how it stands on the rosters of a month; the last decision that binds the month says it all."""
    latest = func.row_number().over(
        partition_by=DECISIONS.c.enrolment, order_by=(DECISIONS.c.position.desc(), DECISIONS.c.line.desc())
    )
    binding = select(*(DECISIONS.c[name] for name in _TERMS), latest.label("place"))
    last = binding.where(moment.counts(DECISIONS), DECISIONS.c.from_month <= month).subquery("last")
    chosen = select(last).where(last.c.place == 1, last.c.act != "ended")
    return {row.enrolment: _held(row) for row in connection.execute(chosen)}


def _held(row: AnyRow) -> Held:
    return Held((row.entity, row.programme), row.township, Count(1, int(row.persons), int(row.monthly_fen)))


@dataclass(slots=True)
class Terms:
    """The decisions on some enrolments, asked for any month as any position knew them."""

    _moment: Moment
    _rows: defaultdict[str, list[AnyRow]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, connection: Connection, moment: Moment, enrolments: Collection[str]) -> "Terms":
        """The decisions that were recorded by a moment, those that were reversed since among them."""
        here = DECISIONS.c.position <= moment.position
        if moment.as_of is not None:
            here = and_(here, DECISIONS.c.day <= moment.as_of)
        found = cls(moment)
        chosen = select(DECISIONS).where(here).order_by(DECISIONS.c.position, DECISIONS.c.line)
        for row in rows_where(connection, chosen, DECISIONS.c.enrolment, sorted(enrolments)):
            found._rows[row.enrolment].append(row)
        return found

    def at(self, enrolment: str, month: str, position: int | None = None) -> Held | None:
        """How an enrolment stands in a month by what a position knew (None: now); None where it is on no roster."""
        known = [row for row in self._rows[enrolment] if row.from_month <= month and self._stood(row, position)]
        return None if not known or known[-1].act == "ended" else _held(known[-1])

    def _stood(self, row: AnyRow, position: int | None) -> bool:
        if position is not None:
            return bool(row.position <= position and (row.ended_at is None or row.ended_at > position))
        if row.ended_at is None or row.ended_at > self._moment.position:
            return True
        return bool(self._moment.as_of is not None and row.ended_on > self._moment.as_of)


def listed_elsewhere(
    connection: Connection,
    moment: Moment,
    month: str,
    programme: str,
    enrolments: Collection[str],
    here: Collection[str],
) -> frozenset[str]:
    """Those of some enrolments of a programme for whom another batch than these lists the month: paid by the quarter,
    or later. The other batches are named, because the lines are indexed by them.
    """
    named = (select(table.c.batch).where(table.c.programme == programme) for table in (STEPS, SUMS))
    others = {batch for chosen in named for batch in connection.scalars(chosen.distinct())} - set(here)
    acts = PAYMENTS.c.act.in_(("authorised", "paid"))
    own = PAYMENTS.c.component.in_(("normal", "arrears"))
    line = PAYMENTS.c.batch.in_(sorted(others)), acts, PAYMENTS.c.programme == programme
    chosen = select(PAYMENTS.c.enrolment, PAYMENTS.c.month, PAYMENTS.c.months).where(*line)
    chosen = chosen.where(moment.counts(PAYMENTS), own, PAYMENTS.c.month >= month)
    rows = rows_where(connection, chosen, PAYMENTS.c.enrolment, sorted(enrolments))
    return frozenset(row.enrolment for row in rows if _first(row) <= month)


def _first(row: AnyRow) -> str:
    """The first month that a line is for."""
    return str(Period.parse(row.month).plus(1 - max(1, int(row.months))))


def by_place(held: Mapping[str, Held]) -> dict[Place, dict[str, Held]]:
    """The rosters apart."""
    found: defaultdict[Place, dict[str, Held]] = defaultdict(dict)
    for enrolment, one in held.items():
        found[one.place][enrolment] = one
    return found
