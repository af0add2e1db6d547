"""What a waiting voucher says of itself, for whoever decides on it: on the screen and over the network alike."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ledger.application.outcomes import Waiting, finding_json, refusing
from ledger.application.rehearsal import Rehearsal
from ledger.application.waiting import PENDING, WaitingVoucher
from ledger.decisions.amounts import once_fen
from ledger.errors import LedgerError
from ledger.flows.knowledge import Finding
from ledger.flows.registry import read_event
from ledger.signing.statements import Approval, Statement


def summary_of(one: WaitingVoucher) -> dict[str, Any]:
    """Its statement in plain values, how many events of which kind it has, and who has signed so far."""
    statement = Statement.from_bytes(one.submission.envelope.payload)
    events = [read_event(data) for data in one.submission.events]
    kinds = Counter(event.kind for event in events)
    signed = [Approval.from_bytes(envelope.payload) for envelope in one.submission.approvals]
    return {
        "voucher": one.voucher,
        "entity": one.entity,
        "voucher_date": statement.voucher_date,
        "maker": one.maker,
        "amount_fen": one.amount_fen,
        "once_fen": once_fen(events, one.amount_fen),
        "events": dict(sorted(kinds.items())),
        "note": statement.note,
        "approvals": [{"person": item.person, "capacity": item.capacity} for item in signed],
        "submitted_at": one.submitted_at,
        "valid_until": one.valid_until,
    }


def still_wanting(rehearsal: Rehearsal, one: WaitingVoucher, language: str) -> dict[str, Any]:
    """What keeps a waiting voucher out of the books now: capacities that are missing, or what refuses it, by its codes
    and in sentences.
    """
    try:
        outcome = rehearsal.again(one)
    except LedgerError as error:
        found = refusing(error)
        reasons = [finding_json(item) | {"message": said(item, language)} for item in found]
        return {"missing": [], "refused": sorted({item.code for item in found}), "reasons": reasons}
    return {"missing": list(outcome.missing) if isinstance(outcome, Waiting) else [], "refused": [], "reasons": []}


def rows_of(one: WaitingVoucher, findings: Iterable[Finding]) -> list[int | None]:
    """The row of the imported file that each finding speaks of: that of its event, or of the decision in the same
    voucher that the event's line rests on. None where no event says it.
    """
    events = [read_event(data) for data in one.submission.events]
    rows = [None if (place := getattr(event, "place", None)) is None else int(place.row) for event in events]
    decided: dict[str, int] = {}
    for event, row in zip(events, rows, strict=True):
        if row is not None and (enrolment := getattr(event, "enrolment", None)) is not None:
            decided.setdefault(enrolment, row)
    own = [
        decided.get(getattr(event, "enrolment", "")) if row is None else row
        for event, row in zip(events, rows, strict=True)
    ]
    return [None if finding.event < 0 else own[finding.event] for finding in findings]


def said(finding: Finding, language: str) -> str:
    """A finding's sentence."""
    return finding.message(language)


def told_to_lapse(found: Iterable[WaitingVoucher], now: str) -> frozenset[str]:
    """Which vouchers one says that they lapsed that waits itself, and can be approved still: not late, nor refused."""
    waits = (one for one in found if one.state == PENDING and one.valid_until >= now)
    events = (read_event(data) for one in waits for data in one.submission.events)
    return frozenset(str(getattr(event, "voucher", "")) for event in events if event.kind == "voucher.lapsed")
