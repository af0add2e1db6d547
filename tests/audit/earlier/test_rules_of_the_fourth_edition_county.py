"""A county's line that was corrected, and a fee that a channel gave back: what the fourth edition said of them stays
said, and today is said otherwise.
"""

from collections.abc import Callable

import pytest

from tests.audit.earlier.editions import by_edition, earlier_ones, verdict_of
from tests.projections.opened_book import CHARITY, OpenedBook, event

PAID = {"society": "s1", "fund": "s1", "means": "bank", "account": "village"}


def granted_under_a_corrected_line(book: OpenedBook) -> set[str]:
    """The line of 100 fen was corrected to 5,000 from the same day; the society raised 1,000."""
    named = {"society": "s1", "fund": "s1", "name": "甲村互助社", "village": "甲村", "status": "registered"}
    more = {"members": 10, "money_with": "village_account", "account": "village", "on": "2025-01-02"}
    book.post(CHARITY, event("mutual_aid.society_registered", **named, **more, origin="decision"))
    for fen in (100, 5_000):
        line = {"line_fen": fen, "effective_from": "2025-01-01", "document": f"示民发〔2025〕{fen}号"}
        book.post(CHARITY, event("mutual_aid.line_set", **line))
    came = {"movement": "IN1", "source": "village", "amount_fen": 1_000, "occurred_on": "2025-09-02"}
    book.post(CHARITY, event("mutual_aid.contributed", **PAID, **came))
    went = {"movement": "OUT1", "person": "P1", "households": 1, "amount_fen": 100, "cause": "火灾"}
    given = event("mutual_aid.granted", **PAID, **went, met_on="2025-09-03", occurred_on="2025-09-04")
    return {one.code for one in book.post(CHARITY, given).warnings}


def fee_given_back_before_the_money(book: OpenedBook) -> set[str]:
    """A channel charged its fee before the gifts of the day were recorded, and gave a part of it back."""
    opened = {"channel": "wechat", "name": "微信", "provider": "wechat", "merchant": "own", "aliases": []}
    rest = {"default_fund": "general", "settles_to": "icbc", "on": "2025-01-02"}
    book.post(CHARITY, event("channel.opened", **opened, **rest))
    fee = {"channel": "wechat", "fund": "general", "fee_kind": "payment_channel", "occurred_on": "2025-09-04"}
    book.post(CHARITY, event("channel.fee_charged", **fee, movement="FEE1", fee_fen=30))
    back = event("channel.fee_charged", **fee, movement="FEE2", fee_fen=-10)
    return {one.code for one in book.post(CHARITY, back).warnings}


SAID: dict[Callable[[OpenedBook], set[str]], tuple[set[str], set[str]]] = {
    granted_under_a_corrected_line: (set(), {"W_MAS_CAPITAL"}),
    fee_given_back_before_the_money: ({"W_CHANNEL_SHORT"}, set()),
}
"""What is told of each by the fourth edition, and today."""


@pytest.mark.parametrize("act", SAID, ids=lambda one: one.__name__)
def test_what_is_told_today(mine: OpenedBook, act: Callable[[OpenedBook], set[str]]) -> None:
    assert act(mine) == SAID[act][1]
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


@pytest.mark.parametrize("act", SAID, ids=lambda one: one.__name__)
def test_a_book_of_the_fourth_edition_still_holds(
    mine: OpenedBook, act: Callable[[OpenedBook], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, 4)
    assert act(mine) == SAID[act][0]
    verdict = verdict_of(mine)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])
