"""What a small office gives in return for duties that meet in one hand: shown, asked for, and never in the way."""

from typing import Any, Final

import pytest

from ledger.application.outcomes import Receipt, Waiting
from ledger.signing.keys import SigningKey
from tests.application.edges import by_administrators, newcomer, policy, refused, tried, waits_for
from tests.application.office import DAY, ENTITY, Office, fee, gift

CHECKED: Final = ("checker", "checker")
FUND: Final = {"fund": "general", "on": DAY.isoformat()}


def profile(name: str | None, *lines: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The policy with a duty profile."""
    kind, fields = policy(*lines)
    return kind, {**fields, "duty_profile": name}


@pytest.fixture(name="two")
def _two(office: Office) -> Office:
    """Two persons and somebody who decides; there is money, and the statement is of yesterday."""
    newcomer(office, "leader", ("approver", ENTITY))
    by_administrators(office, profile("two_persons"))
    office.post("maker", [gift(fen=1_000_000)])
    return office


def spent(number: str = "e-1", fen: int = 100, **more: Any) -> tuple[str, dict[str, Any]]:
    """An expense paid from the bank."""
    said = {"nature": "management", "purpose": "办公用品", "means": "bank", "account": "bank-1"}
    return "expense.paid", {"movement": number, "amount_fen": fen, **said, **FUND, **more}


def statement(first: str = "2025-09-01", last: str = "2025-09-29", by: str = "maker") -> tuple[str, dict[str, Any]]:
    """A bank's statement, obtained by somebody."""
    source = {"organisation": "银行", "obtained_by": by, "obtained_on": "2025-09-30", "how": "download"}
    sums = {"opening_fen": 0, "closing_fen": 0, "line_count": 0, "breaks": 0}
    named = {"statement": "s-" + last, "account": "bank-1", "first_day": first, "last_day": last, **sums}
    return "bank.statement_imported", {**named, "source": {**source, "file_digest": "sha256:" + "0" * 64}}


def codes(outcome: Receipt | Waiting) -> set[str]:
    """The remarks of an outcome."""
    return {one.code for one in outcome.warnings}


def posted(office: Office, *facts: tuple[str, Any], maker: str = "maker", note: str = "") -> Receipt:
    """In the books, with the checker's signature."""
    outcome = office.post(maker, facts, CHECKED, note=note)
    assert isinstance(outcome, Receipt)
    return outcome


def minutes(**scope: Any) -> tuple[str, dict[str, Any]]:
    """Minutes for expenses."""
    decider = {"name": "秘书长", "post": "秘书长", "officer": None}
    fields = {"document": "纪要1号", "form": "minutes", "decided_on": "2025-09-09", "deciders": [decider]}
    what = {"subject": "办公", "kinds": ["expense.paid"], "max_fen": 1_000, "scan": "sha256:" + "0" * 64}
    return "approval.recorded", {**fields, **what, "vouchers": [], **scope}


def test_two_persons_pay_with_an_approver_or_a_paper(two: Office) -> None:
    """The profile asks for it though no line of the policy does."""
    posted(two, statement())
    drafted = two.approved(two.draft("maker", [spent()]), CHECKED)
    assert waits_for(two, drafted).missing == ("approver",)
    (released,) = posted(two, minutes()).released
    assert isinstance(released, Receipt)
    assert "W_ON_PAPER" in codes(released)
    assert isinstance(two.post("maker", [spent("e-2", 2_000)], CHECKED, ("leader", "approver")), Receipt)


@pytest.mark.parametrize("fact", [fee(), gift("g-2")], ids=["a fee", "a gift"])
def test_what_nobody_decides_on_needs_no_approval(two: Office, fact: tuple[str, Any]) -> None:
    """What the bank takes by itself, and money that comes in."""
    posted(two, statement())
    assert isinstance(two.post("maker", [fact], CHECKED), Receipt)


def test_money_between_ones_own_accounts_is_not_paid(two: Office) -> None:
    """A transfer moves money and spends none."""
    other = {"account": "bank-2", "holding": "bank", "aliases": [], "default_fund": "general"}
    posted(two, ("bank.account_registered", {**other, "bank": "他行", "opened_on": "2025-09-01"}), statement())
    moved = {"movement": "t-1", "from_account": "bank-1", "to_account": "bank-2", "amount_fen": 100, **FUND}
    assert isinstance(two.post("maker", [("bank.transferred", moved)], CHECKED, note="调款"), Receipt)


@pytest.mark.parametrize("name", [None, "four_persons", "bureau", "agent"])
def test_other_profiles_ask_for_no_more_than_their_policy(two: Office, name: str | None) -> None:
    """Four persons have a checker who does not pay."""
    by_administrators(two, profile(name))
    receipt = posted(two, spent())
    assert codes(receipt) == set()


def test_a_line_of_the_policy_may_want_the_person_all_the_same(two: Office) -> None:
    """The profile accepts paper; above 5.00 the council wants the leader's own hand."""
    line = {"kinds": [], "above_fen": 500, "capacities": ["approver"], "paper": False}
    by_administrators(two, profile("two_persons", line))
    posted(two, statement(), minutes())
    assert isinstance(two.post("maker", [spent("e-1", 500)], CHECKED), Receipt)
    assert isinstance(two.post("maker", [spent("e-2", 501)], CHECKED), Waiting)


@pytest.mark.parametrize(("last", "overdue"), [("2025-09-23", False), ("2025-09-22", True)])
def test_the_statement_comes_in_every_week(two: Office, last: str, overdue: bool) -> None:  # noqa: FBT001 - a table's column
    """Seven days are a week; later than that the payment is recorded with its explanation."""
    two.post("maker", [("bank.account_registered", _account("bank-3", "2025-09-01"))])
    posted(two, statement(last=last), minutes())
    tried_ = tried(two, two.approved(two.draft("maker", [spent()]), CHECKED))
    if not overdue:
        assert isinstance(tried_, Receipt)
        return
    assert "E_EXPLANATION_MISSING" in refused(tried_)
    receipt = posted(two, spent(), note="银行系统停机")
    assert "W_STATEMENT_OVERDUE" in codes(receipt)


def _account(account: str, opened: str) -> dict[str, Any]:
    more = {"holding": "bank", "aliases": [], "default_fund": "general", "bank": "某行", "opened_on": opened}
    return {"account": account, **more}


def test_the_hand_that_pays_does_not_bring_the_statement(two: Office) -> None:
    """The cashier's import stands, and is shown."""
    assert "W_STATEMENT_OWN_HAND" in codes(posted(two, statement(by="cashier"), maker="cashier"))
    told = posted(two, statement(first="2025-09-30", last="2025-09-30", by="cashier"))
    assert "W_STATEMENT_OWN_HAND" in codes(told)
    assert "W_STATEMENT_OWN_HAND" not in codes(posted(two, statement("2025-08-01", "2025-08-31")))


def test_an_administrator_who_keeps_no_books_signs(office: Office) -> None:
    """Where administrators keep the books as well, one of the two should not."""
    by_administrators(office, profile("two_persons"))
    granted = [
        ("role.granted", {"officer": officer, "role": role, "entity": ENTITY})
        for officer, role in (("guan-1", "accountant"), ("guan-2", "cashier"))
    ]
    by_administrators(office, *granted)
    office.keys["new"] = SigningKey.generate()
    named = {"officer": "new", "name": "new", "entity": ENTITY, "post": "other", "title": "x"}
    fact = ("officer.named", {**named, "valid_from": "2025-01-01"})
    assert codes(by_administrators(office, fact)) == {"W_ADMINISTRATORS_KEEP_BOOKS"}
    third = office.post(
        "guan-1",
        [("officer.named", {**named, "post": "clerk", "valid_from": "2025-01-01"})],
        ("guan-3", "administrator"),
        entity="book",
    )
    assert isinstance(third, Receipt)
    assert codes(third) == set()


CONFLICTING: Final = {
    "the profile goes": ([profile(None)], True),
    "another profile that does not allow it": ([profile("four_persons")], True),
    "the same profile again": ([profile("two_persons")], False),
    "the duty is laid down first": (
        [("role.withdrawn", {"officer": "cashier", "role": "checker", "entity": ENTITY}), profile(None)],
        False,
    ),
}


@pytest.mark.parametrize(("facts", "refuses"), CONFLICTING.values(), ids=CONFLICTING.keys())
def test_a_profile_ends_only_when_no_duties_meet_by_it(
    two: Office,
    facts: list[tuple[str, Any]],
    refuses: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Cashier and checker met by the profile; without it they would meet without anything in return."""
    by_administrators(two, ("role.granted", {"officer": "cashier", "role": "checker", "entity": ENTITY}))
    drafted = two.approved(two.draft("guan-1", facts, "book"), ("guan-2", "administrator"))
    found = tried(two, drafted)
    assert ("E_DUTY_CONFLICT" in found) is refuses if isinstance(found, set) else not refuses
