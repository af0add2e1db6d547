"""Authority at its edges: entities, paper, thresholds, machines, seasons of keys, and two keys of one person."""

from typing import Any

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError, Waiting
from ledger.signing.keys import SigningKey
from tests.application.edges import (
    OTHER,
    by_administrators,
    newcomer,
    other_entity,
    policy,
    refused,
    statement_of,
    tried,
    waits_for,
    with_approver,
)
from tests.application.office import DAY, ENTITY, Facts, Office, fee, gift


def test_paper_never_stands_for_the_checker_of_money_out(office: Office) -> None:
    """A policy that accepts paper does not let one hand write the paper and move the money."""
    line = {"kinds": [], "above_fen": 0, "capacities": ["checker"], "paper": True}
    by_administrators(office, policy(line))
    office.post("maker", [gift()], ("checker", "checker"))
    decider = {"name": "局长", "post": "局长", "officer": None}
    paper = {"document": "会纪〔2025〕1号", "form": "minutes", "decided_on": DAY.isoformat(), "deciders": [decider]}
    what = {"subject": "手续费", "kinds": [], "max_fen": 1_000_000, "vouchers": []}
    both = office.draft("maker", [("approval.recorded", {**paper, **what}), fee()])
    assert isinstance(tried(office, both), Waiting)


def test_a_small_gift_does_not_hide_a_large_promise(office: Office) -> None:
    """What a voucher moves in all counts, promises too: a policy's threshold is not passed under by a side event."""
    newcomer(office, "leader", ("approver", ENTITY))
    line = {"kinds": ["grant.committed"], "above_fen": 50_000, "capacities": ["approver"], "paper": False}
    by_administrators(office, policy(line))
    office.post("maker", [gift("g-0", 1_000_000)])
    alone = office.draft("maker", [_grant("grant-1", 90_000)])
    beside = office.draft("maker", [_grant("grant-2", 90_000), gift("g-1", 1)])
    split = office.draft("maker", [_grant("grant-3", 45_000), _grant("grant-4", 45_000)])
    for submission in (alone, beside, split):
        assert "approver" in waits_for(office, submission).missing


def _grant(number: str, fen: int) -> tuple[str, dict[str, Any]]:
    to = {"payee_kind": "village", "payee_label": "某村", "persons": 1, "purpose": "助困"}
    return "grant.committed", {
        "grant": number,
        "fund": "general",
        "amount_fen": fen,
        **to,
        "on": DAY.isoformat(),
        "origin": "decision",
    }


def test_one_entity_locks_no_month_of_another(office: Office) -> None:
    """An accountant's calendar is that of the entity whose voucher it is."""
    other_entity(office)
    locking = office.draft("stranger", [("period.locked", {"entity": ENTITY, "period": "2025-09"})], OTHER)
    refused(tried(office, locking))


def test_administrators_of_one_entity_do_not_rule_the_book(office: Office) -> None:
    """Who administers one entity grants nobody a role in all of them."""
    newcomer(office, "local-1", ("administrator", ENTITY))
    newcomer(office, "local-2", ("administrator", ENTITY))
    grants: Facts = [("role.granted", {"officer": "local-1", "role": "administrator", "entity": None})]
    refused(tried(office, office.approved(office.draft("local-1", grants), ("local-2", "administrator"))))


def test_the_name_of_the_book_is_no_entity(office: Office) -> None:
    """`book` is kept for what concerns the whole book; nobody keeps accounts under it."""
    kinds = {"entity_kind": "charity", "book_kind": "statutory", "chart_family": "npo"}
    fields: dict[str, Any] = {"entity": "book", "name": "冒名", "public_fundraising": False, **kinds}
    opened = office.draft("guan-1", [("entity.registered", fields)], "book")
    refused(tried(office, office.approved(opened, ("guan-2", "administrator"))))


def test_no_money_is_booked_under_the_book_itself(office: Office) -> None:
    """An accountant of every entity is none of the book: money has an accounting entity."""
    newcomer(office, "everywhere", ("accountant", None))
    fund = {"fund": "general", "name": "x", "fund_kind": "unrestricted", "purpose": "x", "purposes": []}
    opened: tuple[str, dict[str, Any]] = (
        "fund.opened",
        {**fund, "programmes": [], "no_cost": False, "on": "2025-09-01", "origin": "history"},
    )
    account = {"account": "bank-9", "holding": "bank", "aliases": [], "default_fund": "general"}
    held: tuple[str, dict[str, Any]] = ("bank.account_registered", {**account, "bank": "x", "opened_on": "2025-09-01"})
    refused(tried(office, office.draft("everywhere", [opened, held, gift(account="bank-9")], "book")))


def test_a_machine_key_decides_nothing(office: Office) -> None:
    """Machine keys record facts; a gate event is a decision, whatever was listed at enrolment."""
    newcomer(office, "robot", ("machine", ENTITY), machine_kinds=["grant.committed", "donation.received"])
    office.post("maker", [gift("g-0", 1_000_000)])
    assert isinstance(tried(office, office.draft("robot", [gift("g-r")])), Receipt)
    deciding = office.draft("robot", [_grant("grant-1", 1_000)])
    assert "E_MACHINE_KIND" in refused(tried(office, office.approved(deciding, ("checker", "checker"))))


def test_a_machine_has_no_key_of_a_person(office: Office) -> None:
    """A key without a list of kinds lets a machine record everything; it is not enough to be called a machine."""
    newcomer(office, "robot", ("machine", ENTITY))
    refused(tried(office, office.draft("robot", [gift()])))


def test_a_key_counts_only_in_its_season(office: Office) -> None:
    """Before its first day and after its last a key signs nothing; on both days it does."""
    newcomer(office, "early", ("accountant", ENTITY), valid_from="2025-10-01")
    newcomer(office, "late", ("accountant", ENTITY), valid_to="2025-09-29")
    newcomer(office, "today", ("accountant", ENTITY), valid_from="2025-09-30", valid_to="2025-09-30")
    for name in ("early", "late"):
        assert "E_KEY_REVOKED" in refused(tried(office, office.draft(name, [gift("g-" + name)])))
    assert isinstance(tried(office, office.draft("today", [gift("g-today")])), Receipt)


def test_one_person_with_two_keys_is_one_person(office: Office) -> None:
    """A second key of the maker is no second person."""
    second = SigningKey.generate()
    by_administrators(
        office,
        ("key.enrolled", {**office.enrolment("maker", second), "valid_from": "2025-01-01"}),
        ("role.granted", {"officer": "maker", "role": "checker", "entity": ENTITY}),
    )
    office.post("maker", [gift()])
    own = office.approved(office.draft("maker", [fee()]), (office.signer("maker", second), "checker"))
    assert "E_SAME_PERSON" in refused(tried(office, own))


def test_an_approval_is_judged_when_the_voucher_is_posted(office: Office) -> None:
    """The checker loses the role while the voucher waits for the approver: the checker's word counts no more."""
    with_approver(office)
    submission = office.approved(office.draft("maker", [fee()]), ("checker", "checker"))
    waits_for(office, submission)
    by_administrators(office, ("role.withdrawn", {"officer": "checker", "role": "checker", "entity": ENTITY}))
    with pytest.raises(VoucherRefusedError) as caught:
        office.writer.submit(office.approved(submission, ("leader", "approver")))
    (told,) = [one for one in caught.value.findings if one.code == "E_CAPACITY"]
    assert dict(told.params)["entity"] == ENTITY
    assert office.writer.authority.entities[ENTITY].name in told.message()


def _paper(number: str, max_fen: int, vouchers: list[str]) -> tuple[str, dict[str, Any]]:
    decider = {"name": "局长", "post": "局长", "officer": None}
    paper = {"document": number, "form": "minutes", "decided_on": DAY.isoformat(), "deciders": [decider]}
    return "approval.recorded", {**paper, "subject": "手续费", "kinds": [], "max_fen": max_fen, "vouchers": vouchers}


def _paper_for_the_approver(office: Office) -> None:
    line = {"kinds": ["bank.fee"], "above_fen": 0, "capacities": ["approver"], "paper": True}
    by_administrators(office, policy(line))
    office.post("maker", [gift()])


def test_a_paper_covers_its_sum_once(office: Office) -> None:
    """Two vouchers rest on one paper for 150 fen; each moves 100: the second waits for the approver."""
    _paper_for_the_approver(office)
    fees = [office.draft("maker", [fee(f"f-{n}", 100)]) for n in range(2)]
    recorded = _paper("1号", 150, [statement_of(one).voucher for one in fees])
    assert isinstance(office.post("maker", [recorded], ("checker", "checker")), Receipt)
    first, second = (tried(office, office.approved(one, ("checker", "checker"))) for one in fees)
    assert isinstance(first, Receipt)
    assert isinstance(second, Waiting)


def test_a_paper_of_another_entity_approves_nothing_here(office: Office) -> None:
    """Another entity's accountant and checker record a paper that names our voucher; ours still waits."""
    other_entity(office)
    _paper_for_the_approver(office)
    ours = office.draft("maker", [fee()])
    recorded = office.draft("stranger", [_paper("1号", 1_000, [statement_of(ours).voucher])], OTHER)
    assert isinstance(tried(office, office.approved(recorded, ("stranger-checker", "checker"))), Receipt)
    assert isinstance(tried(office, office.approved(ours, ("checker", "checker"))), Waiting)
