"""Group commit: vouchers that come at once share a commit and a checkpoint, and each still stands for itself."""

import threading
import time

import pytest
from sqlalchemy import event

from ledger.application import writer
from ledger.application.outcomes import Outcome, Receipt
from ledger.decisions.prepared import Prepared, Submission, prepare
from ledger.errors import LedgerError
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import PublicKey
from ledger.signing.merkle import leaf_hash, verify_inclusion
from tests.application.office import Office, fee, gift

CLERKS = 24


def commits_of(office: Office) -> list[object]:
    """Every commit of the office's store from now on."""
    seen: list[object] = []

    @event.listens_for(office.store.engine, "commit")
    def committed(connection: object) -> None:
        seen.append(connection)

    return seen


def all_at_once(office: Office, submissions: list[Submission]) -> list[Outcome | LedgerError]:
    """Each submission by a thread of its own, all of which have come before the first may write."""
    answers: dict[int, Outcome | LedgerError] = {}

    def work(place: int) -> None:
        try:
            answers[place] = office.writer.submit(submissions[place])
        except LedgerError as error:
            answers[place] = error

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(submissions))]
    with office.writer._lead:  # noqa: SLF001 - whoever leads must wait for the last to come
        for thread in threads:
            thread.start()
        while len(office.writer._turns.queue) < len(threads):  # noqa: SLF001 - as above
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    return [answers[place] for place in range(len(submissions))]


def test_vouchers_that_come_at_once_share_a_commit(any_office: Office) -> None:
    submissions = [any_office.draft("maker", [gift(f"g-{n}")]) for n in range(CLERKS)]
    commits = commits_of(any_office)
    answers = all_at_once(any_office, submissions)
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    first = min(receipt.number for receipt in receipts)
    assert sorted(receipt.number for receipt in receipts) == list(range(first, first + CLERKS))
    assert len(commits) == 1
    assert len({receipt.checkpoint for receipt in receipts}) == 1


def test_each_of_them_is_proven(any_office: Office) -> None:
    submissions = [any_office.draft("maker", [gift(f"g-{n}")]) for n in range(CLERKS)]
    for answer in all_at_once(any_office, submissions):
        assert isinstance(answer, Receipt)
        checkpoint = open_checkpoint(answer.checkpoint, any_office.operator.verifier)
        hashed = leaf_hash(answer.leaf)
        assert verify_inclusion(hashed, answer.number - 1, checkpoint.size, answer.path, checkpoint.root)


def test_the_refused_and_the_waiting_among_them_harm_nobody(any_office: Office) -> None:
    """Every third is a gift that was recorded before, every other third lacks its checker."""
    any_office.post("maker", [gift("g-0", 1_000_000)])
    makes = (lambda n: gift(f"g-{n}"), lambda _: gift("g-0"), lambda n: fee(f"f-{n}"))
    submissions = [any_office.draft("maker", [makes[n % 3](n + 1)]) for n in range(CLERKS)]
    answers = all_at_once(any_office, submissions)
    states = [answer.code if isinstance(answer, LedgerError) else answer.to_json()["state"] for answer in answers]
    assert states == ["posted", "E_REFUSED", "pending"] * (CLERKS // 3)


def test_what_is_broken_in_its_form_is_answered_for_itself_alone(any_office: Office) -> None:
    """Among those that come at once one has a byte changed, and one has lost an event."""
    submissions = [any_office.draft("maker", [gift(f"g-{n}")]) for n in range(4)]
    changed, lost = submissions[1], submissions[2]
    submissions[1] = Submission(changed.envelope, (changed.events[0].replace(b"g-1", b"g-9"),))
    submissions[2] = Submission(lost.envelope, ())
    answers = all_at_once(any_office, submissions)
    assert [one.code if isinstance(one, LedgerError) else "" for one in answers] == ["", "E_ROOT", "E_COUNT", ""]
    in_order = any_office.writer.submit_all(submissions)
    assert [one.code if isinstance(one, LedgerError) else "" for one in in_order] == ["", "E_ROOT", "E_COUNT", ""]


def test_a_fault_of_the_software_in_one_holds_nobody_up(any_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    submissions = [any_office.draft("maker", [gift(f"g-{n}")]) for n in range(3)]

    def failing(submission: Submission, keys: dict[str, PublicKey]) -> Prepared:
        if submission is submissions[1]:
            raise RuntimeError("a fault")
        return prepare(submission, keys)

    monkeypatch.setattr(writer, "prepare", failing)
    answers = all_at_once(any_office, submissions)
    assert [one.code if isinstance(one, LedgerError) else "" for one in answers] == ["", "E_WRITER", ""]
