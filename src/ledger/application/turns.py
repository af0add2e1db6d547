"""Turns at the writer: who comes queues up, one commits for all that wait, and each is woken once, when it is done.

Nobody is woken to look and wait again: with sixty-four clerks at once that costs more than their commits.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.application.outcomes import Outcome
from ledger.decisions.prepared import Submission
from ledger.errors import LedgerError


class Ticket:
    """One caller with its jobs. The gate opens when all are answered, or when it is this caller's turn to commit."""

    def __init__(self, submissions: Sequence[Submission]) -> None:
        self.jobs = [Job(one, self) for one in submissions]
        self.open_jobs = len(self.jobs)
        self.gate = threading.Lock()
        self.gate.acquire()
        self.leads = False
        self.gone = False
        """Nobody waits at the gate any more."""


@dataclass(slots=True, eq=False)
class Job:
    """A voucher to be committed, and what came of it."""

    submission: Submission
    ticket: Ticket
    result: Outcome | LedgerError | None = None
    answered: bool = False

    def answer(self, result: Outcome | LedgerError | None) -> None:
        """Say what came of it, once; the last job of a ticket opens its gate. Only whoever leads answers."""
        if self.answered:
            return
        self.result, self.answered = result, True
        self.ticket.open_jobs -= 1
        if not self.ticket.open_jobs:
            self.ticket.gate.release()


class Turns:
    """The queue of one writer."""

    def __init__(self) -> None:
        self.queue: deque[Job] = deque()
        """What waits. Anybody adds; only whoever leads takes."""
        self.in_hand: list[Job] = []
        """What whoever leads has taken and may not have answered yet."""
        self._guard = threading.Lock()
        self._led = False

    def enter(self, ticket: Ticket) -> bool:
        """Queue up and wait. True when it is this caller's turn to commit: `leave` then passes the turn on. False when
        everything was answered by others.
        """
        with self._guard:
            self.queue.extend(ticket.jobs)
            if not self._led:
                self._led = ticket.leads = True
                return True
        try:
            ticket.gate.acquire()
        except BaseException:
            self.leave(ticket)
            raise
        return ticket.leads

    def take(self) -> Job:
        """The next job, for whoever leads; it is in hand before it is out of the queue."""
        job = self.queue[0]
        self.in_hand.append(job)
        self.queue.popleft()
        return job

    def leave(self, ticket: Ticket) -> None:
        """No longer wait or commit. If it was this caller's turn, it is now that of the first who waits.

        What an interrupted caller has in hand gets no answer; what it leaves in the queue is committed by the others.
        """
        with self._guard:
            ticket.gone = True
            if not ticket.leads:
                return
            for job in self.in_hand:
                job.answer(None)
            self.in_hand = []
            ticket.leads = False
            heir = next((job.ticket for job in self.queue if not job.ticket.gone), None)
            self._led = heir is not None
            if heir is not None:
                heir.leads = True
                heir.gate.release()
