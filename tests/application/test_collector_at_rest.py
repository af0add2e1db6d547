"""Python's cyclic collector rests while a batch is made and goes on afterwards, whatever became of the batch."""

import gc

import pytest

from ledger.application.collector import collect_seldom, collector_at_rest, collector_seldom
from ledger.application.turns import Job
from tests.application.office import Office, gift


def test_it_rests_inside_and_goes_on_outside() -> None:
    with collector_at_rest():
        assert not gc.isenabled()
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), collector_at_rest():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_who_had_turned_it_off_finds_it_off() -> None:
    gc.disable()
    with collector_at_rest():
        pass
    assert not gc.isenabled()
    gc.enable()


def test_what_was_answered_is_gone_without_the_collector(office: Office) -> None:
    """An importer at work gives it no time: a thousand events a voucher would pile up."""
    gc.collect()
    with collector_at_rest():
        office.post("maker", [gift()])
        assert not [one for one in gc.get_objects() if type(one) is Job]


def test_it_looks_seldom_inside_and_as_usual_after_the_last_block() -> None:
    """Two imports overlap; the one that began first ends first."""
    usual = gc.get_threshold()
    first, second = collector_seldom(), collector_seldom()
    with second:
        with first:
            pass
        assert gc.get_threshold() > usual
    with collector_seldom():
        assert gc.get_threshold() > usual
    assert gc.get_threshold() == usual


def test_blocks_that_end_crosswise_bring_back_what_was_usual() -> None:
    usual = gc.get_threshold()
    first, second = collector_seldom(), collector_seldom()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() > usual
    second.__exit__(None, None, None)
    assert gc.get_threshold() == usual


def test_who_had_turned_it_off_by_its_threshold_keeps_it_off() -> None:
    usual = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with collector_seldom():
            assert gc.get_threshold()[0] == 0
        assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*usual)


def test_a_process_of_ours_collects_seldom_to_its_end() -> None:
    usual, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        gc.set_threshold(700, 10, 10)
        collect_seldom()
        assert gc.get_threshold() > (700, 10, 10)
        assert gc.get_freeze_count() > frozen
        with collector_seldom():
            pass
        assert gc.get_threshold() > (700, 10, 10), "an import inside does not bring back what was usual before"
    finally:
        gc.set_threshold(*usual)
