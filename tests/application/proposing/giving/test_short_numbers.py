"""A voucher's short number (K2, 记字3号) numbers a gift too: a corrected row is asked for, never booked beside it."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes
from tests.application.proposing.giving.test_same_serial_twice import AMOUNT, REMARK, SERIAL, gifts, register

DONOR, DAY = "捐赠人", "到账日期"
SHORT = {SERIAL: "K2"}


def taken(county: County, name: str, *rows: dict[str, str]) -> tuple[int, int, list[tuple[int, str]]]:
    grid: Grid = register(*rows)
    report = county.one(county.write(name, grid))
    county.sign_off()
    return report.new, report.duplicate, codes(report)


@pytest.mark.parametrize("number", ["K2", "记字3号"])
@pytest.mark.parametrize(
    ("other", "was"),
    [
        ({AMOUNT: "510.00"}, f"{AMOUNT}（已入账：500.00）"),
        ({DONOR: "示例县第二中学", "证件号码": ""}, f"{DONOR}（已入账：示例县第一中学）"),
        ({DAY: "2025-09-15"}, f"{DAY}（已入账：2025-09-05）"),
    ],
    ids=["amount", "donor", "day"],
)
def test_a_corrected_row_is_asked_for(county: County, number: str, other: dict[str, str], was: str) -> None:
    first = {SERIAL: number}
    assert taken(county, "捐赠.csv", first) == (1, 0, [])
    corrected = first | other
    report = county.one(county.write("更正.csv", register(corrected)))
    ((_, code),) = codes(report)
    (cell,) = report.wrong
    assert (code, report.new, cell.column) == ("E_GIFT_NUMBER_ALIKE", 0, next(iter(other)))
    assert all(word in cell.message() for word in (was, number, "另一笔"))
    assert gifts(county) == [50_000]
    answered = corrected | {REMARK: "另一笔"}
    assert taken(county, "答.csv", first, answered) == (1, 1, [])
    assert taken(county, "再.csv", first, answered) == (0, 2, [])
    assert taken(county, "只此一行.csv", answered) == (0, 1, [])
    assert len(gifts(county)) == 2


def test_a_gift_of_many_is_asked_for_too(county: County) -> None:
    many = SHORT | {"人数": "412"}
    assert taken(county, "捐赠.csv", many) == (1, 0, [])
    assert taken(county, "更正.csv", many | {AMOUNT: "510.00"}) == (0, 0, [(2, "E_GIFT_NUMBER_ALIKE")])


def test_a_gift_of_an_earlier_file_of_the_import_has_no_position_yet(county: County) -> None:
    files = [
        county.write(name, register(SHORT | other)) for name, other in (("一.csv", {}), ("二.csv", {AMOUNT: "510.00"}))
    ]
    _, second = county.take_in(*files, dry_run=True).files
    assert codes(second) == [(2, "E_GIFT_NUMBER_ALIKE_WAITING")]


def test_a_gift_without_a_number_that_waits_has_no_position_either(county: County) -> None:
    files = [
        county.write(name, register({SERIAL: "", AMOUNT: yuan}))
        for name, yuan in (("一.csv", "500"), ("二.csv", "510"))
    ]
    _, second = county.take_in(*files, dry_run=True).files
    assert codes(second) == [(2, "E_GIFT_ALIKE_WAITING")]
    assert "500.00" in second.wrong[0].message()


@pytest.mark.parametrize(
    "other",
    [
        {AMOUNT: "300.00", DONOR: "示例县第二中学", "证件号码": ""},
        {DAY: "2025-09-29"},
        {SERIAL: "K3", AMOUNT: "510.00"},
        {SERIAL: "K3", DAY: "2025-09-06"},
    ],
    ids=["shared transfer", "number begun anew", "other number", "other number and day"],
)
def test_another_gift_is_not_asked_for(county: County, other: dict[str, str]) -> None:
    assert taken(county, "捐赠.csv", SHORT) == (1, 0, [])
    assert taken(county, "后.csv", SHORT | other) == (1, 0, [])


def test_gifts_of_one_number_in_one_register_stay_several(county: County) -> None:
    rows = [SHORT, SHORT | {AMOUNT: "300.00"}]
    assert taken(county, "捐赠.csv", *rows) == (2, 0, [])
    assert taken(county, "再.csv", *rows) == (0, 2, [])


def test_a_gift_that_was_reversed_is_none(county: County) -> None:
    assert taken(county, "捐赠.csv", SHORT) == (1, 0, [])
    (gift,) = county.of_kind("donation.received")
    county.reverse(gift, "charity")
    assert taken(county, "更正.csv", SHORT | {AMOUNT: "510.00"}) == (1, 0, [])


@pytest.mark.parametrize("other", [{AMOUNT: "510.00"}, {DONOR: "示例县第二中学", "证件号码": ""}, {DAY: "2025-09-15"}])
def test_a_banks_serial_says_it_is_the_same_gift(county: County, other: dict[str, str]) -> None:
    assert taken(county, "捐赠.csv", {}) == (1, 0, [])
    assert taken(county, "更正.csv", other) == (0, 0, [(2, "E_ROW_CHANGED")])
    spelled = {"收款账户": "icbc-9991", **other}
    assert taken(county, "户名.csv", spelled) == (0, 0, [(2, "E_GIFT_NUMBER_ALIKE")])
