"""What the fifth edition would not cover by a paper, because what was taken back counted on: the second minutes that
somebody wrote for it stand, and the writer of today needs none.
"""

import pytest

from ledger.application.outcomes import Receipt, Waiting
from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, verdict_of
from tests.projections.opened_book import CHARITY, OpenedBook, event


def minutes(document: str, *vouchers: str, max_fen: int = 250) -> Event:
    said = {"document": document, "form": "minutes", "decided_on": "2025-09-05", "subject": "手续费"}
    deciders = [{"name": "局长", "post": "局长", "officer": None}]
    scope = {"kinds": [] if vouchers else ["bank.fee"], "vouchers": list(vouchers)}
    return event("approval.recorded", **said, deciders=deciders, max_fen=max_fen, **scope)


def fee(number: int, fen: int = 200) -> Event:
    return event("bank.fee", movement=f"F{number}", account="icbc", fund="general", amount_fen=fen, on="2025-09-08")


@pytest.fixture(name="papers")
def _papers(mine: OpenedBook) -> OpenedBook:
    """A fee that rests on the first minutes, which leave 0.50, and that was taken back."""
    line = {"kinds": ["bank.fee"], "above_fen": 0, "capacities": ["approver"], "paper": True}
    policy = {"entity": CHARITY, "policies": [line], "duty_profile": None, "free_control_accounts": False}
    mine.post("book", event("policy.set", **policy))
    mine.post(CHARITY, minutes("会纪1号"))
    wrong = fee(1)
    mine.reverse(CHARITY, wrong, mine.post(CHARITY, wrong).first_position)
    return mine


def test_the_second_minutes_of_the_fifth_edition_stand(papers: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same mark on the same paper is found again, by the rules of then."""
    with monkeypatch.context() as patch:
        by_edition(patch, 5)
        assert isinstance(papers.writer.submit(papers.draft(CHARITY, [fee(2)])), Waiting)
        released = papers.post(CHARITY, minutes("会纪2号")).released
    assert [type(one) for one in released] == [Receipt]
    verdict = verdict_of(papers)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])


def test_what_the_paper_covers_today_is_verified(papers: OpenedBook) -> None:
    """Taken back and done again, twice, within the first minutes; what is beyond them waits."""
    again = fee(3)
    papers.reverse(CHARITY, again, papers.post(CHARITY, again).first_position)
    papers.post(CHARITY, fee(4), fee(5, 50))
    assert isinstance(papers.writer.submit(papers.draft(CHARITY, [fee(6, 1)])), Waiting)
    verdict = verdict_of(papers)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [])


def test_of_named_vouchers_what_the_paper_covers_today_is_verified(papers: OpenedBook) -> None:
    """The minutes name both, and allow one of them at a time."""
    wrong = fee(7, 300)
    drafts = [papers.draft(CHARITY, [one]) for one in (wrong, fee(8, 300))]
    waits = [one.voucher for one in map(papers.writer.submit, drafts) if isinstance(one, Waiting)]
    first, second = papers.post(CHARITY, minutes("会纪3号", *waits, max_fen=300)).released
    assert isinstance(first, Receipt)
    assert isinstance(second, Waiting)
    papers.reverse(CHARITY, wrong, first.first_position)
    assert isinstance(papers.writer.submit(drafts[1]), Receipt)
    verdict = verdict_of(papers)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [])
