"""Every table by its code: how it is made, and which span of months it is asked for when nobody says otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from sqlalchemy import Connection

from ledger.values.dates import Period
from ledger_projections.books.begun import begun_after
from ledger_projections.keeping.clocks import moment_of
from ledger_projections.keeping.entities import entity_names
from ledger_projections.registry import PROJECTIONS
from ledger_projections.summaries.charity.campaigns import campaigns
from ledger_projections.summaries.charity.goods import goods
from ledger_projections.summaries.charity.lottery import lottery_notice, lottery_quarter
from ledger_projections.summaries.charity.month import charity_month
from ledger_projections.summaries.charity.pledges import pledge_year
from ledger_projections.summaries.charity.societies import society_report
from ledger_projections.summaries.charity.year import charity_year
from ledger_projections.summaries.entities import acting, entities
from ledger_projections.summaries.handling.campaign import campaign, clue_ledger, look_backs, relatives
from ledger_projections.summaries.handling.counted import inspection, petitions, screening
from ledger_projections.summaries.handling.matching import matching_report
from ledger_projections.summaries.handling.redress import redress_quarter, redress_year
from ledger_projections.summaries.relief.agreement import agreement
from ledger_projections.summaries.relief.bridge import bridge
from ledger_projections.summaries.relief.failed import failure_list
from ledger_projections.summaries.relief.funding import funding_by_level, funding_report
from ledger_projections.summaries.relief.movements import movements
from ledger_projections.summaries.relief.paid import monthly_report, yearly_report
from ledger_projections.summaries.relief.standards import standards
from ledger_projections.summaries.relief.three_way import three_way
from ledger_projections.summaries.relief.townships import township_report
from ledger_projections.summaries.sentences_edges import first_month, last_paid_month, last_posted_month
from ledger_projections.summaries.sentences_table import sentence_list
from ledger_projections.summaries.table import Asked, Make, Said, Table, told_apart

Span = Literal["month", "quarter", "year"]
Adds = Literal["total", "relief", "totals", "compared", "nothing"]
"""What of a table can be added to another book's: `total` where all rows are of one kind, and its last total is of all
of them; `relief` where its first total is of the programmes that its scope names; `totals` where each kind has a total
of its own; `compared` where two sides are held against each other, which only rows that have both can; `nothing` where
rows are steps, shares or sentences.
"""


@dataclass(frozen=True, slots=True)
class Template:
    """One table: its code, whose title is `table_title.<code>`, its usual span, the function that makes it, and what
    of it adds up across books.
    """

    code: str
    span: Span
    maker: Make
    adds: Adds = "total"

    @property
    def query(self) -> str:
        """The function behind the table, by its whole name."""
        return f"{self.maker.__module__}.{self.maker.__qualname__}"

    def make(self, connection: Connection, asked: Asked) -> Table:
        """The table; whose rows they are where it is of several entities, and months that the book holds nothing of are
        told with it.
        """
        made = told_apart(self.maker(connection, asked))
        names = self._names(connection, asked, made.position)
        edges = (*self._before(connection, asked, made, names), *self._after(connection, asked, made))
        scopes = list(made.scopes)
        if _ENTITIES not in {one.code for one in scopes}:
            scopes += _whose(connection, asked, made.position, names)
        return replace(made, scopes=tuple(scopes), notes=(*made.notes, *edges))

    def _names(self, connection: Connection, asked: Asked, position: int) -> dict[str, str]:
        """Entity -> its name, of those that are asked for and that the table can have something of."""
        names = entities(connection, asked, position)
        if self.code in _OF_BOTH:
            return names
        offices = entities(connection, replace(asked, entity=None), position, ("bureau",)).keys()
        return {one: name for one, name in names.items() if (one in offices) != (self.code in _OF_CHARITIES)}

    def _before(self, connection: Connection, asked: Asked, made: Table, names: Mapping[str, str]) -> Iterator[Said]:
        """Books that began after the first day that is counted: their sums are those since then."""
        since = min(asked.begin, date(asked.year, 1, 1)) if self.code in _SINCE_JANUARY else asked.begin
        begun = begun_after(connection, made.position, since)
        for day in sorted({day for entity, day in begun.items() if entity in names}):
            mine = "、".join(name for entity, name in names.items() if begun.get(entity) == day)
            yield Said("table.note.begun", {"entities": mine, "on": day})
        paid = first_month(connection, made.position, asked.entity) if self.code in _OF_PAYMENTS else None
        if paid is not None and str(Period.of(since)) < paid and not begun.keys() & names.keys():
            yield Said("table.note.before_paid", {"month": paid})

    def _after(self, connection: Connection, asked: Asked, made: Table) -> Iterator[Said]:
        posted = last_posted_month(connection, made.position, asked.entity)
        if posted is not None and made.last > posted:
            yield Said("table.note.after_posted", {"month": posted})
        paid = last_paid_month(connection, made.position, asked.entity) if self.code in _OF_PAYMENTS else None
        if paid is not None and made.last > paid:
            yield Said("table.note.after_paid", {"month": paid})


_ENTITIES: Final = "table.scope.entities"
_OF_PAYMENTS: Final = frozenset({"M1", "M2", "M3", "M4", "M5", "Y1", "Y2", "Y4", "Y11", "Y12"})
"""Tables of what was paid, and of the rosters that it is paid by."""
_SINCE_JANUARY: Final = frozenset({"M1", "Q1", "Q3", "Q4"})
"""Tables with what the year has come to, whichever of its months are asked for."""
_OF_CHARITIES: Final = frozenset({"M7", "Q2", "Y5", "Y6", "Y7"})
_OF_BOTH: Final = frozenset({"Q3", "Y12"})
"""Tables of charities, and those of charities and offices; the others are of offices."""

OF_DAYS: Final = frozenset({"M6", "M7", "Y4", "Y5", "Y7", "Y11", "Y12", "C1", "C2", "C4", "C6"})
"""Tables that count the business days of the months, and so nothing as of a day before them (E_AS_OF_SPAN)."""

TABLES: Final[Mapping[str, Template]] = {
    one.code: one
    for one in (
        Template("M1", "month", monthly_report, "relief"),
        Template("M2", "month", township_report),
        Template("M3", "month", failure_list, "totals"),
        Template("M4", "month", three_way, "compared"),
        Template("M5", "month", movements, "totals"),
        Template("M6", "month", matching_report),
        Template("M7", "month", charity_month),
        Template("Q1", "quarter", funding_report),
        Template("Q2", "quarter", campaigns),
        Template("Q3", "quarter", society_report),
        Template("Q4", "quarter", lottery_quarter),
        Template("Q5", "quarter", redress_quarter),
        Template("Y1", "year", yearly_report, "relief"),
        Template("Y2", "year", standards, "nothing"),
        Template("Y3", "year", funding_by_level),
        Template("Y4", "year", bridge, "nothing"),
        Template("Y5", "year", charity_year, "nothing"),
        Template("Y6", "year", pledge_year),
        Template("Y7", "year", goods),
        Template("Y8", "year", lottery_notice),
        Template("Y9", "year", redress_year),
        Template("Y10", "year", petitions),
        Template("Y11", "year", agreement),
        Template("Y12", "year", sentence_list, "nothing"),
        Template("C1", "quarter", campaign),
        Template("C2", "quarter", clue_ledger),
        Template("C3", "quarter", screening),
        Template("C4", "quarter", relatives),
        Template("C5", "quarter", inspection),
        Template("C6", "quarter", look_backs),
    )
}


def _whose(connection: Connection, asked: Asked, position: int, names: Mapping[str, str]) -> Iterator[Said]:
    """The entity that was asked for, or all that the table adds up where they are several."""
    if asked.entity is not None:
        told = [entity_names(connection, position).get(asked.entity, asked.entity)]
    else:
        told = list(names.values())
        if len(told) > 1:
            kept = acting(connection, position, names)
            told = [name for one, name in names.items() if one in kept]
    if asked.entity is not None or len(told) > 1:
        yield Said(_ENTITIES, {"entities": tuple(told)})


def settled(connection: Connection) -> int:
    """The newest position for which every read model can answer: where all the figures of a table stand."""
    return moment_of(connection, PROJECTIONS.values()).position
