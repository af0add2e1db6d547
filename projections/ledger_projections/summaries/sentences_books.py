"""The answers that the figures of one span of months rest on, each asked for once and only when it is needed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Connection

from ledger.flows.public_money.entitlement.programmes import ONCE, ProgrammeOpened
from ledger.flows.public_money.redress.rectification import LookBackPerformed, RectificationReported
from ledger.values.dates import Period, periods
from ledger_projections.books.begun import begun_after
from ledger_projections.charity.pledge_report import PledgeYear, pledge_report
from ledger_projections.charity.societies import SocietyList, societies
from ledger_projections.figures import Figure, figures
from ledger_projections.keeping.clocks import moment_of
from ledger_projections.keeping.entities import entity_names
from ledger_projections.keeping.items import items_between
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.doubts import Clue, acted_on, clues
from ledger_projections.public_money.failures import Failure, failures
from ledger_projections.public_money.lottery.report import LotteryReport, LotterySum, lottery_report
from ledger_projections.public_money.payment_groups import Level, levels
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_queries import Place, joined, scopes
from ledger_projections.public_money.recoveries import RecoveryReport, recoveries
from ledger_projections.public_money.rosters import RosterMonth, rosters
from ledger_projections.public_money.subsidies import SubsidySum, subsidies
from ledger_projections.summaries.handling.matching import Warned, warned
from ledger_projections.summaries.handling.problems import Problem, problems
from ledger_projections.summaries.relief.funding import Funding, relief_funding
from ledger_projections.summaries.sentences_edges import LastMonths, first_month, last_months
from ledger_projections.summaries.table import Asked


@dataclass(frozen=True, slots=True)
class Span:
    """Whole months `first` to `last` (`YYYY-MM`), and the business day up to which they are counted (None: all)."""

    first: str
    last: str
    as_of: date | None = None

    @property
    def end(self) -> date:
        """The last day that is counted."""
        last_day = Period.parse(self.last).last_day
        return last_day if self.as_of is None else min(self.as_of, last_day)

    def options(self) -> str:
        """The span as options of `figures`."""
        day = "" if self.as_of is None else f" --as-of {self.as_of}"
        return f"--from {self.first} --to {self.last}{day}"


class Books:
    """What the book says of a span, at a position, of an entity (None: of all)."""

    def __init__(self, connection: Connection, span: Span, position: int, entity: str | None = None) -> None:
        self.span: Final = span
        self.position: Final = position
        self.entity: Final = entity
        self._connection = connection

    @cached_property
    def names(self) -> dict[str, str]:
        """Entity -> its name."""
        return entity_names(self._connection, self.position)

    @cached_property
    def schemes(self) -> dict[str, str]:
        """Programme -> its scheme, of every programme that was opened."""
        return {one.programme: one.scheme for _, one in self._openings}

    def openers(self, schemes: Sequence[str]) -> Iterator[str]:
        """The entities that opened programmes of some schemes."""
        return (entity for entity, one in self._openings if one.scheme in schemes)

    def knows_scheme(self, scheme: str) -> bool:
        """Whether the entity has a programme of a scheme: one that it opened, or gives for another."""
        if self.entity is None:
            return scheme in self.schemes.values()
        wanted = (scheme,)
        return self.entity in self.openers(wanted) or bool(
            self.paid(wanted) or self.current(wanted) or self.listed(wanted)
        )

    @cached_property
    def _openings(self) -> list[tuple[str, ProgrammeOpened]]:
        found = items_between(self._connection, 1, self.position, ("programme.opened",))
        return [(item.entity, item.event) for item in found if isinstance(item.event, ProgrammeOpened)]

    @cached_property
    def begins(self) -> str | None:
        """The first month that the book holds; see `first_month`."""
        return first_month(self._connection, self.position, self.entity)

    @cached_property
    def ends(self) -> LastMonths:
        """The last months that the book holds something of."""
        return last_months(self._connection, self.position, self.entity)

    def paid(self, wanted: Sequence[str]) -> list[SubsidySum]:
        """What was paid in the span by programmes of these schemes."""
        return [row for row in self._paid if self.schemes.get(row.programme) in wanted]

    @property
    def any_paid(self) -> bool:
        """Whether the book holds any payment, or failed payment, of the span's months."""
        return bool(self._paid)

    def level(self, wanted: Sequence[str]) -> Level:
        """What the level of support of these schemes is made of, as the monthly table has it."""
        mine = [
            one
            for (entity, programme), one in self._levels.items()
            if self.entity in (None, entity) and self._is_listed(programme, wanted)
        ]
        return Level(sum(one.fen for one in mine), sum(one.person_months for one in mine))

    def listed(self, wanted: Sequence[str]) -> list[RosterMonth]:
        """The rosters of the months after the span's: a decision counts from the month after it was taken."""
        return [row for row in self._listed if self._is_listed(row.programme, wanted)]

    def current(self, wanted: Sequence[str]) -> list[RosterMonth]:
        """The rosters of the span's own months, by which it was paid; those of the monthly table."""
        return [row for row in self._current if self._is_listed(row.programme, wanted)]

    def closing(self, wanted: Sequence[str]) -> list[RosterMonth]:
        """Of the rosters of the months after, the last."""
        return [row for row in self.listed(wanted) if row.month == str(Period.parse(self.span.last).next())]

    def _is_listed(self, programme: str, wanted: Sequence[str]) -> bool:
        """Whether a programme is of these schemes, and one whose people stay on a roster."""
        scheme = self.schemes.get(programme)
        return scheme in wanted and scheme not in ONCE

    @cached_property
    def _paid(self) -> tuple[SubsidySum, ...]:
        span = self.span
        return subsidies(self._connection, span.first, span.last, as_of=span.as_of, **self._place).span

    @cached_property
    def _levels(self) -> dict[Place, Level]:
        span = self.span
        moment = moment_of(self._connection, [PAYMENT_LINES], span.as_of, self.position)
        months = [str(one) for one in periods(Period.parse(span.first), Period.parse(span.last))]
        return levels(self._connection, moment, joined(scopes(self._connection, moment, months).values()))

    @cached_property
    def _current(self) -> tuple[RosterMonth, ...]:
        span = self.span
        return rosters(self._connection, span.first, span.last, as_of=span.as_of, **self._place).rows

    @cached_property
    def _listed(self) -> tuple[RosterMonth, ...]:
        first, last = (str(Period.parse(month).next()) for month in (self.span.first, self.span.last))
        return rosters(self._connection, first, last, as_of=self.span.as_of, **self._place).rows

    @property
    def _place(self) -> dict[str, Any]:
        """Where in the log, and whose: as every reader takes them."""
        return {"at": self.position, "entity": self.entity}

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The figures of the annual report, by key."""
        span = self.span
        found = figures(self._connection, span.first, span.last, as_of=span.as_of, **self._place)
        return {row.key: row for row in found.rows}

    @cached_property
    def redress(self) -> RecoveryReport:
        """Recoveries and matters up to the end of the span."""
        return recoveries(self._connection, self.span.end, as_of=self.span.end, **self._place)

    @property
    def _since(self) -> date:
        return Period.parse(self.span.first).first_day

    @cached_property
    def every_problem(self) -> list[Problem]:
        """Matters up to the end of the span, each once, however many findings speak of it."""
        return problems(self.redress)

    @cached_property
    def problems(self) -> list[Problem]:
        """Those that were confirmed in the span, as they stood at its end."""
        return [one for one in self.every_problem if one.matter.confirmed_on >= self._since]

    @cached_property
    def failed(self) -> list[Failure]:
        """Payments of the span's months that failed."""
        found = failures(self._connection, as_of=self.span.as_of, **self._place).rows
        return [row for row in found if self.span.first <= row.month <= self.span.last]

    @cached_property
    def pledged(self) -> list[PledgeYear]:
        """The pledges of the year in which the span ends, entity by entity."""
        end = self.span.end
        return list(pledge_report(self._connection, end.year, as_of=end, **self._place).rows)

    @cached_property
    def societies(self) -> SocietyList:
        """The mutual-aid societies at the end of the span."""
        return societies(self._connection, self.span.end, as_of=self.span.end, **self._place)

    @cached_property
    def lottery(self) -> LotterySum:
        """The lottery proceeds of the year in which the span ends."""
        return self._lottery.total

    @property
    def has_lottery(self) -> bool:
        """Whether a project or a document of lists had money of it."""
        return bool(self._lottery.projects or self._lottery.lists)

    @property
    def lottery_of(self) -> list[str]:
        """The entities whose projects and documents those are."""
        projects, lists = self._lottery.projects, self._lottery.lists
        return [*(one.entity for one in projects), *(one.entity for one in lists)]

    @property
    def lottery_carried_fen(self) -> int:
        """Of what was allocated, what was left of earlier years."""
        return self.lottery.carried_over_fen

    @cached_property
    def _lottery(self) -> LotteryReport:
        end = self.span.end
        return lottery_report(self._connection, year=end.year, as_of=end, **self._place)

    @cached_property
    def funding(self) -> Funding:
        """The documents of relief money of the year in which the span ends, as the quarter's table adds them up."""
        return relief_funding(self._connection, self._asked)

    @cached_property
    def documented_since(self) -> date | None:
        """The day within the span on which the books begin of an entity that is given funding documents: of those
        before it none is in any month, for what an opening tells of them is of the year and of no month.
        """
        begun = begun_after(self._connection, self.position, self._since)
        given = standing(self._connection, ("appropriation.received",), self.position, self.span.end) if begun else []
        mine = {item.entity for item in given if self.entity in (None, item.entity)}
        days = (begun[name] for name in mine & begun.keys())
        return max((day for day in days if day <= self.span.end), default=None)

    @cached_property
    def warned(self) -> Warned:
        """What comparisons of data raised in the span's months."""
        return warned(self._connection, self._asked)

    @property
    def _asked(self) -> Asked:
        """The span as a table is asked for it."""
        return Asked(self.span.first, self.span.last, self.span.end, self.entity, self.span.as_of, self.position)

    @cached_property
    def reports(self) -> Mapping[str, Sequence[RectificationReported]]:
        """Finding -> what was said of its rectification by the end of the span."""
        told: defaultdict[str, list[RectificationReported]] = defaultdict(list)
        mine = {one.finding for one in self.redress.matters}
        for item in standing(self._connection, ("rectification.reported",), self.position, self.span.end, acted_on):
            if isinstance(item.event, RectificationReported) and item.event.finding in mine:
                told[item.event.finding].append(item.event)
        return dict(told)

    @cached_property
    def looked_back(self) -> list[LookBackPerformed]:
        """How findings were looked at again in the span."""
        found = standing(self._connection, ("look_back.performed",), self.position, self.span.end, acted_on)
        events = (item.event for item in found)
        return [one for one in events if isinstance(one, LookBackPerformed) and one.on >= self._since]

    @cached_property
    def every_clue(self) -> list[Clue]:
        """Every clue that was raised by the end of the span, as it stood then."""
        return list(clues(self._connection, self.span.end, as_of=self.span.end, **self._place).rows)

    @cached_property
    def clues(self) -> list[Clue]:
        """Those that were raised in the span."""
        return [row for row in self.every_clue if row.raised_on >= self._since]


def knows_moves(rows: Iterable[RosterMonth]) -> bool:
    """Whether anybody could be seen coming or going: a roster stood before, or somebody new came."""
    return any(row.opening_persons or any(one.reason != "opening" for one in row.movements) for row in rows)
