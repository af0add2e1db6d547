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
from ledger.application.collector import collector_at_rest
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError
from ledger.application.state import State
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
        """Held by whoever uses the memory."""
        self._turns = threading.Condition()
        self._led = False

    def submit(self, submission: Submission) -> Outcome:
        """Judge a voucher; post it, or keep it waiting for its missing signatures.

        Raises InputError (form), AuthorityError (signature), VoucherRefusedError (every finding), BusyError.
        """
        with collector_at_rest():
            job = _Job(self._prepare(submission))
            self._wait([job])
            return _raised(_answer(job))

    def submit_all(self, submissions: Sequence[Submission]) -> list[Outcome | LedgerError]:
        """Several vouchers, judged in order, committed together as far as they fit; one answer each."""
        with collector_at_rest():
            jobs: list[_Job | LedgerError] = []
            for submission in submissions:
                try:
                    jobs.append(_Job(self._prepare(submission)))
                except LedgerError as error:
                    jobs.append(error)
            self._wait([job for job in jobs if isinstance(job, _Job)])
            return [_answer(job) if isinstance(job, _Job) else job for job in jobs]

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

    def _wait(self, jobs: Sequence[_Job]) -> None:
        """Until the jobs are done. Whoever finds nobody in the lead takes it, once, and commits all that wait."""
        self._queue.extend(jobs)
        while self._takes_lead(jobs):
            try:
                with self._lead:
                    self._commit(self._drain() or _lost(jobs))
            finally:
                with self._turns:
                    self._led = False
                    self._turns.notify_all()

    def _takes_lead(self, jobs: Sequence[_Job]) -> bool:
        """Wait until the jobs are done (then False) or nobody leads."""
        with self._turns:
            self._turns.wait_for(lambda: not self._led or _done(jobs))
            if _done(jobs):
                return False
            self._led = True
            return True

    def _drain(self) -> list[_Job]:
        jobs: list[_Job] = []
        events = 0
        while self._queue and len(jobs) < MAX_BATCH_VOUCHERS:
            events += len(self._queue[0].prepared.events)
            if jobs and events > MAX_BATCH_EVENTS:
                break
            jobs.append(self._queue.popleft())
            if any(event.kind == ROTATION for event in jobs[-1].prepared.events):
                break  # the old key's last checkpoint ends exactly with the rotation
        return jobs

    def _commit(self, jobs: list[_Job]) -> None:
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
                job.result = _database_error(error)
                job.done.set()
            raise
        else:
            self._state.recorded(items, head)
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


def _database_error(error: BaseException) -> EvidenceError:
    """What the database said, without the statement and its values; or that the software itself broke."""
    if not isinstance(error, SQLAlchemyError):
        return EvidenceError("E_WRITER", reason=f"{type(error).__name__}: {error}"[:200])
    said = getattr(error, "orig", None) or error
    return EvidenceError("E_DATABASE", reason=str(said).splitlines()[0][:200])


def _done(jobs: Sequence[_Job]) -> bool:
    return all(job.done.is_set() for job in jobs)


def _lost(jobs: Sequence[_Job]) -> list[_Job]:
    """Nothing waits, and yet the jobs are not done: a leader was interrupted with them in hand. They get no answer."""
    for job in jobs:
        job.done.set()
    return []


def _answer(job: _Job) -> Outcome | LedgerError:
    if job.result is None:
        return EvidenceError("E_NO_ANSWER", voucher=job.prepared.statement.voucher)
    return job.result


def _raised(result: Outcome | LedgerError) -> Outcome:
    if isinstance(result, LedgerError):
        raise result
    return result
