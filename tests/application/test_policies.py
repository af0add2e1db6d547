"""Who must sign: the statutory minimum, what a policy adds, what a paper may stand for, what machines may do."""

from typing import Any

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError, Waiting
from ledger.decisions.policies import ADMINISTRATIVE, CHECKED, makers_of
from ledger.flows.registry import event_classes
from tests.application.office import DAY, ENTITY, Office, fee, gift


def _policy(*lines: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    fields = {"entity": ENTITY, "policies": list(lines), "duty_profile": None, "free_control_accounts": False}
    return "policy.set", fields


def _line(above_fen: int, *capacities: str, paper: bool = False, kinds: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"kinds": list(kinds), "above_fen": above_fen, "capacities": list(capacities), "paper": paper}


def _with(office: Office, *lines: dict[str, Any]) -> Office:
    people = {"officer": "approver", "name": "approver", "entity": ENTITY, "post": "leader", "title": "会长"}
    office.keys.setdefault("approver", office.keys["maker"].__class__.generate())
    facts = [
        ("officer.named", {**people, "valid_from": "2025-01-01"}),
        ("key.enrolled", {**office.enrolment("approver"), "valid_from": "2025-01-01"}),
        ("role.granted", {"officer": "approver", "role": "approver", "entity": ENTITY}),
        _policy(*lines),
    ]
    office.post("maker", [gift(fen=1_000_000)])
    office.post("guan-1", facts, ("guan-2", "administrator"), entity="book")
    return office


def test_every_named_kind_exists() -> None:
    """A kind that the lists spell wrongly would ask nobody for a signature."""
    kinds = {kind for kind, _ in event_classes()}
    assert kinds >= ADMINISTRATIVE | CHECKED


def test_every_kind_has_a_maker_and_book_acts_have_administrators() -> None:
    """No event is made by nobody, and nobody but administrators changes who may act."""
    for kind, _ in event_classes():
        assert makers_of(kind)
        if kind in ADMINISTRATIVE:
            assert makers_of(kind) == {"administrator"}


@pytest.mark.parametrize(
    ("fen", "missing"), [(100, ("checker",)), (50_000, ("checker",)), (50_001, ("approver", "checker"))]
)
def test_a_policy_adds_to_the_minimum_above_its_amount(office: Office, fen: int, missing: tuple[str, ...]) -> None:
    """Above 500.00 a leader signs too; at 500.00 the statutory checker is enough."""
    _with(office, _line(50_000, "approver"))
    waits = office.post("maker", [fee("f-1", fen)])
    assert isinstance(waits, Waiting)
    assert waits.missing == missing


def test_an_empty_policy_does_not_lower_the_minimum(office: Office) -> None:
    """A policy that asks for nothing still leaves the checker of money that goes out."""
    _with(office, _line(0))
    waits = office.post("maker", [fee()])
    assert isinstance(waits, Waiting)
    assert waits.missing == ("checker",)


def test_a_policy_in_an_entitys_voucher_is_told_whose_it_is(office: Office) -> None:
    """It names the entity that it is about, and is the book's all the same: 属于 X 而凭证属于 X says nothing."""
    with pytest.raises(VoucherRefusedError) as refused:
        office.post("maker", [_policy(_line(0))])
    (found,) = [one for one in refused.value.findings if one.code == "E_ENTITY_OTHER"]
    assert dict(found.params) == {"entity": "book", "voucher_entity": ENTITY}


def _paper(max_fen: int, vouchers: tuple[str, ...] = ()) -> tuple[str, dict[str, Any]]:
    fields = {"document": "审批表1", "form": "approval_form", "decided_on": DAY.isoformat(), "subject": "手续费"}
    deciders = [{"name": "会长", "post": "会长"}]
    return "approval.recorded", {
        **fields,
        "deciders": deciders,
        "kinds": [],
        "max_fen": max_fen,
        "vouchers": list(vouchers),
    }


def test_a_paper_stands_for_a_leader_where_the_policy_says_so(office: Office) -> None:
    """No leader's key is lent: a recorded paper is enough, up to its amount, and only where the policy allows it."""
    _with(office, _line(50_000, "approver", paper=True))
    first = office.draft("maker", [fee("f-1", 60_000)])
    waits = office.writer.submit(office.approved(first, ("checker", "checker")))
    assert isinstance(waits, Waiting)
    assert waits.missing == ("approver",)
    recorded = office.post("maker", [_paper(60_000, (waits.voucher,))], ("checker", "checker"))
    assert isinstance(recorded, Receipt)
    assert isinstance(office.writer.submit(office.approved(first, ("checker", "checker"))), Receipt)


@pytest.mark.parametrize(("paper_allowed", "max_fen"), [(False, 60_000), (True, 59_999)])
def test_a_paper_too_small_or_not_allowed_is_not_enough(office: Office, paper_allowed: bool, max_fen: int) -> None:  # noqa: FBT001 - a table's column
    """One fen short, or a policy that wants the person: the voucher still waits."""
    _with(office, _line(50_000, "approver", paper=paper_allowed))
    first = office.draft("maker", [fee("f-1", 60_000)])
    waits = office.writer.submit(office.approved(first, ("checker", "checker")))
    assert isinstance(waits, Waiting)
    office.post("maker", [_paper(max_fen, (waits.voucher,))], ("checker", "checker"))
    again = office.writer.submit(office.approved(first, ("checker", "checker")))
    assert isinstance(again, Waiting)
    assert again.missing == ("approver",)


def test_a_machine_records_its_kinds_and_never_approves(office: Office) -> None:
    """A machine's key is bound to the kinds of its enrolment and is no second signature."""
    office.keys["robot"] = office.keys["maker"].__class__.generate()
    facts = [
        (
            "officer.named",
            {
                "officer": "robot",
                "name": "robot",
                "entity": ENTITY,
                "post": "system",
                "title": "x",
                "valid_from": "2025-01-01",
            },
        ),
        (
            "key.enrolled",
            {**office.enrolment("robot"), "machine_kinds": ["donation.received"], "valid_from": "2025-01-01"},
        ),
        ("role.granted", {"officer": "robot", "role": "machine", "entity": ENTITY}),
    ]
    office.post("guan-1", facts, ("guan-2", "administrator"), entity="book")
    assert isinstance(office.post("robot", [gift("g-robot")]), Receipt)
    with pytest.raises(VoucherRefusedError) as other:
        office.post("robot", [fee()])
    assert "E_MACHINE_KIND" in {finding.code for finding in other.value.findings}
    with pytest.raises(VoucherRefusedError) as approving:
        office.post("maker", [gift("g-2")], ("robot", "machine"))
    assert "E_MACHINE_APPROVES" in {finding.code for finding in approving.value.findings}


def test_cash_that_comes_in_by_hand_needs_two(office: Office) -> None:
    """The risk of cash is that it is not entered: one pair of hands is not enough."""
    account = {
        "account": "till",
        "holding": "cash",
        "aliases": [],
        "default_fund": "general",
        "opened_on": "2025-09-01",
    }
    office.post("maker", [("bank.account_registered", account)])
    waits = office.post("maker", [gift("g-cash", means="cash", account="till")])
    assert isinstance(waits, Waiting)
    assert waits.missing == ("checker",)
