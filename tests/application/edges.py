"""What the tests of the writer's edges share: refusals by code, newcomers, a second entity, a closed month."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError, Waiting
from ledger.decisions.prepared import Submission
from ledger.errors import LedgerError
from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.signing.keys import SigningKey
from ledger.signing.statements import Statement
from tests.application.office import DAY, ENTITY, Office, gift
from tests.application.proposing.closing.closes import close_fields

OTHER = "society"


def codes(error: LedgerError) -> set[str]:
    """The refusing codes of an error."""
    if isinstance(error, VoucherRefusedError):
        return {finding.code for finding in error.findings if finding.refuses}
    return {error.code}


def tried(office: Office, submission: Submission) -> Outcome | set[str]:
    """What the writer answers, or the codes of its refusal."""
    try:
        return office.writer.submit(submission)
    except LedgerError as error:
        return codes(error)


def refused(answer: Outcome | set[str]) -> set[str]:
    """The codes of a refusal; anything else fails the test."""
    assert isinstance(answer, set), f"recorded or kept: {type(answer).__name__}"
    return answer


def statement_of(submission: Submission) -> Statement:
    """What the maker signed."""
    return Statement.from_bytes(submission.envelope.payload)


def by_administrators(office: Office, *facts: tuple[str, Mapping[str, Any]]) -> Receipt:
    """Posted by two administrators."""
    outcome = office.post("guan-1", facts, ("guan-2", "administrator"), entity="book")
    assert isinstance(outcome, Receipt)
    return outcome


def policy(*lines: Mapping[str, Any], entity: str | None = ENTITY) -> tuple[str, dict[str, Any]]:
    """A policy of these lines."""
    more = {"duty_profile": None, "free_control_accounts": False, "document": None}
    return "policy.set", {"entity": entity, "policies": list(lines), **more}


def newcomer(office: Office, officer: str, *roles: tuple[str, str | None], **key: Any) -> None:
    """A person with a key and roles (role, entity or None for all)."""
    office.keys[officer] = SigningKey.generate()
    named = {"officer": officer, "name": officer, "entity": None, "post": "other", "title": "x"}
    granted = [("role.granted", {"officer": officer, "role": role, "entity": where}) for role, where in roles]
    enrolled = ("key.enrolled", {**office.enrolment(officer), "valid_from": "2025-01-01", **key})
    by_administrators(office, ("officer.named", {**named, "valid_from": "2025-01-01"}), enrolled, *granted)


def other_entity(office: Office) -> None:
    """A second entity with an accountant and a checker of its own."""
    kinds = {"entity_kind": "society", "book_kind": "statutory", "chart_family": "npo"}
    registered = {"entity": OTHER, "name": "互助会", "public_fundraising": False, **kinds}
    by_administrators(office, ("entity.registered", registered))
    newcomer(office, "stranger", ("accountant", OTHER))
    newcomer(office, "stranger-checker", ("checker", OTHER))


def ending(waits: Waiting, maker: str, **more: Any) -> dict[str, Any]:
    """The fields of an event that ends a waiting voucher."""
    fields = {
        "voucher": waits.voucher,
        "statement": waits.statement,
        "amount_fen": waits.amount_fen,
        "reason": "不要了",
    }
    return {**fields, "maker": maker, **more}


def waits_for(office: Office, submission: Submission) -> Waiting:
    """Submitted, and known to wait."""
    outcome = office.writer.submit(submission)
    assert isinstance(outcome, Waiting)
    return outcome


def reversal(office: Office, receipt: Receipt, day: date = DAY) -> Submission:
    """The reversal of the first event of a posted voucher, with its checker."""
    with office.store.read() as connection:
        row = reading.event_at(connection, receipt.first_position)
    assert row is not None
    event = read_event(row.data)
    place = {"target_position": receipt.first_position, "target_tags": list(event.tags())}
    fields = {"target": event.id, **place, "reason": "重复入账", "on": day.isoformat()}
    return office.approved(office.draft("maker", [("event.reversed", fields)], day=day), ("checker", "checker"))


def close_month(office: Office, period: str) -> None:
    """Lock and close a month."""
    locked = office.post("maker", [("period.locked", {"entity": ENTITY, "period": period})])
    assert isinstance(locked, Receipt)
    closing = ("period.closed", close_fields(office.store, ENTITY, period, locked.first_position))
    assert isinstance(office.post("maker", [closing], ("checker", "checker")), Receipt)


def with_approver(office: Office) -> None:
    """Fees need a checker and an approver."""
    newcomer(office, "leader", ("approver", ENTITY))
    by_administrators(
        office, policy({"kinds": ["bank.fee"], "above_fen": 0, "capacities": ["approver"], "paper": False})
    )
    office.post("maker", [gift()])
