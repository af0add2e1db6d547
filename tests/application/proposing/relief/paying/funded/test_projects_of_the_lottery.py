"""A list of aid that the lottery's fund pays: its own funding document pays it, never another project's money."""

import pytest

from ledger.application.outcomes import Receipt
from tests.application.proposing.county import TODAY, County
from tests.application.proposing.county_facts import BUREAU, Fact
from tests.application.proposing.relief.test_aid_lists import HEAD, TEMPORARY_AID, helped

DREAM = {
    **TEMPORARY_AID,
    "programme": "dream",
    "name": "福彩圆梦孤儿助学",
    "scheme": "scholarship",
    "unit": "person",
    "fund": "lottery",
    "function_code": "20810",
}
PAPER = "湘财综指〔2025〕8号"


def allocated(allocation: str, fen: int) -> Fact:
    """The lottery's money for one project."""
    project = {
        "project": "meals",
        "project_label": "老年助餐点建设",
        "user_label": "示例县民政局",
        "purpose": "elderly",
    }
    paper = {
        "document": "示财综〔2025〕21号",
        "budget_item": "2296002",
        "year": 2025,
        "level": "county",
        "content": None,
    }
    given = {"amount_fen": fen, "carried_over": False, "on": "2025-08-01", "origin": "history", "place": None}
    return "lottery.allocated", {"allocation": allocation, "fund": "lottery", **project, **paper, **given}


def received(fen: int) -> Fact:
    """The document whose money is for the lists."""
    came = {"document": PAPER, "fund": "lottery", "programme": None, "level": "province", "budget_code": "2296002"}
    more = {"fiscal_year": 2025, "carried_over": False, "direct": False, "amount_fen": fen}
    return "appropriation.received", {**came, **more, "occurred_on": "2025-09-02", "source": None}


@pytest.fixture
def dreaming(county: County) -> County:
    """A county where a project has the lottery's money, and a programme is paid of it."""
    for fact in (("programme.opened", DREAM), allocated("meals-2025", 750_000)):
        assert isinstance(county.decide(BUREAU, fact, day=TODAY), Receipt)
    return county


def listed(county: County) -> list[str]:
    """What was said of a list of one child for 1,200 yuan."""
    row = helped(1, 救助项目="福彩圆梦孤儿助学", 家庭人口="1", 救助原因="在校就读")
    found = county.one(county.write("福彩圆梦9月.csv", [HEAD.split(","), row]), programme="dream")
    return [problem.code for problem in found.wrong]


def test_a_list_is_paid_by_the_document_and_not_by_a_project(dreaming: County) -> None:
    assert isinstance(dreaming.decide(BUREAU, received(500_000), day=TODAY), Receipt)
    assert listed(dreaming) == []
    (batch,) = dreaming.of_kind("batch.prepared")
    assert [(part.document, part.fen) for part in batch.fund_source] == [(PAPER, 120_000)]


def test_without_a_document_the_list_waits_and_says_what_to_record(dreaming: County) -> None:
    assert listed(dreaming) == ["E_QUOTA_OF_PROJECTS"]
    assert dreaming.of_kind("batch.prepared") == []
    assert dreaming.fen(BUREAU, "lottery", "quota", "meals-2025") == 750_000


def test_a_document_that_is_short_takes_nothing_of_a_project(dreaming: County) -> None:
    assert isinstance(dreaming.decide(BUREAU, received(50_000), day=TODAY), Receipt)
    assert listed(dreaming) == ["E_QUOTA_SHORT"]
