"""Rows of the receipt system's export that are wholly alike: as two items they would double the receipt."""

from tests.application.proposing.county import County, codes
from tests.application.proposing.giving.test_causes_first import HEAD, LATER, SOUND

ITEM = "项目编码"


def test_a_row_that_stands_twice_doubles_no_receipt(county: County) -> None:
    report = county.one(county.write("票据.csv", [HEAD, SOUND, SOUND, LATER]))
    assert {code for _, code in codes(report)} == {"E_RECEIPT_ROW_TWICE"}
    assert SOUND[1] in report.wrong[0].message()
    county.sign_off()
    assert [(one.receipt[-1], one.amount_fen) for one in county.of_kind("donation.receipt_issued")] == [("6", 6_000)]
    right = county.one(county.write("票据改.csv", [HEAD, SOUND, LATER]))
    assert (right.new, right.wrong) == (1, [])


def test_the_items_of_one_receipt_are_one_sum(county: County) -> None:
    head = [*HEAD, ITEM]
    rows = [[*SOUND, "1030"], [*SOUND, "1031"]]
    report = county.one(county.write("票据.csv", [head, *rows]))
    assert report.wrong == []
    county.sign_off()
    (issued,) = county.of_kind("donation.receipt_issued")
    assert issued.amount_fen == 20_000


def test_a_column_that_a_sheet_lacks_is_named_as_the_cure(county: County) -> None:
    """Stocktaking without a lot's number: the sheet has no such column, so none of its cells can be filled in."""
    grid = [["账面数", "实盘数", "差异", "原因", "处理"], ["70", "69", "-1", "鼠咬", "报批"]]
    report = county.one(county.write("盘点.csv", grid))
    missing = [one for one in report.wrong if one.code == "E_CELL_MISSING"]
    assert missing
    for language in ("zh", "en"):
        assert all("{" not in one.message(language) for one in missing)
    assert "本表没有" in missing[0].message()
    assert "has no column" in missing[0].message("en")
