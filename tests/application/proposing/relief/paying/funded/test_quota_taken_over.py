"""Quota that an opening took over pays for batches as a document does that the book received (期初建账)."""

from datetime import date
from typing import Any

import pytest

from ledger.accounts.roles import Role
from ledger.application.outcomes import Receipt
from ledger.application.proposing.context import Context
from tests.application.proposing.county import BATCH, TODAY, County
from tests.application.proposing.county_facts import BUREAU, Fact
from tests.application.proposing.relief.october import SEPTEMBER

NEEDED_FEN = 808_000
OLD, NEW = "财社〔2024〕9号", "湘财社指〔2025〕7号"
LISTS = ("pledges", "lots", "receivables", "recoveries", "bank_items", "receipt_ranges", "assets")


def opening(**quotas: int) -> Fact:
    """The bureau's opening with what each document has left."""
    parts = [*(("quota", name, fen) for name, fen in quotas.items()), ("fiscal_income", "", -sum(quotas.values()))]
    lines = [
        {
            "fund": "relief",
            "role": role,
            "party": party,
            "year_start_fen": fen,
            "debit_fen": 0,
            "credit_fen": 0,
            "balance_fen": fen,
        }
        for role, party, fen in parts
    ]
    paper = {"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-08-31"}
    fields = {"entity": BUREAU, "period": "2025-09", "on": "2025-09-01", "lines": lines, "papers": [paper]}
    nets = {"net_unrestricted_fen": 0, "net_restricted_fen": 0, "roster": None}
    return "opening.recorded", {**fields, **nets, **{name: [] for name in LISTS}}


@pytest.fixture
def taken_over(county: County) -> County:
    """The county without a document of its own, begun with two that others received."""
    (given,) = county.of_kind("appropriation.received")
    county.reverse(given, BUREAU)
    quotas = {OLD: 300_000, NEW: 900_000}
    assert isinstance(county.decide(BUREAU, opening(**quotas), day=date(2025, 9, 1)), Receipt)
    return county


def prepared(county: County) -> list[dict[str, Any]]:
    found = county.one(county.write("花名册9月.csv", SEPTEMBER))
    assert (found.new, found.wrong) == (12, [])
    (batch,) = county.of_kind("batch.prepared")
    assert batch.batch == BATCH
    return [part.model_dump() for part in batch.fund_source]


def test_a_batch_is_paid_of_what_was_taken_over(taken_over: County) -> None:
    assert prepared(taken_over) == [
        {"document": OLD, "level": "central", "budget_code": "20819", "fen": 300_000},
        {"document": NEW, "level": "province", "budget_code": "20819", "fen": NEEDED_FEN - 300_000},
    ]


def test_what_there_is_to_pay_of_is_asked_for_once_a_batch(taken_over: County, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, balances = list[Role](), Context.balances

    def counted(context: Context, entity: str, fund: str, role: Role) -> dict[str, int]:
        asked.append(role)
        return balances(context, entity, fund, role)

    monkeypatch.setattr(Context, "balances", counted)
    prepared(taken_over)
    assert asked.count(Role.QUOTA) == 1


def test_what_was_taken_over_is_older_than_what_came_since(taken_over: County) -> None:
    came = {"document": "A〔2025〕1号", "fund": "relief", "programme": None, "level": "county", "budget_code": "1"}
    more = {"fiscal_year": 2025, "carried_over": False, "direct": False, "amount_fen": 5_000_000}
    received = ("appropriation.received", {**came, **more, "occurred_on": "2025-09-02", "source": None})
    assert isinstance(taken_over.decide(BUREAU, received, day=TODAY), Receipt)
    assert [part["document"] for part in prepared(taken_over)] == [OLD, NEW]


def test_a_document_of_two_budget_codes_is_not_drawn_on_twice(county: County) -> None:
    """Its quota is one sum: what one code's part took is gone for the other's, and the next document pays the rest."""
    (given,) = county.of_kind("appropriation.received")
    county.reverse(given, BUREAU)
    stated = {name: value for name, value in given.model_dump(mode="json").items() if name not in ("id", "kind")}
    sums = ((OLD, "2081901", 150_000), (OLD, "2081902", 150_000), (NEW, "2081901", 900_000))
    facts = [
        ("appropriation.received", {**stated, "document": name, "budget_code": code, "amount_fen": fen})
        for name, code, fen in sums
    ]
    assert isinstance(county.decide(BUREAU, *facts), Receipt)
    found = prepared(county)
    assert sum(part["fen"] for part in found if part["document"] == NEW) == NEEDED_FEN - 300_000


@pytest.mark.parametrize(
    ("number", "level"),
    [
        ("财社〔2024〕9号", "central"),
        ("湘财社指〔2025〕7号", "province"),
        ("郴市财社〔2025〕2号", "city"),
        ("示县财社〔2025〕3号", "county"),
        ("示财社指〔2025〕3号", "province"),
        ("民政局自筹", "county"),
    ],
)
def test_a_documents_number_says_who_issued_it(county: County, number: str, level: str) -> None:
    (given,) = county.of_kind("appropriation.received")
    county.reverse(given, BUREAU)
    assert isinstance(county.decide(BUREAU, opening(**{number: 900_000}), day=date(2025, 9, 1)), Receipt)
    assert [(part["document"], part["level"]) for part in prepared(county)] == [(number, level)]
