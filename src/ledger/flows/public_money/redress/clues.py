"""Clues and findings (疑点、线索、认定问题): a doubt is raised, given out, verified or refuted; some become findings.

Doubts come in thousands from comparing lists; an honest share of them is unfounded, so refuting has its own coded
reasons. A doubt without the data it came from and that data's cut-off day is worthless. Who confirms a
finding follows where it came from: auditors need two persons and a term to reply, the bureau its own two hands.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.flows.authority.entities import OFFICES
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningRecovery
from ledger.flows.event import Event, Rests, Stage
from ledger.flows.fields import (
    ClueId,
    Count,
    Day,
    DigestText,
    DocumentNo,
    EnrolmentId,
    Fen,
    FindingId,
    FreeText,
    HouseholdRef,
    Label,
    Month,
    Origin,
    PersonRef,
    ProgrammeId,
)
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.source import Place, Source

FoundBy = Literal[
    "self_check", "matching", "petition", "township", "audit", "inspection", "discipline", "supervision", "other"
]
"""线索来源: 自查, 数据比对, 信访, 乡镇上报, 审计, 巡察, 纪委移交, 上级督查, 其他."""
RefuteReason = Literal[
    "stale_data",
    "data_error",
    "same_name",
    "policy_allows",
    "institution_account",
    "guardian_account",
    "self_corrected",
    "other",
]
"""原因分类 (疑点核查表): 信息滞后, 数据错误, 同名同号, 政策允许, 机构账户, 监护人账户, 已自行纠正, 其他."""


_ON_FINDING: Final = (
    "notice.served",
    "recovery.ordered",
    "finding.referred",
    "rectification.planned",
    "rectification.reported",
    "rectification.accepted",
    "look_back.performed",
    "finding.cases_grouped",
    "finding.closed",
    "finding.reopened",
)
"""What there is of a finding only: it goes before its finding may go."""


class ClueRaised(Event):
    """A doubt: which test, on which data as of which day, says what of whom. Source: 线索—认定—追缴—整改."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_also: ClassVar[Rests] = {
        "clue": ("clue.restated", "clue.assigned", "clue.verified", "clue.refuted", "finding.confirmed")
    }

    kind: Literal["clue.raised"] = "clue.raised"
    version: Literal[1] = 1
    clue: ClueId
    found_by: FoundBy
    test: Label | None
    """The test's id and name, such as T01死亡后领取."""
    data_as_of: Day | None
    programme: ProgrammeId | None
    enrolment: EnrolmentId | None
    household: HouseholdRef | None
    person: PersonRef | None
    township: Label | None
    village: Label | None
    period_from: Month | None
    period_to: Month | None
    exposure_fen: Fen
    summary: FreeText
    evidence: Annotated[tuple[DigestText, ...], Field(max_length=200)]
    raised_on: Day
    source: Source | None
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (clue_need(self.clue),)


class ClueRestated(Event):
    """What a doubt is of, stated anew: its list was corrected, or was compared again after more had been paid. Until
    it is answered the last statement is what stands.
    """

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["clue.restated"] = "clue.restated"
    version: Literal[1] = 1
    clue: ClueId
    period_from: Month | None
    period_to: Month | None
    exposure_fen: Fen
    summary: FreeText
    evidence: Annotated[tuple[DigestText, ...], Field(max_length=200)]
    on: Day
    source: Source | None
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return clue_need(self.clue), OFFICES


class _ClueStep(Event):
    """An act on a clue."""

    stage: ClassVar[Stage] = Stage.GATE

    clue: ClueId

    def needs(self) -> tuple[Need, ...]:
        return clue_need(self.clue), OFFICES


class ClueAssigned(_ClueStep):
    """分派: who is to verify it by when."""

    kind: Literal["clue.assigned"] = "clue.assigned"
    version: Literal[1] = 1
    unit: Label
    assignee: Label | None
    due_on: Day | None
    on: Day
    origin: Origin


class ClueVerified(_ClueStep):
    """核查: founded (属实), partly so, or impossible to establish; at least two verifiers. Source: 审计法 art. 43."""

    rested_also: ClassVar[Rests] = {"clue": ("finding.confirmed",)}

    kind: Literal["clue.verified"] = "clue.verified"
    version: Literal[1] = 1
    result: Literal["founded", "partly", "unverifiable"]
    confirmed_fen: Fen
    recover_fen: Fen
    measures: FreeText | None
    stop_from: Month | None
    evidence: Annotated[tuple[DigestText, ...], Field(max_length=200)]
    evidence_note: FreeText | None
    verifiers: Annotated[tuple[Label, ...], Field(max_length=20)]
    on: Day
    origin: Origin


class ClueRefuted(_ClueStep):
    """排除: not true, with a coded reason and the evidence for it."""

    kind: Literal["clue.refuted"] = "clue.refuted"
    version: Literal[1] = 1
    reason: RefuteReason
    evidence: Annotated[tuple[DigestText, ...], Field(max_length=200)]
    evidence_note: FreeText | None
    verifiers: Annotated[tuple[Label, ...], Field(max_length=20)]
    on: Day
    origin: Origin


class FindingConfirmed(Event):
    """认定: a matter is established, with its amount and by whose authority. Only a finding may be recovered."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_on: ClassVar[Rests] = {"finding": _ON_FINDING}
    rests_since: ClassVar[int] = 3

    kind: Literal["finding.confirmed"] = "finding.confirmed"
    version: Literal[1] = 1
    finding: FindingId
    clues: Annotated[tuple[ClueId, ...], Field(max_length=1000)]
    found_by: FoundBy
    authority: Label
    """Who confirmed it: an audit office, or the bureau itself."""
    confirmed_by: Annotated[tuple[Label, ...], Field(max_length=20)]
    document: DocumentNo | None
    category: Label
    summary: FreeText
    law: Label | None
    programme: ProgrammeId | None
    enrolment: EnrolmentId | None
    household: HouseholdRef | None
    person: PersonRef | None
    unit: Label | None
    """The unit concerned, where it is no matter of one household."""
    period_from: Month | None
    period_to: Month | None
    persons: Count
    amount_fen: Fen
    reply_days: Count | None
    """The term given to reply; None when it was waived or does not apply."""
    reply_waived: bool
    on: Day
    origin: Origin
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return finding_need(self.finding), *(clue_need(clue) for clue in self.clues), OFFICES


def is_case(finding: FindingConfirmed) -> bool:
    """Whether a finding is about a person or a household (个案), and not about a unit (问题)."""
    return any((finding.person, finding.household, finding.enrolment))


class NoticeServed(Event):
    """告知: the person or unit concerned was told in writing, and until when it may answer."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["notice.served"] = "notice.served"
    version: Literal[1] = 1
    finding: FindingId
    how: Literal["in_person", "left", "post", "public_notice", "through_village", "electronic", "other"]
    document: DocumentNo | None
    reply_due: Day | None
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return finding_need(self.finding), OFFICES


class FindingReferred(Event):
    """移送: a matter is handed to discipline inspection, the police or another authority."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["finding.referred"] = "finding.referred"
    version: Literal[1] = 1
    finding: FindingId
    to: Literal["discipline", "police", "procuratorate", "department", "other"]
    organisation: Label
    document: DocumentNo | None
    persons: Count
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return finding_need(self.finding), OFFICES


# ---- what other flows ask

_NO_EVENT: Final = "00000000-0000-7000-8000-000000000000"
"""The id of what stands for an event and is none."""
STATED: Final = ("period_from", "period_to", "exposure_fen", "summary", "evidence")
"""Fields that a restatement states anew."""
_CLUE = ("clue.raised", "clue.assigned", "clue.verified", "clue.refuted")
FINDING = ("opening.recorded", "finding.confirmed", "notice.served", "finding.closed", "finding.reopened")


def clue_need(clue: str) -> Need:
    """The history of a clue."""
    return Need(f"clue:{clue}", _CLUE)


def finding_need(finding: str) -> Need:
    """The history of a finding, without its money and its rectification."""
    return Need(f"finding:{finding}", FINDING)


def as_restated(raised: ClueRaised, history: Iterable[Event]) -> ClueRaised:
    """The doubt as its history states it last."""
    last = raised
    for event in history:
        if isinstance(event, ClueRestated) and event.clue == raised.clue:
            last = ClueRaised.model_validate(
                {**dict(raised), **{name: getattr(event, name) for name in STATED}, "source": event.source}
            )
    return last


def clue_state(model: Knowledge, clue: str) -> str:
    """The last step of a clue as a kind; empty when nobody raised it."""
    found = [recorded.event.kind for recorded in model.history(f"clue:{clue}", *_CLUE)]
    return found[-1] if found else ""


def stated(model: Knowledge, finding: str) -> FindingConfirmed | None:
    """The confirmation of a finding as this book recorded it, or None."""
    for recorded in model.history(f"finding:{finding}", *FINDING):
        if isinstance(recorded.event, FindingConfirmed):
            return recorded.event
    return None


def confirmed(model: Knowledge, finding: str) -> FindingConfirmed | None:
    """The confirmation of a finding, also of one that older books confirmed, or None."""
    own = stated(model, finding)
    if own is not None:
        return own
    rows = orders_taken_over(model, finding)
    return _taken_over(finding, rows) if rows else None


def orders_taken_over(model: Knowledge, finding: str) -> list[OpeningRecovery]:
    """The recoveries of a finding that were ordered before the book began."""
    events = [recorded.event for recorded in model.history(f"finding:{finding}", *FINDING)]
    openings = [event for event in events if isinstance(event, OpeningRecorded)]
    return [row for event in openings for row in event.recoveries if row.finding == finding]


def _taken_over(finding: str, rows: Sequence[OpeningRecovery]) -> FindingConfirmed:
    """What the opening says of a finding, by the recoveries that were ordered on it, as the confirmation it was."""
    persons = sorted({row.person for row in rows if row.person is not None})
    return FindingConfirmed(
        id=_NO_EVENT,
        finding=finding,
        clues=(),
        found_by="other",
        authority="期初建账",
        confirmed_by=(),
        document=None,
        category="期初建账",
        summary="",
        law=None,
        programme=rows[0].programme,
        enrolment=None,
        household=None,
        person=persons[0] if persons else None,
        unit=None,
        period_from=None,
        period_to=None,
        persons=len(persons),
        amount_fen=sum(row.ordered_fen for row in rows),
        reply_days=None,
        reply_waived=False,
        on=min(row.ordered_on for row in rows),
        origin="history",
        place=None,
    )


def is_closed(model: Knowledge, finding: str) -> bool:
    """Whether a finding was closed and not reopened since."""
    steps = [
        recorded.event.kind
        for recorded in model.history(f"finding:{finding}", *FINDING)
        if recorded.event.kind in {"finding.closed", "finding.reopened"}
    ]
    return bool(steps) and steps[-1] == "finding.closed"


def notice_served(model: Knowledge, finding: str) -> bool:
    """Whether the person or unit concerned was told."""
    return any(r.event.kind == "notice.served" for r in model.history(f"finding:{finding}", *FINDING))
