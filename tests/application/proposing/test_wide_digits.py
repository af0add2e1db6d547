"""Digits and letters typed in full width (２０２５, ＡＢ) are the same digits and letters: nothing is recorded twice,
and no row says something else because of them.
"""

import string
from collections.abc import Callable, Mapping

import pytest

from ledger.application.importing.fields.plain import folded
from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import FILES, STANDARD, County, codes, rows_of

DIGITS = {ord(digit): ord(digit) - 0x21 + 0xFF01 for digit in string.digits}
LETTERS = {ord(letter): ord(letter) - 0x21 + 0xFF01 for letter in string.ascii_letters}


def widened(grid: Grid, signs: Mapping[int, int] = DIGITS) -> Grid:
    """With every digit, or other signs, below the header in full width."""
    return [grid[0], *([cell.translate(signs) for cell in row] for row in grid[1:])]


@pytest.mark.parametrize("signs", [DIGITS, {**DIGITS, **LETTERS}], ids=["digits", "letters too"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_in_full_width_is_the_same_file(taken_in: County, name: str, signs: Mapping[int, int]) -> None:
    before = taken_in.size()
    again = taken_in.one(taken_in.write(f"全角-{name}", widened(rows_of(name), signs)))
    assert (again.new, [one.message() for one in again.wrong], again.refused) == (0, [], None)
    assert again.duplicate + again.noted == 3
    assert taken_in.size() == before


FOLDED = [
    ("湘财社指〔２０２５〕１０号", "湘财社指〔2025〕10号"),
    ("ＡＢ－２０２５／０９", "AB-2025/09"),
    ("ＡＢ（１）", "AB(1)"),
    ("９月低保（含３户），共２，０４０．５０元", "9月低保（含3户），共2，040.50元"),
    ("（一）－已核（２人）", "（一）－已核（2人）"),
    ("1月至2月（补）－不含３月", "1月至2月（补）－不含3月"),
    ("全角“，”与（括号）", "全角“，”与（括号）"),
    ("2025-09-05(补)", "2025-09-05(补)"),
    ("ｗｗｗ．ｅｘａｍｐｌｅ．ｏｒｇ", "www.example.org"),
    ("１２％", "12%"),
]


@pytest.mark.parametrize(("typed", "read"), FOLDED, ids=[one[0] for one in FOLDED])
def test_digits_and_letters_are_read_in_half_width_and_prose_stays(typed: str, read: str) -> None:
    assert folded(typed) == read
    assert folded(read) == read


def by_an_earlier_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are read as they stand."""
    monkeypatch.setattr("ledger.application.importing.fields.quantities.folded", lambda text: text)
    monkeypatch.setattr("ledger.application.importing.reading.has_wide", lambda _text: False)
    monkeypatch.setattr("ledger.application.proposing.proposal.folded", lambda text: text)


ON_THE_ROAD = ("dibao_roster.csv", "payfile.csv", "payresult.csv")
"""Files of a batch, of which an earlier release would not have made one from such texts."""


@pytest.fixture(scope="module")
def recorded_wide(new_county: Callable[[], County]) -> County:
    """A county whose files were all in full width, and recorded as they stood."""
    county = new_county()
    with pytest.MonkeyPatch.context() as patch:
        by_an_earlier_release(patch)
        for name in STANDARD:
            grid = rows_of(name) if name in ON_THE_ROAD else widened(rows_of(name)) if name != "road" else []
            county.take_in(county.write(name, grid)) if grid else county.road()
        county.sign_off()
    assert [(one.file, one.new + one.noted) for report in county.reports for one in report.files] == [
        (name, 3) for name in STANDARD if name != "road"
    ]
    return county


@pytest.mark.parametrize("name", FILES)
def test_what_was_recorded_as_it_stood_is_known_again(recorded_wide: County, name: str) -> None:
    before = recorded_wide.size()
    again = recorded_wide.one(recorded_wide.write(name, widened(rows_of(name))))
    assert (again.new, [one.message() for one in again.wrong], again.refused) == (0, [], None)
    assert again.duplicate + again.noted == 3
    assert recorded_wide.size() == before


def test_a_register_that_was_recorded_as_it_stood_grows(new_county: Callable[[], County]) -> None:
    """October's payment comes to the allocation of September, and is not a second one."""
    county = new_county()
    grid = widened(rows_of("lottery.csv"))
    with pytest.MonkeyPatch.context() as patch:
        by_an_earlier_release(patch)
        county.one(county.write("九月.csv", grid))
        county.sign_off()
    later = changed(grid, 2, "完成情况", "竣工２处")
    found = county.one(county.write("十月.csv", later), month=None)
    county.sign_off()
    assert (found.new, found.duplicate, codes(found)) == (1, 2, [])
    assert len(county.of_kind("lottery.allocated")) == 3
