"""A batch of which the bank paid a line that the list had withheld is closed like any other: the difference is told,
the doubts stay, and every account says the same before and after.
"""

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger_projections.public_money.batches import batches
from ledger_projections.registry import catch_up
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.bereaved.test_dead_in_any_order import DEAD, in_doubt, paid
from tests.application.proposing.relief.bereaved.test_dead_payees import reported
from tests.application.proposing.relief.october import OCTOBER, OCTOBER_BATCH
from tests.application.proposing.relief.paying.bank import at, base_of, listed, results, roster, send

ALL_FEN = sum(base_of(number) for number in range(1, 13)) * 100
OUT_FEN = sum(base_of(number) for number in DEAD) * 100


def on_its_way(county: County, *numbers: int) -> County:
    """October's list without the dead, and a result that pays some households."""
    county.sign_off()
    at(county, 10, 9)
    reported(county, *DEAD)
    roster(county, OCTOBER, listed())
    assert send(county, OCTOBER_BATCH) == ALL_FEN - OUT_FEN
    assert results(county, *(paid(number) for number in numbers)).wrong == []
    return county


def close(county: County, paid_fen: int, cancelled_fen: int = OUT_FEN) -> Receipt:
    sums = {"paid_fen": paid_fen, "cancelled_fen": cancelled_fen, "on": "2025-10-09", "origin": "decision"}
    outcome = county.decide(BUREAU, ("batch.closed", {"batch": OCTOBER_BATCH, **sums}), day=county.now.date())
    assert isinstance(outcome, Receipt)
    return outcome


def test_a_batch_that_paid_what_was_withheld_is_closed_with_the_difference(enrolled: County) -> None:
    county = on_its_way(enrolled, *range(1, 13))
    doubts, accounts = county.doubts(), county.balances()
    closed = close(county, ALL_FEN)
    told = {one.code: dict(one.params) for one in closed.warnings}
    assert told["W_BATCH_PAID_BEYOND"] == {"batch": OCTOBER_BATCH, "beyond_fen": OUT_FEN}
    assert told["W_TRANSIT_OVERDRAWN"] == {"batch": OCTOBER_BATCH, "short_fen": OUT_FEN}
    assert not [one for one in closed.warnings if one.demands], "nobody has to explain it twice"
    for one in closed.warnings:
        assert f"{OUT_FEN // 100}.00" in one.message("zh")
    assert doubts.count("W_NOT_AUTHORISED") == len(DEAD)
    assert (county.doubts(), county.balances()) == (doubts, accounts), "nothing is promised any more, and nothing moves"
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        (row,) = batches(connection, first=OCTOBER, last=OCTOBER).rows
    assert (row.state, row.complete, row.beyond_fen, row.pending_fen) == ("closed", True, OUT_FEN, 0)
    assert len(in_doubt(county, "W_NOT_AUTHORISED")) == len(DEAD)


def test_a_batch_with_a_line_on_its_way_stays_open_though_as_much_was_paid_beyond(enrolled: County) -> None:
    """Household 12 was not paid, and household 3, which was withheld, was: neither stands for the other."""
    county = on_its_way(enrolled, *range(1, 12))
    with pytest.raises(VoucherRefusedError) as refused:
        close(county, ALL_FEN - base_of(12) * 100)
    assert "E_BATCH_NOT_SETTLED" in [one.code for one in refused.value.findings]
    assert results(county, paid(12), name="回盘2.csv").wrong == []
    close(county, ALL_FEN)


def test_a_batch_without_what_was_withheld_is_closed_as_before(enrolled: County) -> None:
    county = on_its_way(enrolled, *(number for number in range(1, 13) if number not in DEAD))
    assert [one.code for one in close(county, ALL_FEN - OUT_FEN).warnings] == []
