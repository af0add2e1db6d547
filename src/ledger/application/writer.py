"""The one writer of a process: submissions queue up, whoever gets the lock commits all that wait (group commit).

A caller's answer is given after the commit, so what was acknowledged is on the disk; the same request again gets the
same answer. When the database refuses a batch, its vouchers are tried one by one, so that one bad voucher costs only
itself. Memory is dropped after any failure and read again from the log.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ledger.application import batches, waiting
from ledger.application.outcomes import Outcome, Receipt
from ledger.application.state import State
from ledger.decisions.authority import Authority
from ledger.decisions.prepared import Prepared, Submission, prepare
from ledger.errors import AuthorityError, BusyError, EvidenceError, LedgerError
from ledger.log.store import LogStore
from ledger.signing.dsse import Envelope
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import timestamp_text

MAX_BATCH_EVENTS: Final = 20_000
MAX_BATCH_VOUCHERS: Final = 256


@dataclass(slots=True)
class _Job:
    prepared: Prepared
    done: threading.Event = field(default_factory=threading.Event)
    result: Outcome | LedgerError | None = None


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
        self._queue: deque[_Job] = deque()
        self._lead = threading.Lock()

    def submit(self, submission: Submission) -> Outcome:
        """Judge a voucher; post it, or keep it waiting for its missing signatures.

        Raises InputError (form), AuthorityError (signature), VoucherRefusedError (every finding), BusyError.
        """
        return self._wait(_Job(self._prepare(submission)))

    def submit_all(self, submissions: Sequence[Submission]) -> list[Outcome | LedgerError]:
        """Several vouchers, judged in order, committed together as far as they fit; one answer each."""
        jobs: list[_Job | LedgerError] = []
        for submission in submissions:
            try:
                jobs.append(_Job(self._prepare(submission)))
            except LedgerError as error:
                jobs.append(error)
        self._queue.extend(job for job in jobs if isinstance(job, _Job))
        return [self._answer(job) if isinstance(job, _Job) else job for job in jobs]

    def preview(self, submission: Submission) -> Outcome:
        """What `submit` would answer now, with nothing written."""
        prepared = self._prepare(submission)
        with self._lead, self.store.read() as connection:
            results, _, _ = batches.run(
                connection, self._state, [prepared], self._signer, self._now(), self._software, dry=True
            )
        return _raised(results[0])

    def approve(self, voucher: str, approval: Envelope) -> Outcome:
        """Add an approval to a waiting voucher; it is posted when nothing is missing any more."""
        with self.store.read() as connection:
            found = waiting.waiting(connection, voucher)
        kept = found.submission
        return self.submit(Submission(kept.envelope, kept.events, (*kept.approvals, approval)))

    def receipt(self, voucher: str) -> Receipt:
        """The receipt of a posted voucher, under the newest checkpoint; EvidenceError E_NOT_POSTED."""
        with self.store.read() as connection:
            stored = batches.reading.voucher_by_id(connection, voucher)
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

    def _wait(self, job: _Job) -> Outcome:
        self._queue.append(job)
        return _raised(self._answer(job))

    def _answer(self, job: _Job) -> Outcome | LedgerError:
        """Lead until the job is done: whoever holds the lock serves everybody who waits."""
        while not job.done.is_set():
            with self._lead:
                if not job.done.is_set():
                    self._commit(self._drain())
        if job.result is None:
            raise EvidenceError("E_NO_ANSWER", voucher=job.prepared.statement.voucher)
        return job.result

    def _drain(self) -> list[_Job]:
        jobs: list[_Job] = []
        events = 0
        while self._queue and len(jobs) < MAX_BATCH_VOUCHERS:
            events += len(self._queue[0].prepared.events)
            if jobs and events > MAX_BATCH_EVENTS:
                break
            jobs.append(self._queue.popleft())
        return jobs

    def _commit(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        try:
            with self.store.write() as connection:
                results, standing, head = batches.run(
                    connection,
                    self._state,
                    [job.prepared for job in jobs],
                    self._signer,
                    self._now(),
                    self._software,
                )
        except (LedgerError, SQLAlchemyError) as error:
            self._state.drop()
            self._fall_back(jobs, error)
        except BaseException:
            self._state.drop()
            raise
        else:
            self._state.learn(standing)
            self._state.head = head
            for job, result in zip(jobs, results, strict=True):
                job.result = result
                job.done.set()

    def _fall_back(self, jobs: list[_Job], error: Exception) -> None:
        """Nothing of the batch was written: try its vouchers singly, or answer the one that failed alone."""
        if len(jobs) > 1 and not isinstance(error, BusyError):
            for job in jobs:
                self._commit([job])
            return
        for job in jobs:
            job.result = error if isinstance(error, LedgerError) else _database_error(error)
            job.done.set()


def _database_error(error: Exception) -> EvidenceError:
    """What the database said, without the statement and its values."""
    said = getattr(error, "orig", None) or error
    return EvidenceError("E_DATABASE", reason=str(said).splitlines()[0][:200])


def _raised(result: Outcome | LedgerError) -> Outcome:
    if isinstance(result, LedgerError):
        raise result
    return result
