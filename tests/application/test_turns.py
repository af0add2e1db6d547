"""Turns at the writer: one leads, the others are woken once, and whoever is interrupted keeps nobody waiting."""

import threading
from typing import cast

import pytest

from ledger.application.turns import Job, Ticket, Turns
from ledger.decisions.prepared import Submission
from ledger.errors import EvidenceError

NOTHING = cast("Submission", None)
ANSWER = EvidenceError("E_NO_ANSWER", voucher="")


def ticket(jobs: int = 1) -> Ticket:
    return Ticket([NOTHING] * jobs)


def waiting(turns: Turns, one: Ticket) -> tuple[threading.Thread, list[bool]]:
    """A thread that has queued up; what `enter` told it."""
    told: list[bool] = []
    before = len(turns.queue)
    thread = threading.Thread(target=lambda: told.append(turns.enter(one)), daemon=True)
    thread.start()
    while len(turns.queue) < before + len(one.jobs):
        pass
    return thread, told


def taken(turns: Turns) -> list[Job]:
    return [turns.take() for _ in range(len(turns.queue))]


def test_the_first_leads_and_answers_for_all() -> None:
    turns, first, second = Turns(), ticket(), ticket(2)
    assert turns.enter(first)
    thread, told = waiting(turns, second)
    for job in taken(turns):
        job.answer(ANSWER)
    thread.join(5)
    assert (told, second.open_jobs, first.open_jobs) == ([False], 0, 0)
    turns.leave(first)
    assert turns.enter(ticket()), "nobody leads any more"


def test_whoever_came_later_leads_next() -> None:
    turns, first, second, third = Turns(), ticket(), ticket(), ticket()
    turns.enter(first)
    turns.take().answer(ANSWER)
    later, told_later = waiting(turns, second)
    last, told_last = waiting(turns, third)
    turns.leave(first)
    later.join(5)
    assert (told_later, told_last) == ([True], [])
    for job in taken(turns):
        job.answer(ANSWER)
    last.join(5)
    assert told_last == [False]


def test_an_interrupted_leader_keeps_nobody_waiting() -> None:
    """What it had in hand has no answer; what still waits is committed by the next."""
    turns, first, second, third = Turns(), ticket(), ticket(), ticket()
    turns.enter(first)
    second_thread, told_second = waiting(turns, second)
    in_hand = taken(turns)
    third_thread, told_third = waiting(turns, third)
    turns.leave(first)
    second_thread.join(5)
    third_thread.join(5)
    assert (told_second, told_third) == ([False], [True])
    assert [job.result for job in in_hand] == [None, None]
    assert [job.ticket for job in turns.queue] == [third]


def test_an_interrupted_caller_passes_its_turn_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller is interrupted at the gate just when it was told to lead."""
    turns, first, second, third = Turns(), ticket(), ticket(), ticket()
    turns.enter(first)
    turns.take().answer(ANSWER)

    class Interrupted:
        def acquire(self) -> None:
            thread_and_told.append(waiting(turns, third))
            turns.leave(first)
            raise KeyboardInterrupt

        def release(self) -> None:
            """Told to lead."""

    thread_and_told: list[tuple[threading.Thread, list[bool]]] = []
    monkeypatch.setattr(second, "gate", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        turns.enter(second)
    thread, told = thread_and_told[0]
    thread.join(5)
    assert told == [True]
    assert [job.ticket for job in turns.queue] == [second, third], "what it left is committed all the same"


def test_a_job_is_answered_once() -> None:
    one = ticket()
    one.jobs[0].answer(ANSWER)
    one.jobs[0].answer(None)
    assert (one.jobs[0].result, one.open_jobs) == (ANSWER, 0)
