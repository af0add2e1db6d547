"""Reversal through the writer: both sides show, balances come back, slots are free, and nothing is undone twice."""

from datetime import date

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger.decisions.prepared import Submission
from ledger.flows.registry import read_event
from ledger.log import reading
from tests.application.edges import reversal
from tests.application.office import DAY, Office, gift


def _reversal(office: Office, receipt: Receipt) -> Submission:
    with office.store.read() as connection:
        row = reading.event_at(connection, receipt.first_position)
    assert row is not None
    event = read_event(row.data)
    fields = {
        "target": event.id,
        "target_position": receipt.first_position,
        "target_tags": list(event.tags()),
        "reason": "重复入账",
        "on": DAY.isoformat(),
    }
    return office.approved(office.draft("maker", [("event.reversed", fields)]), ("checker", "checker"))


def _balances(office: Office) -> dict[str, int]:
    with office.store.read() as connection:
        return {row.role: row.amount_fen for row in reading.balances(connection) if row.amount_fen}


def test_a_reversal_negates_and_frees_the_number(any_office: Office) -> None:
    """A gift is booked, reversed, and booked again under the same number, in this process and in another."""
    office = any_office
    first = office.post("maker", [gift("g-1", 5_000)])
    assert isinstance(first, Receipt)
    assert isinstance(office.writer.submit(_reversal(office, first)), Receipt)
    assert _balances(office) == {}
    again = office.new_writer().submit(office.draft("maker", [gift("g-1", 7_000)]))
    assert isinstance(again, Receipt)
    assert _balances(office) == {"bank": 7_000, "donation_unrestricted": -7_000}
    with pytest.raises(VoucherRefusedError) as caught:
        office.writer.submit(office.draft("maker", [gift("g-1", 7_000)]))
    assert any(finding.code == "E_DONATION_TWICE" for finding in caught.value.findings)


def test_nothing_is_reversed_twice_and_no_reversal_is_reversed(office: Office) -> None:
    """The second reversal of one event is refused, and so is a reversal of the reversal."""
    first = office.post("maker", [gift()])
    assert isinstance(first, Receipt)
    undone = office.writer.submit(_reversal(office, first))
    assert isinstance(undone, Receipt)
    for target in (first, undone):
        with pytest.raises(VoucherRefusedError):
            office.writer.submit(_reversal(office, target))


def test_a_gift_and_its_reversal_in_one_batch(office: Office) -> None:
    """The overlay of a batch knows reversals too: gift, reversal, the same number again, judged together."""
    first = office.post("maker", [gift("g-1")])
    assert isinstance(first, Receipt)
    batch = [_reversal(office, first), office.draft("maker", [gift("g-1", 9_000)])]
    results = office.writer.submit_all(batch)
    assert all(isinstance(result, Receipt) for result in results)
    assert _balances(office)["bank"] == 9_000


def test_spent_money_is_not_reversed_away(office: Office) -> None:
    """Reversing a gift whose money is gone would leave the account below zero: refused."""
    first = office.post("maker", [gift("g-1", 1_000)])
    assert isinstance(first, Receipt)
    where = {"account": "bank-1", "fund": "general", "on": DAY.isoformat()}
    fee = ("bank.fee", {"movement": "m-1", "amount_fen": 900, **where})
    assert isinstance(office.post("maker", [fee], ("checker", "checker")), Receipt)
    with pytest.raises(VoucherRefusedError):
        office.writer.submit(_reversal(office, first))


def _statement(office: Office) -> None:
    source = {"organisation": "测试银行", "file_digest": "sha256:" + "a" * 64, "obtained_by": "maker"}
    header = {"statement": "s-1", "account": "bank-1", "opening_fen": 0, "closing_fen": 5_000, "line_count": 1}
    days = {"first_day": DAY.isoformat(), "last_day": DAY.isoformat(), "breaks": 0}
    taken = {**source, "obtained_on": DAY.isoformat(), "how": "download"}
    line = {"line": "l-1", "statement": "s-1", "account": "bank-1", "amount_fen": 5_000, "memo": "捐款", "key": "k1"}
    facts = [
        ("bank.statement_imported", {**header, **days, "source": taken}),
        ("bank.line_recorded", {**line, "occurred_at": f"{DAY}T09:00:00+08:00"}),
    ]
    assert isinstance(office.post("maker", facts), Receipt)


def test_a_line_is_free_again_when_what_explained_it_is_reversed(office: Office) -> None:
    """Gift, match, reversal of the gift: the line takes another gift without a reversal of the match itself."""
    _statement(office)
    first = office.post("maker", [gift("g-1", 5_000)])
    assert isinstance(first, Receipt)

    def match(receipt: Receipt) -> Submission:
        with office.store.read() as connection:
            row = reading.event_at(connection, receipt.first_position)
        assert row is not None
        parts = [{"event": read_event(row.data).id, "amount_fen": 5_000}]
        return office.draft("maker", [("bank.allocated", {"line": "l-1", "parts": parts})])

    assert isinstance(office.writer.submit(match(first)), Receipt)
    assert isinstance(office.writer.submit(_reversal(office, first)), Receipt)
    second = office.post("maker", [gift("g-2", 5_000)])
    assert isinstance(second, Receipt)
    assert isinstance(office.writer.submit(match(second)), Receipt)
    third = office.post("maker", [gift("g-3", 5_000)])
    assert isinstance(third, Receipt)
    with pytest.raises(VoucherRefusedError) as caught:
        office.writer.submit(match(third))
    assert "E_BANK_LINE_OVERALLOCATED" in {finding.code for finding in caught.value.findings}


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2025, 9, 4), "E_REVERSAL_EARLIER"),
        (date(2025, 8, 31), "E_REVERSAL_EARLIER"),
        (date(2025, 9, 5), None),
        (DAY, None),
    ],
)
def test_nothing_is_undone_before_it_happened(office: Office, on: date, code: str | None) -> None:
    """A gift of the 5th stands in a voucher of the 10th: its own day counts, within the voucher's month."""
    given = office.post("maker", [gift("g-1", occurred_on="2025-09-05")], day=DAY)
    assert isinstance(given, Receipt)
    if code is None:
        assert isinstance(office.writer.submit(reversal(office, given, on)), Receipt)
        return
    with pytest.raises(VoucherRefusedError) as caught:
        office.writer.submit(reversal(office, given, on))
    (found,) = (one for one in caught.value.findings if one.refuses)
    said = dict(found.params)
    assert (found.code, said["day"], said["on"]) == (code, "2025-09-05", on.isoformat())
