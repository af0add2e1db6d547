"""Papers in the place of a signature: in whatever order paper and voucher come, within their scope, and once."""

from typing import Any, Final

import pytest

from ledger.application import waiting
from ledger.application.outcomes import Receipt, VoucherRefusedError, Waiting
from ledger.decisions.prepared import Submission
from ledger.flows.knowledge import Finding
from tests.application.edges import (
    OTHER,
    by_administrators,
    newcomer,
    other_entity,
    policy,
    refused,
    reversal,
    statement_of,
    tried,
    waits_for,
)
from tests.application.office import ENTITY, Office, basics, fee, gift

CHECKED: Final = ("checker", "checker")
MINUTES: Final = "会纪〔2025〕1号"


def _line(paper: bool = True, above_fen: int = 0, kinds: tuple[str, ...] = ("bank.fee",)) -> dict[str, Any]:  # noqa: FBT001, FBT002 - a table's column
    return {"kinds": list(kinds), "above_fen": above_fen, "capacities": ["approver"], "paper": paper}


@pytest.fixture(name="papers")
def _papers(office: Office) -> Office:
    """Fees need an approver's signature or a paper; there is money to pay them."""
    return _with_papers(office)


def _with_papers(office: Office) -> Office:
    newcomer(office, "leader", ("approver", ENTITY))
    by_administrators(office, policy(_line()))
    office.post("maker", [gift(fen=1_000_000)])
    return office


def paper(*vouchers: Submission, document: str = MINUTES, max_fen: int = 1_000, **more: Any) -> tuple[str, Any]:
    """Minutes that approve fees."""
    decider = {"name": "局长", "post": "局长", "officer": None}
    fields = {"document": document, "form": "minutes", "decided_on": "2025-09-09", "deciders": [decider]}
    what = {"subject": "手续费", "kinds": [], "max_fen": max_fen, "scan": "sha256:" + "0" * 64}
    names = [statement_of(one).voucher for one in vouchers]
    return "approval.recorded", {**fields, **what, "vouchers": names, **more}


def recorded(office: Office, fact: tuple[str, Any]) -> Receipt:
    """The paper in the log, by maker and checker."""
    outcome = office.post("maker", [fact], CHECKED)
    assert isinstance(outcome, Receipt)
    return outcome


def checked(office: Office, number: str = "f-1", fen: int = 100, **more: Any) -> Submission:
    """A fee that its checker has signed and that waits for the approver."""
    submission = office.approved(office.draft("maker", [fee(number, fen)], **more), CHECKED)
    assert waits_for(office, submission).missing == ("approver",)
    return submission


def still_waits(office: Office, submission: Submission) -> bool:
    """Whether the voucher is still kept outside the log."""
    with office.store.read() as connection:
        rows = waiting.all_waiting(connection)
    return statement_of(submission).voucher in {one.voucher for one in rows}


def told(outcome: Receipt | Waiting) -> dict[str, Finding]:
    """The remarks of an outcome by code."""
    return {one.code: one for one in outcome.warnings}


def test_a_paper_posts_what_waits_for_it(papers: Office) -> None:
    """The minutes that the voucher waited for are recorded: the voucher is in the books by the same act."""
    waits = checked(papers)
    receipt = recorded(papers, paper(waits))
    (released,) = receipt.released
    assert isinstance(released, Receipt)
    assert (released.voucher, released.number) == (statement_of(waits).voucher, receipt.number + 1)
    assert dict(told(released)["W_ON_PAPER"].params) == {
        "document": MINUTES,
        "capacity": "approver",
        "amount_fen": 100,
    }
    assert not still_waits(papers, waits)
    assert papers.writer.receipt(released.voucher).leaf == released.leaf
    assert released.checkpoint == receipt.checkpoint


def test_what_is_released_is_proven_like_any_other(papers: Office) -> None:
    """The answer of the paper's own act and the one asked for later hold the same leaf under the same checkpoint."""
    waits = checked(papers)
    (released,) = recorded(papers, paper(waits)).released
    assert isinstance(released, Receipt)
    again = papers.writer.receipt(released.voucher)
    assert (again.leaf, again.path, again.checkpoint) == (released.leaf, released.path, released.checkpoint)


def test_the_last_signature_of_the_paper_itself_releases(papers: Office) -> None:
    """The paper waits for its checker too; the checker's approval posts both."""
    waits = checked(papers)
    drafted = papers.draft("maker", [paper(waits)])
    waits_for(papers, drafted)
    receipt = papers.writer.approve(statement_of(drafted).voucher, papers.approved(drafted, CHECKED).approvals[0])
    assert isinstance(receipt, Receipt)
    assert [type(one) for one in receipt.released] == [Receipt]


def test_a_voucher_that_lacks_more_than_the_paper_waits_on_and_says_for_whom(papers: Office) -> None:
    """The paper stands for the approver, never for the checker."""
    drafted = papers.draft("maker", [fee()])
    waits_for(papers, drafted)
    (released,) = recorded(papers, paper(drafted)).released
    assert isinstance(released, Waiting)
    assert released.missing == ("checker",)
    assert "W_ON_PAPER" in told(released)
    assert isinstance(papers.writer.submit(papers.approved(drafted, CHECKED)), Receipt)


def test_what_can_no_longer_be_posted_is_reported_and_keeps_waiting(papers: Office) -> None:
    """The fund was emptied of what the voucher wants; the paper is recorded all the same."""
    waits = checked(papers, valid_until="2025-09-30T12:30:00+08:00")
    papers.clock.wait(hours=2)
    (released,) = recorded(papers, paper(waits)).released
    assert isinstance(released, VoucherRefusedError)
    assert released.params["voucher"] == statement_of(waits).voucher
    assert "E_EXPIRED" in {one.code for one in released.findings}
    assert still_waits(papers, waits)


def test_several_wait_and_the_paper_reaches_for_some(papers: Office) -> None:
    """Named in turn, the first two fit under the paper's amount; the third is told what is left."""
    three = [checked(papers, f"f-{number}") for number in range(3)]
    released = recorded(papers, paper(*three, max_fen=250)).released
    assert [type(one) for one in released] == [Receipt, Receipt, Waiting]
    last = released[2]
    assert isinstance(last, Waiting)
    assert dict(told(last)["W_PAPER_SHORT"].params) == {
        "document": MINUTES,
        "max_fen": 250,
        "used_fen": 200,
        "amount_fen": 100,
    }


def test_the_paper_may_come_first(papers: Office) -> None:
    """Minutes that name a voucher which is handed in afterwards."""
    drafted = papers.draft("maker", [fee()])
    assert recorded(papers, paper(drafted)).released == ()
    assert isinstance(papers.writer.submit(papers.approved(drafted, CHECKED)), Receipt)


GENERAL: Final[dict[str, tuple[dict[str, Any], bool]]] = {
    "its kind": ({"kinds": ["bank.fee"]}, True),
    "its fund": ({"fund": "general"}, True),
    "kind and fund": ({"kinds": ["bank.fee", "bank.interest"], "fund": "general"}, True),
    "says nothing of what it is for": ({}, False),
    "another kind": ({"kinds": ["expense.paid"]}, False),
    "another fund": ({"kinds": ["bank.fee"], "fund": "relief"}, False),
    "a payee that the voucher does not name": ({"kinds": ["bank.fee"], "payee": "school"}, False),
    "one fen too little": ({"kinds": ["bank.fee"], "max_fen": 99}, False),
    "decided after the voucher's day": ({"kinds": ["bank.fee"], "decided_on": "2025-09-11"}, False),
    "decided by the maker alone": (
        {"kinds": ["bank.fee"], "deciders": [{"name": "maker", "post": "会计", "officer": "maker"}]},
        False,
    ),
}


@pytest.mark.parametrize(("scope", "covers"), GENERAL.values(), ids=GENERAL.keys())
@pytest.mark.parametrize("paper_first", [True, False])
def test_a_general_paper_covers_what_it_speaks_of(
    papers: Office,
    scope: dict[str, Any],
    covers: bool,  # noqa: FBT001 - a table's column
    paper_first: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Minutes that name no voucher: kind, fund, payee, amount and day decide, whichever came first."""
    drafted = papers.approved(papers.draft("maker", [fee()]), CHECKED)
    if paper_first:
        recorded(papers, paper(**scope))
        assert isinstance(papers.writer.submit(drafted), Receipt if covers else Waiting)
        return
    waits_for(papers, drafted)
    released = recorded(papers, paper(**scope)).released
    assert [type(one) for one in released] == ([Receipt] if covers else [])
    assert still_waits(papers, drafted) is not covers


def test_a_general_paper_is_used_up(papers: Office) -> None:
    """What rests on it is counted over vouchers and writers: the third fee no longer fits."""
    recorded(papers, paper(kinds=["bank.fee"], max_fen=250))
    outcomes = []
    for number in range(3):
        papers.writer = papers.new_writer()
        outcomes.append(papers.post("maker", [fee(f"f-{number}")], CHECKED))
    assert [type(one) for one in outcomes] == [Receipt, Receipt, Waiting]


def test_named_and_general_papers_on_either_database(any_office: Office) -> None:
    """Released, used up, and counted by another writer, on SQLite and on PostgreSQL."""
    papers = _with_papers(any_office)
    waits = checked(papers, "f-0")
    assert [type(one) for one in recorded(papers, paper(waits)).released] == [Receipt]
    recorded(papers, paper(kinds=["bank.fee"], max_fen=100, document="会纪2号"))
    assert isinstance(papers.post("maker", [fee("f-1")], CHECKED), Receipt)
    papers.writer = papers.new_writer()
    assert isinstance(papers.post("maker", [fee("f-2")], CHECKED), Waiting)


def test_a_general_paper_is_used_up_within_one_batch(papers: Office) -> None:
    """Handed in together, they share what the paper allows."""
    recorded(papers, paper(kinds=["bank.fee"], max_fen=250))
    three = [papers.approved(papers.draft("maker", [fee(f"f-{n}")]), CHECKED) for n in range(3)]
    assert [type(one) for one in papers.writer.submit_all(three)] == [Receipt, Receipt, Waiting]


def test_what_a_leader_signed_uses_nothing_of_the_paper(papers: Office) -> None:
    """A personal signature is no paper."""
    recorded(papers, paper(kinds=["bank.fee"], max_fen=150))
    assert isinstance(papers.post("maker", [fee("f-0")], CHECKED, ("leader", "approver")), Receipt)
    assert isinstance(papers.post("maker", [fee("f-1")], CHECKED), Receipt)


def test_the_paper_that_a_voucher_brings_goes_on_standing(papers: Office) -> None:
    """One voucher records minutes for fees and pays the first; what is left serves the next."""
    both = papers.post("maker", [paper(kinds=["bank.fee"], max_fen=250), fee("f-0", 200)], CHECKED)
    assert isinstance(both, Receipt)
    assert isinstance(papers.post("maker", [fee("f-1", 50)], CHECKED), Receipt)
    assert isinstance(papers.post("maker", [fee("f-2", 1)], CHECKED), Waiting)


def test_a_paper_of_another_entity_is_none_of_ours(papers: Office) -> None:
    """Nor does it release what waits here."""
    other_entity(papers)
    waits = checked(papers)
    drafted = papers.draft("stranger", [paper(kinds=["bank.fee"])], OTHER)
    outcome = papers.writer.submit(papers.approved(drafted, ("stranger-checker", "checker")))
    assert isinstance(outcome, Receipt)
    assert outcome.released == ()
    assert isinstance(papers.post("maker", [fee("f-2")], CHECKED), Waiting)
    assert still_waits(papers, waits)


def test_each_office_numbers_its_own_papers(papers: Office) -> None:
    """第1号 of the other association is another paper: recorded beside ours, and using nothing of it."""
    other_entity(papers)
    theirs = papers.draft("stranger", [paper(kinds=["bank.fee"], max_fen=1)], OTHER)
    assert isinstance(papers.writer.submit(papers.approved(theirs, ("stranger-checker", "checker"))), Receipt)
    recorded(papers, paper(kinds=["expense.paid"], max_fen=100))
    again = papers.approved(papers.draft("maker", [paper(kinds=["bank.fee"])]), CHECKED)
    assert "E_PAPER_TWICE" in refused(tried(papers, again))
    receipt = papers.post("maker", [spent("e-1", 100)], CHECKED)
    assert isinstance(receipt, Receipt)
    assert set(told(receipt)) == set(), "the entity's own paper allows it, and was decided before"


def spent(number: str, fen: int, account: str = "bank-1") -> tuple[str, dict[str, Any]]:
    """An expense that names the minutes as its approval."""
    said = {"nature": "management", "purpose": "办公", "means": "bank", "account": account, "approval": MINUTES}
    return "expense.paid", {"movement": number, "fund": "general", "amount_fen": fen, "on": "2025-09-10", **said}


def with_other_money(papers: Office) -> None:
    """The other entity has a fund, an account and a gift."""
    other_entity(papers)
    of_fund, of_account = basics()
    account = (of_account[0], {**of_account[1], "account": "bank-2"})
    papers.post("stranger", [of_fund, account, gift("g-9", account="bank-2")], entity=OTHER)


OWNERS: Final = {
    "ours alone, theirs rests on it": ([ENTITY], [OTHER, ENTITY], 80),
    "ours alone, ours first": ([ENTITY], [ENTITY, OTHER], 80),
    "theirs alone, we rest on it": ([OTHER], [OTHER, ENTITY], 80),
    "each its own": ([ENTITY, OTHER], [OTHER, ENTITY], None),
    "each its own, and twice": ([OTHER, ENTITY], [OTHER, ENTITY, ENTITY], 80),
}


@pytest.mark.parametrize(("owners", "payers", "used_fen"), OWNERS.values(), ids=OWNERS.keys())
def test_no_paper_is_spent_twice_by_two_entities(
    papers: Office, owners: list[str], payers: list[str], used_fen: int | None
) -> None:
    """会纪1号 allows 50 fen, and each payment of 40 rests on the payer's own, else on the one that there is."""
    with_other_money(papers)
    people = {ENTITY: ("maker", CHECKED), OTHER: ("stranger", ("stranger-checker", "checker"))}
    account = {ENTITY: "bank-1", OTHER: "bank-2"}
    for owner in owners:
        maker, checker = people[owner]
        papers.post(maker, [paper(kinds=["expense.paid"], max_fen=50)], checker, entity=owner)
    for number, payer in enumerate(payers):
        maker, checker = people[payer]
        receipt = papers.post(maker, [spent(f"e-{number}", 40, account[payer])], checker, entity=payer, note="同一会议")
        assert isinstance(receipt, Receipt)
    over = told(receipt).get("W_APPROVAL_EXCEEDED")
    assert (None if over is None else dict(over.params)["used_fen"]) == used_fen


def test_what_another_entity_spent_of_our_paper_covers_nothing_more(papers: Office) -> None:
    """It has no paper of that number, so what it named is ours; from its own paper on, it uses its own."""
    with_other_money(papers)
    theirs = ("stranger-checker", "checker")
    recorded(papers, paper(kinds=["expense.paid", "bank.fee"], max_fen=100))
    assert isinstance(papers.post("stranger", [spent("e-1", 60, "bank-2")], theirs, entity=OTHER), Receipt)
    waits = papers.post("maker", [fee("f-1", 50)], CHECKED)
    assert isinstance(waits, Waiting)
    assert dict(told(waits)["W_PAPER_SHORT"].params)["used_fen"] == 60
    assert isinstance(papers.post("stranger", [paper(kinds=["expense.paid"])], theirs, entity=OTHER), Receipt)
    assert isinstance(papers.post("maker", [fee("f-2", 50)], CHECKED), Receipt)


def test_a_reversed_paper_stands_for_nobody(papers: Office) -> None:
    """Recorded by mistake and reversed: what it had not covered yet waits."""
    receipt = recorded(papers, paper(kinds=["bank.fee"]))
    assert isinstance(papers.writer.submit(reversal(papers, receipt)), Receipt)
    assert isinstance(papers.post("maker", [fee()], CHECKED), Waiting)


def test_a_named_paper_that_speaks_of_something_else_covers_nothing(papers: Office) -> None:
    """The clerk named the voucher, but the minutes are about another fund; the answer says which field."""
    waits = checked(papers)
    (released,) = recorded(papers, paper(waits, fund="relief")).released
    assert isinstance(released, Waiting)
    assert dict(told(released)["W_PAPER_SCOPE"].params) == {"document": MINUTES, "field": "fund"}


LINES: Final = {
    "paper up to 5.00": ([_line(paper=True), _line(paper=False, above_fen=500)], 500, True),
    "the person above it": ([_line(paper=True), _line(paper=False, above_fen=500)], 501, False),
    "one line wants the person": ([_line(paper=False), _line(paper=True, above_fen=500)], 501, False),
    "paper for other kinds only": ([_line(paper=False), _line(kinds=("expense.paid",))], 100, False),
}


@pytest.mark.parametrize(("lines", "fen", "enough"), LINES.values(), ids=LINES.keys())
def test_each_line_says_from_which_amount_paper_is_no_longer_enough(
    papers: Office,
    lines: list[dict[str, Any]],
    fen: int,
    enough: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Every line that asks for the capacity must accept paper; a line that does not apply allows nothing."""
    by_administrators(papers, policy(*lines))
    waits = checked(papers, fen=fen)
    (released,) = recorded(papers, paper(waits)).released
    assert isinstance(released, Receipt) is enough
    if not enough:
        assert isinstance(released, Waiting)
        assert dict(told(released)["W_PAPER_NOT_TAKEN"].params) == {"document": MINUTES, "capacity": "approver"}


def test_the_checker_who_approves_again_is_no_second_person_and_no_error(papers: Office) -> None:
    """Asked again in the same capacity, the checker's word counts once and nobody is blamed."""
    waits = checked(papers)
    again = papers.approved(waits, CHECKED).approvals[-1]
    assert isinstance(papers.writer.approve(statement_of(waits).voucher, again), Waiting)


def test_one_person_does_not_sign_in_two_capacities(papers: Office) -> None:
    """Who has checked does not approve as well: both are wanted, and each by another person."""
    by_administrators(papers, ("role.granted", {"officer": "checker", "role": "approver", "entity": ENTITY}))
    waits = checked(papers)
    more = papers.approved(Submission(waits.envelope, waits.events), ("checker", "approver"))
    assert "E_SAME_PERSON" in refused(tried(papers, more))
    assert isinstance(papers.writer.submit(papers.approved(waits, ("leader", "approver"))), Receipt)


def test_a_signature_that_counts_for_nothing_blocks_nobody(papers: Office) -> None:
    """An auditor's capacity was not asked for; the same person may still sign in one that is."""
    by_administrators(papers, ("role.granted", {"officer": "leader", "role": "supervisor", "entity": ENTITY}))
    waits = checked(papers)
    bare = Submission(waits.envelope, waits.events)
    waits_for(papers, papers.approved(bare, ("leader", "supervisor")))
    assert isinstance(papers.writer.submit(papers.approved(bare, ("leader", "approver"))), Receipt)


def test_waiting_since_the_first_day(papers: Office) -> None:
    """Another signature does not make a voucher wait from anew."""
    submission = papers.draft("maker", [fee()])
    waits_for(papers, submission)
    papers.clock.wait(hours=1)
    waits_for(papers, papers.approved(submission, CHECKED))
    with papers.store.read() as connection:
        (row,) = waiting.all_waiting(connection)
    assert row.submitted_at == "2025-09-30T12:00:00+08:00"
