"""A receipt made out in exchange for another one (换开) is a receipt, and one that no gift names is told."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes
from tests.application.proposing.giving.receipts.test_receipt_used_twice import EXPORT, FIRST, row, take

WHO = "湖南样板建材有限公司"
CODE = "43060125"


def line(number: int, yuan: str, state: str = "正常", red: str = "", original: str = "", day: str = "10") -> list[str]:
    return [CODE, f"{number:010d}", f"2025-09-{day}", WHO, yuan, state, red, original]


def named(number: int) -> str:
    return f"{number:010d}"


def book(county: County) -> tuple[list[str], list[tuple[str, str | None, str]]]:
    """Numbers that were issued; (receipt, red letter, mode) of those taken back."""
    issued = sorted(one.number for one in county.of_kind("donation.receipt_issued"))
    back = [(one.receipt, one.red, one.mode) for one in county.of_kind("donation.receipt_reversed")]
    return [str(int(one)) for one in issued], back


OLD = line(8, "6000.00")
NEW = line(9, "6000.00", "换开", original=named(8), day="11")
RED = line(10, "-6000.00", "冲红", original=named(8), day="11")
OF_8 = f"{CODE}-{named(8)}"


@pytest.mark.parametrize(
    ("lines", "back"),
    [
        ([OLD, NEW], (OF_8, None, "exchanged")),
        ([OLD, RED, NEW], (OF_8, f"{CODE}-{named(10)}", "red_letter")),
        ([OLD, NEW, RED], (OF_8, f"{CODE}-{named(10)}", "red_letter")),
        ([line(8, "6000.00", "换开", red=named(10)), NEW], (OF_8, f"{CODE}-{named(10)}", "exchanged")),
    ],
    ids=["alone", "after the red letter", "before the red letter", "with the receipt's own state"],
)
def test_the_new_receipt_is_issued_and_the_old_one_goes_back_once(
    county: County, lines: list[list[str]], back: tuple[str, str | None, str]
) -> None:
    grid: Grid = [EXPORT, *lines]
    report = take(county, "票据.csv", *lines, head=EXPORT)
    assert (codes(report), book(county)) == ([], (["8", "9"], [back]))
    again = county.one(county.write("再.csv", grid))
    assert (again.new, again.wrong, again.notes) == (0, [], [])


def test_the_new_receipt_comes_a_month_later(county: County) -> None:
    take(county, "九月.csv", OLD, head=EXPORT)
    report = take(county, "十月.csv", NEW, head=EXPORT)
    assert (codes(report), book(county)) == ([], (["8", "9"], [(OF_8, None, "exchanged")]))


def test_a_row_that_the_receipt_calls_its_red_letter_is_one(county: County) -> None:
    lines = [line(8, "6000.00", "换开", red=named(9)), NEW]
    take(county, "票据.csv", *lines, head=EXPORT)
    assert book(county) == (["8"], [(OF_8, f"{CODE}-{named(9)}", "exchanged")])


def test_what_an_earlier_release_took_for_a_red_letter_stays_one(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("ledger.application.proposing.giving.receipts._Export._exchanges", lambda *_: False)
        take(county, "票据.csv", OLD, NEW, head=EXPORT)
    before = book(county)
    assert before == (["8"], [(OF_8, f"{CODE}-{named(9)}", "red_letter")])
    report = county.one(county.write("再.csv", [EXPORT, OLD, NEW]))
    assert (report.new, report.wrong, report.notes, book(county)) == (0, [], [], before)


def test_a_receipt_that_no_gift_names_is_told_at_its_row(county: County) -> None:
    take(county, "一.csv", row("901", FIRST | {"票据号码": "", "开票日期": ""}))
    grid: Grid = [EXPORT, line(11, "100.01"), line(12, "77.00")]
    report = county.one(county.write("票据.csv", grid))
    assert [(one.code, one.place.row) for one in report.notes] == [("W_RECEIPT_ADVANCE", 2), ("W_RECEIPT_ADVANCE", 3)]
    assert "100.01" in report.notes[0].message()
    again = county.one(county.write("再.csv", grid))
    assert again.notes == [], "it is told once"


def test_a_receipt_that_goes_back_in_the_same_file_is_not(county: County) -> None:
    lines = [OLD, NEW, RED, line(11, "5.00", "作废"), line(12, "6.00", "冲红", red=named(13))]
    report = county.one(county.write("票据.csv", [EXPORT, *lines]))
    told = [one for one in report.notes if one.code == "W_RECEIPT_ADVANCE"]
    assert [one.place.row for one in told] == [3], "only the one that stands"


def test_a_receipt_that_the_register_names_is_not(county: County) -> None:
    take(county, "一.csv", row("901", FIRST))
    report = county.one(county.write("票据.csv", [EXPORT, line(42, "100.00", day="09")]))
    assert report.notes == []


def test_a_new_receipt_that_is_exchanged_again_goes_back_too(county: County) -> None:
    again = line(10, "6000.00", "换开", original=named(9), day="12")
    report = take(county, "票据.csv", OLD, NEW, again, head=EXPORT)
    back = [(OF_8, None, "exchanged"), (f"{CODE}-{named(9)}", None, "exchanged")]
    issued, gone = book(county)
    assert (codes(report), sorted(issued, key=int), gone) == ([], ["8", "9", "10"], back), (
        "one of three stands for the gift"
    )
