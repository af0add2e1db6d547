"""Enrolments (在保对象): who is entitled, to which monthly amount, from which month on.

The household is the unit of Dibao and the person a count (民发〔2021〕57号 art. 23): an enrolment holds members,
formula and payee. Applications and notices stay in the provincial system; here stand the decisions: confirmed, changed,
ended. The first roster of a book that starts in mid-year is `origin: history`. The rules stand in `eligibility.py`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, ClassVar, Final, Literal, NamedTuple

from pydantic import Field

from ledger.flows.authority.entities import OFFICES
from ledger.flows.checks import find
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    Day,
    DigestText,
    DocumentNo,
    EnrolmentId,
    EventId,
    HouseholdRef,
    Label,
    Month,
    Origin,
    PayeeRef,
    PersonRef,
    ProgrammeId,
)
from ledger.flows.knowledge import NEEDS_KEPT, Knowledge, Need, Recorded
from ledger.flows.public_money.entitlement.deaths import DEATH, ENROLMENTS
from ledger.flows.public_money.entitlement.monthly import Monthly, SupplementClass
from ledger.flows.public_money.entitlement.programmes import EXCLUSIONS, OPENINGS, Unit, programme_need
from ledger.flows.source import Place

ConfirmReason = Literal[
    "new", "readmitted", "transferred_in", "moved_in", "single_cover", "discovered", "opening", "pending"
]
ChangeReason = Literal[
    "increase", "decrease", "members", "payee", "account", "correction", "township", "category", "standard", "pending"
]
EndReason = Literal[
    "death",
    "income",
    "assets",
    "employed",
    "family_changed",
    "to_destitute",
    "to_dibao",
    "moved_out",
    "imprisoned_or_adopted",
    "waived",
    "review_refused",
    "violation",
    "other",
    "pending",
]
"""新增退出原因编码; `pending` is 待补原因 and stays listed until `enrolment.reason_filled`."""
AnyReason = Literal[ConfirmReason, ChangeReason, EndReason]
LAST_MONTH: Final = "2999-12"
"""A month after every other: what stands then is what stands open-ended."""


class Member(Part):
    """A covered member of the household (保障对象)."""

    person: PersonRef
    relation: Literal["self", "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other"]
    supplement_class: SupplementClass | None
    since: Month


class Payee(Part):
    """Who receives the money (领款人). A `payee` reference names one account and its holder in the vault, so that two
    households with one account show the same reference.
    """

    payee: PayeeRef
    payee_kind: Literal["self", "householder", "guardian", "institution", "carer", "agent"]
    authorisation: DigestText | None


class _Terms(Event):
    """The whole state of an enrolment from a month on; a change states everything again, so that one event tells."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = {
        "enrolment": ("enrolment.changed", "enrolment.ended", "subsidy.authorised", "subsidy.paid")
    }

    enrolment: EnrolmentId
    programme: ProgrammeId
    unit: Unit
    household: HouseholdRef | None
    person: PersonRef
    """The subject, or the householder (户主) of a household, who need not be covered."""
    category: Label
    township: Label
    village: Label | None
    members: Annotated[tuple[Member, ...], Field(max_length=60)]
    """The covered persons as far as they are known by reference; empty when the office holds no members' sheet."""
    monthly: Monthly
    payee: Payee
    from_month: Month

    def carries(self, later: Event) -> bool:
        """Later decisions on it, and what was claimed of the months that it governs."""
        return str(getattr(later, "period_to", LAST_MONTH)) >= self.from_month

    def covered(self) -> tuple[str, ...]:
        """The persons that the amount is for, as far as they are known."""
        return tuple(member.person for member in self.members) or (self.person,)

    @property
    def paid_to_householder(self) -> bool:
        """Whether a household of several is paid to its householder, after whose death another has to receive it."""
        return self.monthly.persons > 1 and self.payee.payee_kind in {"self", "householder"}

    def needs(self) -> tuple[Need, ...]:
        return (
            enrolment_need(self.enrolment),
            programme_need(self.programme),
            EXCLUSIONS,
            OPENINGS,
            OFFICES,
            *(person_need(person) for person in dict.fromkeys((*self.covered(), self.person))),
        )


class EnrolmentConfirmed(_Terms):
    """The authority confirmed the entitlement. Source: 社会救助暂行办法 arts. 11-12; 民发〔2021〕57号."""

    kind: Literal["enrolment.confirmed"] = "enrolment.confirmed"
    version: Literal[1] = 1
    reason: ConfirmReason
    decided_on: Day | None
    document: DocumentNo | None
    origin: Origin
    place: Place | None


class EnrolmentChanged(_Terms):
    """The entitlement changed: amount, members, payee, category. Source: 社会救助暂行办法 art. 13."""

    kind: Literal["enrolment.changed"] = "enrolment.changed"
    version: Literal[1] = 1
    removed: Annotated[tuple[PersonRef, ...], Field(max_length=60)]
    """Persons who are no longer covered."""
    reasons: Annotated[tuple[ChangeReason, ...], Field(max_length=10)]
    decided_on: Day | None
    document: DocumentNo | None
    origin: Origin
    place: Place | None


class EnrolmentEnded(Event):
    """The entitlement ends; `from_month` is the first month that is no longer paid (停发月份)."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["enrolment.ended"] = "enrolment.ended"
    version: Literal[1] = 1
    enrolment: EnrolmentId
    programme: ProgrammeId
    household: HouseholdRef | None
    persons: Annotated[tuple[PersonRef, ...], Field(max_length=60)]
    """Everybody who was covered, so that each person's history shows the end."""
    from_month: Month
    reason: EndReason
    decided_on: Day | None
    document: DocumentNo | None
    origin: Origin
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (enrolment_need(self.enrolment),)


class EnrolmentReasonFilled(Event):
    """A reason that was still missing when an enrolment began, changed or ended (待补原因) is supplied."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["enrolment.reason_filled"] = "enrolment.reason_filled"
    version: Literal[1] = 1
    enrolment: EnrolmentId
    about: EventId
    reason: AnyReason
    document: DocumentNo | None
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (enrolment_need(self.enrolment),)


# ---- what other flows ask

_STATING: Final = (EnrolmentConfirmed, EnrolmentChanged)
"""The classes that state what an enrolment is entitled to."""


class Standing(NamedTuple):
    """A person's place in an enrolment."""

    enrolment: str
    programme: str
    monthly: Monthly


@lru_cache(maxsize=NEEDS_KEPT)
def enrolment_need(enrolment: str) -> Need:
    """The history of an enrolment's decisions."""
    return Need(f"enrolment:{enrolment}", ENROLMENTS)


@lru_cache(maxsize=NEEDS_KEPT)
def person_need(person: str) -> Need:
    """The enrolments of a person and the reports of the person's death, in one read."""
    return Need(f"person:{person}", (*ENROLMENTS, DEATH))


def terms(model: Knowledge, enrolment: str, month: str) -> EnrolmentConfirmed | EnrolmentChanged | None:
    """What an enrolment is entitled to in a month, or None. A later decision governs every month from its own on."""
    return model.folded(_terms, enrolment_need(enrolment), month)


def _terms(history: Sequence[Recorded], month: str) -> EnrolmentConfirmed | EnrolmentChanged | None:
    found: EnrolmentConfirmed | EnrolmentChanged | None = None
    for recorded in history:
        event = recorded.event
        if isinstance(event, _STATING):
            found = event if event.from_month <= month else found
        elif isinstance(event, EnrolmentEnded) and event.from_month <= month:
            found = None
    return found


def taken_over(model: Knowledge, enrolment: str, month: str) -> EnrolmentConfirmed | None:
    """The terms on which the book took over an enrolment, asked for a month before it did; None for any other month.

    Of such a month the book knows nothing but that somebody had been enrolled already.
    """
    return model.folded(_taken_over, enrolment_need(enrolment), month)


def _taken_over(history: Sequence[Recorded], month: str) -> EnrolmentConfirmed | None:
    first = next((one.event for one in history), None)
    known = isinstance(first, EnrolmentConfirmed) and first.reason == "opening" and month < first.from_month
    return first if known and isinstance(first, EnrolmentConfirmed) else None


def months_of_change(model: Knowledge, person: str, first: str) -> tuple[str, ...]:
    """`first` and every later month from which another decision on the person binds. Needs `person_need`."""
    later = {
        recorded.event.from_month
        for recorded in find(model, person_need(person))
        if isinstance(recorded.event, (*_STATING, EnrolmentEnded)) and recorded.event.from_month > first
    }
    return first, *sorted(later)


def standings(model: Knowledge, person: str, month: str) -> tuple[Standing, ...]:
    """The enrolments that cover a person in a month. Needs `person_need`."""
    return model.folded(_standings, person_need(person), f"{month} {person}")


def _standings(history: Sequence[Recorded], who: str) -> tuple[Standing, ...]:
    month, _, person = who.partition(" ")
    found: dict[str, Standing] = {}
    for recorded in history:
        event = recorded.event
        if isinstance(event, _STATING) and event.from_month <= month:
            if person in event.covered():
                found[event.enrolment] = Standing(event.enrolment, event.programme, event.monthly)
            else:
                found.pop(event.enrolment, None)
        elif isinstance(event, EnrolmentEnded) and event.from_month <= month:
            found.pop(event.enrolment, None)
    return tuple(found.values())
