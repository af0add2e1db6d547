"""The one writer of a process: submissions queue up, whoever gets the lock commits all that wait (group commit).

A caller's answer is given after the commit, so what was acknowledged is on the disk; the same request again gets the
same answer. When the database refuses a batch, its vouchers are tried one by one, so that one bad voucher costs only
itself. When the connection breaks, the batch is tried once more on a new one: what had been committed after all is
known again by its id and gets its receipt. Memory is dropped after any failure and read again from the log.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ledger.application import batches, waiting
from ledger.application.collector import collector_at_rest
from ledger.application.endings import rejection_stands
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError, Waiting
from ledger.application.state import State
from ledger.application.turns import Job, Ticket, Turns
from ledger.decisions.authority import Authority
from ledger.decisions.prepared import Prepared, Submission, prepare
from ledger.errors import (
    AuthorityError,
    BusyError,
    EvidenceError,
    InputError,
    LedgerError,
    RefusedError,
    UncertainError,
)
from ledger.log import reading
from ledger.log.appending import Head
from ledger.log.store import AGAIN_S, LogStore
from ledger.signing.dsse import Envelope
from ledger.signing.statements import Statement
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import timestamp_text

MAX_BATCH_EVENTS: Final = 20_000
MAX_BATCH_VOUCHERS: Final = 256

_NAMING: Final = frozenset({"identity.registered", "campaign.named"})
"""What says who somebody or what something is, and nothing of any money."""


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
        self.committed: Callable[[int], object] = _unheard
        """Told after each commit how many vouchers shared it."""
        self.at_hand: batches.AtHand = batches.anywhere
        """Asked before a change of the operator's key is posted; raises where the new one could sign nothing here."""
        self.posted: tuple[Head, Authority] | None = None
        """Where the log ended after the last batch of this process, and the authority as it was then; for those who ask
        without waiting for the batch that is being written.
        """

    def submit(self, submission: Submission) -> Outcome:
        """Judge a voucher; post it, or keep it waiting for its missing signatures.

        Raises InputError (form), AuthorityError (signature), VoucherRefusedError (every finding), BusyError, and
        UncertainError E_POSTING_UNKNOWN where it may have been posted: the same voucher again is answered.
        """
        return _raised(self.submit_all([submission])[0])

    def submit_all(self, submissions: Sequence[Submission]) -> list[Outcome | LedgerError]:
        """Several vouchers, judged in order, committed together as far as they fit; one answer each."""
        with collector_at_rest():
            ticket = Ticket(submissions)
            try:
                self._wait(ticket)
                return list(map(_answer, ticket.jobs))
            finally:
                ticket.jobs = []  # a circle of two would keep their events until the collector is back

    def submit_together(self, submissions: Sequence[Submission]) -> list[Outcome | LedgerError]:
        """Several vouchers, all or none, in one transaction; one answer each. Where one is refused nothing is written,
        and the others answer E_NOT_TOGETHER. One that would wait for a signature beside others is refused with
        E_TOGETHER_WAITS, for nobody knows whether it will be posted. Raises InputError E_TOGETHER_TOO_LARGE above
        `MAX_BATCH_EVENTS` events, UncertainError E_POSTING_UNKNOWN where all may have been posted.
        """
        count = sum(len(one.events) for one in submissions)
        if count > MAX_BATCH_EVENTS or len(submissions) > MAX_BATCH_VOUCHERS:
            raise InputError("E_TOGETHER_TOO_LARGE", found=count, limit=MAX_BATCH_EVENTS, vouchers=MAX_BATCH_VOUCHERS)
        with collector_at_rest(), self._lead:
            prepared = [self._prepare(one) for one in submissions]
            try:
                return self._together(prepared)
            except BusyError as cut:
                if not _was_cut(cut):
                    raise
                try:
                    return self._together(prepared)
                except Exception as error:
                    if prepared and _is_unknown(cut, error):
                        raise _posting_unknown(prepared[0]) from error
                    raise

    def _together(self, prepared: Sequence[Prepared]) -> list[Outcome | LedgerError]:
        try:
            with self.store.write() as connection:
                results, items, head = batches.run(
                    connection,
                    self._state,
                    prepared,
                    self._signer,
                    self._now(),
                    self._software,
                    at_hand=self.at_hand,
                )
                _require_all(results := _none_waiting(prepared, results))
        except _UndoneError as undone:
            self._state.drop()
            return [one if isinstance(one, LedgerError) else _not_together() for one in undone.results]
        except BaseException:
            self._state.drop()
            raise
        self._state.recorded(items, head)
        self.posted = head, self._state.authority
        return results

    def preview(self, submission: Submission, *, shows: bool = False) -> Outcome:
        """What `submit` would answer now, with nothing written; with `shows` also its number and what it would book."""
        with self._lead, self.store.read() as connection:
            prepared = self._prepare(submission, connection)
            try:
                results, _, _ = batches.run(
                    connection,
                    self._state,
                    [prepared],
                    self._signer,
                    self._now(),
                    self._software,
                    at_hand=self.at_hand,
                    dry=True,
                    shows=shows,
                )
            except BaseException:
                self._state.drop()
                raise
        return _raised(results.pop())

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
            if rejection_stands(approval, refused.findings):
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

    def _prepare(self, submission: Submission, connection: Connection | None = None) -> Prepared:
        """Form and signatures; a key that is unknown may have been enrolled by another process."""
        try:
            return prepare(submission, self._state.keys)
        except AuthorityError:
            with self.store.read() if connection is None else nullcontext(connection) as reader:
                self._state.catch_up(reader)
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

    def _drain(self) -> list[tuple[Job, Prepared]]:
        """The next batch, made ready before the log is locked: by one thread, for they would only take the interpreter
        from each other. What is drained together is answered together, so nothing older is in hand any more.
        """
        ready: list[tuple[Job, Prepared]] = []
        queue, self._turns.in_hand = self._turns.queue, []
        events = 0
        while queue and len(ready) < MAX_BATCH_VOUCHERS:
            events += len(queue[0].submission.events)
            if ready and events > MAX_BATCH_EVENTS:
                break
            job = self._turns.take()
            try:
                ready.append((job, self._prepare(job.submission)))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are not held up
                job.answer(error if isinstance(error, LedgerError) else _database_error(error))
        return ready

    def _commit(self, ready: Sequence[tuple[Job, Prepared]], cut: Exception | None = None) -> None:
        """Post what is ready and answer it. `cut`: how the connection broke that it was tried on before."""
        if not ready:
            return
        try:
            with self.store.write() as connection:
                results, items, head = batches.run(
                    connection,
                    self._state,
                    [prepared for _, prepared in ready],
                    self._signer,
                    self._now(),
                    self._software,
                    at_hand=self.at_hand,
                )
        except Exception as error:  # noqa: BLE001 - whatever broke, those who wait are answered
            self._state.drop()
            self._fall_back(ready, error, cut)
        except BaseException:
            self._state.drop()
            for job, _ in ready:
                job.answer(None)  # whoever was stopped may have been committing
            raise
        else:
            self._state.recorded(items, head)
            self.posted = head, self._state.authority
            self.committed(len(ready))
            for (job, _), result in zip(ready, results, strict=True):
                job.answer(result)

    def _fall_back(self, ready: Sequence[tuple[Job, Prepared]], error: Exception, cut: Exception | None) -> None:
        """Try a batch whose connection broke once more, the vouchers of one that was refused singly, or answer."""
        if cut is None and _was_cut(error):
            self._commit(ready, error)
            return
        if len(ready) > 1 and not isinstance(error, BusyError):
            for one in ready:
                self._commit([one], cut)
            return
        for job, prepared in ready:
            if _is_unknown(cut, error):
                job.answer(_posting_unknown(prepared))
            else:
                job.answer(error if isinstance(error, LedgerError) else _database_error(error))


class _UndoneError(Exception):
    """Takes a transaction back, with what each of its vouchers was answered."""

    def __init__(self, results: list[Outcome | LedgerError]) -> None:
        self.results = results
        super().__init__()


def _none_waiting(prepared: Sequence[Prepared], results: list[Outcome | LedgerError]) -> list[Outcome | LedgerError]:
    """A lot is posted when it is answered. One voucher is all or none by itself, whenever it is signed; those that only
    name somebody or something are not counted.
    """
    if sum(any(event.kind not in _NAMING for event in one.events) for one in prepared) <= 1:
        return results
    return [
        RefusedError("E_TOGETHER_WAITS", voucher=one.voucher, missing="、".join(one.missing))
        if isinstance(one, Waiting)
        else one
        for one in results
    ]


def _require_all(results: list[Outcome | LedgerError]) -> None:
    if any(isinstance(one, LedgerError) for one in results):
        raise _UndoneError(results)


def _not_together() -> RefusedError:
    return RefusedError("E_NOT_TOGETHER")


def _database_error(error: BaseException) -> EvidenceError:
    """What the database said, without the statement and its values; or that the software itself broke."""
    if not isinstance(error, SQLAlchemyError):
        return EvidenceError("E_WRITER", reason=f"{type(error).__name__}: {error}"[:200])
    said = getattr(error, "orig", None) or error
    return EvidenceError("E_DATABASE", reason=str(said).splitlines()[0][:200])


def _was_cut(error: Exception) -> bool:
    """Whether another connection may do better at once."""
    return isinstance(error, UncertainError) or (isinstance(error, BusyError) and error.code == "E_DATABASE_AWAY")


def _is_unknown(*errors: Exception | None) -> bool:
    """Whether one of the attempts may have been committed, when none was answered."""
    return any(isinstance(error, UncertainError) for error in errors)


def _posting_unknown(prepared: Prepared) -> UncertainError:
    return UncertainError("E_POSTING_UNKNOWN", voucher=prepared.statement.voucher, wait=AGAIN_S)


def _unheard(_vouchers: int) -> None:
    """Nobody counts the commits."""


def _lost(ticket: Ticket) -> list[tuple[Job, Prepared]]:
    """Nothing waits, and yet the jobs are not done: nobody has them, so they get no answer."""
    for job in ticket.jobs:
        job.answer(None)
    return []


def _answer(job: Job) -> Outcome | LedgerError:
    if job.result is None:
        return EvidenceError("E_NO_ANSWER", voucher=_voucher_of(job.submission))
    return job.result


def _voucher_of(submission: Submission) -> str:
    try:
        return Statement.from_bytes(submission.envelope.payload).voucher
    except LedgerError:
        return "?"


def _raised(result: Outcome | LedgerError) -> Outcome:
    if not isinstance(result, LedgerError):
        return result
    try:
        raise result
    finally:
        del result  # an error knows the frames it passed: one that knew it too would keep all that they hold
