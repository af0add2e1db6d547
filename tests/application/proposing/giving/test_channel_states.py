"""What a WeChat trade bill says of a payment that was taken back: revoked, refunded, failed or still under way."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import CHARITY

HEAD, _, GIFT, REFUND = rows_of("wechat_trade.csv")


def bill(**said: str) -> Grid:
    """A gift and what became of it: the refund's row with other cells."""
    return [HEAD, GIFT, [f"`{said[name]}" if name in said else cell for name, cell in zip(HEAD, REFUND, strict=True)]]


def income(county: County) -> tuple[int, int]:
    """What lies with the channel, and how much was given back."""
    back = county.of_kind("donation.returned")
    return county.fen(CHARITY, "general", "channel", "wechat"), sum(one.amount_fen for one in back)


@pytest.mark.parametrize("state", ["REFUND", "REVOKED", "revoked"])
def test_a_payment_that_was_revoked_is_given_back_like_a_refunded_one(county: County, state: str) -> None:
    report = county.one(county.write("账单.csv", bill(交易状态=state)))
    county.sign_off()
    assert (report.new, report.wrong, income(county)) == (2, [], (0, 6666))
    again = county.one(county.write("再.csv", bill(交易状态=state)))
    assert (again.new, again.duplicate) == (0, 2)


@pytest.mark.parametrize("state", ["CLOSED", "NOTPAY", "PAYERROR", "USERPAYING"])
def test_no_row_of_another_state_is_passed_over(county: County, state: str) -> None:
    assert codes(county.one(county.write("账单.csv", bill(交易状态=state)))) == [(3, "E_CHANNEL_STATE")]


@pytest.mark.parametrize("state", ["FAIL", "CLOSED", "fail"])
def test_a_refund_that_failed_gave_nothing_back_and_is_told(county: County, state: str) -> None:
    report = county.one(county.write("账单.csv", bill(退款状态=state)))
    county.sign_off()
    assert (report.new, report.wrong, income(county)) == (1, [], (6666, 0))
    assert [(note.code, note.place.row) for note in report.notes if note.code.startswith("W_REFUND")] == [
        ("W_REFUND_FAILED", 3)
    ]


@pytest.mark.parametrize("state", ["PROCESSING", "CHANGE", "ABNORMAL"])
def test_a_refund_under_way_is_booked_and_asked_about(county: County, state: str) -> None:
    report = county.one(county.write("账单.csv", bill(退款状态=state)))
    county.sign_off()
    assert (report.new, report.wrong, income(county)) == (2, [], (0, 6666))
    assert [(note.code, note.place.row) for note in report.notes if note.code.startswith("W_REFUND")] == [
        ("W_REFUND_PENDING", 3)
    ]
    done = county.one(county.write("再.csv", bill()))
    assert (done.new, done.duplicate) == (0, 2)
    assert not [note for note in done.notes if note.code.startswith("W_REFUND")]


def test_a_refund_that_failed_after_it_was_booked_is_told_with_its_place_in_the_book(county: County) -> None:
    county.take_in(county.write("账单.csv", bill(退款状态="PROCESSING")))
    county.sign_off()
    report = county.one(county.write("再.csv", bill(退款状态="FAIL")))
    (note,) = [note for note in report.notes if note.code.startswith("W_REFUND")]
    assert note.code == "W_REFUND_FAILED_BOOKED"
    (back,) = county.of_kind("donation.returned")
    assert county.all_events()[note.params["position"] - 1].id == back.id
    county.reverse(back, CHARITY)
    after = county.one(county.write("又.csv", bill(退款状态="FAIL")))
    assert [note.code for note in after.notes if note.code.startswith("W_REFUND")] == ["W_REFUND_FAILED"]
    assert income(county)[0] == 6666


def test_a_refund_that_failed_while_its_voucher_waits_is_not_to_be_signed(county: County) -> None:
    county.take_in(county.write("账单.csv", bill(退款状态="PROCESSING")))
    assert county.of_kind("donation.returned") == []
    report = county.one(county.write("再.csv", bill(退款状态="FAIL")))
    assert [note.code for note in report.notes if note.code.startswith("W_REFUND")] == ["W_REFUND_FAILED_WAITS"]


def test_a_word_for_a_refund_that_means_nothing_is_asked_for(county: County) -> None:
    report = county.one(county.write("账单.csv", bill(退款状态="MAYBE")))
    assert codes(report) == [(3, "E_CHANNEL_STATE")]
    assert report.wrong[0].column == "退款状态"


def test_a_bill_that_says_nothing_of_the_state_is_of_refunds_that_came_about(county: County) -> None:
    report = county.one(county.write("账单.csv", bill(退款状态="")))
    county.sign_off()
    assert (report.new, report.wrong, income(county)) == (2, [], (0, 6666))
