"""Chains that a reversal may not break in the middle, and wear that no asset has: refused today, and right where the
third edition let them in.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from ledger.flows.event import Event
from ledger.log import reading
from tests.audit.earlier.editions import by_edition, refused_today, stands, verdict_of
from tests.audit.earlier.test_earlier_rules import bureau_account, undone
from tests.audit.full_book import DIGEST, gift, receipt
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, event, taken_back

ON = dt.date(2025, 9, 30)
PAID = {"fund": "general", "means": "bank", "account": "icbc", "on": "2025-09-20"}


def bought(**more: Any) -> Event:
    said = {"movement": "AA1", "asset": "PC1", "name": "电脑", "amount_fen": 6_000, "residual_fen": 0}
    return event("asset.acquired", **{**PAID, **said, "life_months": 60, "approval": None, **more})


def worn(fen: int = 100, **more: Any) -> Event:
    said = {"fund": "general", "month": "2025-09", "nature": "management", "on": "2025-09-25"}
    return event("asset.depreciated", **{**said, "lines": [{"asset": "PC1", "fen": fen}], **more})


def disposed(**more: Any) -> Event:
    said = {"movement": "AD1", "asset": "PC1", "fund": "general", "proceeds_fen": 0, "reason": "报废"}
    return event("asset.disposed", **{**said, "approval": "会办〔2025〕9号", "on": "2025-09-26", **more})


def wages(**more: Any) -> Event:
    fens = {"gross_fen": 1_000, "insurance_fen": 100, "tax_fen": 50, "net_fen": 850, "employer_fen": 250}
    said = {"movement": "W1", "nature": "management", "month": "2025-09", "persons": 2, "list_digest": DIGEST}
    return event("payroll.paid", **{**PAID, **fens, **said, **more})


def remitted(what: str, fen: int) -> Event:
    return event("payroll.remitted", **PAID, movement=f"R-{what}", what=what, amount_fen=fen)


def released(fen: int) -> Event:
    why = {"reason": "donor_freed", "reason_text": "捐赠人同意", "document": "D1", "origin": "decision"}
    return event("restriction.released", fund="school_2", amount_fen=fen, **why, on="2025-09-20")


def journal(*legs: tuple[str, int, str]) -> Event:
    rows = [
        {"fund": "general", "role": role, "party": party, "amount_fen": fen, "code": None} for role, fen, party in legs
    ]
    return event("journal.posted", entity=CHARITY, legs=rows, summary="记账", on="2025-09-10", origin="decision")


def asset_under_its_wear(book: OpenedBook) -> None:
    """A purchase is taken back although the asset was worn: wear of no asset would stay."""
    undone(book, bought(), worn())


def wear_under_its_disposal(book: OpenedBook) -> None:
    """The wear is taken back after the asset went at what it was still worth."""
    book.post(CHARITY, bought())
    undone(book, worn(), disposed())


def plain_purchase_under_its_wear(book: OpenedBook) -> None:
    """The same, where an ordinary voucher brought the asset into the books."""
    undone(book, journal(("fixed_asset", 6_000, "PC1"), ("other_income", -6_000, "")), worn())


def wages_under_the_insurance(book: OpenedBook) -> None:
    undone(book, wages(), remitted("insurance", 350))


def wages_under_the_tax(book: OpenedBook) -> None:
    undone(book, wages(), remitted("tax", 50))


def debt_under_its_payment(book: OpenedBook) -> None:
    owed = journal(("management_cost", 500, ""), ("payable", -500, "printer"))
    undone(book, owed, journal(("payable", 500, "printer"), ("bank", -500, "icbc")))


def gift_under_its_release(book: OpenedBook) -> None:
    """All that was restricted is freed, and one of the gifts is then taken back."""
    undone(book, gift("D9", "school_2", 300), released(140_300))


def red_letter() -> Event:
    covers = [{"donation": "D9", "fen": 300}]
    said = {"receipt": "43060125-0000000008", "mode": "red_letter", "red": "43060125-0000000018", "covers": covers}
    return event("donation.receipt_reversed", **said, reason="错", reversed_on="2025-09-20", origin="decision")


def red_letter_under_the_next_receipt(book: OpenedBook) -> None:
    """A red letter freed a gift, another receipt took it, and the red letter is then taken back."""
    book.post(CHARITY, gift("D9", "general", 300), receipt(8, "D9", 300))
    undone(book, red_letter(), receipt(9, "D9", 300))


def red_letter_under_the_refund(book: OpenedBook) -> None:
    book.post(CHARITY, gift("D9", "general", 300), receipt(8, "D9", 300))
    back = {"movement": "RB9", "donation": "D9", "amount_fen": 300, "reason": "donor_request", "pledge_parts": []}
    where = {"fund": "general", "means": "bank", "account": "icbc", "occurred_on": "2025-09-20"}
    undone(book, red_letter(), event("donation.returned", **back, **where))


def worn_before_it_was_bought(book: OpenedBook) -> None:
    book.post(CHARITY, bought())
    book.post(CHARITY, worn(month="2020-01"))


def worn_ahead(book: OpenedBook) -> None:
    book.post(CHARITY, bought())
    book.post(CHARITY, worn(month="2031-01"))


def worn_below_its_residual(book: OpenedBook) -> None:
    book.post(CHARITY, bought(residual_fen=300))
    book.post(CHARITY, worn(5_701))


def residual_above_its_cost(book: OpenedBook) -> None:
    book.post(CHARITY, bought(residual_fen=6_001))


REFUSED: dict[Callable[[OpenedBook], None], str] = {
    asset_under_its_wear: "E_REVERSAL_RESTS",
    wear_under_its_disposal: "E_REVERSAL_RESTS",
    plain_purchase_under_its_wear: "E_REVERSAL_WEAR",
    wages_under_the_insurance: "E_REVERSAL_BALANCE",
    wages_under_the_tax: "E_REVERSAL_BALANCE",
    debt_under_its_payment: "E_REVERSAL_BALANCE",
    red_letter_under_the_next_receipt: "E_REVERSAL_OVER_COVER",
    red_letter_under_the_refund: "E_REVERSAL_OVER_COVER",
    worn_before_it_was_bought: "E_ASSET_WORN_EARLY",
    worn_ahead: "E_ASSET_WORN_AHEAD",
    worn_below_its_residual: "E_ASSET_BELOW_RESIDUAL",
    residual_above_its_cost: "E_ASSET_RESIDUAL",
    gift_under_its_release: "E_REVERSAL_RESTRICTED",
}


@pytest.mark.parametrize(("act", "code"), REFUSED.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    refused_today(mine, act, code)


@pytest.mark.parametrize("edition", [1, 2, 3])
@pytest.mark.parametrize("act", REFUSED, ids=lambda one: one.__name__)
def test_a_book_of_an_earlier_edition_still_holds(
    mine: OpenedBook, act: Callable[[OpenedBook], None], edition: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, edition)
    stands(mine, act)


def balances(book: OpenedBook) -> dict[tuple[str, str, str], int]:
    with book.store.read() as connection:
        rows = list(reading.balances(connection))
    return {(row.fund, row.role, row.party): row.amount_fen for row in rows if row.amount_fen}


def test_what_goes_first_lets_the_rest_go(mine: OpenedBook) -> None:
    """The last step first, and nothing of the chain remains."""
    before = balances(mine)
    road = [bought(), worn(), disposed(), wages(), remitted("insurance", 350), remitted("tax", 50)]
    road += [gift("D9", "school_2", 300), released(140_300)]
    places = [mine.post(CHARITY, one).first_position for one in road]
    for one, place in reversed(list(zip(road, places, strict=True))):
        mine.post(CHARITY, taken_back(one, place, ON))
    assert balances(mine) == before
    assert verdict_of(mine).holds


def test_two_entities_have_an_asset_of_the_same_number(mine: OpenedBook) -> None:
    """Each wears its own, and one's purchase may go though the other's is in use."""
    bureau_account(mine)
    there = bought(fund="relief", account="rcc", movement="AA2")
    mine.post(CHARITY, bought())
    place = mine.post(BUREAU, there).first_position
    mine.post(CHARITY, worn())
    wear = worn(fund="relief")
    worn_at = mine.post(BUREAU, wear).first_position
    mine.post(BUREAU, taken_back(wear, worn_at, ON))
    mine.post(BUREAU, taken_back(there, place, ON))
    assert verdict_of(mine).holds


def test_what_is_not_used_is_no_obstacle(mine: OpenedBook) -> None:
    """Two months' wages and one remittance: the month that nothing was paid on may go; so may another asset."""
    mine.post(CHARITY, wages(movement="W0", month="2025-08"), remitted("insurance", 350), bought(), worn())
    undone(mine, wages())
    undone(mine, bought(movement="AA2", asset="PC2"))
    undone(mine, gift("D8", "school_2", 70), released(140_000))
    assert verdict_of(mine).holds
