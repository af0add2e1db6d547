"""Deaths (死亡信息): what public security, a funeral parlour or the health office reported, each report kept.

Three lists name three dates for one person; the earliest month governs, and a report that was wrong is reversed. A
report may come before or after the payments it speaks of: either way the same payments are found.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal, cast

from ledger.flows.checks import in_future
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, FreeText, Label, Month, PersonRef
from ledger.flows.knowledge import NEEDS_KEPT, Knowledge, Need, Recorded
from ledger.flows.public_money.entitlement.programmes import OPENINGS, for_the_dead
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place, Source

if TYPE_CHECKING:
    from ledger.flows.public_money.payment.payments import SubsidyPaid

DEATH: Final = "death.reported"
REPORT: Final = ("reported_by", "organisation", "died_month", "died_on", "documented_on")
"""What makes a report of somebody's death the same report, whatever it remarks."""
ENROLMENTS: Final = ("enrolment.confirmed", "enrolment.changed", "enrolment.ended")
"""The decisions about an enrolment; `enrolments.py` holds their classes."""


class DeathReported(Event):
    """Somebody outside reported a death. The month is always known; the day only sometimes (卫健 gives months)."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["death.reported"] = "death.reported"
    version: Literal[1] = 1
    person: PersonRef
    died_on: Day | None
    died_month: Month
    reported_by: Literal["public_security", "funeral", "health", "civil_affairs", "township", "family", "other"]
    organisation: Label
    documented_on: Day | None
    """注销或火化日期: when the death was put on record there, often months later."""
    note: FreeText | None
    source: Source | None
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        mine = f"person:{self.person}"
        return Need(mine, (DEATH,)), Need(mine, ("subsidy.paid",)), Need(mine, (*ENROLMENTS, DEATH)), OPENINGS


@lru_cache(maxsize=NEEDS_KEPT)
def death_need(person: str) -> Need:
    """The history of the reports of a person's death."""
    return Need(f"person:{person}", (DEATH,))


def earliest_month(history: Iterable[Recorded]) -> str | None:
    """The earliest month of death that the reports in a person's history name; None for the living."""
    return min((r.event.died_month for r in history if isinstance(r.event, DeathReported)), default=None)


def death_month(model: Knowledge, person: str) -> str | None:
    """The earliest month in which a person is reported to have died. Needs `death_need`."""
    return earliest_month(model.history(f"person:{person}", DEATH))


def dead_in(model: Knowledge, persons: tuple[str, ...], month: str) -> Verdict:
    """The body of every rule about paying the dead: one finding for each person who died before that month."""
    for person in persons:
        died = death_month(model, person)
        if died is not None and died < month:
            yield {"person": person, "died_month": died, "month": month}


@rule(DeathReported, code="DEATH_MONTH", source="死亡名单", form=True)
def month_of_day(event: DeathReported, model: Knowledge) -> Verdict:
    if event.died_on is not None and event.died_on.strftime("%Y-%m") != event.died_month:
        yield {"person": event.person, "died_month": event.died_month}


@rule(DeathReported, code="DEATH_TWICE", source="死亡登记", form=True)
def reported_once(event: DeathReported, model: Knowledge) -> Verdict:
    own = _identity(event)
    for recorded in model.history(f"person:{event.person}", DEATH):
        before = recorded.event
        if isinstance(before, DeathReported) and own == _identity(before):
            yield {"person": event.person, "organisation": event.organisation}


@rule(DeathReported, code="FACT_IN_FUTURE", source="会计期间", form=True)
def day_has_come(event: DeathReported, model: Knowledge) -> Verdict:
    if event.died_on is not None:
        yield from in_future(model, event.died_on)


def _identity(event: DeathReported) -> tuple[object, ...]:
    return tuple(getattr(event, name) for name in REPORT)


@rule(DeathReported, code="DEATH_DATES_DIFFER", source="死亡名单 (同一人三个来源三个日期)", warns=True)
def dates_agree(event: DeathReported, model: Knowledge) -> Verdict:
    earliest = death_month(model, event.person)
    if earliest is not None and earliest != event.died_month:
        yield {"person": event.person, "died_month": event.died_month, "other_month": earliest}


@rule(DeathReported, code="PAYEE_DEAD", source="死亡冒领")
def payments_after_death(event: DeathReported, model: Knowledge) -> Verdict:
    """The payments that this report newly shows to be after the death; those an earlier report showed stay there."""
    before = death_month(model, event.person)
    for recorded in model.history(f"person:{event.person}", "subsidy.paid"):
        paid = cast("SubsidyPaid", recorded.event)
        newly = event.died_month < paid.period_to and (before is None or paid.period_to <= before)
        if newly and not for_the_dead(model, paid.programme):
            yield {
                "person": event.person,
                "died_month": event.died_month,
                "month": paid.period_to,
                "payment": paid.payment,
            }
