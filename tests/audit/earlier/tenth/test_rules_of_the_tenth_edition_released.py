"""What an ordinary voucher leaves under restriction is told up to what was left to free since the eleventh edition: the
tenth told the whole cost, and its vouchers stand.
"""

import orjson
import pytest
from sqlalchemy import select

from ledger.log import tables
from tests.audit.earlier.editions import by_edition, earlier_ones, stands, verdict_of
from tests.audit.full_book import gift
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund

ON = "2025-09-10"


def spent(book: OpenedBook) -> list[int]:
    """What is told of a cost of 30 yuan by an ordinary voucher."""
    legs = [
        {"fund": "flood", "role": "programme_cost", "party": "", "amount_fen": 3_000, "code": None},
        {"fund": "flood", "role": "bank", "party": "icbc", "amount_fen": -3_000, "code": None},
    ]
    free = event("journal.posted", entity=CHARITY, legs=legs, summary="发放救灾物资", on=ON, origin="decision")
    book.post(CHARITY, free)
    told = select(tables.findings.c.detail).where(tables.findings.c.code == "W_COST_NOT_RELEASED")
    with book.store.read() as connection:
        return [int(orjson.loads(one)["amount_fen"]) for one in connection.scalars(told)]


def flood(book: OpenedBook) -> None:
    """A fund of 50 yuan, of which all but 10 were freed when 40 were spent, with 30 yuan of interest, which nobody
    restricted.
    """
    book.post(CHARITY, fund("flood", "restricted", purposes=["救灾", "重建"]))
    book.post(CHARITY, gift("DF", "flood", 5_000))
    paid = {"movement": "X1", "fund": "flood", "nature": "programme", "amount_fen": 4_000, "purpose": "救灾"}
    book.post(CHARITY, event("expense.paid", **paid, means="bank", account="icbc", on=ON))
    came = {"movement": "X2", "fund": "flood", "account": "icbc", "amount_fen": 3_000, "line": None}
    book.post(CHARITY, event("bank.interest", **came, on=ON))


def test_what_is_left_to_free_is_told(mine: OpenedBook) -> None:
    flood(mine)
    assert spent(mine) == [1_000]
    assert earlier_ones(verdict_of(mine)) == []


def test_what_the_tenth_edition_told_stands(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    flood(mine)
    with monkeypatch.context() as patch:
        by_edition(patch, 10)
        stands(mine, lambda book: _whole(spent(book)))


def _whole(told: list[int]) -> None:
    assert told == [3_000]
