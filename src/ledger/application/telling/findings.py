"""Findings with the words for what they name: from the log, and from the vouchers that they are about.

Only what is answered is told so, after all was judged; what is recorded of a finding are its code and parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError
from ledger.decisions.prepared import Prepared
from ledger.errors import LedgerError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Need
from ledger.flows.naming import wanted, words
from ledger.flows.registry import trusted_event
from ledger.log import reading

Answer = Outcome | LedgerError


def named(connection: Connection, answers: Sequence[Answer], vouchers: Sequence[Prepared]) -> list[Answer]:
    """The answers to some vouchers, their findings in words; without a question where none names anything."""
    findings = [finding for one in answers for finding in _findings(one)]
    needs = dict.fromkeys(need for finding in findings for need in wanted(dict(finding.params), finding.code))
    if not needs:
        return list(answers)
    known: dict[Need, Sequence[Event]] = {
        need: [trusted_event(one.kind, one.data) for one in found]
        for need, found in reading.history(connection, list(needs)).items()
    }
    return [_told(one, _with(known, voucher)) for one, voucher in zip(answers, vouchers, strict=True)]


def _findings(answer: Answer) -> Sequence[Finding]:
    if isinstance(answer, VoucherRefusedError):
        return answer.findings
    if isinstance(answer, LedgerError):
        return ()
    released = answer.released if isinstance(answer, Receipt) else ()
    return [*answer.warnings, *(finding for one in released for finding in _findings(one))]


def _with(known: Mapping[Need, Sequence[Event]], voucher: Prepared) -> Mapping[Need, Sequence[Event]]:
    """What is recorded, with what the voucher itself states. Its events are gone through once, however many are asked
    about: a roster's voucher has a thousand of both.
    """
    tags = {need.tag for need in known}
    own: dict[str, list[Event]] = {}
    for event, borne in zip(voucher.events, voucher.tags, strict=True):
        for tag in borne:
            if tag in tags:
                own.setdefault(tag, []).append(event)
    return {
        need: [*found, *(event for event in own.get(need.tag, ()) if event.kind in need.kinds)]
        for need, found in known.items()
    }


def _told(answer: Answer, known: Mapping[Need, Sequence[Event]]) -> Answer:
    if isinstance(answer, VoucherRefusedError):
        answer.findings = tuple(_worded(one, known) for one in answer.findings)
        return answer
    if isinstance(answer, LedgerError):
        return answer
    told = replace(answer, warnings=tuple(_worded(one, known) for one in answer.warnings))
    return (
        replace(told, released=tuple(_told(one, known) for one in told.released)) if isinstance(told, Receipt) else told
    )


def _worded(finding: Finding, known: Mapping[Need, Sequence[Event]]) -> Finding:
    return replace(finding, named=tuple(words(dict(finding.params), known.__getitem__, finding.code).items()))
