"""The rules of clues and findings: data behind every doubt, two pairs of eyes, and due process before a finding."""

from collections.abc import Sequence
from typing import Final

from ledger.flows.authority.entities import is_office
from ledger.flows.checks import OWN_SINCE, find, own_matters
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.redress.clues import (
    ClueAssigned,
    ClueRaised,
    ClueRefuted,
    ClueRestated,
    ClueVerified,
    FindingConfirmed,
    FindingReferred,
    NoticeServed,
    clue_need,
    clue_state,
    confirmed,
    finding_need,
    stated,
)
from ledger.flows.rules import Verdict, rule

REPLY_DAYS_MIN: Final = 10
"""审计法 art. 44: the audited unit answers within ten days; the law's own figure."""

Step = ClueAssigned | ClueVerified | ClueRefuted | ClueRestated


@rule(ClueRaised, code="CLUE_TWICE", source="线索—认定—追缴—整改", form=True)
def raised_once(event: ClueRaised, model: Knowledge) -> Verdict:
    if clue_state(model, event.clue):
        yield {"clue": event.clue}


@rule(ClueRaised, code="CLUE_WITHOUT_DATA", source="疑点成为问题的过程 (data cut-off date and source)")
def data_named(event: ClueRaised, model: Knowledge) -> Verdict:
    """A petition is its own source; a comparison of lists is nothing without the lists."""
    if event.found_by == "matching" and (event.data_as_of is None or event.test is None):
        yield {"clue": event.clue}


@rule(
    ClueAssigned, ClueVerified, ClueRefuted, ClueRestated, code="CLUE_UNKNOWN", source="线索—认定—追缴—整改", form=True
)
def clue_known(event: Step, model: Knowledge) -> Verdict:
    if not clue_state(model, event.clue):
        yield {"clue": event.clue}


@own_matters(ClueAssigned, ClueVerified, ClueRefuted, ClueRestated, edition=OWN_SINCE, across=is_office)
def clue_of_this_entity(event: Step) -> Sequence[Need]:
    return (clue_need(event.clue),)


@own_matters(FindingConfirmed, edition=OWN_SINCE, across=is_office)
def clues_of_this_entity(event: FindingConfirmed) -> Sequence[Need]:
    return [clue_need(clue) for clue in event.clues]


@own_matters(NoticeServed, FindingReferred, edition=OWN_SINCE, across=is_office)
def finding_of_this_entity(event: NoticeServed | FindingReferred) -> Sequence[Need]:
    return (finding_need(event.finding),)


@rule(ClueAssigned, ClueVerified, ClueRefuted, ClueRestated, code="CLUE_STATE", source="线索—认定—追缴—整改")
def clue_in_order(event: Step, model: Knowledge) -> Verdict:
    """A refuted clue may be verified again after a sample was drawn from the refuted; otherwise steps go forward, and
    what a doubt is of stands once it was answered.
    """
    state = clue_state(model, event.clue)
    done = {"clue.verified", "clue.refuted"}
    if (isinstance(event, ClueAssigned | ClueRestated) and state in done) or (state == event.kind and state in done):
        yield {"clue": event.clue, "step": event.kind, "state": state}


@rule(ClueVerified, ClueRefuted, code="TWO_VERIFIERS", source="审计法 art. 43; 疑点核查表 (核查人一、核查人二)")
def two_verifiers(event: ClueVerified | ClueRefuted, model: Knowledge) -> Verdict:
    if len(set(event.verifiers)) < 2:
        yield {"clue": event.clue, "verifiers": len(set(event.verifiers))}


@rule(ClueVerified, code="UNVERIFIABLE_FEN", source="疑点核查表 (无法核实)", edition=3)
def nothing_established(event: ClueVerified, model: Knowledge) -> Verdict:
    """What could not be established takes no money and stops no payment."""
    if event.result == "unverifiable" and (event.confirmed_fen or event.recover_fen or event.stop_from is not None):
        yield {"clue": event.clue, "amount_fen": event.confirmed_fen, "due_fen": event.recover_fen}


@rule(ClueRefuted, code="REFUTED_WITHOUT_EVIDENCE", source="疑点核查")
def refutation_has_evidence(event: ClueRefuted, model: Knowledge) -> Verdict:
    if not event.evidence and not event.evidence_note:
        yield {"clue": event.clue, "reason": event.reason}


@rule(FindingConfirmed, code="FINDING_TWICE", source="线索—认定—追缴—整改", form=True)
def confirmed_once(event: FindingConfirmed, model: Knowledge) -> Verdict:
    if stated(model, event.finding) is not None:
        yield {"finding": event.finding}


@rule(FindingConfirmed, code="CLUE_UNKNOWN", source="线索—认定—追缴—整改", form=True)
def clues_known(event: FindingConfirmed, model: Knowledge) -> Verdict:
    for clue in event.clues:
        if not clue_state(model, clue):
            yield {"clue": clue}


@rule(FindingConfirmed, code="CLUE_NOT_VERIFIED", source="线索—认定—追缴—整改")
def clues_verified(event: FindingConfirmed, model: Knowledge) -> Verdict:
    for clue in event.clues:
        state = clue_state(model, clue)
        if state and state != "clue.verified":
            yield {"finding": event.finding, "clue": clue, "state": state}


@rule(FindingConfirmed, code="DUE_PROCESS", source="审计法 arts. 43-44; 追缴实务")
def due_process(event: FindingConfirmed, model: Knowledge) -> Verdict:
    """Two persons always; and for an auditor's finding ten days to answer, or a waiver."""
    two = len(set(event.confirmed_by)) >= 2
    term = event.reply_waived or (event.reply_days or 0) >= REPLY_DAYS_MIN
    if not two or (event.found_by == "audit" and not term):
        yield {
            "finding": event.finding,
            "persons": len(set(event.confirmed_by)),
            "reply_days": event.reply_days or 0,
        }


@rule(NoticeServed, FindingReferred, code="FINDING_UNKNOWN", source="线索—认定—追缴—整改", form=True)
def finding_known(event: NoticeServed | FindingReferred, model: Knowledge) -> Verdict:
    if confirmed(model, event.finding) is None:
        yield {"finding": event.finding}


@rule(NoticeServed, code="NOTICE_TWICE", source="重复导入不重记", form=True)
def served_once(event: NoticeServed, model: Knowledge) -> Verdict:
    for recorded in find(model, finding_need(event.finding)):
        before = recorded.event
        if isinstance(before, NoticeServed) and (before.on, before.how) == (event.on, event.how):
            yield {"finding": event.finding, "served_on": event.on.isoformat()}


@rule(NoticeServed, code="NOTICE_BEFORE_FINDING", source="追缴实务")
def notice_after_finding(event: NoticeServed, model: Knowledge) -> Verdict:
    found = stated(model, event.finding)
    if found is not None and event.on < found.on:
        yield {"finding": event.finding, "served_on": event.on.isoformat(), "confirmed_on": found.on.isoformat()}
