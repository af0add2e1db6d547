"""The one writer of a process: submissions queue up, whoever gets the lock commits all that wait (group commit).

A caller's answer is given after the commit, so what was acknowledged is on the disk; the same request again gets the
same answer. When the database refuses a batch, its vouchers are tried one by one, so that one bad voucher costs only
itself. Memory is dropped after any failure and read again from the log.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ledger.application import batches, waiting
from ledger.application.collector import collector_at_rest
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError
from ledger.application.state import State
from ledger.application.turns import Job, Ticket, Turns
from ledger.decisions.authority import Authority
from ledger.decisions.prepared import Prepared, Submission, prepare
from ledger.errors import AuthorityError, BusyError, EvidenceError, LedgerError
from ledger.log import reading
from ledger.log.store import LogStore
from ledger.signing.dsse import Envelope
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import timestamp_text

MAX_BATCH_EVENTS: Final = 20_000
MAX_BATCH_VOUCHERS: Final = 256
ROTATION: Final = "operator_key.rotated"


class Writer:
    """Posts vouchers to one book with the operator's key. Thread-safe; other processes may write beside it."""

    def __init__(
        self,
        store: LogStore,
        signer: NoteSigner,
        clock: Callable[[], datetime],
        software: str,
    ) -> None:
        self.store = store
        self._signer = signer
        self.clock = clock
        self._software = software
        self._state = State()
        self._lead = threading.Lock()
        """Held by whoever uses the memory."""
        self._turns = Turns()

    def submit(self, submission: Submission) -> Outcome:
        """Judge a voucher; post it, or keep it waiting for its missing signatures.

        Raises InputError (form), AuthorityError (signature), VoucherRefusedError (every finding), BusyError.
        """
        with collector_at_rest():
            ticket = Ticket([self._prepare(submission)])
            self._wait(ticket)
            return _raised(_answer(ticket.jobs[0]))

    def submit_all(self, submissions: Sequence[Submission]) -> list[Outcome | LedgerError]:
        """Several vouchers, judged in order, committed together as far as they fit; one answer each."""
        with collector_at_rest():
            ready: list[Prepared | LedgerError] = []
            for submission in submissions:
                try:
                    ready.append(self._prepare(submission))
                except LedgerError as error:
                    ready.append(error)
            ticket = Ticket([one for one in ready if isinstance(one, Prepared)])
            self._wait(ticket)
            answers = map(_answer, ticket.jobs)
            return [one if isinstance(one, LedgerError) else next(answers) for one in ready]

    def preview(self, submission: Submission) -> Outcome:
        """What `submit` would answer now, with nothing written."""
        prepared = self._prepare(submission)
        with self._lead, self.store.read() as connection:
            try:
                results, _, _ = batches.run(
                    connection, self._state, [prepared], self._signer, self._now(), self._software, dry=True
                )
            except BaseException:
                self._state.drop()
                raise
        return _raised(results[0])

    def approve(self, voucher: str, approval: Envelope) -> Outcome:
        """Add an approval to a waiting voucher; it is posted when nothing is missing any more.

        A signed rejection ends the waiting and raises E_REJECTED. Asked again after the posting, the receipt answers.
        """
        with self.store.read() as connection:
            stored = reading.voucher_by_id(connection, voucher)
            if stored is not None:
                return batches.stored_receipt(connection, stored)
            found = waiting.waiting(connection, voucher)
        kept = found.submission
        try:
            return self.submit(Submission(kept.envelope, kept.events, (approval,)))
        except VoucherRefusedError as refused:
            if {finding.code for finding in refused.findings if finding.refuses} == {"E_REJECTED"}:
                with self.store.write() as connection:
                    waiting.refuse(connection, found, approval, self._now())
            raise

    def receipt(self, voucher: str) -> Receipt:
        """The receipt of a posted voucher, under the newest checkpoint; EvidenceError E_NOT_POSTED."""
        with self.store.read() as connection:
            stored = reading.voucher_by_id(connection, voucher)
            if stored is None:
                raise EvidenceError("E_NOT_POSTED", voucher=voucher)
            return batches.stored_receipt(connection, stored)

    @property
    def authority(self) -> Authority:
        """The authority as the log has it now."""
        self._refresh()
        return self._state.authority

    def _now(self) -> str:
        return timestamp_text(self.clock())

    def _refresh(self) -> None:
        with self._lead, self.store.read() as connection:
            self._state.catch_up(connection)

    def _prepare(self, submission: Submission) -> Prepared:
        """Form and signatures, outside the lock; a key that is unknown may have been enrolled by another process."""
        try:
            return prepare(submission, self._state.keys)
        except AuthorityError:
            self._refresh()
            return prepare(submission, self._state.keys)

    def _wait(self, ticket: Ticket) -> None:
        """Until the ticket's jobs are done: by others, or, when it is this caller's turn, here with all that wait."""
        if not ticket.jobs or not self._turns.enter(ticket):
            return
        try:
            while ticket.open_jobs:
                with self._lead:
                    self._commit(self._drain() or _lost(ticket))
        finally:
            self._turns.leave(ticket)

    def _drain(self) -> list[Job]:
        """The next batch. What is drained together is answered together, so nothing older is in hand any more."""
        jobs: list[Job] = []
        queue, self._turns.in_hand = self._turns.queue, []
        events = 0
        while queue and len(jobs) < MAX_BATCH_VOUCHERS:
            events += len(queue[0].prepared.events)
            if jobs and events > MAX_BATCH_EVENTS:
                break
            jobs.append(self._turns.take())
            if any(event.kind == ROTATION for event in jobs[-1].prepared.events):
                break  # the old key's last checkpoint ends exactly with the rotation
        return jobs

    def _commit(self, jobs: list[Job]) -> None:
        if not jobs:
            return
        try:
            with self.store.write() as connection:
                results, items, head = batches.run(
                    connection,
                    self._state,
                    [job.prepared for job in jobs],
                    self._signer,
                    self._now(),
                    self._software,
                )
        except Exception as error:  # noqa: BLE001 - whatever broke, those who wait are answered
            self._state.drop()
            self._fall_back(jobs, error)
        except BaseException as error:
            self._state.drop()
            for job in jobs:
                job.answer(_database_error(error))
            raise
        else:
            self._state.recorded(items, head)
            for job, result in zip(jobs, results, strict=True):
                job.answer(result)

    def _fall_back(self, jobs: list[Job], error: Exception) -> None:
        """Nothing of the batch was written: try its vouchers singly, or answer the one that failed alone."""
        if len(jobs) > 1 and not isinstance(error, BusyError):
            for job in jobs:
                self._commit([job])
            return
        for job in jobs:
            job.answer(error if isinstance(error, LedgerError) else _database_error(error))


def _database_error(error: BaseException) -> EvidenceError:
    """What the database said, without the statement and its values; or that the software itself broke."""
    if not isinstance(error, SQLAlchemyError):
        return EvidenceError("E_WRITER", reason=f"{type(error).__name__}: {error}"[:200])
    said = getattr(error, "orig", None) or error
    return EvidenceError("E_DATABASE", reason=str(said).splitlines()[0][:200])


def _lost(ticket: Ticket) -> list[Job]:
    """Nothing waits, and yet the jobs are not done: nobody has them, so they get no answer."""
    for job in ticket.jobs:
        job.answer(None)
    return []


def _answer(job: Job) -> Outcome | LedgerError:
    if job.result is None:
        return EvidenceError("E_NO_ANSWER", voucher=job.prepared.statement.voucher)
    return job.result


def _raised(result: Outcome | LedgerError) -> Outcome:
    if isinstance(result, LedgerError):
        raise result
    return result
