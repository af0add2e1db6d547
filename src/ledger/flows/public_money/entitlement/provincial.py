"""What the province's relief system counted (省社会救助信息系统): households, persons and money of a programme, month
and township, taken over from its export.

It decides nothing and moves nothing: it is the fourth side of the monthly check (三方核对), beside roster, bank and
finance. A later export of the same month counts instead of an earlier one.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import ClassVar, Final, Literal

from ledger.flows.checks import find, in_future
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Count, Day, Fen, FreeText, Label, Month, ProgrammeId
from ledger.flows.knowledge import NEEDS_KEPT, Knowledge, Need
from ledger.flows.public_money.entitlement.programmes import programme_need, unknown_programmes
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place, Source

COUNTED: Final = "provincial.counted"
_SOURCE: Final = "社会救助暂行办法 art. 59: counts of relief are kept in one system"


class ProvincialCounted(Event):
    """One township's counts of one programme and month, as exported on a day. Source: 社会救助暂行办法 art. 59."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["provincial.counted"] = "provincial.counted"
    version: Literal[1] = 1
    programme: ProgrammeId
    month: Month
    township: Label
    households: Count
    persons: Count
    amount_fen: Fen
    """What the system says is due to them in the month."""
    counted_on: Day
    """The day of the export."""
    explanation: FreeText | None
    """Why it differs from the roster, as whoever made the export says."""
    source: Source
    place: Place | None

    def more_tags(self) -> tuple[str, ...]:
        """The programme's month: its counts are read together."""
        return (_month_tag(self.programme, self.month),)

    def needs(self) -> tuple[Need, ...]:
        return programme_need(self.programme), counts_need(self.programme, self.month)


def _month_tag(programme: str, month: str) -> str:
    return f"provincial:{programme}:{month}"


@lru_cache(maxsize=NEEDS_KEPT)
def counts_need(programme: str, month: str) -> Need:
    """Every count of a programme's month."""
    return Need(_month_tag(programme, month), (COUNTED,))


def _of_township(event: ProvincialCounted, model: Knowledge) -> Iterator[ProvincialCounted]:
    """What was counted before of the same township and month."""
    for recorded in find(model, counts_need(event.programme, event.month)):
        other = recorded.event
        if isinstance(other, ProvincialCounted) and other.township == event.township:
            yield other


# ---- rules


@rule(ProvincialCounted, code="PROGRAMME_UNKNOWN", source=_SOURCE, form=True)
def programme_known(event: ProvincialCounted, model: Knowledge) -> Verdict:
    yield from unknown_programmes(model, event.programme)


@rule(ProvincialCounted, code="PROVINCE_TWICE", source="a file read twice doubles nothing", form=True)
def counted_once_a_day(event: ProvincialCounted, model: Knowledge) -> Verdict:
    for other in _of_township(event, model):
        if other.counted_on == event.counted_on:
            on = event.counted_on.isoformat()
            yield {"programme": event.programme, "month": event.month, "township": event.township, "on": on}
            return


@rule(ProvincialCounted, code="PROVINCE_PERSONS", source=_SOURCE, form=True)
def households_have_persons(event: ProvincialCounted, model: Knowledge) -> Verdict:
    """A household has somebody in it, and nobody is in no household."""
    if event.persons < event.households or (event.persons and not event.households):
        yield {"township": event.township, "households": event.households, "persons": event.persons}


@rule(ProvincialCounted, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def export_has_been_made(event: ProvincialCounted, model: Knowledge) -> Verdict:
    yield from in_future(model, event.counted_on)
