"""Information that must be published (信息公开): what was published, when, where, and whether in time.

The term runs from a day that the office names: the end of a campaign or of a project, the day of a transaction, the end
of a year. What is published late is recorded all the same, and shown as late for ever.
"""

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import ClassVar, Final, Literal

from ledger.flows.checks import in_future, personal, taken
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, DisclosureId, Label, NumberLabel
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

Matter = Literal[
    "campaign_interim",
    "campaign_final",
    "project_interim",
    "project_final",
    "related_party",
    "major_matter",
    "annual_report",
    "lottery_use",
]
"""公开事项: 募捐进展, 募捐结果, 项目进展, 项目结果, 关联交易, 重大事项, 年度报告, 福彩公益金使用情况."""
YEARLY: Final = frozenset({"annual_report", "lottery_use"})
"""What is told of a year; its term runs from the year's end."""
_A_YEAR: Final = re.compile(r"(?<!\d)20\d\d(?!\d)")
_QUARTER_MONTHS: Final = 3
_MATTER_DAYS: Final = 30


class DisclosurePublished(Event):
    """Something was published. Source: 慈善法 arts. 76-79; 慈善组织信息公开办法; 彩票管理条例 arts. 36-37."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["disclosure.published"] = "disclosure.published"
    version: Literal[1] = 1
    disclosure: DisclosureId
    matter: Matter
    subject: Label
    """Of which campaign, project, transaction or year."""
    since_on: Day
    """The day from which the term runs."""
    published_on: Day
    address: NumberLabel
    """Where it can be read: a page's address, or the place of a notice."""
    responsible: Label | None
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (disclosure_need(self.disclosure),)


def disclosure_need(disclosure: str) -> Need:
    """The publication of a number."""
    return Need(f"disclosure:{disclosure}", ("disclosure.published",))


def due_on(matter: str, since_on: date) -> date:
    """The last day on which something is published in time. Three months end on the same day of the month, or on the
    month's last day where there is no such day.
    """
    return _TERMS[matter](since_on)


def reported_year(subject: str) -> int | None:
    """The one year that a subject names (2024年度工作报告); None where it names none, or several."""
    years = set(_A_YEAR.findall(subject))
    return int(years.pop()) if len(years) == 1 else None


def _quarter(since_on: date) -> date:
    year, month = divmod(since_on.year * 12 + since_on.month - 1 + _QUARTER_MONTHS, 12)
    return date(year, month + 1, min(since_on.day, calendar.monthrange(year, month + 1)[1]))


def _thirty_days(since_on: date) -> date:
    return since_on + timedelta(days=_MATTER_DAYS)


def _may(since_on: date) -> date:
    return date(since_on.year + 1, 5, 31)


def _june(since_on: date) -> date:
    return date(since_on.year + 1, 6, 30)


_TERMS: Final[Mapping[str, Callable[[date], date]]] = {
    "campaign_interim": _quarter,
    "campaign_final": _quarter,
    "project_interim": _quarter,
    "project_final": _quarter,
    "related_party": _thirty_days,
    "major_matter": _thirty_days,
    "annual_report": _may,
    "lottery_use": _june,
}


# ---- rules


@rule(DisclosurePublished, code="DISCLOSURE_TWICE", source="a file read twice doubles nothing", form=True)
def published_once(event: DisclosurePublished, model: Knowledge) -> Verdict:
    yield from taken(model, disclosure_need(event.disclosure), disclosure=event.disclosure)


@rule(DisclosurePublished, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def day_has_come(event: DisclosurePublished, model: Knowledge) -> Verdict:
    yield from in_future(model, event.published_on)


@rule(
    DisclosurePublished,
    code="TEXT_PERSONAL",
    source="个人信息保护法 art. 6: no more than the purpose needs",
    form=True,
    edition=3,
)
def names_nobody_by_number(event: DisclosurePublished, model: Knowledge) -> Verdict:
    yield from personal(event, model, "subject", "address", "responsible")


@rule(DisclosurePublished, code="DISCLOSURE_BEFORE", source="慈善法 art. 79 (the term runs from the end)", form=True)
def after_its_matter(event: DisclosurePublished, model: Knowledge) -> Verdict:
    """What is final cannot be published before it ended; progress and transactions may be told at once."""
    if event.published_on < event.since_on:
        yield {"disclosure": event.disclosure, "since_on": str(event.since_on), "published_on": str(event.published_on)}


@rule(DisclosurePublished, code="DISCLOSURE_YEAR", source="慈善法 art. 76: of a year", form=True, edition=3)
def from_the_years_end(event: DisclosurePublished, model: Knowledge) -> Verdict:
    """The term of a yearly report runs from the end of its year: New Year's Day would give it another year."""
    year, since = reported_year(event.subject), event.since_on
    new_year = since.timetuple().tm_yday == 1 and year is None
    if event.matter in YEARLY and (new_year or year not in {None, since.year}):
        yield {"subject": event.subject, "since_on": str(since)}


@rule(
    DisclosurePublished,
    code="DISCLOSURE_LATE",
    source="慈善法 art. 79; 慈善组织信息公开办法 (民政部令第61号 arts. 13-14); 彩票管理条例 arts. 36-37",
    since=date(2018, 9, 1),
)
def in_time(event: DisclosurePublished, model: Knowledge) -> Verdict:
    due = due_on(event.matter, event.since_on)
    if event.published_on > due:
        yield {
            "subject": event.subject,
            "due_on": str(due),
            "published_on": str(event.published_on),
            "days": (event.published_on - due).days,
        }
