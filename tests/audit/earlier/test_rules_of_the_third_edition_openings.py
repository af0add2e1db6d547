"""What an opening brings is ended by the events that end it: advances, deposits and grants paid before the book."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding
from ledger.log import reading
from ledger_projections.books.balances import role_of
from tests.audit.earlier.editions import by_edition, earlier_ones, verdict_of
from tests.audit.full_book import DIGEST
from tests.projections.opened_book import BUREAU, OpenedBook, event, fund

OPEN = {"bank": ("rcc", 1_000), "receivable": ("staff:A1", 500), "deposit": ("TD1", 900), "prepaid": ("GR1", 200)}


def opening() -> Event:
    def line(role: str, party: str, fen: int) -> dict[str, Any]:
        moved = {"year_start_fen": fen, "debit_fen": 0, "credit_fen": 0, "code": None}
        return {"fund": "relief", "role": role, "party": party, "balance_fen": fen, **moved}

    owed = [
        {"fund": "relief", "role": role, "party": OPEN[role][0], "since": "2025-08-01", "amount_fen": OPEN[role][1]}
        for role in ("receivable", "prepaid")
    ]
    total = sum(fen for _, fen in OPEN.values())
    lines = [line(role, *place) for role, place in OPEN.items()]
    nets = {"net_unrestricted_fen": total, "net_restricted_fen": 0}
    papers = [{"paper": "trial_balance", "digest": DIGEST, "dated": "2025-08-31"}]
    lists = ("pledges", "lots", "recoveries", "bank_items", "receipt_ranges", "assets")
    told = {"lines": [*lines, line("net_unrestricted", "", -total)], "papers": papers, "receivables": owed}
    dated = {"entity": BUREAU, "period": "2025-09", "on": "2025-09-01", "roster": None}
    return event("opening.recorded", **dated, **told, **nets, **{name: [] for name in lists})


def cleared(advance: str, returned_fen: int) -> Event:
    spent = [{"nature": "management", "fen": 300, "purpose": "差旅"}]
    back = {"returned_fen": returned_fen, "means": "bank", "account": "rcc"}
    return event(
        "advance.cleared", movement="OC1", advance=advance, fund="relief", spent=spent, **back, on="2025-09-10"
    )


def matured(deposit: str, principal_fen: int) -> Event:
    back = {"account": "rcc", "fund": "relief", "principal_fen": principal_fen, "interest_fen": 10}
    return event("deposit.matured", movement="OD1", deposit=deposit, **back, on="2025-09-10")


def used(grant: str, fen: int) -> Event:
    said = {"as_of": "2025-09-01", "persons": 1, "households": 1, "papers": DIGEST, "on": "2025-09-10"}
    return event("grant.use_reported", movement="OU1", grant=grant, fund="relief", used_fen=fen, **said, place=None)


@pytest.fixture
def mine(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    copy = book.copy(tmp_path / "b.db")
    named = {"account": "rcc", "holding": "bank", "bank": "示例农商行", "aliases": [], "default_fund": "relief"}
    copy.post(BUREAU, fund("relief", "unrestricted"))
    copy.post(BUREAU, event("bank.account_registered", **named, number_ref=None, opened_on="2025-01-01"))
    copy.post(BUREAU, opening())
    yield copy
    copy.close()


def stand(book: OpenedBook) -> dict[str, int]:
    """Role -> fen of what the opening brought."""
    with book.store.read() as connection:
        rows = [(one.key, one.amount_fen) for one in reading.balances(connection) if one.key.entity == BUREAU]
    found = {(role_of(key.chart, key.code).value, key.party): fen for key, fen in rows}
    return {role: found.get((role, party), 0) for role, (party, _) in OPEN.items()}


def test_what_the_opening_brought_is_ended_without_a_word(mine: OpenedBook) -> None:
    for one in (cleared("A1", 200), matured("TD1", 900), used("GR1", 200)):
        assert [finding.code for finding in mine.post(BUREAU, one).warnings] == []
    assert verdict_of(mine).holds
    assert stand(mine) == {"bank": 1_000 + 200 + 900 + 10, "receivable": 0, "deposit": 0, "prepaid": 0}


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (cleared("A2", 0), "E_STAFF_ADVANCE_UNKNOWN"),
        (matured("TD2", 900), "E_DEPOSIT_UNKNOWN"),
        (cleared("A1", 201), "W_STAFF_ADVANCE_OVER"),
        (matured("TD1", 901), "W_DEPOSIT_SHORT"),
        (used("GR1", 201), "W_USE_OVER_PAID"),
        (used("GR2", 1), "W_USE_OVER_PAID"),
    ],
    ids=["advance unknown", "deposit unknown", "advance over", "deposit over", "grant over", "grant unknown"],
)
def test_what_it_did_not_bring_is_still_told(mine: OpenedBook, act: Event, code: str) -> None:
    try:
        found: Sequence[Finding] = mine.post(BUREAU, act).warnings
    except VoucherRefusedError as refused:
        found = refused.findings
    assert code in [finding.code for finding in found]


def test_a_book_of_the_third_edition_that_was_warned_still_holds(
    mine: OpenedBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, 3)
    receipt = mine.post(BUREAU, used("GR1", 200))
    assert [finding.code for finding in receipt.warnings] == ["W_USE_OVER_PAID"]
    verdict = verdict_of(mine)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])
