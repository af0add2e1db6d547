"""A register that says more than the bank's line brought is wrong where the statement is read already."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of

REGISTER, BANK = rows_of("donation_register.csv"), "bank_ccb.csv"
HEAD = REGISTER[0]
(LINE,) = [row for row in rows_of(BANK)[1:] if row[3] == "1,000.00"]
SERIAL = LINE[rows_of(BANK)[0].index("账户明细编号-交易流水号")]
SAYS = {"收款账户": "建行9992", "银行流水号或支付单号": SERIAL, "到账日期": "2025-09-26", "登记日期": "2025-09-26"}


def saying(amount: str, serial: str = SERIAL) -> Grid:
    """A register with one transfer that the bank's line of 1,000.00 is of."""
    said = {**SAYS, "捐赠金额(元)": amount, "银行流水号或支付单号": serial, "票据号码": "", "开票日期": ""}
    return [HEAD, [said.get(column, cell) for column, cell in zip(HEAD, REGISTER[1], strict=True)]]


@pytest.fixture
def stated(county: County) -> County:
    """The statement came first."""
    county.take_in(BANK)
    county.sign_off()
    return county


def test_what_was_due_is_not_what_arrived(stated: County) -> None:
    report = stated.one(stated.write("捐赠.csv", saying("1500.00")))
    assert [code for _, code in codes(report)] == ["E_LINE_AMOUNT"]
    (cell,) = report.wrong
    assert cell.column == "捐赠金额(元)"
    assert "1,000.00" in cell.message()
    assert stated.of_kind("donation.received") == stated.of_kind("donation.collective") == []


@pytest.mark.parametrize("amount", ["1000.00", "400.00"])
def test_as_much_or_a_part_of_it_is_taken(stated: County, amount: str) -> None:
    assert stated.one(stated.write("捐赠.csv", saying(amount))).wrong == []


def test_rows_of_one_transfer_are_added_up(stated: County) -> None:
    one, other = (saying(amount)[1] for amount in ("400.00", "600.01"))
    other[HEAD.index("捐赠人")] = "示例县第二中学"
    report = stated.one(stated.write("捐赠.csv", [HEAD, one, other]))
    assert [code for _, code in codes(report)] == ["E_LINE_AMOUNT"] * 2


@pytest.mark.parametrize(("remark", "expected"), [("", []), ("电话核对过", ["E_GIFT_SERIAL_TWICE"])])
def test_a_gift_written_down_twice_is_added_once(stated: County, remark: str, expected: list[str]) -> None:
    one, other = saying("1000.00")[1], saying("1000.00")[1]
    one[HEAD.index("备注")], other[HEAD.index("备注")] = "", remark
    report = stated.one(stated.write("捐赠.csv", [HEAD, one, other]))
    assert ([code for _, code in codes(report)], report.new) == (expected, 1)
    both = [HEAD, *(saying("1000.01")[1] for _ in range(2))]
    assert [code for _, code in codes(stated.one(stated.write("多.csv", both)))] == ["E_LINE_AMOUNT"] * 2


def test_before_the_statement_nobody_knows(county: County) -> None:
    assert county.one(county.write("捐赠.csv", saying("1500.00"))).wrong == []


def test_another_serial_number_is_another_transfer(stated: County) -> None:
    assert stated.one(stated.write("捐赠.csv", saying("1500.00", f"{SERIAL[:-1]}X"))).wrong == []
