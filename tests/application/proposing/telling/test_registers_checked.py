"""What a register says that cannot be so, and what it may leave out: donors, voided receipts, goods, numbers."""

from pathlib import Path

import pytest

from tests.application.importing.offices import changed
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.relief.october import id_number
from tests.application.proposing.test_cashier_registers import GOODS_IN, PLEDGES, RECEIPTS

REGISTER = rows_of("donation_register.csv")


# ---- donors


@pytest.mark.parametrize("word", ["机关事业单位", "学校", "国企", "民营企业", "社会组织", "集体", "其他"])
def test_a_body_by_any_usual_word_is_no_person(county: County, word: str) -> None:
    report = county.one(county.write("登记.csv", changed(REGISTER, 1, "捐赠人类型", word)))
    assert report.wrong == []
    (gift,) = county.of_kind("donation.collective")
    assert (gift.donor_label, gift.donor_kind == "person") == ("示例县第一中学", False)


PEOPLE = ["村民", "社区居民", "机关干部", "公司职工", "学校老师", "医院职工", "企业家", "党支部书记"]


@pytest.mark.parametrize("word", PEOPLE)
def test_nobody_is_named_in_the_log(county: County, word: str) -> None:
    grid = changed(changed(REGISTER, 1, "捐赠人类型", word), 1, "捐赠人", "示例某甲")
    for name, file, kind in (("登记.csv", grid, "donation."), ("认捐.csv", _promised(word), "pledge.made")):
        report = county.one(county.write(name, file))
        assert report.wrong == []
        told = [event for event in county.all_events() if event.kind.startswith(kind)]
        assert told
        assert not [event for event in told if "示例某甲" in event.model_dump_json()]


def _promised(word: str) -> list[list[str]]:
    return changed(changed(PLEDGES, 3, "类型", word), 3, "认捐人", "示例某甲")


BODIES = ["其他", "企业", "个体户", "商户", "家庭农场", "集体", "师生", "工会", "社会组织", "单位", "村"]


def of_resident(word: str, name: str) -> list[list[str]]:
    grid = REGISTER
    for title, text in {"捐赠人类型": word, "捐赠人": name, "证件号码": id_number(1)}.items():
        grid = changed(grid, 1, title, text)
    return grid


@pytest.mark.parametrize("word", BODIES)
def test_a_residents_number_is_a_persons_whatever_the_type_says(county: County, word: str) -> None:
    report = county.one(county.write("登记.csv", of_resident(word, "示例某甲")))
    assert report.wrong == []
    assert county.of_kind("donation.receipt_issued")
    assert not [event for event in county.all_events() if "示例某甲" in event.model_dump_json()]


def test_a_shop_with_its_owners_number_is_a_shop(county: County) -> None:
    assert county.one(county.write("登记.csv", of_resident("个体户", "示例某甲便民店"))).wrong == []
    (gift,) = county.of_kind("donation.collective")
    assert (gift.donor_label, gift.donor_kind) == ("示例某甲便民店", "organisation")


def test_a_gift_that_an_older_release_named_is_known_again(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is recorded stands; a register that is corrected is told as before."""
    grid = of_resident("个体户", "示例某甲")
    with monkeypatch.context() as before:
        before.setattr("ledger.application.proposing.giving.donors.is_resident_id", lambda _number: False)
        assert county.one(county.write("登记.csv", grid)).wrong == []
    county.sign_off()
    assert [gift.donor_label for gift in county.of_kind("donation.collective")] == ["示例某甲"]
    told = len(county.all_events())
    again = county.one(county.write("登记再.csv", grid))
    assert (again.new, again.wrong) == (0, [])
    assert len(county.all_events()) == told
    corrected = county.one(county.write("登记又.csv", changed(grid, 1, "捐赠人类型", "个人")))
    assert [(cell.place.row, cell.code) for cell in corrected.wrong] == [(2, "E_ROW_CHANGED")]


@pytest.mark.parametrize(
    ("name", "grid", "column"),
    [("登记.csv", REGISTER, "捐赠人类型"), ("认捐.csv", PLEDGES, "类型")],
)
def test_an_unknown_type_of_donor_is_asked_for(county: County, name: str, grid: list[list[str]], column: str) -> None:
    """It was taken for a private person, and the firm's name went into the vault."""
    report = county.one(county.write(name, changed(grid, 1, column, "友好人士团")))
    (wrong,) = report.wrong
    assert (wrong.code, wrong.column, wrong.value, wrong.place.row) == ("E_CELL_CHOICE", column, "友好人士团", 2)
    assert "个人、企业、集体、社会组织、其他" in wrong.message()


# ---- receipts


def test_a_voided_receipt_names_nobody(county: County) -> None:
    grid = changed(changed(RECEIPTS, 2, "交款人", ""), 2, "状态", "作废")
    report = county.one(county.write("票据.csv", grid))
    assert report.wrong == []
    county.sign_off()
    issued = {one.number: one for one in county.of_kind("donation.receipt_issued")}
    assert (issued["0000812400"].payer, issued["0000812400"].payer_label) == (None, None)
    assert "voided" in {one.mode for one in county.of_kind("donation.receipt_reversed")}
    assert county.one(county.write("票据.csv", grid)).new == 0


@pytest.mark.parametrize(
    "cells",
    [{"交款人": "", "金额": ""}, {"金额": "0.00"}, {"交款人": ""}, {}],
    ids=["blank", "nothing", "nobody", "in full"],
)
def test_a_receipt_that_is_voided_later_is_taken_back(county: County, cells: dict[str, str]) -> None:
    """It was recorded when it was issued; the system blanks what was voided since."""
    county.one(county.write("票据.csv", RECEIPTS))
    county.sign_off()
    grid = changed(RECEIPTS, 2, "状态", "作废")
    for title, text in cells.items():
        grid = changed(grid, 2, title, text)
    report = county.one(county.write("票据再.csv", grid))
    assert (report.wrong, report.notes) == ([], [])
    county.sign_off()
    assert ("43060125-0000812400", "voided") in {
        (one.receipt, one.mode) for one in county.of_kind("donation.receipt_reversed")
    }
    assert len(county.of_kind("donation.receipt_issued")) == 3
    before = county.size()
    again = county.one(county.write("票据再.csv", grid))
    assert (again.new, again.wrong, again.notes, county.size()) == (0, [], [], before)


def test_a_receipt_that_the_register_named_is_taken_back_too(county: County) -> None:
    county.take_in("donation_register.csv")
    county.sign_off()
    grid = [RECEIPTS[0], [*RECEIPTS[1]]]
    for title, text in {"票据号码": "0000812301", "状态": "作废", "金额": "", "交款人": ""}.items():
        grid = changed(grid, 1, title, text)
    report = county.one(county.write("票据.csv", grid))
    assert (report.wrong, report.notes) == ([], [])
    county.sign_off()
    (taken_back,) = county.of_kind("donation.receipt_reversed")
    (issued,) = [one for one in county.of_kind("donation.receipt_issued") if one.number == "0000812301"]
    assert (taken_back.receipt, taken_back.mode) == (issued.receipt, "voided")
    assert [one.fen for one in taken_back.covers] == [one.fen for one in issued.covers]


@pytest.mark.parametrize("amount", ["", "0.00"])
def test_a_blank_that_was_voided_is_told_and_not_recorded(county: County, amount: str) -> None:
    grid = changed(changed(changed(RECEIPTS, 2, "交款人", ""), 2, "状态", "已作废"), 2, "金额", amount)
    report = county.one(county.write("票据.csv", grid))
    assert report.wrong == []
    (told,) = [note for note in report.notes if note.code == "W_RECEIPT_BLANK_VOID"]
    assert (told.place.row, told.params["value"]) == (3, "43060125-0000812400")
    assert "0000812400" not in {one.number for one in county.of_kind("donation.receipt_issued")}


@pytest.mark.parametrize("column", ["交款人", "金额"])
def test_any_other_receipt_names_its_payer_and_amount(county: County, column: str) -> None:
    report = county.one(county.write("票据.csv", changed(RECEIPTS, 2, column, "")))
    assert [(one.code, one.column, one.place.row) for one in report.wrong] == [("E_CELL_MISSING", column, 3)]


# ---- goods


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"金额": "12001.00"}, "E_PARTS_SUM", "金额"),
        ({"金额": "1200.00"}, "E_PARTS_SUM", "金额"),
        ({"生产日期": "2025-09-01", "有效期": "2025-08-01"}, "E_EXPIRES_BEFORE_MADE", "有效期"),
    ],
)
def test_goods_that_contradict_themselves(county: County, cells: dict[str, str], code: str, column: str) -> None:
    head = [*GOODS_IN[0], "生产日期"]
    grid = [head, *([*row, ""] for row in GOODS_IN[1:])]
    for title, value in cells.items():
        grid = changed(grid, 1, title, value)
    report = county.one(county.write("入库.csv", grid))
    assert [(one.code, one.column, one.value, one.place.row) for one in report.wrong] == [
        (code, column, cells[column], 2)
    ]


def test_a_price_rounded_to_the_fen_is_no_contradiction(county: County) -> None:
    """Three for ten yuan: 3.33 each."""
    grid = changed(changed(changed(GOODS_IN, 1, "数量", "3"), 1, "单价", "3.33"), 1, "金额", "10.00")
    assert county.one(county.write("入库.csv", grid)).wrong == []


# ---- numbers that only count the rows


def test_a_register_that_was_renumbered_says_the_same(county: County) -> None:
    county.take_in("donation_register.csv")
    grid = REGISTER
    for row in range(1, len(grid)):
        grid = changed(grid, row, "序号", str(100 + row))
    again = county.one(county.write("登记.csv", grid))
    assert (again.new, again.duplicate, again.wrong) == (0, 3, [])


def test_a_file_that_cannot_be_read_stands_among_what_is_wrong(county: County, scratch: Path) -> None:
    broken = scratch / "broken.xlsx"
    broken.write_bytes(b"PK no workbook")
    (told,) = county.take_in("wechat_trade.csv", broken).to_json()["files"][1]["wrong"]
    assert (told["file"], told["sheet"], told["row"], told["column"]) == ("broken.xlsx", None, None, "")
    assert (told["code"][:2], "broken.xlsx" in told["message"]) == ("E_", True)
