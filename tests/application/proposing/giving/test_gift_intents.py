"""A restricted gift reaches the fund that it is for, or its row is wrong: never free money without a word."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of

REGISTER = rows_of("donation_register.csv")
HEAD = REGISTER[0]
INTENT, PURPOSE, FUND = "捐赠意向", "指定项目或受益人", "爱心助学"
PLAIN = {"票据号码": "", "开票日期": "", "认捐编号": "", "是否开票": "否", "人数": "1", "银行流水号或支付单号": ""}
WECHAT = {
    "捐赠方式": "微信支付",
    "收款账户": "微信商户1900009999",
    "银行流水号或支付单号": "4200009999202509050000000001",
    "捐赠金额(元)": "200.00",
}


def row(intent: str, purpose: str, **more: str) -> Grid:
    """A register of one gift."""
    said = {**PLAIN, INTENT: intent, PURPOSE: purpose, **more}
    return [HEAD, [said.get(column, cell) for column, cell in zip(HEAD, REGISTER[1], strict=True)]]


TAKEN = {
    "restricted": ("限定", FUND, "aixin-zhuxue"),
    "another word": ("限定性", FUND, "aixin-zhuxue"),
    "directed": ("定向", FUND, "aixin-zhuxue"),
    "by the fund's id": ("限定", "aixin-zhuxue", "aixin-zhuxue"),
    "free": ("非限定", "", "general"),
    "nothing said": ("", "", "general"),
    "free, in another word": ("非限定性", "", "general"),
    "free, and a class of people": ("非限定", "困境儿童", "general"),
    "free, and the free fund": ("非限定", "非限定资金", "general"),
}
WRONG = {
    "restricted to nothing": ("限定", "", "E_GIFT_UNNAMED", PURPOSE),
    "directed to nothing": ("定向", "", "E_GIFT_UNNAMED", PURPOSE),
    "free, for a restricted fund": ("非限定", FUND, "E_GIFT_INTENT", INTENT),
    "not said, for a restricted fund": ("", FUND, "E_GIFT_INTENT", INTENT),
    "restricted, for the free fund": ("限定", "非限定资金", "E_GIFT_INTENT", INTENT),
    "no such fund": ("限定", "示例丙同学", "E_FUND_CHOICE", PURPOSE),
    "no such intent": ("看情况", FUND, "E_CELL_CHOICE", INTENT),
}


@pytest.mark.parametrize(("intent", "purpose", "fund"), TAKEN.values(), ids=TAKEN)
def test_a_gift_goes_where_the_donor_wants(county: County, intent: str, purpose: str, fund: str) -> None:
    report = county.one(county.write("捐赠.csv", row(intent, purpose)))
    county.sign_off()
    assert report.wrong == []
    assert [gift.fund for gift in county.of_kind("donation.received")] == [fund]


@pytest.mark.parametrize("more", [{}, WECHAT], ids=["transfer", "channel"])
@pytest.mark.parametrize(("intent", "purpose", "code", "column"), WRONG.values(), ids=WRONG)
def test_a_row_that_contradicts_itself_is_wrong(
    county: County, intent: str, purpose: str, code: str, column: str, more: dict[str, str]
) -> None:
    report = county.one(county.write("捐赠.csv", row(intent, purpose, **more)))
    assert [(one, cell.column) for (_, one), cell in zip(codes(report), report.wrong, strict=True)] == [(code, column)]
    assert report.new == 0


@pytest.mark.parametrize("intent", ["限定", "定向"])
def test_a_gift_that_names_nothing_is_told_what_its_row_says(county: County, intent: str) -> None:
    """The cell at fault is the empty one; the words are those of the other."""
    (cell,) = county.one(county.write("捐赠.csv", row(intent, ""))).wrong
    assert (cell.code, cell.column, cell.value) == ("E_GIFT_UNNAMED", PURPOSE, "")
    assert f"“{intent}”" in cell.message()


def test_who_names_the_fund_beside_the_file_is_believed(county: County) -> None:
    report = county.one(county.write("捐赠.csv", row("限定", "")), fund="aixin-zhuxue")
    county.sign_off()
    assert report.wrong == []
    assert [gift.fund for gift in county.of_kind("donation.received")] == ["aixin-zhuxue"]


@pytest.mark.parametrize("first", ["bill", "register"])
def test_a_channels_gift_for_another_fund_is_told(county: County, first: str) -> None:
    """The bill books it to the channel's fund, whichever file comes first; the register's report says what to move."""
    if first == "bill":
        county.take_in("wechat_trade.csv")
        county.sign_off()
    report = county.one(county.write("捐赠.csv", row("限定", FUND, **WECHAT)))
    assert (report.new, report.wrong) == (1, [])
    assert [note.code for note in report.notes if note.code.startswith("W_REGISTER")] == ["W_REGISTER_FUND"]
    (told,) = [note.message() for note in report.notes if note.code == "W_REGISTER_FUND"]
    assert "aixin-zhuxue" in told
    assert "general" in told


def test_a_channels_free_gift_is_not_told(county: County) -> None:
    report = county.one(county.write("捐赠.csv", row("非限定", "", **WECHAT)))
    assert [note.code for note in report.notes if note.code == "W_REGISTER_FUND"] == []
