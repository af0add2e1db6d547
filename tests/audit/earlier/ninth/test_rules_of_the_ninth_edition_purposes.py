"""What a cost of a restricted fund was for is asked since the tenth edition: vouchers of the ninth are told nothing,
and they stand.
"""

import pytest

from tests.audit.earlier.editions import by_edition, stands
from tests.audit.full_book import gift
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund

ON = "2025-09-10"


def flood(book: OpenedBook) -> None:
    """A fund for two uses with 1,000 yuan on the account."""
    book.post(CHARITY, fund("flood", "restricted", purposes=["救灾", "重建"]))
    book.post(CHARITY, gift("DF", "flood", 100_000))


def spent(book: OpenedBook) -> list[str]:
    """The codes told of a cost in words that name none of the uses, and of the same by an ordinary voucher."""
    paid = {"movement": "X1", "fund": "flood", "nature": "programme", "amount_fen": 1_000, "purpose": "招待费"}
    cost = event("expense.paid", **paid, means="bank", account="icbc", on=ON)
    legs = [
        {"fund": "flood", "role": "programme_cost", "party": "", "amount_fen": 2_000, "code": None},
        {"fund": "flood", "role": "bank", "party": "icbc", "amount_fen": -2_000, "code": None},
    ]
    free = event("journal.posted", entity=CHARITY, legs=legs, summary="购办公用品", on=ON, origin="decision")
    return [one.code for one in book.post(CHARITY, cost, free).warnings]


def test_a_cost_that_names_no_use_of_its_fund_is_a_doubt(mine: OpenedBook) -> None:
    flood(mine)
    assert spent(mine) == ["W_COST_OUTSIDE_PURPOSE", "W_COST_OUTSIDE_PURPOSE", "W_COST_NOT_RELEASED"]


def test_what_the_ninth_edition_did_not_ask_stands(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    flood(mine)
    with monkeypatch.context() as patch:
        by_edition(patch, 9)
        stands(mine, lambda book: _silent(spent(book)))


def _silent(codes: list[str]) -> None:
    assert codes == []
