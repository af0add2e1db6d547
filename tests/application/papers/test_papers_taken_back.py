"""What a red letter takes back of a voucher is free again under the paper that the voucher rests on (红冲重做)."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from ledger.application.outcomes import Outcome, Receipt, Waiting
from ledger.decisions.prepared import Submission
from ledger.flows.knowledge import Finding
from ledger.flows.registry import read_event
from ledger.log import reading
from tests.application.edges import by_administrators, newcomer, policy, statement_of
from tests.application.office import DAY, ENTITY, Office, fee, gift

CHECKED: Final = ("checker", "checker")
MINUTES: Final = "会纪〔2025〕1号"
Fact = tuple[str, Mapping[str, Any]]


@pytest.fixture(name="papers")
def _papers(office: Office) -> Office:
    return _with_papers(office)


def _with_papers(office: Office, *kinds: str) -> Office:
    """What is paid (no kinds: whatever is done) needs an approver's signature or a paper; there is money to pay."""
    newcomer(office, "leader", ("approver", ENTITY))
    office.post("maker", [gift(fen=1_000_000)])
    line = {"kinds": list(kinds), "above_fen": 0, "capacities": ["approver"], "paper": True}
    by_administrators(office, policy({**line, "kinds": list(kinds) or ["bank.fee", "expense.paid"]}))
    return office


def minutes(*vouchers: Submission, max_fen: int = 1_000, **more: Any) -> Fact:
    """Minutes for some vouchers, or for what they say."""
    said = {"document": MINUTES, "form": "minutes", "decided_on": "2025-09-09", "subject": "办公费", "kinds": []}
    deciders = [{"name": "局长", "post": "局长", "officer": None}]
    names = [statement_of(one).voucher for one in vouchers]
    bare = {"fund": None, "payee": None, "scan": "sha256:" + "0" * 64, "vouchers": names}
    return "approval.recorded", {**said, "deciders": deciders, "max_fen": max_fen, **bare, **more}


def spent(number: str, fen: int, approval: str | None = None) -> Fact:
    """An expense; it names the minutes as its approval, or not."""
    said = {"nature": "management", "purpose": "办公", "means": "bank", "account": "bank-1", "approval": approval}
    return "expense.paid", {"movement": number, "fund": "general", "amount_fen": fen, "on": "2025-09-10", **said}


def taken_back(office: Office, receipt: Receipt, *places: int) -> Submission:
    """The reversal of some events of a posted voucher, by maker and checker."""
    facts = []
    for place in places or (0,):
        with office.store.read() as connection:
            row = reading.event_at(connection, receipt.first_position + place)
        assert row is not None
        event = read_event(row.data)
        said = {"target": event.id, "target_position": row.position, "target_tags": list(event.tags())}
        facts.append(("event.reversed", {**said, "reason": "金额有误", "on": DAY.isoformat()}))
    return office.approved(office.draft("maker", facts), CHECKED)


def posted(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Receipt), outcome
    return outcome


def used_fen(outcome: Outcome) -> int:
    """What is told to be used of the paper for which the voucher waits."""
    assert isinstance(outcome, Waiting), outcome
    told: dict[str, Finding] = {one.code: one for one in outcome.warnings}
    found = dict(told["W_PAPER_SHORT"].params)["used_fen"]
    assert isinstance(found, int)
    return found


def pay(office: Office, *facts: Fact) -> Outcome:
    return office.post("maker", list(facts), CHECKED, note="测试")


@pytest.mark.parametrize("approval", [None, MINUTES], ids=["by its kind", "by its number"])
@pytest.mark.parametrize("on_record", [True, False], ids=["from the log", "by the same writer"])
def test_the_right_voucher_fits_after_the_wrong_one_is_taken_back(
    papers: Office,
    approval: str | None,
    on_record: bool,  # noqa: FBT001 - a table's column
) -> None:
    """10.00 allow 6.00, which is taken back, and 6.00 again; then 4.00 are left."""
    posted(pay(papers, minutes(kinds=["expense.paid"])))
    wrong = posted(pay(papers, spent("e-1", 600, approval)))
    assert used_fen(pay(papers, spent("e-2", 600, approval))) == 600
    posted(papers.writer.submit(taken_back(papers, wrong)))
    if on_record:
        papers.writer = papers.new_writer()
    posted(pay(papers, spent("e-3", 600, approval)))
    assert used_fen(pay(papers, spent("e-4", 401, approval))) == 600
    posted(pay(papers, spent("e-5", 400, approval)))


def test_taken_back_and_done_again_in_one_batch_on_either_database(any_office: Office) -> None:
    """Handed in together: the red letter counts for what comes after it, on SQLite and on PostgreSQL."""
    papers = _with_papers(any_office)
    posted(pay(papers, minutes(kinds=["expense.paid"])))
    wrong = posted(pay(papers, spent("e-1", 600)))
    again = papers.approved(papers.draft("maker", [spent("e-2", 600)]), CHECKED)
    early = papers.approved(papers.draft("maker", [spent("e-3", 600)]), CHECKED)
    answers = papers.writer.submit_all([early, taken_back(papers, wrong), again])
    assert [type(one) for one in answers] == [Waiting, Receipt, Receipt]


def test_of_a_voucher_that_is_taken_back_in_part_the_rest_stays_used(papers: Office) -> None:
    posted(pay(papers, minutes(kinds=["expense.paid"])))
    wrong = posted(pay(papers, spent("e-1", 600), spent("e-2", 300)))
    posted(papers.writer.submit(taken_back(papers, wrong, 0)))
    assert used_fen(pay(papers, spent("e-3", 701))) == 300
    posted(pay(papers, spent("e-4", 700)))


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after another"])
def test_of_the_vouchers_that_a_paper_names_what_is_taken_back_is_free(
    papers: Office,
    together: bool,  # noqa: FBT001 - a table's column
) -> None:
    """The minutes name the wrong voucher and the right one, and allow one of them."""
    right = papers.approved(papers.draft("maker", [fee("f-2", 600)]), CHECKED)
    other = papers.approved(papers.draft("maker", [fee("f-1", 600)]), CHECKED)
    posted(pay(papers, minutes(other, right)))
    wrong = posted(papers.writer.submit(other))
    assert used_fen(papers.writer.submit(right)) == 600
    back = taken_back(papers, wrong)
    if together:
        assert [type(one) for one in papers.writer.submit_all([back, right])] == [Receipt, Receipt]
    else:
        posted(papers.writer.submit(back))
        posted(papers.writer.submit(right))


def test_a_red_letter_that_rests_on_the_paper_itself_uses_nothing_of_it(office: Office) -> None:
    """Where reversals want an approver too, minutes for the fund cover the wrong voucher, its red letter, the right."""
    papers = _with_papers(office, "expense.paid", "event.reversed")
    posted(pay(papers, minutes(fund="general")))
    wrong = posted(pay(papers, spent("e-1", 600)))
    posted(papers.writer.submit(taken_back(papers, wrong)))
    posted(pay(papers, spent("e-2", 600)))
    assert used_fen(pay(papers, spent("e-3", 401))) == 600


def test_a_red_letter_of_what_rests_on_nothing_uses_the_paper(office: Office) -> None:
    """It stands for the approver of as much as it allows and no more, and frees nothing of it."""
    papers = _with_papers(office, "expense.paid", "event.reversed")
    signed = posted(papers.post("maker", [spent("e-1", 600)], CHECKED, ("leader", "approver")))
    posted(pay(papers, minutes(fund="general")))
    posted(papers.writer.submit(taken_back(papers, signed)))
    assert used_fen(pay(papers, spent("e-2", 401))) == 600
