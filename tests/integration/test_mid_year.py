"""A book that begins in July with June's own balances comes to the same December as one that was kept from January."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.log.reading import postings_between, tag_positions
from ledger.log.totals.trials import trial_of, trial_root
from ledger_api.demo.acts import CLERK
from ledger_api.demo.cast import BUREAU
from ledger_api.demo.run import CHECKERS, INPUTS, opened
from ledger_api.demo.year.control import controls
from ledger_api.demo.year.making import Made, make
from ledger_api.demo.year.play import Year, hand_in, raised_standards, setup
from ledger_api.demo.year.targets import MONTHS, NEXT, RAISED
from ledger_projections.books.trial_balance import trial_balance
from ledger_projections.figures import figures
from ledger_projections.public_money.doubts import doubts
from ledger_projections.public_money.rosters import rosters
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.registry import catch_up
from ledger_projections.summaries.registry import TABLES, settled
from ledger_projections.summaries.table import Asked

JULY = 6
KEPT_BACK = "offset_clearing"
"""What is kept back of whoever owes. Each book has its own name for a person; only one person here pays that way."""
Account = tuple[str, str, str]
"""(fund, role, party)."""


@dataclass(frozen=True, slots=True)
class Both:
    """The year's book, and the one that begins in July."""

    whole: Year
    half: Year


def balances(year: Year) -> dict[Account, int]:
    chosen = "select fund, role, party, amount_fen from balances where entity = 'bureau' and amount_fen <> 0"
    with year.county.book.store.read() as connection:
        found = connection.execute(text(chosen))
        return {(fund, role, "" if role == KEPT_BACK else party): fen for fund, role, party, fen in found}


def decide(year: Year, facts: list[tuple[str, Any]], day: str) -> None:
    year.county.post(CLERK, BUREAU, facts, (CHECKERS[BUREAU], "checker"), date.fromisoformat(day))


def pay(year: Year, index: int) -> None:
    """A month of every programme."""
    month = (*MONTHS, NEXT)[index]
    for roll, files in zip(year.made.rolls, year.made.months[index], strict=True):
        hand_in(year, roll.target.programme, files, month)


def finish(year: Year) -> None:
    """The lists of January, and the lists of the dead."""
    pay(year, len(MONTHS))
    assert year.made.death_lists
    year.read(CLERK, year.made.death_lists, NEXT)
    year.county.sign_off()
    assert year.troubles == []
    catch_up(year.county.book.store)


def opening(june: dict[Account, int], left: dict[str, int]) -> tuple[str, Any]:
    """June's accounts of the relief fund as the first of July's; what is left of a document comes as a document."""
    lines = []
    for (fund, role, party), fen in sorted(june.items()):
        told = fen + left.get(party, 0) if role == "fiscal_income" else 0 if role == "quota" else fen
        moved = {"year_start_fen": 0, "debit_fen": max(told, 0), "credit_fen": max(-told, 0), "balance_fen": told}
        lines += [{"fund": fund, "role": role, "code": None, "party": party, **moved}] if told else []
    lists = ("pledges", "lots", "receivables", "recoveries", "bank_items", "receipt_ranges", "assets")
    papers = [{"paper": "trial_balance", "digest": f"sha256:{'0' * 64}", "dated": "2024-06-30"}]
    sums = {"net_unrestricted_fen": 0, "net_restricted_fen": 0}
    fields = {"entity": BUREAU, "period": "2024-07", "on": "2024-07-01", "lines": lines, "papers": papers, **sums}
    return "opening.recorded", {**fields, **{name: [] for name in lists}}


def from_july(folder: Path, made: Made, june: dict[Account, int]) -> Year:
    """A new book that knows the programmes, the standards of July, and what June left."""
    year = Year(opened(folder, lambda _told: None), made=made)
    facts = list(setup(made.total_fen()))
    papers = {one["document"]: one for kind, one in facts if kind == "appropriation.received"}
    left = {party: fen for (_, role, party), fen in june.items() if role == "quota"}
    decide(year, [fact for fact in facts if fact[0] != "appropriation.received"], "2024-07-01")
    carried = [
        (
            "appropriation.received",
            {**papers[name], "carried_over": True, "amount_fen": fen, "occurred_on": "2024-07-01"},
        )
        for name, fen in sorted(left.items())
    ]
    decide(year, [*raised_standards(), opening(june, left), *carried], "2024-07-01")
    return year


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("years")
    made = make(folder / "files" / INPUTS, Decimal("0.005"), 18, 0)
    whole = Year(opened(folder / "whole", lambda _told: None), made=made)
    decide(whole, list(setup(made.total_fen())), "2024-01-01")
    for index in range(JULY):
        if index == RAISED:
            decide(whole, list(raised_standards()), "2024-04-15")
        pay(whole, index)
    half = from_july(folder / "half", made, balances(whole))
    assert balances(half) == balances(whole), "the book begins where the other one stands"
    # Who left after June is on no list of July: the first roster of a book is what there is.
    first = replace(made, months=(*made.months[:JULY], tuple(replace(f, exits=None) for f in made.months[JULY])))
    pay(replace(half, made=first), JULY)
    pay(whole, JULY)
    for year in (whole, half):
        for index in range(JULY + 1, len(MONTHS)):
            pay(year, index)
        finish(year)
    yield Both(whole, half)
    for year in (whole, half):
        year.county.book.close()


def test_decembers_balances_are_the_same(both: Both) -> None:
    december = balances(both.whole)
    assert balances(both.half) == december
    promised = {"committed", "committed_contra"}  # January's batches stand prepared
    assert {role for _, role, _ in december} == {"fiscal_income", "quota", "relief_cost", KEPT_BACK, *promised}
    assert len([role for _, role, _ in december if role == "relief_cost"]) == len(both.whole.made.rolls)


def test_the_whole_years_relief_comes_to_its_control_totals(both: Both) -> None:
    """Only relief is played here; what was sent back and paid again, and paid to the dead, has no programme's name."""
    lists = {roll.target.name for roll in both.whole.made.rolls}
    beside = {"死亡后发放笔数", "退票(元)", "到账后退回(元)", "退票再发(元)"}
    with both.whole.county.book.store.read() as connection:
        found = controls(connection, both.whole.made)
    mine = [one for one in found if one.programme in lists or one.what in beside]
    assert len(mine) > 8 * len(lists)
    assert [one for one in mine if not one.holds] == []


def test_julys_trial_balance_opens_with_what_june_left(both: Both) -> None:
    """What was taken over is no turnover of the month; the root that closes the month is over its postings as ever."""
    with both.half.county.book.store.read() as connection:
        (place,) = tag_positions(connection, f"entity:{BUREAU}", ["opening.recorded"])
        taken_over = sum(one.amount_fen for one in postings_between(connection, place, place) if one.amount_fen > 0)
        report = trial_balance(connection, BUREAU, "2024-07")
        plain = trial_of(connection, BUREAU, "2024-07", "2024-07", report.position)
        at_opening = trial_balance(connection, BUREAU, "2024-07", at=place - 1)
        june = trial_balance(connection, BUREAU, "2024-06")
        later = trial_balance(connection, BUREAU, "2024-08")
    assert taken_over > 0
    assert sum(max(line.sums.opening_debit_fen, 0) for line in report.funds) == taken_over
    assert plain.total().debit_fen - report.total.debit_fen == taken_over
    assert (report.root, plain.total().closing_debit_fen) == (trial_root(plain), report.total.closing_debit_fen)
    assert at_opening.total.opening_debit_fen == 0
    assert june.accounts == ()
    assert later.total.opening_debit_fen == report.total.closing_debit_fen, "counted once"


def test_decembers_figures_are_the_same(both: Both) -> None:
    """Who stands, and who came and left since; money and 人次 of the second half."""
    found = []
    for year in (both.whole, both.half):
        with year.county.book.store.read() as connection:
            answer = figures(connection, "2024-07", "2024-12").by_key()
            lists = rosters(connection, "2024-08", NEXT).rows
            paid = subsidies(connection, "2024-07", "2024-12").rows
        found.append((answer, [replace(row, movements=()) for row in lists], paid))
    assert found[0] == found[1]
    assert found[0][0]["dibao_rural_close"] > 0
    assert found[0][0]["relief_total_fen"] > 0
    assert len(found[0][1]) == 6 * len(both.whole.made.rolls)


def test_the_dead_who_were_paid_since_july_are_doubts_in_both(both: Both) -> None:
    """The half book holds no payment before July, and so no doubt about one."""
    months = []
    for year, since in ((both.whole, "2024-07"), (both.half, "")):
        with year.county.book.store.read() as connection:
            dead = doubts(connection, code="W_PAYEE_DEAD").rows
        told = [(str(one.detail["died_month"]), str(one.detail["month"])) for one in dead]
        months.append(sorted(pair for pair in told if pair[1] >= since))
    assert months[0] == months[1]
    assert months[0] != []


def agreement(year: Year, first: str, last: str) -> dict[str, Any]:
    """The total of table Y11."""
    with year.county.book.store.read() as connection:
        asked = Asked(first, last, today=date(2025, 3, 1), at=settled(connection))
        found = TABLES["Y11"].make(connection, asked)
    return dict(zip((column.key for column in found.columns), found.rows[-1].cells, strict=True))


def test_what_was_spent_before_the_book_is_told_apart(both: Both) -> None:
    """Months of the book itself hold none of it; those of the whole year have it in a column of its own."""
    names = ("paid_fen", "lessened_fen", "taken_over_fen", "cost_fen", "unexplained_fen")
    late = {name: agreement(both.half, "2024-07", "2024-12")[name] for name in names}
    assert late == {name: agreement(both.whole, "2024-07", "2024-12")[name] for name in names}
    assert (late["lessened_fen"], late["taken_over_fen"], late["unexplained_fen"]) == (0, 0, 0)
    whole = agreement(both.whole, "2024-01", "2024-12")
    half = agreement(both.half, "2024-01", "2024-12")
    assert whole["taken_over_fen"] == 0
    assert half["taken_over_fen"] == whole["cost_fen"] - late["cost_fen"] > 0
    assert (half["cost_fen"], half["unexplained_fen"]) == (whole["cost_fen"], 0)
