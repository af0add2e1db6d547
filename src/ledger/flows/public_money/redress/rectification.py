"""Rectification (整改), the look back (回头看), and the end of a finding (销号).

A finding is closed only when its money is settled and somebody other than the rectifier accepted the rectification;
a relapse reopens it. Moving a deadline is a second plan, and stays visible as one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.flows.authority.entities import OFFICES, is_office
from ledger.flows.checks import OWN_SINCE, find, own_matters
from ledger.flows.event import Event, Rests, Stage
from ledger.flows.fields import Count, Day, DigestText, DocumentNo, Fen, FindingId, FreeText, Label, Origin
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.public_money.redress.clues import confirmed, finding_need, is_case, is_closed
from ledger.flows.public_money.redress.recoveries import CLOSED, money_need, unsettled_fen
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

MoneyMeans = Literal[
    "recovered", "paid_out", "returned_to_persons", "adjusted", "returned_to_treasury", "none", "other"
]
"""金额整改方式: 追缴, 拨付使用, 退还群众, 调账, 上缴, 无, 其他."""


_OF_CASES_SINCE: Final = 10
"""The edition of the rules since which a problem is closed only when the money of the cases that it takes in is too."""


class _OfFinding(Event):
    """An act on a finding."""

    finding: FindingId

    def needs(self) -> tuple[Need, ...]:
        return finding_need(self.finding), rectification_need(self.finding), OFFICES


class RectificationPlanned(_OfFinding):
    """整改方案: what is to be done by whom by when, in one of three kinds (立行立改、分阶段、持续)."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["rectification.planned"] = "rectification.planned"
    version: Literal[1] = 1
    pace: Literal["immediate", "phased", "continuing"]
    measures: FreeText
    leader: Label | None
    unit: Label
    responsible: Label
    due_on: Day
    on: Day
    origin: Origin
    place: Place | None


class RectificationReported(_OfFinding):
    """整改进展: what was done, in words, in money and in papers."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_also: ClassVar[Rests] = {"finding": ("rectification.accepted",)}

    kind: Literal["rectification.reported"] = "rectification.reported"
    version: Literal[1] = 1
    progress: FreeText
    rectified_fen: Fen
    """Rectified so far, as the unit reports it."""
    money_means: MoneyMeans
    systems: Annotated[tuple[Label, ...], Field(max_length=50)]
    """完善制度: rules newly made."""
    disciplined: Count
    evidence: Annotated[tuple[DigestText, ...], Field(max_length=200)]
    evidence_note: FreeText | None
    reporter: Label
    on: Day
    place: Place | None


class RectificationAccepted(_OfFinding):
    """验收: somebody else looked at it and accepts it."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = CLOSED

    kind: Literal["rectification.accepted"] = "rectification.accepted"
    version: Literal[1] = 1
    accepted_by: Label
    opinion: FreeText | None
    on: Day
    origin: Origin


class LookBackPerformed(_OfFinding):
    """回头看: a sample was looked at again, and so many had relapsed."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["look_back.performed"] = "look_back.performed"
    version: Literal[1] = 1
    performed_by: Label
    sample: Count
    relapsed: Count
    note: FreeText | None
    on: Day


class CasesGrouped(_OfFinding):
    """个案归并: the findings about persons or households that a problem of the rectification ledger (14人死亡后仍领取)
    takes in. Problem and cases are one matter in every count, and their money is the cases'.
    """

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["finding.cases_grouped"] = "finding.cases_grouped"
    version: Literal[1] = 1
    cases: Annotated[tuple[FindingId, ...], Field(min_length=1, max_length=1000)]
    on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        cases = dict.fromkeys(self.cases)
        groupings = (_grouped_need(one) for one in dict.fromkeys((self.finding, *cases)))
        return (*super().needs(), *(finding_need(case) for case in cases), *groupings)

    def may_need(self) -> tuple[Need, ...]:
        """What the cases owe is looked up where the problem is closed already."""
        return tuple(money_need(case) for case in dict.fromkeys(self.cases))


class FindingClosed(_OfFinding):
    """销号: the money is settled and the rectification accepted."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = {"finding": ("finding.reopened",)}

    kind: Literal["finding.closed"] = "finding.closed"
    version: Literal[1] = 1
    closed_by: Label
    document: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (*super().needs(), money_need(self.finding), _grouped_need(self.finding))

    def leads_to(self, model: Knowledge) -> tuple[Need, ...]:
        """The money of the cases that it took in, and whether another problem took them since."""
        cases = _taken_in(model, self.finding)
        return tuple(need for case in cases for need in (money_need(case), _grouped_need(case)))


class FindingReopened(_OfFinding):
    """反弹: a closed finding came back."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = {"finding": ("finding.closed",)}

    kind: Literal["finding.reopened"] = "finding.reopened"
    version: Literal[1] = 1
    reason: FreeText
    on: Day
    origin: Origin

    def undoes(self, other: Event) -> bool:
        """A finding that was opened again stands on nothing of before."""
        return isinstance(other, FindingClosed) and other.finding == self.finding


_KINDS = ("rectification.planned", "rectification.reported", "rectification.accepted", "look_back.performed")

Step = (
    RectificationPlanned
    | RectificationReported
    | RectificationAccepted
    | LookBackPerformed
    | CasesGrouped
    | FindingClosed
    | FindingReopened
)


def rectification_need(finding: str) -> Need:
    """The history of a finding's rectification."""
    return Need(f"finding:{finding}", _KINDS)


def _grouped_need(finding: str) -> Need:
    """What takes a finding in, or is taken in by it."""
    return Need(f"finding:{finding}", ("finding.cases_grouped",))


def _groupings(model: Knowledge, finding: str) -> Iterator[CasesGrouped]:
    for recorded in find(model, _grouped_need(finding)):
        if isinstance(recorded.event, CasesGrouped):
            yield recorded.event


def _taken_in(model: Knowledge, finding: str) -> dict[str, None]:
    """The cases that a problem ever took in, in that order."""
    return {case: None for one in _groupings(model, finding) if one.finding == finding for case in one.cases}


def _cases(model: Knowledge, finding: str) -> list[str]:
    """The cases that a problem takes in now: the last one that names a case has it."""
    told = ((case, one) for case in _taken_in(model, finding) for one in _groupings(model, case) if case in one.cases)
    return [case for case, one in dict(told).items() if one.finding == finding]


def _steps(model: Knowledge, finding: str) -> list[Event]:
    return [recorded.event for recorded in find(model, rectification_need(finding))]


# ---- rules


@rule(
    RectificationPlanned,
    RectificationReported,
    RectificationAccepted,
    LookBackPerformed,
    CasesGrouped,
    FindingClosed,
    FindingReopened,
    code="FINDING_UNKNOWN",
    source="线索—认定—追缴—整改",
    form=True,
)
def finding_known(event: Step, model: Knowledge) -> Verdict:
    if confirmed(model, event.finding) is None:
        yield {"finding": event.finding}


@own_matters(
    RectificationPlanned,
    RectificationReported,
    RectificationAccepted,
    LookBackPerformed,
    CasesGrouped,
    FindingClosed,
    FindingReopened,
    edition=OWN_SINCE,
    across=is_office,
)
def findings_of_this_entity(event: Step) -> Sequence[Need]:
    cases = event.cases if isinstance(event, CasesGrouped) else ()
    return [finding_need(one) for one in (event.finding, *cases)]


@rule(RectificationPlanned, RectificationAccepted, FindingClosed, code="FINDING_CLOSED", source="线索—认定—追缴—整改")
def finding_open(event: RectificationPlanned | RectificationAccepted | FindingClosed, model: Knowledge) -> Verdict:
    if is_closed(model, event.finding):
        yield {"finding": event.finding}


@rule(RectificationPlanned, code="DEADLINE_MOVED", source="整改台账 (deadlines moved)", warns=True)
def deadline_kept(event: RectificationPlanned, model: Knowledge) -> Verdict:
    plans = [step for step in _steps(model, event.finding) if isinstance(step, RectificationPlanned)]
    if plans and plans[-1].due_on < event.due_on:
        yield {
            "finding": event.finding,
            "due_on": event.due_on.isoformat(),
            "before": plans[-1].due_on.isoformat(),
        }


@rule(RectificationReported, code="REPORT_TWICE", source="重复导入不重记", form=True)
def reported_once(event: RectificationReported, model: Knowledge) -> Verdict:
    """The newest stands: what was said before it may be said again after it, on one day too."""
    reports = [step for step in _steps(model, event.finding) if isinstance(step, RectificationReported)]
    if reports and _reported(reports[-1]) == _reported(event):
        yield {"finding": event.finding, "on": event.on.isoformat()}


def _reported(event: RectificationReported) -> tuple[object, ...]:
    """What a report says of the matter, apart from the papers that it rests on."""
    money = event.rectified_fen, event.money_means
    return event.on, event.reporter, event.progress, *money, event.systems, event.disciplined, event.evidence_note


@rule(RectificationReported, code="RECTIFIED_MORE", source="整改台账 (万元/元)")
def within_finding_amount(event: RectificationReported, model: Knowledge) -> Verdict:
    found = confirmed(model, event.finding)
    if found is not None and event.rectified_fen > found.amount_fen:
        yield {"finding": event.finding, "rectified_fen": event.rectified_fen, "finding_fen": found.amount_fen}


@rule(RectificationAccepted, code="NOT_RECTIFIED", source="线索—认定—追缴—整改 (CLOSED needs rectification evidence)")
def reported_with_evidence(event: RectificationAccepted, model: Knowledge) -> Verdict:
    reports = [step for step in _steps(model, event.finding) if isinstance(step, RectificationReported)]
    if not any(report.evidence or report.evidence_note for report in reports):
        yield {"finding": event.finding}


@rule(RectificationAccepted, FindingClosed, code="RECTIFIER_ACCEPTS", source="线索—认定—追缴—整改 (closer ≠ rectifier)")
def another_hand(event: RectificationAccepted | FindingClosed, model: Knowledge) -> Verdict:
    hand = event.accepted_by if isinstance(event, RectificationAccepted) else event.closed_by
    for step in _steps(model, event.finding):
        rectifier = step.responsible if isinstance(step, RectificationPlanned) else None
        if hand == (step.reporter if isinstance(step, RectificationReported) else rectifier):
            yield {"finding": event.finding, "name": hand}
            return


@rule(FindingClosed, code="NOT_SETTLED", source="回头看与销号")
def settled(event: FindingClosed, model: Knowledge) -> Verdict:
    left, cases = unsettled_fen(model, event.finding), _of_cases(model, event)
    accepted = any(isinstance(step, RectificationAccepted) for step in _steps(model, event.finding))
    if left or cases or not accepted:
        yield {"finding": event.finding, "left_fen": left, "accepted": accepted, **cases}


@rule(FindingClosed, code="NOT_SETTLED", source="回头看与销号 (what relapsed is accepted again)", edition=3)
def accepted_since_reopened(event: FindingClosed, model: Knowledge) -> Verdict:
    """An acceptance of before a reopening says nothing of what came after it. One that never was is told above."""
    accepted = [one.position for one in find(model, rectification_need(event.finding)) if _is_acceptance(one)]
    steps = find(model, finding_need(event.finding))
    reopened = max((one.position for one in steps if isinstance(one.event, FindingReopened)), default=0)
    left, cases = unsettled_fen(model, event.finding), _of_cases(model, event)
    if accepted and not left and not cases and max(accepted) < reopened:
        yield {"finding": event.finding, "left_fen": left, "accepted": False}


@rule(CasesGrouped, code="NOT_SETTLED", source="回头看与销号 (its money is its cases')", edition=_OF_CASES_SINCE)
def settled_when_taken_in(event: CasesGrouped, model: Knowledge) -> Verdict:
    """A problem that is closed stays so by what it takes in afterwards too."""
    cases = _unsettled(model, dict.fromkeys(event.cases)) if is_closed(model, event.finding) else {}
    if cases:
        yield {"finding": event.finding, "left_fen": 0, "accepted": True, **cases}


def _of_cases(model: Knowledge, event: FindingClosed) -> dict[str, int | str]:
    """What the cases of a problem still owe; the first editions asked for the problem's own orders only."""
    return _unsettled(model, _cases(model, event.finding)) if model.edition >= _OF_CASES_SINCE else {}


def _unsettled(model: Knowledge, cases: Iterable[str]) -> dict[str, int | str]:
    """How many cases are not settled, by how much, and the first of them; nothing where all are. What one of them paid
    beyond its order settles no other.
    """
    sums = {case: fen for case in cases if (fen := unsettled_fen(model, case))}
    of = {case: fen for case, fen in sums.items() if fen > 0} or sums
    return {"case": next(iter(of)), "cases": len(of), "cases_fen": sum(of.values())} if of else {}


def _is_acceptance(recorded: Recorded) -> bool:
    return isinstance(recorded.event, RectificationAccepted)


@rule(LookBackPerformed, code="RELAPSED", source="回头看", warns=True)
def held(event: LookBackPerformed, model: Knowledge) -> Verdict:
    if event.relapsed:
        yield {"finding": event.finding, "sample": event.sample, "relapsed": event.relapsed}


@rule(LookBackPerformed, code="LOOK_BACK_SUM", source="回头看", form=True)
def sample_holds(event: LookBackPerformed, model: Knowledge) -> Verdict:
    if event.relapsed > event.sample:
        yield {"finding": event.finding, "sample": event.sample, "relapsed": event.relapsed}


@rule(FindingReopened, code="FINDING_NOT_CLOSED", source="线索—认定—追缴—整改")
def was_closed(event: FindingReopened, model: Knowledge) -> Verdict:
    if confirmed(model, event.finding) is not None and not is_closed(model, event.finding):
        yield {"finding": event.finding}


@rule(CasesGrouped, code="CASE_UNKNOWN", source="疑点—问题—整改", form=True)
def cases_known(event: CasesGrouped, model: Knowledge) -> Verdict:
    """A case is a confirmed finding about somebody, and never the problem itself."""
    for case in event.cases:
        found = confirmed(model, case)
        if found is None or not is_case(found) or case == event.finding:
            yield {"finding": event.finding, "case": case}


@rule(CasesGrouped, code="CASE_GROUPED", source="疑点—问题—整改 (the same problem three times from three sources)")
def cases_free(event: CasesGrouped, model: Knowledge) -> Verdict:
    """A case that another problem takes in already counts there no longer."""
    for case in event.cases:
        for before in _groupings(model, case):
            if case in before.cases and before.finding != event.finding:
                yield {"finding": event.finding, "case": case, "other": before.finding}
                break


@rule(
    CasesGrouped, code="CASE_NESTED", source="疑点—问题—整改 (one problem, its cases, and nothing between)", form=True
)
def not_nested(event: CasesGrouped, model: Knowledge) -> Verdict:
    """What stands under a problem takes in nothing, and what takes in cases stands under nothing: else a matter and its
    money would be in no count, or in two.
    """
    over = [one.finding for one in _groupings(model, event.finding) if event.finding in one.cases]
    if over:
        yield {"finding": event.finding, "between": event.finding, "other": over[-1]}
    for case in event.cases:
        if any(one.finding == case for one in _groupings(model, case)):
            yield {"finding": event.finding, "between": case, "other": event.finding}
