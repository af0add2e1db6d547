"""How figures of sentences are told at the command line, where their words would fail."""

import datetime as dt
from dataclasses import replace
from io import BytesIO

import pytest
from openpyxl import load_workbook

from ledger.catalogue import say
from ledger_api.cli.desk import Desk
from ledger_api.cli.readers.report_checks import claim_told, difference, other_readings
from ledger_api.tables.paragraph_sheets import write_paragraph
from ledger_api.telling.paragraphs import parts_of, scope_of, told_fact, value_text
from ledger_projections.summaries.sentences import Paragraph, Sentence, Slot
from ledger_projections.summaries.sentences_catalogue import template
from ledger_projections.summaries.sentences_checking import Claim, Compared
from ledger_projections.summaries.sentences_facts import Fact
from ledger_projections.summaries.sentences_measures import MEASURES

ZH = Desk.of(book=None, key=None, passphrase_file=None, as_json=False, lang="zh")
EN = Desk.of(book=None, key=None, passphrase_file=None, as_json=False, lang="en")


def figure(key: str, value: int, unit: str, of: int | None = None, schemes: tuple[str, ...] = ()) -> Fact:
    of_unit = MEASURES[key].of_unit if key in MEASURES else ""
    return Fact(
        key,
        value,
        of,
        unit,
        of_unit,
        schemes,
        (),
        (),
        (),
        None,
        "2025-01",
        "2025-09",
        dt.date(2025, 9, 30),
        9,
        "figures",
    )


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (figure("paid_fen", 8_176_388_000, "fen"), "81,763,880.00 元", "81,763,880.00 yuan"),
        (figure("paid_fen", -69_000, "fen"), "-690.00 元", "-690.00 yuan"),
        (figure("in_persons", 1786, "persons"), "1,786 人", "1,786 persons"),
        (figure("clue_count", 31, "count"), "31", "31"),
        (figure("recovery_rate", 8346, "rate", 9124), "91.5%", "91.5%"),
        (figure("appropriation_relief_rate", -690, "rate", 5000), "-6.90/50.00元", "-6.90/50.00 yuan"),
        (figure("paid_average_fen", 401_123_000, "average", 12_857), "311.99元", "311.99 yuan"),
    ],
)
def test_values_are_told_with_their_unit(found: Fact, zh: str, en: str) -> None:
    assert (value_text(ZH, found), value_text(EN, found)) == (zh, en)


def test_a_figure_says_its_months_and_as_of_when_it_is_known() -> None:
    """The end of its months is no day up to which it was counted."""
    dated = figure("paid_fen", 100, "fen")
    assert "2025-01–2025-09 · 截至 2025-09-30" in told_fact(ZH, dated)
    known = replace(dated, on=None)
    assert "2025-01–2025-09 · 账内已知(至序号 9)" in told_fact(ZH, known)
    assert "all known (at position 9)" in told_fact(EN, known)
    assert "2025-09-30" not in told_fact(ZH, known)


RATIOS = {
    "a rate of money": (figure("recovery_rate", 41_700, "rate", 45_600), "417.00/456.00元", "417.00/456.00 yuan"),
    "a rate of matters": (figure("matter_rate", 3, "rate", 1_005), "3/1,005个", "3/1,005"),
    "a level": (
        figure("level_fen", 1_528_000, "average", 49),
        "15,280.00元/49人月",
        "15,280.00 yuan/49 person-months",
    ),
    "an average": (
        figure("paid_average_fen", 401_123_000, "average", 12_857),
        "4,011,230.00元/12,857人次",
        "4,011,230.00 yuan/12,857 person-times",
    ),
}


@pytest.mark.parametrize("name", RATIOS)
def test_what_a_rate_or_an_average_is_made_of_has_its_units(name: str) -> None:
    found, zh, en = RATIOS[name]
    assert (parts_of(ZH, found), parts_of(EN, found)) == (zh, en)


@pytest.mark.parametrize("name", RATIOS)
def test_the_workbook_of_sentences_says_so_too(name: str) -> None:
    found, zh, _ = RATIOS[name]
    sentence = Sentence("one", "甲乙", "ab", (Slot("slot", "XX", "", None, found),))
    told = Paragraph("quarter", 9, None, found.first, found.last, None, (), None, None, (sentence,))
    file = BytesIO()
    write_paragraph(ZH, template("quarter"), told, file)
    heads, row = load_workbook(file)["各数依据"].iter_rows(values_only=True)
    assert dict(zip(heads, row, strict=True))["准确值"] == zh


def test_another_reading_is_told_once_a_measure_and_value() -> None:
    """含补发3480元: arrears and rises are other readings, each over two sets of programmes, which change nothing."""
    sets = ("rural_dibao",), ("rural_dibao", "orphan")
    values = {"late_fen": 348_000, "arrears_fen": 0, "uplift_fen": 64_000, "reissued_fen": 64_000}
    found = [
        Compared(figure(key, fen, "fen", schemes=schemes), fen == 348_000, is_wide=False, off_by=348_000 - fen)
        for key, fen in values.items()
        for schemes in sets
    ]
    told = other_readings(ZH, Claim("figure", "3480元", 3, "fen", "supported", figures=tuple(found)))
    assert [line.partition(" · ")[0] for line in told] == ["0.00 元", "640.00 元", "640.00 元"]
    assert [line.endswith("(农村低保)") for line in told] == [True] * 3
    assert len({line.partition("(")[0] for line in told}) == 3, "rises and what was paid again are two measures"
    more = [Compared(figure("late_fen", 348_001, "fen", schemes=sets[1]), fits=False, is_wide=False, off_by=-1)]
    told = other_readings(ZH, Claim("figure", "3480元", 3, "fen", "supported", figures=(*found[:1], *more)))
    assert len(told) == 1, "the same measure that comes to something else is another reading"


@pytest.mark.parametrize(
    ("off", "unit", "zh", "en"),
    [
        (10, "rate", "多写 0.1 个百分点", "too much by 0.1 percentage points"),
        (-140, "rate", "少写 1.4 个百分点", "too little by 1.4 percentage points"),
        (1_000, "percent", "多写 10 个百分点", "too much by 10 percentage points"),
        (-5, "fen", "少写 0.05 元", "too little by 0.05 yuan"),
        (1_234, "人", "多写 1,234", "too much by 1,234"),
    ],
)
def test_a_difference_is_told_in_the_unit_of_the_number(off: int, unit: str, zh: str, en: str) -> None:
    assert (difference(ZH, off, unit), difference(EN, off, unit)) == (zh, en)


def test_every_rate_and_average_says_what_it_is_taken_of() -> None:
    divided = {key: one.of_unit for key, one in MEASURES.items() if one.unit in {"rate", "average"}}
    assert {key: unit for key, unit in divided.items() if say(f"exact.{unit}", "zh") == f"exact.{unit}"} == {}
    assert {key for key, one in MEASURES.items() if one.of_unit} == set(divided)


def test_scopes_come_from_the_measures_the_figures_or_nowhere() -> None:
    assert scope_of(ZH, figure("paid_fen", 1, "fen", schemes=("orphan",))).endswith("(孤儿)")
    assert scope_of(ZH, figure("recovery_ordered_fen", 1, "fen")) == "应追,至期末"
    assert scope_of(EN, figure("recovery_ordered_fen", 1, "fen")) == "ordered to be recovered"
    assert scope_of(ZH, figure("", 1, "")) == ""


def test_a_name_that_an_appeal_is_called_by_is_told() -> None:
    """The book tells the appeals of one disaster from another's by no figure: the reader is told what was compared."""
    fits = Compared(figure("disaster_cash_fen", 4_012_300, "fen"), fits=True, is_wide=False, off_by=0)
    named = Claim("figure", "4万余元", 0, "fen", "supported", None, "资兴", (fits,))
    assert "「资兴」作名称看,与账内全部灾情募捐相比" in claim_told(ZH, named)
    assert "资兴 is taken for a name" in claim_told(EN, named)
    assert "名称" not in claim_told(ZH, replace(named, words=""))
