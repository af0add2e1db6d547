"""Figures that reports state beside the money (统计指标): what an office counted, with the paper that says so.

They move nothing and promise nothing: bonds applied for, homes adapted, canteens opened, organisations registered. What
the books themselves know is asked of the books and never reported here.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal

from ledger.flows.checks import find, in_future
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, DocumentNo, Fen, FigureId, Label, Month
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

FigureUnit = Literal["fen", "persons", "person_times", "households", "places", "organisations", "other"]
_SOURCE = "统计法 art. 7: figures are true, complete and on time"


class FigureReported(Event):
    """An office states a figure of a span of months. Source: 统计报表制度; annual reports of civil-affairs bureaus."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["figure.reported"] = "figure.reported"
    version: Literal[1] = 1
    figure: FigureId
    name: Label
    unit: FigureUnit
    value: Fen
    """A count, or fen where `unit` is fen."""
    period_from: Month
    period_to: Month
    organisation: Label
    """Who counted."""
    document: DocumentNo
    on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (figure_need(self.figure),)


def figure_need(figure: str) -> Need:
    """Everything that was reported of a figure."""
    return Need(f"figure:{figure}", ("figure.reported",))


def _before(event: FigureReported, model: Knowledge) -> Iterator[FigureReported]:
    """What was reported of the figure before."""
    for recorded in find(model, figure_need(event.figure)):
        if isinstance(recorded.event, FigureReported):
            yield recorded.event


def _period(event: FigureReported) -> tuple[str, str]:
    return event.period_from, event.period_to


# ---- rules


@rule(FigureReported, code="FIGURE_PERIOD", source=_SOURCE, form=True)
def period_runs_forward(event: FigureReported, model: Knowledge) -> Verdict:
    if event.period_from > event.period_to:
        yield {"figure": event.name, "period_from": event.period_from, "period_to": event.period_to}


@rule(FigureReported, code="FIGURE_TWICE", source="a file read twice doubles nothing", form=True)
def reported_once(event: FigureReported, model: Knowledge) -> Verdict:
    for other in _before(event, model):
        if (_period(other), other.document) == (_period(event), event.document):
            yield {"figure": event.name, "document": event.document}


@rule(FigureReported, code="FIGURE_UNIT", source=_SOURCE, form=True)
def unit_stays(event: FigureReported, model: Knowledge) -> Verdict:
    for other in _before(event, model):
        if other.unit != event.unit:
            yield {"figure": event.name, "unit": event.unit, "before": other.unit}
            return


@rule(FigureReported, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def day_has_come(event: FigureReported, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(FigureReported, code="FIGURE_RESTATED", source=_SOURCE, warns=True)
def stated_once(event: FigureReported, model: Knowledge) -> Verdict:
    """Another paper said another number for the same months: the later one counts, and somebody explains it."""
    for other in _before(event, model):
        if _period(other) == _period(event) and other.document != event.document and other.value != event.value:
            yield {"figure": event.name, "document": other.document, "value": event.value, "before": other.value}
            return
