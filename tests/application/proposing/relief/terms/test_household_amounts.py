"""How a household's amount came about: a formula, whichever rounding the county uses, or what the row says is decided
case by case. An amount that is neither stays a doubt.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.application.proposing.relief.terms import household as amounts
from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, household

MORE = ("新增原因", "保障类型", "备注")
_PLAIN = {
    "月人均补差(元)": "",
    "分类施保人数": "",
    "分类施保金(元)": "",
    "补发(元)": "",
    "扣回(元)": "",
    "基本保障金(元)": "",
}
SINGLE = {"新增原因": "边缘户单人保", "保障人口": "1", "家庭月人均收入(元)": "620", "本月实发(元)": "350"}
TAPER = {"备注": "渐退期第2个月", "保障人口": "2", "家庭月人均收入(元)": "620", "本月实发(元)": "380"}
TIER = {"保障人口": "3", "家庭月人均收入(元)": "100", "本月实发(元)": "902"}
SUM = {"保障人口": "2", "家庭月人均收入(元)": "180.55", "基本保障金(元)": "638.90", "分类施保人数": "1"} | {
    "分类施保金(元)": "33.30",
    "本月实发(元)": "673",
}
SOUND: list[tuple[str, dict[str, str], tuple[str, str, int, int]]] = [
    # what, cells, and as what it is recorded: mode, rounding, base and total
    ("one person of a near-poor family", SINGLE, ("single", "none", 35_000, 35_000)),
    ("one person, by the kind", SINGLE | {"新增原因": "", "保障类型": "单人保"}, ("single", "none", 35_000, 35_000)),
    (
        "one person, instead of all",
        SINGLE | {"新增原因": "", "备注": "整户保转单人保"},
        ("single", "none", 35_000, 35_000),
    ),
    ("tapering", TAPER, ("taper", "none", 38_000, 38_000)),
    ("tapering, by the kind", TAPER | {"备注": "", "保障类型": "渐退保障"}, ("taper", "none", 38_000, 38_000)),
    ("tapering of one person", SINGLE | {"备注": "单人保渐退"}, ("taper", "none", 35_000, 35_000)),
    ("a tier rounded for the home", TIER, ("tier", "household_yuan_up", 90_200, 90_200)),
    ("a tier rounded for each head", TIER | {"本月实发(元)": "903"}, ("tier", "head_yuan_up", 90_300, 90_300)),
    ("a tier to the fen", TIER | {"本月实发(元)": "901.50"}, ("tier", "none", 90_150, 90_150)),
    ("the sum rounded", SUM, ("difference", "none", 63_890, 67_300)),
    ("the sum rounded, no column of the base", SUM | {"基本保障金(元)": ""}, ("difference", "none", 63_890, 67_300)),
    (
        "a formula that fits, said to be one person's",
        SINGLE | {"家庭月人均收入(元)": "150"},
        ("difference", "none", 35_000, 35_000),
    ),
]
WRONG: list[tuple[str, dict[str, str]]] = [
    ("nothing said", SINGLE | {"新增原因": ""}),
    ("nothing said of tapering", TAPER | {"备注": ""}),
    ("one person's cover of two", SINGLE | {"保障人口": "2"}),
    ("the tapering is over", TAPER | {"备注": "渐退期满"}),
    ("the tapering was called off", TAPER | {"备注": "取消渐退"}),
    ("it is not one person's", SINGLE | {"新增原因": "", "备注": "非单人保"}),
    ("it was one person's", SINGLE | {"新增原因": "", "备注": "单人保转整户保"}),
    ("the row's own difference is another", SINGLE | {"月人均补差(元)": "200"}),
    ("a tier above the yuan", TIER | {"本月实发(元)": "904"}),
    ("a tier below", TIER | {"本月实发(元)": "901"}),
    ("the sum above the yuan", SUM | {"基本保障金(元)": "", "本月实发(元)": "674"}),
    ("the sum below the yuan", SUM | {"基本保障金(元)": "", "本月实发(元)": "672"}),
    ("the sum of no whole yuan", SUM | {"基本保障金(元)": "", "本月实发(元)": "672.50"}),
    ("the base is stated otherwise", SUM | {"基本保障金(元)": "639.70"}),
]
ABOVE = [
    ("one person's above the standard", SINGLE | {"本月实发(元)": "501"}),
    ("tapering above the standard", TAPER | {"本月实发(元)": "1000.10"}),
]


@pytest.fixture
def tiered(funded: County) -> County:
    """The county pays by tiers too."""
    fields: dict[str, Any] = {"programme": "rural-dibao", "category": "农村B类", "amount_fen_per_month": 50_000}
    rest = {"effective_from": "2025-02", "decided_on": "2025-01-20", "document": "示民发〔2025〕2号"}
    funded.decide(BUREAU, ("standard.set", {**fields, "tiers_fen": [30_050, 20_000], **rest, "origin": "history"}))
    return funded


def read(county: County, cells: dict[str, str], month: int = 9) -> FileReport:
    county.now = county.now.replace(month=month, day=8)
    row = dict(zip(HEAD, household(1), strict=True)) | _PLAIN | dict.fromkeys(MORE, "") | cells
    path = county.write(f"低保{month}月.csv", [list(row), list(row.values())])
    return county.one(path, month=f"2025-{month:02d}", today=county.now.date())


def recorded(county: County, kind: str = "enrolment.confirmed") -> tuple[str, str, int, int]:
    (one,) = [event.monthly for event in county.of_kind(kind)]
    return one.mode, one.rounding, one.base_fen, one.total_fen


@pytest.mark.parametrize(("what", "cells", "made"), SOUND, ids=[one[0] for one in SOUND])
def test_what_the_row_says_is_no_doubt(
    tiered: County, what: str, cells: dict[str, str], made: tuple[str, str, int, int]
) -> None:
    report = read(tiered, cells)
    assert (report.new, report.wrong) == (1, [])
    assert tiered.waiting() == []
    assert recorded(tiered) == made
    assert tiered.findings() == []


@pytest.mark.parametrize(("what", "cells"), WRONG, ids=[one[0] for one in WRONG])
def test_an_amount_of_no_stated_kind_stays_a_doubt(tiered: County, what: str, cells: dict[str, str]) -> None:
    assert read(tiered, cells).wrong == []
    assert tiered.sign_off() == 1
    assert tiered.findings().count("W_MONTHLY_FORMULA") == 1


@pytest.mark.parametrize(("what", "cells"), ABOVE, ids=[one[0] for one in ABOVE])
def test_what_is_decided_case_by_case_has_a_ceiling(tiered: County, what: str, cells: dict[str, str]) -> None:
    """It is recorded as a doubt, and not paid."""
    assert [one.code for one in read(tiered, cells).wrong] == ["E_PAID_ABOVE_STANDARD"]
    assert tiered.sign_off() == 1
    assert "W_ABOVE_STANDARD" in tiered.findings()


def test_the_sum_that_was_rounded_keeps_its_base_and_what_was_added(tiered: County) -> None:
    read(tiered, SUM)
    (one,) = [event.monthly for event in tiered.of_kind("enrolment.confirmed")]
    assert [(part.supplement_class, part.persons, part.fen) for part in one.supplements] == [
        ("other", 1, 3_330),
        ("other", 1, 80),
    ]


@pytest.mark.parametrize("cells", [SINGLE, TAPER, SUM], ids=["single", "taper", "sum"])
def test_a_later_list_need_not_say_it_again(tiered: County, cells: dict[str, str]) -> None:
    read(tiered, cells)
    silent = {name: value for name, value in cells.items() if name not in MORE}
    report = read(tiered, silent, 10)
    assert (report.new, tiered.waiting(), tiered.of_kind("enrolment.changed")) == (1, [], [])
    assert "W_ROSTER_CHANGED" not in [note.code for note in report.notes]


def test_another_amount_says_it_again_or_is_a_doubt(tiered: County) -> None:
    read(tiered, TAPER)
    read(tiered, TAPER | {"本月实发(元)": "190", "备注": "渐退期第3个月"}, 10)
    assert recorded(tiered, "enrolment.changed") == ("taper", "none", 19_000, 19_000)
    assert "W_MONTHLY_FORMULA" not in tiered.findings()
    read(tiered, TAPER | {"本月实发(元)": "150", "备注": ""}, 11)
    tiered.sign_off()
    assert tiered.findings().count("W_MONTHLY_FORMULA") == 1


def _as_before(tiers: Any) -> Iterator[dict[str, Any]]:
    """What earlier releases tried."""
    yield from ({"mode": "difference", "rounding": one} for one in ("none", "household_yuan_up", "head_yuan_up"))
    yield from ({"mode": "tier", "tier_fen": tier} for tier in tiers)
    yield {"mode": "full"}


@pytest.mark.parametrize("cells", [SINGLE, TAPER, TIER, SUM], ids=["single", "taper", "tier", "sum"])
@pytest.mark.parametrize("month", [9, 10])
def test_what_an_earlier_release_took_for_a_doubt_does_not_change(
    tiered: County, monkeypatch: pytest.MonkeyPatch, cells: dict[str, str], month: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(amounts, "_formulas", _as_before)
        patch.setattr(amounts, "_rounded_sum", lambda *_: None)
        patch.setattr(amounts, "_case", lambda *_: {})
        read(tiered, cells)
        assert tiered.sign_off() == 1
    assert tiered.findings().count("W_MONTHLY_FORMULA") == 1
    report = read(tiered, cells, month)
    assert (report.new, report.duplicate) == ((0, 1) if month == 9 else (1, 0))
    assert (tiered.waiting(), tiered.of_kind("enrolment.changed")) == ([], [])
    assert tiered.findings().count("W_MONTHLY_FORMULA") == 1
