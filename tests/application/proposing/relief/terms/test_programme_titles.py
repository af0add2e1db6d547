"""A list whose category names no programme is of the one that its title names, where that one has the category."""

from typing import Any

import pytest

from ledger.application.proposing.context import Context
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, household

TITLES = [
    "示例县2025年9月农村低保资金发放花名册",
    "示例县2025年9月农村最低生活保障金发放花名册",
    "示例县农村居民2025年9月低保金发放表",
    "示例县2025年9月最低生活保障金(农村)发放花名册",
    "示例县农村商业银行代发2025年9月农村低保资金花名册",
]
STRANGE = [
    ("no area", "示例县2025年9月低保资金发放花名册", "A"),
    ("the bank's name is no area", "农村商业银行代发2025年9月低保资金花名册", "A"),
    ("two areas", "示例县2025年9月农村、城镇低保资金发放花名册", "A"),
    ("another programme", "示例县2025年9月特困人员供养金发放花名册", "A"),
    ("a category that the programme has not", "示例县2025年9月农村低保资金发放花名册", "临时"),
    ("no title", "", "A"),
]


@pytest.fixture
def lettered(funded: County) -> County:
    """Both kinds of 低保 have a category A."""
    for programme in ("rural-dibao", "urban-dibao"):
        fields: dict[str, Any] = {"programme": programme, "category": "A", "amount_fen_per_month": 50_000}
        rest = {"effective_from": "2025-01", "decided_on": "2024-12-20", "document": "示民发〔2024〕30号"}
        funded.decide(BUREAU, ("standard.set", {**fields, "tiers_fen": [], **rest, "origin": "history"}))
    return funded


def read(county: County, title: str, category: str) -> Any:
    grid = [HEAD, household(1, 保障类别=category), household(2, 保障类别=category)]
    return county.one(county.write("名册.csv", [[title, *[""] * (len(HEAD) - 1)], *grid] if title else grid))


@pytest.mark.parametrize("title", TITLES)
def test_the_title_names_the_programme(lettered: County, title: str) -> None:
    report = read(lettered, title, "A")
    assert (report.new, report.wrong) == (2, [])
    assert {(one.programme, one.category) for one in lettered.of_kind("enrolment.confirmed")} == {("rural-dibao", "A")}


@pytest.mark.parametrize(("what", "title", "category"), STRANGE, ids=[one[0] for one in STRANGE])
def test_what_the_title_does_not_settle_is_asked(lettered: County, what: str, title: str, category: str) -> None:
    report = read(lettered, title, category)
    assert [(one.code, one.column, one.params["name"]) for one in report.wrong] == [
        ("E_PROGRAMME_CHOICE", "保障类别", category)
    ] * 2
    assert lettered.of_kind("enrolment.confirmed") == []


def test_what_names_no_programme_is_looked_for_once(lettered: County, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, facts = list[str](), Context.facts

    def counted(context: Context, kind: str) -> list[Any]:
        asked.append(kind)
        return facts(context, kind)

    monkeypatch.setattr(Context, "facts", counted)
    counts = []
    for homes in (1, 5):
        asked.clear()
        grid = [HEAD, *(household(home, 保障类别="A") for home in range(1, homes + 1))]
        report = lettered.one(lettered.write("名册.csv", grid))
        assert [(one.code, one.params["name"]) for one in report.wrong] == [("E_PROGRAMME_CHOICE", "A")] * homes
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_category_that_names_its_programme_is_believed_before_the_title(lettered: County) -> None:
    report = read(lettered, "示例县2025年9月城镇低保资金发放花名册", "农村B类")
    assert (report.new, report.wrong) == (2, [])
    assert {one.programme for one in lettered.of_kind("enrolment.confirmed")} == {"rural-dibao"}


def test_a_programmes_own_list_of_categories_counts(funded: County) -> None:
    fields = {"programme": "help", "name": "帮扶低保", "scheme": "urban_dibao", "unit": "household", "fund": "relief"}
    rest = {"categories": ["甲"], "function_code": "20819", "on": "2025-01-01", "origin": "history"}
    funded.decide(BUREAU, ("programme.opened", {**fields, **rest}))
    report = read(funded, "示例县2025年9月城镇低保资金发放花名册", "甲")
    assert (report.new, report.wrong) == (2, [])
    funded.sign_off()
    assert {one.programme for one in funded.of_kind("enrolment.confirmed")} == {"help"}


def test_two_programmes_of_one_title_are_asked(lettered: County) -> None:
    fields = {"programme": "more", "name": "增发", "scheme": "rural_dibao", "unit": "household", "fund": "relief"}
    rest = {"categories": ["A"], "function_code": "20819", "on": "2025-01-01", "origin": "history"}
    lettered.decide(BUREAU, ("programme.opened", {**fields, **rest}))
    report = read(lettered, "示例县2025年9月农村低保资金发放花名册", "A")
    assert [one.code for one in report.wrong] == ["E_PROGRAMME_CHOICE"] * 2


def test_a_list_without_categories_is_of_its_titles_programme(lettered: County) -> None:
    """Of its own words, as before, and of the area with the scheme's long name."""
    report = read(lettered, "示例县2025年9月农村最低生活保障金发放花名册", "")
    assert report.wrong == []
    lettered.sign_off()
    assert {one.programme for one in lettered.of_kind("enrolment.confirmed")} == {"rural-dibao"}
