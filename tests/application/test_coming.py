"""Whoever commits waits for what was announced, and for nothing else."""

import threading

from ledger.application.coming import Coming

LONG_S = 60.0


def test_where_nothing_was_announced_nobody_waits() -> None:
    assert Coming().wait(LONG_S)


def test_what_has_arrived_is_not_waited_for_and_counts_once() -> None:
    coming = Coming()
    arrived = coming.announce()
    other = coming.announce()
    arrived()
    arrived()
    assert not coming.wait(0), "the other one is still on its way"
    other()
    assert coming.wait(LONG_S)


def test_a_commit_waits_until_all_that_were_announced_have_arrived() -> None:
    coming, waited = Coming(), threading.Event()
    announced = [coming.announce() for _ in range(3)]

    def commit() -> None:
        assert coming.wait(LONG_S)
        waited.set()

    leader = threading.Thread(target=commit)
    leader.start()
    for arrived in announced:
        assert not waited.is_set()
        arrived()
    leader.join(LONG_S)
    assert waited.is_set()


def test_what_never_arrives_does_not_hold_up_the_others() -> None:
    coming = Coming()
    coming.announce()
    assert not coming.wait(0.001)
