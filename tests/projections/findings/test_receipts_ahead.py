"""Receipts that were made out before the money came and are open for more than sixty days, with what is not matched."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from ledger.flows.event import Event
from ledger.flows.giving.receipts import Cover, ReceiptCovered, ReceiptIssued, ReceiptReversed
from ledger_projections.charity.receipts_ahead import ReceiptAhead, receipts_ahead
from tests.flows.event_samples import make
from tests.projections.plain_log import folder, written

FIRST = date(2025, 9, 5)
FAR = FIRST + timedelta(days=61)


def issued(number: int, fen: int = 100, on: date = FIRST, **more: Any) -> Event:
    name = f"4306-{number:04d}"
    said = {"receipt": name, "number": f"{number:04d}", "amount_fen": fen, "covers": (), "in_advance": True, **more}
    return make(ReceiptIssued, code="4306", issued_on=on, **said)


def covered(number: int, fen: int, on: date = FIRST) -> Event:
    return make(ReceiptCovered, receipt=f"4306-{number:04d}", covers=(Cover(donation="d", fen=fen),), on=on)


def found(events: Sequence[Event], **asked: Any) -> list[tuple[str, int, int]]:
    rows: tuple[ReceiptAhead, ...]
    with folder() as here:
        days = {id(one): getattr(one, "issued_on", None) or getattr(one, "on", None) for one in events}
        store = written(here / "log.db", events, day=lambda one: days[id(one)] or FAR)
        with store.read() as connection:
            rows = receipts_ahead(connection, **asked).rows
            assert receipts_ahead(connection, entity="nobody").rows == ()
        store.close()
    return [(row.receipt, row.days, row.unmatched_fen) for row in rows]


def test_what_is_open_for_long_is_told_with_what_is_not_matched() -> None:
    late = issued(3, on=FAR)
    assert found([issued(1), covered(1, 40), issued(2), covered(2, 100), late]) == [("4306-0001", 61, 60)]


def test_sixty_days_are_not_long() -> None:
    assert found([issued(1), issued(3, on=FAR - timedelta(days=1))]) == []


def test_days_run_to_the_day_that_is_asked_for() -> None:
    events = [issued(1), covered(1, 100, on=FAR)]
    assert found(events) == []
    assert found(events, as_of=FAR - timedelta(days=1)) == []
    assert found([issued(1)], as_of=FAR) == [("4306-0001", 61, 100)]
    assert found([issued(1), covered(1, 100, on=FAR + timedelta(days=1))], as_of=FAR) == [("4306-0001", 61, 100)]


def test_what_was_taken_back_or_was_no_advance_is_not_open() -> None:
    back = make(ReceiptReversed, receipt="4306-0001", red="4306-0002", reversed_on=FAR)
    paid = issued(5, covers=(Cover(donation="d", fen=100),), in_advance=False)
    assert found([issued(1), back, paid, issued(6, on=FAR)]) == []
