"""Python's cyclic collector rests while a batch is made and goes on afterwards, whatever became of the batch."""

import gc

import pytest

from ledger.application.collector import collector_at_rest
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
