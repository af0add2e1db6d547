"""The recorder against the conformance tests of `eventsourcing`, and what they leave out."""

from eventsourcing.dcb.tests import DCBRecorderTestCase

from ledger.log.recorder import Recorder
from ledger.log.store import LogStore

_SUITE = DCBRecorderTestCase()


def test_conforms_in_appending_and_reading(store: LogStore) -> None:
    _SUITE._test_append_read(Recorder(store))  # noqa: SLF001 - the suite is made to be called so


def test_conforms_in_subscribing(store: LogStore) -> None:
    _SUITE._test_append_subscribe(Recorder(store))  # noqa: SLF001 - as above
