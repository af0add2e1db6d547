"""What waits for a signature: nobody else replaces it, ends it, or loses what was signed already."""

from dataclasses import replace

import pytest

from ledger.application import waiting
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError, Waiting
from ledger.decisions.prepared import Submission, read_approval
from ledger.errors import InputError, LedgerError
from ledger.signing.dsse import APPROVAL_TYPE, Envelope, sign
from ledger.signing.statements import Approval
from tests.application.edges import (
    OTHER,
    by_administrators,
    codes,
    ending,
    other_entity,
    refused,
    statement_of,
    tried,
    waits_for,
    with_approver,
)
from tests.application.office import ENTITY, ORIGIN, Office, fee, gift


def test_two_approvals_at_the_same_moment_both_count(office: Office) -> None:
    """Checker and approver each read the waiting voucher before the other's signature came; neither is lost."""
    with_approver(office)
    submission = office.draft("maker", [fee()])
    waits_for(office, submission)
    waits_for(office, office.approved(submission, ("checker", "checker")))
    assert isinstance(office.writer.submit(office.approved(submission, ("leader", "approver"))), Receipt)


def test_a_repeated_request_loses_no_approval(office: Office) -> None:
    """The maker's client asks again after a lost answer, when the checker has signed already."""
    with_approver(office)
    submission = office.draft("maker", [fee()])
    waits = waits_for(office, submission)
    office.writer.approve(waits.voucher, office.approved(submission, ("checker", "checker")).approvals[0])
    again = waits_for(office, submission)
    assert again.missing == ("approver",)
    leader = office.approved(submission, ("leader", "approver")).approvals[0]
    assert isinstance(office.writer.approve(waits.voucher, leader), Receipt)


def test_an_approval_that_no_longer_counts_does_not_block_the_voucher(office: Office) -> None:
    """The first checker's key is revoked while the voucher waits: another checker signs in the place of the first."""
    with_approver(office)
    submission = office.draft("maker", [fee()])
    waits = waits_for(office, submission)
    first, second, leader = office.approved(
        submission, ("checker", "checker"), ("checker-2", "checker"), ("leader", "approver")
    ).approvals
    office.writer.approve(waits.voucher, first)
    keyid = office.keys["checker"].public.keyid
    by_administrators(office, ("key.revoked", {"officer": "checker", "keyid": keyid, "reason": "lost", "note": "丢失"}))
    office.writer.approve(waits.voucher, second)
    assert isinstance(office.writer.approve(waits.voucher, leader), Receipt)


def test_nobody_replaces_what_another_has_submitted(office: Office) -> None:
    """A waiting voucher's id is taken: another statement under it is refused and the first one still waits."""
    office.post("maker", [gift()])
    first = office.draft("maker", [fee()])
    waits = waits_for(office, first)
    second = office.draft("other-maker", [fee("f-2", 200)], voucher=waits.voucher)
    assert "E_VOUCHER_ID_REUSED" in refused(tried(office, second))
    with office.store.read() as connection:
        assert waiting.waiting(connection, waits.voucher).statement == waits.statement


def test_a_rejected_id_is_never_tried_again(office: Office) -> None:
    """A refused id may be tried again, a rejected one not, whatever the bytes."""
    office.post("maker", [gift()])
    waits = waits_for(office, office.draft("maker", [fee()]))
    rejected = office.post("checker", [("voucher.rejected", ending(waits, "maker"))])
    assert isinstance(rejected, Receipt)
    other = office.approved(office.draft("maker", [fee("f-2")], voucher=waits.voucher), ("checker", "checker"))
    assert refused(tried(office, other)) <= {"E_REJECTED", "E_VOUCHER_ID_REUSED"}


def test_a_signed_rejection_stands(office: Office) -> None:
    """A checker's signed refusal of a waiting voucher ends it; another checker's approval does not revive it."""
    office.post("maker", [gift()])
    submission = office.draft("maker", [fee()])
    waits = waits_for(office, submission)
    approval = Approval(
        ORIGIN,
        "checker",
        waits.statement,
        "checker",
        statement_of(submission).made_at,
        statement_of(submission).valid_until,
        None,
        rejects=True,
        reason="金额不符",
    )
    refusal = sign(APPROVAL_TYPE, approval.to_bytes(), office.keys["checker"])
    _tried_to_approve(office, waits, refusal)
    later = office.approved(submission, ("checker-2", "checker")).approvals[0]
    assert not isinstance(_tried_to_approve(office, waits, later), Receipt)


def test_an_approval_that_was_signed_for_another_ledger_names_it(office: Office) -> None:
    office.post("maker", [gift()])
    submission = office.approved(office.draft("maker", [fee()]), ("checker", "checker"))
    said = Approval.from_bytes(submission.approvals[0].payload)
    other = replace(said, ledger="other.example/log")
    signed = sign(APPROVAL_TYPE, other.to_bytes(), office.keys["checker"])
    with pytest.raises(InputError, match="E_APPROVAL_OF_LEDGER") as refused_for:
        read_approval(signed, statement_of(submission), {})
    assert refused_for.value.params == {"ledger": "other.example/log", "wanted": ORIGIN}


def _rejection(office: Office, submission: Submission, officer: str, capacity: str) -> Envelope:
    """A signed refusal."""
    said = Approval.from_bytes(office.approved(submission, (officer, capacity)).approvals[0].payload)
    return sign(APPROVAL_TYPE, replace(said, rejects=True, reason="不批").to_bytes(), office.keys[officer])


@pytest.mark.parametrize(
    ("officer", "capacity", "code"),
    [
        ("other-maker", "accountant", "E_CAPACITY_REJECTS"),
        ("cashier", "cashier", "E_CAPACITY_REJECTS"),
        ("cashier", "checker", "E_CAPACITY"),
        ("maker", "accountant", "E_SAME_PERSON"),
    ],
)
def test_only_whoever_has_a_say_rejects(office: Office, officer: str, capacity: str, code: str) -> None:
    """A colleague's signed refusal ends nothing: rejecting is for those who may check, approve or oversee."""
    office.post("maker", [gift()])
    submission = office.draft("maker", [fee()])
    waits = waits_for(office, submission)
    answer = _tried_to_approve(office, waits, _rejection(office, submission, officer, capacity))
    assert code in refused(answer)
    assert isinstance(office.writer.submit(office.approved(submission, ("checker", "checker"))), Receipt)


def test_what_could_not_be_posted_either_is_rejected_all_the_same(office: Office) -> None:
    """The month was locked meanwhile; a checker's refusal still ends the voucher."""
    office.post("maker", [gift()])
    submission = office.draft("maker", [fee()])
    waits = waits_for(office, submission)
    office.post("maker", [("period.locked", {"entity": ENTITY, "period": "2025-09"})])
    answer = _tried_to_approve(office, waits, _rejection(office, submission, "auditor", "auditor"))
    assert {"E_REJECTED", "E_PERIOD_CLOSED"} <= refused(answer)
    with office.store.read() as connection:
        assert waiting.all_waiting(connection) == []
        assert waiting.rows_of(connection, [waits.voucher])[waits.voucher].state == waiting.REFUSED


def _tried_to_approve(office: Office, waits: Waiting, envelope: Envelope) -> Outcome | set[str]:
    try:
        return office.writer.approve(waits.voucher, envelope)
    except LedgerError as error:
        return codes(error)


def test_nobody_withdraws_what_another_made(office: Office) -> None:
    """Whose voucher it is, the waiting statement says, not the one who withdraws it."""
    office.post("maker", [gift()])
    waits = waits_for(office, office.draft("maker", [fee()]))
    answer = tried(office, office.draft("other-maker", [("voucher.withdrawn", ending(waits, "other-maker"))]))
    assert "E_NOT_MAKER" in refused(answer)


@pytest.mark.parametrize(
    ("kind", "signer", "code"),
    [("voucher.withdrawn", "other-maker", "E_NOT_MAKER"), ("voucher.rejected", "maker", "E_SAME_PERSON")],
)
def test_who_may_not_end_a_voucher_is_told_once(office: Office, kind: str, signer: str, code: str) -> None:
    """The event and the waiting row say the same of whose it is: one fault, one sentence."""
    by_administrators(office, ("role.granted", {"officer": "maker", "role": "checker", "entity": ENTITY}))
    office.post("maker", [gift()])
    waits = waits_for(office, office.draft("maker", [fee()]))
    with pytest.raises(VoucherRefusedError) as refusal:
        office.writer.submit(office.draft(signer, [(kind, ending(waits, "maker"))]))
    assert [finding.code for finding in refusal.value.findings if finding.refuses] == [code]


def test_another_entity_ends_no_voucher_of_ours(office: Office) -> None:
    """An accountant of one entity has no say in what waits in another."""
    other_entity(office)
    office.post("maker", [gift()])
    submission = office.draft("maker", [fee()])
    waits = waits_for(office, submission)
    tried(office, office.draft("stranger", [("voucher.rejected", ending(waits, "maker"))], OTHER))
    assert isinstance(office.writer.submit(office.approved(submission, ("checker", "checker"))), Receipt)


def test_nothing_lapses_before_its_time(office: Office) -> None:
    """A voucher lapses when its `valid_until` has passed, not when somebody says so."""
    office.post("maker", [gift()])
    waits = waits_for(office, office.draft("maker", [fee()]))
    refused(tried(office, office.draft("cashier", [("voucher.lapsed", ending(waits, "maker"))])))


def test_a_posted_voucher_is_not_ended_afterwards(office: Office) -> None:
    """What stands in the books was not withdrawn."""
    submission = office.draft("maker", [gift()])
    office.writer.submit(submission)
    posted = Waiting(statement_of(submission).voucher, statement_of(submission).digest, (), 10_000)
    refused(tried(office, office.draft("maker", [("voucher.withdrawn", ending(posted, "maker"))])))


def test_the_last_approval_asked_again_is_answered_again(office: Office) -> None:
    """The approver's client lost the answer; the same approval gets the receipt."""
    office.post("maker", [gift()])
    submission = office.draft("maker", [fee()])
    waits = waits_for(office, submission)
    approval = office.approved(submission, ("checker", "checker")).approvals[0]
    assert isinstance(office.writer.approve(waits.voucher, approval), Receipt)
    assert isinstance(office.writer.approve(waits.voucher, approval), Receipt)


def test_in_passing_nothing_is_kept_that_waits(office: Office) -> None:
    """What can be posted is; what lacks a signature is answered so, and comes again under the same id."""
    office.post("maker", [gift()])
    submission = replace(office.draft("maker", [fee()]), passing=True)
    assert isinstance(office.writer.submit(submission), Waiting)
    with office.store.read() as connection:
        assert waiting.all_waiting(connection) == []
    assert isinstance(office.writer.submit(office.draft("maker", [gift("g-2")])), Receipt)
    assert isinstance(office.writer.submit(replace(office.draft("maker", [gift("g-3")]), passing=True)), Receipt)
    waits_for(office, replace(submission, passing=False))
    with office.store.read() as connection:
        assert len(waiting.all_waiting(connection)) == 1
