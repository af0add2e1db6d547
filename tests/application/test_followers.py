"""The application as followers see it: they read and subscribe, and cannot write."""

import pytest
from eventsourcing.dcb.api import DCBEvent

from ledger.application.application import Ledger
from ledger.errors import RefusedError
from tests.application.office import Office, gift


def test_a_follower_sees_what_is_posted_and_nothing_else(any_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past events of a tag, then new ones as they come; the recorder handed out appends nothing."""
    monkeypatch.setenv("LEDGER_PERSISTENCE_MODULE", "eventsourcing.dcb.popo")
    office = any_office
    office.post("maker", [gift("g-1")])
    ledger = Ledger(office.store, office.operator, office.clock, "test")
    with ledger.follow(["fund:general"], ["donation.received"]) as watched:
        first = next(watched)
        ledger.writer.submit(office.draft("maker", [gift("g-2")]))
        second = next(watched)
    assert b'"g-1"' in first.event.data
    assert b'"g-2"' in second.event.data
    assert second.position == first.position + 1
    with pytest.raises(RefusedError, match="E_LOG_SEALED"):
        ledger.recorder.append([DCBEvent("donation.received", b"{}", [])])
