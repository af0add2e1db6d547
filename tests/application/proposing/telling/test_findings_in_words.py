"""Findings are put into words from the voucher that they are about, whose events are gone through once."""

from uuid import uuid4

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.application.telling.findings import named
from ledger.decisions.prepared import prepare
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding
from tests.application.office import Office, gift

GIFTS = 30


def test_no_event_of_a_voucher_is_asked_for_its_tags_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of a thousand rows with a finding for each: a thousand times a thousand."""
    names = [str(uuid4()) for _ in range(GIFTS)]
    submission = office.draft("maker", [gift(name, 100 + index) for index, name in enumerate(names)])
    voucher = prepare(submission, {key.public.keyid: key.public for key in office.keys.values()})
    findings = [Finding("E_DONATION_TWICE", index, (("donation", name),)) for index, name in enumerate(names)]
    other = VoucherRefusedError("another", [Finding("E_DONATION_TWICE", 0, (("donation", names[0]),))], 1)
    empty = prepare(
        office.draft("maker", [gift(str(uuid4()))]), {office.keys["maker"].public.keyid: office.keys["maker"].public}
    )
    asked: list[Event] = []
    real = Event.tags

    def counted(self: Event) -> tuple[str, ...]:
        asked.append(self)
        return real(self)

    monkeypatch.setattr(Event, "tags", counted)
    with office.store.read() as connection:
        mine, others = named(connection, [VoucherRefusedError("v", findings, 1), other], [voucher, empty])
    assert asked == []
    assert isinstance(mine, VoucherRefusedError)
    assert isinstance(others, VoucherRefusedError)
    told = [str(dict(one.named)["donation"]) for one in mine.findings]
    assert [f"{100 + index}" in one.replace(".", "") for index, one in enumerate(told)] == [True] * GIFTS
    assert dict(others.findings[0].named) == {}
