"""Remarks that say more than one thing, and aid that has a name of its own (取暖费、节日补助)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.application.importing.rows import Note
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.beside_normal import Component
from ledger.application.proposing.relief.paying import remarks
from ledger.application.proposing.relief.paying.remarks import Remarks
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, OCTOBER
from tests.application.proposing.relief.paying.bank import arrears, at, base_of, listed, roster, row_of

Part = tuple[str, str, str, int]
HEATED: list[Part] = [("one_off", "2025-10", "2025-10", 30_000), ("price", "2025-10", "2025-10", 5_000)]
SINCE_JULY: list[Part] = [("arrears", "2025-07", "2025-09", 48_000)]
BOTH: list[Part] = [("arrears", "2025-08", "2025-09", 38_000)]
TWO: list[tuple[str, int, list[Part]]] = [
    (
        "取暖费300元、10月价格临时补贴50元",
        35_000,
        [("one_off", "2025-10", "2025-10", 30_000), ("price", "2025-10", "2025-10", 5_000)],
    ),
    (
        "300元取暖费，50元9月价格补贴",
        35_000,
        [("one_off", "2025-10", "2025-10", 30_000), ("price", "2025-09", "2025-09", 5_000)],
    ),
    (
        "补发7、8月380元，取暖费1,300.50元",
        168_050,
        [("arrears", "2025-07", "2025-08", 38_000), ("one_off", "2025-10", "2025-10", 130_050)],
    ),
    ("提标补差9月60元、10月60元", 12_000, [("uplift", "2025-09", "2025-10", 12_000)]),
    ("9月60元、10月60元提标补差", 12_000, [("uplift", "2025-09", "2025-10", 12_000)]),
    ("9、10月提标补差各60元", 12_000, [("uplift", "2025-09", "2025-10", 12_000)]),
    ("提标补差8月60元，扣回9月多发20元", 6_000, [("uplift", "2025-08", "2025-08", 6_000)]),
    ("标准由500元提到560元，9月提标补差60元", 6_000, [("uplift", "2025-09", "2025-09", 6_000)]),
    ("取暖费300元、10月价格补贴50元", 40_000, [("price", "2025-10", "2025-10", 40_000)]),
    (
        "补发取暖费300元、9月低保金500元",
        80_000,
        [("one_off", "2025-10", "2025-10", 30_000), ("arrears", "2025-09", "2025-09", 50_000)],
    ),
    (
        "9月低保金500元、补发取暖费300元",
        80_000,
        [("arrears", "2025-09", "2025-09", 50_000), ("one_off", "2025-10", "2025-10", 30_000)],
    ),
    ("取暖费10月150元、11月150元", 30_000, [("one_off", "2025-10", "2025-11", 30_000)]),
    ("取暖费300元、10月价格临时补贴50元，合计350元", 35_000, HEATED),
    ("合计350元：取暖费300元、10月价格临时补贴50元", 35_000, HEATED),
    ("300元取暖费，50元10月价格补贴（共计350元）", 35_000, HEATED),
    ("补发7月100元、8、9月共380元、取暖费300元", 78_000, [*SINCE_JULY, ("one_off", "2025-10", "2025-10", 30_000)]),
    ("补发8、9月共380元、取暖费300元", 68_000, [*BOTH, ("one_off", "2025-10", "2025-10", 30_000)]),
    ("取暖费300元", 30_000, [("one_off", "2025-10", "2025-10", 30_000)]),
]


@pytest.mark.parametrize(("remark", "fen", "found"), TWO, ids=[one[0] for one in TWO])
def test_each_kind_is_paid_by_its_own_amount(remark: str, fen: int, found: list[Part]) -> None:
    said = Remarks(OCTOBER).of(remark, fen)
    assert [(one.component, one.first, one.last, own) for one, own in said] == found


@pytest.mark.parametrize("remark", ["取暖费300元、9月500元", "9月500元、取暖费300元", "10月500元，物价补贴300元"])
def test_a_month_without_a_kind_beside_aid_without_a_month_is_nobodys_guess(remark: str) -> None:
    with pytest.raises(RowRefusedError) as refused:
        Remarks(OCTOBER).of(remark, 80_000)
    assert (refused.value.code, refused.value.column) == ("E_REMARK_KIND", "备注")


@pytest.mark.parametrize(
    "remark",
    [
        "取暖费300元、10月价格临时补贴50元，合计400元",
        "取暖费300元、10月价格临时补贴50元（共计400元）",
        "合计400元：取暖费300元、价格补贴50元",
    ],
)
def test_a_sum_that_the_parts_do_not_come_to_is_a_wrong_row(remark: str) -> None:
    with pytest.raises(RowRefusedError) as refused:
        Remarks(OCTOBER).of(remark, 35_000)
    assert refused.value.code == "E_REMARK_TOTAL"
    assert refused.value.params == {"value": remark, "stated_fen": 40_000, "sum_fen": 35_000}


def told(report: FileReport, code: str) -> list[Note]:
    return [note for note in report.notes if note.code == code]


def paid(county: County) -> list[Part]:
    return [(one.component, one.period_from, one.period_to, one.amount_fen) for one in arrears(county)]


def test_heating_is_no_arrears_and_takes_nobody_out(funded: County) -> None:
    """600 yuan to one person of a standard of 500."""
    at(funded, 10, 8)
    report = roster(
        funded, OCTOBER, listed(row_of(6, 600, remark="冬季取暖补贴600元"), row_of(5, 300, remark="取暖费"))
    )
    assert codes(report) == []
    heating = ("one_off", OCTOBER, OCTOBER)
    assert sorted(paid(funded)) == [(*heating, 30_000), (*heating, 60_000)]


def test_two_kinds_in_one_cell_are_two_lines(funded: County) -> None:
    at(funded, 10, 8)
    grid = listed(row_of(4, 350, remark="取暖费300元、10月价格临时补贴50元"))
    assert codes(report := roster(funded, OCTOBER, grid)) == []
    assert told(report, "W_REMARK_AMOUNTS") == []
    assert sorted(paid(funded)) == [("one_off", OCTOBER, OCTOBER, 30_000), ("price", OCTOBER, OCTOBER, 5_000)]
    again = roster(funded, OCTOBER, grid)
    assert (again.new, again.duplicate, again.wrong) == (0, 12, [])


def test_amounts_that_do_not_come_to_the_cell_are_told(funded: County) -> None:
    at(funded, 10, 8)
    report = roster(funded, OCTOBER, listed(row_of(4, 400, remark="取暖费300元、10月价格临时补贴50元")))
    (note,) = told(report, "W_REMARK_AMOUNTS")
    assert note.place.row == 5
    assert note.params == {"amounts": "300.00+50.00", "stated_fen": 35_000, "amount_fen": 40_000, "component": "price"}


def test_what_no_document_bears_is_told_once_a_sheet_and_kind(funded: County) -> None:
    at(funded, 10, 8)
    rows = [
        row_of(2, 50, remark="物价补贴"),
        row_of(3, 200, remark="国庆节日补助"),
        row_of(4, 200, remark="国庆节日补助"),
        row_of(5, 300, remark="取暖费(示民发〔2025〕9号)"),
        row_of(7, 100, remark="补发8月"),
    ]
    report = roster(funded, OCTOBER, listed(*rows))
    assert codes(report) == [], "it is a remark and refuses nothing"
    said = [(note.params["component"], note.params["count"], note.params["rows"]) for note in _documents(report)]
    assert said == [("price", 1, "3"), ("one_off", 2, "4、5")]


def _documents(report: FileReport) -> list[Note]:
    return told(report, "W_BESIDE_DOCUMENT")


def test_a_rise_said_month_by_month_is_held_against_all_its_months(funded: County) -> None:
    """Of 50 yuan more for each of three persons: 150 a month. It was taken for September's alone, and told as wrong."""
    fields = {"programme": "rural-dibao", "category": "农村B类", "amount_fen_per_month": 55_000, "tiers_fen": []}
    rest = {"effective_from": "2025-09", "decided_on": "2025-10-05", "document": "示民发〔2025〕9号"}
    at(funded, 10, 8)
    funded.decide(BUREAU, ("standard.set", {**fields, **rest, "origin": "decision"}), day=funded.now.date())
    report = roster(funded, OCTOBER, listed(row_of(5, 300, remark="提标补差9月150元、10月150元")))
    assert codes(report) == []
    assert told(report, "W_UPLIFT_AMOUNT") == []
    assert paid(funded) == [("uplift", "2025-09", "2025-10", 30_000)]


@pytest.mark.parametrize(("remark", "was"), [("取暖费", "arrears"), ("10-12月取暖费300元、物价补贴50元", "price")])
def test_a_list_that_was_read_otherwise_is_known_again(
    funded: County, monkeypatch: pytest.MonkeyPatch, remark: str, was: Component
) -> None:
    """An earlier release took the whole cell for arrears, or for the one kind that it knew, of the month itself."""
    at(funded, 10, 8)
    grid = listed(row_of(4, 350, remark=remark))
    with monkeypatch.context() as earlier:
        earlier.setattr(Remarks, "recorded", _as_before(was))
        assert roster(funded, OCTOBER, grid).wrong == []
    assert [(one[0], one[3]) for one in paid(funded)] == [(was, 35_000)]
    again = roster(funded, OCTOBER, grid)
    assert (again.new, again.duplicate, again.wrong) == (0, 12, [])
    assert len(paid(funded)) == 1


@pytest.mark.parametrize(
    ("remark", "was"),
    [
        ("补发2024年8月100元、2025年9月250元", "arrears"),
        ("补发9月、2月", "arrears"),
        ("取暖费150元、9月200元", "one_off"),
        ("取暖费300元、10月价格补贴50元，合计400元", "price"),
    ],
)
def test_a_list_whose_remark_could_not_be_read_today_is_known_again(
    funded: County, monkeypatch: pytest.MonkeyPatch, remark: str, was: Component
) -> None:
    """It was recorded by an earlier release: neither the row nor the file is refused for it."""
    at(funded, 10, 8)
    grid = listed(row_of(4, 350, remark=remark))
    with monkeypatch.context() as earlier:
        earlier.setattr(Remarks, "recorded", _as_before(was))
        assert roster(funded, OCTOBER, grid).refused is None
    assert [(one[0], one[3]) for one in paid(funded)] == [(was, 35_000)]
    again = roster(funded, OCTOBER, grid)
    assert (again.refused, again.new, again.duplicate, again.wrong) == (None, 0, 12, [])


def _as_before(component: Component) -> object:
    """What an earlier release read of any remark."""

    def read(said: Remarks, entry: Entry, _lines: object) -> list[object]:
        (meant, fen), *_ = said.of("补发", 35_000)
        assert entry.arrears_fen == fen
        return [(replace(meant, component=component, first=OCTOBER, last=OCTOBER, is_dated=False), fen)]

    return read


def test_a_remark_is_read_once_however_many_rows_have_it(funded: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """And however often the list is asked what it says: for its lines, for a rise, for what it names no document of."""
    at(funded, 10, 8)
    same, other = "补发9月", "取暖费300元、10月价格临时补贴50元"
    grid = listed(*(row_of(n, base_of(n), remark=same) for n in (1, 2, 3)), row_of(4, 350, remark=other))
    read: list[str] = []
    for name in ("_said", "beside"):
        before = getattr(remarks, name)

        def counted(remark: str, *given: object, _before: Callable[..., object] = before, **more: object) -> object:
            read.append(remark)
            return _before(remark, *given, **more)

        monkeypatch.setattr(remarks, name, counted)
    for known in (False, True):
        read.clear()
        assert codes(roster(funded, OCTOBER, grid)) == []
        whole = Counter(one for one in read if one in {same, other})
        assert whole == {same: 2, other: 1 + known}, "for its amounts, and as one; of two parts that only once known"


def test_a_column_of_its_own_is_told_with_what_to_do(funded: County) -> None:
    at(funded, 10, 8)
    place = HEAD.index("本月实发(元)")
    rows = listed(*(row_of(n, 0, 0, "", **{"本月实发(元)": str(base_of(n) + 300)}) for n in range(1, 13)))
    grid = [[*row[:place], "取暖费(元)" if row is rows[0] else "300", *row[place:]] for row in rows]
    report = roster(funded, OCTOBER, grid)
    assert {code for _, code in codes(report)} == {"E_ROSTER_SUM"}
    assert "取暖费300元" in report.wrong[0].message()
