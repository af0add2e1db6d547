"""What a register says of publishing its donors' names is what the signed log holds; silence is no consent."""

from typing import Any

import pytest

from ledger.application.importing.fields.consents import Consent
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes
from tests.application.proposing.giving.test_two_charities import GOODS, PLEDGES, register

PERSON = {"捐赠人": "张三丰", "捐赠人类型": "个人", "证件号码": ""}
BODY = {"捐赠人": "湖南示例矿业有限公司", "捐赠人类型": "企业"}
LOT = ["L001", "2025-09-05", "张三丰", "矿泉水", "箱", "100", "30", "发票", "甲", "乙"]
PLEDGE = ["RJ2026-009", "2025-09-05", "张三丰", "个人", "10.00", "测试慈善总会", "一次", "1", "2025-12-20", "10.00"]


def without(grid: Grid, column: str) -> Grid:
    """A register that lacks a column."""
    at = grid[0].index(column)
    return [[*row[:at], *row[at + 1 :]] for row in grid]


def told(county: County, kind: str = "donation.received") -> tuple[Any, ...]:
    *_, gift = county.of_kind(kind)
    return gift.publicity, gift.donor_label


@pytest.mark.parametrize(
    ("word", "publicity"),
    [
        ("是", "name"),
        ("同意公开", "name"),
        *(
            (word, "anonymous")
            for word in ("", "否", "匿名", "不公开", "否(不公开)", "匿名捐赠", "不愿公开", "保密", "×", "No")
        ),
    ],
)
def test_a_persons_name_is_published_where_the_register_says_so(county: County, word: str, publicity: str) -> None:
    report = county.one(county.write("捐赠.csv", register(**PERSON, 公开姓名=word)))
    county.sign_off()
    assert (report.new, report.wrong, told(county)) == (1, [], (publicity, None))


def test_a_register_that_does_not_ask_has_nobodys_consent(county: County) -> None:
    county.one(county.write("捐赠.csv", without(register(**PERSON), "公开姓名")))
    county.sign_off()
    assert told(county) == ("anonymous", None)


@pytest.mark.parametrize("who", [PERSON, BODY], ids=["person", "body"])
def test_a_pseudonym_stands_in_the_log_and_the_name_in_the_vault(county: County, who: dict[str, str]) -> None:
    receipt = {"是否开票": "是", "票据号码": "0000000001", "开票日期": "2025-09-05"}
    file = county.write("捐赠.csv", register(**who, **receipt, 公开姓名="化名：山里人"))
    report = county.one(file)
    county.sign_off()
    assert (report.wrong, told(county)) == ([], ("alias", "山里人"))
    (gift,) = county.of_kind("donation.received")
    with county.store.read() as connection:
        assert county.vault.opened(connection, [gift.donor])[gift.donor]["name"] == who["捐赠人"]
    again = county.one(file)
    county.sign_off()
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])
    (issued,) = county.of_kind("donation.receipt_issued")
    assert issued.payer_label == (who["捐赠人"] if who is BODY else None)


@pytest.mark.parametrize("word", ["化名", "待定", "山里人", "不匿名", "化名：张三丰"])
def test_a_word_that_tells_nothing_is_asked_for(county: County, word: str) -> None:
    report = county.one(county.write("捐赠.csv", register(**PERSON, 公开姓名=word)))
    assert codes(report) == [(2, "E_CELL_CHOICE")]
    assert (report.wrong[0].column, report.wrong[0].value) == ("公开姓名", word)


FILES = {
    "donation.received": register(**PERSON, 公开姓名=""),
    "pledge.made": [PLEDGES, PLEDGE],
    "in_kind.received": [GOODS, LOT],
}


@pytest.mark.parametrize("kind", FILES)
def test_silence_that_an_older_release_took_for_consent_is_no_change(
    county: County, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("ledger.application.proposing.giving.donors._consented", lambda *_: Consent("name"))
        county.one(county.write("原.csv", FILES[kind]))
        county.sign_off()
    assert told(county, kind)[0] == "name"
    again = county.one(county.write("再.csv", FILES[kind]))
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])


@pytest.mark.parametrize("kind", FILES)
def test_what_has_no_place_for_it_has_no_consent(county: County, kind: str) -> None:
    county.one(county.write("原.csv", FILES[kind]))
    county.sign_off()
    assert told(county, kind)[0] == "anonymous"


def test_a_refusal_that_was_recorded_as_consent_is_told(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    file = county.write("捐赠.csv", register(**PERSON, 公开姓名="不公开"))
    with monkeypatch.context() as older:
        older.setattr("ledger.application.proposing.giving.donors._consented", lambda *_: Consent("name"))
        county.one(file)
        county.sign_off()
    (wrong,) = county.one(file).wrong
    assert wrong.code == "E_ROW_CHANGED"
