"""What the fifth edition posted of money spent ahead of its gifts stays as it was; the writer of today remembers it."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from ledger.accounts.roles import Role
from ledger.flows.event import Event
from ledger.log.tables import findings, postings
from tests.audit.earlier.editions import by_edition, earlier_ones, verdict_of
from tests.audit.full_book import gift
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund

PAID = {"means": "bank", "account": "icbc", "occurred_on": "2025-09-20"}


@pytest.fixture
def fifth(monkeypatch: pytest.MonkeyPatch) -> None:
    by_edition(monkeypatch, 5)


def spent(fen: int = 200, name: str = "X9") -> Event:
    told = {"movement": name, "fund": "flood", "nature": "programme", "amount_fen": fen, "purpose": "救灾"}
    return event("expense.paid", **told, means="bank", account="icbc", on="2025-09-20")


def came_back(fen: int) -> Event:
    told = {"movement": "GR9", "grant": "G9", "amount_fen": fen, "persons": 1, "reason": "转学", "fund": "flood"}
    return event("grant.unspent_returned", **told, **PAID)


def returned(fen: int) -> Event:
    told: dict[str, Any] = {"movement": "R9", "donation": "D9", "fund": "flood", "amount_fen": fen, "pledge_parts": []}
    return event("donation.returned", **told, reason="other", reason_text="退款", **PAID)


def freed(fen: int) -> Event:
    told = {"reason": "term_ended", "reason_text": "期满", "on": "2025-09-20", "origin": "history"}
    return event("restriction.released", fund="flood", amount_fen=fen, **told)


def moved(fen: int) -> Event:
    told = {"movement": "A9", "source": "flood", "target": "flood2", "amount_fen": fen, "purpose": "救灾"}
    more = {"approval": "会议纪要", "means": "bank", "account": "icbc", "on": "2025-09-20", "origin": "history"}
    return event("fund.allocated", **told, **more)


def opened(book: OpenedBook) -> None:
    book.post(CHARITY, fund("flood", "restricted"), fund("flood2", "restricted"))


def net(book: OpenedBook, name: str = "flood") -> tuple[int, int]:
    """What a fund has restricted, this year's gifts with it, and unrestricted, its costs and transfers with it."""
    with book.store.read() as connection:
        chosen = select(postings.c.role, func.sum(postings.c.amount_fen)).where(postings.c.fund == name)
        sums = {row[0]: -row[1] for row in connection.execute(chosen.group_by(postings.c.role))}
    free = (Role.NET_UNRESTRICTED, Role.PROGRAMME_COST, Role.INTERFUND)
    restricted = sums.get(Role.NET_RESTRICTED, 0) + sums.get(Role.DONATION_RESTRICTED, 0)
    return restricted, sum(sums.get(role, 0) for role in free)


def told(book: OpenedBook, code: str) -> int:
    with book.store.read() as connection:
        chosen = select(func.count()).select_from(findings).where(findings.c.code == code)
        return connection.execute(chosen).scalar_one()


ORDERS: dict[str, tuple[Sequence[Any], tuple[int, int]]] = {
    "spent": ((spent(), gift("D9", "flood", 300)), (100, 0)),
    "returned": ((gift("D9", "flood", 300), spent(250), returned(100), gift("D8", "flood", 100)), (50, 0)),
    "freed": ((freed(200), gift("D9", "flood", 300)), (100, 200)),
    "moved": ((moved(200), gift("D9", "flood", 300)), (100, 0)),
    "came back": ((came_back(50), gift("D9", "flood", 300)), (350, 0)),
}
BY_THE_FIFTH = {
    "spent": (300, -200),
    "returned": (100, -50),
    "freed": (100, 200),
    "moved": (300, -200),
    "came back": (300, 50),
}


@pytest.mark.parametrize("name", ORDERS)
def test_what_was_spent_ahead_is_covered_by_the_gift(mine: OpenedBook, name: str) -> None:
    order, expected = ORDERS[name]
    opened(mine)
    for one in order:
        mine.post(CHARITY, one)
    assert net(mine) == expected
    assert told(mine, "W_SPENT_AHEAD") + told(mine, "W_UNSPENT_RESTRICTED") == 1
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


@pytest.mark.usefixtures("fifth")
@pytest.mark.parametrize("name", ORDERS)
def test_a_book_of_the_fifth_edition_still_holds(mine: OpenedBook, name: str) -> None:
    """As it was posted, with the one voucher told."""
    opened(mine)
    for one in ORDERS[name][0]:
        mine.post(CHARITY, one)
    assert net(mine) == BY_THE_FIFTH[name]
    verdict = verdict_of(mine)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])


def test_a_book_goes_on_from_the_fifth_edition(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was spent before is freed by hand, what is spent from now on by its gift."""
    opened(mine)
    with monkeypatch.context() as patched:
        by_edition(patched, 5)
        mine.post(CHARITY, spent())
        mine.post(CHARITY, gift("D9", "flood", 300))
    mine.post(CHARITY, freed(200))
    mine.post(CHARITY, spent(250, "X8"))
    mine.post(CHARITY, gift("D8", "flood", 400))
    assert net(mine) == (250, 0)
    verdict = verdict_of(mine)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])


def test_a_spending_taken_back_after_its_gift_leaves_it_restricted(mine: OpenedBook) -> None:
    opened(mine)
    expense = spent()
    position = mine.post(CHARITY, expense).first_position
    mine.post(CHARITY, gift("D9", "flood", 300))
    mine.reverse(CHARITY, expense, position)
    assert net(mine) == (300, 0)
    assert verdict_of(mine).holds


def test_a_gift_taken_back_leaves_its_spending_to_the_next(mine: OpenedBook) -> None:
    opened(mine)
    told = {"movement": "I9", "account": "icbc", "fund": "flood", "amount_fen": 400, "on": "2025-09-21"}
    mine.post(CHARITY, event("bank.interest", **told))
    mine.post(CHARITY, spent())
    first = gift("D9", "flood", 300)
    position = mine.post(CHARITY, first).first_position
    mine.reverse(CHARITY, first, position)
    assert net(mine) == (0, -200)
    mine.post(CHARITY, gift("D8", "flood", 150))
    assert net(mine) == (0, -50)
    assert verdict_of(mine).holds
