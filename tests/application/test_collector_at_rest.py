"""Python's cyclic collector rests while a batch is made and goes on afterwards, whatever became of the batch."""

import gc

import pytest

from ledger.application.collector import collector_at_rest


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
