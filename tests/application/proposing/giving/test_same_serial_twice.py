"""A bank's serial number in two rows of one register: the same row twice is one gift, and what may be is asked."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of

REGISTER = rows_of("donation_register.csv")
HEAD = REGISTER[0]
SERIAL, REMARK, AMOUNT = "银行流水号或支付单号", "备注", "捐赠金额(元)"
GIFT = {
    "认捐编号": "",
    "所属活动": "",
    "人数": "1",
    AMOUNT: "500.00",
    REMARK: "",
    "捐赠意向": "",
    "指定项目或受益人": "",
}
PAPER = {"票据号码": "0000812399", "开票日期": "2025-09-10", "是否开票": "是"}
NO_PAPER = {"票据号码": "", "开票日期": "", "是否开票": "否"}


def register(*rows: dict[str, str]) -> Grid:
    """A register of one giver's rows on one day."""
    base = dict(zip(HEAD, REGISTER[1], strict=True)) | GIFT | NO_PAPER | {SERIAL: "20250905000901"}
    return [HEAD, *([str(n) if c == "序号" else (base | row)[c] for c in HEAD] for n, row in enumerate(rows, 1))]


def gifts(county: County) -> list[int]:
    county.sign_off()
    kinds = ("donation.received", "donation.collective")
    return sorted(gift.amount_fen for kind in kinds for gift in county.of_kind(kind))


@pytest.mark.parametrize("paper", [NO_PAPER, PAPER], ids=["plain", "with a receipt"])
def test_the_same_row_twice_is_one_gift(county: County, paper: dict[str, str]) -> None:
    grid = register(paper, paper)
    report = county.one(county.write("捐赠.csv", grid))
    assert (report.new, report.duplicate, report.wrong) == (1, 1, [])
    assert gifts(county) == [50_000]
    again = county.one(county.write("再.csv", grid))
    county.sign_off()
    assert (again.new, again.duplicate, again.wrong) == (0, 2, [])
    issued = county.of_kind("donation.receipt_issued")
    assert [one.amount_fen for one in issued] == ([50_000] if paper is PAPER else [])


@pytest.mark.parametrize("serial", ["", "现金", "无"])
def test_rows_without_a_serial_are_two_gifts(county: County, serial: str) -> None:
    report = county.one(county.write("捐赠.csv", register({SERIAL: serial}, {SERIAL: serial})))
    assert (report.new, report.duplicate, report.wrong) == (2, 0, [])
    assert gifts(county) == [50_000, 50_000]


@pytest.mark.parametrize(
    "other",
    [{"捐赠人": "示例县第二中学", "证件号码": ""}, {AMOUNT: "300.00"}, {"指定项目或受益人": "困境儿童"}],
    ids=["another giver", "another amount", "another purpose"],
)
def test_one_transfer_may_be_several_gifts(county: County, other: dict[str, str]) -> None:
    report = county.one(county.write("捐赠.csv", register({}, other)))
    assert (report.new, report.duplicate, report.wrong) == (2, 0, [])
    assert len(gifts(county)) == 2


@pytest.mark.parametrize("first", [{}, {REMARK: "票据待补"}, PAPER])
def test_a_row_that_differs_in_nothing_of_weight_is_asked_for(county: County, first: dict[str, str]) -> None:
    """Whichever of the two the digests put first, the one below is asked, and its answer makes it another gift."""
    rows = [first, {REMARK: "电话核对过"}]
    report = county.one(county.write("捐赠.csv", register(*rows)))
    ((asked, code),) = codes(report)
    (cell,) = report.wrong
    assert (code, cell.column, cell.params["other_row"]) == ("E_GIFT_SERIAL_TWICE", SERIAL, {2: 3, 3: 2}[asked])
    assert REMARK in str(cell.params["fields"])
    assert gifts(county) == [50_000]
    alone = county.one(county.write("只留一行.csv", register(rows[3 - asked])))
    assert (alone.new, alone.duplicate, alone.wrong) == (0, 1, [])
    rows[asked - 2] = rows[asked - 2] | {REMARK: "另一笔,电话核对过"}
    expected: tuple[int, int, list[object]]
    for name, expected in {"答.csv": (1, 1, []), "再.csv": (0, 2, [])}.items():
        answered = county.one(county.write(name, register(*rows)))
        assert (answered.new, answered.duplicate, answered.wrong) == expected
        assert gifts(county) == [50_000, 50_000]


def test_what_an_earlier_release_took_for_two_gifts_is_not_asked_again(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = register({}, {REMARK: "电话核对过"})
    with monkeypatch.context() as patched:
        patched.setattr("ledger.application.proposing.giving.donations.twice_told", lambda *_: {})
        assert county.one(county.write("捐赠.csv", grid)).new == 2
    assert gifts(county) == [50_000, 50_000]
    again = county.one(county.write("再.csv", grid))
    assert (again.new, again.duplicate, again.wrong) == (0, 2, [])
